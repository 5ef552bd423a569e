#include "policy/diff/change.h"

#include <algorithm>

#include "policy/decide/decide.h"

namespace policy::diff {
namespace {

using model::Stretch;

bool continues(const Change& last, const Change& next) {
  return last.span.end == next.span.begin && last.message_class == next.message_class && last.before == next.before &&
         last.after == next.after && last.rules_before == next.rules_before && last.rules_after == next.rules_after;
}

void append(std::vector<Change>& out, Change change) {
  if (!out.empty() && continues(out.back(), change))
    out.back().span.end = change.span.end;
  else
    out.push_back(std::move(change));
}

}  // namespace

std::vector<Change> changes_of(const pack::RuleSet& before, const pack::RuleSet& after, const model::PersonFacts& facts,
                               base::Interval span, Look look) {
  std::vector<Change> out;
  for (const model::MessageClass c : model::kMessageClasses) {
    const std::vector<Stretch> old_line = decide::timeline(before, facts, c, span);
    const std::vector<Stretch> new_line = decide::timeline(after, facts, c, span);
    // Both cover the span without gaps, so walking both at once meets every boundary of either.
    for (std::size_t i = 0, j = 0; i < old_line.size() && j < new_line.size();) {
      const Stretch &was = old_line[i], &is = new_line[j];
      const base::Interval common{std::max(was.span.begin, is.span.begin), std::min(was.span.end, is.span.end)};
      if (was.effect != is.effect || (look == Look::kReasons && was.rules != is.rules))
        append(out, {c, common, was.effect, is.effect, was.rules, is.rules});
      if (was.span.end == common.end) ++i;
      if (is.span.end == common.end) ++j;
    }
  }
  return out;
}

std::string_view name_of(Direction direction) {
  constexpr std::array<std::string_view, 4> kNames{"none", "more", "less", "both"};
  return kNames[static_cast<std::size_t>(direction)];
}

void add_directions(const std::vector<Change>& changes, ByClass& directions) {
  for (const Change& change : changes) {
    Direction& direction = directions[static_cast<std::size_t>(change.message_class)];
    direction = both(direction, direction_of(change.before, change.after));
  }
}

}  // namespace policy::diff
