#include "policy/prove/symbolic/encoding.h"

#include <algorithm>

namespace policy::prove::symbolic {
namespace {

using pack::ExceptionRule;
using pack::ExceptionWhen;
using pack::RestKind;
using pack::RestRule;

z3::expr least(const z3::expr& a, const z3::expr& b) { return z3::ite(a < b, a, b); }
z3::expr most(const z3::expr& a, const z3::expr& b) { return z3::ite(a < b, b, a); }

}  // namespace

State::State(z3::context& z3)
    : end(z3.int_const("end")),
      next(z3.int_const("next")),
      begin(z3.int_const("begin")),
      on_call(z3.bool_const("on_call")),
      on_duty(z3.bool_const("on_duty")),
      absent(z3.bool_const("absent")),
      interruption(z3.int_const("interruption")),
      interrupted_s(z3.int_const("interrupted_s")),
      at(z3.int_const("at")) {}

Encoding::Encoding(z3::context& z3, const pack::Rules& rules, const std::vector<bool>& rests, const Pattern& pattern,
                   std::map<std::string, z3::expr>& groups)
    : z3_(z3),
      rules_(rules),
      rests_(rests),
      pattern_(pattern),
      groups_(groups),
      seen_rests_(rules.rests.size()),
      seen_exceptions_(rules.exceptions.size()) {}

z3::expr Encoding::applies(const pack::Applies& applies) const {
  if (applies.everybody) return z3_.bool_val(true);
  z3::expr any = z3_.bool_val(false);
  for (const std::string& group : applies.groups) {
    auto known = groups_.find(group);
    if (known == groups_.end())
      known = groups_.emplace(group, z3_.bool_const(("group " + std::to_string(groups_.size())).c_str())).first;
    any = any || known->second;
  }
  return any;
}

// A rule whose pack joins duties further apart sees one duty where the claim sees two.
z3::expr Encoding::seen_as_gap(std::size_t rest, const State& state) const {
  const std::int64_t gap = rules_.duty_views[rules_.rests[rest].duty_view].gap.count;
  return !state.on_duty && state.next - state.end >= number(gap);
}

Encoding::Span Encoding::after_duty(const RestRule& rule, const State& state, After after, bool restarted) const {
  const z3::expr minimum = number(rule.terms.minimum.count);
  const z3::expr latest = state.next - number(rule.terms.lead.count);
  const z3::expr begin = state.end + number(rule.terms.grace.count);
  Span span{begin, least(begin + minimum, latest)};
  if (after == After::kDuty) return span;
  if (after == After::kAny) {
    if (!restarted) return {begin, begin};
    span.begin = most(state.interruption, begin);
    span.end = least(span.begin + minimum, latest);
    return span;
  }
  z3::expr hit = begin <= state.interruption && state.interruption < span.end;
  if (rule.terms.restart.when == time::Restart::When::kNever) return span;
  if (rule.terms.restart.when == time::Restart::When::kLongerThan)
    hit = hit && state.interrupted_s > number(rule.terms.restart.threshold.count);
  span.end = z3::ite(hit, most(span.end, least(state.interruption + minimum, latest)), span.end);
  return span;
}

std::vector<Encoding::Span> Encoding::spans_of(std::size_t rest, const State& state, After after,
                                               const std::vector<bool>& restarted) const {
  const RestRule& rule = rules_.rests[rest];
  std::vector<Span> spans;
  if (rule.kind == RestKind::kAfterDuty)
    spans.push_back(after_duty(rule, state, after, !restarted.empty() && restarted[rest]));
  if (rule.kind == RestKind::kOffDuty)
    spans.push_back({state.end + number(rule.terms.grace.count), state.next - number(rule.terms.lead.count)});
  if (rule.kind == RestKind::kWindow)
    for (const base::Interval& window : pattern_.rests[rest])
      spans.push_back({number(window.begin.unix_s), number(window.end.unix_s)});
  return spans;
}

void Encoding::close(const State& state, After after, const std::vector<bool>& restarted) {
  closings_.clear();
  on_call_ = {state.on_call};
  for (std::size_t i = 0; i < rules_.rests.size(); ++i) {
    if (!rests_[i]) continue;
    const RestRule& rule = rules_.rests[i];
    Closing closing{i, applies(rule.applies), {}, rule.unset || rule.kind == RestKind::kAbsence};
    if (after == After::kFree && rule.kind == RestKind::kAfterDuty && !rule.unset) {
      closing.always = true;
      const z3::expr free = z3_.bool_const(("rest " + std::to_string(i)).c_str());
      closing.condition = closing.condition && (restarted[i] ? free : z3_.bool_val(false));
    }
    if (!closing.always) closing.spans = spans_of(i, state, after, restarted);
    if (!rule.unset) {
      const bool follows_duty = rule.kind == RestKind::kAfterDuty || rule.kind == RestKind::kOffDuty;
      if (follows_duty || rule.unless_duty) closing.condition = closing.condition && seen_as_gap(i, state);
      if (rule.kind == RestKind::kAbsence) closing.condition = closing.condition && state.absent;
      if (rule.unless_on_call) closing.condition = closing.condition && !state.on_call;
    }
    closings_.push_back(std::move(closing));
  }
}

z3::expr Encoding::inside(const std::vector<Span>& spans, const z3::expr& instant) const {
  z3::expr any = z3_.bool_val(false);
  for (const Span& span : spans) any = any || (span.begin <= instant && instant < span.end);
  return any;
}

z3::expr Encoding::pierced(std::size_t rest, std::size_t message_class, const z3::expr& instant) const {
  z3::expr any = z3_.bool_val(false);
  for (std::size_t i = 0; i < rules_.exceptions.size(); ++i) {
    const ExceptionRule& exception = rules_.exceptions[i];
    const bool names_it = std::ranges::find(exception.pierces, rest) != exception.pierces.end();
    if (!names_it || !exception.classes[message_class]) continue;
    seen_exceptions_[i] = exception.when == ExceptionWhen::kOnCall || exception.when == ExceptionWhen::kWindow;
    if (exception.when == ExceptionWhen::kOnCall) any = any || (applies(exception.applies) && on_call_.front());
    if (exception.when == ExceptionWhen::kWindow) {
      std::vector<Span> spans;
      for (const base::Interval& window : pattern_.exceptions[i])
        spans.push_back({number(window.begin.unix_s), number(window.end.unix_s)});
      any = any || (applies(exception.applies) && inside(spans, instant));
    }
  }
  return any;
}

z3::expr Encoding::closed(const z3::expr& instant, std::size_t message_class, model::Effect level) const {
  z3::expr any = z3_.bool_val(false);
  for (const Closing& closing : closings_) {
    if (rules_.rests[closing.rest].effects[message_class] < level) continue;
    seen_rests_[closing.rest] = true;
    const z3::expr in = closing.always ? closing.condition : closing.condition && inside(closing.spans, instant);
    any = any || (in && !pierced(closing.rest, message_class, instant));
  }
  return any;
}

z3::expr Encoding::quiet(const z3::expr& instant, pack::ClassSet classes) const {
  z3::expr all = z3_.bool_val(true);
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (classes[c]) all = all && closed(instant, c, model::Effect::kSilent);
  return all;
}

std::vector<z3::expr> Encoding::boundaries() const {
  std::vector<z3::expr> found;
  std::vector<std::int64_t> known;  // windows of several rules often share their times
  const auto add_window = [&](const base::Interval& window) {
    for (const std::int64_t at : {window.begin.unix_s, window.end.unix_s})
      if (std::ranges::find(known, at) == known.end()) known.push_back(at);
  };
  for (const Closing& closing : closings_) {
    if (rules_.rests[closing.rest].kind == RestKind::kWindow) {
      for (const base::Interval& window : pattern_.rests[closing.rest]) add_window(window);
      continue;
    }
    for (const Span& span : closing.spans) {
      found.push_back(span.begin);
      found.push_back(span.end);
    }
  }
  for (const auto& windows : pattern_.exceptions)
    for (const base::Interval& window : windows) add_window(window);
  for (const std::int64_t at : known) found.push_back(number(at));
  return found;
}

z3::expr Encoding::ended(std::size_t rest, const z3::expr& instant) const {
  for (const Closing& closing : closings_)
    if (closing.rest == rest && !closing.spans.empty())
      return closing.condition && instant >= closing.spans.front().end;
  return z3_.bool_val(false);
}

}  // namespace policy::prove::symbolic
