#include "clients/mls/group/trusted_tree.h"

#include "clients/mls/tree/validation.h"

namespace clients::mls {

Result<RatchetTree> trusted_tree(const Environment& environment, const GroupInfo& info,
                                 const std::optional<Bytes>& given) {
  const Bytes* held = find(info.extensions, ExtensionType::kRatchetTree);
  if (held == nullptr && !given) return refuse(Reason::kTreeMissing);
  auto tree = RatchetTree::parse(held != nullptr ? *held : *given);
  if (!tree) return tree;
  const Crypto& crypto = *environment.crypto;
  const LeafNode* signer = tree->leaf(info.signer);
  if (signer == nullptr) return refuse(Reason::kLeaf, info.signer.value);
  if (!verifies(crypto, info, signer->signature_key)) return refuse(Reason::kSignature);
  for (const Extensions* extensions : {&info.extensions, &info.context.extensions})
    if (const Status unique = check_unique(*extensions); !unique) return std::unexpected(unique.error());
  if (tree->tree_hash(crypto) != info.context.tree_hash) return refuse(Reason::kTree);
  auto required = required_capabilities(info.context.extensions);
  if (!required) return std::unexpected(required.error());
  const Status good = check_tree(crypto, info.context.suite, *tree, info.context.group_id,
                                 {std::move(*required), info.context.extensions, {}});
  if (!good) return std::unexpected(good.error());
  return tree;
}

Status check_identities(const Environment& environment, const RatchetTree& tree, std::optional<LeafIndex> except) {
  Status good;
  tree.for_each_member([&](LeafIndex at, const LeafNode& leaf) {
    if (good && at != except && !environment.admits(leaf)) good = refuse(Reason::kIdentity, at.value);
  });
  return good;
}

}  // namespace clients::mls
