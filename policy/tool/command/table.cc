#include "policy/tool/command/table.h"

#include <ostream>

#include "policy/tool/command/completions.h"

namespace policy::tool {
namespace {

class Table {
 public:
  Table(Question& question, Action& chosen)
      : question_(question),
        chosen_(chosen),
        app_(std::make_unique<CLI::App>(word(Word::kProgram), "feierabend-policy")) {
    dress(*app_);
    app_->set_version_flag("--version", std::string("feierabend-policy ") + FEIERABEND_VERSION, word(Word::kVersion));
    app_->require_subcommand(1);
    app_->footer(word(Word::kFooter));
  }

  std::unique_ptr<CLI::App> build(const Actions& actions) {
    CLI::App& check = command("check", Word::kCheck, actions.check);
    check.add_option("PACK", question_.packs, word(Word::kPacks))->required();
    add_json(check);
    for (CLI::App* sub :
         {&command("decide", Word::kDecide, actions.decide), &command("explain", Word::kExplain, actions.explain)}) {
      add_facts(*sub);
      option(*sub, "--at", question_.at, Word::kAt, "INSTANT");
    }
    CLI::App& timeline = command("timeline", Word::kTimeline, actions.timeline);
    add_facts(timeline);
    option(timeline, "--from", question_.from, Word::kFrom, "INSTANT")->required();
    option(timeline, "--to", question_.to, Word::kTo, "INSTANT")->required();
    CLI::App& test = command("test", Word::kTest, actions.test);
    test.add_option("PACKDIR", question_.packs, word(Word::kFolders))->required();
    add_json(test);
    CLI::App& completions_command =
        command("completions", Word::kCompletions, [app = app_.get()](const Context& context) {
          context.streams.out << completions(*app, context.question.shell);
          return kDone;
        });
    completions_command.add_option("SHELL", question_.shell, word(Word::kShell))
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    return std::move(app_);
  }

 private:
  std::string word(Word name) const { return say(question_.language, name); }

  void dress(CLI::App& app) {
    auto formatter = std::make_shared<CLI::Formatter>();
    constexpr std::pair<const char*, Word> kLabels[] = {{"OPTIONS", Word::kLabelOptionsBadge},
                                                        {"SUBCOMMAND", Word::kLabelCommandBadge},
                                                        {"Positionals", Word::kLabelArguments},
                                                        {"Usage", Word::kLabelUsage},
                                                        {"REQUIRED", Word::kLabelRequired},
                                                        {"FILE", Word::kLabelFile},
                                                        {"ID", Word::kLabelId},
                                                        {"CLASS", Word::kLabelClass},
                                                        {"INSTANT", Word::kLabelInstant}};
    for (const auto& [label, name] : kLabels) formatter->label(label, word(name));
    app.formatter(formatter);
    app.option_defaults()->group(word(Word::kLabelOptions));
    app.set_help_flag("-h,--help", word(Word::kHelp));
    // Read before the table was built, because help is written in it; --language is the older name.
    app.add_option("--lang,--language", question_.language_option, word(Word::kLang))
        ->check(CLI::IsMember({"de", "en"}));
  }

  CLI::App& command(const char* name, Word description, Action action) {
    CLI::App& sub = *app_->add_subcommand(name, word(description));
    dress(sub);
    sub.group(word(Word::kLabelCommands));
    sub.callback([&chosen = chosen_, action = std::move(action)] { chosen = action; });
    return sub;
  }

  CLI::Option* option(CLI::App& sub, const char* name, std::string& value, Word description, const char* type) {
    return sub.add_option(name, value, word(description))->type_name(type);
  }

  void add_json(CLI::App& sub) { sub.add_flag("--json", question_.json, word(Word::kJson)); }

  void add_facts(CLI::App& sub) {
    sub.add_option("--pack", question_.packs, word(Word::kPacks))->required()->type_name("FILE");
    option(sub, "--people", question_.files.people, Word::kPeople, "FILE")->required();
    option(sub, "--roster", question_.files.roster, Word::kRoster, "FILE")->required();
    option(sub, "--interruptions", question_.files.interruptions, Word::kInterruptions, "FILE");
    option(sub, "--person", question_.person, Word::kPerson, "ID")->required();
    option(sub, "--class", question_.message_class, Word::kClass, "CLASS")->required();
    add_json(sub);
  }

  Question& question_;
  Action& chosen_;
  std::unique_ptr<CLI::App> app_;
};

}  // namespace

std::unique_ptr<CLI::App> make_table(Question& question, const Actions& actions, Action& chosen) {
  return Table(question, chosen).build(actions);
}

}  // namespace policy::tool
