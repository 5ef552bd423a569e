#include "gateway/session/factor_key.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace gateway::session {
namespace {

constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<base::Error> file_error(const std::string& path, int reason) {
  return base::fail("key.file", std::string("the key file cannot be used: ") + std::strerror(reason), {},
                    "check the path and the rights of its folder", path);
}

base::Result<FactorKey> read_key(const std::string& path, int descriptor) {
  struct stat info{};
  std::array<std::uint8_t, 33> bytes{};
  if (::fstat(descriptor, &info) != 0) return file_error(path, errno);
  if ((info.st_mode & 077) != 0)
    return base::fail("key.rights", "a key file that others can read", "rights 0600",
                      "chmod 600, and think about who read it", path);
  const ssize_t size = ::read(descriptor, bytes.data(), bytes.size());
  if (size < 0) return file_error(path, errno);
  if (size != 32)
    return base::fail("key.size", "a key file of another size", "exactly 32 bytes", "restore it from the backup", path);
  std::array<std::uint8_t, 32> key{};
  std::copy_n(bytes.begin(), key.size(), key.begin());
  return FactorKey(key);
}

// Written beside its place and moved there, so that a crash leaves no half key under which nothing opens.
base::Result<FactorKey> create_key(const std::string& path, base::Random& random) {
  const auto key = random.array<32>();
  const std::string beside = path + ".new";
  {
    const File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) return file_error(path, errno);
    if (::write(file.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) || ::fsync(file.get()) != 0)
      return file_error(path, errno);
  }
  if (::link(beside.c_str(), path.c_str()) != 0) return file_error(path, errno);
  ::unlink(beside.c_str());
  const std::string folder = std::filesystem::absolute(path).parent_path();
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return file_error(path, errno);
  return FactorKey(key);
}

std::string associated_data(std::string_view person) { return "feierabend-totp-v1" + std::string(person); }

}  // namespace

base::Result<FactorKey> FactorKey::load_or_create(const std::string& path, base::Random& random) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() >= 0) return read_key(path, file.get());
  if (errno != ENOENT) return file_error(path, errno);
  return create_key(path, random);
}

base::Bytes FactorKey::seal(std::string_view person, const TotpSecret& secret, base::Random& random) const {
  base::Bytes sealed(kNonceSize + secret.size() + kTagSize);
  const auto nonce = random.array<kNonceSize>();
  std::ranges::copy(nonce, sealed.begin());
  const std::string bound = associated_data(person);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonceSize, nullptr, secret.data(), secret.size(),
                                             base::as_bytes(bound).data(), bound.size(), nullptr, nonce.data(),
                                             key_.data());
  return sealed;
}

base::Result<TotpSecret> FactorKey::open(std::string_view person, base::ByteView sealed) const {
  TotpSecret secret{};
  const std::string bound = associated_data(person);
  const bool fits = sealed.size() == kNonceSize + secret.size() + kTagSize;
  if (!fits || crypto_aead_xchacha20poly1305_ietf_decrypt(secret.data(), nullptr, nullptr, sealed.data() + kNonceSize,
                                                          sealed.size() - kNonceSize, base::as_bytes(bound).data(),
                                                          bound.size(), sealed.data(), key_.data()) != 0)
    return base::fail("factor.sealed", "a second factor that this key does not open", "the key it was sealed with",
                      "restore the factor key that belongs to this gateway.db, or reset the person's second factor");
  return secret;
}

}  // namespace gateway::session
