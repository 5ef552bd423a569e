#include "clients/mls/tree/path.h"

#include <gtest/gtest.h>

#include "clients/mls/tree/testing/device.h"
#include "clients/mls/tree/validation.h"

namespace clients::mls {
namespace {

// Seven devices, of which device 2 was the last to make a path.
class Path : public ::testing::Test {
 protected:
  Path() { kept_ = group_.put_path(2); }

  Result<RatchetTree> merge(const UpdatePath& path, std::uint32_t sender = 0) {
    return merge_path(group_.crypto, group_.tree, {sender}, path);
  }
  // A path of device 0, changed.
  template <typename Change>
  Reason merge_changed(Change&& change) {
    UpdatePath path = group_.sealed(group_.draft_of(0));
    const Bytes before = group_.tree.encode();
    change(path);
    const auto merged = merge(path);
    EXPECT_EQ(group_.tree.encode(), before);
    return merged ? Reason::kTrailing : merged.error().reason;
  }
  Result<OpenedPath> open(const UpdatePath& path, const TreeKeys& own, std::span<const LeafIndex> added = {}) {
    return open_path(group_.crypto, kTestSuite, group_.tree, *merge(path), own, {0}, path, group_.context, added);
  }
  Fixture group_{7};
  PathDraft kept_;
};

TEST_F(Path, EveryoneGetsTheSameSecret) {
  const PathDraft draft = group_.draft_of(0);
  const UpdatePath path = group_.sealed(draft);
  const auto merged = merge(path);
  ASSERT_TRUE(merged);
  EXPECT_EQ(*merged, draft.tree);
  EXPECT_TRUE(check_tree(group_.crypto, kTestSuite, *merged, group_.group_id, {}));
  for (std::uint32_t at = 1; at < 7; ++at) {
    const auto opened = open(path, group_.keys_of(at));
    ASSERT_TRUE(opened) << at;
    EXPECT_EQ(opened->commit_secret, draft.commit_secret);
    for (const auto& [node, pair] : opened->keys.nodes)
      EXPECT_EQ(draft.tree.parent_node(node)->encryption_key, pair.key);
  }
}

TEST_F(Path, OneAloneHasAnEmptyPath) {
  Fixture alone(1);
  const PathDraft draft = alone.draft_of(0);
  const UpdatePath path = alone.sealed(draft);
  EXPECT_TRUE(path.nodes.empty());
  EXPECT_TRUE(path.leaf.parent_hash.empty());
  EXPECT_EQ(*merge_path(alone.crypto, alone.tree, {0}, path), draft.tree);
}

TEST_F(Path, NobodyMakesAPathWhereNobodyStands) {
  const LeafNode leaf = group_.devices[0].leaf;
  EXPECT_EQ(draft_path(group_.crypto, group_.tree, {7}, leaf, group_.group_id, group_.devices[0].signature).error(),
            (Error{Reason::kLeaf, 7}));
  EXPECT_EQ(merge(group_.sealed(group_.draft_of(0)), 7).error(), (Error{Reason::kLeaf, 7}));
}

TEST_F(Path, OneOfAnotherFormIsRefused) {
  EXPECT_EQ(merge_changed([](UpdatePath&) {}), Reason::kTrailing);
  EXPECT_EQ(merge_changed([](UpdatePath& path) { path.nodes.pop_back(); }), Reason::kPath);
  EXPECT_EQ(merge_changed([](UpdatePath& path) { path.nodes.emplace_back(); }), Reason::kPath);
  EXPECT_EQ(merge_changed([](UpdatePath& path) { path.leaf.source = LeafSource::kUpdate; }), Reason::kLeafSource);
  EXPECT_EQ(merge_changed([](UpdatePath& path) { path.leaf.parent_hash[0] ^= 1; }), Reason::kParentHash);
  EXPECT_EQ(merge_changed([](UpdatePath& path) { path.leaf.parent_hash.clear(); }), Reason::kParentHash);
  EXPECT_EQ(merge_changed([](UpdatePath& path) { path.nodes[1].encryption_key[0] ^= 1; }), Reason::kParentHash);
}

TEST_F(Path, KeysThatWereSeenAreRefused) {
  const auto leaf_key = [&](std::uint32_t at) { return group_.tree.leaf({at})->encryption_key; };
  const auto refused = [&](auto&& change) { return merge_changed(change) == Reason::kDuplicateKey; };
  EXPECT_TRUE(refused([&](UpdatePath& path) { path.leaf.encryption_key = leaf_key(0); }));
  EXPECT_TRUE(refused([&](UpdatePath& path) { path.leaf.encryption_key = leaf_key(6); }));
  EXPECT_TRUE(refused([&](UpdatePath& path) { path.nodes[0].encryption_key = leaf_key(1); }));
  EXPECT_TRUE(refused([&](UpdatePath& path) { path.nodes[2].encryption_key = kept_.keys.nodes.at({7}).key; }));
  EXPECT_TRUE(refused([](UpdatePath& path) { path.nodes[1].encryption_key = path.nodes[0].encryption_key; }));
  EXPECT_TRUE(refused([](UpdatePath& path) { path.nodes[1].encryption_key = path.leaf.encryption_key; }));
  EXPECT_EQ(merge_changed([](UpdatePath& path) { path.nodes[0].encryption_key = {}; }), Reason::kKey);
  EXPECT_EQ(merge_changed([](UpdatePath& path) { path.leaf.encryption_key = {}; }), Reason::kKey);
}

TEST_F(Path, CiphertextsAreAsManyAsTheirReaders) {
  const UpdatePath good = group_.sealed(group_.draft_of(0));
  for (std::size_t at = 0; at < good.nodes.size(); ++at) {
    UpdatePath path = good;
    path.nodes[at].encrypted_path_secrets.pop_back();
    EXPECT_EQ(open(path, group_.keys_of(1)).error().reason, Reason::kPath);
    path = good;
    path.nodes[at].encrypted_path_secrets.emplace_back();
    EXPECT_EQ(open(path, group_.keys_of(1)).error().reason, Reason::kPath);
  }
}

TEST_F(Path, OnlyWhatWasSealedForUsHereIsOpened) {
  UpdatePath path = group_.sealed(group_.draft_of(0));
  EXPECT_TRUE(open(path, group_.keys_of(5)));
  EXPECT_EQ(open(path, group_.keys_of(0)).error().reason, Reason::kPath);  // our own
  TreeKeys lost = group_.keys_of(5);
  lost.leaf = generate_key_pair(group_.crypto);
  EXPECT_EQ(open(path, lost).error().reason, Reason::kPath);
  TreeKeys stale = group_.keys_of(3);
  EXPECT_TRUE(open(path, stale));
  stale.nodes.at({5}) = generate_key_pair(group_.crypto);
  EXPECT_EQ(open(path, stale).error().reason, Reason::kPath);
  Bytes& ciphertext = path.nodes[2].encrypted_path_secrets[1].ciphertext;
  ciphertext[0] ^= 1;
  EXPECT_EQ(open(path, group_.keys_of(5)).error().reason, Reason::kDecrypt);
  ciphertext[0] ^= 1;
  group_.context[0] ^= 1;
  EXPECT_EQ(open(path, group_.keys_of(5)).error().reason, Reason::kDecrypt);
}

// A committer who seals something else than what the public keys were made of.
TEST_F(Path, ASecretThatDoesNotGiveTheKeysIsRefused) {
  const UpdatePath good = group_.sealed(group_.draft_of(0));
  const auto open_sealed = [&](ByteView secret) {
    UpdatePath path = good;
    path.nodes[0].encrypted_path_secrets[0] = *encrypt_with_label(
        group_.crypto, kTestSuite, group_.devices[1].encryption.key, "UpdatePathNode", group_.context, secret);
    return open(path, group_.keys_of(1)).error();
  };
  EXPECT_EQ(open_sealed(Bytes(32, 1)), (Error{Reason::kPath, 1}));
  EXPECT_EQ(open_sealed(Bytes(31, 1)).reason, Reason::kPath);
  EXPECT_EQ(open_sealed({}).reason, Reason::kPath);
}

TEST_F(Path, ThoseWhoAreAddedWithItReadTheWelcomeInstead) {
  const LeafIndex joiner = group_.add_device();
  const PathDraft draft = group_.draft_of(0);
  const std::vector<LeafIndex> added{joiner};
  const UpdatePath path = group_.sealed(draft, added);
  EXPECT_EQ(group_.sealed(draft).nodes[2].encrypted_path_secrets.size(),
            path.nodes[2].encrypted_path_secrets.size() + 1);
  EXPECT_EQ(open(path, group_.keys_of(4), added)->commit_secret, draft.commit_secret);
  EXPECT_EQ(open(path, group_.keys_of(4)).error().reason, Reason::kPath);  // as if nobody had been added
  EXPECT_EQ(open(path, group_.keys_of(7), added).error().reason, Reason::kPath);

  const Secret* secret = path_secret_for(draft, joiner);
  ASSERT_NE(secret, nullptr);
  const auto joined = [&](const Device& device, LeafIndex committer, const Secret& given) {
    return keys_from_welcome(group_.crypto, draft.tree, joiner, device.encryption, committer, given);
  };
  const Device& device = group_.devices[7];
  const auto keys = joined(device, {0}, *secret);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->nodes.size(), 1U);
  EXPECT_EQ(keys->nodes.at({7}), draft.keys.nodes.at({7}));
  EXPECT_EQ(joined(device, {0}, draft.steps[0].path_secret).error(), (Error{Reason::kPath, 7}));
  EXPECT_EQ(joined(device, joiner, *secret).error().reason, Reason::kLeaf);
  EXPECT_EQ(joined(device, {8}, *secret).error().reason, Reason::kLeaf);
  EXPECT_EQ(joined(group_.devices[1], {0}, *secret).error().reason, Reason::kPath);
  EXPECT_TRUE(
      keys_from_welcome(group_.crypto, draft.tree, joiner, device.encryption, {0}, std::nullopt)->nodes.empty());
}

// An external commit: those who take it have placed the leaf of the path itself.
TEST_F(Path, AnOutsiderPlacesItsLeafFirst) {
  RatchetTree with_leaf = group_.tree;
  Device outsider = new_device(group_.crypto);
  const LeafIndex at = with_leaf.add({outsider.leaf})->front();
  const auto draft = draft_path(group_.crypto, with_leaf, at, outsider.leaf, group_.group_id, outsider.signature);
  ASSERT_TRUE(draft);
  const UpdatePath path = group_.sealed(*draft);

  RatchetTree seen = group_.tree;
  ASSERT_EQ(seen.add({path.leaf})->front(), at);
  const auto merged = merge_path(group_.crypto, seen, at, path);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->tree_hash(group_.crypto), draft->tree.tree_hash(group_.crypto));
  EXPECT_TRUE(check_tree(group_.crypto, kTestSuite, *merged, group_.group_id, {}));
  const auto opened =
      open_path(group_.crypto, kTestSuite, seen, *merged, group_.keys_of(1), at, path, group_.context, {});
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->commit_secret, draft->commit_secret);
}

TEST_F(Path, KeysOfBlankNodesAreForgotten) {
  TreeKeys keys = kept_.keys;
  EXPECT_EQ(keys.nodes.size(), 3U);
  ASSERT_TRUE(group_.tree.update({3}, new_device(group_.crypto).leaf));
  TreeKeys stale = keys;
  keys.prune(group_.tree);
  EXPECT_TRUE(keys.nodes.empty());
  const auto opened = open(group_.sealed(group_.draft_of(0)), stale);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->keys.nodes.size(), 2U);  // 3 and 7, new
  EXPECT_EQ(keys.leaf, kept_.keys.leaf);
}

}  // namespace
}  // namespace clients::mls
