// What an officer asks the log for: which entries, by what their leaf says and by what their record says.
//
// A leaf tells type, hour and people for ever: whom the entry is about, and who acted in it, but for old ones
// (event::hides_actors), which a question for a pseudonym finds by their subject only. Device, class, rule and reason
// stand in the record, and of an erased one nobody can tell whether it would have matched. Pure; values; safe from any
// thread. Errors: usage.type, usage.instant, usage.subject, usage.device, usage.rule, usage.class, usage.reason.
#pragma once

#include <string>
#include <vector>

#include "audit/event/codec.h"

namespace audit::query {

using policy::base::Instant;
using policy::base::Result;

// As it is written in a call; empty: not asked for.
struct Wording {
  std::vector<std::string> types = {};     // ids of records
  std::string begin = {}, end = {};        // RFC 3339, or a day in UTC: [begin, end)
  std::vector<std::string> subjects = {};  // pseudonyms, 32 hexadecimal digits
  std::string device = {};                 // 32 hexadecimal digits
  std::string rule = {}, message_class = {}, reason = {};
};

struct Filter {
  std::vector<event::RecordType> types;
  policy::base::Interval period{policy::base::kBeginningOfTime, policy::base::kEndOfTime};
  std::vector<event::Pseudonym> subjects;  // or actors
  std::optional<event::DeviceId> device;
  std::optional<event::RuleId> rule, reason;  // reasons of closed lists are written like rule ids
  std::optional<event::MessageClass> message_class;

  // Does it ask for something that only the record says?
  bool looks_inside() const { return device || rule || reason || message_class; }
};

Result<Filter> parse(const Wording& wording);

// "2026-11-23" or RFC 3339. Error: usage.instant.
Result<Instant> parse_day_or_instant(std::string_view text);
// 32 hexadecimal digits. Error: usage.subject.
Result<event::Pseudonym> parse_pseudonym(std::string_view text);

// By type, pseudonym and hour alone: false is certain.
bool may_match(const Filter& filter, const event::Leaf& leaf);
// For an entry whose leaf may match.
bool matches(const Filter& filter, const event::Event& event);

}  // namespace audit::query
