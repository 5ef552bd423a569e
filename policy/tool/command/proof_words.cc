#include "policy/tool/command/proof_words.h"

#include "policy/base/words/german.h"
#include "policy/tool/command/output.h"
#include "policy/vocabulary/calendar_words.h"

namespace policy::tool {
namespace {

using base::Instant;
using base::Interval;
using prove::Cause;
using prove::ClaimReport;
using prove::Counterexample;
using prove::Report;
using prove::Verdict;

std::string two(std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); }

// "Sa 28.03.2026", "Sat 2026-03-28"
std::string day(Language language, const time::Zone& zone, Instant instant) {
  const time::LocalDate date = zone.date_at(instant);
  const time::YearMonthDay civil = time::civil_of(date);
  const std::string weekday = vocabulary::weekday_short(time::weekday_of(date)).in(language) + " ";
  const std::string year = std::to_string(civil.year), month = two(civil.month), number = two(civil.day);
  if (language == Language::kGerman) return weekday + number + "." + month + "." + year;
  return weekday + year + "-" + month + "-" + number;
}

// "Sat 2026-03-28 20:00 CET"
std::string moment(Language language, const time::Zone& zone, Instant instant) {
  return day(language, zone, instant) + " " + vocabulary::clock(zone.time_at(instant).second) + " " +
         std::string(zone.abbreviation_at(instant));
}

base::Seconds length(const Interval& i) { return i.empty() ? base::Seconds{} : i.end - i.begin; }

std::vector<std::string> names_of(pack::ClassSet classes) {
  std::vector<std::string> names;
  for (const model::MessageClass c : model::kMessageClasses)
    if (classes[pack::index_of(c)]) names.emplace_back(name_of(c));
  return names;
}

// A made-up person has no name.
std::string name_of(Language language, const Counterexample& one) {
  return one.facts ? say(language, Word::kProveSomebody) : base::printable(one.person);
}

Word word_of(model::RosterKind kind) {
  switch (kind) {
    case model::RosterKind::kDuty: return Word::kProveKindDuty;
    case model::RosterKind::kStandby: return Word::kProveKindStandby;
    case model::RosterKind::kOnCall: return Word::kProveKindOnCall;
    case model::RosterKind::kLeave: return Word::kProveKindLeave;
    case model::RosterKind::kSick: return Word::kProveKindSick;
    case model::RosterKind::kTraining: break;
  }
  return Word::kProveKindTraining;
}

std::string too_short(Language language, const time::Zone& zone, const ClaimReport& claim, const Counterexample& one) {
  const Interval& found = one.shortfall.found;
  const std::string required = base::format_duration(claim.minimum), rules = joined(one.rules);
  const std::string person = name_of(language, one);
  if (found.empty())
    return say(language, Word::kProveNone, person, moment(language, zone, one.shortfall.period.begin), required, rules);
  const std::string hours = base::format_duration(length(found));
  const std::string begin = moment(language, zone, found.begin), end = moment(language, zone, found.end);
  const std::string first = day(language, zone, found.begin), last = day(language, zone, found.end);
  if (first == last) return say(language, Word::kProveDay, person, first, hours, required, begin, end, rules);
  return say(language, Word::kProveNight, person, first, last, hours, required, begin, end, rules);
}

std::string not_by_rules(Language language, const time::Zone& zone, const ClaimReport& claim,
                         const Counterexample& one) {
  const prove::Shortfall& shortfall = one.shortfall;
  const std::string found = base::format_duration(length(shortfall.found));
  const std::string required = base::format_duration(claim.minimum), person = name_of(language, one);
  if (shortfall.cause == Cause::kInterruption)
    return say(language, Word::kProveInterrupted, person, found, required,
               moment(language, zone, shortfall.found.begin), moment(language, zone, shortfall.found.end));
  const Instant before = shortfall.before ? shortfall.before->end : shortfall.found.begin;
  const Instant after = shortfall.after ? shortfall.after->begin : shortfall.found.end;
  return say(language, Word::kProveRosterBreach, person, found, required, moment(language, zone, before),
             moment(language, zone, after));
}

std::string about(Language language, const ClaimReport& claim) {
  const std::string minimum = base::format_duration(claim.minimum), classes = joined(names_of(claim.classes));
  switch (claim.kind) {
    case pack::ClaimKind::kRestAfterDuty: return say(language, Word::kClaimAfterDuty, minimum, classes);
    case pack::ClaimKind::kRestPer24h: return say(language, Word::kClaimPer24h, minimum, classes);
    case pack::ClaimKind::kRestPerWeek: return say(language, Word::kClaimPerWeek, minimum, classes);
    case pack::ClaimKind::kAtLeastAsProtective: return say(language, Word::kClaimAtLeast, claim.than, classes);
    case pack::ClaimKind::kNeverDelivers: break;
  }
  const Word during = claim.during == pack::ClaimDuring::kAbsence   ? Word::kDuringAbsence
                      : claim.during == pack::ClaimDuring::kOffDuty ? Word::kDuringOffDuty
                                                                    : Word::kDuringAlways;
  return say(language, Word::kClaimNever, say(language, during), classes);
}

Word word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds: return Word::kVerdictHolds;
    case Verdict::kFails: return Word::kVerdictFails;
    case Verdict::kNotProven: break;
  }
  return Word::kVerdictNotProven;
}

void print_facts(std::ostream& out, Language language, const time::Zone& zone, const model::PersonFacts& facts) {
  const auto entry = [&](const std::string& what, const Interval& span) {
    out << "      "
        << say(language, Word::kProveEntry, what, moment(language, zone, span.begin), moment(language, zone, span.end))
        << '\n';
  };
  if (!facts.groups.empty()) out << "      " << say(language, Word::kProveGroups, joined(facts.groups)) << '\n';
  for (const model::RosterEntry& one : facts.roster) entry(say(language, word_of(one.kind)), one.span);
  for (const model::Interruption& one : facts.interruptions) entry(say(language, Word::kProveInterruption), one.span);
}

void print_examples(std::ostream& out, Language language, const time::Zone& zone, const ClaimReport& claim,
                    const std::vector<Counterexample>& examples, std::uint64_t all) {
  for (const Counterexample& one : examples) {
    out << "    " << say(language, zone, claim, one) << '\n';
    if (one.facts) print_facts(out, language, zone, *one.facts);
  }
  if (all > examples.size()) out << "    " << say(language, Word::kProveMore, all - examples.size()) << '\n';
}

void print_claim(std::ostream& out, Language language, const time::Zone& zone, bool symbolic,
                 const ClaimReport& claim) {
  out << say(language, word_of(claim.verdict)) << ": " << claim.id << ": " << about(language, claim);
  if (!claim.cite.empty()) out << "; " << claim.cite;
  out << "; ";
  if (symbolic)
    out << say(language, Word::kProveAsked, claim.places) << '\n';
  else
    out << say(language, Word::kProveLooked, claim.places, claim.failures) << '\n';
  if (!claim.reason.code.empty()) out << "    " << base::words::line_of(claim.reason, language) << '\n';
  print_examples(out, language, zone, claim, claim.counterexamples, claim.failures);
  const std::uint64_t breaches = claim.roster_breaches + claim.interrupted;
  if (breaches > 0)
    out << "    " << say(language, Word::kProveBreaches, claim.roster_breaches, claim.interrupted) << '\n';
  print_examples(out, language, zone, claim, claim.breaches, breaches);
  if (!claim.suspended_by.empty())
    out << "    " << say(language, Word::kProveUnless, joined(claim.suspended_by)) << '\n';
}

void print_coverage(std::ostream& out, Language language, bool symbolic, const std::vector<prove::Coverage>& all) {
  for (const prove::Coverage& one : all) {
    out << say(language, one.covered ? Word::kProveCovered : Word::kProveNotCovered) << ": " << one.id;
    if (!symbolic && one.covered)
      out << ": " << say(language, Word::kProveClosedFor, base::format_duration(one.closed), one.people);
    if (!symbolic && !one.covered) out << ": " << say(language, Word::kProveNeverInForce);
    out << '\n';
  }
}

boost::json::object json_of(const Interval& span) {
  return {{"begin", base::format_instant(span.begin)}, {"end", base::format_instant(span.end)}};
}

boost::json::value json_of(const std::optional<Interval>& span) {
  if (!span) return nullptr;
  return json_of(*span);
}

boost::json::object json_of(const model::PersonFacts& facts) {
  boost::json::array roster, interruptions;
  for (const model::RosterEntry& one : facts.roster) {
    boost::json::object entry{{"kind", name_of(one.kind)}};
    for (const auto& member : json_of(one.span)) entry[member.key()] = member.value();
    roster.emplace_back(std::move(entry));
  }
  for (const model::Interruption& one : facts.interruptions) interruptions.emplace_back(json_of(one.span));
  return {{"groups", tool::json_of(facts.groups)}, {"roster", roster}, {"interruptions", interruptions}};
}

boost::json::array json_of(const time::Zone& zone, const ClaimReport& claim, const std::vector<Counterexample>& all) {
  boost::json::array out;
  for (const Counterexample& one : all) {
    const prove::Shortfall& shortfall = one.shortfall;
    constexpr std::array kCauses{"rules", "roster", "interruption"};
    boost::json::object object{{"person", one.person},
                               {"cause", kCauses[static_cast<std::size_t>(shortfall.cause)]},
                               {"begin", base::format_instant(shortfall.period.begin)},
                               {"end", base::format_instant(shortfall.period.end)},
                               {"found_begin", base::format_instant(shortfall.found.begin)},
                               {"found_end", base::format_instant(shortfall.found.end)},
                               {"found_s", length(shortfall.found).count},
                               {"required_s", claim.minimum.count},
                               {"before", json_of(shortfall.before)},
                               {"after", json_of(shortfall.after)},
                               {"rules", tool::json_of(one.rules)},
                               {"de", say(Language::kGerman, zone, claim, one)},
                               {"en", say(Language::kEnglish, zone, claim, one)}};
    if (one.facts) object["facts"] = json_of(*one.facts);
    out.emplace_back(std::move(object));
  }
  return out;
}

boost::json::object json_of(const time::Zone& zone, const ClaimReport& claim) {
  boost::json::object out{{"id", claim.id},
                          {"kind", name_of(claim.kind)},
                          {"minimum", base::format_duration(claim.minimum)},
                          {"classes", tool::json_of(names_of(claim.classes))},
                          {"cite", claim.cite},
                          {"verdict", name_of(claim.verdict)}};
  if (!claim.reason.code.empty()) out["reason"] = tool::json_of(pack::Errors{claim.reason}).front();
  out["places"] = claim.places;
  out["failures"] = claim.failures;
  out["roster_breaches"] = claim.roster_breaches;
  out["interrupted"] = claim.interrupted;
  out["suspended_by"] = tool::json_of(claim.suspended_by);
  out["counterexamples"] = json_of(zone, claim, claim.counterexamples);
  out["breaches"] = json_of(zone, claim, claim.breaches);
  return out;
}

boost::json::array json_of(const std::vector<prove::Coverage>& all) {
  boost::json::array out;
  for (const prove::Coverage& one : all)
    out.emplace_back(boost::json::object{
        {"id", one.id}, {"covered", one.covered}, {"closed_s", one.closed.count}, {"people", one.people}});
  return out;
}

}  // namespace

std::string say(Language language, const time::Zone& zone, const ClaimReport& claim, const Counterexample& one) {
  if (one.shortfall.cause != Cause::kRules) return not_by_rules(language, zone, claim, one);
  if (claim.minimum > base::Seconds{}) return too_short(language, zone, claim, one);
  const Word word = claim.kind == pack::ClaimKind::kNeverDelivers ? Word::kProveDelivered : Word::kProveWeaker;
  const Interval& period = one.shortfall.period;
  return say(language, word, name_of(language, one), moment(language, zone, period.begin),
             moment(language, zone, period.end), joined(one.rules));
}

void print_proof(std::ostream& out, Language language, const time::Zone& zone, const Report& report) {
  if (report.symbolic) {
    out << say(language, Word::kProveSymbolic, day(language, zone, report.span.begin),
               day(language, zone, report.span.end - base::kDay), report.clock_changes.size())
        << '\n';
  } else {
    out << say(language, Word::kProveSwept, report.people, report.duties, moment(language, zone, report.span.begin),
               moment(language, zone, report.span.end), report.clock_changes.size())
        << '\n';
  }
  for (const ClaimReport& claim : report.claims) print_claim(out, language, zone, report.symbolic, claim);
  print_coverage(out, language, report.symbolic, report.rests);
  print_coverage(out, language, report.symbolic, report.exceptions);
  if (report.unevaluable > 0) out << say(language, Word::kProveUnevaluable, report.unevaluable) << '\n';
  if (!report.out_of_scope.empty()) out << say(language, Word::kProveOutOfScope, joined(report.out_of_scope)) << '\n';
  out << say(language, report.ok() ? Word::kProveOk : Word::kProveNotOk) << '\n';
}

boost::json::object json_of(const time::Zone& zone, const Report& report) {
  boost::json::array changes, claims;
  for (const Instant change : report.clock_changes) changes.emplace_back(base::format_instant(change));
  for (const ClaimReport& claim : report.claims) claims.emplace_back(json_of(zone, claim));
  return {{"ok", report.ok()},
          {"mode", report.symbolic ? "symbolic" : "sweep"},
          {"digest", report.digest},
          {"from", base::format_instant(report.span.begin)},
          {"to", base::format_instant(report.span.end)},
          {"people", report.people},
          {"duties", report.duties},
          {"unevaluable", report.unevaluable},
          {"clock_changes", std::move(changes)},
          {"claims", std::move(claims)},
          {"rests", json_of(report.rests)},
          {"exceptions", json_of(report.exceptions)},
          {"out_of_scope", json_of(report.out_of_scope)}};
}

}  // namespace policy::tool
