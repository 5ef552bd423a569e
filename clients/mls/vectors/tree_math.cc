// Topic tree-math.
#include "clients/mls/tree/tree_math.h"

#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

// The named list holds relation(i) for every node i, null for nothing.
template <typename Relation>
void expect_all(const Entry& entry, std::string_view name, std::uint32_t nodes, Relation&& relation) {
  const Json* list = entry.json().find(name);
  const auto* expected = list == nullptr ? nullptr : list->as<Json::Array>();
  if (!entry.require(expected != nullptr && expected->size() == nodes, name)) return;
  for (std::uint32_t i = 0; i < nodes; ++i) {
    const auto* number = (*expected)[i].as<std::uint64_t>();
    const std::optional<NodeIndex> computed = relation(NodeIndex{i});
    entry.require(number == nullptr ? !computed : computed && computed->value == *number, name);
  }
}

}  // namespace

void check_tree_math(const Crypto&, const Entry& entry) {
  const auto leaves = static_cast<std::uint32_t>(entry.number("n_leaves"));
  if (!entry.require(leaves > 0 && leaves <= kLeavesMax && leaves == width_for({leaves - 1}), "n_leaves")) return;
  const std::uint32_t nodes = node_count(leaves);
  entry.expect("n_nodes", nodes);
  entry.expect("root", root(leaves).value);
  expect_all(entry, "left", nodes, [](NodeIndex node) { return left(node); });
  expect_all(entry, "right", nodes, [](NodeIndex node) { return right(node); });
  expect_all(entry, "parent", nodes, [&](NodeIndex node) { return parent(node, leaves); });
  expect_all(entry, "sibling", nodes, [&](NodeIndex node) { return sibling(node, leaves); });
}

}  // namespace clients::mls
