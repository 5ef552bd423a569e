#include <array>

#include "policy/pack/family_reader.h"

namespace policy::pack {

constexpr std::int64_t kDevicesMax = 100;
constexpr std::int64_t kFailuresMax = 1000;
constexpr base::Seconds kRetentionMax{3660 * 86400};

void read_devices(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[devices]", sink);
  DevicesDraft devices;
  devices.at = table.at;
  const auto max = reader.integer("max", Need::kRequired, 0, kDevicesMax);
  constexpr std::array<std::string_view, 2> kPrivate{"allowed", "consent"};
  devices.private_needs_consent = reader.choice("private", Need::kOptional, kPrivate).value_or(0) == 1;
  devices.cite = reader.text("cite", Need::kOptional).value_or("");
  reader.done();
  if (!max) return;
  devices.max = *max;
  draft.devices = devices;
}

void read_sessions(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[sessions]", sink);
  SessionsDraft sessions;
  sessions.at = table.at;
  sessions.factors = reader.integer("factors", Need::kOptional, 1, 3);
  sessions.lifetime = reader.duration("lifetime", Need::kOptional);
  sessions.idle = reader.duration("idle", Need::kOptional);
  sessions.step_up = reader.duration("step_up", Need::kOptional);
  sessions.failures = reader.integer("failures", Need::kOptional, 1, kFailuresMax);
  sessions.lock_for = reader.duration("lock_for", Need::kOptional);
  sessions.cite = reader.text("cite", Need::kOptional).value_or("");
  reader.done();
  draft.sessions = sessions;
}

void read_retention(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[retention]]", sink);
  RetentionRule rule;
  rule.head = read_head(reader, draft);
  rule.classes = read_classes(reader, "classes", Need::kOptional);
  rule.floor = read_bounded(reader, "floor", Need::kOptional, kRetentionMax);
  rule.ceiling = read_bounded(reader, "ceiling", Need::kOptional, kRetentionMax);
  rule.period = read_bounded(reader, "period", Need::kRequired, kRetentionMax);
  constexpr std::array<std::string_view, 2> kClocks{"accepted", "readable"};
  rule.from_readable = reader.choice("clock", Need::kOptional, kClocks).value_or(0) == 1;
  reader.done();
  const auto complain = [&](std::string seen, std::string allowed) {
    sink.add("pack.value", table.at, std::move(seen) + " in " + reader.place(), std::move(allowed));
  };
  if (rule.period && *rule.period == base::Seconds{}) complain("a period of nothing", "longer than 0");
  if (rule.from_readable && !rule.ceiling)
    complain("clock 'readable' without a ceiling", "a ceiling, so that what is never readable ends too");
  if (rule.period && rule.ceiling && *rule.ceiling < *rule.period)
    complain("a ceiling below the period", "period ≤ ceiling");
  if (rule.period && rule.floor && *rule.period < *rule.floor) complain("a floor above the period", "floor ≤ period");
  draft.retentions.push_back(std::move(rule));
}

void read_alarm(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[alarm]]", sink);
  AlarmRule rule;
  rule.head = read_head(reader, draft);
  rule.classes = read_classes(reader, "classes", Need::kRequired);
  for (TextAt& sender : reader.texts("senders", Need::kRequired)) rule.senders.push_back(std::move(sender.text));
  for (TextAt& reason : reader.texts("reasons", Need::kOptional)) rule.reasons.push_back(std::move(reason.text));
  if (const Value* limit = reader.table("limit", Need::kOptional)) {
    TableReader inside(*limit, "limit of " + reader.place(), sink);
    rule.limit_count = inside.integer("count", Need::kRequired, 1, 1'000'000);
    rule.limit_per = inside.duration("per", Need::kRequired);
    inside.done();
  }
  reader.done();
  draft.alarms.push_back(std::move(rule));
}

}  // namespace policy::pack
