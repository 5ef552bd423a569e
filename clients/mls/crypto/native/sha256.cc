#include "clients/mls/crypto/native/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace clients::mls::native {
namespace {

constexpr std::size_t kBlockBytes = 64;

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const EVP_MD* digest() {
  static const std::unique_ptr<EVP_MD, FreeDigest> fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return fetched.get();
}

// Fails only where memory is out.
void must(bool done) {
  if (!done) std::abort();
}

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) { begin(); }
  void add(ByteView bytes) { must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }
  void finish(std::span<std::uint8_t, 32> out) {
    must(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
    begin();
  }

 private:
  void begin() { must(EVP_DigestInit_ex2(context_.get(), digest(), nullptr) == 1); }

  std::unique_ptr<EVP_MD_CTX, FreeDigest> context_;
};

Digest& own() {
  thread_local Digest one;
  return one;
}

}  // namespace

Hash sha256(ByteView message) {
  Hash out;
  own().add(message);
  own().finish(out);
  return out;
}

Secret hmac_sha256(ByteView key, ByteView message) {
  FixedSecret<kBlockBytes> pad;
  const auto bytes = pad.writable();
  if (key.size() > kBlockBytes) {
    const Hash hashed = sha256(key);
    std::copy(hashed.begin(), hashed.end(), bytes.begin());
  } else {
    std::copy(key.begin(), key.end(), bytes.begin());
  }
  constexpr std::uint8_t kInner = 0x36, kOuter = 0x5C;
  for (std::uint8_t& byte : bytes) byte ^= kInner;
  Digest& digest = own();
  Secret out;
  digest.add(bytes);
  digest.add(message);
  digest.finish(out.writable());
  for (std::uint8_t& byte : bytes) byte ^= kInner ^ kOuter;
  digest.add(bytes);
  digest.add(out.view());
  digest.finish(out.writable());
  return out;
}

}  // namespace clients::mls::native
