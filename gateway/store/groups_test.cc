#include <gtest/gtest.h>

#include <filesystem>

#include "gateway/store/store.h"
#include "policy/base/random.h"

namespace gateway::store {
namespace {

constexpr base::Instant kNow{1'800'000'000};
constexpr base::Instant kLater{1'800'000'000 + 84 * 86400};

class GroupsStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("feierabend_groups_" + base::to_hex(random_.array<8>()));
    std::filesystem::create_directory(folder_);
    restart();
    for (const char* person : {"anna", "ben"}) ASSERT_TRUE(store_->ensure_person(person, "", {random_.array<16>()}));
    phone_ = device("anna");
    other_ = device("ben");
    conversation_ = store_->open_direct("anna", "ben", {random_.array<16>()}, kNow)->id;
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void restart() {
    store_.reset();
    store_ = Store::open(folder_ / "gateway.db").value();
  }
  base::DeviceId device(const std::string& person) {
    const Device made{.id = {random_.array<16>()},
                      .person = person,
                      .name = "phone",
                      .kind = DeviceKind::phone,
                      .state = DeviceState::active,
                      .sign_key = random_.array<32>(),
                      .enrolled = kNow,
                      .ended = {}};
    EXPECT_EQ(store_->add_device(made, 3).value(), Store::Added::yes);
    return made.id;
  }
  KeyPackage package(std::uint8_t number, base::Instant not_after = kLater) {
    return {{number}, {number, 1, 2}, not_after};
  }
  Group group() const { return {conversation_, 0, {1}, {2}, {}}; }
  Candidate candidate() const { return {conversation_, {{7}}, phone_, {{8}}, 0, {3}, {4}, {other_}, {}, {5}, {6}}; }
  static LastCommit last(const base::DeviceId& device) { return {{{7}}, device, 12, kNow, kLater}; }

  base::SystemRandom random_;
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
  base::DeviceId phone_, other_;
  base::ConversationId conversation_;
};

TEST_F(GroupsStoreTest, AKeyPackageIsHandedOutOnceAndNeverTakenAgain) {
  const std::vector<KeyPackage> two{package(1), package(2)};
  ASSERT_TRUE(store_->add_key_packages(phone_, two, {}, kNow).value());
  EXPECT_EQ(store_->key_package_stock(phone_, kNow)->left, 2U);
  const auto first = store_->hand_out(phone_, kNow).value();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->package, two[0].package);
  EXPECT_EQ(first->left, 1U);
  restart();
  ASSERT_TRUE(store_->add_key_packages(phone_, two, {}, kNow).value());
  EXPECT_EQ(store_->hand_out(phone_, kNow).value()->package, two[1].package);
  EXPECT_FALSE(store_->hand_out(phone_, kNow).value());
}

TEST_F(GroupsStoreTest, TheLastResortStaysAndIsCounted) {
  ASSERT_TRUE(store_->add_key_packages(phone_, {}, package(9), kNow).value());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(store_->hand_out(phone_, kNow).value()->last_resort);
  EXPECT_EQ(store_->key_package_stock(phone_, kNow)->last_resort->handed_out, 2U);
  ASSERT_TRUE(store_->add_key_packages(phone_, {}, package(9), kNow).value());  // the same one is no new one
  EXPECT_EQ(store_->key_package_stock(phone_, kNow)->last_resort->handed_out, 2U);
  ASSERT_TRUE(store_->add_key_packages(phone_, {}, package(10), kNow).value());
  EXPECT_EQ(store_->key_package_stock(phone_, kNow)->last_resort->handed_out, 0U);
}

TEST_F(GroupsStoreTest, WhatHasRunOutIsNotHandedOut) {
  const base::Instant soon{kNow.unix_s + 5};
  ASSERT_TRUE(store_->add_key_packages(phone_, std::vector{package(1, soon)}, package(2, soon), kNow).value());
  EXPECT_FALSE(store_->hand_out(phone_, soon).value());
  ASSERT_TRUE(store_->purge_key_packages(soon));
  EXPECT_FALSE(store_->key_package_stock(phone_, kNow)->last_resort);
}

TEST_F(GroupsStoreTest, NoMoreWaitThanAHundred) {
  std::vector<KeyPackage> many;
  for (std::uint8_t i = 0; i < kKeyPackagesMax; ++i) many.push_back(package(i));
  ASSERT_TRUE(store_->add_key_packages(phone_, many, {}, kNow).value());
  EXPECT_FALSE(store_->add_key_packages(phone_, std::vector{package(200)}, {}, kNow).value());
  EXPECT_EQ(store_->key_package_stock(phone_, kNow)->left, kKeyPackagesMax);
}

TEST_F(GroupsStoreTest, ADeviceThatEndsTakesItsKeyPackagesAlong) {
  ASSERT_TRUE(store_->add_key_packages(phone_, std::vector{package(1)}, package(2), kNow).value());
  ASSERT_TRUE(store_->end_device(phone_, DeviceState::wiped, kNow).value());
  EXPECT_FALSE(store_->hand_out(phone_, kNow).value());
}

TEST_F(GroupsStoreTest, OneDeviceStartsTheGroup) {
  EXPECT_TRUE(store_->begin_group(group(), phone_).value());
  EXPECT_FALSE(store_->begin_group(group(), other_).value());
  EXPECT_EQ(store_->group(conversation_).value(), group());
  EXPECT_EQ(store_->groups_of_device(phone_).value(), std::vector{conversation_});
  EXPECT_TRUE(store_->groups_of_device(other_)->empty());
}

TEST_F(GroupsStoreTest, ACandidateOutlivesTheProcessUntilItIsPromotedOrDropped) {
  ASSERT_TRUE(store_->begin_group(group(), phone_));
  ASSERT_TRUE(store_->put_candidate(candidate()));
  EXPECT_FALSE(store_->put_candidate(candidate()));
  restart();
  EXPECT_EQ(store_->candidate(conversation_).value(), candidate());
  EXPECT_EQ(store_->groups_with_candidates().value(), std::vector{conversation_});
  EXPECT_EQ(store_->group(conversation_).value(), group());
  ASSERT_TRUE(store_->promote_candidate(conversation_, last(phone_)).value());
  EXPECT_EQ(store_->group(conversation_).value(), (Group{conversation_, 1, {5}, {6}, last(phone_)}));
  EXPECT_EQ(store_->groups_of_person("ben").value(), std::vector{conversation_});
  EXPECT_FALSE(store_->promote_candidate(conversation_, last(phone_)).value());
}

TEST_F(GroupsStoreTest, WhoComesBackByHimselfIsOneLeaf) {
  ASSERT_TRUE(store_->begin_group(group(), phone_));
  Candidate resync = candidate();
  resync.welcome.clear();
  resync.joined = resync.left = {phone_};
  ASSERT_TRUE(store_->put_candidate(resync));
  ASSERT_TRUE(store_->promote_candidate(conversation_, last(phone_)).value());
  EXPECT_EQ(store_->groups_of_device(phone_).value(), std::vector{conversation_});
}

TEST_F(GroupsStoreTest, RemovalsWaitForTheNextEpoch) {
  ASSERT_TRUE(store_->begin_group(group(), phone_));
  const Removal removal{conversation_, 0, {1}, {2, 3}, false};
  ASSERT_TRUE(store_->put_proposals(conversation_, base::Bytes{9}, std::vector{removal}));
  EXPECT_EQ(store_->group(conversation_).value()->state, base::Bytes{9});
  EXPECT_EQ(store_->group_standing(conversation_).value(), (GroupStanding{0, true}));
  EXPECT_EQ(store_->removals(conversation_).value(), std::vector{removal});
  EXPECT_EQ(store_->groups_with_untold_removals().value(), std::vector{conversation_});
  ASSERT_TRUE(store_->removal_told(conversation_, removal.reference));
  EXPECT_TRUE(store_->groups_with_untold_removals()->empty());
  ASSERT_TRUE(store_->put_candidate(candidate()));
  ASSERT_TRUE(store_->promote_candidate(conversation_, last(phone_)));
  EXPECT_EQ(store_->group_standing(conversation_).value(), (GroupStanding{1, false}));
}

TEST_F(GroupsStoreTest, LeavesOfEndedDevicesAndForgottenPeopleAreStrays) {
  const auto wide = store_->create_group(std::vector<std::string>{"anna", "ben"}, {random_.array<16>()}, kNow)->id;
  ASSERT_TRUE(store_->begin_group(group(), phone_));
  ASSERT_TRUE(store_->begin_group({wide, 0, {1}, {2}, {}}, other_));
  EXPECT_TRUE(store_->groups_with_strays()->empty());
  EXPECT_EQ(store_->people_with_leaves().value(), (std::vector<std::string>{"anna", "ben"}));
  ASSERT_TRUE(store_->end_device(phone_, DeviceState::removed, kNow).value());
  EXPECT_EQ(store_->groups_with_strays().value(), std::vector{conversation_});
  ASSERT_TRUE(store_->forget_person("ben"));  // with the direct conversation
  EXPECT_EQ(store_->groups_with_strays().value(), std::vector{wide});
}

}  // namespace
}  // namespace gateway::store
