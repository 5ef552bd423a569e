#include "gateway/console/api.h"

namespace gateway::console {

namespace {

std::string rules_text(const proxy::RulesStatus* rules) {
  if (rules == nullptr) return {};
  if (!rules->is_signed) return R"(,"rules":{"signed":false})";
  std::string warnings;
  for (const auto& code : rules->warnings) warnings += (warnings.empty() ? "\"" : ",\"") + code + "\"";
  const std::string next = rules->next ? "\"" + policy::base::format_instant(*rules->next) + "\"" : "null";
  return R"(,"rules":{"signed":true,"revision":)" + std::to_string(rules->revision) + R"(,"expires":")" +
         policy::base::format_instant(rules->expires) + R"(","next":)" + next + R"(,"warnings":[)" + warnings + "]}";
}

}  // namespace

// The process runs and answers. Says nothing about what it depends on.
Api::Json Api::healthz(const ApiRequest&) { return std::string(R"({"status":"ok"})"); }

// Everything that a message needs is there: relay, directory, store. Tells which rules are in force, too: rules that
// have expired stay in force and hold, so the service is ready, with a warning.
Api::Json Api::readyz(const ApiRequest&) {
  if (!services_.relay_up)
    return policy::base::fail("relay.unavailable", "the relay cannot be reached", "",
                              "start feierabend-relay or check its address");
  if (auto there = directory_.probe(); !there) return std::unexpected(there.error());
  if (auto there = services_.store.checkpoint(); !there) return std::unexpected(there.error());
  return R"({"status":"ready")" + rules_text(services_.rules_status.load().get()) + "}";
}

}  // namespace gateway::console
