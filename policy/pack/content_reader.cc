// [content]: labels, and markers that stop a text or warn before it is encrypted.
#include <algorithm>
#include <array>

#include "policy/match/markers.h"
#include "policy/pack/family_reader.h"

namespace policy::pack {
namespace {

constexpr std::size_t kLabelBytesMax = 32;  // as in an envelope (relay/wire/envelope.proto)

bool good_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && std::ranges::all_of(label, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Pattern syntax is checked here, where there is a place to name; what all of them need together, when they are joined.
void check_pattern(const std::string& id, const TextAt& pattern, ErrorSink& sink) {
  const auto checked = match::check_pattern(id, pattern.text);
  if (checked) return;
  const base::Error& error = checked.error();
  sink.add(error.code, pattern.at, error.seen, error.allowed, error.remedy);
}

ContentMarker read_marker(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[content.marker]]", sink);
  ContentMarker marker;
  marker.head = read_head(reader, draft);
  if (const auto pattern = reader.text_at("pattern", Need::kRequired)) {
    check_pattern(marker.head.id, *pattern, sink);
    marker.pattern = pattern->text;
  }
  for (TextAt& pattern : reader.texts("unless", Need::kOptional)) {
    check_pattern(marker.head.id, pattern, sink);
    marker.unless.push_back(std::move(pattern.text));
  }
  constexpr std::array<std::string_view, 2> kActions{"stop", "warn"};
  marker.warns = reader.choice("action", Need::kRequired, kActions).value_or(0) == 1;
  reader.done();
  return marker;
}

}  // namespace

void read_content(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[content]", sink);
  ContentDraft content;
  for (TextAt& label : reader.texts("labels", Need::kOptional)) {
    if (!good_label(label.text)) {
      sink.add("pack.value", label.at, "label '" + base::printable(label.text) + "'",
               "a-z, 0-9 and '-', at most " + std::to_string(kLabelBytesMax));
    }
    content.labels.push_back(std::move(label));
  }
  for (const Value* marker : reader.tables("marker")) content.markers.push_back(read_marker(*marker, draft, sink));
  reader.done();
  draft.content = std::move(content);
}

}  // namespace policy::pack
