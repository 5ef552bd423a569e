#include "audit/tool/command/command.h"

#include <CLI/CLI.hpp>
#include <ostream>

#include "audit/tool/command/output.h"
#include "audit/tool/command/table.h"

namespace audit::tool {
namespace {

// What the parser could not place says more than its own words.
policy::base::Error call_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto left = app.remaining(true);
  const auto command = app.get_subcommands();
  const std::string help = app.get_name() + (command.empty() ? "" : " " + command.front()->get_name()) + " --help";
  const std::string seen = left.empty() ? policy::base::printable(error.what(), 400)
                                        : "unknown word '" + policy::base::printable(left.front()) + "'";
  return {"call.syntax", seen, {}, "run: " + help, {}};
}

}  // namespace

int run(std::span<const std::string> arguments, const Streams& streams, const World& world, std::string_view locale) {
  Manner manner;
  manner.language = policy::base::words::language_of(policy::base::words::language_option(arguments), locale);
  Action chosen;
  const auto app = make_table(manner, chosen);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 takes them
  const Context context{manner, streams, world};
  try {
    app->parse(reversed);
  } catch (const CLI::Success& asked) {
    return app->exit(asked, streams.out, streams.err);  // help and version
  } catch (const CLI::ParseError& error) {
    return refuse(context, call_error(*app, error), kUsage);
  }
  return chosen(context);
}

}  // namespace audit::tool
