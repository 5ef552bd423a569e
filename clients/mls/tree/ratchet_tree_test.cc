#include "clients/mls/tree/ratchet_tree.h"

#include <gtest/gtest.h>

#include "clients/mls/tree/testing/device.h"

namespace clients::mls {
namespace {

using Leaves = std::vector<LeafIndex>;

Reason reason_of(const Nodes& nodes, std::size_t count = 0) {
  const auto tree = RatchetTree::parse(nodes.encode(count));
  return tree ? Reason::kTrailing : tree.error().reason;
}

Hash fresh_hash(const Crypto& crypto, const RatchetTree& tree) {
  return RatchetTree::parse(tree.encode())->tree_hash(crypto);
}

TEST(RatchetTree, AddsTakeTheLeftmostBlanksThenTheTreeGrows) {
  Fixture group(5);
  EXPECT_EQ(group.tree.leaves(), 8U);
  ASSERT_TRUE(group.tree.remove({1}));
  ASSERT_TRUE(group.tree.remove({3}));
  std::vector<LeafNode> more(6, group.devices[0].leaf);
  EXPECT_EQ(*group.tree.add(more), (Leaves{{1}, {3}, {5}, {6}, {7}, {8}}));
  EXPECT_EQ(group.tree.leaves(), 16U);
  EXPECT_EQ(group.tree.members(), 9U);
}

TEST(RatchetTree, ANewLeafIsUnmergedAtEveryFilledNodeAbove) {
  Fixture group(6);
  ASSERT_TRUE(group.tree.remove({1}));
  ASSERT_TRUE(group.tree.remove({3}));
  group.put_path(0);
  ASSERT_EQ(group.tree.parent_node({1}), nullptr);
  const RatchetTree before = group.tree;
  const auto device = new_device(group.crypto);
  EXPECT_EQ(*group.tree.add({device.leaf, device.leaf}), (Leaves{{1}, {3}}));
  EXPECT_EQ(group.tree.parent_node({3})->unmerged_leaves, (Leaves{{1}, {3}}));
  EXPECT_EQ(group.tree.parent_node({7})->unmerged_leaves, (Leaves{{1}, {3}}));
  EXPECT_EQ(*group.tree.add({device.leaf}), (Leaves{{6}}));
  EXPECT_EQ(group.tree.parent_node({3})->unmerged_leaves, (Leaves{{1}, {3}}));
  EXPECT_EQ(group.tree.parent_node({7})->unmerged_leaves, (Leaves{{1}, {3}, {6}}));
  EXPECT_TRUE(before.parent_node({7})->unmerged_leaves.empty());
  EXPECT_EQ(group.tree.resolution({3}), (std::vector<NodeIndex>{{3}, {2}, {6}}));
}

// Nobody who always takes the leftmost blank makes such a tree, but one may be read.
TEST(RatchetTree, UnmergedLeavesStaySortedWhenALowerOneComesLater) {
  Fixture group(4);
  ASSERT_TRUE(group.tree.remove({1}));
  group.put_path(0);
  Nodes nodes(group.tree);
  nodes.parent(3).unmerged_leaves = {{3}};
  RatchetTree tree = *nodes.parse();
  EXPECT_EQ(*tree.add({new_device(group.crypto).leaf}), (Leaves{{1}}));
  EXPECT_EQ(tree.parent_node({3})->unmerged_leaves, (Leaves{{1}, {3}}));
}

TEST(RatchetTree, AnUpdateBlanksThePathOnly) {
  Fixture group(4);
  group.put_path(0);
  group.put_path(2);
  ASSERT_TRUE(group.tree.update({1}, group.devices[1].leaf));
  EXPECT_EQ(group.tree.parent_node({1}), nullptr);
  EXPECT_EQ(group.tree.parent_node({3}), nullptr);
  EXPECT_NE(group.tree.parent_node({5}), nullptr);
}

TEST(RatchetTree, ARemovalTruncatesToTheSmallestTree) {
  Fixture group(9);
  ASSERT_TRUE(group.tree.remove({3}));
  ASSERT_TRUE(group.tree.remove({4}));
  for (const std::uint32_t at : {5U, 6U, 7U}) ASSERT_TRUE(group.tree.remove({at}));
  EXPECT_EQ(group.tree.leaves(), 16U);
  ASSERT_TRUE(group.tree.remove({8}));
  EXPECT_EQ(group.tree.leaves(), 4U);
  EXPECT_EQ(Nodes(group.tree).encode(), group.tree.encode());
  for (const std::uint32_t at : {0U, 1U, 2U}) ASSERT_TRUE(group.tree.remove({at}));
  EXPECT_EQ(group.tree.leaves(), 0U);
  EXPECT_EQ(group.tree.members(), 0U);
  EXPECT_EQ(*group.tree.add({group.devices[0].leaf}), (Leaves{{0}}));
}

TEST(RatchetTree, NobodyThereIsRefusedAndNothingChanges) {
  Fixture group(3);
  const RatchetTree before = group.tree;
  EXPECT_EQ(group.tree.update({3}, group.devices[0].leaf), refuse(Reason::kLeaf, 3));
  EXPECT_EQ(group.tree.remove({3}), refuse(Reason::kLeaf, 3));
  EXPECT_EQ(group.tree.remove({4'000'000'000}), refuse(Reason::kLeaf, 4'000'000'000));
  EXPECT_EQ(group.tree, before);
}

TEST(RatchetTree, HashesFollowEveryChange) {
  Fixture group(7);
  const auto holds = [&] { return group.tree.tree_hash(group.crypto) == fresh_hash(group.crypto, group.tree); };
  EXPECT_TRUE(holds());
  group.put_path(5);
  EXPECT_TRUE(holds());
  ASSERT_TRUE(group.tree.remove({2}));
  EXPECT_TRUE(holds());
  group.put_path(0);
  group.add_device();
  EXPECT_TRUE(holds());
  group.add_device();
  group.add_device();
  EXPECT_TRUE(holds());
  ASSERT_TRUE(group.tree.update({1}, new_device(group.crypto).leaf));
  EXPECT_TRUE(holds());
  ASSERT_TRUE(group.tree.remove({8}));
  EXPECT_TRUE(holds());
}

// § 7.9: what the tree was before some leaves were added to it.
TEST(RatchetTree, TheOriginalHashIsThatBeforeTheLeavesCame) {
  Fixture group(7);
  ASSERT_TRUE(group.tree.remove({2}));
  group.put_path(0);
  group.put_path(4);
  const RatchetTree before = group.tree;
  const Leaves added{group.add_device(), group.add_device()};
  EXPECT_EQ(added, (Leaves{{2}, {7}}));
  EXPECT_NE(group.tree.tree_hash(group.crypto), before.tree_hash(group.crypto));
  for (NodeIndex at; at.value < node_count(8); ++at.value)
    EXPECT_EQ(group.tree.tree_hash_without(group.crypto, at, added), before.tree_hash(group.crypto, at)) << at.value;
}

TEST(RatchetTree, ACopyIsNotChangedWithTheOther) {
  Fixture group(4);
  group.put_path(0);
  const RatchetTree kept = group.tree;
  const Bytes bytes = kept.encode();
  const Hash hash = kept.tree_hash(group.crypto);
  group.add_device();
  group.put_path(3);
  ASSERT_TRUE(group.tree.remove({0}));
  EXPECT_EQ(kept.encode(), bytes);
  EXPECT_EQ(fresh_hash(group.crypto, kept), hash);
  EXPECT_EQ(kept.tree_hash(group.crypto), hash);
}

TEST(RatchetTree, FormIsCheckedWhenItIsRead) {
  Fixture group(6);
  group.put_path(0);
  const Nodes good(group.tree);
  EXPECT_EQ(*good.parse(), group.tree);
  EXPECT_EQ(reason_of(good, 12), Reason::kTree);  // a blank leaf at the end
  EXPECT_EQ(reason_of(good, 10), Reason::kTree);  // a parent at the end

  Nodes bad = good;
  bad.parent(7).unmerged_leaves = {{6}};
  EXPECT_EQ(bad.parse().error(), (Error{Reason::kTree, 7}));  // nobody there
  bad = good;
  bad.parent(3).unmerged_leaves = {{4}};
  EXPECT_EQ(bad.parse().error(), (Error{Reason::kTree, 3}));  // beside
  bad = good;
  bad.parent(3).unmerged_leaves = {{2}, {1}};
  EXPECT_EQ(reason_of(bad), Reason::kValue);
  bad = good;
  bad.leaves[2].reset();
  bad.leaves[3].reset();
  EXPECT_EQ(bad.parse().error(), (Error{Reason::kTree, 3}));  // a parent of one side
}

TEST(RatchetTree, NodesStandAtTheirPlaces) {
  Fixture group(2);
  Bytes bytes = group.tree.encode();
  EXPECT_TRUE(RatchetTree::parse(bytes));
  bytes[3] = 2;  // after two bytes of length and one of presence
  EXPECT_EQ(RatchetTree::parse(bytes).error().reason, Reason::kTree);
  EXPECT_EQ(RatchetTree::parse({}).error().reason, Reason::kTruncated);
  EXPECT_EQ(RatchetTree::parse(Bytes{0}).error().reason, Reason::kTree);
  EXPECT_EQ(RatchetTree::parse(Bytes{1, 0}).error().reason, Reason::kTree);
}

TEST(RatchetTree, TooManyNodesAreRefused) {
  Writer out;
  out.opaque(Bytes(2 * kLeavesMax, 0));
  EXPECT_EQ(RatchetTree::parse(out.bytes()).error(), (Error{Reason::kTree, 2 * kLeavesMax - 1}));
}

}  // namespace
}  // namespace clients::mls
