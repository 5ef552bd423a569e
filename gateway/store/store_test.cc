#include "gateway/store/store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "policy/base/random.h"

namespace gateway::store {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("feierabend_store_" + base::to_hex(random_.array<8>()));
    std::filesystem::create_directory(folder_);
    store_ = open();
    for (const char* person : {"anna", "ben", "cora"}) ASSERT_TRUE(store_->ensure_person(person, "", mailbox()));
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string path() const { return folder_ / "gateway.db"; }
  std::unique_ptr<Store> open() const { return Store::open(path()).value(); }
  void restart() {
    store_.reset();
    store_ = open();
  }
  base::MailboxId mailbox() { return {random_.array<16>()}; }
  base::ConversationId conversation() { return {random_.array<16>()}; }
  Device device(const std::string& person) {
    return {.id = {random_.array<16>()},
            .person = person,
            .name = "phone",
            .kind = DeviceKind::phone,
            .state = DeviceState::active,
            .sign_key = random_.array<32>(),
            .enrolled = {1000},
            .ended = {}};
  }
  Session session(const Device& device, std::int64_t expires = 5000) {
    return {.id = {random_.array<16>()},
            .person = device.person,
            .device = device.id,
            .logged_in = {1000},
            .expires = {expires},
            .last_seen = {1000}};
  }

  base::SystemRandom random_;
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, FileIsReadableByItsOwnerOnly) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info{};
    ASSERT_EQ(::stat((path() + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(StoreTest, AFileThatIsNoDatabaseIsSaidToBeNone) {
  const std::string other = folder_ / "text.db";
  std::ofstream(other) << std::string(5000, 'x');
  const auto store = Store::open(other);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "store.failed");
  EXPECT_EQ(store.error().where, other);
  EXPECT_FALSE(Store::open(folder_ / "missing" / "gateway.db"));
}

TEST_F(StoreTest, MailboxIsStableOverRestartAndLeadsBackToItsPerson) {
  const base::MailboxId first = store_->person("anna").value()->mailbox;
  restart();
  EXPECT_EQ(store_->ensure_person("anna", "", mailbox())->record.mailbox, first);
  EXPECT_EQ(store_->person_of(first).value()->person, "anna");
  EXPECT_EQ(store_->person("nobody").value(), std::nullopt);
}

TEST_F(StoreTest, AUidGivenToSomebodyElseStartsFromNothing) {
  ASSERT_EQ(store_->ensure_person("anna", "uuid-1", mailbox())->replaced, false);  // first seen without, now with
  const base::MailboxId first = store_->person("anna").value()->mailbox;
  ASSERT_EQ(store_->add_device(device("anna"), 3).value(), Store::Added::yes);
  ASSERT_TRUE(store_->open_direct("anna", "ben", conversation(), {1}));
  const auto ensured = store_->ensure_person("anna", "uuid-2", mailbox());
  EXPECT_TRUE(ensured->replaced);
  EXPECT_NE(ensured->record.mailbox, first);
  EXPECT_TRUE(store_->all_devices("anna")->empty());
  EXPECT_TRUE(store_->conversations_of("ben")->empty());
}

TEST_F(StoreTest, EachCodeCountsOnceAlsoAfterRestart) {
  ASSERT_TRUE(store_->add_factor("anna", {.sealed_secret = {1, 2, 3}, .last_counter = 10}));
  EXPECT_EQ(store_->add_factor("anna", {.sealed_secret = {4}, .last_counter = 0}).error().code, "factor.exists");
  EXPECT_FALSE(store_->advance_counter("anna", 10).value());
  EXPECT_TRUE(store_->advance_counter("anna", 11).value());
  restart();
  EXPECT_FALSE(store_->advance_counter("anna", 11).value());
  EXPECT_FALSE(store_->advance_counter("anna", 9).value());
  EXPECT_EQ(store_->factor("anna").value()->sealed_secret, (base::Bytes{1, 2, 3}));
  EXPECT_FALSE(store_->advance_counter("ben", 1).value());
}

TEST_F(StoreTest, LockHoldsOverRestartAndOneFailureAfterItLocksAgain) {
  const auto attempt = [&](std::int64_t now) { return store_->begin_attempt("eve", {now}, 3, {900}).value(); };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(attempt(100).allowed);
  EXPECT_FALSE(attempt(101).allowed);
  restart();
  EXPECT_FALSE(attempt(999).allowed);
  EXPECT_EQ(attempt(999).locked_until.unix_s, 1000);
  EXPECT_TRUE(attempt(1000).allowed);
  EXPECT_FALSE(attempt(1001).allowed);
  ASSERT_TRUE(store_->clear_failures("eve"));
  EXPECT_TRUE(attempt(1002).allowed);
}

TEST_F(StoreTest, AttemptsThatWereRightDoNotCount) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(store_->begin_attempt("anna", {100}, 3, {900})->allowed);
    ASSERT_TRUE(store_->return_attempt("anna"));
  }
}

TEST_F(StoreTest, AttemptsInParallelCannotOutrunTheLock) {
  const auto second = open();
  std::atomic<int> allowed = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back(
        [&, i] { allowed += (i % 2 ? *store_ : *second).begin_attempt("anna", {100}, 5, {900})->allowed; });
  threads.clear();
  EXPECT_EQ(allowed, 5);
}

TEST_F(StoreTest, FiftyEnrolmentsAtTwoDevicesEndInExactlyThree) {
  for (int i = 0; i < 2; ++i) ASSERT_EQ(store_->add_device(device("anna"), 3).value(), Store::Added::yes);
  const auto second = open();  // as if another process enrolled at the same time
  std::vector<Device> wanted;
  for (int i = 0; i < 50; ++i) wanted.push_back(device("anna"));
  std::atomic<int> added = 0, refused = 0;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto outcome = (i % 2 ? *store_ : *second).add_device(wanted[i], 3);
      if (outcome) (*outcome == Store::Added::yes ? added : refused) += 1;
    });
  }
  threads.clear();
  EXPECT_EQ(added, 1);
  EXPECT_EQ(refused, 49);
  EXPECT_EQ(store_->active_devices("anna")->size(), 3U);
}

TEST_F(StoreTest, AFreedSlotIsUsedAgainAndAStricterLimitHolds) {
  std::vector<Device> devices;
  for (int i = 0; i < 3; ++i) devices.push_back(device("anna"));
  for (const Device& one : devices) ASSERT_EQ(store_->add_device(one, 3).value(), Store::Added::yes);
  EXPECT_EQ(store_->add_device(device("anna"), 3).value(), Store::Added::limit_reached);
  ASSERT_TRUE(store_->end_device(devices[1].id, DeviceState::removed, {2000}).value());
  EXPECT_EQ(store_->add_device(device("anna"), 2).value(), Store::Added::limit_reached);  // slots 1 and 3 are taken
  EXPECT_EQ(store_->add_device(device("anna"), 3).value(), Store::Added::yes);
  EXPECT_EQ(store_->add_device(device("ben"), 3).value(), Store::Added::yes);
  EXPECT_EQ(store_->all_devices("anna")->size(), 4U);
}

TEST_F(StoreTest, TheKeyOfAnEndedDeviceIsNeverAcceptedAgain) {
  Device wiped = device("anna");
  ASSERT_EQ(store_->add_device(wiped, 3).value(), Store::Added::yes);
  ASSERT_TRUE(store_->end_device(wiped.id, DeviceState::wiped, {2000}).value());
  EXPECT_FALSE(store_->end_device(wiped.id, DeviceState::removed, {2001}).value());
  wiped.id = {random_.array<16>()};
  EXPECT_EQ(store_->add_device(wiped, 3).value(), Store::Added::key_known);
  EXPECT_EQ(store_->device_of_key(wiped.sign_key).value()->state, DeviceState::wiped);
}

TEST_F(StoreTest, APendingTokenReplacesTheFirstOnceItIsUsed) {
  const Device phone = device("anna");
  ASSERT_EQ(store_->add_device(phone, 3).value(), Store::Added::yes);
  const Session one = session(phone);
  const Hash first = random_.array<32>(), second = random_.array<32>();
  ASSERT_TRUE(store_->add_session(one, first));
  ASSERT_TRUE(store_->set_pending(one.id, second));
  EXPECT_FALSE(store_->session_of(first).value()->by_pending);
  EXPECT_TRUE(store_->session_of(second).value()->by_pending);
  ASSERT_TRUE(store_->promote_pending(one.id));
  EXPECT_EQ(store_->session_of(first)->has_value(), false);
  EXPECT_FALSE(store_->session_of(second).value()->by_pending);
  ASSERT_TRUE(store_->promote_pending(one.id));  // a second time changes nothing
  EXPECT_TRUE(store_->session_of(second)->has_value());
}

TEST_F(StoreTest, SessionsEndWithDevicePersonAndTime) {
  const Device phone = device("anna"), tablet = device("anna"), other = device("ben");
  for (const Device& one : {phone, tablet, other}) ASSERT_EQ(store_->add_device(one, 3).value(), Store::Added::yes);
  const Hash a = random_.array<32>(), b = random_.array<32>(), c = random_.array<32>();
  ASSERT_TRUE(store_->add_session(session(phone), a));
  ASSERT_TRUE(store_->add_session(session(tablet), b));
  ASSERT_TRUE(store_->add_session(session(other, 3000), c));
  EXPECT_EQ(store_->people_with_sessions().value(), (std::vector<std::string>{"anna", "ben"}));
  ASSERT_TRUE(store_->end_device(phone.id, DeviceState::wiped, {1500}).value());
  EXPECT_TRUE(store_->session_of(a).value()->wiped);
  EXPECT_EQ(store_->end_sessions_of("anna").value(), 1U);
  EXPECT_FALSE(store_->session_of(b)->has_value());
  EXPECT_TRUE(store_->session_of(a)->has_value());  // still there to tell the device
  EXPECT_EQ(store_->purge_sessions({3000}).value(), 1U);
  EXPECT_FALSE(store_->session_of(c)->has_value());
}

TEST_F(StoreTest, ARemovedDeviceHasNoLiveSessionAndCanBeToldSo) {
  const Device phone = device("anna");
  ASSERT_EQ(store_->add_device(phone, 3).value(), Store::Added::yes);
  const Hash token = random_.array<32>();
  ASSERT_TRUE(store_->add_session(session(phone), token));
  ASSERT_TRUE(store_->end_device(phone.id, DeviceState::removed, {1500}).value());
  EXPECT_TRUE(store_->session_of(token).value()->wiped);
  EXPECT_TRUE(store_->people_with_sessions()->empty());
  EXPECT_EQ(store_->end_sessions_of("anna").value(), 0U);
  EXPECT_EQ(store_->add_session(session(phone), random_.array<32>()).error().code, "device.unknown");
  EXPECT_EQ(store_->purge_sessions({5000}).value(), 1U);
  EXPECT_FALSE(store_->session_of(token)->has_value());
}

TEST_F(StoreTest, TwoPeopleHaveOneDirectConversation) {
  const auto second = open();
  std::vector<std::jthread> threads;
  std::vector<base::ConversationId> ids(20);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    threads.emplace_back([&, i] {
      base::SystemRandom random;
      const bool swap = i % 2;
      ids[i] = (swap ? *store_ : *second)
                   .open_direct(swap ? "anna" : "ben", swap ? "ben" : "anna", {random.array<16>()}, {1})
                   ->id;
    });
  }
  threads.clear();
  for (const auto& id : ids) EXPECT_EQ(id, ids[0]);
  EXPECT_EQ(store_->conversation(ids[0]).value()->members, (std::vector<std::string>{"anna", "ben"}));
  EXPECT_TRUE(store_->is_member(ids[0], "anna").value());
  EXPECT_FALSE(store_->is_member(ids[0], "cora").value());
  EXPECT_EQ(store_->open_direct("anna", "anna", conversation(), {1}).error().code, "conversation.members");
  EXPECT_EQ(store_->open_direct("anna", "nobody", conversation(), {1}).error().code, "conversation.members");
}

TEST_F(StoreTest, GroupsAreBoundedAndKnowOnlyKnownPeople) {
  const std::vector<std::string> members{"cora", "anna", "cora"};
  const auto group = store_->create_group(members, conversation(), {1});
  EXPECT_EQ(group->members, (std::vector<std::string>{"anna", "cora"}));
  EXPECT_EQ(store_->conversations_of("cora").value(), std::vector<Conversation>{*group});
  EXPECT_EQ(store_->create_group({}, conversation(), {1}).error().code, "conversation.members");
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= kMembersMax; ++i) many.push_back("p" + std::to_string(i));
  EXPECT_EQ(store_->create_group(many, conversation(), {1}).error().code, "conversation.members");
}

TEST_F(StoreTest, RulesInForceSurviveARestartAndNeverGetOlder) {
  EXPECT_FALSE(store_->rules_in_force().value());
  const RulesInForce seven{7, std::string("bundle\0seven", 12), "note"}, eight{8, "bundle eight", ""};
  ASSERT_TRUE(store_->put_rules_in_force(seven));
  ASSERT_TRUE(store_->put_rules_in_force(seven));  // once more is no change
  restart();
  EXPECT_EQ(store_->rules_in_force().value(), seven);
  EXPECT_EQ(store_->put_rules_in_force({7, "other bytes", "note"}).error().code, "store.constraint");
  ASSERT_TRUE(store_->put_rules_in_force(eight));
  EXPECT_EQ(store_->put_rules_in_force(seven).error().code, "store.constraint");
  EXPECT_FALSE(store_->put_rules_in_force({0, "none", ""}));
  restart();
  EXPECT_EQ(store_->rules_in_force().value(), eight);
}

TEST_F(StoreTest, ForgottenBytesAreGoneFromFileAndWal) {
  const std::string marker = "Marker-Geheim-4711";
  Device marked = device("anna");
  marked.name = marker;
  ASSERT_EQ(store_->add_device(marked, 3).value(), Store::Added::yes);
  ASSERT_TRUE(store_->forget_person("anna"));
  ASSERT_TRUE(store_->checkpoint().value());
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    EXPECT_EQ(bytes.find(marker), std::string::npos) << entry.path();
  }
}

TEST_F(StoreTest, OverridesOutliveARestartAndAreForgottenAfterTwoWeeks) {
  const Override first{"anna", "exception.einsatz", "einsatzleitung", "grosslage", "ben", {{1000}, {2000}}};
  Override second = first;
  second.span = {{1500}, {1600}};
  ASSERT_TRUE(store_->add_override(second));
  ASSERT_TRUE(store_->add_override(first));
  ASSERT_TRUE(store_->add_override(first));
  restart();
  EXPECT_EQ(store_->overrides_of("anna").value(), (std::vector<Override>{first, second}));
  EXPECT_EQ(store_->overrides_by("ben").value().size(), 2U);
  EXPECT_TRUE(store_->overrides_of("ben").value().empty());
  EXPECT_EQ(store_->add_override({"nobody", "r", "g", "x", "ben", {{1}, {2}}}).error().code, "store.constraint");
  ASSERT_TRUE(store_->purge_openings({1600 + kOpeningsKept_s}));
  EXPECT_EQ(store_->overrides().value().size(), 2U);
  ASSERT_TRUE(store_->purge_openings({1601 + kOpeningsKept_s}));
  EXPECT_EQ(store_->overrides().value(), std::vector<Override>{first});
  ASSERT_TRUE(store_->forget_person("anna"));
  EXPECT_TRUE(store_->overrides().value().empty());
}

TEST_F(StoreTest, AnOpeningIsClosedAtTheSecondAndOneThatHasNotBegunIsNone) {
  ASSERT_TRUE(store_->add_self_opening({"anna", {{1000}, {2000}}}));
  ASSERT_TRUE(store_->add_self_opening({"anna", {{1500}, {2500}}}));
  ASSERT_TRUE(store_->add_self_opening({"ben", {{1000}, {2000}}}));
  EXPECT_TRUE(store_->close_self_openings("anna", {1500}).value());
  EXPECT_EQ(store_->self_openings_of("anna").value(), (std::vector<SelfOpening>{{"anna", {{1000}, {1500}}}}));
  EXPECT_EQ(store_->self_openings().value().size(), 2U) << "ben's is his own";
  EXPECT_FALSE(store_->close_self_openings("anna", {1600}).value());
}

TEST_F(StoreTest, OpeningsOfOnePersonAreBounded) {
  for (std::int64_t i = 0; i < kOpeningsPerPersonMax; ++i)
    ASSERT_TRUE(store_->add_self_opening({"anna", {{i}, {i + 1}}}));
  EXPECT_EQ(store_->add_self_opening({"anna", {{5000}, {5001}}}).error().code, "opening.too-many");
  EXPECT_TRUE(store_->add_self_opening({"ben", {{5000}, {5001}}}));
}

TEST_F(StoreTest, EveryChangeOfOpeningsHasAVersionOfItsOwn) {
  const auto before = store_->openings_version();
  ASSERT_TRUE(store_->add_self_opening({"anna", {{1000}, {2000}}}));
  const auto opened = store_->openings_version();
  ASSERT_TRUE(store_->close_self_openings("anna", {1500}).value());
  EXPECT_LT(before, opened);
  EXPECT_LT(opened, store_->openings_version());
}

TEST_F(StoreTest, PeopleWhoOpenedAreCountedOnceADay) {
  constexpr std::int64_t kDay = 86400;
  for (const std::int64_t begin : {kDay, kDay + 100, 2 * kDay - 1, 2 * kDay})
    ASSERT_TRUE(store_->add_self_opening({"anna", {{begin}, {begin + 50}}}));
  ASSERT_TRUE(store_->add_self_opening({"ben", {{kDay + 7}, {kDay + 8}}}));
  EXPECT_EQ(store_->people_who_opened({kDay}).value(), 2U);
  EXPECT_EQ(store_->people_who_opened({2 * kDay}).value(), 1U);
  EXPECT_EQ(store_->people_who_opened({3 * kDay}).value(), 0U);
  EXPECT_EQ(store_->counted_until().value(), std::nullopt);
  ASSERT_TRUE(store_->set_counted_until({kDay}));
  ASSERT_TRUE(store_->set_counted_until({2 * kDay}));
  restart();
  EXPECT_EQ(store_->counted_until().value(), base::Instant{2 * kDay});
}

TEST_F(StoreTest, OpeningsOfPseudonymsAreToldWhenTheirTimeHasCome) {
  const PseudonymOpening first{{1}, {{0}, {86400}}, "incident", {200000}, {300000}};
  const PseudonymOpening second{{2}, {{86400}, {2 * 86400}}, "lawfulness", {250000}, {350000}};
  ASSERT_TRUE(store_->add_pseudonym_opening(second));
  ASSERT_TRUE(store_->add_pseudonym_opening(first));
  auto again = first;
  again.told = {999999};
  ASSERT_TRUE(store_->add_pseudonym_opening(again)) << "handed in twice: no later telling";
  restart();
  EXPECT_TRUE(store_->pseudonym_openings_told({299999})->empty());
  EXPECT_EQ(store_->pseudonym_openings_told({300000}).value(), std::vector<PseudonymOpening>{first});
  EXPECT_EQ(store_->pseudonym_openings_told({400000}).value(), (std::vector<PseudonymOpening>{first, second}));
  ASSERT_TRUE(store_->purge_pseudonym_openings({300001 + kPseudonymOpeningsKept_s}));
  EXPECT_EQ(store_->pseudonym_openings_told({400000}).value(), std::vector<PseudonymOpening>{second});
}

TEST_F(StoreTest, ExpiredUnreadIsACountADay) {
  ASSERT_TRUE(store_->add_expired("anna", 2, {100}));
  ASSERT_TRUE(store_->add_expired("anna", 3, {86399}));
  ASSERT_TRUE(store_->add_expired("anna", 1, {86400}));
  ASSERT_TRUE(store_->add_expired("anna", 0, {99999}));
  EXPECT_EQ(store_->expired_of("anna").value(), (std::vector<Expiry>{{{0}, 5}, {{86400}, 1}}));
  EXPECT_TRUE(store_->expired_of("ben").value().empty());
}

}  // namespace
}  // namespace gateway::store
