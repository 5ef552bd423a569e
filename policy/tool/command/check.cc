// `feierabend-policy check`: load packs together and say what is wrong or odd.
#include <boost/json.hpp>
#include <ostream>

#include "policy/base/words/german.h"
#include "policy/pack/rules.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"

namespace policy::tool {
namespace {

namespace json = boost::json;

int check(const Context& context) {
  const auto rules = read_rules(context.question.packs);
  if (!rules && !context.question.json) return report(context, rules.error());
  std::ostream& out = context.streams.out;
  if (!rules) {
    out << json::serialize(json::object{{"ok", false}, {"errors", json_of(rules.error().errors)}}) << '\n';
    return rules.error().exit_code;
  }
  const pack::Errors found = pack::findings(**rules);
  if (context.question.json) {
    json::array packs;
    for (const pack::Pack& pack : (*rules)->rules().packs)
      packs.emplace_back(json::object{{"id", pack.id}, {"layer", name_of(pack.layer)}, {"version", pack.version}});
    const json::object all{{"ok", true}, {"digest", digest(**rules)}, {"packs", packs}, {"findings", json_of(found)}};
    out << json::serialize(all) << '\n';
    return kDone;
  }
  const Language language = context.question.language;
  for (const base::Error& finding : found) out << base::words::line_of(finding, language) << '\n';
  std::vector<std::vector<std::string>> rows;
  for (const pack::Pack& pack : (*rules)->rules().packs)
    rows.push_back({pack.id, say(language, pack.layer), say(language, Word::kPackVersion, pack.version)});
  print_table(out, rows);
  out << say(language, Word::kGood, digest(**rules)) << '\n';
  return kDone;
}

}  // namespace

void add_check(Table& table) {
  CLI::App& sub = table.command("check", Word::kCheck, check);
  sub.add_option("PACK", table.question().packs, table.word(Word::kPacks))->required();
  table.add_json(sub);
}

}  // namespace policy::tool
