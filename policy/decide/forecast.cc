#include "policy/decide/forecast.h"

#include <algorithm>
#include <functional>

#include "policy/decide/look.h"

namespace policy::decide {

using base::Instant;
using base::Interval;
using base::Seconds;

namespace {

constexpr Seconds kLook{2 * 86400};  // has the eight stretches that a gate wants, as a rule

// Of items sorted by an offset below `length`, the first that is later than `now`. They lie about evenly in time, so
// the search begins where it would be if they did: a year's forecast of somebody who was not asked about for long is
// not in the processor's cache, and every place that is looked at costs.
template <typename Item, typename Begin>
std::size_t first_after(std::span<const Item> items, std::uint32_t now, std::uint32_t length, Begin begin_of) {
  const auto later = [&](std::size_t i) { return std::invoke(begin_of, items[i]) > now; };
  const auto where = [&](std::int64_t offset) {
    return offset * static_cast<std::int64_t>(items.size()) / std::max<std::int64_t>(length, 1);
  };
  const auto within = [&](std::int64_t i) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(i, 0, static_cast<std::int64_t>(items.size())));
  };
  std::size_t low = within(where(now));
  if (low < items.size())  // once more from there: how evenly they lie changes over a year, but less within weeks
    low = within(static_cast<std::int64_t>(low) + where(std::int64_t{now} - std::invoke(begin_of, items[low])) + 1);
  std::size_t high = low;
  for (std::size_t step = 1; low > 0 && later(low - 1); step *= 2) {
    high = low - 1;
    low -= std::min(low, step);
  }
  for (std::size_t step = 1; high < items.size() && !later(high); step *= 2) {
    low = high + 1;
    high = std::min(items.size(), high + step);
  }
  const auto between = items.subspan(low, high - low);
  return low + static_cast<std::size_t>(std::ranges::upper_bound(between, now, {}, begin_of) - between.begin());
}

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
    stretches_.push_back({static_cast<Offset>((begin - begin_).count), *answer});
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
  Builder builder(answers, from, extent.stretches_max);
  look_ahead(
      subject, pack::ClassSet().set(), from, limit,
      [&](const Scene& scene, const Interval& stretch) { return builder.visit(scene, stretch); }, kLook);
  builder.finish(subject, *this);
}

void Forecast::hold(std::optional<AnswerIndex> answer, Instant limit) {
  behind_.fill(base::kEndOfTime);
  if (!answer) return;
  stretches_.assign(1, {0, *answer});
  end_ = limit;
}

void Forecast::note_changes() {
  if (stretches_.size() <= 1 + kNear) return;
  const auto changes = [&](std::size_t i, std::size_t c) {
    return (*answers_)[stretches_[i].answer].effects[c] != (*answers_)[stretches_[i - 1].answer].effects[c];
  };
  std::size_t count = 0;
  for (std::size_t i = 1; i < stretches_.size(); ++i)
    for (std::size_t c = 0; c < behind_.size(); ++c) count += changes(i, c) ? 1U : 0U;
  changes_.reserve(count);
  for (std::size_t c = 0; c < behind_.size(); ++c) {
    for (std::size_t i = 1; i < stretches_.size(); ++i)
      if (changes(i, c)) changes_.push_back(stretches_[i].begin);
    changes_of_[c + 1] = static_cast<std::uint32_t>(changes_.size());
  }
}

Forecast::Offset Forecast::length() const { return static_cast<Offset>((end_ - begin_).count); }

std::size_t Forecast::stretch_at(Offset now) const {
  return first_after(std::span(stretches_), now, length(), &Stretch::begin) - 1;
}

Instant Forecast::next_change_of(std::size_t message_class, Offset now, std::size_t stretch) const {
  const auto effect_of = [&](std::size_t i) { return (*answers_)[stretches_[i].answer].effects[message_class]; };
  const model::Effect effect = effect_of(stretch);
  const std::size_t near = std::min(stretch + 1 + kNear, stretches_.size());
  for (std::size_t i = stretch + 1; i < near; ++i)
    if (effect_of(i) != effect) return begin_ + Seconds{stretches_[i].begin};
  if (near == stretches_.size()) return behind_[message_class];
  const std::size_t first = changes_of_[message_class];
  const auto own = std::span(changes_).subspan(first, changes_of_[message_class + 1] - first);
  const std::size_t next = first_after(own, now, length(), std::identity());
  return next == own.size() ? behind_[message_class] : begin_ + Seconds{own[next]};
}

Verdict Forecast::at(model::MessageClass message_class, Instant now) const {
  const auto offset = static_cast<Offset>((now - begin_).count);
  const std::size_t c = pack::index_of(message_class);
  const std::size_t stretch = stretch_at(offset);
  const Answer& answer = (*answers_)[stretches_[stretch].answer];
  return {answer.effects[c], answer.rules[c], next_change_of(c, offset, stretch)};
}

GateState Forecast::gate_at(Instant now) const {
  const auto offset = static_cast<Offset>((now - begin_).count);
  const std::size_t stretch = stretch_at(offset);
  GateState state{(*answers_)[stretches_[stretch].answer].effects, base::kEndOfTime};
  for (std::size_t c = 0; c < behind_.size(); ++c)
    state.until = std::min(state.until, next_change_of(c, offset, stretch));
  return state;
}

std::size_t Forecast::size_bytes() const {
  return sizeof(*this) + stretches_.capacity() * sizeof(Stretch) + changes_.capacity() * sizeof(Offset);
}

}  // namespace policy::decide
