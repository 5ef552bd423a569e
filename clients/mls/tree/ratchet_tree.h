// The public state of a group: who stands where, and the keys above them (RFC 9420 §§ 4, 7.7, 7.8).
//
// A value. Nodes are shared between copies and replaced, never changed, so that a copy costs three vectors of pointers
// and hashes, and an epoch's tree stays as it was while the next one is made. Hashes are kept and recomputed along what
// changed only. One thread at a time for one value, even when const: hashes are filled in when asked for.
//
// Invariants: the right half has a member (or the tree is one leaf); a filled parent has members on both sides.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "clients/mls/message/leaf_node.h"
#include "clients/mls/tree/tree_math.h"

namespace clients::mls {

class RatchetTree {  // §§ 4.1, 7
 public:
  RatchetTree() = default;  // no leaf; before the first add

  // § 12.4.3.3: the ratchet_tree extension, optional<Node> nodes<V>. Form only: node types at their places, no blank at
  // the end, filled parents with members on both sides, unmerged leaves inside the subtree and not blank, at most
  // kLeavesMax. Errors: of decoding, kTree (detail: node).
  static Result<RatchetTree> parse(ByteView bytes);
  Bytes encode() const;

  std::uint32_t leaves() const { return static_cast<std::uint32_t>(leaves_.size()); }  // a power of two, or 0 (§ 7.7)
  std::uint32_t members() const { return members_; }                                   // leaves that are not blank
  const LeafNode* leaf(LeafIndex at) const;                                            // null: blank or outside
  const ParentNode* parent_node(NodeIndex at) const;  // null: blank, outside or a leaf's place
  // each(LeafIndex, const LeafNode&) for every member, in order.
  template <typename Each>
  void for_each_member(Each&& each) const {
    for (LeafIndex at; at < end_; ++at.value)
      if (const LeafNode* node = leaf(at)) each(at, *node);
  }
  // each(NodeIndex, const ParentNode&) for every filled parent, in order.
  template <typename Each>
  void for_each_parent(Each&& each) const {
    for (NodeIndex at{1}; at.value < node_count(leaves()); at.value += 2)
      if (const ParentNode* node = parent_node(at)) each(at, *node);
  }

  // § 7.7. Each takes the leftmost blank leaf, or the tree grows; n log n in the number added. Places in the order
  // given, rising. Error: kFull.
  Result<std::vector<LeafIndex>> add(std::vector<LeafNode> leaves);
  Status update(LeafIndex at, LeafNode leaf);  // blanks the direct path. Error: kLeaf
  Status remove(LeafIndex at);                 // blanks leaf and direct path, truncates. Error: kLeaf

  // § 4.1.1. In order from the left, a parent before its unmerged leaves, so that the leaves rise.
  std::vector<NodeIndex> resolution(NodeIndex at) const;
  // § 4.1.2, each node with the child on the copath (the recipients' side).
  struct PathStep {
    NodeIndex node;
    NodeIndex copath_child;
  };
  std::vector<PathStep> filtered_direct_path(LeafIndex at) const;

  // § 7.8. The tree has a leaf.
  Hash tree_hash(const Crypto& crypto) const { return tree_hash(crypto, root(leaves())); }
  Hash tree_hash(const Crypto& crypto, NodeIndex at) const;
  // § 7.9: the hash that the subtree would have with these leaves (rising) blank and in no list of unmerged leaves.
  // Costs what is above them, not the subtree.
  Hash tree_hash_without(const Crypto& crypto, NodeIndex at, std::span<const LeafIndex> without) const;

  // § 7.5: sets the path of `at`: leaf, given parents on the filtered path, blanks elsewhere on the direct path. No
  // checks: path.h makes and checks paths.
  void put_path(LeafIndex at, LeafNode leaf, std::vector<std::pair<NodeIndex, ParentNode>> parents);

  // The same nodes (§§ 7.1, 7.2); hashes are not looked at.
  bool operator==(const RatchetTree& other) const;

 private:
  using Leaf = std::shared_ptr<const LeafNode>;
  using Parent = std::shared_ptr<const ParentNode>;

  Parent& parent_at(NodeIndex at) { return parents_[at.value / 2]; }
  const Parent& parent_at(NodeIndex at) const { return parents_[at.value / 2]; }
  void resize(std::uint32_t width);
  void read_node(Reader& in, NodeIndex at);
  Status check_form() const;
  bool has_members(NodeIndex at) const;
  void blank_path(LeafIndex at);
  void add_unmerged(std::span<const LeafIndex> added);
  void resolve(NodeIndex at, std::vector<NodeIndex>& out) const;

  std::vector<Leaf> leaves_;                         // by leaf index; null is blank
  std::vector<Parent> parents_;                      // by node index / 2
  mutable std::vector<std::optional<Hash>> hashes_;  // by node index; nothing: to be computed
  std::uint32_t members_ = 0;
  LeafIndex blank_;  // every leaf before it is filled
  LeafIndex end_;    // one after the last member
};

}  // namespace clients::mls
