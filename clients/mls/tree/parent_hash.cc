#include "clients/mls/tree/parent_hash.h"

#include <algorithm>

namespace clients::mls {
namespace {

// ParentHashInput.
Hash parent_hash(const Crypto& crypto, const PublicKey& key, ByteView parent_hash_above, const Hash& sibling) {
  Writer out;
  out.opaque(key);
  out.opaque(parent_hash_above);
  out.opaque(sibling);
  return crypto.sha256(out.bytes());
}

// Empty where the node cannot carry one.
ByteView carried_hash(const RatchetTree& tree, NodeIndex at) {
  if (!is_leaf(at)) return tree.parent_node(at)->parent_hash;
  const LeafNode& leaf = *tree.leaf(leaf_of(at));
  return leaf.source == LeafSource::kCommit ? ByteView(leaf.parent_hash) : ByteView{};
}

// The one node of the child's resolution that was there when the parent was made: the others must be the parent's
// unmerged leaves on that side, all of them.
std::optional<NodeIndex> made_from(const RatchetTree& tree, const ParentNode& parent, NodeIndex child) {
  const LeafRange range = leaves_below(child);
  const auto& unmerged = parent.unmerged_leaves;
  auto expected = std::ranges::lower_bound(unmerged, range.begin);
  const auto end = std::ranges::lower_bound(unmerged, range.end);
  std::optional<NodeIndex> found;
  for (const NodeIndex node : tree.resolution(child)) {
    if (expected != end && node == node_of(*expected))
      ++expected;
    else if (!found)
      found = node;
    else
      return std::nullopt;
  }
  return expected == end ? found : std::nullopt;
}

bool is_made_below(const Crypto& crypto, const RatchetTree& tree, const ParentNode& parent, NodeIndex child,
                   NodeIndex sibling) {
  const auto made = made_from(tree, parent, child);
  if (!made) return false;
  const ByteView carried = carried_hash(tree, *made);
  if (carried.size() != kHashBytes) return false;
  const Hash original = tree.tree_hash_without(crypto, sibling, parent.unmerged_leaves);
  return equal(carried, parent_hash(crypto, parent.encryption_key, parent.parent_hash, original));
}

}  // namespace

PathHashes path_parent_hashes(const Crypto& crypto, const RatchetTree& tree,
                              std::span<const RatchetTree::PathStep> steps, std::span<const PublicKey> keys) {
  PathHashes out;
  out.nodes.resize(steps.size());
  Bytes above;
  for (std::size_t i = steps.size(); i-- > 0;) {
    out.nodes[i] = std::move(above);
    const Hash sibling = tree.tree_hash(crypto, steps[i].copath_child);
    above = copy(parent_hash(crypto, keys[i], out.nodes[i], sibling));
  }
  out.leaf = std::move(above);
  return out;
}

// A parent made from another parent is valid because that one is checked, too; below them all is a leaf.
Status check_parent_hashes(const Crypto& crypto, const RatchetTree& tree) {
  Status status;
  tree.for_each_parent([&](NodeIndex at, const ParentNode& parent) {
    if (!status) return;
    const NodeIndex l = *left(at), r = *right(at);
    if (!is_made_below(crypto, tree, parent, l, r) && !is_made_below(crypto, tree, parent, r, l))
      status = refuse(Reason::kParentHash, at.value);
  });
  return status;
}

}  // namespace clients::mls
