// Bytes, text forms of bytes, and the house's opaque ids.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace policy::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::string to_hex(ByteView bytes);
Result<Bytes> from_hex(std::string_view text);  // error: hex.syntax

// RFC 4648 § 4, with padding, strict. Error: base64.syntax.
std::string to_base64(ByteView bytes);
Result<Bytes> from_base64(std::string_view text);

// RFC 4648 § 5 without padding: tokens, ids in URLs. Error: base64.syntax.
std::string to_base64url(ByteView bytes);
Result<Bytes> from_base64url(std::string_view text);

// A 16-byte id that says nothing. Tag keeps a device from being passed for a conversation.
template <typename Tag>
struct Id {
  static constexpr std::size_t kSizeBytes = 16;
  std::array<std::uint8_t, kSizeBytes> bytes{};

  auto operator<=>(const Id&) const = default;
  ByteView view() const { return bytes; }
  std::string text() const { return to_hex(bytes); }
  // As protobuf's `bytes` fields hold it.
  std::string wire() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  bool is_zero() const { return *this == Id{}; }

  // Exactly 16 raw bytes. Error: id.size.
  static Result<Id> from_wire(std::string_view raw) {
    if (raw.size() != kSizeBytes)
      return fail("id.size", "an id of " + std::to_string(raw.size()) + " bytes", "16 bytes");
    Id id;
    std::memcpy(id.bytes.data(), raw.data(), kSizeBytes);
    return id;
  }
  // 32 hexadecimal digits. Errors: hex.syntax, id.size.
  static Result<Id> from_text(std::string_view hex) {
    auto raw = from_hex(hex);
    if (!raw) return std::unexpected(raw.error());
    return from_wire(as_text(*raw));
  }
};

using ConversationId = Id<struct ConversationTag>;
using DeviceId = Id<struct DeviceTag>;
using MailboxId = Id<struct MailboxTag>;        // one person at the relay, which does not know whom
using ClientMessageId = Id<struct MessageTag>;  // chosen by the sending client, for idempotence

// Equal or not, in a time that depends on the sizes alone.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace policy::base

template <typename Tag>
struct std::hash<policy::base::Id<Tag>> {
  std::size_t operator()(const policy::base::Id<Tag>& id) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};
