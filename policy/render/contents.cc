// [content] in words.
#include "policy/render/family.h"

namespace policy::render {
namespace {

using vocabulary::say;

Block labels_block(const std::vector<std::string>& labels) {
  Block block{0, {"Einstufung", "Labels"}, {}, {}, false, {}};
  Writer("content", block.sentences)
      .add("labels", say("Eine Nachricht darf nur so eingestuft werden: {}.", "A message may only be labelled: {}.",
                         quoted_list_or(labels)));
  return block;
}

Block marker_block(const pack::ContentMarker& marker) {
  Block block = block_of(marker.head, {"Inhalt, der nicht gesendet werden soll", "Content that should not be sent"});
  Writer writer(marker.head.id, block.sentences);
  writer.add("action", marker.warns
                           ? Both{"Passt ein Text, warnt das eigene Gerät, bevor es ihn verschlüsselt und sendet. Wer "
                                  "sendet, entscheidet selbst.",
                                  "Where a text fits, the sender's own device warns before it encrypts and sends it. "
                                  "The sender decides."}
                           : Both{"Passt ein Text, stoppt ihn das eigene Gerät, bevor es ihn verschlüsselt. Er wird "
                                  "nicht gesendet.",
                                  "Where a text fits, the sender's own device stops it before it is encrypted. It is "
                                  "not sent."});
  writer.add_verbatim("pattern", {"Gesucht wird nach diesem Muster:", "This pattern is looked for:"}, marker.pattern);
  for (const std::string& pattern : marker.unless)
    writer.add_verbatim("unless",
                        {"Das gilt nicht, wenn der Text auch zu diesem Muster passt:",
                         "This does not hold if the text also fits this pattern:"},
                        pattern);
  return block;
}

}  // namespace

Section content_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Was nicht gesendet werden darf", "What must not be sent"}, {}};
  const std::vector<std::string>& labels = rules.packs[pack].own.labels;
  if (!labels.empty()) section.blocks.push_back(labels_block(labels));
  for (const pack::ContentMarker* marker : own(rules.content.markers, pack))
    section.blocks.push_back(marker_block(*marker));
  return section;
}

}  // namespace policy::render
