// Byte strings put one behind another to be hashed: on the stack where they are few, wiped in the end, as most of them
// hold a secret.
//
// A value of one expression or one function; cannot be copied.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "clients/mls/core/bytes.h"

namespace clients::mls {

class Concat {  // concat() of RFC 9180 § 3
 public:
  Concat(std::initializer_list<ByteView> parts) {
    std::size_t size_bytes = 0;
    for (const ByteView part : parts) size_bytes += part.size();
    if (size_bytes > small_.size()) large_.resize(size_bytes);
    bytes_ = large_.empty() ? std::span(small_).first(size_bytes) : std::span(large_);
    std::size_t at = 0;
    for (const ByteView part : parts) {
      std::copy(part.begin(), part.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
      at += part.size();
    }
  }
  Concat(const Concat&) = delete;
  Concat& operator=(const Concat&) = delete;
  ~Concat() { wipe(bytes_); }

  ByteView view() const { return bytes_; }  // RFC 9180 § 3
  std::span<std::uint8_t> writable() { return bytes_; }

 private:
  static constexpr std::size_t kStackBytes = 256;  // all of HPKE, and every label but those over a group context

  std::array<std::uint8_t, kStackBytes> small_;
  Bytes large_;
  std::span<std::uint8_t> bytes_;
};

constexpr std::string_view kLabelPrefix = "MLS 1.0 ";  // §§ 5.1.2, 5.1.3, 8

// opaque label<V> with the prefix before it, opaque content<V>: SignContent and EncryptContext (RFC 9420
// §§ 5.1.2, 5.1.3).
Concat labelled(std::string_view label, ByteView content);

}  // namespace clients::mls
