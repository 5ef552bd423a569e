// The bytes of an entry. An entry is two parts: the leaf, which stands in the tree for ever, and the payload, which
// lies encrypted in the side store and is gone once its key is.
//
// leaf, in the entry bundle:
//     version     1      0x01
//     type        1      number in records.def
//     hour        4      big endian, hours since 1970
//     subject     1      0x00 none · 0x01 sixteen bytes follow
//    [pseudonym  16]
//     commitment 32      HMAC-SHA-256(entry key, payload)
//
// payload:
//     second      2      big endian, second of the hour, 0 to 3599
//     fields             in declared order, without the subject:
//         closed list    1       its number
//         Count          8       big endian
//         CellCount      8       big endian, at least 5
//         Instant        8       big endian, two's complement, years 1 to 9999
//         Digest        32
//         DeviceId, Pseudonym  16
//         RuleId         1 + n   n, then n characters
//         RuleIds        1 + …   count up to 16, then that many RuleId
//
// One record has one encoding; decoders refuse every other. Pure; safe from any thread.
// Errors: event.version, event.type, event.subject, event.truncated, event.trailing, event.value.
#pragma once

#include <optional>

#include "audit/event/record.h"

namespace audit::event {

using policy::base::Bytes;
using policy::base::ByteView;

constexpr std::size_t kLeafSizeMax = 1 + 1 + 4 + 1 + 16 + 32;
constexpr std::size_t kPayloadSizeMax = 2048;

struct Leaf {
  RecordType type{};
  std::uint32_t hour = 0;
  Subject subject;
  Digest commitment;

  bool operator==(const Leaf&) const = default;
};

Bytes encode_leaf(const Leaf& leaf);
Result<Leaf> decode_leaf(ByteView bytes);

// The hour of an instant, 0 for anything before 1970.
std::uint32_t hour_of(Instant at);

Bytes encode_payload(const Event& event);
// `leaf` gives the type, the hour and the subject.
Result<Event> decode_payload(const Leaf& leaf, ByteView payload);

}  // namespace audit::event
