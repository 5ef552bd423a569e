#include "policy/tool/command/klartext.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "policy/base/words/german.h"
#include "policy/pack/cases.h"
#include "policy/render/markdown.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/write_file.h"

namespace policy::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKlartextBytesMax = 64ULL << 20;  // a pack of the largest size, in words

struct Made {
  std::string file;
  std::string text;
};

Input<std::vector<std::string>> packs_around(const fs::path& folder) {
  std::vector<std::string> paths{(folder / "pack.toml").string()};
  const std::string file = (folder / "cases.toml").string();
  std::error_code error;
  if (!fs::exists(file, error)) return paths;
  const auto text = read_file(file, pack::kPackBytesMax + 1);
  if (!text) return std::unexpected(text.error());
  const auto cases = pack::read_cases(file, *text);
  if (!cases) return std::unexpected(Failure{cases.error(), kDataError});
  for (const std::string& more : cases->packs) paths.push_back((folder / more).string());
  return paths;
}

// Both languages of one pack.
Input<std::vector<Made>> make(const std::string& pack) {
  const fs::path path(pack);
  std::error_code error;
  const fs::path folder = fs::is_directory(path, error) ? path : path.parent_path();
  const auto paths = packs_around(folder);
  if (!paths) return std::unexpected(paths.error());
  const auto rules = read_rules(*paths);
  if (!rules) return std::unexpected(rules.error());
  const render::Document document = render::document(**rules, 0);
  return std::vector<Made>{{(folder / "klartext.de.md").string(), render::markdown(document, Language::kGerman)},
                           {(folder / "klartext.en.md").string(), render::markdown(document, Language::kEnglish)}};
}

std::size_t first_line_that_differs(std::string_view a, std::string_view b) {
  const auto at = std::ranges::mismatch(a, b).in1;
  return static_cast<std::size_t>(std::count(a.begin(), at, '\n')) + 1;
}

std::optional<base::Error> stale(const Made& made) {
  const auto there = read_file(made.file, kKlartextBytesMax);
  if (there && *there == made.text) return std::nullopt;
  const std::string place = there ? ":" + std::to_string(first_line_that_differs(*there, made.text)) : "";
  return base::Error{
      "render.stale",
      there ? "a text that does not fit its rules" : "no text beside the rules",
      {},
      "run: feierabend-policy render --write " + base::printable(fs::path(made.file).parent_path().string(), 300),
      base::printable(made.file, 300) + place};
}

struct Outcome {
  std::string file;
  bool ok = true;
};

int conclude(const Context& context, Word word, const std::vector<Outcome>& outcomes, int exit_code) {
  if (context.question.json) {
    boost::json::array files;
    for (const Outcome& outcome : outcomes)
      files.emplace_back(boost::json::object{{"file", outcome.file}, {"ok", outcome.ok}});
    context.streams.out << boost::json::serialize(boost::json::object{{"files", std::move(files)}}) << '\n';
    return exit_code;
  }
  for (const Outcome& outcome : outcomes)
    if (outcome.ok) context.streams.out << say(context.question.language, word, outcome.file) << '\n';
  return exit_code;
}

}  // namespace

int write_klartext(const Context& context) {
  std::vector<Outcome> outcomes;
  for (const std::string& pack : context.question.packs) {
    const auto texts = make(pack);
    if (!texts) return report(context, texts.error());
    for (const Made& made : *texts) {
      if (const auto written = write_over(made.file, made.text); !written) return report(context, written.error());
      outcomes.push_back({made.file, true});
    }
  }
  return conclude(context, Word::kRenderWrote, outcomes, kDone);
}

int check_klartext(const Context& context) {
  std::vector<Outcome> outcomes;
  int exit_code = kDone;
  for (const std::string& pack : context.question.packs) {
    const auto texts = make(pack);
    if (!texts) return report(context, texts.error());
    for (const Made& made : *texts) {
      const auto error = stale(made);
      outcomes.push_back({made.file, !error});
      if (!error) continue;
      exit_code = kDataError;
      if (!context.question.json)
        context.streams.err << base::words::line_of(*error, context.question.language) << '\n';
    }
  }
  return conclude(context, Word::kRenderFits, outcomes, exit_code);
}

}  // namespace policy::tool
