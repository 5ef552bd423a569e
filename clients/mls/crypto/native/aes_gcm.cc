#include "clients/mls/crypto/native/aes_gcm.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

#include "clients/mls/crypto/suite.h"

namespace clients::mls::native {
namespace {

struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const EVP_CIPHER* cipher() {
  static const std::unique_ptr<EVP_CIPHER, FreeCipher> fetched(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
  return fetched.get();
}

// Fails only where memory is out, or a size is wrong that the caller vouches for.
void must(int done) {
  if (done != 1) std::abort();
}

int size_of(ByteView bytes) { return static_cast<int>(bytes.size()); }

Context context_of(ByteView key, ByteView nonce, bool seal) {
  Context out(EVP_CIPHER_CTX_new());
  must(key.size() == 16 && nonce.size() == kAeadNonceBytes ? 1 : 0);
  must(EVP_CipherInit_ex2(out.get(), cipher(), key.data(), nonce.data(), seal ? 1 : 0, nullptr));
  return out;
}

void add_aad(EVP_CIPHER_CTX* context, ByteView aad) {
  int written = 0;
  if (!aad.empty()) must(EVP_CipherUpdate(context, nullptr, &written, aad.data(), size_of(aad)));
}

void transform(EVP_CIPHER_CTX* context, std::uint8_t* out, ByteView in) {
  int written = 0;
  if (!in.empty()) must(EVP_CipherUpdate(context, out, &written, in.data(), size_of(in)));
}

}  // namespace

Bytes aes_gcm_seal(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) {
  const Context context = context_of(key, nonce, true);
  Bytes out(plaintext.size() + kAeadTagBytes);
  std::uint8_t* const tag = out.data() + plaintext.size();
  add_aad(context.get(), aad);
  transform(context.get(), out.data(), plaintext);
  int written = 0;
  must(EVP_CipherFinal_ex(context.get(), tag, &written));
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes, tag));
  return out;
}

std::optional<SecretBytes> aes_gcm_open(ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext) {
  const Context context = context_of(key, nonce, false);
  const ByteView body = ciphertext.first(ciphertext.size() - kAeadTagBytes);
  Bytes tag = copy(ciphertext.last(kAeadTagBytes));
  SecretBytes out{Bytes(body.size())};
  add_aad(context.get(), aad);
  transform(context.get(), out.writable().data(), body);
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()));
  int written = 0;
  if (EVP_CipherFinal_ex(context.get(), tag.data(), &written) != 1) return std::nullopt;
  return out;
}

}  // namespace clients::mls::native
