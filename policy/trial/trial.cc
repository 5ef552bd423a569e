#include "policy/trial/trial.h"

#include "policy/decide/decide.h"

namespace policy::trial {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out.empty() ? "–" : out;
}

std::string mismatch(const pack::DecisionCase& wanted, const model::PersonFacts& facts, const pack::RuleSet& rules) {
  const model::Decision is = decide::decide(rules, facts, wanted.message_class, wanted.instant);
  std::string out;
  const auto differs = [&](std::string_view what, std::string_view seen, std::string_view expected) {
    if (seen == expected) return;
    out += (out.empty() ? "" : ", ") + std::string(what) + " is " + std::string(seen) + " and not " +
           std::string(expected);
  };
  differs("effect", name_of(is.effect), name_of(wanted.effect));
  differs("rules", joined(is.rules), joined(wanted.rules));
  if (wanted.until) differs("until", base::format_instant(is.until), base::format_instant(*wanted.until));
  return out;
}

}  // namespace

std::string Trial::load_mismatch(const pack::LoadCase& wanted, const pack::Value* root) {
  const auto more = pack::parse_pack({wanted.name, wanted.pack});
  if (!more) return pack::mismatch(wanted, std::unexpected(std::vector{more.error()}));
  std::vector<pack::ParsedPack> packs = packs_;
  packs.push_back(*more);
  return pack::mismatch(wanted, reloader_.load(packs, root));
}

void Trial::run(const pack::RuleSet& rules, const pack::Value* root, const std::function<bool(Outcome)>& visit) {
  for (const auto& wanted : cases_.decisions)
    if (!visit({wanted.at, wanted.name, mismatch(wanted, cases_.people.at(wanted.person), rules)})) return;
  for (const auto& wanted : cases_.sends)
    if (!visit({wanted.at, wanted.name, pack::mismatch(wanted, rules)})) return;
  for (const auto& wanted : cases_.settings)
    if (!visit({wanted.at, wanted.name, pack::mismatch(wanted, rules)})) return;
  for (const auto& wanted : cases_.limits)
    if (!visit({wanted.at, wanted.name, pack::mismatch(wanted, rules)})) return;
  for (const auto& wanted : cases_.loads)
    if (!visit({wanted.at, wanted.name, load_mismatch(wanted, root)})) return;
  for (const auto& wanted : cases_.contents)
    if (!visit({wanted.at, wanted.name, pack::mismatch(wanted, rules)})) return;
}

std::vector<Outcome> Trial::outcomes(const pack::RuleSet& rules, const pack::Value* root) {
  std::vector<Outcome> all;
  run(rules, root, [&](Outcome outcome) {
    all.push_back(std::move(outcome));
    return true;
  });
  return all;
}

bool Trial::fails(const pack::RuleSet& rules, const pack::Value* root) {
  bool failed = false;
  run(rules, root, [&](const Outcome& outcome) {
    failed = !outcome.mismatch.empty();
    return !failed;
  });
  return failed;
}

}  // namespace policy::trial
