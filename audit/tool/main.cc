// feierabend-audit: checks the metadata log without trusting who keeps it.
#include <cstdlib>
#include <string>
#include <vector>

#include "audit/tool/command_line.h"
#include "audit/tool/commands.h"
#include "audit/tool/completions.h"
#include "policy/base/random.h"

namespace {

using namespace audit::tool;

// The first of them that is set says which language the person reads (POSIX, "Internationalization Variables").
std::string locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

// What the parser could not place says more than its own words.
policy::base::Error call_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto left = app.remaining(true);
  const auto command = app.get_subcommands();
  const std::string help = app.get_name() + (command.empty() ? "" : " " + command.front()->get_name()) + " --help";
  const std::string seen = left.empty() ? policy::base::printable(error.what(), 400)
                                        : "unknown word '" + policy::base::printable(left.front()) + "'";
  return {"call.syntax", seen, {}, "run: " + help, {}};
}

int run(const CLI::App& app, const Arguments& a) {
  const Manner manner{a.json, a.language};
  if (app.got_subcommand("keygen")) return keygen(manner, a.name, a.file);
  if (app.got_subcommand("party-key")) return party_key(manner, a.file);
  if (app.got_subcommand("input-key")) return input_key(manner, a.sealed, a.officer, a.council, a.file);
  if (app.got_subcommand("verify")) return verify_log(manner, a.folder, a.key, a.since);
  if (app.got_subcommand("show")) {
    const auto count = a.count > 0 ? std::optional(a.count) : std::nullopt;
    return show(manner, a.folder, {a.from, count, a.type, a.key});
  }
  if (app.got_subcommand("proof")) return prove(manner, a.folder, a.entry, a.file);
  if (app.got_subcommand("verify-proof")) return verify_proof(manner, a.file, a.entry_file, a.key);
  if (app.got_subcommand("record")) return record(manner);
  say({false, a.language}, completions(app, a.shell).value_or(""), nullptr);
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  const policy::base::SystemRandom sodium_is_ready;
  const std::vector<std::string> words(argv + 1, argv + argc);
  Arguments arguments;
  arguments.language = policy::base::words::language_of(policy::base::words::language_option(words), locale());
  const auto app = make_table(arguments);
  try {
    app->parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app->exit(asked);  // help and version
  } catch (const CLI::ParseError& error) {
    return refuse({arguments.json, arguments.language}, call_error(*app, error), kUsage);
  }
  return run(*app, arguments);
}
