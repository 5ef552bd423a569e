// Inclusion and consistency proofs: making them from stored subtrees, checking them from the proof alone.
//
// Making (RFC 9162 §§ 2.1.3.1, 2.1.4.1) asks a NodeReader for complete subtrees only; node (level, index) covers the
// leaves [index·2^level, (index+1)·2^level). Checking follows RFC 9162 §§ 2.1.3.2 and 2.1.4.2 and never trusts a
// length. Proofs run from the leaf's side to the root. Pure; safe from any thread.
//
// Errors: proof.range (index or size outside the tree), proof.length (too few or too many hashes), proof.root (the
// hashes lead to another root), and whatever the reader returns.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "audit/merkle/hash.h"

namespace audit::merkle {

using policy::base::Result;
using policy::base::Status;

using Proof = std::vector<Hash>;
using NodeReader = std::function<Result<Hash>(unsigned level, std::uint64_t index)>;

constexpr std::size_t kProofHashesMax = 64;  // for any proof in a tree of at most 2^63 leaves

// MTH(D[begin:end]); `begin` is a multiple of the smallest power of two that is not below the width.
Result<Hash> range_hash(std::uint64_t begin, std::uint64_t end, const NodeReader& read);
Result<Hash> tree_root(std::uint64_t size, const NodeReader& read);

Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, const NodeReader& read);
Result<Proof> consistency_proof(std::uint64_t size1, std::uint64_t size2, const NodeReader& read);

Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof,
                        const Hash& root);

// A first size of 0 proves nothing and is refused here; a witness accepts it with an empty proof by itself.
Status verify_consistency(std::uint64_t size1, std::uint64_t size2, std::span<const Hash> proof, const Hash& root1,
                          const Hash& root2);

// The same for a subtree [begin, end) of the tree, for cosigners who signed only a part of it
// (draft-ietf-plants-merkle-tree-certs § 4). `begin` is a multiple of the power of two not below end − begin.
Status verify_subtree_inclusion(std::uint64_t index, std::uint64_t begin, std::uint64_t end, const Hash& leaf,
                                std::span<const Hash> proof, const Hash& subtree_root);
Status verify_subtree_consistency(std::uint64_t begin, std::uint64_t end, std::uint64_t size,
                                  std::span<const Hash> proof, const Hash& subtree_root, const Hash& root);

}  // namespace audit::merkle
