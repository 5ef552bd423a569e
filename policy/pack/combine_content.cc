#include <tuple>

#include "policy/pack/resolution.h"

namespace policy::pack {
namespace {

bool names(const std::vector<TextAt>& labels, const std::string& label) {
  return std::ranges::find(labels, label, &TextAt::text) != labels.end();
}

// A label that a stronger layer does not list would let through what that layer stops.
void refuse_looser_labels(const Resolution& resolution) {
  for (std::size_t weak = 0; weak < resolution.drafts.size(); ++weak) {
    if (!resolution.drafts[weak].content) continue;
    for (const PackDraft& strong : resolution.drafts) {
      if (!strong.content || strong.content->labels.empty()) continue;
      if (!stronger(strong.pack.layer, resolution.layer(weak))) continue;
      for (const TextAt& label : resolution.drafts[weak].content->labels) {
        if (names(strong.content->labels, label.text)) continue;
        resolution.sink(weak).add(
            "pack.layer", label.at,
            "label '" + base::printable(label.text) + "' that pack '" + strong.pack.id + "' does not allow",
            "labels of the stronger layer", "a weaker layer may only protect more");
      }
    }
  }
}

void combine_labels(const Resolution& resolution) {
  refuse_looser_labels(resolution);
  std::vector<std::string>& out = resolution.rules.content.labels;
  const PackDraft* last = nullptr;
  for (const PackDraft& draft : resolution.drafts) {
    if (!draft.content || draft.content->labels.empty()) continue;
    if (last == nullptr)
      for (const TextAt& label : draft.content->labels) out.push_back(label.text);
    else
      std::erase_if(out, [&](const std::string& label) { return !names(draft.content->labels, label); });
    last = &draft;
  }
  // An empty list would mean that every label is allowed.
  if (last == nullptr || !out.empty()) return;
  const auto pack = static_cast<std::size_t>(last - resolution.drafts.data());
  resolution.sink(pack).add("pack.value", last->content->labels.front().at,
                            "labels of [content] of which none is in all packs", "at least one common label");
}

}  // namespace

void combine_content(Resolution resolution) {
  combine_labels(resolution);
  std::vector<ContentMarker>& markers = resolution.rules.content.markers;
  for (std::size_t i = 0; i < resolution.drafts.size(); ++i) {
    if (!resolution.drafts[i].content) continue;
    for (ContentMarker& marker : resolution.drafts[i].content->markers) {
      marker.head.pack = i;
      markers.push_back(std::move(marker));
    }
  }
  std::ranges::sort(markers, {}, [](const ContentMarker& m) { return std::tie(m.head.layer, m.head.id); });
  if (markers.empty() || !resolution.errors.empty()) return;
  std::vector<match::ContentMarker> all;
  for (const ContentMarker& m : markers) all.push_back({m.head.id, m.pattern, m.unless, m.warns});
  if (const auto compiled = match::Content::compile(all); !compiled) resolution.errors.push_back(compiled.error());
}

}  // namespace policy::pack
