#include "audit/opening/day_keeper.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "audit/store/faulty.h"
#include "audit/store/memory.h"

namespace audit::opening {
namespace {

using pseudonym::DayKey;
using pseudonym::GatewayPart;
using pseudonym::Party;
using store::Fault;

Day day(const char* text) { return pseudonym::parse_day(text).value(); }

struct World {
  store::MemoryObjects objects;
  policy::base::SystemRandom random;
  pseudonym::KeyPair officer = pseudonym::generate_pair(random), council = pseudonym::generate_pair(random);
  pseudonym::PartyKeys parties{officer.public_key, council.public_key};

  DayKeeper keeper() { return {objects, parties, random}; }
  policy::base::Result<DayKey> opened(Day of) {
    const auto text = objects.get(pseudonym::day_text(of) + ".sealed").value().value();
    const auto sealed = pseudonym::parse_sealed_day(policy::base::as_text(text)).value();
    const auto part = keeper().parts(of, of).value().at(0);
    return combine(open_share(sealed, Party::kDataProtectionOfficer, officer.public_key, officer.secret_key).value(),
                   open_share(sealed, Party::kStaffCouncil, council.public_key, council.secret_key).value(), part);
  }
  bool holds(const DayKey& key) {
    return std::ranges::any_of(objects.contents(), [&](const auto& object) {
      return !std::ranges::search(object.second, key.bytes()).empty();
    });
  }
};

TEST(DayKeeper, KeepsADaysKeyOverARestartAndDestroysItAfterwards) {
  World world;
  const DayKey monday = world.keeper().key_for(day("2026-11-23")).value();
  DayKeeper keeper = world.keeper();
  EXPECT_EQ(keeper.key_for(day("2026-11-23")).value(), monday);
  EXPECT_TRUE(world.holds(monday));
  const DayKey tuesday = keeper.key_for(day("2026-11-24")).value();
  EXPECT_NE(tuesday, monday);
  EXPECT_FALSE(world.holds(monday)) << "only the parts are left";
  EXPECT_EQ(world.opened(day("2026-11-23")).value(), monday);
  EXPECT_EQ(world.opened(day("2026-11-24")).value(), tuesday);
}

TEST(DayKeeper, NeverGoesBackToAnEarlierDay) {
  World world;
  DayKeeper keeper = world.keeper();
  const DayKey monday = keeper.key_for(day("2026-11-23")).value();
  const DayKey tuesday = keeper.key_for(day("2026-11-24")).value();
  EXPECT_EQ(keeper.key_for(day("2026-11-23")).value(), tuesday);
  EXPECT_EQ(world.keeper().key_for(day("2026-11-22")).value(), tuesday) << "after a restart, too";
  EXPECT_EQ(world.opened(day("2026-11-23")).value(), monday) << "its parts are as they were";
}

TEST(DayKeeper, GivesThePartsOfTheDaysThatHadAKey) {
  World world;
  for (const char* one : {"2026-11-20", "2026-11-23", "2026-11-24"}) (void)world.keeper().key_for(day(one)).value();
  const auto parts = world.keeper().parts(day("2026-11-20"), day("2026-11-23")).value();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].day, day("2026-11-20"));
  EXPECT_EQ(parts[1].day, day("2026-11-23"));
  EXPECT_TRUE(world.keeper().parts(day("2026-11-21"), day("2026-11-22"))->empty());
  const std::string lost = "2026-11-23.part";
  (void)world.objects.remove(std::span(&lost, 1));
  EXPECT_EQ(world.keeper().parts(day("2026-11-20"), day("2026-11-23")).error().code, "epoch.part");
}

TEST(DayKeeper, DestroysWhatOpensDaysWithoutEntries) {
  World world;
  (void)world.keeper().key_for(day("2026-11-23")).value();
  const GatewayPart part = world.keeper().parts(day("2026-11-23"), day("2026-11-23"))->at(0);
  (void)world.keeper().key_for(day("2027-01-02")).value();
  const auto at = [](const char* text) { return policy::base::parse_instant(text).value(); };
  EXPECT_EQ(world.keeper().destroy_due(at("2028-11-23T23:59:59Z")).value(), 0U) << "two years from the last hour";
  EXPECT_EQ(world.keeper().destroy_due(at("2028-11-24T00:00:00Z")).value(), 1U);
  EXPECT_TRUE(world.keeper().parts(day("2026-11-23"), day("2026-11-23"))->empty());
  EXPECT_EQ(world.keeper().parts(day("2026-11-23"), day("2027-01-02"))->size(), 1U);
  for (const auto& [path, bytes] : world.objects.contents()) EXPECT_FALSE(path.starts_with("2026-11-23")) << path;
}

// Whatever write fails: a key that was given out can be opened, and the next try succeeds.
TEST(DayKeeper, AnyWriteMayFail) {
  for (const Fault fault : {Fault::kNotPersisted, Fault::kPersisted, Fault::kHalfPersisted}) {
    std::size_t faults = 0;
    for (std::size_t number = 0;; ++number) {
      World world;
      store::FaultPlan plan(number, fault, false);
      store::FaultyObjects objects(world.objects, plan);
      DayKeeper broken(objects, world.parties, world.random);
      const auto monday = broken.key_for(day("2026-11-23"));
      const auto tuesday = broken.key_for(day("2026-11-24"));
      if (!plan.reached()) break;
      ++faults;
      const auto again = world.keeper().key_for(day("2026-11-24"));
      ASSERT_TRUE(again) << number;
      for (const auto* key : {&monday, &tuesday, &again}) {
        if (*key) {
          EXPECT_EQ(world.opened((*key)->day()).value(), **key) << number;
        }
      }
      EXPECT_FALSE(monday && world.holds(*monday)) << number;
    }
    EXPECT_GE(faults, 6U);
  }
}

}  // namespace
}  // namespace audit::opening
