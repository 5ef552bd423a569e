#include "clients/mls/tree/validation.h"

#include <algorithm>

#include "clients/mls/tree/parent_hash.h"
#include "clients/mls/tree/small_order.h"

namespace clients::mls {
namespace {

using Types = std::vector<std::uint16_t>;

// § 7.2: what RFC 9420 itself defines need not be listed.
constexpr std::uint16_t kDefaultExtensionMax = 5;
constexpr std::uint16_t kDefaultProposalMax = 7;

bool lists(const Types& types, std::uint16_t type, std::uint16_t default_max = 0) {
  return (type >= 1 && type <= default_max) || std::ranges::find(types, type) != types.end();
}
bool lists_all(const Types& types, const Types& wanted, std::uint16_t default_max = 0) {
  return std::ranges::all_of(wanted, [&](std::uint16_t type) { return lists(types, type, default_max); });
}
bool lists_all(const Types& types, const Extensions& wanted) {
  return std::ranges::all_of(
      wanted, [&](const Extension& extension) { return lists(types, extension.type, kDefaultExtensionMax); });
}

bool is_capable(const Capabilities& can, CipherSuite suite, const LeafNode& leaf, const LeafRules& rules) {
  if (!lists(can.versions, kVersion) || !lists(can.suites, static_cast<std::uint16_t>(suite)) ||
      !lists(can.credentials, static_cast<std::uint16_t>(leaf.credential.type)) ||
      !lists_all(can.extensions, leaf.extensions) || !lists_all(can.extensions, rules.group_extensions))
    return false;
  if (!rules.required) return true;
  return lists_all(can.extensions, rules.required->extensions, kDefaultExtensionMax) &&
         lists_all(can.proposals, rules.required->proposals, kDefaultProposalMax) &&
         lists_all(can.credentials, rules.required->credentials);
}

struct KeyAt {
  const PublicKey* key;
  NodeIndex at;
};

Status check_distinct(std::vector<KeyAt> keys) {
  const auto by_key = [](const KeyAt& a) -> const PublicKey& { return *a.key; };
  std::ranges::sort(keys, {}, by_key);
  const auto twice = std::ranges::adjacent_find(keys, {}, by_key);
  if (twice != keys.end()) return refuse(Reason::kDuplicateKey, std::next(twice)->at.value);
  return {};
}

// Each leaf lists the credential types of all.
Status check_credentials(const RatchetTree& tree) {
  Types used;
  tree.for_each_member([&](LeafIndex, const LeafNode& leaf) {
    const auto type = static_cast<std::uint16_t>(leaf.credential.type);
    if (!lists(used, type)) used.push_back(type);
  });
  Status status;
  tree.for_each_member([&](LeafIndex at, const LeafNode& leaf) {
    if (status && !lists_all(leaf.capabilities.credentials, used)) status = refuse(Reason::kCapability, at.value);
  });
  return status;
}

// § 12.4.3.1: an unmerged leaf is unmerged at every filled node between, too; its key would be sealed for twice or not
// at all. Enough to ask the next filled node, which is asked the same.
Status check_unmerged(const RatchetTree& tree) {
  Status status;
  tree.for_each_parent([&](NodeIndex at, const ParentNode& parent) {
    for (const LeafIndex unmerged : parent.unmerged_leaves) {
      const ParentNode* next = nullptr;
      for (std::uint32_t above = level(at); next == nullptr && --above > 0;)
        next = tree.parent_node(ancestor(unmerged, above));
      if (next != nullptr && !std::ranges::binary_search(next->unmerged_leaves, unmerged) && status)
        status = refuse(Reason::kTree, at.value);
    }
    if (status && is_small_order(parent.encryption_key)) status = refuse(Reason::kKey, at.value);
  });
  return status;
}

Status check_leaves(const Crypto& crypto, CipherSuite suite, const RatchetTree& tree, ByteView group_id,
                    const LeafRules& rules) {
  std::vector<LeafIndex> places;
  places.reserve(tree.members());
  Status status;
  tree.for_each_member([&](LeafIndex at, const LeafNode& leaf) {
    places.push_back(at);
    if (!status) return;
    if (const Status checked = check_leaf_unsigned(suite, leaf, rules); !checked)
      status = refuse(checked.error().reason, at.value);
  });
  if (!status) return status;
  std::vector<std::uint8_t> verified(places.size());
  crypto.for_each(places.size(), [&](std::size_t i) {
    verified[i] = verifies(crypto, *tree.leaf(places[i]), {group_id, places[i]}) ? 1 : 0;
  });
  const auto bad = std::ranges::find(verified, 0);
  if (bad != verified.end())
    return refuse(Reason::kSignature, places[static_cast<std::size_t>(bad - verified.begin())].value);
  return {};
}

// § 7.2: at its time, and not for longer than anybody may ask for.
bool is_valid_at(std::uint64_t now_s, const Lifetime& lifetime) {
  return now_s >= lifetime.not_before && now_s <= lifetime.not_after &&
         lifetime.not_after - lifetime.not_before <= kLifetimeMax_s + kClockSkew_s;
}

}  // namespace

Status check_leaf_unsigned(CipherSuite suite, const LeafNode& leaf, const LeafRules& rules) {
  if (is_small_order(leaf.encryption_key)) return refuse(Reason::kKey);
  if (!check_unique(leaf.extensions)) return refuse(Reason::kValue);
  if (!is_capable(leaf.capabilities, suite, leaf, rules)) return refuse(Reason::kCapability);
  if (leaf.source == LeafSource::kKeyPackage && rules.now_s && !is_valid_at(*rules.now_s, leaf.lifetime))
    return refuse(Reason::kLifetime);
  return {};
}

Status check_leaf(const Crypto& crypto, CipherSuite suite, const LeafNode& leaf, LeafSource expected,
                  const LeafPlace& place, const LeafRules& rules) {
  if (leaf.source != expected) return refuse(Reason::kLeafSource, place.leaf.value);
  if (const Status checked = check_leaf_unsigned(suite, leaf, rules); !checked)
    return refuse(checked.error().reason, place.leaf.value);
  if (!verifies(crypto, leaf, place)) return refuse(Reason::kSignature, place.leaf.value);
  return {};
}

Status check_members_agree(const RatchetTree& tree) {
  std::vector<KeyAt> encryption, signature;
  encryption.reserve(node_count(tree.leaves()));
  signature.reserve(tree.members());
  tree.for_each_member([&](LeafIndex at, const LeafNode& leaf) {
    encryption.push_back({&leaf.encryption_key, node_of(at)});
    signature.push_back({&leaf.signature_key, node_of(at)});
  });
  tree.for_each_parent([&](NodeIndex at, const ParentNode& node) { encryption.push_back({&node.encryption_key, at}); });
  if (const Status distinct = check_distinct(std::move(encryption)); !distinct) return distinct;
  if (const Status distinct = check_distinct(std::move(signature)); !distinct) return distinct;
  return check_credentials(tree);
}

// The cheap checks first; signatures are nearly all of the cost.
Status check_tree(const Crypto& crypto, CipherSuite suite, const RatchetTree& tree, ByteView group_id,
                  const LeafRules& rules) {
  if (const Status unmerged = check_unmerged(tree); !unmerged) return unmerged;
  if (const Status agree = check_members_agree(tree); !agree) return agree;
  if (const Status hashes = check_parent_hashes(crypto, tree); !hashes) return hashes;
  return check_leaves(crypto, suite, tree, group_id, rules);
}

}  // namespace clients::mls
