// What is inside an encrypted message, format 1. Integers are big-endian.
//
//     offset  size  field
//     0       1     1
//     1       1     message class as on the wire: 1 routine, 2 shift-notice, 3 urgent, 4 alarm
//     2       8     Unix seconds at which the sender wrote it
//     10      …     text, UTF-8 (RFC 3629), at least one byte
//
// The class stands here as well, so that nobody on the way can pass off a routine message as an alarm.
//
// Pure. Error: payload.syntax.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/bytes.h"
#include "policy/base/instant.h"
#include "policy/base/result.h"

namespace clients::core {

constexpr std::size_t kPayloadHeadBytes = 10;
// With head and frame it stays within the largest size that messages are padded to (clients/mls/framing).
constexpr std::size_t kPayloadBytesMax = 32 * 1024 - 128;
constexpr std::size_t kTextBytesMax = kPayloadBytesMax - kPayloadHeadBytes;

struct Payload {
  std::uint8_t message_class = 1;
  policy::base::Instant written_at;
  std::string text;
  bool operator==(const Payload&) const = default;
};

policy::base::Bytes encode(const Payload& payload);
policy::base::Result<Payload> parse_payload(policy::base::ByteView bytes);

bool is_utf8(std::string_view text);

}  // namespace clients::core
