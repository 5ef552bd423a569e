#include "policy/tool/command/table.h"

#include "policy/tool/command/commands.h"

namespace policy::tool {

Table::Table(Question& question, Action& chosen)
    : question_(question),
      chosen_(chosen),
      app_(std::make_unique<CLI::App>(word(Word::kProgram), "feierabend-policy")) {
  dress(*app_);
  app_->set_version_flag("--version", std::string("feierabend-policy ") + FEIERABEND_VERSION, word(Word::kVersion));
  app_->require_subcommand(1);
  app_->footer(word(Word::kFooter));
}

void Table::dress(CLI::App& app) {
  auto formatter = std::make_shared<CLI::Formatter>();
  constexpr std::pair<const char*, Word> kLabels[] = {{"OPTIONS", Word::kLabelOptionsBadge},
                                                      {"SUBCOMMAND", Word::kLabelCommandBadge},
                                                      {"Positionals", Word::kLabelArguments},
                                                      {"Usage", Word::kLabelUsage},
                                                      {"REQUIRED", Word::kLabelRequired},
                                                      {"FILE", Word::kLabelFile},
                                                      {"ID", Word::kLabelId},
                                                      {"CLASS", Word::kLabelClass},
                                                      {"INSTANT", Word::kLabelInstant},
                                                      {"FORMAT", Word::kLabelFormat},
                                                      {"SHIFT", Word::kLabelShift},
                                                      {"DATE", Word::kLabelDate},
                                                      {"PREFIX", Word::kLabelPrefix},
                                                      {"NUMBER", Word::kLabelNumber},
                                                      {"ZONE", Word::kLabelZone}};
  for (const auto& [label, name] : kLabels) formatter->label(label, word(name));
  app.formatter(formatter);
  app.option_defaults()->group(word(Word::kLabelOptions));
  app.set_help_flag("-h,--help", word(Word::kHelp));
  // Read before the table was built, because help is written in it; --language is the older name.
  app.add_option("--lang,--language", question_.language_option, word(Word::kLang))->check(CLI::IsMember({"de", "en"}));
}

CLI::App& Table::command(const char* name, Word description, Action action) {
  CLI::App& sub = *app_->add_subcommand(name, word(description));
  dress(sub);
  sub.group(word(Word::kLabelCommands));
  sub.callback([&chosen = chosen_, action = std::move(action)] { chosen = action; });
  return sub;
}

CLI::Option* Table::option(CLI::App& sub, const char* name, std::string& value, Word description, const char* type) {
  return sub.add_option(name, value, word(description))->type_name(type);
}

CLI::Option* Table::option(CLI::App& sub, const char* name, std::vector<std::string>& values, Word description,
                           const char* type) {
  return sub.add_option(name, values, word(description))->type_name(type)->allow_extra_args(false);
}

CLI::Option* Table::add_packs(CLI::App& sub) {
  return sub.add_option("--pack", question_.packs, word(Word::kPacks))->required()->type_name("FILE");
}

void Table::add_facts(CLI::App& sub) {
  option(sub, "--people", question_.files.people, Word::kPeople, "FILE")->required();
  option(sub, "--roster", question_.files.roster, Word::kRoster, "FILE")->required();
  option(sub, "--interruptions", question_.files.interruptions, Word::kInterruptions, "FILE");
  option(sub, "--zone", question_.files.zone, Word::kRosterZone, "ZONE");
}

void Table::add_json(CLI::App& sub) { sub.add_flag("--json", question_.json, word(Word::kJson)); }

std::unique_ptr<CLI::App> make_table(Question& question, Action& chosen) {
  Table table(question, chosen);
  for (const auto& add : kCommands) add(table);
  return table.take();
}

}  // namespace policy::tool
