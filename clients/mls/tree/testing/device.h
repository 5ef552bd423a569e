// Devices and trees for tests: seeded keys, signed leaves, and trees that were changed where nobody may change them.
#pragma once

#include <algorithm>
#include <memory>
#include <random>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/tree/path.h"

namespace clients::mls {

constexpr CipherSuite kTestSuite = kDefaultSuite;

inline NativeCrypto::Fill seeded(std::uint64_t seed) {
  return [random = std::make_shared<std::mt19937_64>(seed)](std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>((*random)());
  };
}

// What stands behind a leaf.
struct Device {
  KeyPair signature, encryption;
  LeafNode leaf;
};

inline Device new_device(const Crypto& crypto) {
  Device out{generate_signature_key_pair(crypto), generate_key_pair(crypto), {}};
  out.leaf.encryption_key = out.encryption.key;
  out.leaf.credential.identity = copy(out.signature.key);
  out.leaf.capabilities = own_capabilities();
  out.leaf.lifetime = {1000, 2000};
  sign(crypto, out.leaf, {}, out.signature);
  return out;
}

// A tree, node by node, to be changed and read again.
struct Nodes {
  std::vector<std::optional<LeafNode>> leaves;
  std::vector<std::optional<ParentNode>> parents;

  explicit Nodes(const RatchetTree& tree) : leaves(tree.leaves()), parents(tree.leaves() - 1) {
    tree.for_each_member([&](LeafIndex at, const LeafNode& node) { leaves[at.value] = node; });
    tree.for_each_parent([&](NodeIndex at, const ParentNode& node) { parents[at.value / 2] = node; });
  }
  ParentNode& parent(std::uint32_t node) { return *parents[node / 2]; }

  // The first `count` nodes, or all but the blank ones at the end.
  Bytes encode(std::size_t count = 0) const {
    std::size_t end = leaves.size() + parents.size();
    while (count == 0 && !(end % 2 == 1 ? leaves[end / 2].has_value() : parents[end / 2 - 1].has_value())) --end;
    Writer out;
    out.vector([&](Writer& body) {
      for (std::size_t at = 0; at < (count == 0 ? end : count); ++at) {
        if (at % 2 == 0)
          put(body, 1, leaves[at / 2]);
        else
          put(body, 2, parents[at / 2]);
      }
    });
    return out.take();
  }
  Result<RatchetTree> parse() const { return RatchetTree::parse(encode()); }

 private:
  template <typename T>
  static void put(Writer& out, std::uint8_t type, const std::optional<T>& node) {
    out.u8(node ? 1 : 0);
    if (!node) return;
    out.u8(type);
    write(out, *node);
  }
};

// A group of `count` devices, each of which has taken every path put since it came.
struct Fixture {
  NativeCrypto crypto{seeded(9420)};
  Bytes group_id{7, 7, 7};
  Bytes context{1, 2, 3};
  std::vector<Device> devices;  // by place, as long as nobody was removed
  std::map<NodeIndex, KeyPair> node_keys;
  RatchetTree tree;

  explicit Fixture(std::uint32_t count) {
    std::vector<LeafNode> leaves;
    for (std::uint32_t i = 0; i < count; ++i) leaves.push_back(devices.emplace_back(new_device(crypto)).leaf);
    (void)tree.add(std::move(leaves));
  }
  // The path of a device becomes the tree's; its keys are kept.
  PathDraft put_path(std::uint32_t at) {
    PathDraft draft = draft_of(at);
    tree = draft.tree;
    devices[at].encryption = draft.keys.leaf;
    for (const auto& [node, pair] : draft.keys.nodes) node_keys[node] = pair;
    return draft;
  }
  PathDraft draft_of(std::uint32_t at) const {
    return *draft_path(crypto, tree, {at}, *tree.leaf({at}), group_id, devices[at].signature);
  }
  UpdatePath sealed(const PathDraft& draft, std::span<const LeafIndex> added = {}) const {
    return *seal_path(crypto, kTestSuite, draft, context, added);
  }
  TreeKeys keys_of(std::uint32_t at) const {
    TreeKeys out{{at}, devices[at].encryption, node_keys};
    out.prune(tree);
    std::erase_if(out.nodes, [&](const auto& entry) {
      return !is_below(node_of({at}), entry.first) ||
             std::ranges::binary_search(tree.parent_node(entry.first)->unmerged_leaves, LeafIndex{at});
    });
    return out;
  }
  LeafIndex add_device() {
    const Device& device = devices.emplace_back(new_device(crypto));
    return tree.add({device.leaf})->front();
  }
};

}  // namespace clients::mls
