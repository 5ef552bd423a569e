// One line of a roster table, understood or refused. For readers of such tables: all of it at once (roster_csv.h), or
// person by person (policy/roster/stream.h).
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "policy/model/facts.h"
#include "policy/pack/csv.h"

namespace policy::pack {

struct RosterRow {
  std::string_view person;  // in the line or the record that it was read from
  model::RosterEntry entry;
};

// Most lines: four fields without quotes, all of them good. Nothing for any other line, which fields() and
// read_roster_row() then read or refuse. Allocates nothing.
std::optional<RosterRow> plain_roster_row(std::string_view line);

// Errors go to `csv`: roster.unknown-kind, instant.*, csv.interval.
std::optional<RosterRow> read_roster_row(CsvReader& csv, const CsvRecord& record);

// An entry and where a file says it.
struct PlacedEntry {
  model::RosterEntry entry;
  Position at;
};

// Two entries of one kind that counts as duty must not overlap: one of them is a mistake, and merging would hide it.
// Sorts the entries of one person by begin and tells of each that begins inside one before it: the inner one, and the
// places of both, the earlier line first.
using TellOverlap = std::function<void(const model::RosterEntry& inner, Position earlier, Position later)>;
void order_entries(std::vector<PlacedEntry>& entries, const TellOverlap& tell);
// The same for the lines of a table. Error: csv.overlap.
void order_entries(CsvReader& csv, std::vector<PlacedEntry>& entries);

// Puts them behind those that a person has already; all are sorted then.
void merge_entries(const std::vector<PlacedEntry>& entries, std::vector<model::RosterEntry>& roster);

}  // namespace policy::pack
