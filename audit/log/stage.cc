#include "audit/log/stage.h"

namespace audit::log {
namespace {

using policy::base::as_bytes;
using policy::base::as_text;
using policy::base::ByteView;

constexpr std::string_view kMagic = "feierabend-stage v1\n";

void put_block(Bytes& out, std::size_t size_bytes, ByteView block) {
  for (std::size_t i = size_bytes; i > 0; --i) out.push_back(static_cast<std::uint8_t>(block.size() >> (8 * (i - 1))));
  out.insert(out.end(), block.begin(), block.end());
}

std::optional<std::size_t> take_number(ByteView& rest, std::size_t size_bytes) {
  if (rest.size() < size_bytes) return {};
  std::size_t value = 0;
  for (std::size_t i = 0; i < size_bytes; ++i) value = value << 8 | rest[i];
  rest = rest.subspan(size_bytes);
  return value;
}

std::optional<ByteView> take_block(ByteView& rest, std::size_t size_bytes) {
  const auto size = take_number(rest, size_bytes);
  if (!size || rest.size() < *size) return {};
  const ByteView block = rest.first(*size);
  rest = rest.subspan(*size);
  return block;
}

std::unexpected<policy::base::Error> bad_stage() {
  return policy::base::fail("stage.syntax", "a stage that cannot be read", "what the sequencer has written");
}

}  // namespace

Bytes encode_stage(const Stage& stage) {
  Bytes out(kMagic.begin(), kMagic.end());
  put_block(out, 4, as_bytes(stage.checkpoint));
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(stage.objects.size() >> shift));
  for (const Object& object : stage.objects) {
    put_block(out, 2, as_bytes(object.path));
    put_block(out, 4, object.bytes);
  }
  return out;
}

Result<Stage> decode_stage(ByteView bytes) {
  if (!as_text(bytes).starts_with(kMagic)) return bad_stage();
  ByteView rest = bytes.subspan(kMagic.size());
  Stage stage;
  const auto checkpoint = take_block(rest, 4);
  const auto count = checkpoint ? take_number(rest, 4) : std::nullopt;
  if (!count) return bad_stage();
  stage.checkpoint = as_text(*checkpoint);
  for (std::size_t i = 0; i < *count; ++i) {
    const auto path = take_block(rest, 2);
    const auto block = path ? take_block(rest, 4) : std::nullopt;
    if (!block) return bad_stage();
    stage.objects.push_back({std::string(as_text(*path)), Bytes(block->begin(), block->end())});
  }
  if (!rest.empty()) return bad_stage();
  return stage;
}

}  // namespace audit::log
