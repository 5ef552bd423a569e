#include "policy/prove/quiet.h"

#include <algorithm>

namespace policy::prove {
namespace {

using base::Interval;
using model::Effect;
using time::IntervalSet;

// What makes up the answer for one class: two classes with the same parts have the same answer.
struct Part {
  const decide::Closing* closing = nullptr;
  std::vector<const decide::InForce*> piercing;
  bool operator==(const Part&) const = default;
};

std::vector<Part> parts_of(const decide::Scene& scene, std::size_t c, Effect level) {
  std::vector<Part> parts;
  for (const decide::Closing& closing : scene.closings()) {
    if (closing.rule->effects[c] < level) continue;
    Part part{&closing, {}};
    for (const std::size_t i : closing.pierced_by)
      if (scene.exceptions()[i].rule->classes[c]) part.piercing.push_back(&scene.exceptions()[i]);
    parts.push_back(std::move(part));
  }
  return parts;
}

IntervalSet united(const std::vector<Part>& parts) {
  IntervalSet all;
  for (const Part& part : parts) {
    if (part.piercing.empty()) {
      all = unite(all, part.closing->when);
      continue;
    }
    IntervalSet left = part.closing->when;
    for (const decide::InForce* exception : part.piercing) left = subtract(left, exception->when);
    all = unite(all, left);
  }
  return all;
}

bool meets(const IntervalSet& set, const Interval& within) {
  return within.empty() ? set.contains(within.begin) : set.meets(within);
}

}  // namespace

IntervalSet closed(const decide::Scene& scene, model::MessageClass message_class, Effect level) {
  return united(parts_of(scene, pack::index_of(message_class), level));
}

IntervalSet quiet(const decide::Scene& scene, pack::ClassSet classes) {
  std::vector<std::vector<Part>> different;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (!classes[c]) continue;
    auto parts = parts_of(scene, c, Effect::kSilent);
    if (std::ranges::find(different, parts) == different.end()) different.push_back(std::move(parts));
  }
  IntervalSet all = united(different.front());
  for (std::size_t i = 1; i < different.size(); ++i) all = intersect(all, united(different[i]));
  return all;
}

std::vector<std::string> involved(const decide::Scene& scene, pack::ClassSet classes, Interval within) {
  std::vector<std::string> ids;
  std::vector<bool> piercing(scene.exceptions().size());
  for (const decide::Closing& closing : scene.closings()) {
    bool closes = false;
    for (std::size_t c = 0; c < classes.size(); ++c)
      closes |= classes[c] && closing.rule->effects[c] != Effect::kDeliver;
    if (!closes || !meets(closing.when, within)) continue;
    ids.push_back(closing.rule->head.id);
    for (const std::size_t i : closing.pierced_by) {
      const decide::InForce& exception = scene.exceptions()[i];
      const bool counts = (exception.rule->classes & classes).any();
      if (counts && meets(intersect(exception.when, closing.when), within)) piercing[i] = true;
    }
  }
  for (std::size_t i = 0; i < piercing.size(); ++i)
    if (piercing[i]) ids.push_back(scene.exceptions()[i].rule->head.id);
  return ids;
}

}  // namespace policy::prove
