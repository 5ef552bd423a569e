// What is allowed but worth a look, for `check`: rules that can never decide anything, rules that contradict each
// other, local times that a clock change skips or repeats. Loading has refused what is wrong; this says what is odd.
//
//   code                          means
//   finding.unreachable           a rest that others of its own layer or of a more basic one always cover, with at
//                                 least its effect, for everybody whom it is for
//   finding.no-effect             a rest that delivers every class
//   finding.exception-idle        an exception without which every decision is the same
//   finding.alarm-unusable        an [[alarm]] whose reasons another pack never admits: nobody can use it
//   finding.retention-idle        a [[retention]] without which every deadline is the same
//   finding.setting-idle          a setting of [devices] or [sessions] that another one of the same layer overrules,
//                                 or an idle time or step-up that outlasts the session
//   finding.pierces-claim         an exception that pierces what a claim of its own pack says must hold
//   finding.claim-open            a claim about a class that no rest closes
//   finding.grace-too-long        an after-duty rest whose grace is as long as its minimum, or longer
//   finding.lead-too-long         an after-duty rest whose lead is as long as its minimum, or longer
//   finding.retention-conflict    a floor above the longest time that another rule leaves
//   finding.whole-day             a window that begins and ends at the same time and so lasts a day
//   finding.ambiguous-time        a local time that a clock change skips or repeats, with date and readings
//   finding.no-calendar           a rule names holidays, its pack no calendar
//   finding.zone-differs          packs that read the clock in different zones
//   finding.no-zone               no pack has a zone: weeks and explanations follow UTC
//   finding.parameter-unset       a parameter without a value: what uses it holds always
//
// A finding has code, what was seen, a remedy and the place ("name:line:column"). In the order of the packs, then of
// the places. "Never" and "always" are meant: a rest or exception is named only if no roster, group or instant tells
// the rule sets with and without it apart, and all that are named may be removed together.
//
// Pure; at most a few seconds for the largest rule set that loads (kRulesMax).
#pragma once

#include "policy/pack/roster_csv.h"
#include "policy/pack/rule_set.h"

namespace policy::check {

pack::Errors findings(const pack::RuleSet& rules);

}  // namespace policy::check
