#include "policy/tool/command/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <ostream>

#include "policy/decide/decide.h"
#include "policy/explain/explain.h"
#include "policy/pack/rules.h"
#include "policy/tool/command/completions.h"
#include "policy/tool/command/input.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/test_packs.h"

namespace policy::tool {
namespace {

namespace json = boost::json;
using base::Instant;

constexpr base::Seconds kSpanMax{200LL * 366 * 86400};

// What the commands are asked, as the arguments say it.
struct Question {
  std::vector<std::string> packs;
  FactFiles files;
  std::string person;
  std::string message_class = "routine";
  std::string at, from, to;
  std::string language = "de";
  std::string shell;
  bool json = false;
};

struct Context {
  const Question& question;
  const Streams& streams;
  const base::Clock& clock;
};

int report(const Context& context, const Failure& failure) {
  if (context.question.json) {
    context.streams.err << json::serialize(json::object{{"errors", json_of(failure.errors)}}) << '\n';
  } else {
    for (const base::Error& error : failure.errors) context.streams.err << to_string(error) << '\n';
  }
  return failure.exit_code;
}

int usage(const Context& context, base::Error error) { return report(context, {{std::move(error)}, kUsage}); }

// Rules and the facts of one person.
struct Loaded {
  std::shared_ptr<const pack::RuleSet> rules;
  model::PersonFacts facts;
};

Input<Loaded> load(const Question& question) {
  auto rules = read_rules(question.packs);
  if (!rules) return std::unexpected(rules.error());
  auto people = read_facts(question.files);
  if (!people) return std::unexpected(people.error());
  const auto person = people->find(question.person);
  if (person == people->end()) {
    return std::unexpected(Failure{{{"person.unknown",
                                     "person '" + base::printable(question.person) + "'",
                                     "a person whom " + question.files.people + " names",
                                     {},
                                     "--person"}},
                                   kDataError});
  }
  return Loaded{std::move(*rules), std::move(person->second)};
}

int check(const Context& context) {
  const auto rules = read_rules(context.question.packs);
  if (!rules && !context.question.json) return report(context, rules.error());
  std::ostream& out = context.streams.out;
  if (!rules) {
    out << json::serialize(json::object{{"ok", false}, {"errors", json_of(rules.error().errors)}}) << '\n';
    return rules.error().exit_code;
  }
  const pack::Errors found = pack::findings(**rules);
  if (context.question.json) {
    json::array packs;
    for (const pack::Pack& pack : (*rules)->rules().packs)
      packs.emplace_back(json::object{{"id", pack.id}, {"layer", name_of(pack.layer)}, {"version", pack.version}});
    const json::object all{{"ok", true}, {"digest", digest(**rules)}, {"packs", packs}, {"findings", json_of(found)}};
    out << json::serialize(all) << '\n';
    return kDone;
  }
  for (const base::Error& finding : found) out << to_string(finding) << '\n';
  std::vector<std::vector<std::string>> rows;
  for (const pack::Pack& pack : (*rules)->rules().packs)
    rows.push_back({pack.id, std::string(name_of(pack.layer)), "version " + std::to_string(pack.version)});
  print_table(out, rows);
  out << "good; digest " << digest(**rules) << '\n';
  return kDone;
}

// The class and the instant of decide and explain; without --at it is now.
base::Result<std::pair<model::MessageClass, Instant>> asked(const Context& context) {
  const auto message_class = model::parse_message_class(context.question.message_class);
  if (!message_class) return std::unexpected(message_class.error());
  if (context.question.at.empty()) return std::pair(*message_class, context.clock.now());
  const auto at = base::parse_instant(context.question.at);
  if (!at) return std::unexpected(at.error());
  return std::pair(*message_class, *at);
}

int decide_once(const Context& context) {
  const auto what = asked(context);
  if (!what) return usage(context, what.error());
  const auto loaded = load(context.question);
  if (!loaded) return report(context, loaded.error());
  const model::Decision decision = decide::decide(*loaded->rules, loaded->facts, what->first, what->second);
  if (context.question.json) {
    context.streams.out << json::serialize(json_of(decision)) << '\n';
    return kDone;
  }
  const bool changes = decision.until < base::kEndOfTime;
  print_table(context.streams.out, {{"effect", std::string(name_of(decision.effect))},
                                    {"rules", joined(decision.rules)},
                                    {"until", changes ? base::format_instant(decision.until) : "–"}});
  return kDone;
}

int explain_once(const Context& context) {
  const auto what = asked(context);
  if (!what) return usage(context, what.error());
  const auto loaded = load(context.question);
  if (!loaded) return report(context, loaded.error());
  const model::Decision decision = decide::decide(*loaded->rules, loaded->facts, what->first, what->second);
  const auto words = [&](explain::Language language) {
    return explain::explain(*loaded->rules, loaded->facts, what->first, what->second, decision, language);
  };
  if (context.question.json) {
    json::object out = json_of(decision);
    out["de"] = words(explain::Language::kGerman);
    out["en"] = words(explain::Language::kEnglish);
    context.streams.out << json::serialize(out) << '\n';
  } else {
    const bool german = context.question.language == "de";
    context.streams.out << words(german ? explain::Language::kGerman : explain::Language::kEnglish) << '\n';
  }
  return kDone;
}

int timeline(const Context& context) {
  const auto message_class = model::parse_message_class(context.question.message_class);
  if (!message_class) return usage(context, message_class.error());
  const auto from = base::parse_instant(context.question.from), to = base::parse_instant(context.question.to);
  if (!from) return usage(context, from.error());
  if (!to) return usage(context, to.error());
  if (*to <= *from || *to - *from > kSpanMax)
    return usage(context, {"span.invalid",
                           "a span from " + context.question.from + " to " + context.question.to,
                           "--from before --to, at most 200 years apart",
                           {},
                           {}});
  const auto loaded = load(context.question);
  if (!loaded) return report(context, loaded.error());
  const auto line = decide::timeline(*loaded->rules, loaded->facts, *message_class, {*from, *to});
  if (context.question.json) {
    json::array all;
    for (const model::Stretch& stretch : line) all.emplace_back(json_of(stretch));
    context.streams.out << json::serialize(all) << '\n';
    return kDone;
  }
  std::vector<std::vector<std::string>> rows{{"begin", "end", "effect", "rules"}};
  for (const model::Stretch& stretch : line)
    rows.push_back({base::format_instant(stretch.span.begin), base::format_instant(stretch.span.end),
                    std::string(name_of(stretch.effect)), joined(stretch.rules)});
  print_table(context.streams.out, rows);
  return kDone;
}

void add_json(CLI::App& command, Question& question) { command.add_flag("--json", question.json, "answer as JSON"); }

void add_facts(CLI::App& command, Question& question) {
  command.add_option("--pack", question.packs, "rule packs, or folders that hold one")
      ->required()
      ->type_name("FILE...");
  command.add_option("--people", question.files.people, "CSV person,groups")->required()->type_name("FILE");
  command.add_option("--roster", question.files.roster, "CSV person,kind,begin,end")->required()->type_name("FILE");
  command.add_option("--interruptions", question.files.interruptions, "CSV person,begin,end")->type_name("FILE");
  command.add_option("--person", question.person, "whose gate")->required()->type_name("ID");
  command.add_option("--class", question.message_class, "routine, shift-notice, urgent or alarm")
      ->required()
      ->type_name("CLASS");
  add_json(command, question);
}

using Action = std::function<int(const Context&)>;

// The command table: names, options, actions. Everything else, completions too, is made from it.
void add_commands(CLI::App& app, Question& question, Action& chosen) {
  const auto command = [&](const char* name, const char* description, Action action) {
    CLI::App* sub = app.add_subcommand(name, description);
    sub->callback([&chosen, action = std::move(action)] { chosen = action; });
    return sub;
  };
  CLI::App* check_command = command("check", "load packs together and say what is wrong or odd", check);
  check_command->add_option("PACK", question.packs, "rule packs, or folders that hold one")->required();
  add_json(*check_command, question);
  for (CLI::App* sub : {command("decide", "what happens to a message of a class at an instant", decide_once),
                        command("explain", "the same in words, with source and next change", explain_once)}) {
    add_facts(*sub, question);
    sub->add_option("--at", question.at, "RFC 3339; now if absent")->type_name("INSTANT");
    if (sub->get_name() == "explain")
      sub->add_option("--language", question.language, "de or en")->check(CLI::IsMember({"de", "en"}));
  }
  CLI::App* timeline_command = command("timeline", "every decision of a span, without gaps", timeline);
  add_facts(*timeline_command, question);
  timeline_command->add_option("--from", question.from, "RFC 3339")->required()->type_name("INSTANT");
  timeline_command->add_option("--to", question.to, "RFC 3339")->required()->type_name("INSTANT");
  CLI::App* test_command = command("test", "run the cases.toml beside each pack", [](const Context& context) {
    return test_packs(context.question.packs, context.question.json, context.streams);
  });
  test_command->add_option("PACKDIR", question.packs, "folders of packs")->required();
  add_json(*test_command, question);
  CLI::App* completions_command = command("completions", "completions for a shell", [&app](const Context& context) {
    context.streams.out << completions(app, context.question.shell);
    return kDone;
  });
  completions_command->add_option("SHELL", question.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace

int run(std::span<const std::string> arguments, const Streams& streams, const base::Clock& clock) {
  CLI::App app("Rules on rest time: read, try and test them.", "feierabend-policy");
  app.set_version_flag("--version", std::string("feierabend-policy ") + FEIERABEND_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 2 usage, 65 bad data or a failed case, 66 an unreadable file.");
  Question question;
  Action chosen;
  add_commands(app, question, chosen);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 takes them
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, streams.out, streams.err) == 0 ? kDone : kUsage;
  }
  return chosen({question, streams, clock});
}

}  // namespace policy::tool
