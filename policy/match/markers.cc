#include "policy/match/markers.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

namespace policy::match {
namespace {

constexpr std::int64_t kAutomatonBytesMax = 8 * 1024 * 1024;

RE2::Options options() {
  RE2::Options out;
  out.set_case_sensitive(false);
  out.set_log_errors(false);
  out.set_max_mem(kAutomatonBytesMax);
  return out;
}

// RFC 3629; RE2 itself would read invalid bytes as U+FFFD and go on.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t size = first < 0x80                    ? 1
                             : first >= 0xC2 && first < 0xE0 ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
    if (size == 0 || i + size > text.size()) return false;
    for (std::size_t k = 1; k < size; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += size;
  }
  return true;
}

base::Status add(RE2::Set& set, std::string_view id, std::string_view pattern) {
  if (pattern.empty() || pattern.size() > kPatternBytesMax) {
    return base::fail("marker.size",
                      "marker '" + base::printable(id) + "' of " + std::to_string(pattern.size()) + " bytes",
                      "1 to " + std::to_string(kPatternBytesMax) + " bytes");
  }
  std::string why;
  if (set.Add(pattern, &why) >= 0) return {};
  return base::fail("marker.pattern", "marker '" + base::printable(id) + "': " + base::printable(why), "RE2 syntax",
                    "look-around and back-references are not in it");
}

}  // namespace

base::Status check_pattern(std::string_view id, std::string_view pattern) {
  RE2::Set set{options(), RE2::UNANCHORED};
  return add(set, id, pattern);
}

struct Markers::Inside {
  RE2::Set set{options(), RE2::UNANCHORED};
  std::vector<std::string> ids;
};

Markers::Markers(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Markers::Markers(Markers&&) noexcept = default;
Markers& Markers::operator=(Markers&&) noexcept = default;
Markers::~Markers() = default;

base::Result<Markers> Markers::compile(std::span<const Marker> markers) {
  if (markers.size() > kMarkersMax) {
    return base::fail("marker.count", std::to_string(markers.size()) + " markers",
                      "at most " + std::to_string(kMarkersMax));
  }
  auto inside = std::make_unique<Inside>();
  for (const Marker& marker : markers) {
    if (const auto added = add(inside->set, marker.id, marker.pattern); !added) return std::unexpected(added.error());
    inside->ids.push_back(marker.id);
  }
  if (!inside->set.Compile())
    return base::fail("marker.pattern", "markers that need too much memory together", "8 MiB", "make them simpler");
  return Markers(std::move(inside));
}

base::Result<std::vector<std::string>> Markers::found_in(std::string_view text) const {
  if (text.size() > kTextBytesMax || !is_utf8(text)) {
    return base::fail("marker.text", "a text of " + std::to_string(text.size()) + " bytes that cannot be searched",
                      "UTF-8 of at most " + std::to_string(kTextBytesMax) + " bytes");
  }
  std::vector<int> hits;
  RE2::Set::ErrorInfo error{};
  if (!inside_->set.Match(text, &hits, &error) && error.kind != RE2::Set::kNoError) {
    return base::fail("marker.text", "a text whose search needs too much memory", "8 MiB of automaton");
  }
  std::ranges::sort(hits);
  std::vector<std::string> out;
  for (const int hit : hits) out.push_back(inside_->ids[static_cast<std::size_t>(hit)]);
  return out;
}

}  // namespace policy::match
