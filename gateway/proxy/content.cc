#include "gateway/proxy/content.h"

namespace gateway::proxy {

namespace {

constexpr std::size_t kWordsBytesMax = 300;  // of a title or a source

std::string words(const std::string& text) { return policy::base::printable(text, kWordsBytesMax); }

}  // namespace

feierabend::v1::Content describe_content(const policy::pack::RuleSet& rules) {
  feierabend::v1::Content out;
  out.set_rules_digest(policy::pack::digest(rules));
  const auto content = policy::pack::content_rules(rules);
  for (const auto& label : content.labels) out.add_labels(label);
  for (std::size_t i = 0; i < content.markers.size(); ++i) {
    auto& marker = *out.add_markers();
    marker.set_id(content.markers[i].id);
    marker.set_pattern(content.markers[i].pattern);
    for (const auto& unless : content.markers[i].unless) marker.add_unless(unless);
    marker.set_warns(content.markers[i].warns);
    marker.set_title_de(words(content.sources[i].title_de));
    marker.set_title_en(words(content.sources[i].title_en));
    marker.set_cite(words(content.sources[i].cite));
  }
  return out;
}

std::unexpected<policy::base::Error> label_not_allowed(const std::string& label, std::span<const std::string> allowed) {
  std::string all;
  for (const auto& one : allowed) all += (all.empty() ? "" : ", ") + one;
  return policy::base::fail("label.not-allowed", "label '" + policy::base::printable(label) + "'", all,
                            "use one of these or none");
}

}  // namespace gateway::proxy
