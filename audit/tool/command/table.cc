#include "audit/tool/command/table.h"

#include "audit/tool/command/commands.h"

namespace audit::tool {

Table::Table(Manner& manner, Action& chosen)
    : manner_(manner), chosen_(chosen), app_(std::make_unique<CLI::App>(word(Word::kProgram), "feierabend-audit")) {
  dress(*app_);
  app_->set_version_flag("--version", std::string("feierabend-audit ") + FEIERABEND_VERSION, word(Word::kVersion));
  app_->require_subcommand(1);
  app_->footer(word(Word::kFooter));
}

void Table::dress(CLI::App& app) {
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
  app.add_option("--lang", manner_.language_option, word(Word::kLang))->check(CLI::IsMember({"en", "de"}));
}

CLI::App& Table::family(const char* name, Word description) {
  CLI::App& parent = *app_->add_subcommand(name, word(description));
  dress(parent);
  parent.group(word(Word::kLabelCommands));
  parent.require_subcommand(1);
  return parent;
}

CLI::App& Table::command(CLI::App& parent, const char* name, Word description, Action action) {
  CLI::App& sub = *parent.add_subcommand(name, word(description));
  dress(sub);
  sub.group(word(Word::kLabelCommands));
  sub.callback([&chosen = chosen_, action = std::move(action)] { chosen = action; });
  sub.add_flag("--json", manner_.json, word(Word::kJson));
  return sub;
}

CLI::Option* Table::folder(CLI::App& sub, std::string& value) {
  return option(sub, "FOLDER", value, Word::kFolder)->required();
}

CLI::Option* Table::key(CLI::App& sub, std::string& value, Word meaning) {
  return option(sub, "--key", value, meaning);
}

std::unique_ptr<CLI::App> make_table(Manner& manner, Action& chosen) {
  Table table(manner, chosen);
  for (const auto& add : kCommands) add(table);
  return table.take();
}

}  // namespace audit::tool
