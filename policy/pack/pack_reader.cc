#include "policy/pack/pack_reader.h"

#include <algorithm>
#include <array>

#include "policy/pack/family_reader.h"

namespace policy::pack {
namespace {

using base::printable;

constexpr std::array<std::string_view, 4> kLayers{"law", "agreement", "unit", "personal"};
constexpr std::array<std::string_view, 8> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"};
constexpr std::array<std::string_view, 4> kClasses{"routine", "shift-notice", "urgent", "alarm"};
constexpr std::size_t kIdBytesMax = 64;

bool good_id(std::string_view id) {
  return id.size() <= kIdBytesMax && !id.empty() && std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == '_';
         });
}

std::string read_id(TableReader& reader, Position& at, const std::string& default_id = {}) {
  const Need need = default_id.empty() ? Need::kRequired : Need::kOptional;
  if (need == Need::kOptional && reader.find("id", need) == nullptr) return default_id;
  const auto id = reader.text_at("id", need);
  if (!id) return {};
  at = id->at;
  if (good_id(id->text)) return id->text;
  reader.sink().add("pack.value", id->at, "id '" + printable(id->text) + "'",
                    "letters, digits, '.', '-' and '_', at most " + std::to_string(kIdBytesMax));
  return {};
}

Title read_title(TableReader& reader) {
  Title title;
  const Value* table = reader.table("title", Need::kOptional);
  if (table == nullptr) return title;
  TableReader words(*table, "title of " + reader.place(), reader.sink());
  title.de = words.text("de", Need::kRequired).value_or("");
  title.en = words.text("en", Need::kRequired).value_or("");
  words.done();
  return title;
}

void read_zone(TableReader& reader, Pack& pack, Zones& zones) {
  const auto name = reader.text_at("zone", Need::kOptional);
  if (!name) return;
  auto& zone = zones[name->text];
  if (zone == nullptr) {
    auto found = time::Zone::find(name->text);
    if (!found) {
      reader.sink().add("pack.unknown-id", name->at, found.error().seen, found.error().allowed,
                        did_you_mean(name->text, std::vector<std::string>{"Europe/Berlin", "Europe/Brussels", "UTC"}));
      zones.erase(name->text);
      return;
    }
    zone = std::make_shared<const time::Zone>(std::move(*found));
  }
  pack.zone = zone;
}

void read_holidays(TableReader& reader, Pack& pack, const Calendars& calendars) {
  const auto name = reader.text_at("holidays", Need::kOptional);
  if (!name) return;
  const auto found = calendars.find(name->text);
  if (found != calendars.end()) {
    pack.holidays_name = name->text;
    pack.holidays = found->second;
    return;
  }
  std::vector<std::string_view> names;
  for (const auto& [place, days] : calendars) names.push_back(place);
  reader.sink().add("pack.unknown-id", name->at, "calendar '" + printable(name->text) + "'", joined(names),
                    did_you_mean(name->text, names));
}

void read_header(const Value& table, PackDraft& draft, const Calendars& calendars, Zones& zones, ErrorSink& sink) {
  TableReader reader(table, "[pack]", sink);
  Pack& pack = draft.pack;
  pack.id = read_id(reader, draft.id_at);
  if (const auto layer = reader.choice("layer", Need::kRequired, kLayers)) pack.layer = static_cast<Layer>(*layer);
  pack.version = reader.integer("version", Need::kRequired, 1, 1'000'000'000).value_or(1);
  read_zone(reader, pack, zones);
  read_holidays(reader, pack, calendars);
  pack.title = read_title(reader);
  if (!reader.names_nothing("signers"))
    for (TextAt& signer : reader.texts("signers", Need::kOptional)) pack.signers.push_back(std::move(signer.text));
  if (const auto gap = read_bounded(reader, "duty_gap", Need::kOptional, kDutyGapMax)) pack.duty_gap = *gap;
  reader.done();
}

// Local times mean nothing without a zone. If a zone is named but unknown, that error is enough.
void require_zone(const Value& header, const PackDraft& draft, ErrorSink& sink) {
  const bool named = std::ranges::find(header.members, std::string_view("zone"), &Member::key) != header.members.end();
  if (named) return;
  const auto excepted = [&](ExceptionWhen when) {
    return std::ranges::any_of(draft.exceptions, [&](const ExceptionDraft& e) { return e.rule.when == when; });
  };
  const bool windows =
      std::ranges::any_of(draft.rests, [](const RestRule& rule) { return rule.kind == RestKind::kWindow; });
  if (windows || draft.pack.schedule || excepted(ExceptionWhen::kWindow)) {
    sink.add("pack.missing-key", header.at, "no key 'zone' in [pack], but local times in the pack",
             "a name of the tz database, as Europe/Berlin");
  } else if (excepted(ExceptionWhen::kOverride)) {
    sink.add("pack.missing-key", header.at, "no key 'zone' in [pack], but a limit per calendar week in the pack",
             "a name of the tz database, as Europe/Berlin");
  }
}

}  // namespace

std::string_view name_of(Layer layer) { return kLayers[static_cast<std::size_t>(layer)]; }

RuleHead read_head(TableReader& reader, PackDraft& draft, const std::string& default_id) {
  RuleHead head;
  head.at = reader.at();
  Position id_at = head.at;
  head.id = read_id(reader, id_at, default_id);
  if (!head.id.empty()) {
    draft.rule_ids.push_back({head.id, id_at});
    reader.rename(reader.place() + " '" + head.id + "'");
  }
  head.layer = draft.pack.layer;
  head.title = read_title(reader);
  head.cite = reader.text("cite", Need::kOptional).value_or("");
  return head;
}

ClassSet read_classes(TableReader& reader, std::string_view key, Need need) {
  ClassSet classes;
  for (const std::size_t index : reader.choices(key, need, kClasses)) classes.set(index);
  if (classes.none() && need == Need::kOptional) classes.set();
  return classes;
}

Applies read_applies(TableReader& reader) {
  Applies applies;
  const Value* table = reader.table("applies", Need::kOptional);
  if (table == nullptr) return applies;
  TableReader inside(*table, "applies of " + reader.place(), reader.sink());
  for (TextAt& group : inside.texts("groups", Need::kRequired)) applies.groups.push_back(std::move(group.text));
  inside.done();
  applies.everybody = std::ranges::find(applies.groups, "*") != applies.groups.end();
  return applies;
}

std::optional<base::Seconds> read_bounded(TableReader& reader, std::string_view key, Need need, base::Seconds max) {
  const auto found = reader.duration(key, need);
  if (!found || *found <= max) return found;
  reader.sink().add("pack.value", reader.at(),
                    "key '" + std::string(key) + "' in " + reader.place() + " is " + base::format_duration(*found),
                    "at most " + base::format_duration(max));
  return std::nullopt;
}

time::DaySet read_days(TableReader& reader, bool with_holiday) {
  const std::span<const std::string_view> names = std::span(kDays).first(with_holiday ? 8 : 7);
  time::DaySet days;
  for (const std::size_t index : reader.choices("days", Need::kRequired, names)) days.set(index);
  return days;
}

time::Window read_window(TableReader& reader) {
  time::Window window;
  window.days = read_days(reader, true);
  window.from = reader.local_time("from", Need::kRequired).value_or(time::LocalTime{});
  window.to = reader.local_time("to", Need::kRequired).value_or(time::LocalTime{});
  return window;
}

PackDraft read_pack(const Value& root, const std::string& source, const Calendars& calendars, Zones& zones,
                    ErrorSink& sink) {
  PackDraft draft;
  draft.pack.source = source;
  draft.pack.holidays = std::make_shared<const time::Holidays>();
  TableReader reader(root, "the pack", sink);
  const Value* header = reader.table("pack", Need::kRequired);
  if (header != nullptr) read_header(*header, draft, calendars, zones, sink);
  for (const Value* table : reader.tables("rest")) read_rest(*table, draft, sink);
  for (const Value* table : reader.tables("exception")) read_exception(*table, draft, sink);
  if (const Value* table = reader.table("self_open", Need::kOptional)) read_self_open(*table, draft, sink);
  for (const Value* table : reader.tables("parameter")) read_parameter(*table, draft, sink);
  for (const Value* table : reader.tables("set")) read_set(*table, draft, sink);
  for (const Value* table : reader.tables("adapt")) read_adapt(*table, draft, sink);
  for (const Value* table : reader.tables("claim")) read_claim(*table, draft, sink);
  if (const Value* table = reader.table("schedule", Need::kOptional)) read_schedule(*table, draft, sink);
  if (const Value* table = reader.table("devices", Need::kOptional)) read_devices(*table, draft, sink);
  if (const Value* table = reader.table("sessions", Need::kOptional)) read_sessions(*table, draft, sink);
  if (const Value* table = reader.table("content", Need::kOptional)) read_content(*table, draft, sink);
  if (const Value* table = reader.table("push", Need::kOptional)) read_push(*table, draft, sink);
  for (const Value* table : reader.tables("log")) read_log(*table, draft, sink);
  if (const Value* table = reader.table("log_access", Need::kOptional)) read_log_access(*table, draft, sink);
  for (const Value* table : reader.tables("retention")) read_retention(*table, draft, sink);
  for (const Value* table : reader.tables("alarm")) read_alarm(*table, draft, sink);
  reader.done();
  if (header != nullptr) require_zone(*header, draft, sink);
  return draft;
}

}  // namespace policy::pack
