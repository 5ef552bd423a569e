#include "relay/store/sqlite/store.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "relay/store/port/contract.h"
#include "relay/store/sqlite/schema.h"

namespace relay::store::contract {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "relay-store-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

  // Everything in all files, one after the other.
  std::string bytes() const {
    std::string out;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      std::ifstream in(entry.path(), std::ios::binary);
      out.append(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()).append(64, '\0');
    }
    return out;
  }
  // How many of these markers are in any file.
  std::size_t count(const std::vector<std::string>& markers) const {
    const std::string all = bytes();
    return static_cast<std::size_t>(std::ranges::count_if(
        markers, [&](const auto& one) { return memmem(all.data(), all.size(), one.data(), one.size()) != nullptr; }));
  }

 private:
  std::string path_;
};

// As the first release wrote it.
void write_version_one(const std::string& folder) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder + "/relay.db").c_str(), &database), SQLITE_OK);
  const std::string sql = std::string(kSchemaFirst) +
                          "INSERT INTO secret VALUES(zeroblob(32)); "
                          "INSERT INTO conversation VALUES(x'01010101010101010101010101010101', 7, 2); "
                          "PRAGMA user_version=1";
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
  sqlite3_close(database);
}

TEST(SqliteStore, OpensTheFolderOfAnOlderRelay) {
  const Folder folder;
  SeededRandom random(1);
  write_version_one(folder.path());
  for (int round = 0; round < 2; ++round) {
    const auto store = SqliteStore::open(folder.path(), random);
    ASSERT_TRUE(store) << store.error().seen;
    const std::vector<Change> changes{CreateConversation{conversation(1), {mailbox(1), mailbox(2)}},
                                      RegisterDevice{mailbox(1), device(1)},
                                      accept({.number = static_cast<std::uint8_t>(round + 1), .epoch = 2})};
    const auto outcomes = (*store)->commit(changes, kNow);
    ASSERT_TRUE(outcomes);
    ASSERT_TRUE(outcomes->at(2)) << outcomes->at(2).error().seen;
    EXPECT_EQ(outcomes->at(2)->accepted->sequence, static_cast<std::uint64_t>(8 + round));
  }
}

class SqliteWorld final : public World {
 public:
  SqliteWorld() { reopen(); }
  Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    store_ = SqliteStore::open(folder_.path(), random_).value();
  }

 private:
  Folder folder_;
  SeededRandom random_{1};
  std::unique_ptr<SqliteStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values([] { return std::make_unique<SqliteWorld>(); }));

std::string_view text(const policy::base::Bytes& bytes) { return policy::base::as_text(bytes); }

std::vector<Change> setting() {
  return {CreateConversation{conversation(1), {mailbox(1), mailbox(2)}}, RegisterDevice{mailbox(1), device(1)},
          RegisterDevice{mailbox(2), device(2)}};
}

// A day's traffic over several buckets, large and small envelopes; returns what must vanish at `kNow + 5 h`: keys and
// nonces, as the store drew them, and the message ids.
struct Traffic {
  std::vector<std::string> keys;
  std::vector<std::string> nonces;
  std::vector<std::string> message_ids;
};

Traffic send_traffic(Store& store, SeededRandom& random, int messages) {
  Traffic out;
  EXPECT_TRUE(store.commit(setting(), kNow));
  for (int i = 0; i < messages; ++i) {
    Accept one = accept({.deadline = kNow + Seconds{(1 + i % 5) * std::int64_t{3600}}});
    const std::string message_id = "marker-" + std::to_string(100'000'000 + i);
    one.envelope.set_client_message_id(message_id);
    one.envelope.set_ciphertext("ciphertext-" + message_id + std::string(static_cast<std::size_t>(i % 7) * 1500, 'x'));
    random.given.clear();
    const Change change = one;
    EXPECT_TRUE(store.commit({&change, 1}, kNow).value()[0]);
    for (const auto& bytes : random.given) (bytes.size() == 32 ? out.keys : out.nonces).emplace_back(text(bytes));
    out.message_ids.push_back(message_id);
  }
  return out;
}

TEST(SqliteDeletion, NoByteIsLeftInAnyFile) {
  const Folder folder;
  SeededRandom random(7);
  auto store = SqliteStore::open(folder.path(), random).value();
  const Traffic traffic = send_traffic(*store, random, 400);
  ASSERT_EQ(traffic.keys.size(), 5U);
  ASSERT_EQ(traffic.nonces.size(), 400U);
  EXPECT_EQ(folder.count(traffic.keys), 5U);
  EXPECT_EQ(folder.count(traffic.nonces), 400U);
  // Encrypted at rest, and remembered by a keyed digest: neither content nor message id is on disk in the clear at any
  // time.
  EXPECT_EQ(folder.count(traffic.message_ids), 0U);

  ASSERT_EQ(store->destroy_due(kNow + Seconds{4 * 3600}).value(), 4U);
  EXPECT_EQ(folder.count(traffic.keys), 1U);
  EXPECT_EQ(folder.count(traffic.nonces), 80U);  // the fifth bucket is whole
  ASSERT_EQ(store->destroy_due(kNow + Seconds{5 * 3600}).value(), 1U);
  EXPECT_EQ(folder.count(traffic.keys), 0U);
  EXPECT_EQ(folder.count(traffic.nonces), 0U);
  store.reset();
  EXPECT_EQ(folder.count(traffic.keys) + folder.count(traffic.nonces), 0U);
}

// The process dies at each step of a destruction; the next one finishes it, and the receipt comes exactly once.
TEST(SqliteDeletion, ACrashAtAnyStepIsFinishedAfterRestart) {
  for (const auto step : {DestructionStep::kBegin, DestructionStep::kDropped, DestructionStep::kCommitted,
                          DestructionStep::kTruncated, DestructionStep::kSettled}) {
    const Folder folder;
    SeededRandom random(8);
    Traffic traffic;
    {
      auto store = SqliteStore::open(folder.path(), random).value();
      traffic = send_traffic(*store, random, 20);
    }
    const pid_t child = fork();
    if (child == 0) {
      bool armed = false;  // opening settles, too; it is the destruction that dies here
      SqliteOptions options;
      options.on_step = [step, &armed](DestructionStep reached) {
        if (armed && reached == step) _exit(42);
      };
      auto store = SqliteStore::open(folder.path(), random, options);
      armed = true;
      if (store) (void)(*store)->destroy_due(kNow + Seconds{6 * 3600});
      _exit(1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 42);
    auto store = SqliteStore::open(folder.path(), random).value();
    ASSERT_TRUE(store->destroy_due(kNow + Seconds{6 * 3600}));
    EXPECT_EQ(store->receipts()->size(), 5U);
    std::uint64_t messages = 0;
    const auto receipts = store->receipts().value();
    for (const auto& receipt : receipts) messages += receipt.messages();
    EXPECT_EQ(messages, 20U);
    EXPECT_EQ(folder.count(traffic.keys) + folder.count(traffic.nonces), 0U);
  }
}

TEST(SqliteStore, AFullDiskRefusesKeepsReadingAndRecovers) {
  const Folder folder;
  SeededRandom random(9);
  SqliteOptions options;
  options.size_bytes_max = 400 * 1024;
  auto store = SqliteStore::open(folder.path(), random, options).value();
  ASSERT_TRUE(store->commit(setting(), kNow));
  std::size_t acknowledged = 0;
  std::string refusal;
  for (std::uint8_t i = 0; i < 200 && refusal.empty(); ++i) {
    const Change change = accept({.number = i, .deadline = kNow + kHour, .ciphertext = std::string(20'000, 'x')});
    const auto outcome = store->commit({&change, 1}, kNow);
    if (outcome)
      ++acknowledged;
    else
      refusal = outcome.error().code;
  }
  EXPECT_EQ(refusal, "store.unavailable");
  EXPECT_GT(acknowledged, 5U);
  EXPECT_EQ(store->backlog({device(2), kAllClasses}, kNow)->envelopes.size(), acknowledged);
  // The deadline frees the space; a new message is taken.
  ASSERT_EQ(store->destroy_due(kNow + kHour).value(), 1U);
  const Change change = accept({.number = 201, .ciphertext = std::string(20'000, 'x')});
  EXPECT_TRUE(store->commit({&change, 1}, kNow + kHour).value()[0]);
}

// The kernel refuses writes past a limit: a real I/O error (EFBIG) in the middle of a transaction.
class WriteLimit {
 public:
  explicit WriteLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~WriteLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  WriteLimit(const WriteLimit&) = delete;
  WriteLimit& operator=(const WriteLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(SqliteStore, AnInputOutputErrorRefusesKeepsReadingAndRecovers) {
  const Folder folder;
  SeededRandom random(14);
  auto store = SqliteStore::open(folder.path(), random).value();
  ASSERT_TRUE(store->commit(setting(), kNow));
  const Change first = accept({.number = 1});
  ASSERT_TRUE(store->commit({&first, 1}, kNow).value()[0]);
  const Change large = accept({.number = 2, .ciphertext = std::string(200'000, 'x')});
  {
    const WriteLimit limit(fs::file_size(folder.path() + "/relay.db-wal") + 4096);
    for (int attempt = 0; attempt < 2; ++attempt) {
      const auto refused = store->commit({&large, 1}, kNow);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, "store.unavailable");
      EXPECT_EQ(store->backlog({device(2), kAllClasses}, kNow)->envelopes.size(), 1U);
    }
  }
  EXPECT_FALSE(store->commit({&large, 1}, kNow).value()[0]->accepted->duplicate);
  store.reset();
  store = SqliteStore::open(folder.path(), random).value();
  EXPECT_EQ(store->backlog({device(2), kAllClasses}, kNow)->envelopes.size(), 2U);
}

TEST(SqliteStore, ASecondOneOnTheSameFolderIsRefused) {
  const Folder folder;
  SeededRandom random(10);
  const auto store = SqliteStore::open(folder.path(), random).value();
  const auto second = SqliteStore::open(folder.path(), random);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "store.locked");
}

TEST(SqliteStore, WhatIsNoStoreIsRefusedAndLeftAlone) {
  const Folder folder;
  SeededRandom random(11);
  const std::string path = folder.path() + "/relay.db";
  std::ofstream(path) << std::string(8192, 'z');
  const auto store = SqliteStore::open(folder.path(), random);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "store.corrupt");
  EXPECT_EQ(folder.count({std::string(8192, 'z')}), 1U);
  EXPECT_EQ(SqliteStore::open("/nonexistent/folder", random).error().code, "store.unavailable");
}

TEST(SqliteStore, FilesArePrivate) {
  const Folder folder;
  SeededRandom random(12);
  const auto store = SqliteStore::open(folder.path(), random).value();
  ASSERT_TRUE(store->commit(setting(), kNow));
  for (const auto& entry : fs::directory_iterator(folder.path()))
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write) << entry.path();
}

TEST(Seal, OpensOnlyInItsPlace) {
  SeededRandom random(13);
  const BucketKey key = random.array<32>();
  const std::string sealed = seal(key, conversation(1), 7, "text", random);
  EXPECT_EQ(unseal(key, conversation(1), 7, policy::base::as_bytes(sealed)).value(), "text");
  EXPECT_FALSE(unseal(key, conversation(1), 8, policy::base::as_bytes(sealed)));
  EXPECT_FALSE(unseal(key, conversation(2), 7, policy::base::as_bytes(sealed)));
  EXPECT_FALSE(unseal(random.array<32>(), conversation(1), 7, policy::base::as_bytes(sealed)));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(unseal(key, conversation(1), 7, policy::base::as_bytes(changed))) << i;
    EXPECT_FALSE(unseal(key, conversation(1), 7, policy::base::as_bytes(sealed.substr(0, i)))) << i;
  }
}

}  // namespace
}  // namespace relay::store::contract
