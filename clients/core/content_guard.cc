#include "clients/core/content_guard.h"

#include <algorithm>

namespace clients::core {
namespace base = policy::base;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + base::printable(word);
  return out;
}

}  // namespace

base::Result<ContentGuard> ContentGuard::from(const relay::wire::pb::Content& content) {
  std::vector<policy::match::ContentMarker> markers;
  for (const auto& marker : content.markers())
    markers.push_back(
        {marker.id(), marker.pattern(), {marker.unless().begin(), marker.unless().end()}, marker.warns()});
  auto compiled = policy::match::Content::compile(markers);
  if (!compiled)
    return base::fail("content.unknown", "content rules that this program cannot apply [" + compiled.error().code + "]",
                      "", "update this program; nothing is sent unchecked meanwhile");
  return ContentGuard(content.rules_digest(), {content.labels().begin(), content.labels().end()}, std::move(*compiled));
}

std::optional<ContentGuard::Objection> ContentGuard::look(std::string_view text, std::string_view label,
                                                          bool confirmed) const {
  if (!label.empty() && !labels_.empty() && std::ranges::find(labels_, label) == labels_.end())
    return Objection{{"label.not-allowed", "label '" + base::printable(label) + "'", joined(labels_),
                      "use one of these or none", ""},
                     {}};
  auto verdict = content_.judge(text);
  if (verdict.unsearchable)
    return Objection{{"content.stopped", "a text that cannot be searched for markers", "UTF-8, at most 1 MiB",
                      "send it in parts", ""},
                     {}};
  if (!verdict.stops.empty())
    return Objection{{"content.stopped", "the text has a marker that stops it: " + joined(verdict.stops), "",
                      "nothing was sent; use the way that is meant for such content, or take the marked part out", ""},
                     std::move(verdict.stops)};
  if (verdict.warns.empty() || confirmed) return {};
  return Objection{{"content.warned", "the text has a marker that warns: " + joined(verdict.warns), "",
                    "nothing was sent; look at the text again, then send it anyway or not", ""},
                   std::move(verdict.warns)};
}

}  // namespace clients::core
