// The bytes of an entry. An entry is two parts: the leaf, which stands in the tree for ever, and the payload, which
// lies encrypted in the side store and is gone once its key is.
//
// leaf, in the entry bundle:
//     version     1      0x01 · 0x02: the leaf names who acted, too
//     type        1      number in records.def
//     hour        4      big endian, hours since 1970
//     subject     1      0x00 none · 0x01 sixteen bytes follow
//    [pseudonym  16]
//    [actors      1      version 2: how many, as many as the record has fields of type Pseudonym, at least one
//     pseudonyms 16 each in declared order]
//     commitment 32      HMAC-SHA-256(entry key, payload)
//
// payload:
//     second      2      big endian, second of the hour, 0 to 3599
//     fields             in declared order, without the subject, and without what the leaf names as actors:
//         closed list    1       its number
//         Count          8       big endian
//         CellCount      8       big endian, at least 5
//         Instant        8       big endian, two's complement, years 1 to 9999
//         Digest        32
//         DeviceId      16
//         Pseudonym     16   in version 1 only
//         RuleId         1 + n   n, then n characters
//         RuleIds        1 + …   count up to 16, then that many RuleId
//
// A record in which somebody acts (a field of type Pseudonym) is written in version 2, every other in version 1. Leaves
// of version 1 of the former stand in logs of before and are read as ever: who acted in them is found in the payload
// only. But for these, one record has one encoding, and decoders refuse every other. Pure; safe from any thread.
// Errors: event.version, event.type, event.subject, event.actors, event.truncated, event.trailing, event.value.
#pragma once

#include <algorithm>
#include <optional>

#include "audit/event/record.h"

namespace audit::event {

using policy::base::Bytes;
using policy::base::ByteView;

constexpr std::size_t kLeafSizeMax = 1 + 1 + 4 + 1 + 16 + 1 + 16 * kActorsMax + 32;
constexpr std::size_t kPayloadSizeMax = 2048;

struct Leaf {
  RecordType type{};
  std::uint32_t hour = 0;
  Subject subject;
  Digest commitment;
  std::vector<Pseudonym> actors = {};  // empty: version 1

  bool operator==(const Leaf&) const = default;
};

// Of a record as it is written today.
Leaf leaf_of(const Event& event, const Digest& commitment);

// Whether nobody can tell from the leaf who acted: a record in which somebody acts, in version 1.
bool hides_actors(const Leaf& leaf);

enum class Role : std::uint8_t { kSubject, kActor };
// Calls see(pseudonym, role) for everybody whom the leaf names, each once: who is both is told as subject.
template <typename See>
void visit_people(const Leaf& leaf, See&& see) {
  if (leaf.subject.pseudonym) see(*leaf.subject.pseudonym, Role::kSubject);
  for (auto one = leaf.actors.begin(); one != leaf.actors.end(); ++one)
    if (leaf.subject.pseudonym != *one && std::find(leaf.actors.begin(), one, *one) == one) see(*one, Role::kActor);
}

Bytes encode_leaf(const Leaf& leaf);
Result<Leaf> decode_leaf(ByteView bytes);

// The hour of an instant, 0 for anything before 1970.
std::uint32_t hour_of(Instant at);

// As it is written today: who acted stands in the leaf.
Bytes encode_payload(const Event& event);
// `leaf` gives the type, the hour, the subject and, in version 2, who acted.
Result<Event> decode_payload(const Leaf& leaf, ByteView payload);

}  // namespace audit::event
