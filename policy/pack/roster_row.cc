#include "policy/pack/roster_row.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace policy::pack {

std::optional<RosterRow> plain_roster_row(std::string_view line) {
  const std::size_t first = line.find(','), second = line.find(',', first + 1), third = line.find(',', second + 1);
  if (third == std::string_view::npos || first > second || second > third) return std::nullopt;
  const std::string_view person = line.substr(0, first);
  const auto kind = model::parse_roster_kind(line.substr(first + 1, second - first - 1));
  if (!kind || person.find('"') != std::string_view::npos) return std::nullopt;
  const auto begin = base::parse_instant(line.substr(second + 1, third - second - 1));
  const auto end = base::parse_instant(line.substr(third + 1));
  if (!begin || !end || *end <= *begin) return std::nullopt;
  return RosterRow{person, {*kind, {*begin, *end}}};
}

std::optional<RosterRow> read_roster_row(CsvReader& csv, const CsvRecord& record) {
  const auto kind = model::parse_roster_kind(record[1].text);
  if (!kind) csv.add(record[1].at, kind.error());
  const auto begin = base::parse_instant(record[2].text), end = base::parse_instant(record[3].text);
  if (!begin) csv.add(record[2].at, begin.error());
  if (!end) csv.add(record[3].at, end.error());
  if (!kind || !begin || !end) return std::nullopt;
  if (*begin < *end) return RosterRow{record[0].text, {*kind, {*begin, *end}}};
  csv.add(
      record[2].at,
      {"csv.interval", "an entry from " + record[2].text + " to " + record[3].text, "an end after the begin", {}, {}});
  return std::nullopt;
}

void order_entries(std::vector<PlacedEntry>& entries, const TellOverlap& tell) {
  std::ranges::sort(entries, {}, [](const PlacedEntry& placed) {
    return std::tuple(placed.entry.span, placed.entry.kind, placed.at);
  });
  std::array<const PlacedEntry*, 6> longest{};  // of each kind
  for (const PlacedEntry& placed : entries) {
    if (!model::counts_as_duty(placed.entry.kind)) continue;
    const PlacedEntry*& before = longest[static_cast<std::size_t>(placed.entry.kind)];
    if (before != nullptr && placed.entry.span.begin < before->entry.span.end)
      tell(placed.entry, std::min(before->at, placed.at), std::max(before->at, placed.at));
    if (before == nullptr || before->entry.span.end < placed.entry.span.end) before = &placed;
  }
}

void order_entries(CsvReader& csv, std::vector<PlacedEntry>& entries) {
  order_entries(entries, [&](const model::RosterEntry&, Position earlier, Position later) {
    csv.add(later, {"csv.overlap",
                    "an entry that overlaps the one of line " + std::to_string(earlier.line),
                    "entries of one person and kind that count as duty, apart from each other",
                    {},
                    {}});
  });
}

void merge_entries(const std::vector<PlacedEntry>& entries, std::vector<model::RosterEntry>& roster) {
  for (const PlacedEntry& placed : entries) roster.push_back(placed.entry);
  std::ranges::sort(roster, {}, [](const auto& entry) { return std::tuple(entry.span, entry.kind); });
}

}  // namespace policy::pack
