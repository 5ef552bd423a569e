#include "clients/mls/schedule/hash_ratchet.h"

#include <gtest/gtest.h>

#include "clients/mls/crypto/native/native.h"

namespace clients::mls {
namespace {

constexpr CipherSuite kSuite = kDefaultSuite;
const NativeCrypto kCrypto;

Secret first_secret() { return Secret(std::array<std::uint8_t, 32>{1, 2, 3}); }

// What a sender uses for this generation.
Bytes sent(std::uint32_t generation) {
  HashRatchet sender(first_secret());
  for (std::uint32_t i = 0; i < generation; ++i) EXPECT_TRUE(sender.next(kCrypto, kSuite));
  return copy(sender.next(kCrypto, kSuite)->key.key.view());
}

bool finds(const HashRatchet& ratchet, std::uint32_t generation) {
  const auto key = ratchet.find(kCrypto, kSuite, generation);
  return key && key->generation == generation && equal(key->key.key.view(), sent(generation));
}

Error refusal(const HashRatchet& ratchet, std::uint32_t generation) {
  return ratchet.find(kCrypto, kSuite, generation).error();
}

TEST(HashRatchet, MessagesMayOvertakeEachOther) {
  HashRatchet ratchet(first_secret());
  for (const std::uint32_t generation : {3U, 0U, 2U, 4U, 1U}) {
    EXPECT_TRUE(finds(ratchet, generation));
    ASSERT_TRUE(ratchet.spend(kCrypto, kSuite, generation));
    EXPECT_EQ(refusal(ratchet, generation), (Error{Reason::kSpent, generation}));
    EXPECT_EQ(ratchet.spend(kCrypto, kSuite, generation).error().reason, Reason::kSpent);
  }
  EXPECT_TRUE(finds(ratchet, 5));
}

TEST(HashRatchet, FindingChangesNothing) {
  HashRatchet ratchet(first_secret());
  const Bytes before = encode(ratchet);
  EXPECT_TRUE(finds(ratchet, 7));
  EXPECT_TRUE(finds(ratchet, 7));
  EXPECT_EQ(encode(ratchet), before);
}

TEST(HashRatchet, ForwardStepsAreBounded) {
  HashRatchet ratchet(first_secret());
  EXPECT_EQ(refusal(ratchet, kForwardStepsMax + 1), (Error{Reason::kGeneration, kForwardStepsMax + 1}));
  EXPECT_EQ(ratchet.spend(kCrypto, kSuite, kForwardStepsMax + 1).error().reason, Reason::kGeneration);
  EXPECT_TRUE(finds(ratchet, kForwardStepsMax));
  ASSERT_TRUE(ratchet.spend(kCrypto, kSuite, 0));
  EXPECT_TRUE(finds(ratchet, kForwardStepsMax + 1));
}

TEST(HashRatchet, TheOldestSkippedKeysAreGivenUp) {
  HashRatchet ratchet(first_secret());
  ASSERT_TRUE(ratchet.spend(kCrypto, kSuite, 1000));
  EXPECT_TRUE(finds(ratchet, 1000 - kSkippedKeysMax));
  EXPECT_EQ(refusal(ratchet, 1000 - kSkippedKeysMax - 1).reason, Reason::kSpent);
  // Keys kept from an earlier skip make room for newer ones.
  ASSERT_TRUE(ratchet.spend(kCrypto, kSuite, 1011));
  EXPECT_EQ(refusal(ratchet, 1000 - kSkippedKeysMax + 9).reason, Reason::kSpent);
  EXPECT_TRUE(finds(ratchet, 1000 - kSkippedKeysMax + 10));
  EXPECT_TRUE(finds(ratchet, 1001));
  EXPECT_TRUE(finds(ratchet, 1010));
}

TEST(HashRatchet, SurvivesTheStore) {
  HashRatchet ratchet(first_secret());
  ASSERT_TRUE(ratchet.spend(kCrypto, kSuite, 5));
  ASSERT_TRUE(ratchet.spend(kCrypto, kSuite, 2));
  const auto again = parse<HashRatchet>(encode(ratchet));
  ASSERT_TRUE(again);
  EXPECT_EQ(encode(*again), encode(ratchet));
  EXPECT_TRUE(finds(*again, 4));
  EXPECT_TRUE(finds(*again, 6));
  EXPECT_EQ(refusal(*again, 2).reason, Reason::kSpent);
}

TEST(HashRatchet, EndsAfterTheLastGeneration) {
  Writer stored;
  stored.u64(0xFFFF'FFFF);
  stored.raw(first_secret().view());
  stored.opaque({});
  auto ratchet = parse<HashRatchet>(stored.bytes());
  ASSERT_TRUE(ratchet);
  EXPECT_TRUE(ratchet->find(kCrypto, kSuite, 0xFFFF'FFFF));
  EXPECT_EQ(ratchet->next(kCrypto, kSuite)->generation, 0xFFFF'FFFF);
  EXPECT_EQ(ratchet->next(kCrypto, kSuite).error().reason, Reason::kGeneration);
  EXPECT_EQ(refusal(*ratchet, 0xFFFF'FFFF).reason, Reason::kSpent);
}

TEST(HashRatchet, AStoreThatIsNoneIsRefused) {
  const auto stored = [](std::uint64_t head, std::vector<std::uint32_t> skipped) {
    Writer out;
    out.u64(head);
    out.raw(Bytes(32));
    out.vector([&](Writer& body) {
      for (const std::uint32_t generation : skipped) {
        body.u32(generation);
        body.raw(Bytes(kAeadKeyBytesMax + kAeadNonceBytes));
      }
    });
    return parse<HashRatchet>(out.bytes());
  };
  EXPECT_TRUE(stored(5, {1, 4}));
  EXPECT_FALSE(stored(5, {4, 1}));
  EXPECT_FALSE(stored(5, {1, 1}));
  EXPECT_FALSE(stored(5, {5}));
  EXPECT_FALSE(stored((std::uint64_t{1} << 32) + 1, {}));
  std::vector<std::uint32_t> many(kSkippedKeysMax + 1);
  for (std::uint32_t i = 0; i < many.size(); ++i) many[i] = i;
  EXPECT_FALSE(stored(1000, many));
  many.pop_back();
  EXPECT_TRUE(stored(1000, many));
  const Bytes good = encode(HashRatchet(first_secret()));
  EXPECT_FALSE(parse<HashRatchet>(ByteView(good).first(good.size() - 1)));
}

}  // namespace
}  // namespace clients::mls
