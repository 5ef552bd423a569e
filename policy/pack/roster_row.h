// One line of a roster table, understood or refused. For readers of such tables: all of it at once (roster_csv.h), or
// person by person (policy/roster/stream.h).
#pragma once

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

// An entry and its line.
struct PlacedEntry {
  model::RosterEntry entry;
  std::uint32_t line = 0;
};

// Two entries of one kind that counts as duty must not overlap: one of them is a mistake, and merging would hide it.
// Sorts the entries of one person by begin and adds csv.overlap for each that begins inside another.
void order_entries(CsvReader& csv, std::vector<PlacedEntry>& entries);

}  // namespace policy::pack
