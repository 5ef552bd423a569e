// feierabend-audit: checks the metadata log without trusting who keeps it.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>
#include <string_view>

#include "audit/tool/commands.h"
#include "audit/tool/completions.h"
#include "policy/base/random.h"

namespace {

using audit::tool::Manner;

struct Arguments {
  Manner manner;
  std::string language, folder, key, name, file, entry_file, shell, since;
  std::uint64_t entry = 0, count = 0;
  audit::tool::ShowOptions show;
};

std::string default_language() {
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(variable); value != nullptr && *value != '\0')
      return std::string_view(value).starts_with("de") ? "de" : "en";
  return "en";
}

CLI::App* add_command(CLI::App& app, Arguments& arguments, const char* name, const char* description) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_flag("--json", arguments.manner.json, "print JSON");
  command->add_option("--lang", arguments.language, "language: en or de")->check(CLI::IsMember({"en", "de"}));
  return command;
}

void declare(CLI::App& app, Arguments& a) {
  constexpr const char* kKey = "verifier key, or the file that holds it";
  auto* keygen = add_command(app, a, "keygen", "make a signing key; prints the verifier key");
  keygen->add_option("NAME", a.name, "origin of the log, as authority.example/audit")->required();
  keygen->add_option("--out", a.file, "file for the secret signing key")->required();

  auto* party = add_command(app, a, "party-key", "make the key pair of officer or council; prints the public half");
  party->add_option("--out", a.file, "file for the secret half, to be kept by that party alone")->required();

  auto* verify = add_command(app, a, "verify", "check a whole log");
  verify->add_option("FOLDER", a.folder, "folder of the log of one year")->required();
  verify->add_option("--key", a.key, kKey)->required();
  verify->add_option("--since", a.since, "file of a checkpoint seen earlier: is this log its continuation?");

  auto* show = add_command(app, a, "show", "tell the records in words");
  show->add_option("FOLDER", a.folder, "folder of the log of one year")->required();
  show->add_option("--from", a.show.from, "first entry");
  show->add_option("--count", a.count, "at most so many entries");
  show->add_option("--type", a.show.type, "only this type, as login-refused");
  show->add_option("--key", a.show.key, "verifier key or its file: prove each entry shown");

  auto* proof = add_command(app, a, "proof", "write a proof that stands alone");
  proof->add_option("FOLDER", a.folder, "folder of the log of one year")->required();
  proof->add_option("ENTRY", a.entry, "number of the entry")->required();
  proof->add_option("--out", a.file, "file to write; ends in .tlog-proof");

  auto* verify_proof = add_command(app, a, "verify-proof", "check such a proof");
  verify_proof->add_option("FILE", a.file, "the proof")->required();
  verify_proof->add_option("--key", a.key, kKey)->required();
  verify_proof->add_option("--entry", a.entry_file, "file of the entry, if the proof does not carry it");

  add_command(app, a, "record", "tell what the log holds, why and for how long (GDPR Art. 30)");

  auto* completions = app.add_subcommand("completions", "print a completion script");
  completions->add_option("SHELL", a.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

int run(const CLI::App& app, Arguments& a) {
  using namespace audit::tool;
  if (a.language.empty()) a.language = default_language();
  if (a.language == "de") a.manner.language = audit::event::Language::kGerman;
  if (a.count > 0) a.show.count = a.count;
  if (app.got_subcommand("keygen")) return keygen(a.manner, a.name, a.file);
  if (app.got_subcommand("party-key")) return party_key(a.manner, a.file);
  if (app.got_subcommand("verify")) return verify_log(a.manner, a.folder, a.key, a.since);
  if (app.got_subcommand("show")) return show(a.manner, a.folder, a.show);
  if (app.got_subcommand("proof")) return prove(a.manner, a.folder, a.entry, a.file);
  if (app.got_subcommand("verify-proof")) return verify_proof(a.manner, a.file, a.entry_file, a.key);
  if (app.got_subcommand("record")) return record(a.manner);
  say(a.manner, completions(app, a.shell).value_or(""), nullptr);
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  const policy::base::SystemRandom sodium_is_ready;
  CLI::App app{"Checks the metadata log of Feierabend without trusting who keeps it.", "feierabend-audit"};
  app.require_subcommand(1);
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? audit::tool::kDone : audit::tool::kUsage;
  }
  return run(app, arguments);
}
