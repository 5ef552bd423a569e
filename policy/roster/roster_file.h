// Rosters as files: tables (.csv, policy/pack/roster_csv.h), calendars (.ics, ical/import.h) and plans (.toml,
// plan/plan.h). The end of the name says which, in any case of letters.
//
// Pure: bytes in, values out. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "policy/roster/draft/draft.h"
#include "policy/roster/ical/export.h"

namespace policy::roster {

using draft::Errors;
using draft::Options;

enum class Format : std::uint8_t { kTable, kCalendar, kPlan };

// Of "x/roster.csv". Error: roster.format.
base::Result<Format> format_of(std::string_view name);
// "csv", "ics", "toml"; error: roster.format.
base::Result<Format> parse_format(std::string_view word);

constexpr std::size_t kTableBytesMax = 1ULL << 30;
std::size_t bytes_max(Format format);

// Adds the entries to the people, or nothing; each error has its place. A table names instants alone: of the options it
// needs those about people.
std::expected<void, Errors> read_roster_file(std::string_view name, std::string_view bytes, const Options& options,
                                             model::People& people);
// A table as it arrives; a line is all that is held of it.
std::expected<void, Errors> read_roster_table(std::string_view name, base::ByteSource source, const Options& options,
                                              model::People& people);

// The entries of all people in the order of people and time; what is written is read as the same entries. `calendar` is
// for calendars alone.
std::string write_roster_file(const model::People& people, Format format, const ical::ExportOptions& calendar);

}  // namespace policy::roster
