// Parent hashes: each filled node is bound to a leaf below it that made it (RFC 9420 § 7.9).
//
// Pure but for the port.
#pragma once

#include "clients/mls/tree/ratchet_tree.h"

namespace clients::mls {

// § 7.9: the parent hashes along a new path of `at`, in `tree` before the path is put: the value for the leaf (empty if
// the path is), and for each node of the filtered direct path, from below. `keys` are the new public keys of that path,
// one for each of its steps.
struct PathHashes {
  Bytes leaf;
  std::vector<Bytes> nodes;
};
PathHashes path_parent_hashes(const Crypto& crypto, const RatchetTree& tree,
                              std::span<const RatchetTree::PathStep> steps, std::span<const PublicKey> keys);

// § 7.9.2: every filled parent is parent-hash valid. Error: kParentHash (detail: node).
Status check_parent_hashes(const Crypto& crypto, const RatchetTree& tree);

}  // namespace clients::mls
