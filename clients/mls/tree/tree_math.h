// Relations of places in a complete binary tree (RFC 9420 § 4.1, appendix C). Picture in core/index.h.
//
// `leaves` is always a power of two; nodes are inside the tree. Nothing for the root's parent and a leaf's children.
#pragma once

#include <optional>
#include <vector>

#include "clients/mls/core/index.h"

namespace clients::mls {

constexpr std::uint32_t node_count(std::uint32_t leaves) { return leaves == 0 ? 0 : 2 * leaves - 1; }
std::uint32_t level(NodeIndex node);   // 0: a leaf
NodeIndex root(std::uint32_t leaves);  // § 4.1, appendix C
std::optional<NodeIndex> left(NodeIndex node);
std::optional<NodeIndex> right(NodeIndex node);
std::optional<NodeIndex> parent(NodeIndex node, std::uint32_t leaves);
std::optional<NodeIndex> sibling(NodeIndex node, std::uint32_t leaves);
// § 4.1.2: from the parent to the root; empty in a tree of one leaf.
std::vector<NodeIndex> direct_path(NodeIndex node, std::uint32_t leaves);
// § 4.1.2: the siblings of the node and of its direct path without the root, from below.
std::vector<NodeIndex> copath(NodeIndex node, std::uint32_t leaves);
bool is_below(NodeIndex node, NodeIndex ancestor);  // or the same
NodeIndex common_ancestor(LeafIndex a, LeafIndex b);
// The node of that level above a leaf; level 0 is the leaf itself.
NodeIndex ancestor(LeafIndex leaf, std::uint32_t level);
// The width of the smallest complete tree with that leaf (§ 7.7).
std::uint32_t width_for(LeafIndex last);

// § 4.1.1: the leaves in the subtree of a node: begin ≤ leaf < end.
struct LeafRange {
  LeafIndex begin, end;
};
LeafRange leaves_below(NodeIndex node);

}  // namespace clients::mls
