// The steps of loading that look at all packs at once. Inside of policy/pack; called by the loader in this order, each
// on what the ones before it have left in `rules`.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/pack/pack_reader.h"

namespace policy::pack {

struct Resolution {
  std::vector<PackDraft>& drafts;
  Rules& rules;
  Errors& errors;

  ErrorSink sink(std::size_t pack) const { return {drafts[pack].pack.source, errors}; }
  Layer layer(std::size_t pack) const { return drafts[pack].pack.layer; }
};

constexpr bool stronger(Layer a, Layer b) { return a < b; }

// Values of the parameters from [[set]], and with them the terms that use them. Needs `rules.rests`.
void resolve_parameters(Resolution resolution);
// [devices], [sessions], [push]: the strictest value of all packs.
void combine_settings(Resolution resolution);
// [[log]], and of [log_access] the strictest value of all packs.
void combine_log(Resolution resolution);
// [content]: the labels that all packs allow, the markers of all of them.
void combine_content(Resolution resolution);

// What one pack says about a setting.
template <typename Value>
struct Said {
  std::size_t pack = 0;
  Position at;
  Value value{};
};

// A value that is looser than the one of a stronger layer is an error, because whoever wrote it believes that it
// counts.
template <typename Value, typename Looser>
void refuse_looser(const Resolution& resolution, const std::vector<Said<Value>>& said, std::string_view what,
                   Looser looser) {
  for (const Said<Value>& weak : said) {
    for (const Said<Value>& strong : said) {
      if (!stronger(resolution.layer(strong.pack), resolution.layer(weak.pack)) || !looser(weak.value, strong.value))
        continue;
      resolution.sink(weak.pack).add(
          "pack.layer", weak.at,
          std::string(what) + " looser than in pack '" + resolution.drafts[strong.pack].pack.id + "'",
          "the same or a stricter value", "a weaker layer may only protect more");
    }
  }
}

// The strictest of what is said; `into` stays where nobody says anything.
template <typename Value, typename Stricter>
void strictest(const Resolution& resolution, const std::vector<Said<Value>>& said, std::string_view what, Value& into,
               Stricter stricter) {
  refuse_looser(resolution, said, what, [&](const Value& weak, const Value& strong) { return stricter(strong, weak); });
  for (std::size_t i = 0; i < said.size(); ++i)
    if (i == 0 || stricter(said[i].value, into)) into = said[i].value;
  // Between packs of one layer a looser value is allowed and never counts: a finding, no error.
  const auto winner = std::ranges::find(said, into, &Said<Value>::value);
  for (const Said<Value>& one : said) {
    if (stricter(into, one.value) && resolution.layer(one.pack) == resolution.layer(winner->pack))
      resolution.rules.overruled.push_back({std::string(what), one.pack, winner->pack, one.at});
  }
}

}  // namespace policy::pack
