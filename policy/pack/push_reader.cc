// [push]: what a wake-up through a push service may say.
#include <array>

#include "policy/pack/family_reader.h"

namespace policy::pack {

void read_push(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[push]", sink);
  PushDraft push;
  push.at = table.at;
  constexpr std::array<std::string_view, 2> kPayloads{"class", "nothing"};
  if (const auto payload = reader.choice("payload", Need::kOptional, kPayloads))
    push.payload = static_cast<PushPayload>(*payload);
  push.jitter = read_bounded(reader, "jitter", Need::kOptional, kJitterMax);
  if (reader.names_nothing("classes"))
    push.classes = ClassSet();  // no class wakes a device
  else if (reader.find("classes", Need::kOptional) != nullptr)
    push.classes = read_classes(reader, "classes", Need::kRequired);
  push.cite = reader.text("cite", Need::kOptional).value_or("");
  reader.done();
  draft.push = push;
}

}  // namespace policy::pack
