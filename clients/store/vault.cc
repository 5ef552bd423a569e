#include "clients/store/vault.h"

#include <sodium.h>

#include <algorithm>
#include <limits>

#include "clients/store/file.h"

namespace clients::store {
namespace base = policy::base;

namespace {

constexpr std::string_view kMagic = "FSK1";
constexpr std::size_t kHeadBytes = 56;
constexpr std::size_t kFileBytes = kHeadBytes + 32 + 16;
constexpr std::size_t kNonceBytes = 24;
constexpr std::size_t kTagBytes = 16;
// A key file comes from a disk that somebody may have changed: it must not be able to ask for all memory.
constexpr std::uint32_t kPassesMax = 16;
constexpr std::uint64_t kMemoryBytesMax = 1024ULL * 1024 * 1024;

using Key = std::array<std::uint8_t, 32>;
using Head = std::array<std::uint8_t, kHeadBytes>;

void put_number(std::uint8_t* out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
}

std::uint64_t number(const std::uint8_t* in, unsigned bytes) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) value = (value << 8) | in[i];
  return value;
}

std::unexpected<base::Error> damaged(std::string seen) {
  return base::fail("store.damaged", std::move(seen), "a store as this program wrote it",
                    "remove the folder and log in again; messages that other devices hold are not lost");
}

base::Status check_pin(std::string_view pin) {
  if (pin.size() >= kPinBytesMin && pin.size() <= kPinBytesMax) return {};
  return base::fail("store.pin-short", "a PIN of " + std::to_string(pin.size()) + " characters",
                    std::to_string(kPinBytesMin) + " to " + std::to_string(kPinBytesMax) + " characters",
                    "choose a longer one; a sentence is best");
}

base::Result<Key> stretch(std::string_view pin, const Head& head) {
  const auto passes = static_cast<std::uint32_t>(number(head.data() + 4, 4));
  const auto memory = number(head.data() + 8, 8);
  if (passes < 1 || passes > kPassesMax || memory < crypto_pwhash_argon2id_MEMLIMIT_MIN || memory > kMemoryBytesMax)
    return damaged("a key file that asks for " + std::to_string(passes) + " passes over " + std::to_string(memory) +
                   " bytes");
  Key key{};
  if (crypto_pwhash_argon2id(key.data(), key.size(), pin.data(), pin.size(), head.data() + 16, passes,
                             static_cast<std::size_t>(memory), crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
    return base::fail("store.unavailable", "not enough memory to check the PIN", std::to_string(memory) + " bytes free",
                      "close other programs and try again");
  return key;
}

base::Result<base::Bytes> wrap(const Key& data_key, std::string_view pin, base::Random& random, const PinWork& work) {
  Head head{};
  std::ranges::copy(kMagic, head.begin());
  put_number(head.data() + 4, work.passes, 4);
  put_number(head.data() + 8, work.memory_bytes, 8);
  random.fill(std::span(head).subspan(16));
  auto pin_key = stretch(pin, head);
  if (!pin_key) return std::unexpected(pin_key.error());
  base::Bytes file(head.begin(), head.end());
  file.resize(kFileBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(file.data() + kHeadBytes, nullptr, data_key.data(), data_key.size(),
                                             head.data(), head.size(), nullptr, head.data() + 32, pin_key->data());
  sodium_memzero(pin_key->data(), pin_key->size());
  return file;
}

Key derive(const Key& data_key, std::uint64_t number) {
  Key key{};
  crypto_kdf_derive_from_key(key.data(), key.size(), number, "fstore-1", data_key.data());
  return key;
}

}  // namespace

Vault::Vault(std::filesystem::path file, const Key& data_key, base::Random& random)
    : file_(std::move(file)),
      data_key_(data_key),
      record_key_(derive(data_key, 1)),
      index_key_(derive(data_key, 2)),
      random_(&random) {}

Vault::Vault(Vault&& other) noexcept
    : file_(std::move(other.file_)),
      data_key_(other.data_key_),
      record_key_(other.record_key_),
      index_key_(other.index_key_),
      random_(other.random_) {}

Vault::~Vault() {
  sodium_memzero(data_key_.data(), data_key_.size());
  sodium_memzero(record_key_.data(), record_key_.size());
  sodium_memzero(index_key_.data(), index_key_.size());
}

base::Result<Vault> Vault::create(const std::filesystem::path& file, std::string_view pin, base::Random& random,
                                  const PinWork& work) {
  if (auto status = check_pin(pin); !status) return std::unexpected(status.error());
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored))
    return base::fail("store.exists", "a store that is already there", "an empty folder",
                      "log in with its PIN, or wipe it first", base::printable(file.string(), 400));
  Key data_key = random.array<32>();
  auto bytes = wrap(data_key, pin, random, work);
  if (!bytes) return std::unexpected(bytes.error());
  if (auto status = replace_file(file, *bytes); !status) return std::unexpected(status.error());
  Vault vault(file, data_key, random);
  sodium_memzero(data_key.data(), data_key.size());
  return vault;
}

base::Result<Vault> Vault::open(const std::filesystem::path& file, std::string_view pin, base::Random& random) {
  auto bytes = read_file(file, kFileBytes);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes)
    return base::fail("store.absent", "no store here", "a folder in which somebody logged in", "run: feierabend login",
                      base::printable(file.parent_path().string(), 400));
  const base::Bytes& raw = **bytes;
  if (raw.size() != kFileBytes || !std::equal(kMagic.begin(), kMagic.end(), raw.begin()))
    return damaged("a key file of " + std::to_string(raw.size()) + " bytes");
  Head head{};
  std::copy_n(raw.begin(), head.size(), head.begin());
  auto pin_key = stretch(pin, head);
  if (!pin_key) return std::unexpected(pin_key.error());
  Key data_key{};
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      data_key.data(), nullptr, nullptr, raw.data() + kHeadBytes, raw.size() - kHeadBytes, head.data(), head.size(),
      head.data() + 32, pin_key->data());
  sodium_memzero(pin_key->data(), pin_key->size());
  if (failed != 0)
    return base::fail("store.pin", "a PIN that does not open this store", "the PIN set at login", "try again",
                      base::printable(file.parent_path().string(), 400));
  Vault vault(file, data_key, random);
  sodium_memzero(data_key.data(), data_key.size());
  return vault;
}

base::Status Vault::change_pin(std::string_view pin, const PinWork& work) {
  if (auto status = check_pin(pin); !status) return status;
  auto bytes = wrap(data_key_, pin, *random_, work);
  if (!bytes) return std::unexpected(bytes.error());
  return replace_file(file_, *bytes);
}

base::Status Vault::destroy(const std::filesystem::path& file, base::Random& random) {
  base::Bytes noise(kFileBytes);
  random.fill(noise);
  return overwrite_and_remove(file, noise);
}

base::Bytes Vault::seal(std::string_view record, std::string_view place) const {
  base::Bytes out(kNonceBytes + record.size() + kTagBytes);
  random_->fill(std::span(out).first(kNonceBytes));
  const auto data = base::as_bytes(place), text = base::as_bytes(record);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + kNonceBytes, nullptr, text.data(), text.size(), data.data(),
                                             data.size(), nullptr, out.data(), record_key_.data());
  return out;
}

base::Result<std::string> Vault::open_sealed(base::ByteView sealed, std::string_view place) const {
  if (sealed.size() < kNonceBytes + kTagBytes)
    return damaged("a record of " + std::to_string(sealed.size()) + " bytes");
  std::string record(sealed.size() - kNonceBytes - kTagBytes, '\0');
  const auto data = base::as_bytes(place);
  const auto body = sealed.subspan(kNonceBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<std::uint8_t*>(record.data()), nullptr, nullptr,
                                                 body.data(), body.size(), data.data(), data.size(), sealed.data(),
                                                 record_key_.data()) != 0)
    return damaged("a record that was changed or moved");
  return record;
}

base::Bytes Vault::row_key(std::string_view kind, base::ByteView id) const {
  base::Bytes out(16);
  crypto_generichash_state state;
  crypto_generichash_init(&state, index_key_.data(), index_key_.size(), out.size());
  const auto name = base::as_bytes(kind);
  const auto length = static_cast<std::uint8_t>(name.size());
  crypto_generichash_update(&state, &length, 1);
  crypto_generichash_update(&state, name.data(), name.size());
  crypto_generichash_update(&state, id.data(), id.size());
  crypto_generichash_final(&state, out.data(), out.size());
  return out;
}

}  // namespace clients::store
