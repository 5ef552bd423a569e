#include "policy/match/content.h"

#include <algorithm>

namespace policy::match {

base::Result<Content> Content::compile(std::span<const ContentMarker> markers) {
  std::vector<Entry> entries;
  std::vector<Marker> patterns;
  for (const ContentMarker& marker : markers) {
    patterns.push_back({marker.id, marker.pattern});
    Entry entry{marker.id, {}, marker.warns};
    for (const std::string& pattern : marker.unless) {
      entry.unless.push_back(marker.id + " unless " + std::to_string(entry.unless.size() + 1));
      patterns.push_back({entry.unless.back(), pattern});
    }
    entries.push_back(std::move(entry));
  }
  auto compiled = Markers::compile(patterns);
  if (!compiled) return std::unexpected(compiled.error());
  return Content(std::move(entries), std::move(*compiled));
}

Verdict Content::judge(std::string_view text) const {
  Verdict verdict;
  const auto hits = patterns_.found_in(text);
  if (!hits) {
    verdict.unsearchable = true;
    return verdict;
  }
  const auto hit = [&](const std::string& name) { return std::ranges::find(*hits, name) != hits->end(); };
  for (const Entry& entry : entries_) {
    if (!hit(entry.id) || std::ranges::any_of(entry.unless, hit)) continue;
    (entry.warns ? verdict.warns : verdict.stops).push_back(entry.id);
  }
  return verdict;
}

}  // namespace policy::match
