// `feierabend-policy decide` and `explain`: one decision, as data or in words.
#include "policy/decide/decide.h"

#include <boost/json.hpp>
#include <ostream>

#include "policy/explain/explain.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/one_person.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"

namespace policy::tool {
namespace {

namespace json = boost::json;

struct Asked {
  OnePerson who;
  std::string at;
};

// The class and the instant; without --at it is now.
base::Result<std::pair<model::MessageClass, base::Instant>> what_of(const Context& context, const Asked& asked) {
  const auto message_class = model::parse_message_class(asked.who.message_class);
  if (!message_class) return std::unexpected(message_class.error());
  if (asked.at.empty()) return std::pair(*message_class, context.clock.now());
  const auto at = base::parse_instant(asked.at);
  if (!at) return std::unexpected(at.error());
  return std::pair(*message_class, *at);
}

int decide_once(const Context& context, const Asked& asked) {
  const auto what = what_of(context, asked);
  if (!what) return usage(context, what.error());
  const auto loaded = load(context.question, asked.who.person);
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

int explain_once(const Context& context, const Asked& asked) {
  const auto what = what_of(context, asked);
  if (!what) return usage(context, what.error());
  const auto loaded = load(context.question, asked.who.person);
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

}  // namespace

void add_decide(Table& table) {
  const auto add = [&](const char* name, Word description, int (*act)(const Context&, const Asked&)) {
    auto asked = std::make_shared<Asked>();
    CLI::App& sub =
        table.command(name, description, [asked, act](const Context& context) { return act(context, *asked); });
    add_one_person(table, sub, asked->who);
    table.option(sub, "--at", asked->at, Word::kAt, "INSTANT");
  };
  add("decide", Word::kDecide, decide_once);
  add("explain", Word::kExplain, explain_once);
}

}  // namespace policy::tool
