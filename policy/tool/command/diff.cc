// `feierabend-policy diff`: what another set of rules would decide differently, in words or as data.
#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <ostream>

#include "policy/diff/words.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/diff_json.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/span.h"
#include "policy/tool/command/two_sets.h"
#include "policy/vocabulary/message_words.h"

namespace policy::tool {
namespace {

namespace json = boost::json;
using vocabulary::capital;

constexpr std::size_t kPeopleNamed = 20;               // of people with the same changes, in words; JSON has all
constexpr std::size_t kCasesInWords = 40;              // likewise
constexpr int kDifferent = 1;                          // with --exit-code, as git diff has it
constexpr base::Seconds kYearsMax{2LL * 366 * 86400};  // of rosters that are made up

struct Asked {
  TwoSets sets;
  SpanAsked span;
  bool reasons = false;
  bool exit_code = false;
};

// The two ways to compare: over a roster, or over the rosters that the rules themselves suggest.
struct Found {
  diff::EntriesDiff entries;
  std::optional<diff::RosterDiff> roster;
  std::optional<diff::RulesDiff> rules;
  base::Interval span;

  const diff::ByClass& directions() const { return roster ? roster->directions : rules->directions; }
  bool different() const {
    if (!entries.settings.empty()) return true;
    if (roster) return !roster->alike.empty() || roster->not_listed > 0;
    return std::ranges::any_of(rules->verdicts, [](diff::Verdict v) { return v != diff::Verdict::kSame; });
  }
};

void print_all(const Context& context, const std::vector<diff::EntryChange>& changes, Word heading) {
  if (changes.empty()) return;
  const Language language = context.question.language;
  context.streams.out << '\n' << say(language, heading) << '\n';
  for (const diff::EntryChange& change : changes) context.streams.out << "  " << sentence(change).in(language) << '\n';
}

void print_changes(const Context& context, const std::vector<diff::Change>& changes, const diff::Calendar& calendar,
                   const diff::EntriesDiff& entries) {
  for (const diff::Folded& folded : fold(changes, calendar))
    for (const auto& line : sentences(folded, calendar, entries))
      context.streams.out << "    " << line.in(context.question.language) << '\n';
}

diff::Calendar calendar_of(const pack::Rules& rules, base::Interval span) {
  static const time::Holidays kNone;
  for (const pack::Pack& pack : rules.packs)
    if (!pack.holidays->dates().empty()) return {*rules.zone_table, *pack.holidays, span};
  return {*rules.zone_table, kNone, span};
}

void print_people(const Context& context, const Found& found, const diff::Calendar& calendar) {
  const Language language = context.question.language;
  std::ostream& out = context.streams.out;
  for (std::size_t i = 0; i < std::min(found.roster->alike.size(), kCasesInWords); ++i) {
    const diff::Alike& alike = found.roster->alike[i];
    std::string names;
    for (std::size_t n = 0; n < std::min(alike.people.size(), kPeopleNamed); ++n)
      names += (n == 0 ? "" : ", ") + alike.people[n];
    if (alike.people.size() > kPeopleNamed) names += say(language, Word::kAndMore, alike.people.size() - kPeopleNamed);
    out << '\n' << say(language, Word::kPeopleAlike, alike.people.size(), names) << '\n';
    print_changes(context, alike.changes, calendar, found.entries);
  }
  const std::size_t rest = found.roster->alike.size() - std::min(found.roster->alike.size(), kCasesInWords);
  if (rest > 0 || found.roster->not_listed > 0)
    out << '\n' << say(language, Word::kNotInWords, rest, found.roster->not_listed) << '\n';
  out << '\n' << say(language, Word::kPeopleLookedAt, found.roster->looked_at) << '\n';
}

void print_cases(const Context& context, const Found& found, const diff::Calendar& calendar) {
  const Language language = context.question.language;
  std::ostream& out = context.streams.out;
  const diff::RulesDiff& rules = *found.rules;
  for (std::size_t i = 0; i < std::min(rules.cases.size(), kCasesInWords); ++i) {
    const diff::Case& one = rules.cases[i];
    out << '\n'
        << say(language, Word::kCaseHead, whom(one.who, rules.audiences).in(language),
               in_which_lives(one.lives, rules.lives).in(language))
        << '\n';
    diff::Calendar of_case = calendar;
    of_case.span = one.lives.front().span;
    print_changes(context, one.changes, of_case, found.entries);
  }
  if (rules.cases.size() > kCasesInWords)
    out << '\n' << say(language, Word::kNotInWords, rules.cases.size() - kCasesInWords, 0) << '\n';
  std::string tried;
  for (const diff::Life life : rules.lives) tried += (tried.empty() ? "" : "; ") + words_of(life).in(language);
  out << '\n' << say(language, Word::kTried, rules.audiences, tried.empty() ? "–" : tried) << '\n';
  if (rules.cut) out << say(language, Word::kGroupsCut, diff::kGroupsMax) << '\n';
}

void print_words(const Context& context, const Found& found, const pack::Rules& after) {
  const Language language = context.question.language;
  std::ostream& out = context.streams.out;
  out << say(language, found.different() ? Word::kDifferent : Word::kNoDifference) << '\n';
  for (const model::MessageClass c : model::kMessageClasses) {
    const auto index = static_cast<std::size_t>(c);
    const std::string name = capital(vocabulary::messages(c)).in(language);
    out << "  " << name << ": " << words_of(found.directions()[index]).in(language);
    if (found.rules && found.rules->verdicts[index] != diff::Verdict::kDiffers)
      out << " (" << words_of(found.rules->verdicts[index]).in(language) << ')';
    out << '\n';
  }
  const diff::Calendar calendar = calendar_of(after, found.span);
  if (found.roster)
    print_people(context, found, calendar);
  else
    print_cases(context, found, calendar);
  print_all(context, found.entries.gates, Word::kChangedRules);
  print_all(context, found.entries.settings, Word::kChangedSettings);
  print_all(context, found.entries.wording, Word::kChangedWording);
}

void print_json(const Context& context, const Found& found) {
  json::object out{{"different", found.different()}, {"protects", json_of(found.directions())}};
  if (found.roster)
    out["people"] = json_of(*found.roster, found.span);
  else
    out["any_roster"] = json_of(*found.rules, found.span);
  out["rules"] = json_of(found.entries.gates);
  out["settings"] = json_of(found.entries.settings);
  out["wording"] = json_of(found.entries.wording);
  context.streams.out << json::serialize(out) << '\n';
}

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
  if (over_roster) {
    const auto people = read_facts(files);
    if (!people) return report(context, people.error());
    found.roster =
        diff::diff_roster(before, after, *people, span, asked.reasons ? diff::Look::kReasons : diff::Look::kEffects);
  } else {
    found.rules = diff::diff_rules(before, after, span);
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
  table.add_json(sub);
}

}  // namespace policy::tool
