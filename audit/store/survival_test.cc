// What a log survives on real files, for the folder and for SQLite: every single call to the disk failing, a full disk,
// and kill -9 at random points. Acknowledged entries are there, refused ones are not, the auditor finds nothing, and no
// two signed checkpoints contradict each other.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include "audit/log/log.h"
#include "audit/store/broken_disk.h"
#include "audit/store/folder.h"
#include "audit/store/sqlite/sqlite.h"
#include "audit/verify/verify.h"
#include "policy/base/testing/seed.h"

namespace audit::store {
namespace {

enum class Kind : std::uint8_t { kFolder, kSqlite };

class FixedClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {at_s}; }
  std::int64_t now_ms() const override { return at_s * 1000; }
  std::int64_t elapsed_ms() const override { return 0; }
  std::int64_t at_s = 1795424400 + 1830;  // within an hour, as leaves tell no more than that
};

struct Stores {
  std::unique_ptr<log::LockedCheckpoint> lock;
  std::unique_ptr<log::Objects> objects;

  // Empty: the disk does not even let it be opened.
  static std::optional<Stores> open(Kind kind, const std::string& folder) {
    Stores stores;
    if (kind == Kind::kFolder) {
      auto lock = FolderLock::open(folder);
      auto objects = FolderObjects::open(folder);
      if (!lock || !objects) return {};
      stores.lock = std::move(*lock), stores.objects = std::move(*objects);
    } else {
      auto lock = SqliteLock::open(folder);
      auto objects = SqliteObjects::open(folder);
      if (!lock || !objects) return {};
      stores.lock = std::move(*lock), stores.objects = std::move(*objects);
    }
    return stores;
  }
};

// In memory if there is such a place: these tests make thousands of files.
std::string scratch_folder() {
  const std::filesystem::path memory = "/dev/shm";
  const auto base = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  std::string name = (base / "audit-survival-XXXXXX").string();
  return ::mkdtemp(name.data());
}

using Who = std::uint32_t;

event::Record record_of(Who who) {
  event::Pseudonym pseudonym{};
  for (std::size_t i = 0; i < sizeof who; ++i) pseudonym.bytes[i] = static_cast<std::uint8_t>(who >> (8 * i));
  return event::LoginRefused{{pseudonym}, event::LoginRefusal::kRateLimited};
}

struct World {
  explicit World(Kind of_kind) : kind(of_kind) {}
  ~World() { std::filesystem::remove_all(folder); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Kind kind;
  std::string folder = scratch_folder();
  FixedClock clock;
  policy::base::SystemRandom random;
  checkpoint::SigningKey key = checkpoint::SigningKey::generate("authority.example/audit/2026", random).value();
  std::map<std::uint64_t, Who> acknowledged;
  std::set<Who> refused;                     // with log.not-written: certainly not there
  std::vector<checkpoint::Checkpoint> seen;  // every checkpoint anybody could have read
  Who last_who = 0;
  bool erased = false;  // entry 1, or an attempt at it

  void remember(const std::string& note) {
    if (!note.empty()) seen.push_back(checkpoint::open_checkpoint(note, key.verifier()).value());
  }
  void answered(Who who, const log::Result<log::Index>& index) {
    if (index) {
      EXPECT_FALSE(acknowledged.contains(index->value)) << "an index given twice";
      acknowledged[index->value] = who;
    } else if (index.error().code == "log.not-written") {
      refused.insert(who);
    }
  }
};

// Some groups, one of which fills a tile, with publishing and an erasure in between.
void run_story(World& world) {
  auto stores = Stores::open(world.kind, world.folder);
  if (!stores) return;
  auto log = log::Log::open({*stores->objects, *stores->lock, world.clock, world.random}, world.key);
  if (!log) return;
  world.remember((*log)->checkpoint());
  for (const int size : {1, 3, 254, 2}) {
    for (int i = 1; i < size; ++i) {
      const Who who = ++world.last_who;
      (*log)->append_async(record_of(who),
                           [&world, who](const log::Result<log::Index>& index) { world.answered(who, index); });
    }
    const Who last = ++world.last_who;
    auto index = (*log)->append(record_of(last));
    world.answered(last, index);
    world.remember((*log)->checkpoint());
    if (size == 3) (void)(*log)->settle();
    if (size == 254) world.erased = world.acknowledged.contains(1), (void)(*log)->erase(log::Index{1});
  }
  (*log)->close();
  world.remember((*log)->checkpoint());
}

void check_entries(const World& world, const log::Objects& objects, std::uint64_t size, const std::string& what) {
  std::map<std::uint64_t, Who> logged;
  for (std::uint64_t bundle = 0; bundle * merkle::kTileWidth < size; ++bundle) {
    const auto stored = log::read_tile(objects, std::nullopt, bundle, size).value();
    const auto leaves = merkle::read_bundle(stored.bytes, stored.tile.width).entries;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const auto pseudonym = event::decode_leaf(leaves[i])->subject.pseudonym->bytes;
      Who who = 0;
      for (std::size_t byte = 0; byte < sizeof who; ++byte) who |= static_cast<Who>(pseudonym[byte]) << (8 * byte);
      logged[bundle * merkle::kTileWidth + i] = who;
      ASSERT_FALSE(world.refused.contains(who)) << what << ": a refused entry is there as " << i;
    }
  }
  for (const auto& [index, who] : world.acknowledged) {
    ASSERT_TRUE(logged.contains(index)) << what << ": an acknowledged entry is gone";
    ASSERT_EQ(logged[index], who) << what;
  }
}

void check_world(World& world, const std::string& what) {
  const auto stores = Stores::open(world.kind, world.folder);
  ASSERT_TRUE(stores) << what;
  {
    auto log = log::Log::open({*stores->objects, *stores->lock, world.clock, world.random}, world.key);
    ASSERT_TRUE(log) << what << ": " << policy::base::to_string(log.error());
    auto index = (*log)->append(record_of(++world.last_who));
    ASSERT_TRUE(index) << what << ": the log goes on: " << policy::base::to_string(index.error());
    world.answered(world.last_who, index);
    if (world.erased) {
      ASSERT_TRUE((*log)->erase(log::Index{1})) << what << ": an erasure that failed is repeated";
    }
    (*log)->close();
    world.remember((*log)->checkpoint());
  }
  const auto report = verify::verify(*stores->objects, world.key.verifier()).value();
  std::string findings;
  for (const verify::Finding& finding : report.findings) findings += to_string(finding) + "\n";
  ASSERT_TRUE(report.findings.empty()) << what << "\n" << findings;
  const std::uint64_t size = report.checkpoint.size;
  log::TileReader reader(*stores->objects, size);
  for (const auto& old : world.seen) {
    ASSERT_LE(old.size, size) << what;
    ASSERT_EQ(merkle::tree_root(old.size, reader.nodes()).value(), old.root) << what << ": forked at " << old.size;
  }
  check_entries(world, *stores->objects, size, what);
}

struct Breakage {
  Kind kind;
  Fault fault;
  int reason;
  bool stays_broken;
};

class EveryCall : public testing::TestWithParam<Breakage> {};

TEST_P(EveryCall, MayFailAndNothingIsLostDoubledOrForked) {
  const Breakage& breakage = GetParam();
  std::size_t failed = 0;
  for (std::size_t number = 0;; ++number) {
    World world(breakage.kind);
    broken_disk::arm({world.folder, number, breakage.fault, breakage.reason, breakage.stays_broken});
    run_story(world);
    if (!broken_disk::heal()) break;
    ++failed;
    broken_disk::arm(
        {world.folder, SIZE_MAX, breakage.fault, breakage.reason, false});  // only not to wait for the disk
    check_world(world, "call " + std::to_string(number));
    (void)broken_disk::heal();
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(failed, 60U);
}

INSTANTIATE_TEST_SUITE_P(Folder, EveryCall,
                         testing::Values(Breakage{Kind::kFolder, Fault::kNotPersisted, EIO, false},
                                         Breakage{Kind::kFolder, Fault::kPersisted, EIO, false},
                                         Breakage{Kind::kFolder, Fault::kHalfPersisted, EIO, false},
                                         Breakage{Kind::kFolder, Fault::kPersisted, EIO, true},
                                         Breakage{Kind::kFolder, Fault::kHalfPersisted, ENOSPC, true}));
INSTANTIATE_TEST_SUITE_P(Sqlite, EveryCall,
                         testing::Values(Breakage{Kind::kSqlite, Fault::kNotPersisted, EIO, false},
                                         Breakage{Kind::kSqlite, Fault::kPersisted, EIO, false},
                                         Breakage{Kind::kSqlite, Fault::kHalfPersisted, EIO, false},
                                         Breakage{Kind::kSqlite, Fault::kPersisted, EIO, true},
                                         Breakage{Kind::kSqlite, Fault::kHalfPersisted, ENOSPC, true}));

class Survival : public testing::TestWithParam<Kind> {};

TEST_P(Survival, AFullDiskRefusesAndTheSameLogGoesOnWhenThereIsRoom) {
  World world(GetParam());
  auto stores = Stores::open(world.kind, world.folder).value();
  auto log = log::Log::open({*stores.objects, *stores.lock, world.clock, world.random}, world.key).value();
  for (int round = 0; round < 5; ++round) {
    const Who first = ++world.last_who;
    world.answered(first, log->append(record_of(first)));
    broken_disk::arm({world.folder, static_cast<std::size_t>(round), Fault::kHalfPersisted, ENOSPC, true});
    std::size_t refused = 0;
    for (int i = 0; i < 5; ++i) {
      const auto index = log->append(record_of(++world.last_who));
      world.answered(world.last_who, index);
      if (index) continue;
      ++refused;
      EXPECT_TRUE(index.error().code == "log.not-written" || index.error().code == "log.unsure" ||
                  index.error().code == "store.io")
          << index.error().code;
    }
    EXPECT_GT(refused, 2U);
    (void)broken_disk::heal();
  }
  log.reset(), stores = {};
  check_world(world, "after a full disk");
}

TEST_P(Survival, AClockThatIsSetBackOverRestartsDoesNotBackdate) {
  World world(GetParam());
  for (int round = 0; round < 4; ++round) {
    run_story(world);
    world.clock.at_s -= 5000;
  }
  check_world(world, "with a clock that goes backwards");
}

TEST_P(Survival, AClockThatIsSetBackBehindAnErasedRecordDoesNotBackdateEither) {
  World world(GetParam());
  {
    auto stores = Stores::open(world.kind, world.folder).value();
    auto log = log::Log::open({*stores.objects, *stores.lock, world.clock, world.random}, world.key).value();
    for (Who who = 1; who <= 3; ++who) world.answered(who, log->append(record_of(who)));
    world.last_who = 3;
    ASSERT_TRUE(log->erase(log::Index{2})) << "its leaf tells the hour only";
  }
  world.clock.at_s -= 60;
  check_world(world, "behind an erased record");
}

// Looks at what a loss of power could take back, at the moments that count.
struct PowerWatch final : log::LockedCheckpoint {
  explicit PowerWatch(log::LockedCheckpoint& lock) : below(lock) {}
  log::LockedCheckpoint& below;
  std::mutex mutex;  // the two below write into the same journal, and each is to be looked at alone
  static std::string lost(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (const std::string& path : broken_disk::unsynced())
      if (std::ranges::any_of(parts, [&](auto part) { return path.contains(part); })) all += path + "\n";
    return all;
  }
  log::Result<std::string> load() override { return below.load(); }
  log::Result<log::Unsettled> unsettled() override { return below.unsettled(); }
  log::Status replace(std::string_view expected, std::string_view next) override {
    return below.replace(expected, next);
  }
  log::Status promise(std::string_view expected, std::string_view next, policy::base::ByteView carried) override {
    const std::scoped_lock lock(mutex);
    auto promised = below.promise(expected, next, carried);
    EXPECT_EQ(lost({"sequencer/journal.", "promises.sqlite"}), "") << "before the answer";
    return promised;
  }
  log::Status settle(std::string_view note) override {
    const std::scoped_lock lock(mutex);
    EXPECT_EQ(lost({"tile", "side", "objects.sqlite-wal"}), "") << "before the journal is overwritten";
    auto settled = below.settle(note);
    EXPECT_EQ(lost({"sequencer", "promises.sqlite"}), "") << "before the checkpoint is published";
    return settled;
  }
};

TEST_P(Survival, NothingCountsBeforeItIsOnDisk) {
  World world(GetParam());
  broken_disk::arm({world.folder, SIZE_MAX, Fault::kNotPersisted, EIO, false});
  auto stores = Stores::open(world.kind, world.folder).value();
  PowerWatch watch(*stores.lock);
  for (const int size : {1, 200, 300}) {
    auto log = log::Log::open({*stores.objects, watch, world.clock, world.random}, world.key).value();
    for (int i = 0; i < size; ++i) ASSERT_TRUE(log->append(record_of(++world.last_who)));
    ASSERT_TRUE(log->settle());
    EXPECT_EQ(PowerWatch::lost({""}), "") << "after settling";
    ASSERT_TRUE(log->erase(log::Index{0}));
    EXPECT_EQ(PowerWatch::lost({""}), "") << "after erasing";
  }
  (void)broken_disk::heal();
}

struct Told {
  std::uint64_t index;
  Who who;
};

// Appends for ever and tells what is acknowledged. Never returns.
[[noreturn]] void append_until_killed(World& world, int told) {
  auto stores = Stores::open(world.kind, world.folder).value();
  auto log = log::Log::open({*stores.objects, *stores.lock, world.clock, world.random}, world.key).value();
  while (true) {
    const Who who = ++world.last_who;
    log->append_async(record_of(who), [told, who](const log::Result<log::Index>& index) {
      const Told message{index ? index->value : 0, who};
      if (!index || ::write(told, &message, sizeof message) != sizeof message) ::_exit(1);
    });
    if (who % 64 == 0) (void)log->append(record_of(++world.last_who));  // not faster than the disk
    if (who % 640 == 0) (void)log->settle();
  }
}

TEST_P(Survival, KillAtRandomPointsLosesNothingThatWasAcknowledged) {
  World world(GetParam());
  std::mt19937_64 random(policy::base::seed_from_environment("AUDIT_KILL_SEED"));
  const std::uint64_t rounds = policy::base::from_environment("AUDIT_KILL_ROUNDS", 15);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      append_until_killed(world, pipe[1]);
    }
    ::close(pipe[1]);
    // How much is acknowledged before the kill is drawn; where the child is meanwhile is up to the machine.
    std::uint64_t wanted = random() % 3000;
    Told told{};
    const auto take = [&] { return ::read(pipe[0], &told, sizeof told) == sizeof told; };
    while (wanted-- > 0 && take()) world.acknowledged[told.index] = told.who;
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    while (take()) world.acknowledged[told.index] = told.who;
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child must not end by itself";
    world.last_who += 1'000'000;  // more than the child can have used
    check_world(world, "round " + std::to_string(round));
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(world.acknowledged.size(), rounds * 100);
}

INSTANTIATE_TEST_SUITE_P(Backends, Survival, testing::Values(Kind::kFolder, Kind::kSqlite),
                         [](const auto& chosen) { return chosen.param == Kind::kFolder ? "Folder" : "Sqlite"; });

}  // namespace
}  // namespace audit::store
