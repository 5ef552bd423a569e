// `feierabend-policy test`: the cases beside each pack.
#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "policy/base/words/german.h"
#include "policy/decide/decide.h"
#include "policy/pack/cases.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/input.h"
#include "policy/tool/command/output.h"

namespace policy::tool {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  std::string where;
  std::string name;
  std::string mismatch;  // empty: as expected
};

std::string mismatch(const pack::DecisionCase& wanted, const model::PersonFacts& facts, const pack::RuleSet& rules) {
  const model::Decision is = decide::decide(rules, facts, wanted.message_class, wanted.instant);
  std::string out;
  const auto differs = [&](std::string_view what, std::string_view seen, std::string_view expected) {
    if (seen != expected)
      out += (out.empty() ? "" : ", ") + say(Language::kEnglish, Word::kDiffers, what, seen, expected);
  };
  differs("effect", name_of(is.effect), name_of(wanted.effect));
  differs("rules", joined(is.rules), joined(wanted.rules));
  if (wanted.until) differs("until", base::format_instant(is.until), base::format_instant(*wanted.until));
  return out;
}

std::string in_language(const std::string& mismatch, Language language) {
  const std::string german = language == Language::kGerman ? base::words::twin_of(mismatch) : std::string();
  return german.empty() ? mismatch : german;
}

Input<std::vector<Outcome>> test_folder(const fs::path& folder) {
  const std::string file = (folder / "cases.toml").string();
  const auto text = read_file(file, pack::kPackBytesMax + 1);
  if (!text) return std::unexpected(text.error());
  const auto cases = pack::read_cases(file, *text);
  if (!cases) return std::unexpected(Failure{cases.error(), kDataError});
  std::vector<std::string> paths{(folder / "pack.toml").string()};
  for (const std::string& more : cases->packs) paths.push_back((folder / more).string());
  const auto rules = read_rules(paths);
  if (!rules) return std::unexpected(rules.error());
  std::vector<Outcome> outcomes;
  for (const auto& wanted : cases->decisions)
    outcomes.push_back(
        {where(file, wanted.at), wanted.name, mismatch(wanted, cases->people.at(wanted.person), **rules)});
  for (const auto& wanted : cases->sends)
    outcomes.push_back({where(file, wanted.at), wanted.name, pack::mismatch(wanted, **rules)});
  for (const auto& wanted : cases->settings)
    outcomes.push_back({where(file, wanted.at), wanted.name, pack::mismatch(wanted, **rules)});
  for (const auto& wanted : cases->contents)
    outcomes.push_back({where(file, wanted.at), wanted.name, pack::mismatch(wanted, **rules)});
  return outcomes;
}

int test_packs(const std::vector<std::string>& folders, bool as_json, Language language, const Streams& streams) {
  std::size_t passed = 0, failed = 0;
  int exit_code = kDone;
  boost::json::array results;
  for (const std::string& folder : folders) {
    const auto outcomes = test_folder(folder);
    if (!outcomes) {
      exit_code = std::max(exit_code, outcomes.error().exit_code);
      for (const base::Error& error : outcomes.error().errors)
        streams.err << base::words::line_of(error, language) << '\n';
      continue;
    }
    for (const Outcome& outcome : *outcomes) {
      (outcome.mismatch.empty() ? passed : failed) += 1;
      const bool ok = outcome.mismatch.empty();
      if (as_json) {
        boost::json::object object{{"where", outcome.where}, {"name", outcome.name}, {"ok", ok}};
        if (!ok) object["mismatch"] = outcome.mismatch;
        results.emplace_back(std::move(object));
      } else if (!ok) {
        streams.out << outcome.where << ": " << outcome.name << ": " << in_language(outcome.mismatch, language) << '\n';
      }
    }
  }
  if (as_json) {
    const boost::json::object all{{"passed", passed}, {"failed", failed}, {"cases", std::move(results)}};
    streams.out << boost::json::serialize(all) << '\n';
  } else {
    streams.out << say(language, Word::kCounts, passed, failed) << '\n';
  }
  return failed > 0 ? kDataError : exit_code;
}

}  // namespace

void add_test(Table& table) {
  CLI::App& sub = table.command("test", Word::kTest, [](const Context& context) {
    const Question& question = context.question;
    return test_packs(question.packs, question.json, question.language, context.streams);
  });
  sub.add_option("PACKDIR", table.question().packs, table.word(Word::kFolders))->required();
  table.add_json(sub);
}

}  // namespace policy::tool
