// `feierabend-policy diff`: what another set of rules would decide differently, in words or as data.
#include "policy/diff/picture.h"
#include "policy/diff/words.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/diff_print.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/span.h"
#include "policy/tool/command/two_sets.h"
#include "policy/tool/command/write_file.h"

namespace policy::tool {
namespace {

constexpr std::size_t kPeopleNamed = 20;               // of people with the same changes, in words; JSON has all
constexpr std::size_t kCasesInWords = 40;              // likewise
constexpr int kDifferent = 1;                          // with --exit-code, as git diff has it
constexpr base::Seconds kYearsMax{2LL * 366 * 86400};  // of rosters that are made up

struct Asked {
  TwoSets sets;
  SpanAsked span;
  std::string svg;
  std::size_t number = 1;  // of the difference to draw
  bool reasons = false;
  bool exit_code = false;
};

// The calendar year in the zone of the rules.
base::Interval year_of(const pack::Rules& rules, base::Instant now) {
  const std::int64_t year = time::civil_of(rules.zone_table->date_at(now)).year;
  return {rules.zone_table->first_reading(time::date_of({year, 1, 1}), {}),
          rules.zone_table->first_reading(time::date_of({year + 1, 1, 1}), {})};
}

base::Error with_roster(std::string seen) {
  return {"call.roster",
          std::move(seen),
          "--people, --roster, --from and --to together, or none of --people and --roster",
          {},
          {}};
}

// The case that is asked for, as a picture. Without a difference there is none to draw.
Input<void> draw(const Context& context, const Asked& asked, const LoadedSets& sets, const Found& found,
                 const model::People& people) {
  const std::size_t cases = found.roster ? found.roster->alike.size() : found.rules->cases.size();
  const std::size_t index = asked.number - 1;  // 0 becomes a number that no case has
  if (index >= cases) {
    return std::unexpected(Failure{{{"diff.no-case",
                                     "difference number " + std::to_string(asked.number),
                                     "one of the " + std::to_string(cases) + " that are listed",
                                     {},
                                     "--case"}},
                                   kDataError});
  }
  const auto* case_of_rules = found.rules ? &found.rules->cases[index] : nullptr;
  const auto* alike = found.roster ? &found.roster->alike[index] : nullptr;
  const auto& changes = alike != nullptr ? alike->changes : case_of_rules->changes;
  const time::LocalDate monday = diff::week_to_show(*sets.after, changes);
  const model::PersonFacts facts =
      alike != nullptr ? people.at(alike->people.front()) : diff::person_of(*case_of_rules);
  const auto who = alike != nullptr ? vocabulary::same(base::printable(alike->people.front()))
                                    : diff::words_of(case_of_rules->lives.front().life);
  const chart::Week week = diff::picture_of(*sets.before, *sets.after, facts, monday, who);
  return write_over(asked.svg, chart::svg(week, context.question.language));
}

int diff_sets(const Context& context, const Asked& asked) {
  const FactFiles& files = context.question.files;
  const bool over_roster = !files.people.empty() || !files.roster.empty() || !files.interruptions.empty();
  const bool spanned = !asked.span.from.empty() || !asked.span.to.empty();
  if (over_roster && (files.people.empty() || files.roster.empty() || !spanned))
    return usage(context, with_roster("a roster without all that belongs to it"));
  if (spanned && (asked.span.from.empty() || asked.span.to.empty()))
    return usage(context, with_roster("half of a span"));
  base::Interval span;
  if (spanned) {
    const auto read = span_of(asked.span);
    if (!read) return usage(context, read.error());
    span = *read;
  }
  const auto sets = load(asked.sets);
  if (!sets) return report(context, sets.error());
  const pack::RuleSet &before = *sets->before, &after = *sets->after;
  if (!spanned) span = year_of(after.rules(), context.clock.now());
  if (!over_roster && span.end - span.begin > kYearsMax)
    return usage(context,
                 {"span.invalid", "a span of more than two years", "at most two years without a roster", {}, {}});
  Found found{diff::diff_entries(before, after), std::nullopt, std::nullopt, span};
  model::People people;
  if (over_roster) {
    auto read = read_facts(files);
    if (!read) return report(context, read.error());
    people = std::move(*read);
    const diff::Look look = asked.reasons ? diff::Look::kReasons : diff::Look::kEffects;
    found.roster = diff::diff_roster(before, after, people, span, look);
  } else {
    found.rules = diff::diff_rules(before, after, span);
  }
  if (!asked.svg.empty()) {
    const auto drawn = draw(context, asked, *sets, found, people);
    if (!drawn) return report(context, drawn.error());
  }
  if (context.question.json)
    print_json(context, found);
  else
    print_words(context, found, after.rules());
  return asked.exit_code && found.different() ? kDifferent : kDone;
}

}  // namespace

void add_diff(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("diff", Word::kDiff, [asked](const Context& context) { return diff_sets(context, *asked); });
  add_two_sets(table, sub, asked->sets);
  table.add_facts(sub);
  for (const char* name : {"--people", "--roster"}) sub.get_option(name)->required(false);
  add_span(table, sub, asked->span);
  for (const char* name : {"--from", "--to"}) sub.get_option(name)->required(false);
  sub.add_flag("--reasons", asked->reasons, table.word(Word::kReasons));
  sub.add_flag("--exit-code", asked->exit_code, table.word(Word::kExitCode));
  table.option(sub, "--svg", asked->svg, Word::kDiffSvg, "FILE");
  sub.add_option("--case", asked->number, table.word(Word::kDiffCase))->type_name("NUMBER");
  table.add_json(sub);
}

}  // namespace policy::tool
