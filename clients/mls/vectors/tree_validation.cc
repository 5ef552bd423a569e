// Topic tree-validation.
#include "clients/mls/tree/validation.h"

#include <algorithm>

#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

bool is_resolution(const Json& expected, const std::vector<NodeIndex>& computed) {
  const auto* nodes = expected.as<Json::Array>();
  return nodes != nullptr && std::ranges::equal(*nodes, computed, [](const Json& json, NodeIndex node) {
           const auto* number = json.as<std::uint64_t>();
           return number != nullptr && *number == node.value;
         });
}

void check_resolutions(const Entry& entry, const RatchetTree& tree) {
  const Json* list = entry.json().find("resolutions");
  const auto* expected = list == nullptr ? nullptr : list->as<Json::Array>();
  if (!entry.require(expected != nullptr && expected->size() == node_count(tree.leaves()), "resolutions")) return;
  for (NodeIndex at; at.value < expected->size(); ++at.value)
    entry.require(is_resolution((*expected)[at.value], tree.resolution(at)), "resolutions");
}

void check_hashes(const Crypto& crypto, const Entry& entry, const RatchetTree& tree) {
  const std::vector<Bytes> expected = entry.bytes_list("tree_hashes");
  if (!entry.require(expected.size() == node_count(tree.leaves()), "tree_hashes")) return;
  for (NodeIndex at; at.value < expected.size(); ++at.value)
    entry.require(equal(expected[at.value], tree.tree_hash(crypto, at)), "tree_hashes");
}

}  // namespace

void check_tree_validation(const Crypto& crypto, const Entry& entry) {
  const auto tree = RatchetTree::parse(entry.bytes("tree"));
  if (!entry.require(tree, "tree")) return;
  entry.expect("tree", tree->encode());
  check_resolutions(entry, *tree);
  check_hashes(crypto, entry, *tree);
  entry.require(check_tree(crypto, entry.suite(), *tree, entry.bytes("group_id"), {}), "tree");
}

}  // namespace clients::mls
