// Every distinct answer that a rule set gives about all four classes, kept once. People under the same rules share
// their answers, so that a Forecast of a person holds only numbers.
//
// Grows to a bound and never shrinks; it belongs to one rule set and goes with it. Spans and references that it
// gives stay valid for as long as it lives: it cannot be copied or moved. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/decide/scene.h"
#include "policy/model/message_class.h"
#include "policy/pack/rules.h"

namespace policy::decide {

struct Answer {
  std::array<model::Effect, model::kMessageClassCount> effects{};
  // Ids of the rules that produced each effect, as model::Decision names them; empty for kDeliver.
  std::array<std::span<const std::string_view>, model::kMessageClassCount> rules;
};

using AnswerIndex = std::uint32_t;
constexpr std::size_t kAnswersMax = 65536;  // a rule set of a whole Land with its on-call exceptions has some hundreds

class Answers {
 public:
  // The rules stay alive with it.
  explicit Answers(std::shared_ptr<const pack::RuleSet> rules, std::size_t most = kAnswersMax);
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  const pack::RuleSet& rules() const { return *rules_; }
  std::size_t size() const { return answers_.size(); }
  const Answer& operator[](AnswerIndex index) const { return answers_[index].answer; }

  // The answer of a scene at an instant of its span. Nothing if it is new and there is no room for it.
  std::optional<AnswerIndex> find(const Scene& scene, base::Instant instant);
  // For facts that cannot be evaluated: every class that a rule for this person ever closes is held, by all of them.
  std::optional<AnswerIndex> find_closed(const Subject& subject);

 private:
  // The effects, two bits each; then for each rule that is named its index into Rules::rests times 16 plus the classes
  // for which it is. An answer is nothing more than that.
  using Key = std::vector<std::uint32_t>;
  struct Kept {
    Answer answer;
    std::vector<std::string_view> ids;  // of the four classes one after the other; views into the rule set
  };
  void add(const pack::RestRule& rule, pack::ClassSet classes);  // to key_
  std::optional<AnswerIndex> keep(const Effects& effects);       // what key_ says

  std::shared_ptr<const pack::RuleSet> rules_;
  std::size_t most_;
  std::deque<Kept> answers_;
  std::map<Key, AnswerIndex> index_;
  Key key_;  // these two are reused from call to call
  std::vector<Counting> counting_;
};

}  // namespace policy::decide
