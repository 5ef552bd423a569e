#include "audit/erasure/eraser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "audit/event/codec.h"
#include "audit/log/erasing.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/log/tile_reader.h"
#include "audit/store/faulty.h"
#include "audit/store/folder.h"
#include "audit/store/memory.h"
#include "audit/verify/verify.h"

namespace audit::erasure {
namespace {

namespace fs = std::filesystem;
using event::Pseudonym;
using policy::base::Bytes;
using store::Fault;

constexpr std::int64_t kBegin_s = 1795424400;  // 2026-11-23T09:00:00Z
constexpr std::int64_t kDay_s = 86400;

class ManualClock final : public policy::base::Clock {
 public:
  Instant now() const override { return Instant{now_s}; }
  std::int64_t now_ms() const override { return now_s * 1000; }
  std::int64_t elapsed_ms() const override { return now_s * 1000; }
  std::atomic<std::int64_t> now_s{kBegin_s};
};

event::RuleId rule(const char* text) { return event::RuleId::from(text).value(); }
event::Record refused(std::uint8_t who) {
  return event::LoginRefused{{Pseudonym{{who}}}, event::LoginRefusal::kWrongPassword};
}
event::Record held(std::uint8_t who) {
  return event::MessageHeld{{Pseudonym{{who}}},
                            event::MessageClass::kRoutine,
                            event::RuleIds::from({rule("rest.daily")}).value(),
                            Instant{0}};
}

// A log over any ports, and what a test wants to know of it.
struct World {
  World(log::Objects& all_objects, log::LockedCheckpoint& all_lock) : objects(all_objects), lock(all_lock) {}

  log::Objects& objects;
  log::LockedCheckpoint& lock;
  ManualClock clock;
  policy::base::SystemRandom random;
  checkpoint::SigningKey key = checkpoint::SigningKey::generate("authority.example/audit/2026", random).value();
  std::unique_ptr<log::Log> log;

  void open() { log = log::Log::open({objects, lock, clock, random}, key).value(); }
  std::uint64_t append(event::Record record) const { return log->append(std::move(record)).value().value; }
  checkpoint::Checkpoint published() const {
    if (log) (void)log->settle();
    const auto note = objects.get(log::kCheckpointPath).value().value();
    return checkpoint::open_checkpoint(policy::base::as_text(note), key.verifier()).value();
  }
  Eraser eraser() { return eraser_on(objects); }
  Eraser eraser_on(log::Objects& through) {
    return Eraser({through, published(),
                   [this](std::vector<std::uint64_t> indices) { return log->erase_all(std::move(indices)); },
                   [this](log::Object object) { return log->put(std::move(object)); },
                   [this](event::ErasureDone done) -> Status {
                     auto index = log->append(done);
                     if (!index) return std::unexpected(index.error());
                     return {};
                   }});
  }
  bool readable(std::uint64_t index) const { return log::unerased_entries(objects, index / 256).value()[index % 256]; }
  event::Event read(std::uint64_t index) const {
    const auto stored = log::read_tile(objects, std::nullopt, index / 256, published().size).value();
    const auto leaves = merkle::read_bundle(stored.bytes, stored.tile.width).entries;
    const auto records = merkle::read_bundle(objects.get(log::records_path(index / 256)).value().value(), 256).entries;
    return event::unseal(leaves.at(index % 256), key_of(index), records.at(index % 256)).value();
  }
  event::EntryKey key_of(std::uint64_t index) const {
    const Bytes keys = objects.get(log::keys_path(index / 256)).value().value();
    event::EntryKey out{};
    std::copy_n(keys.begin() + static_cast<std::ptrdiff_t>(index % 256 * 32), 32, out.begin());
    return out;
  }
  // The officer's view: every proof is there, nothing is half done.
  void expect_sound(const std::string& what = {}) const {
    const auto report = verify::verify(objects, key.verifier()).value();
    for (const auto& finding : report.findings) ADD_FAILURE() << what << ": " << verify::to_string(finding);
  }
};

struct MemoryWorld : World {
  MemoryWorld() : World(memory_objects, memory_lock) {}
  store::MemoryObjects memory_objects;
  store::MemoryLock memory_lock;
};

TEST(Eraser, ErasesWhatIsDueAndOnlyThat) {
  MemoryWorld world;
  world.open();
  for (int i = 0; i < 300; ++i) world.log->append_async(i % 2 == 0 ? refused(1) : held(1), [](const auto&) {});
  (void)world.published();
  world.clock.now_s += kDay_s;
  const std::uint64_t next_day = world.append(refused(2));
  EXPECT_EQ(world.eraser().erase_due(world.clock.now())->records, 0U);

  world.clock.now_s = policy::base::parse_instant("2027-02-23T10:00:00Z")->unix_s;
  const auto first = world.eraser().erase_due(world.clock.now());
  ASSERT_TRUE(first) << policy::base::to_string(first.error());
  EXPECT_EQ(first->records, 150U);
  for (std::uint64_t i = 0; i < 300; ++i) ASSERT_EQ(world.readable(i), i % 2 == 1) << i;
  EXPECT_TRUE(world.readable(next_day));
  const auto receipt = std::get<event::ErasureDone>(world.read(301).record);
  EXPECT_EQ(receipt.reason, event::ErasureReason::kDeadline);
  EXPECT_EQ(receipt.rule, rule("three-months"));
  EXPECT_EQ(receipt.records.value, 150U);
  EXPECT_EQ(receipt.begin, Instant{kBegin_s});
  EXPECT_EQ(receipt.end, Instant{kBegin_s + 3600});
  EXPECT_EQ(receipt.commitment, commitment_of(world.eraser().ledger()->runs.at(0)));

  world.clock.now_s += kDay_s;
  EXPECT_EQ(world.eraser().erase_due(world.clock.now())->records, 1U);
  EXPECT_EQ(world.eraser().erase_due(world.clock.now())->records, 0U);
  EXPECT_FALSE(world.readable(next_day));

  world.clock.now_s = policy::base::parse_instant("2030-01-01T00:00:00Z")->unix_s;
  EXPECT_EQ(world.eraser().erase_due(world.clock.now())->records, 150U + 2U) << "held messages and two receipts";
  EXPECT_EQ(world.published().size, 301U + 4U);
  world.log->close();
  world.expect_sound();
}

TEST(Eraser, ErasesAPersonAcrossPseudonyms) {
  MemoryWorld world;
  world.open();
  std::set<std::uint64_t> theirs;
  for (std::uint8_t i = 0; i < 200; ++i)
    if (const auto index = world.append(refused(i % 5)); i % 5 == 1 || i % 5 == 3) theirs.insert(index);
  const std::vector<Pseudonym> people{Pseudonym{{3}}, Pseudonym{{1}}};
  EXPECT_EQ(world.eraser().erase_people(people, rule("gdpr-17"))->records, theirs.size());
  for (std::uint64_t i = 0; i < 200; ++i) EXPECT_EQ(world.readable(i), !theirs.contains(i)) << i;
  EXPECT_EQ(std::get<event::ErasureDone>(world.read(200).record).reason, event::ErasureReason::kPerson);
  EXPECT_EQ(world.eraser().erase_people(people, rule("gdpr-17"))->records, 0U) << "no second receipt for nothing";
  EXPECT_EQ(world.published().size, 201U);
}

// Who ordered a wipe answers for it until the entry's own deadline: only whom an entry is about can have it erased.
TEST(Eraser, ErasesEntriesAboutAPersonAndNotThoseInWhichTheyActed) {
  MemoryWorld world;
  world.open();
  const Pseudonym anna{{1}}, chief{{9}};
  const event::Record wiped = event::DeviceWiped{{anna}, {}, chief, event::WipeReason::kLost};
  const auto of_anna = world.append(wiped),
             own = world.append(event::DeviceWiped{{chief}, {}, chief, event::WipeReason::kLost});
  const std::vector<Pseudonym> is_chief{chief}, is_anna{anna};
  EXPECT_EQ(world.eraser().erase_people(is_chief, rule("gdpr-17"))->records, 1U);
  EXPECT_FALSE(world.readable(own));
  EXPECT_EQ(world.read(of_anna).record, wiped);
  EXPECT_EQ(world.eraser().erase_people(is_anna, rule("gdpr-17"))->records, 1U);
  EXPECT_FALSE(world.readable(of_anna));
  world.log->close();
  world.expect_sound();
}

TEST(Eraser, ErasesAPeriod) {
  MemoryWorld world;
  world.open();
  for (int hour = 0; hour < 10; ++hour) {
    (void)world.append(refused(1));
    world.clock.now_s += 3600;
  }
  const Instant begin{kBegin_s + 2 * 3600}, end{kBegin_s + 5 * 3600};
  EXPECT_EQ(world.eraser().erase_period(begin, end, rule("month"))->records, 3U);
  for (std::uint64_t i = 0; i < 10; ++i) EXPECT_EQ(world.readable(i), i < 2 || i >= 5) << i;
  const auto receipt = std::get<event::ErasureDone>(world.read(10).record);
  EXPECT_EQ(receipt.begin, begin);
  EXPECT_EQ(receipt.end, end);
}

TEST(Eraser, ErasesInALogOfAPastYearAndTellsTheRunningOne) {
  MemoryWorld old, now;
  old.open();
  for (int i = 0; i < 5; ++i) (void)old.append(refused(1));
  now.open();
  Eraser eraser({old.objects, old.published(),
                 [&](std::vector<std::uint64_t> indices) { return old.log->erase_all(std::move(indices)); },
                 [&](log::Object object) { return old.log->put(std::move(object)); },
                 [&](event::ErasureDone done) -> Status { return (void)now.append(done), Status{}; }});
  EXPECT_EQ(eraser.erase_due(policy::base::parse_instant("2028-01-01T00:00:00Z").value())->records, 5U);
  EXPECT_EQ(old.published().size, 5U);
  EXPECT_EQ(now.published().size, 1U);
  old.expect_sound();
}

TEST(Eraser, PassesOverWhatWasPruned) {
  MemoryWorld world;
  world.open();
  for (int i = 0; i < 600; ++i) world.log->append_async(i % 2 == 0 ? refused(1) : held(1), [](const auto&) {});
  (void)world.published();
  world.clock.now_s = policy::base::parse_instant("2027-02-23T10:00:00Z")->unix_s;
  EXPECT_EQ(world.eraser().erase_due(world.clock.now())->records, 300U);
  std::erase_if(world.memory_objects.contents(), [](const auto& object) {
    return object.first == "tile/entries/000" || object.first == "side/keys/000" || object.first == "side/records/000";
  });
  EXPECT_EQ(world.eraser().reapply()->unmatched, 0U);
  world.clock.now_s = policy::base::parse_instant("2030-01-01T00:00:00Z")->unix_s;
  const auto rest = world.eraser().erase_due(world.clock.now());
  ASSERT_TRUE(rest) << policy::base::to_string(rest.error());
  EXPECT_EQ(rest->records, 172U + 1U) << "held messages of the two bundles that are left, and the receipt";
}

// Every durable write of log and eraser fails once. Whatever happens: the next call ends it, the proofs stay, and each
// run in the ledger has its receipt in the log.
class EveryWrite : public testing::TestWithParam<std::pair<Fault, bool>> {};

TEST_P(EveryWrite, MayFailAndTheErasureIsEndedLater) {
  const auto [fault, stays_broken] = GetParam();
  std::size_t faults = 0;
  for (std::size_t number = 0;; ++number) {
    const std::string what = "write " + std::to_string(number);
    MemoryWorld world;
    world.open();
    for (int i = 0; i < 300; ++i) world.log->append_async(i % 3 == 0 ? held(1) : refused(2), [](const auto&) {});
    world.log->close();
    world.clock.now_s = policy::base::parse_instant("2027-03-01T00:00:00Z")->unix_s;
    store::FaultPlan plan(number, fault, stays_broken);
    store::FaultyObjects objects(world.objects, plan);
    store::FaultyLock lock(world.lock, plan);
    if (auto log = log::Log::open({objects, lock, world.clock, world.random}, world.key); log) {
      world.log = std::move(*log);
      (void)world.eraser_on(objects).erase_due(world.clock.now());
      world.log->close();
    }
    if (!plan.reached()) break;
    ++faults;
    world.open();
    ASSERT_TRUE(world.eraser().erase_due(world.clock.now())) << what;
    world.log->close();
    for (std::uint64_t i = 0; i < 300; ++i) ASSERT_EQ(world.readable(i), i % 3 == 0) << what << ", entry " << i;
    std::set<event::Digest> receipts;
    for (std::uint64_t i = 300; i < world.published().size; ++i)
      receipts.insert(std::get<event::ErasureDone>(world.read(i).record).commitment);
    const Ledger ledger = world.eraser().ledger().value();
    for (const auto& run : ledger.runs) {
      EXPECT_TRUE(run.done) << what;
      EXPECT_TRUE(receipts.contains(commitment_of(run))) << what;
    }
    world.expect_sound(what);
    if (HasFailure()) return;
  }
  EXPECT_GT(faults, 8U);
}

INSTANTIATE_TEST_SUITE_P(Faults, EveryWrite,
                         testing::Values(std::pair(Fault::kNotPersisted, false), std::pair(Fault::kPersisted, false),
                                         std::pair(Fault::kHalfPersisted, false), std::pair(Fault::kNotPersisted, true),
                                         std::pair(Fault::kPersisted, true), std::pair(Fault::kHalfPersisted, true)));

// A folder on disk, its backup, and the bytes that must be nowhere any more.
class Restore : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "audit-erasure-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    start();
    for (int i = 0; i < 600; ++i) world_->log->append_async(i % 2 == 0 ? refused(1) : held(7), [](const auto&) {});
    (void)world_->append(held(7));
    (void)world_->published();
    fs::copy(live(), root_ / "backup", fs::copy_options::recursive);
    for (std::uint64_t i = 0; i < 600; i += 2) remember(i);
  }
  void TearDown() override {
    stop();
    fs::remove_all(root_);
  }
  fs::path live() const { return root_ / "live"; }

  void start() {
    lock_ = store::FolderLock::open(live()).value();
    objects_ = store::FolderObjects::open(live()).value();
    const auto key = world_ ? std::optional(world_->key) : std::nullopt;
    world_ = std::make_unique<World>(*objects_, *lock_);
    if (key) world_->key = *key;
    world_->clock.now_s = now_s_;
    world_->open();
  }
  void stop() {
    if (world_ && world_->log) world_->log->close();
    if (world_) world_->log.reset();
    lock_.reset();
  }
  // Key and ciphertext as they stood.
  void remember(std::uint64_t index) {
    const auto key = world_->key_of(index);
    secrets_.emplace_back(key.begin(), key.end());
    const auto records = merkle::read_bundle(objects_->get(log::records_path(index / 256)).value().value(), 256);
    secrets_.emplace_back(records.entries.at(index % 256).begin(), records.entries.at(index % 256).end());
  }
  std::size_t secrets_in(const fs::path& folder) const {
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return static_cast<std::size_t>(
        std::ranges::count_if(secrets_, [&](const std::string& one) { return all.find(one) != std::string::npos; }));
  }
  void erase_first_person() {
    const std::vector<Pseudonym> who{Pseudonym{{1}}};
    EXPECT_EQ(world_->eraser().erase_people(who, rule("gdpr-17"))->records, 300U);
  }

  fs::path root_;
  std::int64_t now_s_ = kBegin_s;
  std::unique_ptr<store::FolderLock> lock_;
  std::unique_ptr<store::FolderObjects> objects_;
  std::unique_ptr<World> world_;
  std::vector<std::string> secrets_;
};

TEST_F(Restore, NothingOfTheErasedIsInAnyFile) {
  ASSERT_EQ(secrets_in(live()), 600U) << "the test would find them";
  erase_first_person();
  EXPECT_EQ(secrets_in(live()), 0U);
  stop();
  EXPECT_EQ(secrets_in(live()), 0U);
  world_->expect_sound();
}

TEST_F(Restore, KeysThatComeBackAreErasedAgain) {
  erase_first_person();
  stop();
  for (const char* const part : {"side/keys/000", "side/records/000", "side/keys/001", "side/records/001"})
    fs::copy(root_ / "backup" / part, live() / part, fs::copy_options::overwrite_existing);
  start();
  ASSERT_EQ(secrets_in(live()), 512U) << "the last bundle has grown since; the sequencer refuses an old one";
  const auto outcome = world_->eraser().reapply().value();
  EXPECT_EQ(outcome.records, 256U);
  EXPECT_EQ(outcome.unmatched, 0U);
  EXPECT_EQ(secrets_in(live()), 0U);
  EXPECT_EQ(world_->eraser().reapply()->records, 0U);
  const std::uint64_t receipt = world_->published().size - 1;
  EXPECT_EQ(std::get<event::ErasureDone>(world_->read(receipt).record).reason, event::ErasureReason::kRestored);
}

TEST_F(Restore, AWholeFolderFromABackupNeedsTheListThatWasKeptElsewhere) {
  erase_first_person();
  const Ledger kept = world_->eraser().ledger().value();
  stop();
  fs::remove_all(live());
  fs::copy(root_ / "backup", live(), fs::copy_options::recursive);
  start();
  EXPECT_EQ(world_->eraser().reapply()->records, 0U) << "the old list knows nothing of it";
  ASSERT_EQ(secrets_in(live()), 600U);
  EXPECT_EQ(world_->eraser().reapply(std::span(&kept, 1))->records, 300U);
  EXPECT_EQ(secrets_in(live()), 0U);
  EXPECT_EQ(world_->eraser().reapply()->records, 0U);
  stop();
  world_->expect_sound();
}

// A person's entries go on after the backup, in the bundle in which it ends.
TEST_F(Restore, TheBundleInWhichABackupEndsIsErasedAsFarAsItGoes) {
  for (int i = 0; i < 20; ++i) (void)world_->append(refused(1));
  const std::vector<Pseudonym> who{Pseudonym{{1}}};
  EXPECT_EQ(world_->eraser().erase_people(who, rule("gdpr-17"))->records, 320U);
  const Ledger kept = world_->eraser().ledger().value();
  stop();
  fs::remove_all(live());
  fs::copy(root_ / "backup", live(), fs::copy_options::recursive);
  now_s_ += 3600;  // what is logged after a restore is of a later hour
  start();
  const std::uint64_t later = world_->append(refused(9));
  ASSERT_LT(later % 256, 256 - 20U) << "where the erased ones stood";
  const auto outcome = world_->eraser().reapply(std::span(&kept, 1)).value();
  EXPECT_EQ(outcome.records, 300U);
  EXPECT_EQ(outcome.unmatched, 0U);
  EXPECT_EQ(secrets_in(live()), 0U);
  EXPECT_TRUE(world_->readable(later));
  EXPECT_EQ(world_->eraser().reapply(std::span(&kept, 1))->records, 0U);
  Ledger foreign = kept;
  foreign.runs[0].bundles[0].slots.flip();
  stop();
  fs::remove_all(live());
  fs::copy(root_ / "backup", live(), fs::copy_options::recursive);
  start();
  EXPECT_EQ(world_->eraser().reapply(std::span(&foreign, 1))->unmatched, 2U) << "and the one that is cut off";
  stop();
  world_->expect_sound();
}

TEST_F(Restore, ALineOfAnotherTreeErasesNothing) {
  erase_first_person();
  Ledger foreign = world_->eraser().ledger().value();
  foreign.runs[0].bundles[0].slots.flip();
  foreign.runs[0].bundles.push_back({4711, Slots(1), {}});
  const std::uint64_t size = world_->published().size;
  const auto outcome = world_->eraser().reapply(std::span(&foreign, 1)).value();
  EXPECT_EQ(outcome.unmatched, 2U);
  EXPECT_EQ(outcome.records, 0U);
  EXPECT_EQ(world_->published().size, size);
  // A line holds for all of its entries or for none: one other leaf hash is another digest.
  Ledger altered = world_->eraser().ledger().value();
  altered.runs[0].bundles[0].leaves.bytes[31] ^= 1;
  EXPECT_EQ(world_->eraser().reapply(std::span(&altered, 1))->unmatched, 1U);
  altered = world_->eraser().ledger().value();
  auto& slots = altered.runs[0].bundles[0].slots;
  for (std::size_t slot = 0; slot < slots.size(); ++slot)
    if (!slots[slot]) {
      slots[slot] = true;  // an entry of somebody else, smuggled in
      break;
    }
  const auto smuggled = world_->eraser().reapply(std::span(&altered, 1)).value();
  EXPECT_EQ(smuggled.unmatched, 1U);
  EXPECT_EQ(smuggled.records, 0U);
  foreign.origin = "other.example/audit/2026";
  EXPECT_EQ(world_->eraser().reapply(std::span(&foreign, 1)).error().code, "erasures.other-log");
}

}  // namespace
}  // namespace audit::erasure
