#include "policy/roster/plan/plan.h"

#include <algorithm>
#include <array>
#include <set>

#include "policy/pack/table_reader.h"

namespace policy::roster::plan {
namespace {

using base::Instant;
using draft::Draft;
using model::RosterKind;
using pack::Need;
using pack::TableReader;
using pack::Value;
using time::LocalDate;
using time::LocalTime;

constexpr std::array<std::string_view, 6> kKinds{"duty", "standby", "on-call", "leave", "sick", "training"};

RosterKind read_kind(TableReader& reader) {
  return static_cast<RosterKind>(reader.choice("kind", Need::kOptional, kKinds).value_or(0));
}

// Where a file's local times are: found when somebody asks for the first time.
class ZoneOf {
 public:
  ZoneOf(TableReader& reader, Draft& draft, const ZoneOf* outer = nullptr)
      : draft_(draft), outer_(outer), name_(reader.text_at("zone", Need::kOptional)) {}

  const time::Zone* get(pack::Position at) const {
    if (name_) return draft_.zone(name_->text, name_->at);
    return outer_ != nullptr ? outer_->get(at) : draft_.default_zone(at);
  }

 private:
  Draft& draft_;
  const ZoneOf* outer_;
  std::optional<pack::TextAt> name_;
};

bool wanted(const Draft& draft, const model::PersonFacts& person) {
  return !draft.options().wanted || draft.options().wanted(person.person);
}

enum class Edge : std::uint8_t { kBegin, kEnd };

std::optional<Instant> read_edge(TableReader& reader, std::string_view key, Edge edge, const ZoneOf& zone) {
  const Value* value = reader.find(key, Need::kRequired);
  if (value == nullptr) return std::nullopt;
  if (value->kind != Value::Kind::kLocalDate) return reader.instant(key, Need::kRequired);
  const time::Zone* found = zone.get(value->at);
  if (found == nullptr) return std::nullopt;
  return edge == Edge::kBegin ? found->first_reading(value->local_date, {0})
                              : found->last_reading(value->local_date, {0});
}

void read_entry(const Value& table, const ZoneOf& file_zone, pack::ErrorSink& sink, Draft& draft) {
  TableReader reader(table, "[[entry]]", sink);
  const auto person = reader.text_at("person", Need::kRequired);
  const RosterKind kind = read_kind(reader);
  const ZoneOf zone(reader, draft, &file_zone);
  const auto begin = read_edge(reader, "begin", Edge::kBegin, zone), end = read_edge(reader, "end", Edge::kEnd, zone);
  reader.done();
  if (!person || !begin || !end) return;
  auto* found = draft.person(person->text, person->at);
  if (found != nullptr && wanted(draft, *found)) draft.add(found, {kind, {*begin, *end}}, reader.at());
}

struct Shift {
  std::vector<std::int64_t> days;  // of the cycle, from 0
  RosterKind kind = RosterKind::kDuty;
  LocalTime from, to;
};

struct Team {
  std::int64_t offset = 0;
  std::vector<model::PersonFacts*> members;  // who are wanted
  pack::Position at;
};

struct Rotation {
  std::int64_t cycle = 1;
  LocalDate start, until;
  const time::Zone* zone = nullptr;
};

std::optional<std::vector<std::int64_t>> read_days(TableReader& reader, std::int64_t cycle, pack::ErrorSink& sink) {
  const Value* list = reader.find("days", Value::Kind::kList, Need::kRequired);
  if (list == nullptr) return std::nullopt;
  std::vector<std::int64_t> days;
  for (const Value& item : list->items) {
    const bool fits = item.kind == Value::Kind::kInteger && item.integer >= 1 && item.integer <= cycle;
    if (fits && std::ranges::find(days, item.integer - 1) == days.end()) {
      days.push_back(item.integer - 1);
      continue;
    }
    sink.add("pack.value", item.at, "an item of 'days' in [[rotation.shift]]",
             "days of the cycle, 1 to " + std::to_string(cycle) + ", each once");
    return std::nullopt;
  }
  if (!days.empty()) return days;
  sink.add("pack.value", list->at, "key 'days' in [[rotation.shift]] is a list of 0 items", "at least one");
  return std::nullopt;
}

std::optional<Shift> read_shift(const Value& table, std::int64_t cycle, pack::ErrorSink& sink) {
  TableReader reader(table, "[[rotation.shift]]", sink);
  auto days = read_days(reader, cycle, sink);
  const RosterKind kind = read_kind(reader);
  const auto from = reader.local_time("from", Need::kRequired), to = reader.local_time("to", Need::kRequired);
  reader.done();
  if (!days || !from || !to) return std::nullopt;
  return Shift{std::move(*days), kind, *from, *to};
}

std::optional<Team> read_team(const Value& table, pack::ErrorSink& sink, Draft& draft) {
  TableReader reader(table, "[[rotation.team]]", sink);
  Team team;
  team.at = reader.at();
  team.offset = reader.integer("offset", Need::kOptional, -kCycleDaysMax, kCycleDaysMax).value_or(0);
  std::set<const model::PersonFacts*> named;
  for (const pack::TextAt& member : reader.texts("members", Need::kRequired)) {
    auto* person = draft.person(member.text, member.at);
    if (person == nullptr) continue;
    if (!named.insert(person).second)
      sink.add("pack.value", member.at, "'" + base::printable(member.text) + "' again in 'members'",
               "each person once");
    else if (wanted(draft, *person))
      team.members.push_back(person);
  }
  reader.done();
  return team;
}

// Each day of the cycle on which the team has this shift, from `start` to before `until`.
void add_shifts(const Rotation& rotation, const Shift& shift, const Team& team, Draft& draft) {
  for (const std::int64_t day : shift.days) {
    const std::int64_t ahead = ((day - team.offset) % rotation.cycle + rotation.cycle) % rotation.cycle;
    for (LocalDate date = rotation.start + ahead; date < rotation.until && !draft.full();
         date = date + rotation.cycle) {
      const base::Interval span{rotation.zone->first_reading(date, shift.from),
                                rotation.zone->last_reading(shift.to <= shift.from ? date + 1 : date, shift.to)};
      for (auto* person : team.members) draft.add(person, {shift.kind, span}, team.at);
    }
  }
}

void read_rotation(const Value& table, const ZoneOf& file_zone, pack::ErrorSink& sink, Draft& draft) {
  TableReader reader(table, "[[rotation]]", sink);
  const auto cycle = reader.integer("cycle", Need::kRequired, 1, kCycleDaysMax);
  const auto start = reader.local_date("start", Need::kRequired);
  const auto until = reader.local_date("until", Need::kOptional);
  const ZoneOf zone(reader, draft, &file_zone);
  std::vector<Shift> shifts;
  for (const Value* one : reader.tables("shift"))
    if (auto shift = read_shift(*one, cycle.value_or(kCycleDaysMax), sink)) shifts.push_back(std::move(*shift));
  std::vector<Team> teams;
  for (const Value* one : reader.tables("team"))
    if (auto team = read_team(*one, sink, draft)) teams.push_back(std::move(*team));
  reader.done();
  const time::Zone* found = zone.get(reader.at());
  if (!cycle || !start || found == nullptr || !draft.sound()) return;
  const Rotation rotation{*cycle, *start, until.value_or(found->date_at(draft.options().horizon)), found};
  for (const Team& team : teams)
    for (const Shift& shift : shifts)
      if (!team.members.empty()) add_shifts(rotation, shift, team, draft);
}

}  // namespace

std::expected<void, draft::Errors> read_plan(std::string_view name, std::string_view toml,
                                             const draft::Options& options, model::People& people) {
  const auto root = pack::parse_document(name, toml, kPlanBytesMax);
  if (!root) return std::unexpected(draft::Errors{root.error()});
  Draft draft{std::string(name), options, people};
  pack::ErrorSink sink(draft.name(), draft.errors());
  TableReader reader(*root, "the roster", sink);
  const ZoneOf zone(reader, draft);
  for (const Value* table : reader.tables("entry"))
    if (!draft.full()) read_entry(*table, zone, sink, draft);
  for (const Value* table : reader.tables("rotation"))
    if (!draft.full()) read_rotation(*table, zone, sink, draft);
  reader.done();
  return draft.finish();
}

}  // namespace policy::roster::plan
