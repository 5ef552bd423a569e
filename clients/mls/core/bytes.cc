#include "clients/mls/core/bytes.h"

#include <algorithm>
#include <cstring>

namespace clients::mls {

bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

bool equal_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different = static_cast<std::uint8_t>(different | (a[i] ^ b[i]));
  return different == 0;
}

void wipe(std::span<std::uint8_t> bytes) {
  if (bytes.empty()) return;
  std::memset(bytes.data(), 0, bytes.size());
  // Says that somebody may look, so that the line before is no dead store.
  asm volatile("" : : "r"(bytes.data()) : "memory");
}

SecretBytes& SecretBytes::operator=(const SecretBytes& other) {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = other.bytes_;
  }
  return *this;
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
  }
  return *this;
}

}  // namespace clients::mls
