#include "clients/mls/tree/tree_math.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace clients::mls {
namespace {

// The picture of core/index.h.
TEST(TreeMath, EightLeaves) {
  EXPECT_EQ(direct_path({8}, 8), (std::vector<NodeIndex>{{9}, {11}, {7}}));
  EXPECT_EQ(copath({8}, 8), (std::vector<NodeIndex>{{10}, {13}, {3}}));
  EXPECT_EQ(common_ancestor({4}, {6}), NodeIndex{11});
  EXPECT_EQ(common_ancestor({2}, {2}), NodeIndex{4});
  EXPECT_EQ(common_ancestor({0}, {7}), NodeIndex{7});
  EXPECT_EQ(leaves_below({11}).begin, LeafIndex{4});
  EXPECT_EQ(leaves_below({11}).end, LeafIndex{8});
}

TEST(TreeMath, OneLeafIsItsOwnRoot) {
  EXPECT_EQ(root(1), NodeIndex{0});
  EXPECT_FALSE(parent({0}, 1));
  EXPECT_FALSE(sibling({0}, 1));
  EXPECT_TRUE(direct_path({0}, 1).empty());
  EXPECT_TRUE(copath({0}, 1).empty());
  EXPECT_EQ(width_for({0}), 1U);
}

TEST(TreeMath, AncestorsAreThoseOfTheDirectPath) {
  constexpr std::uint32_t kLeaves = 64;
  for (LeafIndex leaf; leaf.value < kLeaves; ++leaf.value) {
    std::vector<NodeIndex> path = direct_path(node_of(leaf), kLeaves);
    path.insert(path.begin(), node_of(leaf));
    for (std::uint32_t i = 0; i < path.size(); ++i) EXPECT_EQ(ancestor(leaf, i), path[i]);
    for (NodeIndex node; node.value < node_count(kLeaves); ++node.value) {
      const bool is_above = std::ranges::find(path, node) != path.end();
      EXPECT_EQ(is_below(node_of(leaf), node), is_above);
      EXPECT_EQ(leaves_below(node).begin <= leaf && leaf < leaves_below(node).end, is_above);
    }
  }
}

TEST(TreeMath, TheWidthIsThatOfTheSmallestTree) {
  EXPECT_EQ(width_for({1}), 2U);
  EXPECT_EQ(width_for({2}), 4U);
  EXPECT_EQ(width_for({3}), 4U);
  EXPECT_EQ(width_for({4}), 8U);
  EXPECT_EQ(width_for({kLeavesMax - 1}), kLeavesMax);
}

}  // namespace
}  // namespace clients::mls
