#include "policy/prove/scope.h"

#include <algorithm>

#include "policy/pack/spelling.h"

namespace policy::prove {
namespace {

using pack::ClaimRule;
using pack::ExceptionRule;
using pack::ExceptionWhen;

bool by_choice(const ExceptionRule& exception) {
  return exception.when == ExceptionWhen::kOverride || exception.when == ExceptionWhen::kSelfOpen;
}

bool closes(const pack::RestRule& rest, pack::ClassSet classes) {
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (classes[c] && rest.effects[c] != model::Effect::kDeliver) return true;
  return false;
}

std::vector<std::string> suspended_by(const pack::Rules& rules, const ClaimRule& claim) {
  std::vector<std::string> ids;
  for (const ExceptionRule& exception : rules.exceptions) {
    const pack::ClassSet both = exception.classes & claim.classes;
    const auto lifts = [&](std::size_t rest) { return closes(rules.rests[rest], both); };
    if (by_choice(exception) && std::ranges::any_of(exception.pierces, lifts)) ids.push_back(exception.head.id);
  }
  return ids;
}

std::vector<std::string> out_of_scope(const pack::Rules& rules) {
  std::vector<std::string> families;
  const auto name = [&](bool present, const char* family) {
    if (present) families.emplace_back(family);
  };
  name(!rules.devices.cite.empty(), "devices");
  name(!rules.sessions.cite.empty(), "sessions");
  name(!rules.retentions.empty(), "retention");
  name(!rules.content.labels.empty() || !rules.content.markers.empty(), "content");
  name(!rules.push.cite.empty(), "push");
  name(!rules.alarms.empty(), "alarm");
  return families;
}

}  // namespace

base::Result<std::vector<const ClaimRule*>> claims_of(const pack::Rules& rules, const std::string& id) {
  std::vector<const ClaimRule*> claims;
  std::vector<std::string> ids;
  for (const ClaimRule& claim : rules.claims) {
    ids.push_back(claim.head.id);
    if (id.empty() || claim.head.id == id) claims.push_back(&claim);
  }
  if (ids.empty())
    return base::fail("prove.no-claims", "packs without any [[claim]]",
                      "at least one claim, since there is nothing to prove");
  if (claims.empty())
    return base::fail("prove.unknown-claim", "claim '" + base::printable(id) + "'",
                      "the id of a [[claim]] of any loaded pack", pack::did_you_mean(id, ids), "--claim");
  return claims;
}

const time::Zone& zone_of(const pack::Rules& rules, const ClaimRule& claim) {
  const auto& own = rules.packs[claim.head.pack].zone;
  return own ? *own : *rules.zone_table;
}

pack::Rules alone(const pack::Rules& rules, const std::string& pack) {
  pack::Rules out = rules;
  const auto of_pack = [&](const pack::RuleHead& head) { return rules.packs[head.pack].id == pack; };
  for (pack::RestRule& rest : out.rests) {
    rest.terms = rest.declared;
    if (!of_pack(rest.head)) rest.effects.fill(model::Effect::kDeliver);
  }
  std::erase_if(out.exceptions, [&](const ExceptionRule& exception) { return !of_pack(exception.head); });
  return out;
}

Report blank_report(const pack::Rules& rules) {
  Report report;
  report.digest = rules.digest;
  for (const pack::RestRule& rest : rules.rests) report.rests.push_back({rest.head.id, false, {}, 0});
  for (const ExceptionRule& exception : rules.exceptions)
    if (!by_choice(exception)) report.exceptions.push_back({exception.head.id, false, {}, 0});
  report.out_of_scope = out_of_scope(rules);
  return report;
}

ClaimReport blank_claim(const pack::Rules& rules, const ClaimRule& claim) {
  ClaimReport report;
  report.id = claim.head.id;
  report.kind = claim.kind;
  report.minimum = claim.minimum.value_or(base::Seconds{});
  report.during = claim.during;
  report.than = claim.than;
  report.classes = claim.classes;
  report.cite = claim.head.cite;
  report.suspended_by = suspended_by(rules, claim);
  return report;
}

std::vector<base::Instant> clock_changes(const pack::Rules& rules, base::Interval span) {
  std::vector<base::Instant> all;
  for (const pack::Pack& pack : rules.packs)
    if (pack.zone)
      for (const base::Instant change : pack.zone->clock_changes(span)) all.push_back(change);
  std::ranges::sort(all);
  const auto repeated = std::ranges::unique(all);
  all.erase(repeated.begin(), repeated.end());
  return all;
}

}  // namespace policy::prove
