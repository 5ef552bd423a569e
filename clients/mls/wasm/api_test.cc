// The C functions natively; what members do with them is tested through the module itself (host_test.mjs).
#include "clients/mls/wasm/api.h"

#include <gtest/gtest.h>

#include <string>

#include "clients/mls/core/result.h"
#include "clients/mls/crypto/labels.h"
#include "clients/mls/wasm/host_crypto.h"

namespace clients::mls {
namespace {

constexpr std::uint32_t kSuite = 3;
constexpr std::uint64_t kNow_s = 1'700'000'000, kLater_s = kNow_s + 3600;

Bytes part(std::uint32_t at) { return {mls_part(at), mls_part(at) + mls_part_size(at)}; }

struct Device {
  Bytes seed, identity;
};
Device device(std::string_view identity) {
  EXPECT_EQ(mls_make_signature_key(), 0U);
  return {part(0), copy(as_bytes(identity))};
}

std::uint32_t create(const Device& device, const Bytes& extensions = {}) {
  const Bytes id = copy(as_bytes("gruppe"));
  return mls_create(kSuite, id.data(), id.size(), device.seed.data(), device.identity.data(), device.identity.size(),
                    kNow_s, kLater_s, extensions.data(), extensions.size());
}

std::string_view refusal(std::uint32_t status) { return mls_code(status); }

TEST(Api, TwoMembersTalk) {
  const Device anna = device("anna"), bernd = device("bernd");
  ASSERT_EQ(create(anna), 0U);
  const std::uint32_t created = mls_group();
  ASSERT_EQ(
      mls_make_key_package(kSuite, bernd.seed.data(), bernd.identity.data(), bernd.identity.size(), kNow_s, kLater_s),
      0U);
  const Bytes package = part(0), own = part(1);
  ASSERT_EQ(mls_add(package.data(), package.size()), 0U);
  const Bytes add = part(0);
  ASSERT_EQ(mls_commit(created, add.data(), add.size(), 0, kNow_s), 0U);
  const std::uint32_t first = mls_group();
  const Bytes welcome = part(1);
  ASSERT_EQ(mls_join(welcome.data(), welcome.size(), own.data(), own.size(), nullptr, 0, kNow_s), 0U);
  const std::uint32_t second = mls_group();
  EXPECT_NE(first, second);

  const Bytes text = copy(as_bytes("Guten Morgen"));
  ASSERT_EQ(mls_protect(first, text.data(), text.size(), nullptr, 0), 0U);
  const Bytes message = part(0);
  ASSERT_EQ(mls_open(second, message.data(), message.size()), 0U);
  EXPECT_EQ(part(0), text);
  EXPECT_EQ(refusal(mls_open(second, message.data(), message.size())), "mls.spent");
  EXPECT_EQ(mls_part_size(0), 0U) << "a refused call brings nothing";
}

TEST(Api, HandlesAreNeverReused) {
  const Device anna = device("anna");
  ASSERT_EQ(create(anna), 0U);
  const std::uint32_t group = mls_group();
  mls_release(group);
  mls_release(group);
  ASSERT_EQ(create(anna), 0U);
  EXPECT_NE(mls_group(), group);
  EXPECT_EQ(refusal(mls_describe(group)), "mls.handle");
  EXPECT_EQ(mls_detail(), group);
  EXPECT_EQ(refusal(mls_describe(0)), "mls.handle");
}

TEST(Api, InputsThatAreNothingAreRefused) {
  const Device anna = device("anna");
  EXPECT_EQ(refusal(mls_join(nullptr, 0, nullptr, 0, nullptr, 0, kNow_s)), "mls.truncated");
  EXPECT_EQ(refusal(mls_load(nullptr, 0, nullptr, 0)), "mls.storage");
  EXPECT_EQ(refusal(mls_add(nullptr, 0)), "mls.truncated");
  EXPECT_EQ(refusal(mls_peek(anna.seed.data(), 3)), "mls.unsupported");
  EXPECT_EQ(refusal(create(anna, Bytes(2))), "mls.truncated");
  ASSERT_EQ(create(anna), 0U);
  const std::uint32_t group = mls_group();
  EXPECT_EQ(refusal(mls_propose(group, anna.seed.data(), 1, kNow_s)), "mls.truncated");
  EXPECT_EQ(refusal(mls_receive(group, nullptr, 0, kNow_s)), "mls.truncated");
  EXPECT_EQ(refusal(mls_export(group, nullptr, 0, nullptr, 0, 1U << 30)), "mls.too-large");
  EXPECT_EQ(mls_export(group, nullptr, 0, nullptr, 0, 0), 0U);
}

TEST(Api, TextsOfAllStatuses) {
  for (std::uint32_t status = 1; status <= kReasons; ++status) {
    EXPECT_TRUE(refusal(status).starts_with("mls.")) << status;
    EXPECT_STRNE(mls_sentence(status), "") << status;
  }
  EXPECT_EQ(refusal(0), "");
  EXPECT_EQ(refusal(kReasons + 1), "");
}

TEST(Api, MemoryMayBeOfNoSize) {
  std::uint8_t* const nothing = mls_allocate(0);
  EXPECT_NE(nothing, nullptr);
  mls_free(nothing, 0);
}

// The host of these tests verifies with them and shares zeros.
TEST(HostCrypto, RefusesWhatAHostMayNot) {
  const HostCrypto crypto;
  EXPECT_FALSE(crypto.ed25519_verify(PublicKey{1}, as_bytes("anything"), Signature{}));
  PublicKey not_canonical{};  // y = p + 2
  not_canonical.fill(0xFF);
  not_canonical.front() = 0xEF;
  not_canonical.back() = 0x7F;
  EXPECT_FALSE(crypto.ed25519_verify(not_canonical, as_bytes("anything"), Signature{}));
  EXPECT_FALSE(crypto.x25519(PrivateKey(), PublicKey{}));
  const KeyPair key = generate_signature_key_pair(crypto);
  EXPECT_TRUE(crypto.ed25519_verify(key.key, as_bytes("text"), crypto.ed25519_sign(key, as_bytes("text"))));
  EXPECT_FALSE(crypto.aead_open(kDefaultSuite, Bytes(32), Bytes(12), {}, Bytes(15)));
}

}  // namespace
}  // namespace clients::mls
