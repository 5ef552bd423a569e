#include "policy/prove/symbolic/question.h"

#include <algorithm>

#include "policy/prove/claims.h"

namespace policy::prove::symbolic {
namespace {

using pack::ClaimKind;
using pack::ClaimRule;
using pack::ExceptionRule;
using pack::RestKind;
using pack::RestRule;

bool closes(const RestRule& rest, pack::ClassSet classes) {
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (classes[c] && rest.effects[c] != model::Effect::kDeliver) return true;
  return false;
}

}  // namespace

Subject subject_of(const pack::Rules& rules, const ClaimRule& claim) {
  Subject subject{rules, claim, std::vector<bool>(rules.rests.size()), std::vector<bool>(rules.exceptions.size())};
  for (std::size_t i = 0; i < rules.rests.size(); ++i) {
    subject.rests[i] = closes(rules.rests[i], claim.classes);
    subject.with_windows |= subject.rests[i] && rules.rests[i].kind == RestKind::kWindow;
  }
  for (std::size_t i = 0; i < rules.exceptions.size(); ++i) {
    const ExceptionRule& exception = rules.exceptions[i];
    if (exception.when != pack::ExceptionWhen::kWindow) continue;
    const pack::ClassSet both = exception.classes & claim.classes;
    subject.exceptions[i] = std::ranges::any_of(
        exception.pierces, [&](std::size_t rest) { return subject.rests[rest] && closes(rules.rests[rest], both); });
    subject.with_windows |= subject.exceptions[i];
  }
  return subject;
}

Question::Question(const Subject& subject, const Pattern& pattern)
    : subject_(subject),
      pattern_(pattern),
      state_(z3_),
      encoding_(z3_, subject.rules, subject.rests, pattern, groups_) {}

bool Question::single_instant() const {
  const ClaimKind kind = subject_.claim.kind;
  return kind == ClaimKind::kNeverDelivers || kind == ClaimKind::kAtLeastAsProtective;
}

void Question::assume_gap(z3::solver& solver) {
  const auto n = [&](std::int64_t value) { return encoding_.number(value); };
  solver.add(encoding_.applies(subject_.claim.applies));
  solver.add(state_.end < state_.next && state_.end >= n(-kFar) && state_.next <= n(2 * kFar));
  solver.add(state_.interrupted_s >= 0 && state_.interrupted_s <= n(kFar));
}

// `anchor`: the instant that lies on the pattern's day.
Question::Frame Question::frame(z3::solver& solver, const z3::expr& anchor) {
  const auto n = [&](std::int64_t value) { return encoding_.number(value); };
  const z3::expr length = n(pattern_.length.count);
  assume_gap(solver);
  solver.add(!state_.on_duty && !state_.absent);
  solver.add(state_.next - state_.end >= n(subject_.rules.duty_views[subject_.claim.duty_view].gap.count));
  switch (subject_.claim.kind) {
    case ClaimKind::kRestPer24h: {
      const z3::expr stop = state_.begin + n(base::kDay.count);
      solver.add(state_.begin >= 0 && state_.begin < length && state_.begin < state_.end && state_.end < stop);
      return {state_.end, z3::ite(state_.next < stop, state_.next, stop), false};
    }
    case ClaimKind::kRestPerWeek: {
      solver.add((state_.end > 0 || state_.next < length) && state_.end < length && state_.next > 0);
      return {z3::ite(state_.end < 0, n(0), state_.end), z3::ite(state_.next < length, state_.next, length), false};
    }
    default: solver.add(anchor >= 0 && anchor < length); return {state_.end, state_.next, true};
  }
}

// An interruption of this kind that leaves room for a rest before the end.
void Question::assume_break(z3::solver& solver, const Frame& frame, const z3::expr& at) {
  solver.add(at > frame.first && at < frame.stop);
  const time::Restart& restart = subject_.claim.restart;
  if (restart.when == time::Restart::When::kNever) solver.add(z3_.bool_val(false));
  if (restart.when == time::Restart::When::kLongerThan)
    solver.add(state_.interrupted_s > encoding_.number(restart.threshold.count));
}

// A stretch of the claimed length begins at `from`.
z3::expr Question::good(const std::vector<z3::expr>& boundaries, const z3::expr& from, const z3::expr& anchor,
                        const Frame& frame, const z3::expr& stop) {
  const z3::expr end = from + encoding_.number(subject_.claim.minimum.value_or(base::Seconds{}).count);
  z3::expr all = from >= anchor && end <= stop && encoding_.quiet(from, subject_.claim.classes);
  if (frame.limited) all = all && from <= anchor + encoding_.number(kRestBeginsWithin.count);
  for (const z3::expr& boundary : boundaries)
    all = all && (boundary <= from || boundary >= end || encoding_.quiet(boundary, subject_.claim.classes));
  return all;
}

// It is enough to try where quiet can begin.
z3::expr Question::kept(const z3::expr& anchor, const Frame& frame, const z3::expr& stop) {
  const std::vector<z3::expr> boundaries = encoding_.boundaries();
  z3::expr any = good(boundaries, anchor, anchor, frame, stop);
  for (const z3::expr& boundary : boundaries) any = any || good(boundaries, boundary, anchor, frame, stop);
  return any;
}

z3::expr Question::no_rest(const z3::expr& anchor, const Frame& frame) {
  const z3::expr minimum = encoding_.number(subject_.claim.minimum.value_or(base::Seconds{}).count);
  return frame.stop - anchor >= minimum && !kept(anchor, frame, frame.stop);
}

// A rest had begun in time and lasted until `at`.
z3::expr Question::broken_in_a_rest(const z3::expr& anchor, const Frame& frame, const z3::expr& at) {
  if (!frame.limited) return z3_.bool_val(true);
  std::vector<z3::expr> begins = encoding_.boundaries();
  const std::vector<z3::expr> boundaries = begins;
  begins.push_back(anchor);
  z3::expr any = z3_.bool_val(false);
  const pack::ClassSet classes = subject_.claim.classes;
  for (const z3::expr& from : begins) {
    z3::expr all = from >= anchor && from <= anchor + encoding_.number(kRestBeginsWithin.count) && from < at &&
                   encoding_.quiet(from, classes) && encoding_.quiet(at, classes);
    for (const z3::expr& boundary : boundaries)
      all = all && (boundary <= from || boundary > at || encoding_.quiet(boundary, classes));
    any = any || all;
  }
  return any;
}

z3::expr Question::delivered() { return !encoding_.quiet(state_.at, subject_.claim.classes); }

Answer Question::fails(After after, const std::vector<bool>& restarted) {
  z3::solver solver(z3_);
  encoding_.close(state_, after, restarted);
  const z3::expr length = encoding_.number(pattern_.length.count);
  if (single_instant()) {
    assume_gap(solver);
    solver.add(state_.at >= 0 && state_.at < length && state_.end <= state_.at && state_.at < state_.next);
    const pack::ClaimDuring during = subject_.claim.during;
    if (during == pack::ClaimDuring::kAbsence) solver.add(state_.absent);
    if (during == pack::ClaimDuring::kOffDuty) {
      solver.add(!state_.on_duty);
      solver.add(state_.next - state_.end >=
                 encoding_.number(subject_.rules.duty_views[subject_.claim.duty_view].gap.count));
    }
    solver.add(delivered());
    return solve(solver, after);
  }
  const bool interrupted = after != After::kDuty;
  const z3::expr anchor = interrupted ? state_.interruption : state_.end;
  const Frame at = frame(solver, anchor);
  if (interrupted) assume_break(solver, at, state_.interruption);
  if (after == After::kInterruption) {
    solver.add(!kept(at.first, at, state_.interruption));
    solver.add(broken_in_a_rest(at.first, at, state_.interruption));
  }
  solver.add(no_rest(interrupted ? anchor : at.first, at));
  return solve(solver, after);
}

Answer Question::weaker_than(const pack::Rules& alone, After after, const std::vector<bool>& dominates) {
  z3::solver solver(z3_);
  Encoding other(z3_, alone, subject_.rests, pattern_, groups_);
  encoding_.close(state_, after, dominates);
  other.close(state_, after, std::vector<bool>(subject_.rests.size(), true));
  assume_gap(solver);
  solver.add(state_.at >= 0 && state_.at < encoding_.number(pattern_.length.count));
  solver.add(state_.end <= state_.at && state_.at < state_.next);
  if (after == After::kInterruption) solver.add(state_.interruption > state_.end && state_.interruption <= state_.at);
  z3::expr any = z3_.bool_val(false);
  for (std::size_t c = 0; c < subject_.claim.classes.size(); ++c) {
    if (!subject_.claim.classes[c]) continue;
    for (const model::Effect level : {model::Effect::kSilent, model::Effect::kHold})
      any = any || (other.closed(state_.at, c, level) && !encoding_.closed(state_.at, c, level));
  }
  solver.add(any);
  return solve(solver, after);
}

Answer Question::escapes(std::size_t rest, bool first, const std::vector<bool>& restarted) {
  z3::solver solver(z3_);
  const After after = first ? After::kDuty : After::kAny;
  encoding_.close(state_, after, restarted);
  const z3::expr anchor = first ? state_.end : state_.interruption;
  const Frame at = frame(solver, anchor);
  if (!first) assume_break(solver, at, state_.interruption);
  const z3::expr begin = first ? at.first : state_.interruption;
  const z3::expr minimum = encoding_.number(subject_.claim.minimum.value_or(base::Seconds{}).count);
  assume_break(solver, at, state_.at);
  solver.add(state_.at > begin && at.stop - state_.at >= minimum);
  if (at.limited) solver.add(state_.at < begin + encoding_.number(kRestBeginsWithin.count) + minimum);
  solver.add(!kept(begin, at, state_.at));
  solver.add(encoding_.ended(rest, state_.at));
  solver.set("rlimit", kEffort);
  switch (solver.check()) {
    case z3::sat: return Answer::kFound;
    case z3::unsat: return Answer::kNone;
    case z3::unknown: break;
  }
  return Answer::kUnknown;
}

Answer Question::solve(z3::solver& solver, After after) {
  solver.set("rlimit", kEffort);
  const z3::check_result plain = solver.check();
  if (plain == z3::unknown) return Answer::kUnknown;
  if (plain == z3::unsat) return Answer::kNone;
  read(solver.get_model(), after);
  // The same in numbers that a person would write: quarters of an hour, the next duty within the week.
  const auto quarter = [&](const z3::expr& value, const char* name) { return value == 900 * z3_.int_const(name); };
  const z3::expr soon = state_.next <= state_.end + encoding_.number(7 * base::kDay.count);
  const z3::expr round = quarter(state_.end, "q1") && quarter(state_.next, "q2") && quarter(state_.begin, "q3") &&
                         quarter(state_.interruption, "q4") && quarter(state_.at, "q5");
  const z3::expr shift = state_.begin <= state_.end - 14400 && state_.begin >= state_.end - 36000;
  const z3::expr brief = state_.interrupted_s <= 7200;
  const bool plainly = subject_.claim.kind == ClaimKind::kRestPer24h;
  for (const z3::expr& wish : {soon && brief && round && !state_.on_call && (plainly ? shift : soon),
                               soon && brief && round, soon && brief, soon}) {
    solver.push();
    solver.add(wish);
    const bool granted = solver.check() == z3::sat;
    if (granted) read(solver.get_model(), after);
    solver.pop();
    if (granted) break;
  }
  return Answer::kFound;
}

void Question::read(const z3::model& model, After after) {
  const auto number = [&](const z3::expr& value) { return model.eval(value, true).get_numeral_int64(); };
  const auto holds = [&](const z3::expr& value) { return model.eval(value, true).is_true(); };
  values_ = {};
  values_.end = number(state_.end);
  values_.next = number(state_.next);
  if (subject_.claim.kind == ClaimKind::kRestPer24h) values_.begin = number(state_.begin);
  if (after != After::kDuty) {
    values_.interruption = number(state_.interruption);
    values_.interrupted_s = number(state_.interrupted_s);
  }
  if (single_instant()) values_.at = number(state_.at);
  values_.on_call = holds(state_.on_call);
  values_.on_duty = holds(state_.on_duty);
  values_.absent = holds(state_.absent);
  for (const auto& [group, member] : groups_)
    if (holds(member)) values_.groups.push_back(group);
}

}  // namespace policy::prove::symbolic
