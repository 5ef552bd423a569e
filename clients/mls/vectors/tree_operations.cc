// Topic tree-operations.
#include "clients/mls/message/proposal.h"
#include "clients/mls/tree/ratchet_tree.h"
#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

Status apply(RatchetTree& tree, LeafIndex sender, const Proposal& proposal) {
  if (const auto* add = std::get_if<Add>(&proposal)) {
    const auto added = tree.add({add->package.leaf});
    return added ? Status{} : std::unexpected(added.error());
  }
  if (const auto* update = std::get_if<Update>(&proposal)) return tree.update(sender, update->leaf);
  if (const auto* remove = std::get_if<Remove>(&proposal)) return tree.remove(remove->removed);
  return refuse(Reason::kValue);
}

}  // namespace

void check_tree_operations(const Crypto& crypto, const Entry& entry) {
  auto tree = RatchetTree::parse(entry.bytes("tree_before"));
  const auto proposal = parse<Proposal>(entry.bytes("proposal"));
  if (!entry.require(tree, "tree_before") || !entry.require(proposal, "proposal")) return;
  entry.expect("tree_before", tree->encode());
  entry.expect("tree_hash_before", tree->tree_hash(crypto));
  const LeafIndex sender{static_cast<std::uint32_t>(entry.number("proposal_sender"))};
  if (!entry.require(apply(*tree, sender, *proposal), "proposal")) return;
  entry.expect("tree_after", tree->encode());
  entry.expect("tree_hash_after", tree->tree_hash(crypto));
}

}  // namespace clients::mls
