#include "audit/log/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "audit/event/codec.h"
#include "audit/log/erasing.h"
#include "audit/log/group.h"
#include "audit/log/layout.h"
#include "audit/log/stage.h"
#include "audit/store/memory.h"

namespace audit::log {
namespace {

using event::LoginRefusal;
using event::LoginRefused;
using policy::base::Instant;

class ManualClock final : public policy::base::Clock {
 public:
  Instant now() const override { return Instant{now_s}; }
  std::int64_t now_ms() const override { return now_s * 1000; }
  std::int64_t elapsed_ms() const override { return now_s * 1000; }
  std::atomic<std::int64_t> now_s{1795424400};  // 2026-11-23T09:00:00Z
};

struct World {
  store::MemoryObjects objects;
  store::MemoryLock lock;
  ManualClock clock;
  policy::base::SystemRandom random;
  checkpoint::SigningKey key = checkpoint::SigningKey::generate("authority.example/audit/2026", random).value();

  Ports ports() { return {objects, lock, clock, random}; }
  std::unique_ptr<Log> open() { return Log::open(ports(), key).value(); }
  checkpoint::Checkpoint published() {
    const auto note = objects.get(kCheckpointPath).value().value();
    return checkpoint::open_checkpoint(policy::base::as_text(note), key.verifier()).value();
  }
  event::EntryKey key_of(std::uint64_t index) {
    const auto keys = objects.get(keys_path(index / 256)).value().value();
    event::EntryKey entry_key{};
    std::copy_n(keys.begin() + static_cast<std::ptrdiff_t>(index % 256 * 32), 32, entry_key.begin());
    return entry_key;
  }
  event::Event read(std::uint64_t index) {
    const auto stored = read_tile(objects, std::nullopt, index / 256, published().size).value();
    const auto leaves = merkle::read_bundle(stored.bytes, stored.tile.width).entries;
    const auto records = merkle::read_bundle(objects.get(records_path(index / 256)).value().value(), 256).entries;
    return event::unseal(leaves.at(index % 256), key_of(index), records.at(index % 256)).value();
  }
};

// Keeps what was promised, as a journal would have it after a crash.
struct Recorder final : LockedCheckpoint {
  explicit Recorder(LockedCheckpoint& lock) : below(lock) {}
  LockedCheckpoint& below;
  std::vector<Promise> promises;
  Result<std::string> load() override { return below.load(); }
  Result<Unsettled> unsettled() override { return below.unsettled(); }
  Status replace(std::string_view expected, std::string_view next) override { return below.replace(expected, next); }
  Status promise(std::string_view expected, std::string_view next, policy::base::ByteView carried) override {
    promises.push_back({std::string(next), Bytes(carried.begin(), carried.end())});
    return below.promise(expected, next, carried);
  }
  Status settle(std::string_view note) override { return below.settle(note); }
};

event::Record refused(std::uint8_t who) {
  return LoginRefused{{event::Pseudonym{{who}}}, LoginRefusal::kWrongPassword};
}

TEST(Log, StartsEmptyAndAppendsInOrder) {
  World world;
  auto log = world.open();
  EXPECT_EQ(world.published().size, 0U);
  for (std::uint8_t i = 0; i < 5; ++i) EXPECT_EQ(log->append(refused(i)).value().value, i);
  log->close();
  EXPECT_EQ(world.published().size, 5U);
  EXPECT_EQ(world.read(3).record, refused(3));
  EXPECT_EQ(world.read(3).at, Instant{1795424400});
  EXPECT_EQ(log->append(refused(9)).error().code, "log.closed");
  const std::string note = log->checkpoint();
  EXPECT_EQ(Bytes(note.begin(), note.end()), world.objects.get(kCheckpointPath).value().value());
}

TEST(Log, GoesOnAfterARestartOverTileBorders) {
  World world;
  std::uint64_t next = 0;
  for (const std::size_t count : {1U, 254U, 1U, 1U, 511U, 0U, 256U, 300U}) {
    auto log = world.open();
    for (std::size_t i = 0; i < count; ++i)
      log->append_async(refused(1),
                        [&, expected = next++](const Result<Index>& index) { EXPECT_EQ(index->value, expected); });
    log->close();
    ASSERT_EQ(world.published().size, next);
    TileReader reader(world.objects, next);
    ASSERT_EQ(merkle::tree_root(next, reader.nodes()).value(), world.published().root);
  }
  EXPECT_EQ(world.objects.list("tile/0/000.p/").value().size(), 0U) << "partial tiles of a full one are gone";
  EXPECT_FALSE(world.objects.get(kStagePath).value());
}

TEST(Log, ManyThreadsGetDifferentIndices) {
  World world;
  auto log = world.open();
  std::vector<std::thread> threads;
  std::array<std::atomic<int>, 400> seen{};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) ++seen.at(log->append(refused(1)).value().value);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& count : seen) ASSERT_EQ(count, 1);
}

TEST(Log, ConsistencyBetweenAnyTwoCheckpointsCanBeProved) {
  World world;
  auto log = world.open();
  std::vector<checkpoint::Checkpoint> past;
  for (int i = 0; i < 20; ++i) {
    (void)log->append(refused(1)).value();
    past.push_back(checkpoint::open_checkpoint(log->checkpoint(), world.key.verifier()).value());
  }
  log->close();
  TileReader reader(world.objects, 20);
  for (const auto& old : past) {
    const auto proof = merkle::consistency_proof(old.size, 20, reader.nodes()).value();
    EXPECT_TRUE(merkle::verify_consistency(old.size, 20, proof, old.root, past.back().root)) << old.size;
  }
}

TEST(Log, AClockThatIsSetBackDoesNotBackdate) {
  World world;
  auto log = world.open();
  (void)log->append(refused(1)).value();
  world.clock.now_s -= 100000;
  (void)log->append(refused(2)).value();
  log->close();
  EXPECT_EQ(world.read(1).at, world.read(0).at);
  log = world.open();
  (void)log->append(refused(3)).value();
  log->close();
  EXPECT_EQ(event::hour_of(world.read(2).at), event::hour_of(world.read(0).at));
}

TEST(Log, RefusesARecordWithoutEncoding) {
  World world;
  auto log = world.open();
  EXPECT_EQ(log->append(LoginRefused{}).error().code, "event.value");
  EXPECT_EQ(log->append(event::MessageHeld{{}, event::MessageClass::kRoutine, {}, Instant{INT64_MAX}}).error().code,
            "event.value");
  EXPECT_EQ(log->append(refused(1)).value().value, 0U);
}

TEST(Log, ErasingDestroysKeyAndRecordAndKeepsTheTree) {
  World world;
  auto log = world.open();
  for (int i = 0; i < 300; ++i) log->append_async(refused(1), [](const Result<Index>&) {});
  (void)log->append(refused(1)).value();
  ASSERT_TRUE(log->settle());
  const auto before = world.objects.contents();
  std::vector<Bytes> lost;
  for (const std::uint64_t index : {0U, 17U, 255U, 256U, 300U}) {
    const Bytes keys = world.objects.get(keys_path(index / 256)).value().value();
    lost.emplace_back(keys.begin() + static_cast<std::ptrdiff_t>(index % 256 * 32),
                      keys.begin() + static_cast<std::ptrdiff_t>(index % 256 * 32 + 32));
    ASSERT_TRUE(log->erase(Index{index}));
  }
  EXPECT_EQ(log->erase(Index{301}).error().code, "log.index");
  (void)log->append(refused(2)).value();  // writes the last side objects again: the key must not come back
  log->close();
  for (const auto& [path, bytes] : world.objects.contents()) {
    if (path.starts_with("tile/") && before.contains(path)) {
      EXPECT_EQ(before.at(path), bytes) << path;
    }
    for (const Bytes& key : lost) EXPECT_EQ(std::ranges::search(bytes, key).size(), 0U) << path;
  }
  EXPECT_EQ(world.read(16).record, refused(1));
  EXPECT_EQ(world.read(301).record, refused(2));
  EXPECT_EQ(world.open()->append(refused(1)).value().value, 302U);
}

TEST(Log, ErasesManyAtOnceAndKeepsTheirNeighbours) {
  World world;
  auto log = world.open();
  for (int i = 0; i < 300; ++i) log->append_async(refused(1), [](const Result<Index>&) {});
  ASSERT_TRUE(log->erase_all({3, 4, 5, 254, 255, 256, 299}));
  EXPECT_EQ(log->erase_all({0, 300}).error().code, "log.index");
  EXPECT_TRUE(log->erase_all({}));
  ASSERT_TRUE(log->put({"beside", {1, 2}}));
  (void)log->append(refused(2)).value();
  log->close();
  EXPECT_EQ(world.objects.get("beside").value(), Bytes({1, 2}));
  const auto first = unerased_entries(world.objects, 0).value(), second = unerased_entries(world.objects, 1).value();
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(first[i], (i < 3 || i > 5) && i < 254) << i;
  for (std::size_t i = 0; i < 45; ++i) EXPECT_EQ(second[i], i > 0 && i != 43) << i;
  EXPECT_EQ(world.read(6).record, refused(1));
}

TEST(Log, CountsAllowsFromFiveUpwards) {
  World world;
  auto log = world.open();
  for (int i = 0; i < 7; ++i) log->count_allow(event::MessageClass::kUrgent);
  for (int i = 0; i < 4; ++i) log->count_allow(event::MessageClass::kRoutine);
  world.clock.now_s += 900;
  log->advance();
  for (int i = 0; i < 5; ++i) log->count_allow(event::MessageClass::kAlarm);
  log->close();
  ASSERT_EQ(world.published().size, 2U);
  EXPECT_EQ(world.read(0).record, event::Record(event::AllowsCounted{Instant{1795424400}, event::MessageClass::kUrgent,
                                                                     *event::CellCount::from(7)}));
  EXPECT_EQ(world.read(1).record, event::Record(event::AllowsCounted{Instant{1795425300}, event::MessageClass::kAlarm,
                                                                     *event::CellCount::from(5)}));
}

TEST(Log, RefusesWhatDoesNotBelongTogether) {
  World world;
  auto log = world.open();
  for (int i = 0; i < 3; ++i) (void)log->append(refused(1)).value();
  log->close();
  const auto code = [&](Ports ports, const checkpoint::SigningKey& key) { return Log::open(ports, key).error().code; };

  EXPECT_EQ(code(world.ports(), checkpoint::SigningKey::generate("authority.example/audit/2026", world.random).value()),
            "log.origin");
  store::MemoryLock empty;
  EXPECT_EQ(code({world.objects, empty, world.clock, world.random}, world.key), "log.lock-missing");

  store::MemoryLock older;
  (void)older.replace("", checkpoint::sign_checkpoint({world.key.verifier().name(), 1, merkle::Hash{}, {}}, world.key));
  EXPECT_EQ(code({world.objects, older, world.clock, world.random}, world.key), "log.tree");

  const auto whole = world.objects.contents();
  for (const auto& [path, bytes] : whole) {
    if (!path.starts_with("tile/") || path.find(".p/3") == std::string::npos) continue;
    world.objects.contents()[path][5] ^= 1;
    EXPECT_FALSE(Log::open(world.ports(), world.key)) << path;
    world.objects.contents() = whole;
  }
  EXPECT_EQ(world.open()->append(refused(1)).value().value, 3U);
}

TEST(Log, RefusesAPromiseThatIsOlderThanWhatIsPublished) {
  World world;
  auto log = world.open();
  (void)log->append(refused(1)).value();
  const std::string old = log->checkpoint();
  (void)log->append(refused(2)).value();
  log->close();
  store::MemoryLock rolled_back;
  ASSERT_TRUE(rolled_back.replace("", old));
  EXPECT_EQ(Log::open({world.objects, rolled_back, world.clock, world.random}, world.key).error().code,
            "log.rolled-back");
}

TEST(Group, RoundTripAndRefusal) {
  GroupWriter writer;
  EXPECT_TRUE(decode_group(writer.bytes()).value().empty());
  std::vector<SealedEntry> entries{{{{1, 2, 3}, {4}}, {9}}, {{{}, {5, 6}}, {}}};
  for (const SealedEntry& entry : entries) writer.append(entry);
  const Bytes bytes = writer.bytes();
  const auto read = decode_group(bytes).value();
  ASSERT_EQ(read.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(read[i].key, entries[i].key);
    EXPECT_EQ(read[i].sealed.leaf, entries[i].sealed.leaf);
    EXPECT_EQ(read[i].sealed.ciphertext, entries[i].sealed.ciphertext);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(decode_group(policy::base::ByteView(bytes).first(size)).error().code, "group.syntax") << size;
}

TEST(Log, APromiseIsPublishedByTheNextStartAndItsKeysLeaveTheJournal) {
  World world;
  (void)world.open();
  for (const std::uint64_t size : {1U, 255U, 256U, 257U, 700U}) {
    const auto before = world.objects.contents();
    store::MemoryLock crashed;
    ASSERT_TRUE(crashed.replace("", world.lock.load().value()));
    Recorder recorder(world.lock);
    {
      auto log = Log::open({world.objects, recorder, world.clock, world.random}, world.key).value();
      while (log->append(refused(1)).value().value + 1 < size) {
      }
    }
    for (const Promise& promise : recorder.promises)
      ASSERT_TRUE(crashed.promise(crashed.load().value(), promise.note, promise.carried));
    world.objects.contents() = before;
    auto log = Log::open({world.objects, crashed, world.clock, world.random}, world.key).value();
    EXPECT_EQ(log->checkpoint(), world.lock.load().value());
    EXPECT_EQ(world.published().size, size);
    EXPECT_EQ(world.read(size - 1).record, refused(1));
    EXPECT_TRUE(crashed.unsettled().value().promises.empty());
  }
}

TEST(Log, RefusesAJournalThatLeadsToAnotherRoot) {
  World world;
  (void)world.open();
  const std::string start = world.lock.load().value();
  GroupWriter group;
  group.append({{{1}, {2}}, {3}});
  const std::string note = checkpoint::sign_checkpoint({world.key.verifier().name(), 1, merkle::Hash{}, {}}, world.key);
  ASSERT_TRUE(world.lock.promise(start, note, group.bytes()));
  EXPECT_EQ(Log::open(world.ports(), world.key).error().code, "log.journal");
}

TEST(Log, ThePromisedStageOfAnOlderVersionIsStillPublished) {
  World world;
  (void)world.open()->append(refused(1)).value();
  Stage stage{world.lock.load().value(), {}};
  std::erase_if(world.objects.contents(), [&](const auto& object) {
    if (!object.first.starts_with("tile/")) return false;
    stage.objects.push_back({object.first, object.second});
    return true;
  });
  ASSERT_EQ(stage.objects.size(), 2U);
  world.objects.contents()[std::string(kStagePath)] = encode_stage(stage);
  EXPECT_EQ(world.open()->append(refused(2)).value().value, 1U);
  EXPECT_EQ(world.read(0).record, refused(1));
  EXPECT_FALSE(world.objects.get(kStagePath).value());
}

TEST(Log, SettlingPublishesAndErasingWorksAtOnce) {
  World world;
  auto log = world.open();
  for (std::uint64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(log->append(refused(1)).value().value, i);
    ASSERT_TRUE(log->settle());
    EXPECT_EQ(world.published().size, i + 1);
    EXPECT_TRUE(world.lock.unsettled().value().promises.empty());
    EXPECT_EQ(log->append(refused(1)).value().value, ++i);
    ASSERT_TRUE(log->erase(Index{i}));
    EXPECT_TRUE(event::is_erased(world.key_of(i)));
  }
}

TEST(Stage, RoundTripAndRefusal) {
  const Stage stage{"note", {{"tile/0/000.p/1", {1, 2, 3}}, {"tile/entries/000.p/1", {}}}};
  const Bytes bytes = encode_stage(stage);
  EXPECT_EQ(decode_stage(bytes).value(), stage);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(decode_stage(policy::base::ByteView(bytes).first(size)).error().code, "stage.syntax") << size;
}

}  // namespace
}  // namespace audit::log
