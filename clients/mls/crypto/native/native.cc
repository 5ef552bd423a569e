#include "clients/mls/crypto/native/native.h"

#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <system_error>
#include <thread>

#include "clients/mls/crypto/native/aes_gcm.h"
#include "clients/mls/crypto/native/sha256.h"

namespace clients::mls {
namespace {

constexpr std::size_t kItemsForThreads = 8;  // starting a thread costs about as much as one of them

void fill_from_system(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

Bytes chacha_seal(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) {
  Bytes out(plaintext.size() + kAeadTagBytes);
  crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(), aad.data(),
                                            aad.size(), nullptr, nonce.data(), key.data());
  return out;
}

std::optional<SecretBytes> chacha_open(ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext) {
  SecretBytes out(Bytes(ciphertext.size() - kAeadTagBytes));
  if (crypto_aead_chacha20poly1305_ietf_decrypt(out.writable().data(), nullptr, nullptr, ciphertext.data(),
                                                ciphertext.size(), aad.data(), aad.size(), nonce.data(),
                                                key.data()) != 0)
    return std::nullopt;
  return out;
}

// The system may refuse a thread; then the others do its share.
void start(std::vector<std::jthread>& threads, const std::function<void()>& body) {
  try {
    threads.emplace_back(body);
  } catch (const std::system_error&) {
    return;
  }
}

}  // namespace

NativeCrypto::NativeCrypto() : NativeCrypto(fill_from_system) {}

NativeCrypto::NativeCrypto(Fill fill) : fill_(std::move(fill)) {
  if (sodium_init() < 0) std::abort();
}

void NativeCrypto::random(std::span<std::uint8_t> out) const {
  const std::lock_guard lock(filling_);
  fill_(out);
}

Hash NativeCrypto::sha256(ByteView message) const { return native::sha256(message); }

Secret NativeCrypto::hmac_sha256(ByteView key, ByteView message) const { return native::hmac_sha256(key, message); }

PublicKey NativeCrypto::x25519_public(const PrivateKey& secret) const {
  PublicKey out;
  crypto_scalarmult_base(out.data(), secret.view().data());
  return out;
}

std::optional<Secret> NativeCrypto::x25519(const PrivateKey& secret, const PublicKey& peer) const {
  Secret out;
  if (crypto_scalarmult(out.writable().data(), secret.view().data(), peer.data()) != 0) return std::nullopt;
  return out;
}

PublicKey NativeCrypto::ed25519_public(const PrivateKey& seed) const {
  PublicKey out;
  FixedSecret<crypto_sign_SECRETKEYBYTES> expanded;
  crypto_sign_seed_keypair(out.data(), expanded.writable().data(), seed.view().data());
  return out;
}

Signature NativeCrypto::ed25519_sign(const KeyPair& key, ByteView message) const {
  FixedSecret<crypto_sign_SECRETKEYBYTES> seed_and_public;
  const auto bytes = seed_and_public.writable();
  std::ranges::copy(key.secret.view(), bytes.begin());
  std::ranges::copy(key.key, bytes.begin() + crypto_sign_SEEDBYTES);
  Signature out;
  crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), bytes.data());
  return out;
}

bool NativeCrypto::ed25519_verify(const PublicKey& key, ByteView message, const Signature& signature) const {
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

Bytes NativeCrypto::aead_seal(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) const {
  return suite == CipherSuite::kX25519Aes128GcmSha256Ed25519 ? native::aes_gcm_seal(key, nonce, aad, plaintext)
                                                             : chacha_seal(key, nonce, aad, plaintext);
}

std::optional<SecretBytes> NativeCrypto::aead_open(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad,
                                                   ByteView ciphertext) const {
  if (ciphertext.size() < kAeadTagBytes) return std::nullopt;
  return suite == CipherSuite::kX25519Aes128GcmSha256Ed25519 ? native::aes_gcm_open(key, nonce, aad, ciphertext)
                                                             : chacha_open(key, nonce, aad, ciphertext);
}

void NativeCrypto::for_each(std::size_t count, const std::function<void(std::size_t)>& work) const {
  if (count < kItemsForThreads) return Crypto::for_each(count, work);
  std::atomic<std::size_t> next = 0;
  const auto body = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) start(threads, body);
  body();
}

}  // namespace clients::mls
