// The tree of a group as its GroupInfo vouches for it (RFC 9420 § 12.4.3.1).
#pragma once

#include "clients/mls/group/environment.h"
#include "clients/mls/message/welcome.h"
#include "clients/mls/tree/ratchet_tree.h"

namespace clients::mls {

// From the ratchet_tree extension of `info`, else from `given`. Checked: the signature of the signer, the tree's hash,
// every leaf and parent. Errors: kTreeMissing, kLeaf, kSignature, kTree and those of check_tree.
Result<RatchetTree> trusted_tree(const Environment& environment, const GroupInfo& info,
                                 const std::optional<Bytes>& given);  // § 12.4.3.1

// § 5.3.1. No committer is believed for letting him in: asks the environment about each leaf but one. Error: kIdentity.
Status check_identities(const Environment& environment, const RatchetTree& tree, std::optional<LeafIndex> except);

}  // namespace clients::mls
