#include "audit/verify/files.h"

#include <algorithm>

#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"

namespace audit::verify {
namespace {

using log::Bytes;
using merkle::kTileWidth;

std::optional<std::uint64_t> side_number(std::string_view path) {
  for (const std::string_view prefix : {"side/keys/", "side/records/"}) {
    if (!path.starts_with(prefix)) continue;
    const auto tile = merkle::parse_tile_path("tile/entries/" + std::string(path.substr(prefix.size())));
    if (tile && tile->width == kTileWidth) return tile->index;
  }
  return {};
}

std::uint64_t same_hashes(const Bytes& then, const Bytes& now) {
  const auto differ = std::ranges::mismatch(then, now).in1 - then.begin();
  return static_cast<std::uint64_t>(differ) / merkle::kHashSize;
}

std::uint64_t same_entries(const Bytes& then, const Bytes& now, unsigned width) {
  const merkle::BundleView before = merkle::view_bundle(then, width), after = merkle::view_bundle(now, kTileWidth);
  std::uint64_t same = 0;
  while (same < before.entries.size() && same < after.entries.size() &&
         std::ranges::equal(before.entries[same], after.entries[same]))
    ++same;
  return before.broken && same == width ? width - 1 : same;
}

class Files {
 public:
  Files(const log::Objects& objects, std::uint64_t size, std::uint64_t minimum, Findings& findings)
      : objects_(objects), size_(size), minimum_(minimum), findings_(findings) {}

  void check(const std::string& path) {
    if (path == log::kCheckpointPath || path == log::kLockedCheckpointPath || path == log::kMinimumIndexPath ||
        path == log::kErasuresPath)
      return;
    if (path == log::kStagePath || path.starts_with(log::kTemporaryPrefix))
      return findings_.note("file.ahead", size_, path, "a write that is not finished");
    if (const auto tile = merkle::parse_tile_path(path)) return check_tile(path, *tile);
    const auto number = side_number(path);
    if (!number) return findings_.wrong("file.unexpected", {}, path, "a file that does not belong to a log");
    if (*number * kTileWidth >= size_)
      return findings_.note("file.ahead", size_, path, "records wait for their checkpoint");
    if ((*number + 1) * kTileWidth <= minimum_)
      findings_.wrong("prune.left", *number * kTileWidth, path, "keys or records of pruned entries are still there");
  }

 private:
  // A partial tile of an earlier size must be the beginning of what stands there now.
  void check_tile(const std::string& path, const merkle::Tile& tile) {
    const unsigned level = tile.level.value_or(0);
    const unsigned width = merkle::width_of(level, tile.index, size_);
    if (tile.width == width) return;
    const unsigned shift = level * merkle::kTileHeight;
    if (tile.width > width)
      return findings_.note("file.ahead", (tile.index * kTileWidth + width) << shift, path,
                            "a tile that is newer than the checkpoint");
    const auto now = log::read_tile(objects_, tile.level, tile.index, size_);
    const auto then = findings_.taken(objects_.get(path));
    if (!now || !then) return;
    const std::uint64_t same =
        tile.level ? same_hashes(*then, now->bytes) : same_entries(*then, now->bytes, tile.width);
    if (same == tile.width && (!tile.level || then->size() == tile.width * merkle::kHashSize)) return;
    findings_.wrong("partial.differs",
                    (tile.index * kTileWidth + std::min<std::uint64_t>(same, tile.width - 1)) << shift, path,
                    "what is kept of an earlier size is not the beginning of the tile");
  }

  const log::Objects& objects_;
  std::uint64_t size_, minimum_;
  Findings& findings_;
};

}  // namespace

void check_files(const log::Objects& objects, std::uint64_t size, std::uint64_t minimum, Findings& findings) {
  Files files(objects, size, minimum, findings);
  for (const std::string& path : findings.taken(objects.list(""))) files.check(path);
}

}  // namespace audit::verify
