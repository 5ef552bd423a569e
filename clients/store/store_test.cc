#include "clients/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "clients/store/file.h"
#include "tests/support/sqlite/faulty_disk.h"

namespace clients::store {
namespace {

namespace base = policy::base;
constexpr PinWork kCheap{1, 8192};
constexpr const char* kPin = "4711-Moorweg";
constexpr const char* kMarker = "MARKER-Schichttausch-MARKER";

template <typename Id>
Id id_of(std::uint8_t value) {
  Id id;
  id.bytes.fill(value);
  return id;
}

record::Message message_of(std::uint64_t sequence, std::int64_t deadline_s = 1000) {
  record::Message message;
  message.set_conversation(id_of<base::ConversationId>(1).wire());
  message.set_sequence(sequence);
  message.set_message_class(1);
  message.set_sender("anna");
  message.set_text(kMarker);
  message.set_deadline_s(deadline_s);
  return message;
}

record::Outgoing outgoing_of(std::uint8_t number) {
  record::Outgoing outgoing;
  outgoing.set_client_message_id(id_of<base::ClientMessageId>(number).wire());
  outgoing.add_persons("bert");
  outgoing.set_text(kMarker);
  return outgoing;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "feierabend-store-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    folder_ = root_ / "home";
    auto created = Store::create(folder_, kPin, random_, kCheap);
    EXPECT_TRUE(created) << to_string(created.error());
    store_ = std::move(*created);
  }
  ~StoreTest() override { std::filesystem::remove_all(root_); }

  void reopen(std::string_view pin = kPin) {
    store_.reset();
    auto opened = Store::open(folder_, pin, random_);
    ASSERT_TRUE(opened) << to_string(opened.error());
    store_ = std::move(*opened);
  }
  // Files of the folder that hold these bytes.
  std::size_t files_with(std::string_view marker) const {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
      if (bytes.find(marker) != std::string::npos) ++found;
    }
    return found;
  }

  tests::support::FaultyDisk disk_;  // not armed: for its not waiting for the real one
  base::SystemRandom random_;
  std::filesystem::path root_, folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, NothingReadableLiesOnTheDisk) {
  record::Account account;
  account.set_person("anna.MARKER-person");
  account.set_token("MARKER-token");
  account.set_identity_seed("MARKER-seed-of-the-device-key-32");
  ASSERT_TRUE(store_->save(account));
  ASSERT_TRUE(store_->add_incoming(message_of(1)));
  ASSERT_TRUE(store_->enqueue(outgoing_of(1)));
  record::KnownConversation conversation;
  conversation.set_conversation(id_of<base::ConversationId>(1).wire());
  conversation.add_members()->set_person("MARKER-member");
  ASSERT_TRUE(store_->save(conversation));
  ASSERT_TRUE(store_->put_ask("MARKER-ask", {5}));
  EXPECT_EQ(files_with("MARKER"), 0U);
  EXPECT_EQ(files_with(id_of<base::ConversationId>(1).wire()), 0U);
  // The search itself finds what is there.
  std::ofstream(folder_ / "probe") << kMarker;
  EXPECT_EQ(files_with("MARKER"), 1U);
}

TEST_F(StoreTest, EverythingIsThereAfterReopening) {
  record::Account account;
  account.set_person("anna");
  ASSERT_TRUE(store_->save(account));
  ASSERT_TRUE(store_->add_incoming(message_of(3)));
  ASSERT_TRUE(store_->enqueue(outgoing_of(7)));
  reopen();
  EXPECT_EQ((*store_->account())->person(), "anna");
  EXPECT_EQ((*store_->message(id_of<base::ConversationId>(1), 3))->text(), kMarker);
  EXPECT_EQ(*store_->last_sequence(id_of<base::ConversationId>(1), 1), 3U);
  ASSERT_EQ(store_->outbox()->size(), 1U);
  EXPECT_EQ(store_->outbox()->front().persons(0), "bert");
}

TEST_F(StoreTest, AWrongPinOpensNothing) {
  EXPECT_EQ(Store::open(folder_, "4711-Moorweh", random_).error().code, "store.pin");
  EXPECT_EQ(Store::open(folder_, "", random_).error().code, "store.pin");
  EXPECT_EQ(Store::open(root_ / "nowhere", kPin, random_).error().code, "store.absent");
  EXPECT_EQ(Store::create(folder_, kPin, random_, kCheap).error().code, "store.exists");
  EXPECT_EQ(Store::create(root_ / "b", "12345", random_, kCheap).error().code, "store.pin-short");
}

TEST_F(StoreTest, AChangedPinReplacesTheOldOne) {
  ASSERT_TRUE(store_->add_incoming(message_of(1)));
  ASSERT_TRUE(store_->change_pin("another PIN", kCheap));
  EXPECT_EQ(Store::open(folder_, kPin, random_).error().code, "store.pin");
  reopen("another PIN");
  EXPECT_TRUE((*store_->message(id_of<base::ConversationId>(1), 1)).has_value());
}

TEST_F(StoreTest, EveryChangedByteOfTheKeyFileIsNoticed) {
  const auto file = folder_ / "key";
  const auto good = **read_file(file, 4096);
  for (std::size_t at = 0; at < good.size(); ++at) {
    if (at >= 4 && at < 16) continue;  // how hard Argon2id works: bounded below, and too slow to try each bit
    auto bad = good;
    bad[at] ^= 1;
    ASSERT_TRUE(replace_file(file, bad));
    const auto opened = Store::open(folder_, kPin, random_);
    ASSERT_FALSE(opened) << at;
    EXPECT_THAT(opened.error().code, testing::AnyOf("store.pin", "store.damaged")) << at;
  }
  auto greedy = good;
  greedy[8] = 0xff;
  ASSERT_TRUE(replace_file(file, greedy));
  EXPECT_EQ(Store::open(folder_, kPin, random_).error().code, "store.damaged");
  ASSERT_TRUE(replace_file(file, base::ByteView(good).first(50)));
  EXPECT_EQ(Store::open(folder_, kPin, random_).error().code, "store.damaged");
}

TEST_F(StoreTest, ARepeatIsKnownAlsoAfterTheDeadline) {
  EXPECT_TRUE(*store_->add_incoming(message_of(1, 1000)));
  EXPECT_FALSE(*store_->add_incoming(message_of(1, 1000)));
  EXPECT_EQ(*store_->expire({999}), 0U);
  EXPECT_EQ(*store_->expire({1000}), 1U);
  EXPECT_FALSE(*store_->add_incoming(message_of(1, 1000)));
  EXPECT_EQ(store_->history(id_of<base::ConversationId>(1), 10)->size(), 0U);
  EXPECT_EQ(*store_->last_sequence(id_of<base::ConversationId>(1), 1), 1U);
  // A lower sequence that comes late is no repeat.
  EXPECT_TRUE(*store_->add_incoming(message_of(9, 5000)));
  EXPECT_TRUE(*store_->add_incoming(message_of(4, 5000)));
}

TEST_F(StoreTest, ShownMessagesAreNotShownAgain) {
  for (const std::uint64_t sequence : {2U, 1U}) ASSERT_TRUE(store_->add_incoming(message_of(sequence)));
  auto own = message_of(3);
  own.set_mine(true);
  ASSERT_TRUE(store_->add_incoming(own));
  const auto waiting = *store_->unshown(10);
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting[0].sequence(), 2U) << "in order of arrival";
  ASSERT_TRUE(store_->mark_shown(waiting[0]));
  ASSERT_EQ(store_->unshown(10)->size(), 1U);
  EXPECT_EQ(store_->history(id_of<base::ConversationId>(1), 2)->front().sequence(), 2U);
}

TEST_F(StoreTest, AnAcceptedMessageLeavesTheOutboxInOneStep) {
  ASSERT_TRUE(store_->enqueue(outgoing_of(1)));
  auto sent = message_of(5);
  sent.set_mine(true);
  sent.set_client_message_id(outgoing_of(1).client_message_id());
  ASSERT_TRUE(store_->accepted(sent));
  ASSERT_TRUE(store_->accepted(sent)) << "a second answer changes nothing";
  EXPECT_TRUE(store_->outbox()->empty());
  EXPECT_EQ((*store_->sent_message(id_of<base::ClientMessageId>(1)))->sequence(), 5U);
  EXPECT_TRUE(store_->unshown(10)->empty());
}

TEST_F(StoreTest, AFolderThatBecomesAnotherDeviceKeepsItsTextsAndNoGroup) {
  record::GroupState group;
  group.set_conversation(id_of<base::ConversationId>(1).wire());
  ASSERT_TRUE(store_->save_group(group, Store::Epoch::kSame, true));
  record::StagedStep step;
  step.set_conversation(group.conversation());
  ASSERT_TRUE(store_->stage(step));
  ASSERT_TRUE(store_->add_key_packages({{base::Bytes{1}, {}}}));
  ASSERT_TRUE(store_->add_incoming(message_of(1)));
  auto outgoing = outgoing_of(1);
  ASSERT_TRUE(store_->enqueue(outgoing));
  outgoing.mutable_sealed()->set_ciphertext("under the key of a group");
  ASSERT_TRUE(store_->protect(outgoing, id_of<base::ConversationId>(1), {}));
  ASSERT_TRUE(store_->forget_device());
  EXPECT_TRUE(store_->groups()->empty());
  EXPECT_TRUE(store_->all_staged()->empty());
  EXPECT_EQ(*store_->key_package_count(), 0U);
  EXPECT_EQ(store_->history(id_of<base::ConversationId>(1), 10)->size(), 1U);
  ASSERT_EQ(store_->outbox()->size(), 1U);
  EXPECT_EQ(store_->outbox()->front().text(), kMarker);
  EXPECT_FALSE(store_->outbox()->front().has_sealed());
}

TEST_F(StoreTest, TheOutboxHasABound) {
  for (std::size_t i = 0; i < kOutboxMax; ++i) {
    auto outgoing = outgoing_of(static_cast<std::uint8_t>(i));
    outgoing.mutable_client_message_id()->at(0) = static_cast<char>(i >> 8);
    ASSERT_TRUE(store_->enqueue(outgoing));
  }
  auto one_more = outgoing_of(250);
  one_more.mutable_client_message_id()->at(0) = 99;
  EXPECT_EQ(store_->enqueue(one_more).error().code, "store.full");
}

TEST_F(StoreTest, WorkPassesBetweenProcesses) {
  auto other = Store::open(folder_, kPin, random_);
  ASSERT_TRUE(other);
  (void)store_->changed_elsewhere();
  EXPECT_FALSE(*store_->changed_elsewhere());
  const auto id = (*other)->put_ask("why?", {100});
  ASSERT_TRUE(id);
  EXPECT_TRUE(*store_->changed_elsewhere());
  ASSERT_EQ(store_->open_asks()->size(), 1U);
  EXPECT_EQ(store_->open_asks()->front().request, "why?");
  EXPECT_EQ(*(*other)->take_answer(*id), std::nullopt);
  ASSERT_TRUE(store_->answer_ask(*id, "because"));
  EXPECT_TRUE(store_->open_asks()->empty());
  EXPECT_EQ(*(*other)->take_answer(*id), "because");
  EXPECT_EQ(*(*other)->take_answer(*id), std::nullopt);
}

TEST_F(StoreTest, OneProcessHoldsTheStream) {
  auto first = StreamLock::try_hold(folder_);
  ASSERT_TRUE(first && first->has_value());
  EXPECT_FALSE(StreamLock::try_hold(folder_)->has_value());
  EXPECT_EQ(StreamLock::holder(folder_), getpid());
  first->reset();
  EXPECT_EQ(StreamLock::holder(folder_), std::nullopt);
  EXPECT_TRUE(StreamLock::try_hold(folder_)->has_value());
}

TEST_F(StoreTest, MovedRecordsAreNoticed) {
  ASSERT_TRUE(store_->enqueue(outgoing_of(1)));
  ASSERT_TRUE(store_->enqueue(outgoing_of(2)));
  store_.reset();
  // Swaps the two sealed records with SQLite's own shell semantics: a thief may write to the file.
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ / "messages.db").c_str(), &raw), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(raw, "UPDATE outbox SET sealed = (SELECT sealed FROM outbox o WHERE o.position <> outbox.position)",
                   nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(raw);
  auto opened = Store::open(folder_, kPin, random_);
  ASSERT_TRUE(opened);
  EXPECT_EQ((*opened)->outbox().error().code, "store.damaged");
}

TEST_F(StoreTest, AWipeLeavesNothing) {
  ASSERT_TRUE(store_->add_incoming(message_of(1)));
  ASSERT_TRUE(Store::wipe(folder_, random_));
  EXPECT_FALSE(std::filesystem::exists(folder_));
  store_.reset();
  EXPECT_EQ(Store::open(folder_, kPin, random_).error().code, "store.absent");
  EXPECT_TRUE(Store::wipe(folder_, random_)) << "twice is no error";
}

TEST_F(StoreTest, AFileInsteadOfADatabaseIsAnError) {
  store_.reset();
  std::ofstream(folder_ / "messages.db", std::ios::trunc) << std::string(8192, 'x');
  EXPECT_EQ(Store::open(folder_, kPin, random_).error().code, "store.damaged");
}

}  // namespace
}  // namespace clients::store
