#include "clients/cli/markers.h"

#include <algorithm>
#include <array>

namespace clients::cli {

namespace {

// Those of the text's markers that the stored rules still know, in their order.
std::vector<pb::ContentMarker> markers_of(Home& home, const record::Outgoing& outgoing) {
  std::vector<pb::ContentMarker> out;
  pb::Content content;
  const auto kept = home.store().content_rules();
  if (!kept || !*kept || !content.ParseFromString((*kept)->content())) return out;
  for (const auto& id : outgoing.markers())
    for (const auto& marker : content.markers())
      if (marker.id() == id) out.push_back(marker);
  return out;
}

}  // namespace

std::string markers_text(Home& home, const record::Outgoing& outgoing) {
  const auto& screen = home.screen();
  std::string out;
  for (const auto& marker : markers_of(home, outgoing)) {
    const auto& title = screen.language() == Language::kGerman ? marker.title_de() : marker.title_en();
    const std::string id = base::printable(marker.id());
    if (!out.empty()) out += "\n";
    out += screen.say(Word::kMarkerFound, title.empty() ? id : base::printable(title, 300), id);
    if (!marker.cite().empty()) out += " · " + base::printable(marker.cite(), 300);
  }
  return out;
}

boost::json::array markers_json(Home& home, const record::Outgoing& outgoing) {
  boost::json::array out;
  for (const auto& marker : markers_of(home, outgoing))
    out.push_back(boost::json::object{{"id", base::printable(marker.id())},
                                      {"action", marker.warns() ? "warn" : "stop"},
                                      {"title_de", base::printable(marker.title_de(), 300)},
                                      {"title_en", base::printable(marker.title_en(), 300)},
                                      {"cite", base::printable(marker.cite(), 300)}});
  return out;
}

bool is_yes(std::string_view answer) {
  constexpr std::array<std::string_view, 8> kYes{"y", "Y", "yes", "Yes", "j", "J", "ja", "Ja"};
  return std::ranges::find(kYes, answer) != kYes.end();
}

}  // namespace clients::cli
