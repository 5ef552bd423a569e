// `feierabend-policy test`: the cases beside each pack.
#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "policy/base/words/german.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/trials.h"

namespace policy::tool {
namespace {

namespace fs = std::filesystem;

std::string in_language(const std::string& mismatch, Language language) {
  const std::string german = language == Language::kGerman ? base::words::twin_of(mismatch) : std::string();
  return german.empty() ? mismatch : german;
}

class Report {
 public:
  explicit Report(const Context& context) : context_(context) {}

  void add(FolderTrial& folder) {
    for (const trial::Outcome& outcome : folder.trial.outcomes(*folder.rules)) {
      const bool ok = outcome.mismatch.empty();
      (ok ? passed_ : failed_) += 1;
      const std::string where = pack::where(folder.cases_file, outcome.at);
      if (context_.question.json) {
        boost::json::object object{{"where", where}, {"name", outcome.name}, {"ok", ok}};
        if (!ok) object["mismatch"] = outcome.mismatch;
        results_.emplace_back(std::move(object));
      } else if (!ok) {
        context_.streams.out << where << ": " << outcome.name << ": "
                             << in_language(outcome.mismatch, context_.question.language) << '\n';
      }
    }
  }

  // Gives the exit code.
  int close(int exit_code) {
    std::ostream& out = context_.streams.out;
    if (context_.question.json) {
      const boost::json::object all{{"passed", passed_}, {"failed", failed_}, {"cases", std::move(results_)}};
      out << boost::json::serialize(all) << '\n';
    } else {
      out << say(context_.question.language, Word::kCounts, passed_, failed_) << '\n';
    }
    return failed_ > 0 ? kDataError : exit_code;
  }

 private:
  const Context& context_;
  std::size_t passed_ = 0, failed_ = 0;
  boost::json::array results_;
};

int test_packs(const Context& context) {
  Report report(context);
  int exit_code = kDone;
  for (const std::string& path : context.question.packs) {
    auto folder = read_folder(path);
    if (folder) {
      report.add(*folder);
      continue;
    }
    exit_code = std::max(exit_code, folder.error().exit_code);
    for (const base::Error& error : folder.error().errors)
      context.streams.err << base::words::line_of(error, context.question.language) << '\n';
  }
  return report.close(exit_code);
}

}  // namespace

Input<FolderTrial> read_folder(const std::string& path) {
  const fs::path folder(path);
  const std::string file = (folder / "cases.toml").string();
  const auto text = read_file(file, pack::kPackBytesMax + 1);
  if (!text) return std::unexpected(text.error());
  auto cases = pack::read_cases(file, *text);
  if (!cases) return std::unexpected(Failure{cases.error(), kDataError});
  std::vector<std::string> paths{(folder / "pack.toml").string()};
  for (const std::string& more : cases->packs) paths.push_back((folder / more).string());
  const auto sources = read_pack_sources(paths);
  if (!sources) return std::unexpected(sources.error());
  std::vector<pack::ParsedPack> packs;
  for (const pack::PackSource& source : *sources) {
    auto parsed = pack::parse_pack(source);
    if (!parsed) return std::unexpected(Failure{{parsed.error()}, kDataError});
    packs.push_back(std::move(*parsed));
  }
  trial::Trial trial(std::move(packs), std::move(*cases));
  auto rules = trial.load();
  if (!rules) return std::unexpected(Failure{std::move(rules.error()), kDataError});
  return FolderTrial{paths.front(), file, std::move(trial), std::move(*rules)};
}

void add_test(Table& table) {
  auto mutated = std::make_shared<bool>(false);
  CLI::App& sub = table.command("test", Word::kTest, [mutated](const Context& context) {
    return *mutated ? test_mutants(context) : test_packs(context);
  });
  sub.add_option("PACKDIR", table.question().packs, table.word(Word::kFolders))->required();
  sub.add_flag("--mutate", *mutated, table.word(Word::kMutate));
  table.add_json(sub);
}

}  // namespace policy::tool
