// The public state of a group: who stands where, and the keys above them (RFC 9420 §§ 4, 7.7, 7.8).
//
// A value. Nodes are shared between copies and replaced, never changed, so that a copy costs two vectors of pointers
// and hashes, and an epoch's tree stays as it was while the next one is made. Hashes are kept and recomputed along what
// changed only. One thread at a time for one value, even when const: hashes are filled in when asked for.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "clients/mls/message/leaf_node.h"
#include "clients/mls/tree/tree_math.h"

namespace clients::mls {

class RatchetTree {
 public:
  RatchetTree() = default;  // no leaf; before the first add

  // § 12.4.3.3: the ratchet_tree extension, optional<Node> nodes<V>. Form only: node types at their places, no blank at
  // the end, unmerged leaves inside the subtree and not blank, at most kLeavesMax. Errors: of decoding, kTree (detail:
  // node).
  static Result<RatchetTree> parse(ByteView bytes);
  Bytes encode() const;

  std::uint32_t leaves() const;                       // the width: a power of two, or 0
  std::uint32_t members() const;                      // leaves that are not blank
  const LeafNode* leaf(LeafIndex at) const;           // null: blank or outside
  const ParentNode* parent_node(NodeIndex at) const;  // null: blank or outside
  // Each member with its place, in order.
  template <typename Each>
  void for_each_member(Each&& each) const;

  // § 7.7. Adding takes the leftmost blank leaf, or grows; linear in the number of leaves added, not in the tree.
  // Error: kFull.
  Result<std::vector<LeafIndex>> add(std::vector<LeafNode> leaves);
  Status update(LeafIndex at, LeafNode leaf);  // blanks the direct path. Error: kLeaf
  Status remove(LeafIndex at);                 // blanks leaf and direct path, truncates. Error: kLeaf

  // § 4.1.1.
  std::vector<NodeIndex> resolution(NodeIndex at) const;
  // § 4.1.2, each node with the child on the copath (the recipients' side).
  struct PathStep {
    NodeIndex node;
    NodeIndex copath_child;
  };
  std::vector<PathStep> filtered_direct_path(LeafIndex at) const;

  // § 7.8.
  Hash tree_hash(const Crypto& crypto) const;
  Hash tree_hash(const Crypto& crypto, NodeIndex at) const;

  // Replaces the path of `at`: leaf, given parents on the filtered path, blanks elsewhere on the direct path. No
  // checks: path.h makes and checks paths.
  void put_path(LeafIndex at, LeafNode leaf, std::vector<std::pair<NodeIndex, ParentNode>> parents);

  bool operator==(const RatchetTree& other) const;

 private:
  // (members are the implementation's)
};

}  // namespace clients::mls
