// `feierabend-policy timeline`: every decision of a span, without gaps.
#include <boost/json.hpp>
#include <ostream>

#include "policy/decide/decide.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/one_person.h"
#include "policy/tool/command/output.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/span.h"

namespace policy::tool {
namespace {

struct Asked {
  OnePerson who;
  SpanAsked span;
};

int timeline(const Context& context, const Asked& asked) {
  const auto message_class = model::parse_message_class(asked.who.message_class);
  if (!message_class) return usage(context, message_class.error());
  const auto span = span_of(asked.span);
  if (!span) return usage(context, span.error());
  const auto loaded = load(context.question, asked.who.person);
  if (!loaded) return report(context, loaded.error());
  const auto line = decide::timeline(*loaded->rules, loaded->facts, *message_class, *span);
  if (context.question.json) {
    boost::json::array all;
    for (const model::Stretch& stretch : line) all.emplace_back(json_of(stretch));
    context.streams.out << boost::json::serialize(all) << '\n';
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

}  // namespace

void add_timeline(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("timeline", Word::kTimeline, [asked](const Context& context) { return timeline(context, *asked); });
  add_one_person(table, sub, asked->who);
  add_span(table, sub, asked->span);
}

}  // namespace policy::tool
