#include "policy/pack/roster_csv.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "policy/pack/csv.h"
#include "policy/pack/roster_row.h"

namespace policy::pack {
namespace {

using base::Interval;
using model::PersonFacts;

struct Line {
  PersonFacts* person = nullptr;
  model::Interruption entry;
};

constexpr std::size_t kPersonBytesMax = 256;

std::set<PersonFacts*> touched(const std::vector<Line>& lines) {
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

FindPerson among(model::People& people) {
  return [&people](std::string_view id) -> PersonFacts* {
    const auto found = people.find(id);
    return found == people.end() ? nullptr : &found->second;
  };
}

// Of the line that was read last.
PersonFacts* find_person(CsvReader& csv, const FindPerson& find, std::string_view id) {
  if (PersonFacts* found = find(id)) return found;
  csv.add(
      csv.at(),
      {"csv.unknown-person", "person '" + base::printable(id) + "'", "a person whom the people file names", {}, {}});
  return nullptr;
}

// An alarm that was merely read has no length.
std::optional<Interval> read_interruption(CsvReader& csv, const CsvRecord& record) {
  const auto begin = base::parse_instant(record[1].text);
  const auto end = base::parse_instant(record[2].text);
  if (!begin) csv.add(record[1].at, begin.error());
  if (!end) csv.add(record[2].at, end.error());
  if (!begin || !end) return std::nullopt;
  if (*begin <= *end) return Interval{*begin, *end};
  csv.add(
      record[1].at,
      {"csv.interval", "an entry from " + record[1].text + " to " + record[2].text, "an end after the begin", {}, {}});
  return std::nullopt;
}

using Entries = std::map<PersonFacts*, std::vector<PlacedEntry>>;

Entries read_entries(CsvReader& csv, const FindPerson& find) {
  Entries entries;
  if (!csv.header({"person", "kind", "begin", "end"})) return entries;
  while (!csv.full()) {
    const auto line = csv.line();
    if (!line) break;
    if (const auto plain = plain_roster_row(*line)) {
      if (auto* person = find_person(csv, find, plain->person)) entries[person].push_back({plain->entry, csv.at()});
    } else if (const auto record = csv.fields(*line)) {
      auto* person = find_person(csv, find, (*record)[0].text);
      const auto row = read_roster_row(csv, *record);
      if (person != nullptr && row) entries[person].push_back({row->entry, csv.at()});
    }
  }
  return entries;
}

std::expected<void, Errors> add_entries(CsvReader& csv, const Errors& errors, const FindPerson& find) {
  Entries entries = read_entries(csv, find);
  for (auto& [person, placed] : entries) order_entries(csv, placed);
  if (!errors.empty()) return std::unexpected(errors);
  for (const auto& [person, placed] : entries) merge_entries(placed, person->roster);
  return {};
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
  return add_entries(csv, errors, among(people));
}

std::expected<void, Errors> read_roster(std::string_view name, base::ByteSource source, model::People& people) {
  return read_roster(name, std::move(source), among(people));
}

std::expected<void, Errors> read_roster(std::string_view name, base::ByteSource source, const FindPerson& find) {
  Errors errors;
  CsvReader csv(name, std::move(source), errors);
  return add_entries(csv, errors, find);
}

std::expected<void, Errors> read_interruptions(std::string_view name, std::string_view text, model::People& people) {
  Errors errors;
  CsvReader csv(name, text, errors);
  std::vector<Line> lines;
  const FindPerson find = among(people);
  if (csv.header({"person", "begin", "end"})) {
    while (const auto record = csv.next()) {
      PersonFacts* person = find_person(csv, find, (*record)[0].text);
      const auto span = read_interruption(csv, *record);
      if (person != nullptr && span) lines.push_back({person, {*span}});
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  for (const auto& line : lines) line.person->interruptions.push_back(line.entry);
  for (PersonFacts* person : touched(lines))
    std::ranges::sort(person->interruptions, {}, [](const auto& entry) { return entry.span; });
  return {};
}

}  // namespace policy::pack
