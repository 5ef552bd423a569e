// The closings of an unknown person as formulas: between the end of one duty and the begin of the next, on a day whose
// windows are known. All instants are whole seconds after the pattern's midnight. The only part of the house that
// knows Z3.
//
// What is exact and what is left out, and why that is right for a proof: a search for a counterexample may leave out
// what could only close more. So nobody is absent unless the question is about absence, and on call is a constant,
// since whoever is on call all the time is never closed more than somebody who is for a part of it. Duties before and
// after the gap cannot reach into it (policy/time/rest.h).
#pragma once

#include <z3++.h>

#include <map>
#include <string>
#include <vector>

#include "policy/pack/rules.h"
#include "policy/prove/symbolic/calendar.h"

namespace policy::prove::symbolic {

// The unknowns. `end` and `next` are the end of the last duty and the begin of the next; far away stands for none.
struct State {
  explicit State(z3::context& z3);

  z3::expr end, next, begin;             // `begin`: of the last duty, where a claim asks for it
  z3::expr on_call, on_duty, absent;     // booleans
  z3::expr interruption, interrupted_s;  // its begin and length
  z3::expr at;                           // the instant that is asked about, for claims about single instants
};

constexpr std::int64_t kFar = 200LL * 86400;  // farther than any rest, grace and lead reach

// Which interruption has moved the ends of rests.
enum class After : std::uint8_t {
  kDuty,          // none
  kInterruption,  // exactly one, State::interruption
  kAny,           // the last of any number, State::interruption: only what `restarted` says is known to be closed
  kFree,          // any number; whether a rest closes at State::at is free, but the same in every encoding, and what
                  // `restarted` does not say is not closed
};

class Encoding {
 public:
  // Refers to all of them. `rests`: which rules matter, by index.
  Encoding(z3::context& z3, const pack::Rules& rules, const std::vector<bool>& rests, const Pattern& pattern,
           std::map<std::string, z3::expr>& groups);

  // The closings that follow, until the next call. `restarted`: by index of rests, for kAny and kFree.
  void close(const State& state, After after, const std::vector<bool>& restarted = {});

  // No class is delivered at `instant`, which must lie in the gap.
  z3::expr quiet(const z3::expr& instant, pack::ClassSet classes) const;
  z3::expr closed(const z3::expr& instant, std::size_t message_class, model::Effect level) const;
  // Every instant at which an answer may change.
  std::vector<z3::expr> boundaries() const;

  // A rest of the kind after-duty that is for the person does not close any more.
  z3::expr ended(std::size_t rest, const z3::expr& instant) const;
  z3::expr applies(const pack::Applies& applies) const;
  // What formulas were made of so far, by index: a proof says what it covered.
  const std::vector<bool>& seen_rests() const { return seen_rests_; }
  const std::vector<bool>& seen_exceptions() const { return seen_exceptions_; }
  z3::expr number(std::int64_t value) const { return z3_.int_val(value); }

 private:
  struct Span {
    z3::expr begin, end;
  };
  struct Closing {
    std::size_t rest;
    z3::expr condition;       // applies, and nothing that it excepts is the case
    std::vector<Span> spans;  // none and `always`: as long as the condition holds
    bool always = false;
  };

  z3::expr seen_as_gap(std::size_t rest, const State& state) const;
  std::vector<Span> spans_of(std::size_t rest, const State& state, After after,
                             const std::vector<bool>& restarted) const;
  Span after_duty(const pack::RestRule& rule, const State& state, After after, bool restarted) const;
  z3::expr pierced(std::size_t rest, std::size_t message_class, const z3::expr& instant) const;
  z3::expr inside(const std::vector<Span>& spans, const z3::expr& instant) const;

  z3::context& z3_;
  const pack::Rules& rules_;
  const std::vector<bool>& rests_;
  const Pattern& pattern_;
  std::map<std::string, z3::expr>& groups_;
  std::vector<Closing> closings_;
  mutable std::vector<bool> seen_rests_, seen_exceptions_;
  std::vector<z3::expr> on_call_;  // one, once close() was called
};

}  // namespace policy::prove::symbolic
