#include "clients/mls/tree/path.h"

#include <algorithm>

#include "clients/mls/tree/parent_hash.h"
#include "clients/mls/tree/small_order.h"

namespace clients::mls {
namespace {

constexpr std::string_view kLabel = "UpdatePathNode";
using PathStep = RatchetTree::PathStep;

// § 7.4.
KeyPair node_pair(const Crypto& crypto, const Secret& path_secret) {
  return derive_key_pair(crypto, derive_secret(crypto, path_secret, "node"));
}
Secret next_secret(const Crypto& crypto, const Secret& path_secret) {
  return derive_secret(crypto, path_secret, "path");
}

// § 7.5: who gets a path secret: the resolution without the leaves that this commit added.
std::vector<NodeIndex> recipients(const RatchetTree& tree, NodeIndex copath_child, std::span<const LeafIndex> added) {
  std::vector<NodeIndex> out = tree.resolution(copath_child);
  std::erase_if(out, [&](NodeIndex node) { return is_leaf(node) && std::ranges::binary_search(added, leaf_of(node)); });
  return out;
}

std::vector<LeafIndex> rising(std::span<const LeafIndex> leaves) {
  std::vector<LeafIndex> out(leaves.begin(), leaves.end());
  std::ranges::sort(out);
  return out;
}

// The lowest step above both the path's leaf and this one; all above it are, too.
std::size_t first_above(std::span<const PathStep> steps, LeafIndex leaf) {
  const auto found =
      std::ranges::find_if(steps, [&](const PathStep& step) { return is_below(node_of(leaf), step.node); });
  return static_cast<std::size_t>(found - steps.begin());
}

const PublicKey& key_at(const RatchetTree& tree, NodeIndex filled) {
  return is_leaf(filled) ? tree.leaf(leaf_of(filled))->encryption_key : tree.parent_node(filled)->encryption_key;
}

std::vector<PublicKey> keys_of(std::span<const UpdatePathNode> nodes) {
  std::vector<PublicKey> out;
  for (const UpdatePathNode& node : nodes) out.push_back(node.encryption_key);
  return out;
}

RatchetTree with_path(const RatchetTree& tree, LeafIndex at, LeafNode leaf, std::span<const PathStep> steps,
                      std::span<const PublicKey> keys, PathHashes hashes) {
  std::vector<std::pair<NodeIndex, ParentNode>> parents;
  for (std::size_t i = 0; i < steps.size(); ++i)
    parents.emplace_back(steps[i].node, ParentNode{keys[i], std::move(hashes.nodes[i]), {}});
  RatchetTree out = tree;
  out.put_path(at, std::move(leaf), std::move(parents));
  return out;
}

// § 12.4.2: new keys only, each its own. Those that the path replaces count as old; an external joiner's leaf, which
// stands in the tree already, does not.
Status check_keys_new(const RatchetTree& tree, LeafIndex sender, const LeafNode& leaf, std::vector<PublicKey> keys) {
  keys.push_back(leaf.encryption_key);
  if (std::ranges::any_of(keys, is_small_order)) return refuse(Reason::kKey, sender.value);
  std::ranges::sort(keys);
  bool repeated = std::ranges::adjacent_find(keys) != keys.end();
  const auto check = [&](const PublicKey& key) { repeated = repeated || std::ranges::binary_search(keys, key); };
  tree.for_each_member([&](LeafIndex at, const LeafNode& node) {
    if (at != sender || node != leaf) check(node.encryption_key);
  });
  tree.for_each_parent([&](NodeIndex, const ParentNode& node) { check(node.encryption_key); });
  if (repeated) return refuse(Reason::kDuplicateKey, sender.value);
  return {};
}

// Our private key of a node, if we have it and it is that of the tree.
const KeyPair* key_for(const RatchetTree& tree, const TreeKeys& own, NodeIndex at) {
  if (at == node_of(own.own)) {
    const LeafNode* leaf = tree.leaf(own.own);
    return leaf != nullptr && leaf->encryption_key == own.leaf.key ? &own.leaf : nullptr;
  }
  const ParentNode* parent = tree.parent_node(at);
  const auto found = own.nodes.find(at);
  return parent != nullptr && found != own.nodes.end() && parent->encryption_key == found->second.key ? &found->second
                                                                                                      : nullptr;
}

Result<Secret> open_secret(const Crypto& crypto, CipherSuite suite, const RatchetTree& before, const TreeKeys& own,
                           std::span<const NodeIndex> to, std::span<const HpkeCiphertext> sealed,
                           ByteView group_context) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    const KeyPair* key = key_for(before, own, to[i]);
    if (key == nullptr) continue;
    const auto opened = decrypt_with_label(crypto, suite, *key, kLabel, group_context, sealed[i]);
    if (!opened) return std::unexpected(opened.error());
    if (opened->view().size() != kHashBytes) return refuse(Reason::kPath);
    Secret secret;
    std::ranges::copy(opened->view(), secret.writable().begin());
    return secret;
  }
  return refuse(Reason::kPath, own.own.value);
}

// Takes the keys of these nodes, whose lowest has that path secret, if they are the tree's. Gives the commit secret.
Result<Secret> climb(const Crypto& crypto, const RatchetTree& tree, std::span<const PathStep> steps, Secret path_secret,
                     TreeKeys& keys) {
  for (const PathStep& step : steps) {
    const KeyPair pair = node_pair(crypto, path_secret);
    const ParentNode* node = tree.parent_node(step.node);
    if (node == nullptr || node->encryption_key != pair.key) return refuse(Reason::kPath, step.node.value);
    keys.nodes[step.node] = pair;
    path_secret = next_secret(crypto, path_secret);
  }
  return path_secret;
}

}  // namespace

void TreeKeys::prune(const RatchetTree& tree) {
  std::erase_if(nodes, [&](const auto& entry) { return key_for(tree, *this, entry.first) == nullptr; });
}

Result<PathDraft> draft_path(const Crypto& crypto, const RatchetTree& tree, LeafIndex own, LeafNode leaf,
                             ByteView group_id, const KeyPair& signature_key) {
  if (tree.leaf(own) == nullptr) return refuse(Reason::kLeaf, own.value);
  const std::vector<PathStep> steps = tree.filtered_direct_path(own);
  PathDraft draft;
  draft.keys.own = own;
  draft.keys.leaf = generate_key_pair(crypto);
  crypto.random(draft.commit_secret.writable());
  std::vector<PublicKey> keys;
  for (const PathStep& step : steps) {
    const KeyPair pair = node_pair(crypto, draft.commit_secret);
    draft.steps.push_back({step.node, step.copath_child, draft.commit_secret});
    draft.keys.nodes[step.node] = pair;
    keys.push_back(pair.key);
    draft.commit_secret = next_secret(crypto, draft.commit_secret);
  }
  PathHashes hashes = path_parent_hashes(crypto, tree, steps, keys);
  leaf.encryption_key = draft.keys.leaf.key;
  leaf.source = LeafSource::kCommit;
  leaf.lifetime = {};  // not on the wire: as those who read the leaf have it
  leaf.parent_hash = std::move(hashes.leaf);
  sign(crypto, leaf, {group_id, own}, signature_key);
  draft.tree = with_path(tree, own, std::move(leaf), steps, keys, std::move(hashes));
  return draft;
}

Result<UpdatePath> seal_path(const Crypto& crypto, CipherSuite suite, const PathDraft& draft, ByteView group_context,
                             std::span<const LeafIndex> added) {
  const std::vector<LeafIndex> not_to = rising(added);
  UpdatePath path{*draft.tree.leaf(draft.keys.own), {}};
  std::vector<SealJob> jobs;
  for (const PathDraft::Step& step : draft.steps) {
    const std::vector<NodeIndex> to = recipients(draft.tree, step.copath_child, not_to);
    for (const NodeIndex node : to) jobs.push_back({key_at(draft.tree, node), step.path_secret.view()});
    path.nodes.push_back({key_at(draft.tree, step.node), std::vector<HpkeCiphertext>(to.size())});
  }
  auto sealed = encrypt_with_label(crypto, suite, kLabel, group_context, jobs);
  if (!sealed) return std::unexpected(sealed.error());
  auto next = sealed->begin();
  for (UpdatePathNode& node : path.nodes)
    for (HpkeCiphertext& ciphertext : node.encrypted_path_secrets) ciphertext = std::move(*next++);
  return path;
}

const Secret* path_secret_for(const PathDraft& draft, LeafIndex joiner) {
  for (const PathDraft::Step& step : draft.steps)
    if (is_below(node_of(joiner), step.node)) return &step.path_secret;
  return nullptr;
}

Result<RatchetTree> merge_path(const Crypto& crypto, const RatchetTree& tree, LeafIndex sender,
                               const UpdatePath& path) {
  if (tree.leaf(sender) == nullptr) return refuse(Reason::kLeaf, sender.value);
  if (path.leaf.source != LeafSource::kCommit) return refuse(Reason::kLeafSource, sender.value);
  const std::vector<PathStep> steps = tree.filtered_direct_path(sender);
  if (steps.size() != path.nodes.size()) return refuse(Reason::kPath, path.nodes.size());
  const std::vector<PublicKey> keys = keys_of(path.nodes);
  if (const Status fresh = check_keys_new(tree, sender, path.leaf, keys); !fresh) return std::unexpected(fresh.error());
  PathHashes hashes = path_parent_hashes(crypto, tree, steps, keys);
  if (hashes.leaf != path.leaf.parent_hash) return refuse(Reason::kParentHash, node_of(sender).value);
  return with_path(tree, sender, path.leaf, steps, keys, std::move(hashes));
}

Result<OpenedPath> open_path(const Crypto& crypto, CipherSuite suite, const RatchetTree& before,
                             const RatchetTree& merged, const TreeKeys& own, LeafIndex sender, const UpdatePath& path,
                             ByteView group_context, std::span<const LeafIndex> added) {
  const std::vector<LeafIndex> not_to = rising(added);
  const std::vector<PathStep> steps = before.filtered_direct_path(sender);
  const std::size_t first = first_above(steps, own.own);
  if (own.own == sender || first == steps.size() || path.nodes.size() != steps.size())
    return refuse(Reason::kPath, path.nodes.size());
  std::vector<NodeIndex> to_us;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::vector<NodeIndex> to = recipients(before, steps[i].copath_child, not_to);
    if (to.size() != path.nodes[i].encrypted_path_secrets.size()) return refuse(Reason::kPath, steps[i].node.value);
    if (i == first) to_us = std::move(to);
  }
  const auto secret =
      open_secret(crypto, suite, before, own, to_us, path.nodes[first].encrypted_path_secrets, group_context);
  if (!secret) return std::unexpected(secret.error());
  OpenedPath out{own, {}};
  out.keys.prune(merged);
  auto commit_secret = climb(crypto, merged, std::span(steps).subspan(first), *secret, out.keys);
  if (!commit_secret) return std::unexpected(commit_secret.error());
  out.commit_secret = *commit_secret;
  return out;
}

Result<TreeKeys> keys_from_welcome(const Crypto& crypto, const RatchetTree& tree, LeafIndex own, const KeyPair& leaf,
                                   LeafIndex committer, const std::optional<Secret>& path_secret) {
  TreeKeys keys{own, leaf, {}};
  if (key_for(tree, keys, node_of(own)) == nullptr) return refuse(Reason::kPath, node_of(own).value);
  if (!path_secret) return keys;
  if (own == committer || tree.leaf(committer) == nullptr) return refuse(Reason::kLeaf, committer.value);
  const std::vector<PathStep> steps = tree.filtered_direct_path(committer);
  const std::span<const PathStep> shared = std::span(steps).subspan(first_above(steps, own));
  if (const auto climbed = climb(crypto, tree, shared, *path_secret, keys); !climbed)
    return std::unexpected(climbed.error());
  return keys;
}

}  // namespace clients::mls
