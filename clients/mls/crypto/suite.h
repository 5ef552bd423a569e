// The two cipher suites of this client (RFC 9420 § 17.1). They share KEM, hash and signature and differ in the AEAD, so
// every size but that of the AEAD key is the same constant.
#pragma once

#include <cstddef>
#include <cstdint>

namespace clients::mls {

// As on the wire. Other values are refused when they are read where a suite is chosen (key packages, group contexts).
enum class CipherSuite : std::uint16_t {  // §§ 5.1, 17.1
  kX25519Aes128GcmSha256Ed25519 = 0x0001,
  kX25519ChaCha20Poly1305Sha256Ed25519 = 0x0003,
};
constexpr CipherSuite kDefaultSuite = CipherSuite::kX25519ChaCha20Poly1305Sha256Ed25519;

constexpr bool is_supported(std::uint16_t suite) { return suite == 0x0001 || suite == 0x0003; }  // § 17.1

constexpr std::size_t kHashBytes = 32;       // KDF.Nh, RFC 9180 § 7.2
constexpr std::size_t kAeadNonceBytes = 12;  // AEAD.Nn, RFC 9180 § 7.3
constexpr std::size_t kAeadTagBytes = 16;    // AEAD.Nt, RFC 9180 § 7.3
constexpr std::size_t kAeadKeyBytesMax = 32;
constexpr std::size_t aead_key_bytes(CipherSuite suite) {
  return suite == CipherSuite::kX25519Aes128GcmSha256Ed25519 ? 16 : 32;  // AEAD.Nk, RFC 9180 § 7.3
}

}  // namespace clients::mls
