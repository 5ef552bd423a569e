#include "clients/mls/tree/tree_math.h"

#include <bit>

namespace clients::mls {
namespace {

constexpr std::uint32_t bit(std::uint32_t position) { return std::uint32_t{1} << position; }

}  // namespace

std::uint32_t level(NodeIndex node) { return static_cast<std::uint32_t>(std::countr_one(node.value)); }

NodeIndex root(std::uint32_t leaves) { return {leaves - 1}; }

std::optional<NodeIndex> left(NodeIndex node) {
  if (is_leaf(node)) return std::nullopt;
  return NodeIndex{node.value - bit(level(node) - 1)};
}

std::optional<NodeIndex> right(NodeIndex node) {
  if (is_leaf(node)) return std::nullopt;
  return NodeIndex{node.value + bit(level(node) - 1)};
}

std::optional<NodeIndex> parent(NodeIndex node, std::uint32_t leaves) {
  if (node == root(leaves)) return std::nullopt;
  const std::uint32_t own = level(node);
  return NodeIndex{(node.value | bit(own)) & ~bit(own + 1)};
}

std::optional<NodeIndex> sibling(NodeIndex node, std::uint32_t leaves) {
  if (node == root(leaves)) return std::nullopt;
  return NodeIndex{node.value ^ bit(level(node) + 1)};
}

std::vector<NodeIndex> direct_path(NodeIndex node, std::uint32_t leaves) {
  std::vector<NodeIndex> out;
  for (auto above = parent(node, leaves); above; above = parent(*above, leaves)) out.push_back(*above);
  return out;
}

std::vector<NodeIndex> copath(NodeIndex node, std::uint32_t leaves) {
  std::vector<NodeIndex> out;
  for (; node != root(leaves); node = *parent(node, leaves)) out.push_back(*sibling(node, leaves));
  return out;
}

bool is_below(NodeIndex node, NodeIndex ancestor) {
  const std::uint32_t reach = bit(level(ancestor)) - 1;
  return node.value >= ancestor.value - reach && node.value <= ancestor.value + reach;
}

NodeIndex common_ancestor(LeafIndex a, LeafIndex b) {
  return ancestor(a, static_cast<std::uint32_t>(std::bit_width(a.value ^ b.value)));
}

NodeIndex ancestor(LeafIndex leaf, std::uint32_t level) {
  return {(leaf.value >> level << (level + 1)) | (bit(level) - 1)};
}

std::uint32_t width_for(LeafIndex last) { return std::bit_ceil(last.value + 1); }

LeafRange leaves_below(NodeIndex node) {
  const std::uint32_t width = bit(level(node));
  const std::uint32_t begin = (node.value - (width - 1)) / 2;
  return {{begin}, {begin + width}};
}

}  // namespace clients::mls
