// Leaf and payload decoders. Input: one byte (even: leaf, odd: payload of the record type in the next byte), then the
// bytes. Whatever is accepted must encode to the same bytes again.
#include <algorithm>
#include <cstdlib>

#include "audit/event/codec.h"
#include "audit/event/words.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace audit::event;
  if (size < 2) return 0;
  const ByteView input(data, size);
  if (data[0] % 2 == 0) {
    const auto leaf = decode_leaf(input.subspan(1));
    if (leaf && !std::ranges::equal(encode_leaf(*leaf), input.subspan(1))) std::abort();
    return 0;
  }
  const auto type = record_type_from(data[1]);
  if (!type) return 0;
  const Leaf older{*type, 498765, {}, {}};
  if (const auto read = decode_payload(older, input.subspan(2)))
    (void)fields_in_words(read->record, Language::kEnglish);
  const auto event = decode_payload(leaf_of({{}, blank_record(*type)}, {}), input.subspan(2));
  if (!event) return 0;
  if (!std::ranges::equal(encode_payload(*event), input.subspan(2))) std::abort();
  (void)fields_in_words(event->record, Language::kGerman);
  return 0;
}
