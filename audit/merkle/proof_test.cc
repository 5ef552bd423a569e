// The proofs against all published vectors and against a slow reading of RFC 9162 § 2.1 that shares no code with them.
#include "audit/merkle/proof.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "audit/merkle/compact_range.h"

namespace audit::merkle {
namespace {

using policy::base::as_bytes;
namespace json = boost::json;

// MTH exactly as the RFC's text has it.
Hash slow_root(std::span<const Hash> leaves) {
  if (leaves.empty()) return empty_root();
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return node_hash(slow_root(leaves.first(k)), slow_root(leaves.subspan(k)));
}

Proof slow_path(std::size_t m, std::span<const Hash> leaves) {
  if (leaves.size() == 1) return {};
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  Proof path = m < k ? slow_path(m, leaves.first(k)) : slow_path(m - k, leaves.subspan(k));
  path.push_back(m < k ? slow_root(leaves.subspan(k)) : slow_root(leaves.first(k)));
  return path;
}

std::vector<Hash> some_leaves(std::size_t count) {
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(as_bytes("leaf " + std::to_string(i))));
  return leaves;
}

NodeReader reader_of(const std::vector<Hash>& leaves) {
  return [&leaves](unsigned level, std::uint64_t index) -> Result<Hash> {
    const std::uint64_t width = std::uint64_t{1} << level;
    return slow_root(std::span(leaves).subspan(index * width, width));
  };
}

Result<Hash> hash_of(const json::value& text) { return to_hash(*policy::base::from_base64(text.as_string())); }

// Some consistency vectors carry a root that is not 32 bytes, which our type cannot hold. Its SHA-256 stands in for it:
// equal stays equal and different stays different. A leaf or a proof with such a hash is refused for what it is.
Hash root_of(const json::value& text) {
  const auto bytes = policy::base::from_base64(text.as_string()).value();
  return to_hash(bytes).value_or(sha256(bytes));
}

Result<Proof> proof_of(const json::value& list) {
  Proof proof;
  if (!list.is_array()) return proof;
  for (const auto& text : list.as_array()) {
    auto hash = hash_of(text);
    if (!hash) return std::unexpected(hash.error());
    proof.push_back(*hash);
  }
  return proof;
}

Status check(const json::object& vector) {
  const auto number = [&](const char* key) { return vector.at(key).to_number<std::uint64_t>(); };
  const auto proof = proof_of(vector.at("proof"));
  if (!proof) return std::unexpected(proof.error());
  const bool subtree = vector.contains("start");
  if (vector.contains("leafIdx")) {
    const auto leaf = hash_of(vector.at("leafHash")), root = hash_of(vector.at("root"));
    if (!leaf || !root) return std::unexpected((leaf ? root : leaf).error());
    if (!subtree) return verify_inclusion(number("leafIdx"), number("treeSize"), *leaf, *proof, *root);
    return verify_subtree_inclusion(number("leafIdx"), number("start"), number("end"), *leaf, *proof, *root);
  }
  const Hash first = root_of(vector.at("root1")), second = root_of(vector.at("root2"));
  if (!subtree) return verify_consistency(number("size1"), number("size2"), *proof, first, second);
  return verify_subtree_consistency(number("start"), number("end"), number("size"), *proof, first, second);
}

TEST(ProofVectors, AllAreDecidedAsPublished) {
  std::size_t count = 0, refused = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator("tests/vectors/merkle")) {
    if (file.path().extension() != ".json") continue;
    std::ifstream in(file.path());
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const json::object vector = json::parse(text).as_object();
    const bool must_refuse = vector.at("wantErr").as_bool();
    const Status seen = check(vector);
    EXPECT_EQ(!seen.has_value(), must_refuse) << file.path() << (seen ? "" : to_string(seen.error()));
    ++count;
    refused += must_refuse ? 1 : 0;
  }
  EXPECT_EQ(count, 518U);
  EXPECT_GT(refused, 400U);
}

TEST(Hash, KnownRoots) {
  EXPECT_EQ(policy::base::to_hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(policy::base::to_hex(leaf_hash({})), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(to_hash(as_bytes("short")).error().code, "hash.size");
}

TEST(CompactRange, RootEqualsSlowReading) {
  const auto leaves = some_leaves(300);
  CompactRange range;
  EXPECT_EQ(range.root(), empty_root());
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    range.append(leaves[i]);
    ASSERT_EQ(range.root(), slow_root(std::span(leaves).first(i + 1)));
    ASSERT_EQ(CompactRange::from(range.size(), range.hashes())->root(), range.root());
  }
  EXPECT_EQ(CompactRange::from(5, {}).error().code, "merkle.compact-range");
}

TEST(Proof, EveryInclusionInSmallTrees) {
  const auto leaves = some_leaves(40);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const std::vector<Hash> tree(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size));
    const Hash root = slow_root(tree);
    ASSERT_EQ(tree_root(size, reader_of(tree)).value(), root);
    for (std::size_t index = 0; index < size; ++index) {
      const Proof proof = inclusion_proof(index, size, reader_of(tree)).value();
      ASSERT_EQ(proof, slow_path(index, tree));
      ASSERT_TRUE(verify_inclusion(index, size, tree[index], proof, root));
    }
  }
  EXPECT_EQ(inclusion_proof(3, 3, reader_of(leaves)).error().code, "proof.range");
}

TEST(Proof, EveryConsistencyInSmallTrees) {
  const auto leaves = some_leaves(40);
  for (std::size_t size2 = 1; size2 <= leaves.size(); ++size2) {
    for (std::size_t size1 = 1; size1 <= size2; ++size1) {
      const Proof proof = consistency_proof(size1, size2, reader_of(leaves)).value();
      const Hash root1 = slow_root(std::span(leaves).first(size1)), root2 = slow_root(std::span(leaves).first(size2));
      ASSERT_TRUE(verify_consistency(size1, size2, proof, root1, root2)) << size1 << " to " << size2;
    }
  }
  EXPECT_EQ(consistency_proof(0, 3, reader_of(leaves)).error().code, "proof.range");
}

TEST(Proof, AnyChangedBitIsRefused) {
  const auto leaves = some_leaves(200);
  EXPECT_TRUE(rc::check("one bit of one hash", [&] {
    const auto size = *rc::gen::inRange<std::uint64_t>(2, 201);
    const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
    const auto bit = *rc::gen::inRange<std::size_t>(0, 256);
    Proof proof = inclusion_proof(index, size, reader_of(leaves)).value();
    const Hash root = slow_root(std::span(leaves).first(size));
    const auto at = *rc::gen::inRange<std::size_t>(0, proof.size());
    proof[at][bit / 8] = static_cast<std::uint8_t>(proof[at][bit / 8] ^ (1U << (bit % 8)));
    RC_ASSERT(!verify_inclusion(index, size, leaves[index], proof, root).has_value());
  }));
}

TEST(Proof, AReaderThatFailsIsPassedOn) {
  const NodeReader broken = [](unsigned, std::uint64_t) -> Result<Hash> { return policy::base::fail("disk.gone", ""); };
  EXPECT_EQ(inclusion_proof(1, 9, broken).error().code, "disk.gone");
  EXPECT_EQ(consistency_proof(3, 9, broken).error().code, "disk.gone");
}

}  // namespace
}  // namespace audit::merkle
