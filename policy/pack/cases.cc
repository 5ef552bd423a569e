#include "policy/pack/cases.h"

#include <algorithm>
#include <array>
#include <map>

#include "policy/pack/rules.h"
#include "policy/pack/table_reader.h"

namespace policy::pack {
namespace {

constexpr std::array<std::string_view, 4> kClasses{"routine", "shift-notice", "urgent", "alarm"};
constexpr std::array<std::string_view, 3> kEffects{"deliver", "silent", "hold"};
constexpr std::array<std::string_view, 6> kRosterKinds{"duty", "standby", "on-call", "leave", "sick", "training"};

model::MessageClass read_class(TableReader& reader) {
  return static_cast<model::MessageClass>(reader.choice("class", Need::kRequired, kClasses).value_or(0));
}

// A list that may be empty, unlike those of packs.
std::vector<std::string> read_names(TableReader& reader, std::string_view key, Need need) {
  std::vector<std::string> names;
  if (reader.names_nothing(key)) return names;
  for (TextAt& item : reader.texts(key, need)) names.push_back(std::move(item.text));
  return names;
}

base::Interval read_span(TableReader& reader) {
  const auto begin = reader.instant("begin", Need::kRequired), end = reader.instant("end", Need::kRequired);
  if (!begin || !end) return {};
  if (*end < *begin)
    reader.sink().add("case.interval", reader.at(), "an entry that ends before it begins", "begin < end");
  return {*begin, *end};
}

void read_openings(TableReader& reader, model::PersonFacts& facts, ErrorSink& sink) {
  for (const Value* entry : reader.tables("overrides")) {
    TableReader inside(*entry, "overrides of '" + base::printable(facts.person) + "'", sink);
    model::Override granted;
    granted.rule = inside.text("rule", Need::kRequired).value_or("");
    granted.role = inside.text("role", Need::kRequired).value_or("");
    granted.reason = inside.text("reason", Need::kRequired).value_or("");
    granted.span = read_span(inside);
    inside.done();
    facts.overrides.push_back(std::move(granted));
  }
  for (const Value* entry : reader.tables("self_openings")) {
    TableReader inside(*entry, "self_openings of '" + base::printable(facts.person) + "'", sink);
    facts.self_openings.push_back({read_span(inside)});
    inside.done();
  }
}

void read_person(const Value& table, Cases& cases, ErrorSink& sink) {
  TableReader reader(table, "[[person]]", sink);
  model::PersonFacts facts;
  facts.person = reader.text("id", Need::kRequired).value_or("");
  facts.groups = read_names(reader, "groups", Need::kOptional);
  for (const Value* entry : reader.tables("roster")) {
    TableReader inside(*entry, "roster of '" + base::printable(facts.person) + "'", sink);
    const auto kind = inside.choice("kind", Need::kRequired, kRosterKinds);
    facts.roster.push_back({static_cast<model::RosterKind>(kind.value_or(0)), read_span(inside)});
    inside.done();
  }
  for (const Value* entry : reader.tables("interruptions")) {
    TableReader inside(*entry, "interruptions of '" + base::printable(facts.person) + "'", sink);
    facts.interruptions.push_back({read_span(inside)});
    inside.done();
  }
  read_openings(reader, facts, sink);
  reader.done();
  const auto span = [](const auto& entry) { return entry.span; };
  std::ranges::sort(facts.roster, {}, span);
  std::ranges::sort(facts.interruptions, {}, span);
  std::ranges::sort(facts.overrides, {}, span);
  std::ranges::sort(facts.self_openings, {}, span);
  cases.people[facts.person] = facts;
}

void read_decision(const Value& table, Cases& cases, ErrorSink& sink) {
  TableReader reader(table, "[[case]]", sink);
  DecisionCase wanted;
  wanted.at = table.at;
  wanted.name = reader.text("name", Need::kRequired).value_or("");
  const auto person = reader.text_at("person", Need::kRequired);
  if (person && !cases.people.contains(person->text)) {
    sink.add("case.unknown-person", person->at, "person '" + base::printable(person->text) + "'",
             "the id of a [[person]] of this file");
  }
  if (person) wanted.person = person->text;
  wanted.message_class = read_class(reader);
  wanted.instant = reader.instant("at", Need::kRequired).value_or(base::Instant{});
  wanted.effect = static_cast<model::Effect>(reader.choice("effect", Need::kRequired, kEffects).value_or(2));
  wanted.rules = read_names(reader, "rules", Need::kRequired);
  wanted.until = reader.instant("until", Need::kOptional);
  reader.done();
  cases.decisions.push_back(std::move(wanted));
}

void read_send(const Value& table, Cases& cases, ErrorSink& sink) {
  TableReader reader(table, "[[send]]", sink);
  SendCase wanted;
  wanted.at = table.at;
  wanted.name = reader.text("name", Need::kRequired).value_or("");
  wanted.groups = read_names(reader, "groups", Need::kRequired);
  wanted.message_class = read_class(reader);
  if (const Value* reason = reader.find("reason", Value::Kind::kText, Need::kRequired)) wanted.reason = reason->text;
  wanted.allowed = reader.boolean("allowed", Need::kRequired).value_or(false);
  wanted.code = reader.text("code", Need::kOptional).value_or("");
  reader.done();
  cases.sends.push_back(std::move(wanted));
}

void read_limit_case(const Value& table, Cases& cases, ErrorSink& sink) {
  TableReader reader(table, "[[limit]]", sink);
  LimitCase wanted;
  wanted.at = table.at;
  wanted.name = reader.text("name", Need::kRequired).value_or("");
  wanted.groups = read_names(reader, "groups", Need::kRequired);
  wanted.message_class = read_class(reader);
  wanted.limits = read_names(reader, "limits", Need::kRequired);
  std::ranges::sort(wanted.limits);
  reader.done();
  cases.limits.push_back(std::move(wanted));
}

void read_load_case(const Value& table, Cases& cases, ErrorSink& sink) {
  TableReader reader(table, "[[load]]", sink);
  LoadCase wanted;
  wanted.at = table.at;
  wanted.name = reader.text("name", Need::kRequired).value_or("");
  if (const Value* text = reader.find("pack", Value::Kind::kText, Need::kRequired)) wanted.pack = text->text;
  wanted.loads = reader.boolean("loads", Need::kRequired).value_or(false);
  wanted.code = reader.text("code", Need::kOptional).value_or("");
  reader.done();
  cases.loads.push_back(std::move(wanted));
}

void read_content_case(const Value& table, Cases& cases, ErrorSink& sink) {
  TableReader reader(table, "[[content]]", sink);
  ContentCase wanted;
  wanted.at = table.at;
  wanted.name = reader.text("name", Need::kRequired).value_or("");
  if (const Value* text = reader.find("text", Value::Kind::kText, Need::kRequired)) wanted.text = text->text;
  wanted.stops = read_names(reader, "stops", Need::kOptional);
  wanted.warns = read_names(reader, "warns", Need::kOptional);
  wanted.label = reader.text("label", Need::kOptional);
  wanted.allowed = reader.boolean("allowed", Need::kOptional).value_or(true);
  reader.done();
  cases.contents.push_back(std::move(wanted));
}

std::string joined_names(const std::vector<std::string>& names) {
  return joined(std::vector<std::string_view>(names.begin(), names.end()));
}

void read_settings(const Value& table, std::string about, std::initializer_list<std::string_view> keys, Cases& cases,
                   ErrorSink& sink) {
  TableReader reader(table, "[[" + about + "]]", sink);
  SettingsCase wanted;
  wanted.at = table.at;
  wanted.name = reader.text("name", Need::kRequired).value_or("");
  if (about == "log") about += " " + reader.text("record", Need::kRequired).value_or("");
  if (about == "retention") about += " " + std::string(name_of(read_class(reader)));
  for (const std::string_view key : keys) {
    const Value* value = reader.find(key, Need::kOptional);
    if (value == nullptr) continue;
    if (value->kind == Value::Kind::kInteger) {
      wanted.want.emplace_back(key, std::to_string(value->integer));
    } else if (value->kind == Value::Kind::kList) {
      wanted.want.emplace_back(key, joined_names(read_names(reader, key, Need::kOptional)));
    } else if (const auto text = reader.text(key, Need::kOptional)) {
      wanted.want.emplace_back(key, *text);
    }
  }
  reader.done();
  wanted.about = std::move(about);
  cases.settings.push_back(std::move(wanted));
}

std::map<std::string, std::string, std::less<>> settings_of(std::string_view about, const RuleSet& rules) {
  using base::format_duration;
  if (about == "devices") {
    const DeviceRules is = device_rules(rules);
    return {{"max", std::to_string(is.devices_max)},
            {"private", is.private_needs_consent ? "consent" : "allowed"},
            {"cite", is.cite}};
  }
  if (about == "sessions") {
    const SessionRules is = session_rules(rules);
    return {{"factors", std::to_string(is.factors)},
            {"lifetime", format_duration(is.lifetime)},
            {"idle", format_duration(is.idle)},
            {"step_up", format_duration(is.step_up)},
            {"failures", std::to_string(is.failures_max)},
            {"lock_for", format_duration(is.lock_for)}};
  }
  if (about == "push") {
    const PushRules is = push_rules(rules);
    std::vector<std::string_view> classes;
    for (const model::MessageClass c : model::kMessageClasses)
      if (is.classes[index_of(c)]) classes.push_back(name_of(c));
    return {{"payload", is.payload == PushPayload::kNothing ? "nothing" : "class"},
            {"jitter", format_duration(is.jitter)},
            {"classes", joined(classes)},
            {"cite", is.cite}};
  }
  if (about == "log_access") {
    const LogAccessRules is = log_access_rules(rules);
    return {{"smallest_cell", std::to_string(is.smallest_cell)},
            {"told_after", format_duration(is.told_after)},
            {"purposes", joined_names(is.purposes)},
            {"cite", is.cite}};
  }
  if (about.starts_with("log ")) {
    const auto& logs = rules.rules().logs;
    const auto holds = [&](const LogRule& rule) { return std::ranges::count(rule.records, about.substr(4)) > 0; };
    const auto rule = std::ranges::find_if(logs, holds);
    if (rule == logs.end()) return {{"keep", "nothing"}, {"rule", ""}};
    return {{"keep", std::string(name_of(rule->keep))}, {"rule", rule->head.id}};
  }
  const auto message_class = model::parse_message_class(about.substr(about.find(' ') + 1));
  const RetentionRules is = retention_rules(rules, message_class.value_or(model::MessageClass::kRoutine));
  return {{"period", format_duration(is.period)},
          {"ceiling", format_duration(is.ceiling)},
          {"floor", format_duration(is.floor)},
          {"clock", is.from_readable ? "readable" : "accepted"},
          {"rule", is.rule}};
}

}  // namespace

std::expected<Cases, Errors> read_cases(std::string_view name, std::string_view toml) {
  Errors errors;
  ErrorSink sink{std::string(name), errors};
  const auto root = parse_document(name, toml);
  if (!root) return std::unexpected(Errors{root.error()});
  Cases cases;
  TableReader reader(*root, "the cases", sink);
  cases.packs = read_names(reader, "packs", Need::kOptional);
  for (const Value* table : reader.tables("person")) read_person(*table, cases, sink);
  for (const Value* table : reader.tables("case")) read_decision(*table, cases, sink);
  for (const Value* table : reader.tables("send")) read_send(*table, cases, sink);
  for (const Value* table : reader.tables("devices"))
    read_settings(*table, "devices", {"max", "private", "cite"}, cases, sink);
  for (const Value* table : reader.tables("sessions"))
    read_settings(*table, "sessions", {"factors", "lifetime", "idle", "step_up", "failures", "lock_for"}, cases, sink);
  for (const Value* table : reader.tables("retention"))
    read_settings(*table, "retention", {"period", "ceiling", "floor", "clock", "rule"}, cases, sink);
  for (const Value* table : reader.tables("push"))
    read_settings(*table, "push", {"payload", "jitter", "classes", "cite"}, cases, sink);
  for (const Value* table : reader.tables("log")) read_settings(*table, "log", {"keep", "rule"}, cases, sink);
  for (const Value* table : reader.tables("log_access"))
    read_settings(*table, "log_access", {"smallest_cell", "told_after", "purposes", "cite"}, cases, sink);
  for (const Value* table : reader.tables("content")) read_content_case(*table, cases, sink);
  for (const Value* table : reader.tables("limit")) read_limit_case(*table, cases, sink);
  for (const Value* table : reader.tables("load")) read_load_case(*table, cases, sink);
  reader.done();
  const std::size_t all = cases.decisions.size() + cases.sends.size() + cases.settings.size() + cases.contents.size() +
                          cases.limits.size() + cases.loads.size();
  if (all == 0)
    sink.add("case.empty", {}, "a file without a single case",
             "at least one [[case]], [[send]], [[content]] or expected setting");
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return cases;
}

std::string mismatch(const SendCase& wanted, const RuleSet& rules) {
  const base::Status is = may_send(rules, wanted.groups, wanted.message_class, wanted.reason);
  if (is.has_value() != wanted.allowed) return is ? "allowed" : "refused with " + is.error().code;
  if (!is && !wanted.code.empty() && is.error().code != wanted.code) return "refused with " + is.error().code;
  return {};
}

std::string mismatch(const SettingsCase& wanted, const RuleSet& rules) {
  const auto is = settings_of(wanted.about, rules);
  std::string out;
  for (const auto& [key, value] : wanted.want)
    if (is.at(key) != value) out += (out.empty() ? "" : ", ") + key + " is " + is.at(key) + " and not " + value;
  return out;
}

std::string mismatch(const LimitCase& wanted, const RuleSet& rules) {
  std::vector<std::string> is;
  for (const SendLimit& limit : send_limits(rules, wanted.groups, wanted.message_class))
    is.push_back(std::to_string(limit.count) + " per " + base::format_duration(limit.per));
  std::ranges::sort(is);
  if (is == wanted.limits) return {};
  return "limits is [" + joined_names(is) + "] and not [" + joined_names(wanted.limits) + "]";
}

std::string mismatch(const LoadCase& wanted, const LoadedRules& loaded) {
  if (loaded) return wanted.loads ? "" : "loads";
  const auto has_code = [&](const base::Error& error) { return error.code == wanted.code; };
  if (!wanted.loads && (wanted.code.empty() || std::ranges::any_of(loaded.error(), has_code))) return {};
  return "refused with " + loaded.error().front().code;
}

std::string mismatch(const ContentCase& wanted, const RuleSet& rules) {
  const ContentSettings settings = content_rules(rules);
  const auto compiled = match::Content::compile(settings.markers);
  if (!compiled) return "the markers do not compile";
  const match::Verdict is = compiled->judge(wanted.text);
  std::string out;
  const auto differs = [&](std::string_view what, const std::string& seen, const std::string& expected) {
    if (seen == expected) return;
    out += (out.empty() ? "" : ", ") + std::string(what) + " is " + seen + " and not " + expected;
  };
  const auto list = [](const std::vector<std::string>& ids) { return "[" + joined_names(ids) + "]"; };
  differs("stops", is.unsearchable ? "everything" : list(is.stops), list(wanted.stops));
  differs("warns", list(is.warns), list(wanted.warns));
  if (!wanted.label) return out;
  const auto& labels = settings.labels;
  const bool allowed = labels.empty() || std::ranges::find(labels, *wanted.label) != labels.end();
  differs("label", allowed ? "allowed" : "refused", wanted.allowed ? "allowed" : "refused");
  return out;
}

}  // namespace policy::pack
