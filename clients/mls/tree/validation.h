// Whether a leaf may stand in a group, and whether a whole tree may be believed (RFC 9420 §§ 7.3, 12.4.3.1).
//
// Pure but for the port. The check of who is behind a credential (the authentication service, § 5.3.1) is the group's.
#pragma once

#include "clients/mls/message/group_context.h"
#include "clients/mls/tree/ratchet_tree.h"

namespace clients::mls {

// What the group asks of a leaf.
struct LeafRules {
  std::optional<RequiredCapabilities> required;
  Extensions group_extensions;  // each member must support their types (§ 7.2)
  // Seconds since 1970; nothing: lifetimes are not looked at (a tree that was built long ago, § 7.3).
  std::optional<std::uint64_t> now_s;
};

// § 7.3 for one leaf, but for uniqueness: signature, source, lifetime, own extensions listed in its capabilities,
// version and suite listed, required capabilities. Errors: kSignature, kLeafSource, kLifetime, kCapability, kKey,
// kValue (an extension twice); detail: the leaf's place.
Status check_leaf(const Crypto& crypto, CipherSuite suite, const LeafNode& leaf, LeafSource expected,
                  const LeafPlace& place, const LeafRules& rules);
// The same without signature and source, for callers that verify many at once. Errors have no detail.
Status check_leaf_unsigned(CipherSuite suite, const LeafNode& leaf, const LeafRules& rules);

// § 7.3: encryption and signature keys unique over the leaves and encryption keys over all nodes; each member's
// credential type supported by all. n log n. Errors: kDuplicateKey (detail: node), kCapability (detail: leaf).
Status check_members_agree(const RatchetTree& tree);

// § 12.4.3.1 when joining: every leaf (signatures through the port's for_each), unmerged leaves, parent hashes,
// uniqueness. Errors: as above and kTree (a list of unmerged leaves), kParentHash, kKey; detail: leaf or node.
Status check_tree(const Crypto& crypto, CipherSuite suite, const RatchetTree& tree, ByteView group_id,
                  const LeafRules& rules);

}  // namespace clients::mls
