#include "policy/diff/entries.h"

#include <algorithm>
#include <map>

#include "policy/diff/said.h"

namespace policy::diff {
namespace {

Direction opposite(Direction direction) {
  if (direction == Direction::kMore) return Direction::kLess;
  if (direction == Direction::kLess) return Direction::kMore;
  return direction;
}

bool is_wording(const Said& said) { return said.sense == Sense::kWording; }

// The same in everything that acts.
bool act_alike(const Entry& a, const Entry& b) {
  const auto acts = [](const Entry& entry) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const Said& said : entry.said)
      if (!is_wording(said)) out.emplace_back(said.name, said.text);
    return out;
  };
  return a.family == b.family && acts(a) == acts(b);
}

EntryChange whole(const Entry& entry, Fate fate) {
  const Direction direction = fate == Fate::kAdded ? entry.adding : opposite(entry.adding);
  EntryChange out{entry.family, entry.id, fate, {}, direction, {}};
  for (const Said& said : entry.said) {
    if (said.text.empty()) continue;
    const bool added = fate == Fate::kAdded;
    out.facets.push_back({said.name, added ? "" : said.text, added ? said.text : "", Direction::kNone});
  }
  return out;
}

// What both have, split into what acts and what is wording.
void compare(const Entry& before, const Entry& after, std::vector<EntryChange>& acting,
             std::vector<EntryChange>& wording) {
  EntryChange acts{after.family, after.id, Fate::kChanged, {}, Direction::kNone, {}}, worded = acts;
  const auto note = [&](const Said& said, Facet facet) {
    EntryChange& into = is_wording(said) ? worded : acts;
    if (is_wording(said)) facet.direction = Direction::kNone;
    into.direction = both(into.direction, facet.direction);
    into.facets.push_back(std::move(facet));
  };
  for (const Said& is : after.said) {
    const auto was = std::ranges::find(before.said, is.name, &Said::name);
    if (was == before.said.end())
      note(is, {is.name, "", is.text, Direction::kBoth});
    else if (was->text != is.text)
      note(is, {is.name, was->text, is.text, direction_of(*was, is)});
  }
  for (const Said& was : before.said)
    if (std::ranges::find(after.said, was.name, &Said::name) == after.said.end())
      note(was, {was.name, was.text, "", Direction::kBoth});
  if (!acts.facets.empty()) acting.push_back(std::move(acts));
  if (!worded.facets.empty()) wording.push_back(std::move(worded));
}

void diff_lists(const std::vector<Entry>& before, const std::vector<Entry>& after, std::vector<EntryChange>& acting,
                std::vector<EntryChange>& wording) {
  const auto same_name = [](const Entry& a) {
    return [&a](const Entry& b) { return a.family == b.family && a.id == b.id; };
  };
  std::vector<const Entry*> gone, fresh;
  for (const Entry& entry : before)
    if (std::ranges::none_of(after, same_name(entry))) gone.push_back(&entry);
  for (const Entry& entry : after) {
    const auto known = std::ranges::find_if(before, same_name(entry));
    if (known != before.end())
      compare(*known, entry, acting, wording);
    else
      fresh.push_back(&entry);
  }
  for (const Entry* entry : fresh) {
    const auto twin = std::ranges::find_if(gone, [&](const Entry* other) { return act_alike(*other, *entry); });
    if (twin == gone.end()) {
      acting.push_back(whole(*entry, Fate::kAdded));
      continue;
    }
    wording.push_back({entry->family, entry->id, Fate::kRenamed, (*twin)->id, Direction::kNone, {}});
    gone.erase(twin);
  }
  for (const Entry* entry : gone) acting.push_back(whole(*entry, Fate::kRemoved));
}

}  // namespace

std::string_view name_of(Fate fate) {
  constexpr std::array<std::string_view, 4> kNames{"added", "removed", "changed", "renamed"};
  return kNames[static_cast<std::size_t>(fate)];
}

EntriesDiff diff_entries(const pack::RuleSet& before, const pack::RuleSet& after) {
  EntriesDiff out;
  diff_lists(gate_entries(before.rules()), gate_entries(after.rules()), out.gates, out.wording);
  diff_lists(setting_entries(before), setting_entries(after), out.settings, out.wording);
  return out;
}

}  // namespace policy::diff
