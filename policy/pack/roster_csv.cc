#include "policy/pack/roster_csv.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "policy/pack/csv.h"

namespace policy::pack {
namespace {

using base::Interval;
using model::PersonFacts;

// A line that was understood, with what its errors will need.
template <typename Entry>
struct Line {
  PersonFacts* person = nullptr;
  Entry entry;
  Position at;
};

constexpr std::size_t kPersonBytesMax = 256;

template <typename Entry>
std::set<PersonFacts*> touched(const std::vector<Line<Entry>>& lines) {
  std::set<PersonFacts*> people;
  for (const auto& line : lines) people.insert(line.person);
  return people;
}

std::vector<std::string> split_groups(std::string_view text) {
  std::vector<std::string> groups;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    if (end > 0) groups.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return groups;
}

PersonFacts* find_person(CsvReader& csv, model::People& people, const CsvField& field) {
  const auto found = people.find(field.text);
  if (found != people.end()) return &found->second;
  csv.add(field.at, {"csv.unknown-person",
                     "person '" + base::printable(field.text) + "'",
                     "a person whom the people file names",
                     {},
                     {}});
  return nullptr;
}

// A stretch of the roster has a length; an alarm that was merely read may have none.
enum class Length : std::uint8_t { kPositive, kAny };

std::optional<Interval> read_span(CsvReader& csv, const CsvField& begin_field, const CsvField& end_field,
                                  Length length) {
  const auto begin = base::parse_instant(begin_field.text);
  const auto end = base::parse_instant(end_field.text);
  if (!begin) csv.add(begin_field.at, begin.error());
  if (!end) csv.add(end_field.at, end.error());
  if (!begin || !end) return std::nullopt;
  if (*begin < *end || (length == Length::kAny && *begin == *end)) return Interval{*begin, *end};
  csv.add(begin_field.at, {"csv.interval",
                           "an entry from " + begin_field.text + " to " + end_field.text,
                           "an end after the begin",
                           {},
                           {}});
  return std::nullopt;
}

// Two entries of one kind that counts as duty must not overlap: one of them is a mistake, and merging would hide it.
void refuse_overlaps(CsvReader& csv, std::vector<Line<model::RosterEntry>>& lines) {
  std::vector<const Line<model::RosterEntry>*> order;
  for (const auto& line : lines)
    if (model::counts_as_duty(line.entry.kind)) order.push_back(&line);
  std::ranges::sort(order, {}, [](const auto* line) {
    return std::tuple(line->person->person, line->entry.kind, line->entry.span.begin, line->entry.span.end);
  });
  const Line<model::RosterEntry>* longest = nullptr;
  for (const auto* line : order) {
    const bool same = longest != nullptr && longest->person == line->person && longest->entry.kind == line->entry.kind;
    if (same && line->entry.span.begin < longest->entry.span.end) {
      csv.add(line->at, {"csv.overlap",
                         "an entry that overlaps the one of line " + std::to_string(longest->at.line),
                         "entries of one person and kind that count as duty, apart from each other",
                         {},
                         {}});
    }
    if (!same || longest->entry.span.end < line->entry.span.end) longest = line;
  }
}

}  // namespace

std::expected<model::People, Errors> read_people(std::string_view name, std::string_view text) {
  Errors errors;
  CsvReader csv(name, text, errors);
  model::People people;
  if (csv.header({"person", "groups"})) {
    while (const auto record = csv.next()) {
      const CsvField& person = (*record)[0];
      if (person.text.empty() || person.text.size() > kPersonBytesMax) {
        csv.add(person.at, {"csv.empty-person",
                            "a person id of " + std::to_string(person.text.size()) + " bytes",
                            "1 to " + std::to_string(kPersonBytesMax) + " bytes",
                            {},
                            {}});
        continue;
      }
      PersonFacts facts;
      facts.person = person.text;
      facts.groups = split_groups((*record)[1].text);
      if (!people.emplace(person.text, std::move(facts)).second) {
        csv.add(person.at, {"csv.duplicate-person",
                            "person '" + base::printable(person.text) + "' again",
                            "each person once",
                            "join the groups with ';'",
                            {}});
      }
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return people;
}

std::expected<void, Errors> read_roster(std::string_view name, std::string_view text, model::People& people) {
  Errors errors;
  CsvReader csv(name, text, errors);
  std::vector<Line<model::RosterEntry>> lines;
  if (csv.header({"person", "kind", "begin", "end"})) {
    while (const auto record = csv.next()) {
      PersonFacts* person = find_person(csv, people, (*record)[0]);
      const auto kind = model::parse_roster_kind((*record)[1].text);
      if (!kind) csv.add((*record)[1].at, kind.error());
      const auto span = read_span(csv, (*record)[2], (*record)[3], Length::kPositive);
      if (person != nullptr && kind && span) lines.push_back({person, {*kind, *span}, (*record)[0].at});
    }
  }
  refuse_overlaps(csv, lines);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  for (const auto& line : lines) line.person->roster.push_back(line.entry);
  for (PersonFacts* person : touched(lines))
    std::ranges::sort(person->roster, {}, [](const auto& entry) { return std::tuple(entry.span, entry.kind); });
  return {};
}

std::expected<void, Errors> read_interruptions(std::string_view name, std::string_view text, model::People& people) {
  Errors errors;
  CsvReader csv(name, text, errors);
  std::vector<Line<model::Interruption>> lines;
  if (csv.header({"person", "begin", "end"})) {
    while (const auto record = csv.next()) {
      PersonFacts* person = find_person(csv, people, (*record)[0]);
      const auto span = read_span(csv, (*record)[1], (*record)[2], Length::kAny);
      if (person != nullptr && span) lines.push_back({person, {*span}, (*record)[0].at});
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  for (const auto& line : lines) line.person->interruptions.push_back(line.entry);
  for (PersonFacts* person : touched(lines))
    std::ranges::sort(person->interruptions, {}, [](const auto& entry) { return entry.span; });
  return {};
}

}  // namespace policy::pack
