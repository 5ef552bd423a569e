#include "policy/tool/command/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <ostream>

#include "policy/base/words/german.h"
#include "policy/decide/decide.h"
#include "policy/explain/explain.h"
#include "policy/pack/rules.h"
#include "policy/tool/command/input.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/table.h"
#include "policy/tool/command/test_packs.h"
#include "policy/tool/command/words.h"

namespace policy::tool {
namespace {

namespace json = boost::json;
using base::Instant;

constexpr base::Seconds kSpanMax{200LL * 366 * 86400};

int report(const Context& context, const Failure& failure) {
  if (context.question.json) {
    context.streams.err << json::serialize(json::object{{"errors", json_of(failure.errors)}}) << '\n';
  } else {
    for (const base::Error& error : failure.errors)
      context.streams.err << base::words::line_of(error, context.question.language) << '\n';
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
  const Language language = context.question.language;
  for (const base::Error& finding : found) out << base::words::line_of(finding, language) << '\n';
  std::vector<std::vector<std::string>> rows;
  for (const pack::Pack& pack : (*rules)->rules().packs)
    rows.push_back({pack.id, say(language, pack.layer), say(language, Word::kPackVersion, pack.version)});
  print_table(out, rows);
  out << say(language, Word::kGood, digest(**rules)) << '\n';
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
  const Language language = context.question.language;
  print_table(context.streams.out,
              {{say(language, Word::kHeadEffect), say(language, decision.effect)},
               {say(language, Word::kHeadRules), joined(decision.rules)},
               {say(language, Word::kHeadUntil), changes ? base::format_instant(decision.until) : "–"}});
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
    const bool german = context.question.language == Language::kGerman;
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
  const Language language = context.question.language;
  std::vector<std::vector<std::string>> rows{{say(language, Word::kHeadBegin), say(language, Word::kHeadEnd),
                                              say(language, Word::kHeadEffect), say(language, Word::kHeadRules)}};
  for (const model::Stretch& stretch : line)
    rows.push_back({base::format_instant(stretch.span.begin), base::format_instant(stretch.span.end),
                    say(language, stretch.effect), joined(stretch.rules)});
  print_table(context.streams.out, rows);
  return kDone;
}

int test_cases(const Context& context) {
  const Question& question = context.question;
  return test_packs(question.packs, question.json, question.language, context.streams);
}

// What the parser could not place says more than its own words.
base::Error call_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto left = app.remaining(true);
  const auto command = app.get_subcommands();
  const std::string help = app.get_name() + (command.empty() ? "" : " " + command.front()->get_name()) + " --help";
  const std::string seen =
      left.empty() ? base::printable(error.what(), 400) : "unknown word '" + base::printable(left.front()) + "'";
  return {"call.syntax", seen, {}, "run: " + help, {}};
}

constexpr Actions kActions{check, decide_once, explain_once, timeline, test_cases};

}  // namespace

int run(std::span<const std::string> arguments, const Streams& streams, const base::Clock& clock,
        std::string_view locale) {
  Question question;
  question.language = base::words::language_of(base::words::language_option(arguments), locale);
  Action chosen;
  const auto app = make_table(question, kActions, chosen);
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
