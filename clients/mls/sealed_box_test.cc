#include "clients/mls/sealed_box.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sodium.h>

#include "clients/mls/sealed_box_format.h"

namespace clients::mls {
namespace {

namespace base = policy::base;

// Counts upward: a seed replays a run, and no two draws are alike.
class CountingRandom final : public base::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    std::array<std::uint8_t, randombytes_SEEDBYTES> seed{};
    std::memcpy(seed.data(), &draws_, sizeof draws_);
    ++draws_;
    randombytes_buf_deterministic(bytes.data(), bytes.size(), seed.data());
  }

 private:
  std::uint64_t draws_ = 1;
};

template <typename Id>
Id id_of(std::uint8_t value) {
  Id id;
  id.bytes.fill(value);
  return id;
}

struct Party {
  Party(std::uint8_t number, base::Random& random)
      : device(id_of<base::DeviceId>(number)), key(DeviceKey::generate(random)) {}
  DeviceKeys keys() const { return {device, key.identity_key(), key.box_key()}; }
  SealedBoxCipher cipher(base::Random& random) const { return {device, key, random}; }
  base::DeviceId device;
  DeviceKey key;
};

class SealedBoxTest : public testing::Test {
 protected:
  base::Result<Sealed> seal(std::string_view text, const Audience& audience) {
    const auto bytes = base::as_bytes(text);
    return anna_.cipher(random_).seal(group_, {message_, {bytes.begin(), bytes.end()}}, audience);
  }
  base::Result<Opened> open(const Party& reader, base::ByteView ciphertext) {
    return reader.cipher(random_).open(group_, anna_.keys(), ciphertext);
  }

  CountingRandom random_;
  Party anna_{9, random_}, bert_{3, random_}, cem_{5, random_}, dora_{7, random_};
  GroupState group_{id_of<base::ConversationId>(1), {}};
  base::ClientMessageId message_ = id_of<base::ClientMessageId>(2);
};

TEST_F(SealedBoxTest, EveryNamedDeviceReadsAndNobodyElse) {
  const auto sealed = seal("Schichttausch am Freitag?", {bert_.keys(), cem_.keys()});
  ASSERT_TRUE(sealed);
  for (const auto* reader : {&bert_, &cem_}) {
    const auto opened = open(*reader, sealed->ciphertext);
    ASSERT_TRUE(opened) << to_string(opened.error());
    EXPECT_EQ(base::as_text(opened->plaintext.body), "Schichttausch am Freitag?");
    EXPECT_EQ(opened->plaintext.message, message_);
  }
  EXPECT_EQ(open(dora_, sealed->ciphertext).error().code, "cipher.not-for-us");
}

TEST_F(SealedBoxTest, EveryChangedByteIsNoticed) {
  const auto sealed = seal("x", {bert_.keys(), cem_.keys()});
  ASSERT_TRUE(sealed);
  for (std::size_t at = 0; at < sealed->ciphertext.size(); ++at) {
    auto changed = sealed->ciphertext;
    changed[at] ^= 0x01;
    const auto opened = open(bert_, changed);
    ASSERT_FALSE(opened) << "byte " << at;
    EXPECT_THAT(opened.error().code, testing::AnyOf("cipher.syntax", "cipher.signature")) << "byte " << at;
  }
}

TEST_F(SealedBoxTest, EveryTruncationIsRefused) {
  const auto sealed = seal("x", {bert_.keys()});
  ASSERT_TRUE(sealed);
  for (std::size_t size = 0; size < sealed->ciphertext.size(); ++size)
    EXPECT_EQ(parse_sealed_box(base::ByteView(sealed->ciphertext).first(size)).error().code, "cipher.syntax") << size;
  auto longer = sealed->ciphertext;
  longer.push_back(0);
  EXPECT_EQ(parse_sealed_box(longer).error().code, "cipher.syntax");
}

TEST_F(SealedBoxTest, BelongsToOneConversationAndOneSender) {
  const auto sealed = seal("x", {bert_.keys()});
  ASSERT_TRUE(sealed);
  const GroupState elsewhere{id_of<base::ConversationId>(8), {}};
  const auto cipher = bert_.cipher(random_);
  EXPECT_EQ(cipher.open(elsewhere, anna_.keys(), sealed->ciphertext).error().code, "cipher.signature");
  EXPECT_EQ(cipher.open(group_, cem_.keys(), sealed->ciphertext).error().code, "cipher.signature");
  auto same_key_other_device = anna_.keys();
  same_key_other_device.device = cem_.device;
  EXPECT_EQ(cipher.open(group_, same_key_other_device, sealed->ciphertext).error().code, "cipher.signature");
}

// Even somebody who may sign for the conversation cannot pass off another's body as the own one: a member who strips
// the signature and signs the same key and body anew is stopped by the associated data.
TEST_F(SealedBoxTest, AMemberCannotReissueAnothersBody) {
  const auto sealed = seal("x", {bert_.keys()});
  auto box = parse_sealed_box(sealed->ciphertext);
  ASSERT_TRUE(box);
  base::Bytes statement(base::as_bytes("feierabend-sealed-box-v1").begin(),
                        base::as_bytes("feierabend-sealed-box-v1").end());
  const auto put = [&](base::ByteView bytes) { statement.insert(statement.end(), bytes.begin(), bytes.end()); };
  put(group_.conversation.view());
  put(cem_.device.view());
  put(encode_unsigned(*box));
  box->signature = cem_.key.sign(statement);
  EXPECT_EQ(bert_.cipher(random_).open(group_, cem_.keys(), encode(*box)).error().code, "cipher.damaged");
}

TEST_F(SealedBoxTest, AKeySealedForAnotherDeviceIsReportedAsDamage) {
  auto bert_with_cems_key = bert_.keys();
  bert_with_cems_key.box_key = cem_.keys().box_key;
  const auto sealed = seal("x", {bert_with_cems_key});
  ASSERT_TRUE(sealed);
  EXPECT_EQ(open(bert_, sealed->ciphertext).error().code, "cipher.damaged");
}

TEST_F(SealedBoxTest, LengthsFallIntoSizeClasses) {
  EXPECT_EQ(size_class(0), 256U);
  EXPECT_EQ(size_class(255), 256U);
  EXPECT_EQ(size_class(256), 512U);
  EXPECT_EQ(size_class(kPlaintextBytesMax), kSizeClassMax);
  const auto one = seal("ja", {bert_.keys()}), other = seal(std::string(200, 'n'), {bert_.keys()});
  EXPECT_EQ(one->ciphertext.size(), other->ciphertext.size());
}

TEST_F(SealedBoxTest, BoundsAreErrorsOfTheCaller) {
  EXPECT_EQ(seal(std::string(kPlaintextBytesMax + 1, 'x'), {}).error().code, "cipher.too-large");
  EXPECT_EQ(seal("x", Audience(kRecipientsMax + 1, bert_.keys())).error().code, "cipher.audience");
  EXPECT_EQ(seal("x", {bert_.keys(), bert_.keys()}).error().code, "cipher.audience");
  auto low_order = bert_.keys();
  low_order.box_key.fill(0);
  EXPECT_EQ(seal("x", {low_order}).error().code, "cipher.audience");
}

TEST_F(SealedBoxTest, NobodyIsAnAudienceToo) {
  const auto sealed = seal("x", {});
  ASSERT_TRUE(sealed);
  EXPECT_EQ(open(bert_, sealed->ciphertext).error().code, "cipher.not-for-us");
}

TEST_F(SealedBoxTest, TheLargestBoxFitsTheWire) {
  Audience audience;
  for (std::size_t i = 0; i < kRecipientsMax; ++i) {
    auto keys = bert_.keys();
    keys.device.bytes[0] = static_cast<std::uint8_t>(i >> 8);
    keys.device.bytes[1] = static_cast<std::uint8_t>(i);
    audience.push_back(keys);
  }
  const auto sealed = seal(std::string(kPlaintextBytesMax, 'x'), audience);
  ASSERT_TRUE(sealed) << to_string(sealed.error());
  EXPECT_LE(sealed->ciphertext.size(), 256U * 1024);
}

RC_GTEST_FIXTURE_PROP(SealedBoxTest, AnyTextComesBack, (const std::string& text)) {
  const auto sealed = seal(text, {bert_.keys()});
  RC_ASSERT(sealed.has_value());
  const auto opened = open(bert_, sealed->ciphertext);
  RC_ASSERT(opened.has_value());
  RC_ASSERT(std::string(base::as_text(opened->plaintext.body)) == text);
}

TEST(DeviceKeyTest, SeedsRestoreTheKeyAndStatementsAreSeparate) {
  CountingRandom random;
  const auto key = DeviceKey::generate(random);
  const auto again = DeviceKey::from_seeds(key.identity_seed(), key.box_secret());
  EXPECT_EQ(key.identity_key(), again.identity_key());
  EXPECT_EQ(key.box_key(), again.box_key());
  const base::Bytes challenge(32, 7);
  const auto enrol = enrol_statement(challenge, key.identity_key(), key.box_key());
  const auto prove = prove_statement(challenge, id_of<base::DeviceId>(1));
  EXPECT_EQ(enrol.size(), 26U + 32 + 32 + 32);
  EXPECT_EQ(prove.size(), 26U + 32 + 16);
  EXPECT_TRUE(verifies(key.identity_key(), enrol, again.sign(enrol)));
  EXPECT_FALSE(verifies(key.identity_key(), prove, key.sign(enrol)));
}

}  // namespace
}  // namespace clients::mls
