#include "policy/roster/draft/draft.h"

namespace policy::roster::draft {

using model::PersonFacts;

Draft::Draft(std::string name, const Options& options, model::People& people)
    : name_(std::move(name)), options_(options), people_(people) {}

void Draft::add(Position at, base::Error error) {
  if (errors_.size() >= pack::kErrorsMax) return;
  error.where = where(name_, at);
  errors_.push_back(std::move(error));
}

bool Draft::knows(std::string_view person) const {
  const auto canonical = options_.canonical ? options_.canonical(person) : std::string(person);
  return canonical && (people_.contains(*canonical) || strangers_.contains(*canonical));
}

PersonFacts* Draft::person(std::string_view id, Position at) {
  const auto canonical = options_.canonical ? options_.canonical(id) : std::string(id);
  if (canonical) {
    if (const auto found = people_.find(*canonical); found != people_.end()) return &found->second;
    if (options_.admit_strangers) {
      PersonFacts& stranger = strangers_[*canonical];
      stranger.person = *canonical;
      return &stranger;
    }
  }
  add(at,
      {"roster.unknown-person", "person '" + base::printable(id) + "'", "a person whom the people file names", {}, {}});
  return nullptr;
}

const time::Zone* Draft::zone(std::string_view name, Position at) {
  if (const auto found = zones_.find(name); found != zones_.end()) return &found->second;
  auto read = zones_.size() < kZonesMax ? time::Zone::find(name)
                                        : base::fail("roster.zone", "one more time zone", "at most 64 in a file");
  if (read) return &zones_.emplace(name, std::move(*read)).first->second;
  add(at, read.error());
  return nullptr;
}

const time::Zone* Draft::default_zone(Position at) {
  if (!options_.zone.empty()) return zone(options_.zone, at);
  add(at, {"roster.zone",
           "a local time or a whole day without a time zone",
           "a time zone, or an instant in UTC",
           "name the zone in the file, or with --zone",
           {}});
  return nullptr;
}

void Draft::add(PersonFacts* person, model::RosterEntry entry, Position at) {
  const auto& [begin, end] = entry.span;
  if (begin < base::kBeginningOfTime || end > base::kEndOfTime || end <= begin) {
    const auto text = [](base::Instant t) {
      return t < base::kBeginningOfTime || t > base::kEndOfTime ? std::string("beyond the years 1 to 9999")
                                                                : base::format_instant(t);
    };
    add(at, {"roster.interval",
             "an entry from " + text(begin) + " to " + text(end),
             "an end after the begin, in the years 1 to 9999",
             {},
             {}});
    return;
  }
  if (count_ == kEntriesMax) {
    if (!overflow_)
      add(at, {"roster.too-many",
               "more entries",
               "at most " + std::to_string(kEntriesMax) + " entries of a file",
               "split it",
               {}});
    overflow_ = true;
    return;
  }
  ++count_;
  entries_[person].push_back({entry, at});
}

std::expected<void, Errors> Draft::finish() {
  const auto refuse = [&](const model::RosterEntry& inner, Position earlier, Position later) {
    add(later, {"roster.overlap",
                "an entry at " + base::format_instant(inner.span.begin) + " that overlaps the one of line " +
                    std::to_string(earlier.line),
                "entries of one person and kind that count as duty, apart from each other",
                {},
                {}});
  };
  if (sound())
    for (auto& [person, placed] : entries_) order_entries(placed, refuse);
  if (!sound()) return std::unexpected(std::move(errors_));
  for (const auto& [person, placed] : entries_) merge_entries(placed, person->roster);
  people_.merge(strangers_);  // moves the nodes: pointers to them stay good
  return {};
}

}  // namespace policy::roster::draft
