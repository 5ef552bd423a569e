// Places in the ratchet tree as array indices (RFC 9420 § 4.1 and appendix C).
//
// A leaf's node index is twice its leaf index; the tree is complete, so its size is 2^d leaves and 2^(d+1) − 1 nodes.
//
//                  7
//          3              11
//      1       5       9       13
//    0   2   4   6   8  10   12  14
//    L0  L1  L2  L3  L4 L5   L6  L7
#pragma once

#include <compare>
#include <cstdint>

namespace clients::mls {

// § 4.1, appendix C. Two different numbers that must not be taken for each other.
struct LeafIndex {
  std::uint32_t value = 0;
  auto operator<=>(const LeafIndex&) const = default;
};
struct NodeIndex {
  std::uint32_t value = 0;
  auto operator<=>(const NodeIndex&) const = default;
};

// § 12.4.3.3: a tree of more leaves is refused when it is read: indices stay below 2^32 and memory is bounded.
constexpr std::uint32_t kLeavesMax = 1U << 20;

constexpr NodeIndex node_of(LeafIndex leaf) { return {leaf.value * 2}; }  // § 4.1, appendix C
constexpr bool is_leaf(NodeIndex node) { return node.value % 2 == 0; }
// `node` is a leaf.
constexpr LeafIndex leaf_of(NodeIndex node) { return {node.value / 2}; }

}  // namespace clients::mls
