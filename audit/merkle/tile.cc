#include "audit/merkle/tile.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdlib>

namespace audit::merkle {
namespace {

using policy::base::Bytes;
using policy::base::fail;
using policy::base::printable;
using policy::base::Result;

std::unexpected<policy::base::Error> bad_path(std::string_view path) {
  return fail("tile.path", "'" + printable(path) + "'", "tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>]");
}

std::string three_digits(std::uint64_t group) {
  std::string text = std::to_string(group);
  return std::string(3 - text.size(), '0') + text;
}

std::optional<std::uint64_t> plain_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || std::to_string(value) != text) return {};
  return value;
}

// "x001/x234/067" back to a number; the writer is the judge of what is canonical.
std::optional<std::uint64_t> parse_number_path(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c >= '0' && c <= '9') digits += c;
  if (digits.empty() || digits.size() > 21) return {};
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const auto number = plain_number(digits);
  if (!number || number_path(*number) != text) return {};
  return number;
}

unsigned level_shift(unsigned level) { return level * kTileHeight; }

}  // namespace

std::string number_path(std::uint64_t number) {
  std::string path = three_digits(number % 1000);
  for (number /= 1000; number > 0; number /= 1000) path = "x" + three_digits(number % 1000) + "/" + path;
  return path;
}

std::string tile_path(const Tile& tile) {
  std::string path = "tile/" + (tile.level ? std::to_string(*tile.level) : "entries") + "/" + number_path(tile.index);
  if (tile.width != kTileWidth) path += ".p/" + std::to_string(tile.width);
  return path;
}

Result<Tile> parse_tile_path(std::string_view path) {
  std::string_view rest = path;
  if (!rest.starts_with("tile/")) return bad_path(path);
  rest.remove_prefix(5);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return bad_path(path);
  Tile tile;
  if (const auto kind = rest.substr(0, slash); kind != "entries") {
    const auto level = plain_number(kind);
    if (!level || *level > kTileLevelMax) return bad_path(path);
    tile.level = static_cast<unsigned>(*level);
  }
  rest.remove_prefix(slash + 1);
  if (const std::size_t dot = rest.find(".p/"); dot != std::string_view::npos) {
    const auto width = plain_number(rest.substr(dot + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return bad_path(path);
    tile.width = static_cast<unsigned>(*width);
    rest = rest.substr(0, dot);
  }
  const auto index = parse_number_path(rest);
  if (!index) return bad_path(path);
  tile.index = *index;
  return tile;
}

std::uint64_t hashes_at(unsigned level, std::uint64_t size) {
  return level > kTileLevelMax ? 0 : size >> level_shift(level);
}

unsigned width_of(unsigned level, std::uint64_t index, std::uint64_t size) {
  const std::uint64_t hashes = hashes_at(level, size);
  if (index > hashes / kTileWidth) return 0;
  return static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, hashes - index * kTileWidth));
}

unsigned levels_of(std::uint64_t size) {
  unsigned levels = 0;
  while (hashes_at(levels, size) > 0) ++levels;
  return levels;
}

std::vector<Tile> tiles_between(std::uint64_t from, std::uint64_t to) {
  std::vector<Tile> tiles;
  const auto add = [&](std::optional<unsigned> kind, unsigned level) {
    const std::uint64_t before = hashes_at(level, from), after = hashes_at(level, to);
    if (before == after) return;
    for (std::uint64_t index = before / kTileWidth; index * kTileWidth < after; ++index)
      tiles.push_back({kind, index, width_of(level, index, to)});
  };
  add(std::nullopt, 0);
  for (unsigned level = 0; level < levels_of(to); ++level) add(level, level);
  return tiles;
}

Result<std::vector<Hash>> parse_tile(ByteView bytes, unsigned width) {
  if (bytes.size() != width * kHashSize) {
    return fail("tile.size", "a tile of " + std::to_string(bytes.size()) + " bytes",
                std::to_string(width * kHashSize) + " for " + std::to_string(width) + " hashes");
  }
  std::vector<Hash> hashes(width);
  for (std::size_t i = 0; i < width; ++i) std::ranges::copy(bytes.subspan(i * kHashSize, kHashSize), hashes[i].begin());
  return hashes;
}

Bytes format_tile(const std::vector<Hash>& hashes) {
  Bytes bytes;
  bytes.reserve(hashes.size() * kHashSize);
  for (const Hash& hash : hashes) bytes.insert(bytes.end(), hash.begin(), hash.end());
  return bytes;
}

Hash subtree_root(std::vector<Hash> hashes) {
  if (!std::has_single_bit(hashes.size()) || hashes.size() > kTileWidth) std::abort();  // a caller's mistake
  while (hashes.size() > 1) {
    for (std::size_t i = 0; i < hashes.size() / 2; ++i) hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
    hashes.resize(hashes.size() / 2);
  }
  return hashes.front();
}

BundleView view_bundle(ByteView bytes, unsigned width) {
  BundleView bundle;
  bundle.entries.reserve(std::min<std::size_t>(width, bytes.size() / 2));
  const auto stop = [&](std::string code, std::string seen) {
    bundle.broken =
        fail(std::move(code), std::move(seen), std::to_string(width) + " entries, each size ‖ bytes").error();
    return bundle;
  };
  while (!bytes.empty()) {
    const auto number = [&] { return std::to_string(bundle.entries.size()); };
    if (bundle.entries.size() == width)
      return stop("bundle.trailing", std::to_string(bytes.size()) + " bytes too many");
    if (bytes.size() < 2) return stop("bundle.truncated", "an end inside the size of entry " + number());
    const std::size_t size = static_cast<std::size_t>(bytes[0]) << 8 | bytes[1];
    if (bytes.size() - 2 < size) return stop("bundle.truncated", "an end inside entry " + number());
    bundle.entries.push_back(bytes.subspan(2, size));
    bytes = bytes.subspan(2 + size);
  }
  if (bundle.entries.size() < width) return stop("bundle.width", std::to_string(bundle.entries.size()) + " entries");
  return bundle;
}

Bundle read_bundle(ByteView bytes, unsigned width) {
  BundleView view = view_bundle(bytes, width);
  Bundle bundle{{}, std::move(view.broken)};
  bundle.entries.reserve(view.entries.size());
  for (const ByteView entry : view.entries) bundle.entries.emplace_back(entry.begin(), entry.end());
  return bundle;
}

Result<std::vector<Bytes>> parse_bundle(ByteView bytes, unsigned width) {
  Bundle bundle = read_bundle(bytes, width);
  if (bundle.broken) return std::unexpected(*bundle.broken);
  return std::move(bundle.entries);
}

void append_entry(Bytes& bundle, ByteView entry) {
  if (entry.size() > kEntrySizeMax) std::abort();  // no entry type of the house comes near
  bundle.push_back(static_cast<std::uint8_t>(entry.size() >> 8));
  bundle.push_back(static_cast<std::uint8_t>(entry.size() & 0xFF));
  bundle.insert(bundle.end(), entry.begin(), entry.end());
}

}  // namespace audit::merkle
