// TreeKEM: making and taking an update path (RFC 9420 §§ 7.4 – 7.6).
//
// In two steps each, since the path secrets are encrypted under the GroupContext that holds the hash of the tree that
// the path makes. Nothing given is changed: a new tree and new private keys come back.
//
// Pure but for the port's randomness. Errors: kPath (the path does not fit the tree), kParentHash, kDecrypt, kKey,
// kDuplicateKey, kLeafSource, and kLeaf (nobody stands there).
#pragma once

#include <map>

#include "clients/mls/tree/ratchet_tree.h"

namespace clients::mls {

// The private keys of one member: of its leaf and of nodes above it. Nodes that became blank are dropped by `prune`.
struct TreeKeys {  // § 4.2
  LeafIndex own;
  KeyPair leaf;
  std::map<NodeIndex, KeyPair> nodes;

  // § 4.2: drops keys of nodes that are blank now or whose public key is another. The own leaf's stays.
  void prune(const RatchetTree& tree);
  bool operator==(const TreeKeys&) const = default;
};

// ---- making
struct PathDraft {   // § 7.4
  RatchetTree tree;  // with the path
  TreeKeys keys;
  Secret commit_secret;
  struct Step {
    NodeIndex node;
    NodeIndex copath_child;
    Secret path_secret;
  };
  std::vector<Step> steps;  // from below
};
// § 7.5: a path of `own` in `tree` (proposals applied). `leaf` gives credential, capabilities and extensions of the
// new one; its keys, source, parent hash and signature are set here. Works for a leaf that an external commit placed.
Result<PathDraft> draft_path(const Crypto& crypto, const RatchetTree& tree, LeafIndex own, LeafNode leaf,
                             ByteView group_id, const KeyPair& signature_key);
// `group_context` is the encoded provisional context, with the draft's tree hash. `added` were added by the same commit
// and learn their path secrets from the Welcome instead (§ 7.6).
Result<UpdatePath> seal_path(const Crypto& crypto, CipherSuite suite, const PathDraft& draft, ByteView group_context,
                             std::span<const LeafIndex> added);
// § 12.4.1: the path secret in the Welcome of `joiner`: of the lowest node above both. Belongs to the draft; null
// if `joiner` is no other member.
const Secret* path_secret_for(const PathDraft& draft, LeafIndex joiner);

// ---- taking
// § 12.4.2: checks the number of nodes, that its keys are new and protect something, and the leaf's parent hash; gives
// the tree with the path. The leaf's own validity (check_leaf) is the caller's, who knows the group. An external
// joiner's leaf is added to `tree` first.
Result<RatchetTree> merge_path(const Crypto& crypto, const RatchetTree& tree, LeafIndex sender, const UpdatePath& path);
struct OpenedPath {
  TreeKeys keys;
  Secret commit_secret;
};
// § 7.5. `before` is the tree that the path was sealed for (proposals applied, without the path). Checks the numbers of
// ciphertexts at every node, and that the keys that come out of ours are those of the path.
Result<OpenedPath> open_path(const Crypto& crypto, CipherSuite suite, const RatchetTree& before,
                             const RatchetTree& merged, const TreeKeys& own, LeafIndex sender, const UpdatePath& path,
                             ByteView group_context, std::span<const LeafIndex> added);

// ---- joining
// § 12.4.3.1: the keys a new member gets from the path secret in its GroupSecrets (none if the commit had no path).
// Error: kPath (a derived key is not the tree's).
Result<TreeKeys> keys_from_welcome(const Crypto& crypto, const RatchetTree& tree, LeafIndex own, const KeyPair& leaf,
                                   LeafIndex committer, const std::optional<Secret>& path_secret);

}  // namespace clients::mls
