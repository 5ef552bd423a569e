// Topic treekem.
#include <algorithm>

#include "clients/mls/message/group_context.h"
#include "clients/mls/tree/parent_hash.h"
#include "clients/mls/tree/path.h"
#include "clients/mls/tree/validation.h"
#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

struct Member {
  TreeKeys keys;
  KeyPair signature;
};
using Members = std::map<LeafIndex, Member>;

LeafIndex leaf_in(const Entry& entry, std::string_view name) {
  return {static_cast<std::uint32_t>(entry.number(name))};
}

// The member's keys are those of the tree's nodes.
Member member_of(const Crypto& crypto, const Entry& entry, const RatchetTree& tree) {
  Member out;
  out.keys.own = leaf_in(entry, "index");
  out.keys.leaf = encryption_pair(crypto, entry.secret("encryption_priv"));
  out.signature = signature_pair(crypto, entry.secret("signature_priv"));
  const LeafNode* leaf = tree.leaf(out.keys.own);
  entry.require(leaf != nullptr && leaf->encryption_key == out.keys.leaf.key, "encryption_priv");
  entry.require(leaf != nullptr && leaf->signature_key == out.signature.key, "signature_priv");
  for (const Entry& known : entry.list("path_secrets")) {
    const NodeIndex at{static_cast<std::uint32_t>(known.number("node"))};
    const KeyPair pair = derive_key_pair(crypto, derive_secret(crypto, known.secret("path_secret"), "node"));
    const ParentNode* node = tree.parent_node(at);
    known.require(node != nullptr && node->encryption_key == pair.key, "path_secret");
    out.keys.nodes[at] = pair;
  }
  return out;
}

Bytes context_of(const Crypto& crypto, const Entry& group, const RatchetTree& tree) {
  return encode(GroupContext{group.suite(),
                             group.bytes("group_id"),
                             group.number("epoch"),
                             tree.tree_hash(crypto),
                             group.bytes("confirmed_transcript_hash"),
                             {}});
}

// The path secret that the file has for a member gives the keys that the member took from the path.
void expect_secret(const Crypto& crypto, const Entry& update, const RatchetTree& merged, LeafIndex sender,
                   const OpenedPath& opened) {
  const std::vector<Bytes> secrets = update.bytes_list("path_secrets");
  const std::size_t own = opened.keys.own.value;
  if (!update.require(own < secrets.size() && secrets[own].size() == kHashBytes, "path_secrets")) return;
  Secret secret;
  std::ranges::copy(secrets[own], secret.writable().begin());
  const auto keys = keys_from_welcome(crypto, merged, opened.keys.own, opened.keys.leaf, sender, secret);
  if (!update.require(keys, "path_secrets")) return;
  for (const auto& [at, pair] : keys->nodes) {
    const auto found = opened.keys.nodes.find(at);
    update.require(found != opened.keys.nodes.end() && found->second == pair, "path_secrets");
  }
}

void take_path(const Crypto& crypto, const Entry& group, const Entry& update, const RatchetTree& tree,
               const Members& members) {
  const LeafIndex sender = leaf_in(update, "sender");
  const auto path = parse<UpdatePath>(update.bytes("update_path"));
  if (!update.require(path, "update_path")) return;
  const auto merged = merge_path(crypto, tree, sender, *path);
  if (!update.require(merged, "update_path")) return;
  const Bytes group_id = group.bytes("group_id"), context = context_of(crypto, group, *merged);
  update.require(check_leaf(crypto, group.suite(), path->leaf, LeafSource::kCommit, {group_id, sender}, {}),
                 "update_path");
  update.require(check_parent_hashes(crypto, *merged), "update_path");
  update.expect("tree_hash_after", merged->tree_hash(crypto));
  for (const auto& [at, member] : members) {
    if (at == sender) continue;
    const auto opened = open_path(crypto, group.suite(), tree, *merged, member.keys, sender, *path, context, {});
    if (!update.require(opened, "update_path")) return;
    update.expect("commit_secret", opened->commit_secret);
    expect_secret(crypto, update, *merged, sender, *opened);
  }
}

// A path of our own is taken by everybody else.
void make_path(const Crypto& crypto, const Entry& group, const RatchetTree& tree, const Members& members,
               const Member& sender) {
  const LeafIndex from = sender.keys.own;
  const Bytes group_id = group.bytes("group_id");
  const auto draft = draft_path(crypto, tree, from, *tree.leaf(from), group_id, sender.signature);
  if (!group.require(draft, "draft_path")) return;
  const Bytes context = context_of(crypto, group, draft->tree);
  const auto path = seal_path(crypto, group.suite(), *draft, context, {});
  if (!group.require(path, "seal_path")) return;
  const auto merged = merge_path(crypto, tree, from, *path);
  if (!group.require(merged && *merged == draft->tree, "merge_path")) return;
  group.require(check_tree(crypto, group.suite(), *merged, group_id, {}), "check_tree");
  for (const auto& [at, member] : members) {
    if (at == from) continue;
    const auto opened = open_path(crypto, group.suite(), tree, *merged, member.keys, from, *path, context, {});
    group.require(opened && opened->commit_secret == draft->commit_secret, "open_path");
  }
}

}  // namespace

void check_treekem(const Crypto& crypto, const Entry& entry) {
  const auto tree = RatchetTree::parse(entry.bytes("ratchet_tree"));
  if (!entry.require(tree, "ratchet_tree")) return;
  entry.require(check_tree(crypto, entry.suite(), *tree, entry.bytes("group_id"), {}), "ratchet_tree");
  Members members;
  for (const Entry& known : entry.list("leaves_private"))
    members.emplace(leaf_in(known, "index"), member_of(crypto, known, *tree));
  for (const Entry& update : entry.list("update_paths")) {
    take_path(crypto, entry, update, *tree, members);
    const auto sender = members.find(leaf_in(update, "sender"));
    if (update.require(sender != members.end(), "sender")) make_path(crypto, entry, *tree, members, sender->second);
  }
}

}  // namespace clients::mls
