#include "gateway/groups/key_packages.h"

#include "gateway/groups/testing/world.h"

namespace gateway::groups {
namespace {

class KeyPackagesTest : public testing::World {
 protected:
  base::Bytes message(Client& of) { return mls::encode_message(package(of)); }
  base::Bytes message(Client& of, const mls::Lifetime& lifetime) {
    return mls::encode_message(mls::make_key_package(crypto, mls::kDefaultSuite, of.member, lifetime).package);
  }
  static std::vector<base::Bytes> only(base::Bytes one) {
    std::vector<base::Bytes> out;
    out.push_back(std::move(one));
    return out;
  }
  std::string refused(const Client& of, base::Bytes one) {
    const auto published = packages->publish(of.device, only(std::move(one)), {});
    EXPECT_FALSE(published);
    EXPECT_EQ(published.error().code, "key-package.refused");
    return published.error().seen;
  }
};

TEST_F(KeyPackagesTest, ArePublishedHandedOutOnceAndRefilled) {
  Client anna = client("anna"), ben = client("ben");
  std::vector<base::Bytes> many;
  for (int i = 0; i < 12; ++i) many.push_back(message(ben));
  EXPECT_EQ(packages->publish(ben.device, many, message(ben)).value(), (Stock{12, true, 8}));
  std::set<base::Bytes> seen;
  for (int i = 0; i < 12; ++i) {
    const auto fetched = packages->fetch(anna.device.id, room, std::vector{ben.device.id});
    ASSERT_TRUE(fetched);
    ASSERT_EQ(fetched->packages.size(), 1U);
    EXPECT_FALSE(fetched->packages[0].last_resort);
    EXPECT_TRUE(seen.insert(fetched->packages[0].package).second);
    EXPECT_EQ(fetched->low.empty(), i < 2) << i;
  }
  for (int i = 0; i < 2; ++i) {
    const auto last = packages->fetch(anna.device.id, room, std::vector{ben.device.id});
    EXPECT_TRUE(last->packages[0].last_resort);
    EXPECT_EQ(last->low[0].second, (Stock{0, false, 20}));
  }
}

TEST_F(KeyPackagesTest, OnlyThoseOfTheDeviceItselfAreTaken) {
  Client anna = client("anna"), ben = client("ben");
  EXPECT_EQ(refused(anna, message(ben)), "a key package of another device");
  EXPECT_EQ(refused(anna, {1, 2, 3}), "bytes that are no key package");
  Client forged = anna;
  forged.member.signature_key = mls::generate_signature_key_pair(crypto);
  EXPECT_EQ(refused(anna, message(forged)), "a key package of another device");
  mls::KeyPackage changed = package(anna);
  changed.init_key[0] ^= 1;
  EXPECT_EQ(refused(anna, mls::encode_message(changed)), "a key package with a signature that does not verify");
  changed = package(anna);
  changed.suite = 2;
  EXPECT_EQ(refused(anna, mls::encode_message(changed)), "bytes that are no key package");
  const auto twice = message(anna);
  EXPECT_EQ(packages->publish(anna.device, std::vector{twice, twice}, {}).error().seen, "the same key package twice");
  EXPECT_EQ(packages->stock(anna.device.id)->left, 0U);
}

TEST_F(KeyPackagesTest, LifetimesAreBounded) {
  Client anna = client("anna");
  const auto now = static_cast<std::uint64_t>(clock.at.unix_s);
  EXPECT_EQ(refused(anna, message(anna, {now + 1, now + 100})), "a key package that is not valid at this time");
  EXPECT_EQ(refused(anna, message(anna, {now - 100, now})), "a key package that is not valid at this time");
  EXPECT_EQ(refused(anna, message(anna, {0, ~0ULL})), "a key package with a lifetime of more than 84 days");
}

TEST_F(KeyPackagesTest, TheLastResortGrowsOldInAWeek) {
  Client anna = client("anna");
  ASSERT_TRUE(packages->publish(anna.device, {}, message(anna))->last_resort);
  clock.at = clock.at + base::Seconds{kLastResortAge_s};
  EXPECT_FALSE(packages->stock(anna.device.id)->last_resort);
}

TEST_F(KeyPackagesTest, PeopleOfOtherConversationsAndEndedDevicesAreMissing) {
  Client anna = client("anna"), ben = client("ben"), dora = client("dora");
  ASSERT_TRUE(packages->publish(ben.device, only(message(ben)), {}));
  ASSERT_TRUE(packages->publish(dora.device, only(message(dora)), {}));
  const auto fetched = packages->fetch(anna.device.id, room, std::vector{ben.device.id, dora.device.id});
  ASSERT_EQ(fetched->packages.size(), 1U);
  EXPECT_EQ(fetched->packages[0].device, ben.device.id);
  ASSERT_TRUE(packages->publish(ben.device, only(message(ben)), {}));
  ASSERT_TRUE(store->end_device(ben.device.id, store::DeviceState::removed, clock.at));
  EXPECT_TRUE(packages->fetch(anna.device.id, room, std::vector{ben.device.id})->packages.empty());
}

TEST_F(KeyPackagesTest, AStockIsNotEmptiedByAnybodyWithinAnHour) {
  Client anna = client("anna"), ben = client("ben");
  std::vector<base::Bytes> many;
  for (int i = 0; i < 60; ++i) many.push_back(message(ben));
  ASSERT_TRUE(packages->publish(ben.device, many, {}));
  for (std::uint32_t i = 0; i < kFetchesPerTargetMax; ++i)
    ASSERT_EQ(packages->fetch(anna.device.id, room, std::vector{ben.device.id})->packages.size(), 1U);
  EXPECT_EQ(packages->fetch(anna.device.id, room, std::vector{ben.device.id}).error().code, "key-package.limit");
  EXPECT_EQ(packages->stock(ben.device.id)->left, 10U);
  ASSERT_TRUE(packages->publish(ben.device, {}, message(ben)));
  EXPECT_TRUE(packages->fetch(anna.device.id, room, std::vector{ben.device.id})->packages[0].last_resort);
  clock.at = clock.at + base::Seconds{3600};
  EXPECT_FALSE(packages->fetch(anna.device.id, room, std::vector{ben.device.id})->packages[0].last_resort);
}

TEST(Rates, CountAnHourFromTheFirstTime) {
  Rates rates(3);
  const base::DeviceId one{{1}}, other{{2}};
  EXPECT_TRUE(rates.admit(one, 2, {100}));
  EXPECT_FALSE(rates.admit(one, 2, {200}));
  EXPECT_TRUE(rates.admit(one, 1, {200}));
  EXPECT_FALSE(rates.admit(one, 1, {3699}));
  EXPECT_TRUE(rates.admit(other, 3, {3699}));
  EXPECT_TRUE(rates.admit(one, 3, {3700}));
  EXPECT_TRUE(rates.admit(one, 1, {50}));  // the clock was set back
  EXPECT_FALSE(rates.admit(one, 4, {60}));
  EXPECT_FALSE(rates.admit(one, ~0U, {60}));
}

}  // namespace
}  // namespace gateway::groups
