// `feierabend-policy check`: load packs together and say what is wrong or odd.
#include <boost/json.hpp>
#include <ostream>

#include "policy/base/words/german.h"
#include "policy/check/findings.h"
#include "policy/pack/rules.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"

namespace policy::tool {
namespace {

namespace json = boost::json;

void print_json(const pack::RuleSet& rules, const pack::Errors& found, bool strict, std::ostream& out) {
  json::array packs;
  for (const pack::Pack& pack : rules.rules().packs)
    packs.emplace_back(json::object{{"id", pack.id}, {"layer", name_of(pack.layer)}, {"version", pack.version}});
  const bool ok = found.empty() || !strict;
  const json::object all{{"ok", ok}, {"digest", digest(rules)}, {"packs", packs}, {"findings", json_of(found)}};
  out << json::serialize(all) << '\n';
}

void print_lines(const pack::RuleSet& rules, const pack::Errors& found, bool strict, Language language,
                 std::ostream& out) {
  for (const base::Error& finding : found) out << base::words::line_of(finding, language) << '\n';
  std::vector<std::vector<std::string>> rows;
  for (const pack::Pack& pack : rules.rules().packs)
    rows.push_back({pack.id, say(language, pack.layer), say(language, Word::kPackVersion, pack.version)});
  print_table(out, rows);
  const bool refused = strict && !found.empty();
  out << say(language, refused ? Word::kOdd : Word::kGood, refused ? std::to_string(found.size()) : digest(rules))
      << '\n';
}

int check_packs(const Context& context, bool strict) {
  const auto rules = read_rules(context.question.packs);
  if (!rules && !context.question.json) return report(context, rules.error());
  std::ostream& out = context.streams.out;
  if (!rules) {
    out << json::serialize(json::object{{"ok", false}, {"errors", json_of(rules.error().errors)}}) << '\n';
    return rules.error().exit_code;
  }
  const pack::Errors found = check::findings(**rules);
  if (context.question.json)
    print_json(**rules, found, strict, out);
  else
    print_lines(**rules, found, strict, context.question.language, out);
  return strict && !found.empty() ? kDataError : kDone;
}

}  // namespace

void add_check(Table& table) {
  auto strict = std::make_shared<bool>(false);
  CLI::App& sub =
      table.command("check", Word::kCheck, [strict](const Context& context) { return check_packs(context, *strict); });
  sub.add_option("PACK", table.question().packs, table.word(Word::kPacks))->required();
  sub.add_flag("--strict", *strict, table.word(Word::kStrict));
  table.add_json(sub);
}

}  // namespace policy::tool
