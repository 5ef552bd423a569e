#include "policy/decide/forecast.h"

#include <algorithm>
#include <bit>

#include "policy/decide/look.h"

namespace policy::decide {

using base::Instant;
using base::Interval;
using base::Seconds;

namespace {

constexpr Seconds kLook{2 * 86400};  // has the eight stretches that a gate wants, as a rule
// Fewer stretches than these are looked at one after the other: they lie in two cache lines.
constexpr std::size_t kFew = 9;

}  // namespace

model::Decision decision_of(const Verdict& verdict) {
  return {verdict.effect, {verdict.rules.begin(), verdict.rules.end()}, verdict.until};
}

// Fills a forecast stretch by stretch. Behind its end it goes on within the same look, which has the next change of
// most classes, too.
class Forecast::Builder {
 public:
  Builder(Answers& answers, Instant begin, std::size_t stretches_max)
      : answers_(answers), begin_(begin), stretches_max_(stretches_max), end_(begin), seen_(begin) {}

  bool visit(const Scene& scene, const Interval& stretch) {
    if (ended_ && scene.span() != last_look_) return false;
    if (!ended_ && take(scene, stretch.begin)) {
      end_ = seen_ = stretch.end;
      return true;
    }
    if (stretches_.empty()) return false;  // the Answers are full
    ended_ = true;
    last_look_ = scene.span();
    const Effects effects = scene.effects_at(stretch.begin);
    for (std::size_t c = 0; c < known_.size(); ++c) {
      if (known_[c] || effects.of[c] == last_effects()[c]) continue;
      known_[c] = true;
      behind_[c] = stretch.begin;
    }
    seen_ = stretch.end;
    return !known_.all();
  }

  void finish(const Subject& subject, Forecast& out) {
    if (stretches_.empty()) return;
    for (std::size_t c = 0; c < known_.size(); ++c)
      if (!known_[c]) behind_[c] = next_change(subject, c, last_effects()[c], seen_);
    out.end_ = end_;
    out.behind_ = behind_;
    out.stretches_.assign(stretches_.begin(), stretches_.end());
    out.note_changes();
    out.note_slots();
  }

 private:
  const std::array<model::Effect, model::kMessageClassCount>& last_effects() const {
    return answers_[stretches_.back().answer].effects;
  }

  // False if it has no place in the forecast.
  bool take(const Scene& scene, Instant begin) {
    const auto answer = answers_.find(scene, begin);
    if (!answer) return false;
    if (!stretches_.empty() && stretches_.back().answer == *answer) return true;
    if (stretches_.size() == stretches_max_) return false;
    stretches_.push_back({static_cast<Offset>((begin - begin_).count), static_cast<std::uint16_t>(*answer), {}});
    return true;
  }

  Answers& answers_;
  Instant begin_;
  std::size_t stretches_max_;
  Instant end_;
  Instant seen_;  // up to here it is known what changes
  std::vector<Stretch> stretches_;
  bool ended_ = false;
  Interval last_look_;
  pack::ClassSet known_;
  std::array<Instant, model::kMessageClassCount> behind_{};
};

Forecast::Forecast(Answers& answers, const model::PersonFacts& facts, Instant from, Extent extent)
    : answers_(&answers), begin_(from), end_(from) {
  const Instant limit = std::min(from + std::min(extent.reach, kReachMax), base::kEndOfTime);
  const Subject subject(answers.rules().rules(), facts);
  if (!subject.evaluable()) {
    hold(answers.find_closed(subject), limit);
    return;
  }
  Builder builder(answers, from, std::min(extent.stretches_max, kStretchesMax));
  look_ahead(
      subject, pack::ClassSet().set(), from, limit,
      [&](const Scene& scene, const Interval& stretch) { return builder.visit(scene, stretch); }, kLook);
  builder.finish(subject, *this);
}

void Forecast::hold(std::optional<AnswerIndex> answer, Instant limit) {
  behind_.fill(base::kEndOfTime);
  if (!answer) return;
  stretches_.assign(1, {0, static_cast<std::uint16_t>(*answer), {}});
  end_ = limit;
}

void Forecast::note_changes() {
  for (std::size_t i = stretches_.size() - 1; i > 0; --i) {
    const auto& effects = (*answers_)[stretches_[i].answer].effects;
    const auto& before = (*answers_)[stretches_[i - 1].answer].effects;
    for (std::size_t c = 0; c < effects.size(); ++c) {
      const unsigned further = stretches_[i].change[c];
      const unsigned steps = effects[c] != before[c] ? 1 : further == 0 ? 0 : further + 1;
      stretches_[i - 1].change[c] = static_cast<std::uint8_t>(std::min<unsigned>(steps, kFar));
    }
  }
}

void Forecast::note_slots() {
  if (stretches_.size() < kFew) return;
  const auto length = static_cast<Offset>((end_ - begin_).count);
  slot_bits_ = static_cast<unsigned>(std::bit_width(length / stretches_.size()));
  slots_.reserve((length >> slot_bits_) + 1);
  std::size_t stretch = 0;
  for (Offset slot = 0; slot <= length >> slot_bits_; ++slot) {
    while (stretch + 1 < stretches_.size() && stretches_[stretch + 1].begin <= slot << slot_bits_) ++stretch;
    slots_.push_back(static_cast<std::uint16_t>(stretch));
  }
}

std::size_t Forecast::stretch_at(Offset now) const {
  std::size_t low = 0, high = stretches_.size();
  if (!slots_.empty()) {
    const std::size_t slot = now >> slot_bits_;
    low = slots_[slot];
    if (slot + 1 < slots_.size()) high = slots_[slot + 1] + 1;
  }
  if (high - low > kFew) {  // all in one hour of a year, say
    const auto within = std::span(stretches_).subspan(low, high - low);
    const auto later = std::ranges::upper_bound(within, now, {}, &Stretch::begin);
    return low + static_cast<std::size_t>(later - within.begin()) - 1;
  }
  while (low + 1 < high && stretches_[low + 1].begin <= now) ++low;
  return low;
}

Instant Forecast::next_change_of(std::size_t message_class, std::size_t stretch) const {
  const auto effect_of = [&](std::size_t i) { return (*answers_)[stretches_[i].answer].effects[message_class]; };
  std::size_t at = stretch;
  while (stretches_[at].change[message_class] == kFar && effect_of(at + kFar) == effect_of(stretch)) at += kFar;
  const std::size_t steps = stretches_[at].change[message_class];
  return steps == 0 ? behind_[message_class] : begin_ + Seconds{stretches_[at + steps].begin};
}

Verdict Forecast::at(model::MessageClass message_class, Instant now) const {
  const std::size_t c = pack::index_of(message_class);
  const std::size_t stretch = stretch_at(static_cast<Offset>((now - begin_).count));
  const Answer& answer = (*answers_)[stretches_[stretch].answer];
  return {answer.effects[c], answer.rules[c], next_change_of(c, stretch)};
}

GateState Forecast::gate_at(Instant now) const {
  const std::size_t stretch = stretch_at(static_cast<Offset>((now - begin_).count));
  GateState state{(*answers_)[stretches_[stretch].answer].effects, base::kEndOfTime};
  for (std::size_t c = 0; c < behind_.size(); ++c) state.until = std::min(state.until, next_change_of(c, stretch));
  return state;
}

std::size_t Forecast::size_bytes() const {
  return sizeof(*this) + stretches_.capacity() * sizeof(Stretch) + slots_.capacity() * sizeof(slots_[0]);
}

}  // namespace policy::decide
