#include "clients/mls/tree/validation.h"

#include <gtest/gtest.h>

#include "clients/mls/tree/parent_hash.h"
#include "clients/mls/tree/testing/device.h"

namespace clients::mls {
namespace {

constexpr std::uint16_t kUnknownType = 0xF0F0;

// A leaf, changed and signed again.
template <typename Change>
LeafNode changed(const Fixture& group, const Device& device, Change&& change, LeafIndex at = {}) {
  LeafNode leaf = device.leaf;
  change(leaf);
  sign(group.crypto, leaf, {group.group_id, at}, device.signature);
  return leaf;
}

class Leaf : public ::testing::Test {
 protected:
  template <typename Change>
  Status check(Change&& change, const LeafRules& rules = {}) {
    return check_leaf(group_.crypto, kTestSuite, changed(group_, group_.devices[0], change), LeafSource::kKeyPackage,
                      {group_.group_id, {0}}, rules);
  }
  Status check_with(const LeafRules& rules) {
    return check([](LeafNode&) {}, rules);
  }
  Fixture group_{1};
};

TEST_F(Leaf, AGoodOneIsTaken) { EXPECT_TRUE(check_with({})); }

TEST_F(Leaf, ASignatureOverAnythingElseIsRefused) {
  LeafNode leaf = group_.devices[0].leaf;
  leaf.lifetime.not_after += 1;
  EXPECT_EQ(check_leaf(group_.crypto, kTestSuite, leaf, LeafSource::kKeyPackage, {group_.group_id, {3}}, {}),
            refuse(Reason::kSignature, 3));
  const Bytes other_group{1};
  leaf = changed(group_, group_.devices[0], [](LeafNode& l) { l.source = LeafSource::kUpdate; }, {3});
  const auto at = [&](ByteView group_id, std::uint32_t place) {
    return check_leaf(group_.crypto, kTestSuite, leaf, LeafSource::kUpdate, {group_id, {place}}, {});
  };
  EXPECT_TRUE(at(group_.group_id, 3));
  EXPECT_EQ(at(group_.group_id, 2), refuse(Reason::kSignature, 2));
  EXPECT_EQ(at(other_group, 3), refuse(Reason::kSignature, 3));
}

TEST_F(Leaf, AnotherSourceIsRefused) {
  EXPECT_EQ(check([](LeafNode& leaf) { leaf.source = LeafSource::kUpdate; }).error().reason, Reason::kLeafSource);
}

TEST_F(Leaf, TheLifetimeIncludesBothEnds) {
  for (const std::uint64_t now_s : {1000U, 2000U}) EXPECT_TRUE(check_with({{}, {}, now_s}));
  for (const std::uint64_t now_s : {999U, 2001U})
    EXPECT_EQ(check_with({{}, {}, now_s}).error().reason, Reason::kLifetime);
}

TEST_F(Leaf, WhatItIsAndWhatItHasStandsInItsCapabilities) {
  const auto refused = [&](auto&& change) { return check(change) == refuse(Reason::kCapability, 0); };
  EXPECT_TRUE(refused([](LeafNode& leaf) { leaf.capabilities.versions = {2}; }));
  EXPECT_TRUE(refused([](LeafNode& leaf) { leaf.capabilities.suites = {1}; }));
  EXPECT_TRUE(refused([](LeafNode& leaf) { leaf.capabilities.credentials = {2}; }));
  EXPECT_TRUE(refused([](LeafNode& leaf) { leaf.extensions = {{kUnknownType, {}}}; }));
  EXPECT_TRUE(check([](LeafNode& leaf) {
    leaf.extensions = {{kUnknownType, {}}};
    leaf.capabilities.extensions = {kUnknownType};
  }));
  EXPECT_TRUE(check([](LeafNode& leaf) { leaf.extensions = {{1, {}}}; }));  // application_id is a default
}

TEST_F(Leaf, WhatTheGroupNeedsStandsInItsCapabilities) {
  const auto needs = [&](RequiredCapabilities required) { return check_with({std::move(required), {}, {}}); };
  EXPECT_TRUE(needs({{1, 5}, {1, 7}, {1, 2}}));
  EXPECT_EQ(needs({{6}, {}, {}}), refuse(Reason::kCapability, 0));
  EXPECT_EQ(needs({{0}, {}, {}}), refuse(Reason::kCapability, 0));
  EXPECT_EQ(needs({{}, {8}, {}}), refuse(Reason::kCapability, 0));
  EXPECT_EQ(needs({{}, {}, {3}}), refuse(Reason::kCapability, 0));
  EXPECT_TRUE(check_with({{}, {{5, {}}}, {}}));
  EXPECT_EQ(check_with({{}, {{kUnknownType, {}}}, {}}), refuse(Reason::kCapability, 0));
}

TEST_F(Leaf, AnExtensionTwiceOrAKeyThatProtectsNothingIsRefused) {
  EXPECT_EQ(check([](LeafNode& leaf) { leaf.extensions = {{1, {}}, {1, {}}}; }), refuse(Reason::kValue, 0));
  EXPECT_EQ(check([](LeafNode& leaf) { leaf.encryption_key = {}; }), refuse(Reason::kKey, 0));
}

// Nodes 1, 3, 7 and 9 are filled; leaf 3 came last and is unmerged at 3 and 7.
class Tree : public ::testing::Test {
 protected:
  Tree() {
    group_.put_path(0);
    group_.put_path(4);
    (void)group_.tree.remove({3});
    group_.put_path(0);
    late_ = group_.add_device();
  }
  Status check(const RatchetTree& tree) { return check_tree(group_.crypto, kTestSuite, tree, group_.group_id, {}); }
  template <typename Change>
  Status check_changed(Change&& change) {
    Nodes nodes(group_.tree);
    change(nodes);
    const auto tree = nodes.parse();
    return tree ? check(*tree) : Status(std::unexpected(tree.error()));
  }
  Fixture group_{6};
  LeafIndex late_;
};

TEST_F(Tree, AGoodOneIsTaken) {
  EXPECT_EQ(late_, LeafIndex{3});
  ASSERT_EQ(group_.tree.parent_node({3})->unmerged_leaves, std::vector<LeafIndex>{{3}});
  EXPECT_TRUE(check(group_.tree));
  EXPECT_TRUE(check_changed([](Nodes&) {}));
}

TEST_F(Tree, EverySignatureIsVerified) {
  for (const std::uint32_t at : {0U, 3U})  // no parent hash covers them
    EXPECT_EQ(check_changed([&](Nodes& nodes) { nodes.leaves[at]->signature[5] ^= 1; }),
              refuse(Reason::kSignature, at));
  EXPECT_EQ(check_tree(group_.crypto, kTestSuite, group_.tree, Bytes{9}, {}), refuse(Reason::kSignature, 0));
}

TEST_F(Tree, ALeafThatMayNotStandThereIsNamed) {
  const LeafRules rules{RequiredCapabilities{{kUnknownType}, {}, {}}, {}, {}};
  EXPECT_EQ(check_tree(group_.crypto, kTestSuite, group_.tree, group_.group_id, rules), refuse(Reason::kCapability, 0));
  EXPECT_EQ(check_changed([&](Nodes& nodes) {
              nodes.leaves[3] =
                  changed(group_, group_.devices[6], [](LeafNode& leaf) { leaf.capabilities.suites = {1}; });
            }),
            refuse(Reason::kCapability, 3));
}

// § 7.9.2: whatever is changed in a parent or beside it, its maker did not sign.
TEST_F(Tree, EveryParentHashIsVerified) {
  const auto breaks = [&](auto&& change) { return check_changed(change).error().reason == Reason::kParentHash; };
  EXPECT_TRUE(breaks([&](Nodes& nodes) { nodes.parent(7).encryption_key = new_device(group_.crypto).encryption.key; }));
  EXPECT_TRUE(breaks([&](Nodes& nodes) { nodes.parent(1).encryption_key = new_device(group_.crypto).encryption.key; }));
  EXPECT_TRUE(breaks([](Nodes& nodes) { nodes.parent(3).parent_hash[0] ^= 1; }));
  EXPECT_TRUE(breaks([](Nodes& nodes) { nodes.parent(3).parent_hash.clear(); }));
  EXPECT_TRUE(breaks([](Nodes& nodes) { nodes.parent(7).parent_hash = Bytes(32, 1); }));
  EXPECT_TRUE(breaks([&](Nodes& nodes) { nodes.leaves[2] = new_device(group_.crypto).leaf; }));  // a sibling
  EXPECT_TRUE(breaks([&](Nodes& nodes) { nodes.leaves[6] = new_device(group_.crypto).leaf; }));  // one slipped in
  EXPECT_TRUE(breaks([](Nodes& nodes) { nodes.leaves[2].reset(); }));                            // one left out
  EXPECT_TRUE(breaks([](Nodes& nodes) { nodes.parents[0].reset(); }));                           // a link left out
  EXPECT_TRUE(breaks([](Nodes& nodes) {
    nodes.parent(3).unmerged_leaves = {{2}, {3}};
    nodes.parent(7).unmerged_leaves = {{2}, {3}};
  }));
}

TEST_F(Tree, UnmergedLeavesAreThoseOfEveryNodeBetween) {
  EXPECT_EQ(check_changed([](Nodes& nodes) { nodes.parent(3).unmerged_leaves.clear(); }), refuse(Reason::kTree, 7));
  EXPECT_EQ(check_changed([](Nodes& nodes) { nodes.parent(7).unmerged_leaves.clear(); }).error().reason,
            Reason::kParentHash);
}

// The root would seal for leaf 2 apart from node 3, which it shares.
TEST_F(Tree, ALeafThatIsMergedBelowIsNotUnmergedAbove) {
  Fixture group(6);
  group.put_path(0);
  Nodes nodes(group.tree);
  nodes.parent(7).unmerged_leaves = {{2}};
  const RatchetTree tree = *nodes.parse();
  EXPECT_EQ(check(tree), refuse(Reason::kTree, 7));
  EXPECT_EQ(check_parent_hashes(group.crypto, tree), refuse(Reason::kParentHash, 7));
}

TEST_F(Tree, KeysAreDistinct) {
  const auto twice = [&](auto&& change) { return check_changed(change).error().reason == Reason::kDuplicateKey; };
  EXPECT_TRUE(twice([](Nodes& nodes) { nodes.leaves[5]->encryption_key = nodes.leaves[1]->encryption_key; }));
  EXPECT_TRUE(twice([](Nodes& nodes) { nodes.leaves[5]->signature_key = nodes.leaves[1]->signature_key; }));
  EXPECT_TRUE(twice([](Nodes& nodes) { nodes.leaves[5]->encryption_key = nodes.parent(7).encryption_key; }));
  EXPECT_TRUE(twice([](Nodes& nodes) { nodes.parent(1).encryption_key = nodes.parent(7).encryption_key; }));
  EXPECT_EQ(check_changed([](Nodes& nodes) { nodes.parent(7).encryption_key = {}; }), refuse(Reason::kKey, 7));
}

TEST_F(Tree, EachKnowsTheCredentialsOfAll) {
  Device stranger = new_device(group_.crypto);
  stranger.leaf.credential = {CredentialType::kX509, {}, {Bytes{1}}};
  ASSERT_TRUE(group_.tree.add({stranger.leaf}));
  EXPECT_TRUE(check_members_agree(group_.tree));
  Device narrow = new_device(group_.crypto);
  narrow.leaf.capabilities.credentials = {1};
  const auto at = group_.tree.add({narrow.leaf});
  EXPECT_EQ(check_members_agree(group_.tree), refuse(Reason::kCapability, at->front().value));
}

}  // namespace
}  // namespace clients::mls
