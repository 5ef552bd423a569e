#include "clients/mls/schedule/secret_tree.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "clients/mls/crypto/native/native.h"

namespace clients::mls {
namespace {

constexpr CipherSuite kSuite = kDefaultSuite;
const NativeCrypto kCrypto;

Secret encryption_secret() { return Secret(std::array<std::uint8_t, 32>{9, 8, 7}); }
SecretTree tree_of(std::uint32_t leaves) { return {kSuite, leaves, encryption_secret()}; }

bool holds(const SecretTree& tree, const Secret& secret) {
  const Bytes bytes = encode(tree);
  return !std::ranges::search(bytes, secret.view()).empty();
}

Secret child(const Secret& node, std::string_view side) {
  return expand_with_label(kCrypto, node, "tree", as_bytes(side));
}

TEST(SecretTree, SenderAndReceiverMeetInAnyOrderOfLeaves) {
  for (const std::uint32_t leaves : {1U, 2U, 8U, 1024U}) {
    SecretTree sender = tree_of(leaves), receiver = tree_of(leaves);
    for (std::uint32_t i = 0; i < leaves; ++i) {
      const LeafIndex leaf{i * 5 % leaves};
      for (const Ratchet ratchet : {Ratchet::kApplication, Ratchet::kHandshake}) {
        const auto used = sender.next(kCrypto, leaf, ratchet);
        ASSERT_TRUE(used);
        EXPECT_EQ(used->generation, 0U);
        const auto found = receiver.find(kCrypto, leaf, ratchet, 0);
        ASSERT_TRUE(found);
        EXPECT_EQ(used->key.key, found->key.key);
        EXPECT_EQ(used->key.nonce, found->key.nonce);
        ASSERT_TRUE(receiver.spend(kCrypto, leaf, ratchet, 0));
        EXPECT_EQ(receiver.find(kCrypto, leaf, ratchet, 0).error().reason, Reason::kSpent);
      }
    }
    EXPECT_EQ(encode(sender), encode(receiver));
  }
}

// § 9.2: with a key every secret goes that it could be computed from.
TEST(SecretTree, ErasesTheNodesAboveAUsedLeaf) {
  SecretTree tree = tree_of(4);
  const Secret root = encryption_secret(), left = child(root, "left"), right = child(root, "right");
  const Secret leaf = child(left, "right");
  ASSERT_TRUE(tree.spend(kCrypto, LeafIndex{1}, Ratchet::kApplication, 0));
  for (const Secret& erased : {root, left, leaf, expand_with_label(kCrypto, leaf, "application", {})})
    EXPECT_FALSE(holds(tree, erased));
  for (const Secret& kept : {right, child(left, "left"), expand_with_label(kCrypto, leaf, "handshake", {})})
    EXPECT_TRUE(holds(tree, kept));
}

TEST(SecretTree, RefusalsAndSearchesChangeNothing) {
  SecretTree tree = tree_of(4);
  const Bytes before = encode(tree);
  EXPECT_TRUE(tree.find(kCrypto, LeafIndex{3}, Ratchet::kHandshake, 10));
  EXPECT_EQ(tree.find(kCrypto, LeafIndex{4}, Ratchet::kHandshake, 0).error(), (Error{Reason::kLeaf, 4}));
  EXPECT_EQ(tree.spend(kCrypto, LeafIndex{4}, Ratchet::kHandshake, 0).error().reason, Reason::kLeaf);
  EXPECT_EQ(tree.next(kCrypto, LeafIndex{0xFFFF'FFFF}, Ratchet::kHandshake).error().reason, Reason::kLeaf);
  EXPECT_EQ(tree.spend(kCrypto, LeafIndex{1}, Ratchet::kHandshake, 1001).error().reason, Reason::kGeneration);
  EXPECT_EQ(encode(tree), before);
}

TEST(SecretTree, CopiesGoTheirOwnWays) {
  SecretTree tree = tree_of(2);
  const SecretTree old = tree;
  ASSERT_TRUE(tree.spend(kCrypto, LeafIndex{0}, Ratchet::kApplication, 0));
  EXPECT_TRUE(old.find(kCrypto, LeafIndex{0}, Ratchet::kApplication, 0));
}

TEST(SecretTree, SurvivesTheStore) {
  SecretTree tree = tree_of(8);
  ASSERT_TRUE(tree.spend(kCrypto, LeafIndex{5}, Ratchet::kApplication, 3));
  auto again = parse_secret_tree(encode(tree));
  ASSERT_TRUE(again);
  EXPECT_EQ(encode(*again), encode(tree));
  EXPECT_TRUE(again->find(kCrypto, LeafIndex{5}, Ratchet::kApplication, 1));
  EXPECT_TRUE(again->next(kCrypto, LeafIndex{0}, Ratchet::kHandshake));
}

TEST(SecretTree, AStoreThatIsNoneIsRefused) {
  SecretTree tree = tree_of(2);
  ASSERT_TRUE(tree.next(kCrypto, LeafIndex{1}, Ratchet::kHandshake));
  const Bytes good = encode(tree);
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(parse_secret_tree(ByteView(good).first(size)));
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    Bytes bytes = good;
    bytes[at] = value;
    return parse_secret_tree(bytes);
  };
  EXPECT_EQ(changed(0, 2).error().reason, Reason::kUnsupported);  // format
  EXPECT_EQ(changed(2, 2).error().reason, Reason::kUnsupported);  // suite
  EXPECT_FALSE(changed(6, 3));                                    // leaves: no power of two
  EXPECT_FALSE(changed(3, 0x80));                                 // leaves: too many
  EXPECT_FALSE(changed(6, 0));
  EXPECT_FALSE(changed(11, 3));  // the node's index: out of the tree
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(parse_secret_tree(longer).error().reason, Reason::kTrailing);
}

// A store whose secrets do not cover the tree.
TEST(SecretTree, ALeafWithoutSecretsIsRefused) {
  Writer out;
  out.u8(1);
  out.u16(3);
  out.u32(4);
  out.opaque({});
  out.opaque({});
  auto tree = parse_secret_tree(out.bytes());
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->next(kCrypto, LeafIndex{0}, Ratchet::kHandshake).error().reason, Reason::kLeaf);
}

TEST(SecretTree, GuardChangesTheFirstFourBytes) {
  std::array<std::uint8_t, kAeadNonceBytes> nonce{1, 1, 1, 1, 1};
  apply_reuse_guard(nonce, {1, 2, 3, 0xFF});
  EXPECT_EQ(nonce, (std::array<std::uint8_t, kAeadNonceBytes>{0, 3, 2, 0xFE, 1}));
}

TEST(SecretTree, SenderDataOfAShortCiphertextUsesAllOfIt) {
  const Secret secret;
  const Bytes ciphertext(40, 5);
  const auto key = [&](std::size_t size) {
    return sender_data_key(kCrypto, kSuite, secret, ByteView(ciphertext).first(size)).key;
  };
  EXPECT_EQ(key(40), key(32));
  EXPECT_FALSE(key(31) == key(32));
}

}  // namespace
}  // namespace clients::mls
