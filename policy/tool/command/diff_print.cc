#include "policy/tool/command/diff_print.h"

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "policy/diff/words.h"
#include "policy/tool/command/diff_json.h"
#include "policy/vocabulary/message_words.h"

namespace policy::tool {
namespace {

namespace json = boost::json;
using vocabulary::capital;

constexpr std::size_t kPeopleNamed = 20;   // of people with the same changes, in words; JSON has all
constexpr std::size_t kCasesInWords = 40;  // likewise

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
    out << '\n' << say(language, Word::kPeopleAlike, i + 1, alike.people.size(), names) << '\n';
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
        << say(language, Word::kCaseHead, i + 1, whom(one.who, rules.audiences).in(language),
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

}  // namespace

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

}  // namespace policy::tool
