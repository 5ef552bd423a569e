#include "policy/prove/symbolic/prover.h"

#include <algorithm>

#include "policy/prove/quiet.h"
#include "policy/prove/scope.h"
#include "policy/prove/symbolic/question.h"

namespace policy::prove::symbolic {
namespace {

using base::Interval;
using base::Seconds;
using pack::ClaimKind;
using pack::ClaimRule;
using pack::RestKind;
using pack::RestRule;

base::Error too_hard() {
  return {
      "prove.too-hard", "a question that Z3 did not answer within its effort", {}, "prove the claim over a roster", {}};
}

// Does a rule of this kind look at duties?
bool follows_duties(const RestRule& rule) {
  return rule.kind == RestKind::kAfterDuty || rule.kind == RestKind::kOffDuty || rule.unless_duty;
}

bool weekly(const ClaimRule& claim) { return claim.kind == ClaimKind::kRestPerWeek; }
bool of_rest(const ClaimRule& claim) { return claim.minimum.has_value(); }

// Every interruption that breaks a rest of the claim starts this one anew, if it falls into it.
bool restarts_as_claimed(const RestRule& rule, const ClaimRule& claim) {
  using When = time::Restart::When;
  const time::Restart& own = rule.terms.restart;
  if (own.when == When::kAlways) return true;
  return own.when == When::kLongerThan && claim.restart.when == When::kLongerThan &&
         own.threshold <= claim.restart.threshold;
}

// Pierces a rest that the claim depends on, for one of its classes.
bool matters(const Subject& subject, std::size_t exception) {
  const pack::ExceptionRule& rule = subject.rules.exceptions[exception];
  for (const std::size_t rest : rule.pierces)
    for (std::size_t c = 0; c < subject.claim.classes.size(); ++c)
      if (subject.claim.classes[c] && rule.classes[c] &&
          subject.rules.rests[rest].effects[c] != model::Effect::kDeliver)
        return true;
  return false;
}

class Proof {
 public:
  Proof(const pack::RuleSet& rule_set, const ClaimRule& claim)
      : rule_set_(rule_set), rules_(rule_set.rules()), claim_(claim), subject_(subject_of(rules_, claim)) {
    report_ = blank_claim(rules_, claim);
    seen_rests_.resize(rules_.rests.size());
    seen_exceptions_.resize(rules_.exceptions.size());
  }

  ClaimReport run() {
    if (!expressible()) return report_;
    // Windows only close more. If the claim holds without them, it holds on every date.
    const bool pierced = std::ranges::find(subject_.exceptions, true) != subject_.exceptions.end();
    if (subject_.with_windows && !pierced && holds(calendar(false))) return done(Verdict::kHolds);
    report_.reason = {};
    const std::vector<Pattern> days = calendar(true);
    if (found_counterexample(days)) return done(Verdict::kFails);
    if (report_.reason.code.empty() && holds(days)) return done(Verdict::kHolds);
    if (report_.reason.code.empty()) {
      report_.reason = {"prove.repeated-interruptions",
                        "several interruptions of one rest, after which it may not start anew",
                        {},
                        "prove the claim over a roster",
                        {}};
    }
    return report_;
  }

  // Which rests and exceptions the claim depends on, and of which formulas were made, by index.
  const Subject& subject() const { return subject_; }
  const std::vector<bool>& seen_rests() const { return seen_rests_; }
  const std::vector<bool>& seen_exceptions() const { return seen_exceptions_; }

 private:
  ClaimReport done(Verdict verdict) {
    report_.verdict = verdict;
    report_.reason = {};
    return report_;
  }

  // Rules that look at duties and the claim must mean the same core hours by them.
  bool expressible() {
    std::optional<std::optional<std::size_t>> schedule;
    if (of_rest(claim_) || claim_.during == pack::ClaimDuring::kOffDuty)
      schedule = rules_.duty_views[claim_.duty_view].schedule_pack;
    for (std::size_t i = 0; i < rules_.rests.size(); ++i) {
      const RestRule& rule = rules_.rests[i];
      if (!subject_.rests[i] || rule.unset || !follows_duties(rule)) continue;
      const auto& own = rules_.duty_views[rule.duty_view].schedule_pack;
      if (schedule && *schedule != own) {
        report_.reason = {"prove.not-expressible",
                          "rule '" + rule.head.id + "' whose core hours are not those of the claim",
                          "one [schedule] for the claim and all rules that follow duties",
                          "prove the claim over a roster",
                          {}};
        return false;
      }
      schedule = own;
    }
    return true;
  }

  std::vector<Pattern> calendar(bool with_windows) const {
    Wanted wanted{
        std::vector<bool>(rules_.rests.size()), std::vector<bool>(rules_.exceptions.size()), {}, {}, weekly(claim_)};
    if (with_windows) {
      wanted.rests = subject_.rests;
      wanted.exceptions = subject_.exceptions;
    }
    const Seconds reach = kRestBeginsWithin + claim_.minimum.value_or(Seconds{});
    if (claim_.kind == ClaimKind::kRestAfterDuty) wanted.before = wanted.after = reach;
    if (claim_.kind == ClaimKind::kRestPer24h) wanted.after = base::kDay;
    return patterns(rules_, zone_of(rules_, claim_), wanted);
  }

  bool breaks() const { return of_rest(claim_) && claim_.restart.when != time::Restart::When::kNever; }

  // True if nobody exists for whom the claim fails. Sets the reason where Z3 gives up.
  bool holds(const std::vector<Pattern>& days) {
    if (claim_.kind == ClaimKind::kAtLeastAsProtective) {
      const pack::Rules other = alone(rules_, claim_.than);
      const std::vector<bool> dominating = dominates();
      return none(days, [&](Question& q) { return q.weaker_than(other, After::kFree, dominating); });
    }
    if (!none(days, [](Question& q) { return q.fails(After::kDuty, {}); })) return false;
    if (!breaks()) return true;
    const std::vector<bool> sure = restarted(days);
    return none(days, [&](Question& q) { return q.fails(After::kAny, sure); });
  }

  void note(const Question& question) {
    const auto add = [](std::vector<bool>& all, const std::vector<bool>& more) {
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = all[i] || more[i];
    };
    add(seen_rests_, question.encoding().seen_rests());
    add(seen_exceptions_, question.encoding().seen_exceptions());
  }

  template <typename Ask>
  bool none(const std::vector<Pattern>& days, Ask ask) {
    for (const Pattern& day : days) {
      Question question(subject_, day);
      ++report_.places;
      const Answer answer = ask(question);
      note(question);
      if (answer == Answer::kUnknown) report_.reason = too_hard();
      if (answer != Answer::kNone) return false;
    }
    return true;
  }

  // The rests that every interruption starts anew: the largest set that confirms itself (as in Houdini, Flanagan and
  // Leino, FME 2001). Begins with all that might and drops what escapes until nothing does.
  std::vector<bool> restarted(const std::vector<Pattern>& days) {
    std::vector<bool> sure(rules_.rests.size());
    for (std::size_t i = 0; i < sure.size(); ++i) {
      const RestRule& rule = rules_.rests[i];
      sure[i] =
          subject_.rests[i] && rule.kind == RestKind::kAfterDuty && !rule.unset && restarts_as_claimed(rule, claim_);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < sure.size(); ++i) {
        if (!sure[i]) continue;
        const auto escapes = [&](const Pattern& day) {
          Question question(subject_, day);
          report_.places += 2;
          return question.escapes(i, true, sure) != Answer::kNone || question.escapes(i, false, sure) != Answer::kNone;
        };
        if (!std::ranges::any_of(days, escapes)) continue;
        sure[i] = false;
        changed = true;
      }
    }
    return sure;
  }

  // Rests that close, as they are now, whenever their pack's own text would, whatever interrupts them.
  std::vector<bool> dominates() const {
    std::vector<bool> out(rules_.rests.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const RestRule& rule = rules_.rests[i];
      out[i] = rules_.packs[rule.head.pack].id == claim_.than && rule.terms.minimum >= rule.declared.minimum &&
               rule.terms.grace <= rule.declared.grace && rule.terms.lead <= rule.declared.lead;
    }
    return out;
  }

  bool found_counterexample(const std::vector<Pattern>& days) {
    std::vector<After> cases{After::kDuty};
    const bool protective = claim_.kind == ClaimKind::kAtLeastAsProtective;
    if (breaks() || protective) cases.push_back(After::kInterruption);
    const pack::Rules other = protective ? alone(rules_, claim_.than) : pack::Rules{};
    for (const After after : cases) {
      for (const Pattern& day : days) {
        Question question(subject_, day);
        ++report_.places;
        const Answer answer = protective ? question.weaker_than(other, after, {}) : question.fails(after, {});
        note(question);
        if (answer == Answer::kUnknown) report_.reason = too_hard();
        if (answer == Answer::kFound && confirmed(day, question.values())) return true;
      }
    }
    return false;
  }

  bool confirmed(const Pattern& day, const Values& values) {
    Example found = example(claim_, day, values);
    const auto shortfall = replay(rule_set_, claim_, found.facts, found.at);
    if (!shortfall) {
      report_.reason = {"prove.unconfirmed",
                        "a counterexample that decide does not confirm",
                        {},
                        "prove the claim over a roster",
                        {}};
      return false;
    }
    const Interval within{shortfall->period.begin - base::kDay, shortfall->period.end + base::kDay};
    const decide::Subject subject(rules_, found.facts);
    const decide::Scene scene(subject, within);
    ++report_.failures;
    report_.counterexamples.push_back(
        {found.facts.person, *shortfall, involved(scene, claim_.classes, shortfall->found), std::move(found.facts)});
    return true;
  }

  const pack::RuleSet& rule_set_;
  const pack::Rules& rules_;
  const ClaimRule& claim_;
  Subject subject_;
  ClaimReport report_;
  std::vector<bool> seen_rests_, seen_exceptions_;
};

}  // namespace

base::Result<Report> prove(const std::shared_ptr<const pack::RuleSet>& rule_set, const std::string& claim) {
  const pack::Rules& rules = rule_set->rules();
  const auto claims = claims_of(rules, claim);
  if (!claims) return std::unexpected(claims.error());
  Report report = blank_report(rules);
  report.symbolic = true;
  const auto year = [](std::int64_t y) { return base::Instant{time::date_of({y, 1, 1}).days * base::kDay.count}; };
  report.span = {year(kFirstYear), year(kLastYear + 1)};
  report.clock_changes = clock_changes(rules, report.span);
  std::vector<std::pair<bool, bool>> rests(rules.rests.size()), exceptions(rules.exceptions.size());  // needed, seen
  for (const ClaimRule* one : *claims) {
    Proof proof(*rule_set, *one);
    report.claims.push_back(proof.run());
    for (std::size_t i = 0; i < rests.size(); ++i) {
      rests[i].first |= proof.subject().rests[i];
      rests[i].second |= proof.seen_rests()[i];
    }
    for (std::size_t i = 0; i < exceptions.size(); ++i) {
      exceptions[i].first |= matters(proof.subject(), i);
      exceptions[i].second |= proof.seen_exceptions()[i];
    }
  }
  // What speaks of no class of any claim cannot make a difference to one.
  for (std::size_t i = 0; i < rests.size(); ++i) report.rests[i].covered = rests[i].second || !rests[i].first;
  for (Coverage& one : report.exceptions) {
    const auto at = std::ranges::find(rules.exceptions, one.id, [](const auto& rule) { return rule.head.id; });
    const auto& [needed, seen] = exceptions[static_cast<std::size_t>(at - rules.exceptions.begin())];
    one.covered = seen || !needed;
  }
  return report;
}

}  // namespace policy::prove::symbolic
