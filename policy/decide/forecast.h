// All answers for one person from an instant on, made once from rules and facts and then only looked up: no allocation,
// no rule, no calendar. The same answers as decide() and gate_state() give, for every instant that it covers.
//
// A value of some hundred bytes. It knows neither rules nor facts: make a new one when they change, and when it no
// longer covers the instant asked for. Refers to its Answers, which outlives it. Const members are thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "policy/base/instant.h"
#include "policy/decide/answers.h"
#include "policy/decide/decide.h"
#include "policy/model/facts.h"

namespace policy::decide {

// A model::Decision that owns nothing.
struct Verdict {
  model::Effect effect = model::Effect::kHold;
  std::span<const std::string_view> rules;  // of the Answers
  base::Instant until = base::kEndOfTime;   // exact, also where it lies behind the end of the forecast
};
model::Decision decision_of(const Verdict& verdict);

class Forecast {
 public:
  // How far it goes: whichever is reached first. It may end earlier when the Answers are full, even at once.
  struct Extent {
    std::size_t stretches_max = 16;  // of time without any change in effects or rules; at least one, at most 65536
    base::Seconds reach{7 * 86400};  // at most kReachMax
  };
  static constexpr std::size_t kStretchesMax = 65536;
  static constexpr base::Seconds kReachMax{50LL * 366 * 86400};

  // Covers nothing.
  Forecast() = default;
  Forecast(Answers& answers, const model::PersonFacts& facts, base::Instant from, Extent extent);

  base::Instant begin() const { return begin_; }
  base::Instant end() const { return end_; }
  bool covers(base::Instant now) const { return begin_ <= now && now < end_; }

  // Both: `now` is covered.
  Verdict at(model::MessageClass message_class, base::Instant now) const;
  GateState gate_at(base::Instant now) const;

  // What it takes, its own size and what it holds.
  std::size_t size_bytes() const;

 private:
  // Seconds since begin_; kReachMax is less than 2^31.
  using Offset = std::uint32_t;
  // Of one answer, until the next begins.
  struct Stretch {
    Offset begin = 0;
    std::uint16_t answer = 0;  // an AnswerIndex
    // For each class, how many stretches further its effect has changed: 0 not before end_, kFar at least so many.
    std::array<std::uint8_t, model::kMessageClassCount> change{};
  };
  static_assert(kAnswersMax <= std::size_t{1} << 16U);
  static constexpr std::uint8_t kFar = 255;
  class Builder;

  void hold(std::optional<AnswerIndex> answer, base::Instant limit);
  void note_changes();
  void note_slots();
  std::size_t stretch_at(Offset now) const;
  base::Instant next_change_of(std::size_t message_class, std::size_t stretch) const;

  // What nearly every look-up reads stands together, in one cache line.
  const Answers* answers_ = nullptr;
  base::Instant begin_, end_;
  std::vector<Stretch> stretches_;  // to end_ without gaps
  // The stretch at the begin of each slot of 2^slot_bits_ seconds, about as many as stretches: who was not asked about
  // for long is not in the processor's cache, and each place that is looked at costs. Empty where they are few.
  std::vector<std::uint16_t> slots_;
  unsigned slot_bits_ = 0;
  std::array<base::Instant, model::kMessageClassCount> behind_{};  // each class's first change at or behind end_
};

}  // namespace policy::decide
