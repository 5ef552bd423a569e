#include "audit/pseudonym/day_key.h"

#include <gtest/gtest.h>
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

struct Three {
  KeyPair officer = generate_pair(system_random), council = generate_pair(system_random);
  DayKey key = DayKey::generate({20780}, system_random);
  Parted parted = part(key, {officer.public_key, council.public_key}, system_random).value();

  DayShare one() const {
    return open_share(parted.sealed, Party::kDataProtectionOfficer, officer.public_key, officer.secret_key).value();
  }
  DayShare two() const {
    return open_share(parted.sealed, Party::kStaffCouncil, council.public_key, council.secret_key).value();
  }
};

TEST(Day, IsTheCalendarDayInUtc) {
  const auto day = [](const char* text) { return day_of(policy::base::parse_instant(text).value()); };
  EXPECT_EQ(day_text(day("2026-11-23T23:59:59Z")), "2026-11-23");
  EXPECT_EQ(day_text(day("2026-11-24T00:30:00+01:00")), "2026-11-23");
  EXPECT_EQ(begin_of(day("2026-11-23T09:00:00Z")), policy::base::parse_instant("2026-11-23T00:00:00Z").value());
  EXPECT_EQ(parse_day("2028-02-29").value(), day("2028-02-29T12:00:00Z"));
  for (const char* bad : {"", "2026-11", "2026-11-31", "2026-02-29", "2026-1-01", "1969-12-31", "2026-11-23 "})
    EXPECT_EQ(parse_day(bad).error().code, "day.syntax") << bad;
}

TEST(DayKey, IsStableInADayAndUnlinkableAcross) {
  const DayKey monday({1}, {7}), tuesday = DayKey::generate({2}, system_random);
  EXPECT_EQ(monday.of("m.keller"), DayKey({1}, {7}).of("m.keller"));
  EXPECT_NE(monday.of("m.keller"), monday.of("m.kellar"));
  EXPECT_NE(monday.of("m.keller"), tuesday.of("m.keller"));
  EXPECT_NE(monday.of("m.keller"), EpochKey({1}, {7}).of("m.keller")) << "a month's key of the same bytes";
}

// The bytes, however they are made: what was sealed years ago must open.
TEST(Parting, Example) {
  Counting random;
  const KeyPair officer = generate_pair(random), council = generate_pair(random);
  const auto parted = part(DayKey({20780}, {7}), {officer.public_key, council.public_key}, random).value();
  EXPECT_EQ(policy::base::to_hex(policy::base::sha256(format_sealed(parted.sealed) + format_part(parted.part))),
            "c95defb3e8a7d344e9f988c7cb30e78bec62dca132ee6936883c49463eda23d3");
}

TEST(Parting, AllThreeReproduceTheKey) {
  const Three three;
  const auto sealed = parse_sealed_day(format_sealed(three.parted.sealed)).value();
  EXPECT_EQ(sealed, three.parted.sealed);
  const auto part = parse_part(format_part(three.parted.part)).value();
  EXPECT_EQ(part, three.parted.part);
  EXPECT_EQ(combine(three.one(), three.two(), part).value(), three.key);
  EXPECT_EQ(combine(three.two(), three.one(), part).value(), three.key);
}

TEST(Parting, NoTwoOfThemOpenAnything) {
  const Three three;
  GatewayPart nothing = three.parted.part;
  nothing.bytes = {};
  EXPECT_EQ(combine(three.one(), three.two(), nothing).error().code, "epoch.mismatch") << "both parties, no gateway";
  DayShare forged = three.one();
  forged.party = Party::kStaffCouncil;
  EXPECT_EQ(combine(three.one(), three.one(), three.parted.part).error().code, "epoch.two-parties");
  EXPECT_EQ(combine(three.one(), forged, three.parted.part).error().code, "epoch.mismatch");
  forged.bytes = {};
  EXPECT_EQ(combine(three.one(), forged, three.parted.part).error().code, "epoch.mismatch") << "officer and gateway";
  EXPECT_EQ(open_share(three.parted.sealed, Party::kStaffCouncil, three.officer.public_key, three.officer.secret_key)
                .error()
                .code,
            "epoch.share");
  for (const auto& part : {three.one().bytes, three.two().bytes, three.parted.part.bytes})
    EXPECT_NE(part, three.key.bytes());
}

TEST(Parting, ADayOpensNoOther) {
  const Three monday;
  Three tuesday;
  tuesday.key = DayKey::generate({20781}, system_random);
  tuesday.parted = part(tuesday.key, {tuesday.officer.public_key, tuesday.council.public_key}, system_random).value();
  EXPECT_EQ(combine(tuesday.one(), tuesday.two(), monday.parted.part).error().code, "epoch.mismatch");
  GatewayPart renamed = monday.parted.part;
  renamed.day = tuesday.key.day();
  EXPECT_EQ(combine(tuesday.one(), tuesday.two(), renamed).error().code, "epoch.mismatch");
  SealedDay moved = monday.parted.sealed;
  moved.day = tuesday.key.day();
  EXPECT_FALSE(open_share(moved, Party::kStaffCouncil, monday.council.public_key, monday.council.secret_key));
}

TEST(Parting, AnyChangedByteIsRefused) {
  const Three three;
  for (std::size_t i = 0; i < three.parted.sealed.staff_council.size(); ++i) {
    SealedDay bad = three.parted.sealed;
    bad.staff_council[i] ^= 1;
    ASSERT_FALSE(open_share(bad, Party::kStaffCouncil, three.council.public_key, three.council.secret_key)) << i;
  }
  for (std::size_t i = 0; i < 32; ++i) {
    GatewayPart bad = three.parted.part;
    bad.bytes[i] ^= 1;
    ASSERT_EQ(combine(three.one(), three.two(), bad).error().code, "epoch.mismatch") << i;
  }
  EXPECT_EQ(part(three.key, {PublicKey{}, three.council.public_key}, system_random).error().code, "epoch.party-key");
  for (const char* bad : {"", "feierabend-day v1\n", "feierabend-day v2\n2026-11-03\ndpo AA==\ncouncil AA==\n",
                          "feierabend-day v1\n2026-11-03\ndpo AA==\ncouncil AA==\n\n",
                          "feierabend-day v1\n2026-11-03\ndpo ??\ncouncil AA==\n"})
    EXPECT_EQ(parse_sealed_day(bad).error().code, "epoch.syntax") << bad;
  for (const char* bad : {"", "2026-11-03", "2026-11-03 00", "2026-11-03\t00"})
    EXPECT_EQ(parse_part(bad).error().code, "epoch.syntax") << bad;
}

}  // namespace
}  // namespace audit::pseudonym
