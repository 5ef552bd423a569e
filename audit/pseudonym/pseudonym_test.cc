#include "audit/pseudonym/pseudonym.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sodium.h>

#include "policy/base/sha256.h"

namespace audit::pseudonym {
namespace {

policy::base::SystemRandom system_random;

struct Counting final : policy::base::Random {
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = ++last;
  }
  std::uint8_t last = 0;
};

struct PartyPair {
  PublicKey public_key{};
  SecretKey secret_key{};
  PartyPair() { crypto_box_keypair(public_key.data(), secret_key.data()); }
};

Epoch month(const char* instant) { return epoch_of(policy::base::parse_instant(instant).value()); }

TEST(Epoch, IsTheCalendarMonthInUtc) {
  EXPECT_EQ(epoch_text(month("2026-11-30T23:59:59Z")), "2026-11");
  EXPECT_EQ(epoch_text(month("2026-12-01T00:00:00Z")), "2026-12");
  EXPECT_EQ(epoch_text(month("2026-12-01T00:30:00+01:00")), "2026-11");
  EXPECT_LT(month("2026-12-31T23:59:59Z"), month("2027-01-01T00:00:00Z"));
  EXPECT_EQ(parse_epoch("2026-11").value(), month("2026-11-05T00:00:00Z"));
  for (const char* bad : {"", "2026", "2026-00", "2026-13", "2026-1", "2026/11", "x026-11", "2026-11-"})
    EXPECT_EQ(parse_epoch(bad).error().code, "epoch.syntax") << bad;
  EXPECT_EQ(year_of(policy::base::parse_instant("2026-12-31T23:59:59Z").value()), 2026);
}

TEST(Pseudonym, IsStableInAMonthAndUnlinkableAcross) {
  const EpochKey november = EpochKey::generate({100}, system_random),
                 december = EpochKey::generate({101}, system_random);
  EXPECT_EQ(november.of("m.keller"), november.of("m.keller"));
  EXPECT_NE(november.of("m.keller"), november.of("m.kellar"));
  EXPECT_NE(november.of("m.keller"), december.of("m.keller"));
}

TEST(InputKey, ChangesWithTheMonthAndIsNoOtherSecret) {
  const EpochKey november({100}, {1, 2, 3}), december({101}, {1, 2, 3}), other({100}, {1, 2, 4});
  EXPECT_EQ(november.input_key(), EpochKey({100}, {1, 2, 3}).input_key());
  EXPECT_NE(november.input_key(), december.input_key());
  EXPECT_NE(november.input_key(), other.input_key());
  EXPECT_NE(november.input_key(), november.bytes());
  EXPECT_NE(november.input_key(), november.check());
}

// The bytes, however they are made: what was sealed years ago must open.
TEST(Sealing, Example) {
  Counting random;
  const KeyPair officer = generate_pair(random), council = generate_pair(random);
  const auto sealed = seal(EpochKey({24322}, {7}), {officer.public_key, council.public_key}, random).value();
  EXPECT_EQ(policy::base::to_hex(policy::base::sha256(format_sealed(sealed))),
            "6ec8468dcf7c73179b1f820bba954ffaa05e8d9ec5ae8577ee9385b2a0313292");
}

TEST(Sealing, BothPartiesReproduceTheKey) {
  const PartyPair officer, council;
  const EpochKey key = EpochKey::generate({24323}, system_random);
  const auto sealed = seal(key, {officer.public_key, council.public_key}, system_random).value();
  const auto read = parse_sealed(format_sealed(sealed)).value();
  EXPECT_EQ(read, sealed);
  const auto one = open_share(read, Party::kDataProtectionOfficer, officer.public_key, officer.secret_key).value();
  const auto two = open_share(read, Party::kStaffCouncil, council.public_key, council.secret_key).value();
  EXPECT_EQ(combine(one, two).value(), key);
  EXPECT_EQ(combine(two, one)->of("m.keller"), key.of("m.keller"));
}

TEST(Sealing, OneAloneOpensNothing) {
  const PartyPair officer, council;
  const EpochKey key = EpochKey::generate({24323}, system_random);
  const auto sealed = seal(key, {officer.public_key, council.public_key}, system_random).value();
  const auto one = open_share(sealed, Party::kDataProtectionOfficer, officer.public_key, officer.secret_key).value();
  EXPECT_EQ(open_share(sealed, Party::kStaffCouncil, officer.public_key, officer.secret_key).error().code,
            "epoch.share");
  EXPECT_EQ(combine(one, one).error().code, "epoch.two-parties");
  EXPECT_NE(one.bytes, key.bytes());
  // A share that pretends to be the other party's, all zero: the check refuses what comes out.
  Share forged = one;
  forged.party = Party::kStaffCouncil;
  forged.bytes = {};
  EXPECT_EQ(combine(one, forged).error().code, "epoch.mismatch");
  // Another sealing of the same key splits differently: halves do not mix, and the halves of one do not repeat.
  const auto again = seal(key, {officer.public_key, council.public_key}, system_random).value();
  const auto other = open_share(again, Party::kStaffCouncil, council.public_key, council.secret_key).value();
  EXPECT_EQ(combine(one, other).error().code, "epoch.mismatch");
}

TEST(Sealing, AnyChangedByteIsRefused) {
  const PartyPair officer, council;
  const auto sealed =
      seal(EpochKey::generate({1}, system_random), {officer.public_key, council.public_key}, system_random).value();
  for (std::size_t i = 0; i < sealed.staff_council.size(); ++i) {
    SealedEpoch bad = sealed;
    bad.staff_council[i] ^= 1;
    ASSERT_FALSE(open_share(bad, Party::kStaffCouncil, council.public_key, council.secret_key)) << i;
  }
  SealedEpoch renamed = sealed;
  renamed.epoch = {2};
  EXPECT_EQ(open_share(renamed, Party::kStaffCouncil, council.public_key, council.secret_key).error().code,
            "epoch.share");
  EXPECT_EQ(seal(EpochKey({1}, {}), {PublicKey{}, council.public_key}, system_random).error().code, "epoch.party-key");
}

TEST(Sealing, RefusesAnotherForm) {
  for (const char* bad :
       {"", "feierabend-epoch v1\n", "feierabend-epoch v2\n2026-11\ndpo AA==\ncouncil AA==\n",
        "feierabend-epoch v1\n2026-11\ndpo AA==\ncouncil AA==\n\n",
        "feierabend-epoch v1\n2026-11\ndpo ??\ncouncil AA==\n", "feierabend-epoch v1\n1\ndpo AA==\ncouncil AA==\n"})
    EXPECT_EQ(parse_sealed(bad).error().code, "epoch.syntax") << bad;
}

TEST(Pairs, APairThatIsMadeHereOpensWhatIsSealedForIt) {
  policy::base::SystemRandom random;
  const KeyPair officer = generate_pair(random), council = generate_pair(random);
  EXPECT_NE(officer.public_key, council.public_key);
  const EpochKey key = EpochKey::generate(Epoch{24323}, random);
  const auto sealed = seal(key, {officer.public_key, council.public_key}, random);
  ASSERT_TRUE(sealed);
  const auto one = open_share(*sealed, Party::kDataProtectionOfficer, officer.public_key, officer.secret_key);
  const auto other = open_share(*sealed, Party::kStaffCouncil, council.public_key, council.secret_key);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(combine(*one, *other).value(), key);
  EXPECT_FALSE(open_share(*sealed, Party::kDataProtectionOfficer, council.public_key, council.secret_key));
}

}  // namespace
}  // namespace audit::pseudonym
