// Storms: random adds, updates, removals and paths among simulated members, each with its own copy of the tree and the
// keys it was sent. After every commit all agree on tree hash and commit secret, joiners believe the tree they are
// given, and those removed cannot open the path.
//
// FEIERABEND_MLS_SEED=N repeats or changes the storms.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "clients/mls/tree/testing/device.h"
#include "clients/mls/tree/validation.h"

namespace clients::mls {
namespace {

struct Member {
  KeyPair signature;
  TreeKeys keys;
  RatchetTree tree;
};

struct Commit {
  std::map<LeafIndex, Device> updates;
  std::vector<LeafIndex> removals;
  std::vector<Device> additions;
  std::vector<LeafIndex> added;  // filled in when applied

  void apply(RatchetTree& tree) {
    for (const auto& [at, device] : updates) EXPECT_TRUE(tree.update(at, device.leaf));
    for (const LeafIndex at : removals) EXPECT_TRUE(tree.remove(at));
    std::vector<LeafNode> leaves;
    for (const Device& device : additions) leaves.push_back(device.leaf);
    added = *tree.add(std::move(leaves));
  }
};

class Storm {
 public:
  Storm(std::uint64_t seed, std::size_t members_max) : random_(seed), crypto_(seeded(seed + 1)), max_(members_max) {
    const Device founder = new_device(crypto_);
    Member& member = members_[{0}];
    EXPECT_TRUE(member.tree.add({founder.leaf}));
    member.signature = founder.signature;
    member.keys = {{0}, founder.encryption, {}};
  }

  void step() {
    const LeafIndex committer = someone();
    Commit commit = draw(committer);
    RatchetTree next = members_.at(committer).tree;
    commit.apply(next);
    const bool with_path = !commit.updates.empty() || !commit.removals.empty() || commit.additions.empty() || one_in(2);
    if (with_path)
      commit_with_path(committer, commit, next);
    else
      commit_without_path(committer, commit, next);
    const Hash hash = members_.at(committer).tree.tree_hash(crypto_);
    for (const auto& [at, member] : members_) ASSERT_EQ(member.tree.tree_hash(crypto_), hash) << at.value;
    ASSERT_EQ(members_.at(committer).tree.members(), members_.size());
  }

 private:
  std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_() % end); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  LeafIndex someone() {
    return std::next(members_.begin(), static_cast<std::ptrdiff_t>(below(members_.size())))->first;
  }

  Commit draw(LeafIndex committer) {
    Commit out;
    for (std::size_t n = one_in(3) ? below(1 + members_.size() / 2) : 0; n > 0; --n) {
      const LeafIndex at = someone();
      if (at == committer || std::ranges::find(out.removals, at) != out.removals.end()) continue;
      out.removals.push_back(at);
    }
    for (std::size_t n = one_in(3) ? below(3) : 0; n > 0; --n) {
      const LeafIndex at = someone();
      if (at != committer && std::ranges::find(out.removals, at) == out.removals.end())
        out.updates[at] = updated(members_.at(at));
    }
    const std::size_t room = max_ - members_.size() + out.removals.size();
    for (std::size_t n = one_in(2) ? below(std::min<std::size_t>(room, 20) + 1) : 0; n > 0; --n)
      out.additions.push_back(new_device(crypto_));
    return out;
  }

  Device updated(const Member& member) const {
    Device out{member.signature, generate_key_pair(crypto_), *member.tree.leaf(member.keys.own)};
    out.leaf.encryption_key = out.encryption.key;
    out.leaf.source = LeafSource::kUpdate;
    out.leaf.parent_hash.clear();
    sign(crypto_, out.leaf, {group_id_, member.keys.own}, out.signature);
    return out;
  }

  // Those who stay take the proposals; those who go are given back.
  std::map<LeafIndex, Member> apply_to_all(Commit& commit) {
    std::map<LeafIndex, Member> gone;
    for (const LeafIndex at : commit.removals) gone.insert(members_.extract(at));
    for (auto& [at, member] : members_) {
      if (const auto found = commit.updates.find(at); found != commit.updates.end())
        member.keys.leaf = found->second.encryption;
      commit.apply(member.tree);
      member.keys.prune(member.tree);
    }
    return gone;
  }

  void commit_without_path(LeafIndex committer, Commit& commit, const RatchetTree& next) {
    apply_to_all(commit);
    join_all(committer, commit, next, nullptr);
  }

  void commit_with_path(LeafIndex committer, Commit& commit, const RatchetTree& before) {
    const Member& maker = members_.at(committer);
    const auto draft = draft_path(crypto_, before, committer, *before.leaf(committer), group_id_, maker.signature);
    ASSERT_TRUE(draft);
    const Hash context = draft->tree.tree_hash(crypto_);
    const auto path = seal_path(crypto_, kTestSuite, *draft, context, commit.added);
    ASSERT_TRUE(path);
    const auto gone = apply_to_all(commit);
    for (auto& [at, member] : members_) {
      if (at != committer)
        take(member, committer, *path, context, commit.added, draft->commit_secret);
      else
        member.keys = draft->keys, member.tree = draft->tree;
    }
    // A member that was removed has only what it had; it may not stand in the new tree at all.
    for (const auto& [at, member] : gone) {
      const auto merged = merge_path(crypto_, before, committer, *path);
      ASSERT_TRUE(merged);
      const auto opened =
          open_path(crypto_, kTestSuite, before, *merged, member.keys, committer, *path, context, commit.added);
      EXPECT_FALSE(opened && opened->commit_secret == draft->commit_secret);
    }
    join_all(committer, commit, draft->tree, &*draft);
  }

  void take(Member& member, LeafIndex committer, const UpdatePath& path, const Hash& context,
            std::span<const LeafIndex> added, const Secret& expected) {
    const auto merged = merge_path(crypto_, member.tree, committer, path);
    ASSERT_TRUE(merged);
    const auto opened =
        open_path(crypto_, kTestSuite, member.tree, *merged, member.keys, committer, path, context, added);
    ASSERT_TRUE(opened) << member.keys.own.value << ": " << code(opened.error().reason);
    ASSERT_EQ(opened->commit_secret, expected);
    member.tree = *merged;
    member.keys = opened->keys;
  }

  void join_all(LeafIndex committer, const Commit& commit, const RatchetTree& tree, const PathDraft* draft) {
    const Bytes bytes = tree.encode();
    for (std::size_t i = 0; i < commit.added.size(); ++i) {
      const auto parsed = RatchetTree::parse(bytes);
      ASSERT_TRUE(parsed);
      ASSERT_TRUE(i > 0 || check_tree(crypto_, kTestSuite, *parsed, group_id_, {}));
      std::optional<Secret> secret;
      if (draft != nullptr) secret = *path_secret_for(*draft, commit.added[i]);
      const Device& device = commit.additions[i];
      const auto keys = keys_from_welcome(crypto_, *parsed, commit.added[i], device.encryption, committer, secret);
      ASSERT_TRUE(keys);
      members_[commit.added[i]] = {device.signature, *keys, *parsed};
    }
  }

  std::mt19937_64 random_;
  NativeCrypto crypto_;
  std::size_t max_;
  Bytes group_id_{4, 2};
  std::map<LeafIndex, Member> members_;
};

std::uint64_t first_seed() {
  const char* text = std::getenv("FEIERABEND_MLS_SEED");
  return text == nullptr ? 9420 : std::strtoull(text, nullptr, 10);
}

void blow(std::size_t storms, std::size_t steps, std::size_t members_max) {
  for (std::uint64_t seed = first_seed(); storms > 0; --storms, seed += 2) {
    Storm storm(seed, members_max);
    for (std::size_t i = 0; i < steps; ++i) {
      storm.step();
      if (::testing::Test::HasFailure()) FAIL() << "seed " << seed << ", step " << i;
    }
  }
}

TEST(Storm, Few) { blow(30, 40, 6); }
TEST(Storm, Some) { blow(6, 40, 25); }
TEST(Storm, Many) { blow(1, 40, 100); }

}  // namespace
}  // namespace clients::mls
