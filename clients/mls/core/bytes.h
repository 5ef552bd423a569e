// Bytes that may be seen by everybody, and secrets that are wiped.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace clients::mls {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Hash = std::array<std::uint8_t, 32>;       // SHA-256 in both suites (§ 5.1)
using PublicKey = std::array<std::uint8_t, 32>;  // X25519 or Ed25519, by the name of the field (§ 5.1.1)
using Signature = std::array<std::uint8_t, 64>;  // Ed25519 (§ 5.1.2)

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }
inline Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
bool equal(ByteView a, ByteView b);

// In a time that depends on the sizes alone: tags and whatever an attacker may guess at.
bool equal_constant_time(ByteView a, ByteView b);

// Overwrites in a way that the compiler does not leave out (§ 9.2).
void wipe(std::span<std::uint8_t> bytes);

// A secret of fixed size. Wiped when the value dies or is assigned over.
template <std::size_t kSize>
class FixedSecret {
 public:
  FixedSecret() = default;
  explicit FixedSecret(const std::array<std::uint8_t, kSize>& bytes) : bytes_(bytes) {}
  FixedSecret(const FixedSecret&) = default;
  FixedSecret& operator=(const FixedSecret&) = default;
  ~FixedSecret() { wipe(bytes_); }

  ByteView view() const { return bytes_; }
  std::span<std::uint8_t, kSize> writable() { return bytes_; }
  // Compared in constant time.
  bool operator==(const FixedSecret& other) const { return equal_constant_time(view(), other.view()); }

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

using Secret = FixedSecret<32>;      // KDF.Nh bytes: every secret of the key schedule (§ 8) and the trees (§§ 7.4, 9)
using PrivateKey = FixedSecret<32>;  // X25519 scalar or Ed25519 seed, by the name of the field

// A secret whose size is known at run time only (pre-shared keys, exported secrets, plaintexts).
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(const SecretBytes&) = default;
  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(const SecretBytes& other);
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes() { wipe(bytes_); }

  ByteView view() const { return bytes_; }
  std::span<std::uint8_t> writable() { return bytes_; }
  bool operator==(const SecretBytes& other) const { return equal_constant_time(view(), other.view()); }

 private:
  Bytes bytes_;
};

}  // namespace clients::mls
