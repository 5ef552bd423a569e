// The bytes of a sealed box, format 1. Integers are big-endian; nothing may follow the signature.
//
//     offset      size        field
//     0           4           "FSB1"
//     4           16          client message id
//     20          24          nonce
//     44          2           n, number of recipients, at most kRecipientsMax
//     46          n × 96      recipient: device id (16), message key sealed to it with crypto_box_seal (80); ids rising
//     46 + 96n    4           b, length of the body
//     50 + 96n    b           body: XChaCha20-Poly1305 of the padded plaintext; b = size class + 16
//     50 + 96n+b  64          Ed25519 signature
//
// Padding (ISO/IEC 7816-4): the plaintext, 0x80, zeros up to the smallest size class that holds it; size classes are
// the powers of two from 256 bytes to 32 KiB, so that a length tells little about what was written.
//
// The signature is by the sender's identity key over "feierabend-sealed-box-v1" ‖ conversation ‖ sender device ‖ every
// byte before the signature (the client message id among them). The same domain, conversation, sender and message id
// are the body's associated data, so that a body cannot be carried to another place under another signature.
//
// Pure. Errors: cipher.syntax with what was seen.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "clients/mls/device_key.h"
#include "policy/base/bytes.h"
#include "policy/base/result.h"

namespace clients::mls {

constexpr std::size_t kPlaintextBytesMax = 32 * 1024 - 1;  // one byte of padding at least
constexpr std::size_t kSizeClassMin = 256;
constexpr std::size_t kSizeClassMax = 32 * 1024;
constexpr std::size_t kRecipientsMax = 2300;  // 46 + 2300 × 96 + 32 KiB + … stays below 256 KiB, the wire's bound
constexpr std::size_t kSealedKeyBytes = 80;

using Nonce = std::array<std::uint8_t, 24>;

struct Recipient {
  policy::base::DeviceId device;
  std::array<std::uint8_t, kSealedKeyBytes> sealed_key{};
};

struct SealedBox {
  policy::base::ClientMessageId message;
  Nonce nonce{};
  std::vector<Recipient> recipients;
  policy::base::Bytes body;
  Signature signature{};
};

// Everything before the signature.
policy::base::Bytes encode_unsigned(const SealedBox& box);
policy::base::Bytes encode(const SealedBox& box);
policy::base::Result<SealedBox> parse_sealed_box(policy::base::ByteView bytes);

// The size class that holds `plaintext_bytes` and its padding.
std::size_t size_class(std::size_t plaintext_bytes);

}  // namespace clients::mls
