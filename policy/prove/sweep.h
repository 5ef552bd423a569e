// The exact proof over a roster: every claim for every person over a span, on the sets of closings themselves and not
// on samples, so that every clock change and every second of the span counts.
//
//   auto plan = Plan::make(rules, span, "");
//   Tally tally(*plan);
//   for (…) tally.add(person);                      // several tallies in several threads, then merge()
//   Report report = report_of(*rules, *plan, tally);
//
// It proves what holds without overrides and own openings: facts about them are left out, and the report names the
// exceptions that can lift a claim (suspended_by). On-call times and windows that pierce are part of the sweep.
//
// The report is judged by the rules that it is asked about, not by those that were swept: a rule that the sweep did not
// see, or that closed nobody, is not covered, and then the run is no proof.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "policy/decide/scene.h"
#include "policy/prove/report.h"

namespace policy::prove {

// What of a sweep is the same for everybody. Immutable; share it between threads.
class Plan {
 public:
  // `claim`: the id of one claim, or empty for all. Errors: prove.no-claims, prove.unknown-claim.
  static base::Result<std::shared_ptr<const Plan>> make(std::shared_ptr<const pack::RuleSet> rules, base::Interval span,
                                                        const std::string& claim);

  struct Task {
    const pack::ClaimRule* claim = nullptr;
    std::vector<base::Interval> weeks;         // kRestPerWeek
    std::shared_ptr<const pack::Rules> alone;  // kAtLeastAsProtective: the other pack by itself
  };
  const pack::Rules& rules() const { return rules_->rules(); }
  base::Interval span() const { return span_; }
  const std::vector<Task>& tasks() const { return tasks_; }
  base::Seconds longest() const { return longest_; }  // of the claimed rests

 private:
  Plan() = default;

  std::shared_ptr<const pack::RuleSet> rules_;
  base::Interval span_;
  std::vector<Task> tasks_;
  base::Seconds longest_;
};

// What a sweep has found so far. One thread at a time; the plan outlives it.
class Tally {
 public:
  explicit Tally(const Plan& plan);

  void add(const model::PersonFacts& facts);
  void merge(const Tally& other);  // of the same plan; the order of merging changes nothing

 private:
  friend Report report_of(const pack::RuleSet& rules, const Plan& plan, const Tally& tally);

  struct Found {
    std::uint64_t places = 0, failures = 0, roster_breaches = 0, interrupted = 0;
    std::vector<Counterexample> counterexamples, breaches;
  };
  struct Closed {
    base::Seconds time;
    std::uint64_t people = 0;
  };
  void judge(std::size_t task, const model::PersonFacts& facts, const decide::Scene& scene, const Checked& checked);
  void count_closings(const decide::Scene& scene);

  const Plan* plan_;
  std::uint64_t people_ = 0, duties_ = 0, unevaluable_ = 0;
  std::vector<Found> found_;                           // by task
  std::map<std::string, Closed, std::less<>> closed_;  // by id of rest and exception
};

Report report_of(const pack::RuleSet& rules, const Plan& plan, const Tally& tally);

}  // namespace policy::prove
