#include "policy/tool/command/command.h"

#include <CLI/CLI.hpp>
#include <ostream>

#include "policy/base/words/german.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/table.h"

namespace policy::tool {
namespace {

// What the parser could not place says more than its own words.
base::Error call_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto left = app.remaining(true);
  const auto command = app.get_subcommands();
  const std::string help = app.get_name() + (command.empty() ? "" : " " + command.front()->get_name()) + " --help";
  const std::string seen =
      left.empty() ? base::printable(error.what(), 400) : "unknown word '" + base::printable(left.front()) + "'";
  return {"call.syntax", seen, {}, "run: " + help, {}};
}

}  // namespace

int run(std::span<const std::string> arguments, const Streams& streams, const base::Clock& clock,
        std::string_view locale) {
  Question question;
  question.language = base::words::language_of(base::words::language_option(arguments), locale);
  Action chosen;
  const auto app = make_table(question, chosen);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 takes them
  const Context context{question, streams, clock};
  try {
    app->parse(reversed);
  } catch (const CLI::Success& asked) {
    return app->exit(asked, streams.out, streams.err);  // help and version
  } catch (const CLI::ParseError& error) {
    return usage(context, call_error(*app, error));
  }
  return chosen(context);
}

}  // namespace policy::tool
