// What a file says about people's rosters, before it counts: entries are collected with their places, and either all of
// them reach the people or none does.
//
// Errors carry "name:line:column". Codes: roster.unknown-person, roster.interval (an entry without length, or outside
// the years 1 to 9999), roster.overlap (two entries of one person and one kind that counts as duty), roster.zone,
// roster.too-many. At most pack::kErrorsMax are kept.
//
// One thread; refers to the people and the options that it was given.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/model/facts.h"
#include "policy/pack/document.h"
#include "policy/pack/roster_csv.h"
#include "policy/pack/roster_row.h"
#include "policy/time/zone.h"

namespace policy::roster::draft {

using pack::Errors;
using pack::Position;

constexpr std::size_t kEntriesMax = 5'000'000;  // of one file
constexpr std::size_t kZonesMax = 64;           // different names in one file

// Recurrences without end are expanded up to here: the shipped holidays end there, too.
constexpr base::Instant kHorizon{2240524800};  // 2041-01-01T00:00:00Z

struct Options {
  std::string zone;                  // of times and whole days that name none; empty: those are refused
  std::string person;                // whose calendar it is, if the calendar does not say
  base::Instant horizon = kHorizon;  // nothing recurs at or after it
  // Somebody whom `people` does not name: refused, or taken in without groups.
  bool admit_strangers = false;
  // Whose entries are expanded; everybody's if empty. Plans alone ask: so that a rotation of years for very many people
  // can be read some people at a time. Everybody's name is checked all the same.
  std::function<bool(std::string_view)> wanted;
  // How the directory writes what the file calls a person; nothing if that is no name. Empty: as the file writes it.
  std::function<std::optional<std::string>(std::string_view)> canonical;
};

class Draft {
 public:
  Draft(std::string name, const Options& options, model::People& people);

  const Options& options() const { return options_; }
  const std::string& name() const { return name_; }
  void add(Position at, base::Error error);
  Errors& errors() { return errors_; }  // for readers that add theirs
  // Enough errors, or too many entries: reading on would be of no use.
  bool full() const { return errors_.size() >= pack::kErrorsMax || overflow_; }
  bool sound() const { return errors_.empty(); }

  bool knows(std::string_view person) const;
  // Stays valid until finish(). Nothing for somebody unknown, which is an error then.
  model::PersonFacts* person(std::string_view id, Position at);
  // A zone of the tz database, read once a file; stays valid as long as the draft.
  const time::Zone* zone(std::string_view name, Position at);
  // options().zone
  const time::Zone* default_zone(Position at);

  void add(model::PersonFacts* person, model::RosterEntry entry, Position at);

  // Gives the entries to the people, sorted, or changes nothing.
  std::expected<void, Errors> finish();

 private:
  std::string name_;
  const Options& options_;
  model::People& people_;
  model::People strangers_;
  std::map<model::PersonFacts*, std::vector<pack::PlacedEntry>> entries_;
  std::map<std::string, time::Zone, std::less<>> zones_;
  std::size_t count_ = 0;
  bool overflow_ = false;
  Errors errors_;
};

}  // namespace policy::roster::draft
