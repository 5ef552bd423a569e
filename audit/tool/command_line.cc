#include "audit/tool/command_line.h"

namespace audit::tool {
namespace {

class Table {
 public:
  explicit Table(Arguments& arguments)
      : a_(arguments), app_(std::make_unique<CLI::App>(word(Word::kProgram), "feierabend-audit")) {
    dress(*app_);
    app_->set_version_flag("--version", std::string("feierabend-audit ") + FEIERABEND_VERSION, word(Word::kVersion));
    app_->require_subcommand(1);
    app_->footer(word(Word::kFooter));
  }

  std::unique_ptr<CLI::App> build() {
    keys();
    logs();
    proofs();
    command("record", Word::kRecord);
    auto& completions = command("completions", Word::kCompletions);
    option(completions, "SHELL", a_.shell, Word::kShell)->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    return std::move(app_);
  }

 private:
  std::string word(Word name) const { return say(a_.language, name); }

  void dress(CLI::App& app) {
    auto formatter = std::make_shared<CLI::Formatter>();
    constexpr std::pair<const char*, Word> kLabels[] = {
        {"OPTIONS", Word::kLabelOptionsBadge},  {"SUBCOMMAND", Word::kLabelCommandBadge},
        {"Positionals", Word::kLabelArguments}, {"Usage", Word::kLabelUsage},
        {"REQUIRED", Word::kLabelRequired},     {"UINT", Word::kLabelNumber}};
    for (const auto& [label, name] : kLabels) formatter->label(label, word(name));
    app.formatter(formatter);
    app.option_defaults()->group(word(Word::kLabelOptions));
    app.set_help_flag("-h,--help", word(Word::kHelp));
    // Read before the table was built, because help is written in it.
    app.add_option("--lang", a_.language_option, word(Word::kLang))->check(CLI::IsMember({"en", "de"}));
  }

  CLI::App& command(const char* name, Word description) {
    CLI::App& sub = *app_->add_subcommand(name, word(description));
    dress(sub);
    sub.group(word(Word::kLabelCommands));
    sub.add_flag("--json", a_.json, word(Word::kJson));
    return sub;
  }

  template <typename Value>
  CLI::Option* option(CLI::App& sub, const char* name, Value& value, Word description) {
    return sub.add_option(name, value, word(description));
  }

  void keys() {
    auto& keygen = command("keygen", Word::kKeygen);
    option(keygen, "NAME", a_.name, Word::kOrigin)->required();
    option(keygen, "--out", a_.file, Word::kSecretFile)->required();
    auto& party = command("party-key", Word::kPartyKey);
    option(party, "--out", a_.file, Word::kPartyFile)->required();
    auto& input = command("input-key", Word::kInputKey);
    option(input, "SEALED", a_.sealed, Word::kSealedFile)->required();
    option(input, "--officer", a_.officer, Word::kOfficerSecret)->required();
    option(input, "--council", a_.council, Word::kCouncilSecret)->required();
    option(input, "--out", a_.file, Word::kInputKeyOut)->required();
  }

  void logs() {
    auto& verify = command("verify", Word::kVerify);
    option(verify, "FOLDER", a_.folder, Word::kFolder)->required();
    option(verify, "--key", a_.key, Word::kKey)->required();
    option(verify, "--since", a_.since, Word::kSince);
    auto& show = command("show", Word::kShow);
    option(show, "FOLDER", a_.folder, Word::kFolder)->required();
    option(show, "--from", a_.from, Word::kFrom);
    option(show, "--count", a_.count, Word::kCount);
    option(show, "--type", a_.type, Word::kType);
    option(show, "--key", a_.key, Word::kShowKey);
  }

  void proofs() {
    auto& proof = command("proof", Word::kProof);
    option(proof, "FOLDER", a_.folder, Word::kFolder)->required();
    option(proof, "ENTRY", a_.entry, Word::kEntry)->required();
    option(proof, "--out", a_.file, Word::kProofOut);
    auto& verify_proof = command("verify-proof", Word::kVerifyProof);
    option(verify_proof, "FILE", a_.file, Word::kProofFile)->required();
    option(verify_proof, "--key", a_.key, Word::kKey)->required();
    option(verify_proof, "--entry", a_.entry_file, Word::kEntryFile);
  }

  Arguments& a_;
  std::unique_ptr<CLI::App> app_;
};

}  // namespace

std::unique_ptr<CLI::App> make_table(Arguments& arguments) { return Table(arguments).build(); }

}  // namespace audit::tool
