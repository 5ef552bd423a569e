#include "audit/merkle/tile_tree.h"

#include <gtest/gtest.h>

namespace audit::merkle {
namespace {

TEST(TileTree, HasEveryCompleteSubtreeAndNoOther) {
  for (const std::size_t width : {0U, 1U, 2U, 5U, 127U, 128U, 255U, 256U}) {
    std::vector<Hash> hashes;
    for (std::size_t i = 0; i < width; ++i) hashes.push_back(leaf_hash(policy::base::as_bytes(std::to_string(i))));
    const TileTree tree(hashes);
    EXPECT_EQ(tree.hashes(), hashes);
    for (unsigned level = 0; level <= kTileHeight + 1; ++level) {
      for (std::size_t index = 0; index <= width + 1; ++index) {
        const std::size_t begin = index << level, end = (index + 1) << level;
        const Hash* node = tree.node(level, index);
        ASSERT_EQ(node != nullptr, end <= width) << level << ' ' << index;
        if (node == nullptr) continue;
        ASSERT_EQ(*node, subtree_root({hashes.begin() + static_cast<std::ptrdiff_t>(begin),
                                       hashes.begin() + static_cast<std::ptrdiff_t>(end)}));
      }
    }
  }
}

TEST(TileTree, DropsWhatATileCannotHold) { EXPECT_EQ(TileTree(std::vector<Hash>(300)).width(), kTileWidth); }

}  // namespace
}  // namespace audit::merkle
