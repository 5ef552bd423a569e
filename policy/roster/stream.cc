#include "policy/roster/stream.h"

#include "policy/pack/roster_row.h"

namespace policy::roster {

using model::PersonFacts;

struct PersonStream::State {
  State(const std::string& name, base::ByteSource source, const model::People* known)
      : csv(name, std::move(source), errors, kStreamLinesMax), people(known) {}

  pack::Errors errors;
  pack::CsvReader csv;
  const model::People* people;
  std::string person;                      // whose entries are being collected
  std::vector<pack::PlacedEntry> entries;  // of `person`; empty before the first and after the last
  bool begun = false;
  bool ended = false;

  void add_here(base::Error error) { csv.add(csv.at(), std::move(error)); }

  // The next line that is an entry. Nothing at the end and after an error.
  std::optional<model::RosterEntry> read(std::string& id) {
    const auto line = csv.line();
    if (!line || !errors.empty()) return std::nullopt;
    if (const auto row = pack::plain_roster_row(*line)) {
      if (id != row->person) id = row->person;
      return row->entry;
    }
    const auto record = csv.fields(*line);
    if (!record) return std::nullopt;
    const auto row = read_roster_row(csv, *record);
    if (!row) return std::nullopt;
    id = row->person;
    return row->entry;
  }

  void check_person(const std::string& id) {
    if (id < person) {
      add_here({"roster.unsorted",
                "person '" + base::printable(id) + "' after '" + base::printable(person) + "'",
                "lines in the order of the persons' ids, byte by byte",
                "run: LC_ALL=C sort -t, -k1,1",
                {}});
    }
    if (people == nullptr || people->contains(id)) return;
    add_here(
        {"csv.unknown-person", "person '" + base::printable(id) + "'", "a person whom the people file names", {}, {}});
  }

  PersonFacts take() {
    order_entries(csv, entries);
    PersonFacts facts;
    facts.person = person;
    if (people != nullptr) {
      if (const auto found = people->find(person); found != people->end()) facts.groups = found->second.groups;
    }
    facts.roster.reserve(entries.size());
    for (const auto& placed : entries) facts.roster.push_back(placed.entry);
    entries.clear();
    return facts;
  }
};

PersonStream::PersonStream(std::string name, base::ByteSource source, const model::People* people)
    : state_(std::make_unique<State>(name, std::move(source), people)) {}
PersonStream::PersonStream(PersonStream&&) noexcept = default;
PersonStream::~PersonStream() = default;

base::Result<std::optional<PersonFacts>> PersonStream::next() {
  State& state = *state_;
  if (state.ended) return std::nullopt;
  const auto fails = [&] {
    state.ended = true;
    return std::unexpected(state.errors.front());
  };
  if (!state.begun && !state.csv.header({"person", "kind", "begin", "end"})) return fails();
  std::optional<PersonFacts> done;
  std::string id = state.person;
  while (const auto entry = state.read(id)) {
    if (!state.begun || id != state.person) {
      if (state.begun) {
        state.check_person(id);
        done = state.take();
      } else {
        state.begun = true;
        state.person = id;
        state.check_person(id);
      }
      state.person = id;
    }
    if (state.entries.size() == kEntriesPerPersonMax) {
      state.add_here({"roster.too-many",
                      "more entries of one person",
                      "at most " + std::to_string(kEntriesPerPersonMax) + " entries of a person",
                      {},
                      {}});
    }
    if (!state.errors.empty()) return fails();
    state.entries.push_back({*entry, state.csv.at()});
    if (done) return done;
  }
  if (!state.errors.empty()) return fails();
  state.ended = true;
  if (state.entries.empty()) return std::nullopt;
  done = state.take();
  if (!state.errors.empty()) return fails();
  return done;
}

}  // namespace policy::roster
