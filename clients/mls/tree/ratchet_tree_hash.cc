// Tree hashes (RFC 9420 § 7.8) and those of the original sibling (§ 7.9).
#include <algorithm>

#include "clients/mls/tree/ratchet_tree.h"

namespace clients::mls {
namespace {

constexpr std::size_t kHashInputBytes = 512;  // a usual leaf with a basic credential, without growing
constexpr std::size_t kBlankInputBytes = 72;  // a blank node costs a stranger one octet

// TreeHashInput of either kind; null: blank.
Hash hash_leaf(const Crypto& crypto, LeafIndex at, const LeafNode* leaf) {
  Writer out;
  out.reserve(leaf == nullptr ? kBlankInputBytes : kHashInputBytes);
  out.u8(1);
  out.u32(at.value);
  out.u8(leaf == nullptr ? 0 : 1);
  if (leaf != nullptr) write(out, *leaf);
  return crypto.sha256(out.bytes());
}

Hash hash_parent(const Crypto& crypto, const ParentNode* node, const Hash& left, const Hash& right) {
  Writer out;
  out.reserve(node == nullptr ? kBlankInputBytes : kHashInputBytes);
  out.u8(2);
  out.u8(node == nullptr ? 0 : 1);
  if (node != nullptr) write(out, *node);
  out.opaque(left);
  out.opaque(right);
  return crypto.sha256(out.bytes());
}

std::span<const LeafIndex> part_below(NodeIndex at, std::span<const LeafIndex> rising) {
  const LeafRange range = leaves_below(at);
  const auto first = std::ranges::lower_bound(rising, range.begin);
  const auto last = std::ranges::lower_bound(first, rising.end(), range.end);
  return {first, last};
}

}  // namespace

Hash RatchetTree::tree_hash(const Crypto& crypto, NodeIndex at) const {
  std::optional<Hash>& kept = hashes_[at.value];
  if (!kept && is_leaf(at)) kept = hash_leaf(crypto, leaf_of(at), leaf(leaf_of(at)));
  if (!kept) kept = hash_parent(crypto, parent_node(at), tree_hash(crypto, *left(at)), tree_hash(crypto, *right(at)));
  return *kept;
}

Hash RatchetTree::tree_hash_without(const Crypto& crypto, NodeIndex at, std::span<const LeafIndex> without) const {
  without = part_below(at, without);
  if (without.empty()) return tree_hash(crypto, at);
  if (is_leaf(at)) return hash_leaf(crypto, leaf_of(at), nullptr);
  const Hash left_hash = tree_hash_without(crypto, *left(at), without);
  const Hash right_hash = tree_hash_without(crypto, *right(at), without);
  const ParentNode* filled = parent_node(at);
  if (filled == nullptr) return hash_parent(crypto, nullptr, left_hash, right_hash);
  ParentNode original{filled->encryption_key, filled->parent_hash, {}};
  std::ranges::set_difference(filled->unmerged_leaves, without, std::back_inserter(original.unmerged_leaves));
  return hash_parent(crypto, &original, left_hash, right_hash);
}

}  // namespace clients::mls
