// One claim against one day of the calendar: what is asked of Z3. Inside of policy/prove/symbolic.
#pragma once

#include <optional>

#include "policy/prove/symbolic/encoding.h"
#include "policy/prove/symbolic/example.h"

namespace policy::prove::symbolic {

enum class Answer : std::uint8_t { kNone, kFound, kUnknown };

// What is the same for all days of the calendar.
struct Subject {
  const pack::Rules& rules;
  const pack::ClaimRule& claim;
  std::vector<bool> rests;       // that close for a class of the claim, by index
  std::vector<bool> exceptions;  // windows that pierce one of them for a class of the claim, by index
  bool with_windows = false;     // any of them is a window
};
Subject subject_of(const pack::Rules& rules, const pack::ClaimRule& claim);

// Steps of Z3 for one question. A question about the shipped packs takes less than a hundredth of it.
constexpr unsigned kEffort = 40'000'000;

class Question {
 public:
  Question(const Subject& subject, const Pattern& pattern);

  // Is there somebody for whom the claim fails, without any interruption, after one, after the last of any number?
  // In the last case only the rests of `restarted` count, of which restarts() knows that every interruption starts them
  // anew. A rest that could not be kept for want of time is no failure: that is the roster's breach.
  Answer fails(After after, const std::vector<bool>& restarted);
  // For claims of the kind at-least-as-protective-as, with the other pack by itself: kDuty, kInterruption, kFree.
  Answer weaker_than(const pack::Rules& alone, After after, const std::vector<bool>& dominates);
  // Of the last kFound; tidy numbers where there are some.
  const Values& values() const { return values_; }
  const Encoding& encoding() const { return encoding_; }

  // Is every interruption that breaks a rest inside the closing of `rest`, if that holds of the one before it and for
  // all `restarted`? kNone means yes.
  Answer escapes(std::size_t rest, bool first, const std::vector<bool>& restarted);

 private:
  struct Frame {
    z3::expr first;  // where the rest begins at the earliest
    z3::expr stop;   // and ends at the latest
    bool limited;    // must begin within kRestBeginsWithin
  };

  bool single_instant() const;
  Frame frame(z3::solver& solver, const z3::expr& anchor);
  void assume_gap(z3::solver& solver);
  void assume_break(z3::solver& solver, const Frame& frame, const z3::expr& at);
  z3::expr good(const std::vector<z3::expr>& boundaries, const z3::expr& from, const z3::expr& anchor,
                const Frame& frame, const z3::expr& stop);
  z3::expr kept(const z3::expr& anchor, const Frame& frame, const z3::expr& stop);
  z3::expr broken_in_a_rest(const z3::expr& anchor, const Frame& frame, const z3::expr& at);
  z3::expr no_rest(const z3::expr& anchor, const Frame& frame);
  z3::expr delivered();
  Answer solve(z3::solver& solver, After after);
  void read(const z3::model& model, After after);

  const Subject& subject_;
  const Pattern& pattern_;
  z3::context z3_;
  std::map<std::string, z3::expr> groups_;
  State state_;
  Encoding encoding_;
  Values values_;
};

}  // namespace policy::prove::symbolic
