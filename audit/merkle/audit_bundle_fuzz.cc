// Entry bundles, tiles and tile paths. Input: one byte (width − 1), then the bytes of a bundle, a tile and a path at
// once.
#include <algorithm>
#include <cstdlib>

#include "audit/merkle/tile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace audit::merkle;
  if (size < 1) return 0;
  const unsigned width = data[0] + 1U;
  const ByteView input = ByteView(data, size).subspan(1);
  const Bundle bundle = read_bundle(input, width);
  if (bundle.entries.size() > width) std::abort();
  policy::base::Bytes again;
  for (const auto& entry : bundle.entries) append_entry(again, entry);
  if (!bundle.broken && !std::ranges::equal(again, input)) std::abort();
  if (const auto hashes = parse_tile(input, width); hashes && !std::ranges::equal(format_tile(*hashes), input))
    std::abort();
  const auto text = policy::base::as_text(input);
  if (const auto tile = parse_tile_path(text); tile && tile_path(*tile) != text) std::abort();
  return 0;
}
