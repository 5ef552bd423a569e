#include "audit/merkle/proof.h"

#include <bit>

namespace audit::merkle {
namespace {

using policy::base::fail;

// The largest power of two below `width`: where RFC 6962 splits a range. `width` is at least 2.
std::uint64_t split_of(std::uint64_t width) { return std::bit_floor(width - 1); }

std::unexpected<policy::base::Error> out_of_range(std::uint64_t what, std::uint64_t size) {
  return fail("proof.range", std::to_string(what) + " in a tree of " + std::to_string(size),
              "an index below the size, a first size of at least 1 and not above the second");
}

std::unexpected<policy::base::Error> wrong_length(std::size_t count) {
  return fail("proof.length", "a proof of " + std::to_string(count) + " hashes",
              "exactly the hashes on the path to the root");
}

Status matches(const Hash& seen, const Hash& expected) {
  if (seen == expected) return {};
  return fail("proof.root", "a path to " + policy::base::to_hex(seen), policy::base::to_hex(expected));
}

// PATH(m, D[begin:end]) of RFC 9162 § 2.1.3.1, leaf side first.
Status append_path(std::uint64_t index, std::uint64_t begin, std::uint64_t end, const NodeReader& read, Proof& out) {
  if (end - begin == 1) return {};
  const std::uint64_t middle = begin + split_of(end - begin);
  const bool left = index < middle;
  if (auto inner = left ? append_path(index, begin, middle, read, out) : append_path(index, middle, end, read, out);
      !inner)
    return inner;
  auto sibling = left ? range_hash(middle, end, read) : range_hash(begin, middle, read);
  if (!sibling) return std::unexpected(sibling.error());
  out.push_back(*sibling);
  return {};
}

// SUBPROOF(m, D[begin:end], whole) of RFC 9162 § 2.1.4.1; `whole` says that the first root covers begin to `size1`.
Status append_subproof(std::uint64_t size1, std::uint64_t begin, std::uint64_t end, bool whole, const NodeReader& read,
                       Proof& out) {
  const auto add = [&](Result<Hash> hash) -> Status {
    if (!hash) return std::unexpected(hash.error());
    out.push_back(*hash);
    return {};
  };
  if (size1 == end) return whole ? Status{} : add(range_hash(begin, end, read));
  const std::uint64_t middle = begin + split_of(end - begin);
  if (size1 <= middle) {
    if (auto inner = append_subproof(size1, begin, middle, whole, read, out); !inner) return inner;
    return add(range_hash(middle, end, read));
  }
  if (auto inner = append_subproof(size1, middle, end, false, read, out); !inner) return inner;
  return add(range_hash(begin, middle, read));
}

bool is_subtree(std::uint64_t begin, std::uint64_t end) {
  if (begin >= end || end - begin > (std::uint64_t{1} << 63)) return false;
  return begin % std::bit_ceil(end - begin) == 0;
}

}  // namespace

Result<Hash> range_hash(std::uint64_t begin, std::uint64_t end, const NodeReader& read) {
  if (begin >= end) return out_of_range(begin, end);
  const std::uint64_t width = end - begin;
  if (std::has_single_bit(width)) {
    const auto level = static_cast<unsigned>(std::countr_zero(width));
    return read(level, begin >> level);
  }
  const std::uint64_t middle = begin + split_of(width);
  auto left = range_hash(begin, middle, read);
  if (!left) return left;
  auto right = range_hash(middle, end, read);
  if (!right) return right;
  return node_hash(*left, *right);
}

Result<Hash> tree_root(std::uint64_t size, const NodeReader& read) {
  return size == 0 ? Result<Hash>(empty_root()) : range_hash(0, size, read);
}

Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, const NodeReader& read) {
  if (index >= size) return out_of_range(index, size);
  Proof proof;
  if (auto done = append_path(index, 0, size, read, proof); !done) return std::unexpected(done.error());
  return proof;
}

Result<Proof> consistency_proof(std::uint64_t size1, std::uint64_t size2, const NodeReader& read) {
  if (size1 == 0 || size1 > size2) return out_of_range(size1, size2);
  Proof proof;
  if (auto done = append_subproof(size1, 0, size2, true, read, proof); !done) return std::unexpected(done.error());
  return proof;
}

Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof,
                        const Hash& root) {
  if (index >= size) return out_of_range(index, size);
  std::uint64_t fn = index, sn = size - 1;
  Hash r = leaf;
  for (const Hash& p : proof) {
    if (sn == 0) return wrong_length(proof.size());
    if ((fn & 1) != 0 || fn == sn) {
      r = node_hash(p, r);
      while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1, sn >>= 1;
  }
  if (sn != 0) return wrong_length(proof.size());
  return matches(r, root);
}

Status verify_consistency(std::uint64_t size1, std::uint64_t size2, std::span<const Hash> proof, const Hash& root1,
                          const Hash& root2) {
  if (size1 == 0 || size1 > size2) return out_of_range(size1, size2);
  if (size1 == size2) return proof.empty() ? matches(root1, root2) : wrong_length(proof.size());
  return verify_subtree_consistency(0, size1, size2, proof, root1, root2);
}

Status verify_subtree_inclusion(std::uint64_t index, std::uint64_t begin, std::uint64_t end, const Hash& leaf,
                                std::span<const Hash> proof, const Hash& subtree_root) {
  if (!is_subtree(begin, end) || index < begin || index >= end) return out_of_range(index, end);
  return verify_inclusion(index - begin, end - begin, leaf, proof, subtree_root);
}

Status verify_subtree_consistency(std::uint64_t begin, std::uint64_t end, std::uint64_t size,
                                  std::span<const Hash> proof, const Hash& subtree_root, const Hash& root) {
  if (end > size) return out_of_range(end, size);
  if (begin == end) return proof.empty() ? matches(subtree_root, empty_root()) : wrong_length(proof.size());
  if (!is_subtree(begin, end)) return out_of_range(begin, size);
  std::uint64_t fn = begin, sn = end - 1, tn = size - 1;
  const auto shift = [&] { fn >>= 1, sn >>= 1, tn >>= 1; };
  if (sn == tn) {
    while (fn != sn) shift();
  } else {
    while (fn != sn && (sn & 1) != 0) shift();
  }
  Hash fr = subtree_root;
  std::size_t next = 0;
  if (fn != sn) {
    if (proof.empty()) return wrong_length(0);
    fr = proof[next++];
  }
  Hash sr = fr;
  for (; next < proof.size(); ++next) {
    if (tn == 0) return wrong_length(proof.size());
    const Hash& c = proof[next];
    if ((sn & 1) != 0 || sn == tn) {
      if (fn < sn) fr = node_hash(c, fr);
      sr = node_hash(c, sr);
      while ((sn & 1) == 0 && sn != 0) shift();
    } else {
      sr = node_hash(sr, c);
    }
    shift();
  }
  if (tn != 0) return wrong_length(proof.size());
  if (auto first = matches(fr, subtree_root); !first) return first;
  return matches(sr, root);
}

}  // namespace audit::merkle
