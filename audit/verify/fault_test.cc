// Every durable write of the sequencer fails once: before it is persisted, after it is, and half way. Whatever happens,
// acknowledged entries are there after a restart, the auditor finds nothing, and no two signed checkpoints contradict
// each other.
#include <gtest/gtest.h>

#include <map>

#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/store/faulty.h"
#include "audit/store/memory.h"
#include "audit/verify/verify.h"

namespace audit::verify {
namespace {

using store::Fault;

class FixedClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {1795424400}; }
  std::int64_t now_ms() const override { return 1795424400000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

struct World {
  store::MemoryObjects objects;
  store::MemoryLock lock;
  FixedClock clock;
  policy::base::SystemRandom random;
  checkpoint::SigningKey key = checkpoint::SigningKey::generate("authority.example/audit/2026", random).value();
  std::map<std::uint64_t, std::uint8_t> acknowledged;  // index → who
  std::vector<checkpoint::Checkpoint> seen;            // every checkpoint anybody could have read

  void remember(const std::string& note) {
    if (!note.empty()) seen.push_back(checkpoint::open_checkpoint(note, key.verifier()).value());
  }
};

// Groups of different sizes, so that one of them fills a tile.
void run_story(World& world, log::Ports ports, std::uint64_t groups) {
  auto log = log::Log::open(ports, world.key);
  if (!log) return;
  std::uint8_t who = 0;
  for (std::uint64_t group = 0; group < groups; ++group) {
    ++who;
    const auto done = [&world, who](const log::Result<log::Index>& index) {
      if (!index) return;
      EXPECT_FALSE(world.acknowledged.contains(index->value)) << "an index given twice";
      world.acknowledged[index->value] = who;
    };
    const int extra = group == 1 ? 252 : 1;
    for (int i = 0; i < extra; ++i)
      (*log)->append_async(event::LoginRefused{{event::Pseudonym{{who}}}, event::LoginRefusal::kRateLimited}, done);
    const auto last = (*log)->append(event::LoginRefused{{event::Pseudonym{{who}}}, event::LoginRefusal::kRateLimited});
    done(last);
    world.remember((*log)->checkpoint());
  }
  (*log)->close();
}

void check_world(World& world, const std::string& what) {
  const Report report = verify(world.objects, world.key.verifier()).value();
  std::string findings;
  for (const Finding& finding : report.findings) findings += to_string(finding) + "\n";
  ASSERT_TRUE(report.good()) << what << "\n" << findings;
  ASSERT_TRUE(report.findings.empty()) << what << "\n" << findings;
  const std::uint64_t size = report.checkpoint.size;
  log::TileReader reader(world.objects, size);
  for (const auto& old : world.seen) {
    ASSERT_LE(old.size, size) << what;
    ASSERT_EQ(merkle::tree_root(old.size, reader.nodes()).value(), old.root) << what << ": forked at " << old.size;
  }
  for (const auto& [index, who] : world.acknowledged) {
    ASSERT_LT(index, size) << what << ": an acknowledged entry is gone";
    const auto stored = log::read_tile(world.objects, std::nullopt, index / 256, size).value();
    const auto leaves = merkle::read_bundle(stored.bytes, stored.tile.width).entries;
    ASSERT_EQ(event::decode_leaf(leaves.at(index % 256))->subject.pseudonym->bytes[0], who) << what;
  }
}

class EveryWrite : public testing::TestWithParam<std::pair<Fault, bool>> {};

TEST_P(EveryWrite, MayFailAndNothingIsLostOrForked) {
  const auto [fault, stays_broken] = GetParam();
  std::size_t faults = 0;
  for (std::size_t number = 0;; ++number) {
    World world;
    store::FaultPlan plan(number, fault, stays_broken);
    store::FaultyObjects objects(world.objects, plan);
    store::FaultyLock lock(world.lock, plan);
    run_story(world, {objects, lock, world.clock, world.random}, 4);
    if (!plan.reached()) break;
    ++faults;
    world.remember(world.lock.load().value());
    run_story(world, {world.objects, world.lock, world.clock, world.random}, 2);
    check_world(world, "write " + std::to_string(number));
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(faults, 8U) << "publishing runs beside the groups: how many writes there are is a matter of its speed";
}

INSTANTIATE_TEST_SUITE_P(Faults, EveryWrite,
                         testing::Values(std::pair(Fault::kNotPersisted, false), std::pair(Fault::kPersisted, false),
                                         std::pair(Fault::kHalfPersisted, false), std::pair(Fault::kNotPersisted, true),
                                         std::pair(Fault::kPersisted, true), std::pair(Fault::kHalfPersisted, true)));

TEST(Faults, AFailureBeforeThePromiseSaysThatNothingWasLogged) {
  std::size_t refused = 0;
  for (std::size_t number = 0; number < 30; ++number) {
    World world;
    store::FaultPlan plan(number, Fault::kNotPersisted, false);
    store::FaultyObjects objects(world.objects, plan);
    store::FaultyLock lock(world.lock, plan);
    auto log = log::Log::open({objects, lock, world.clock, world.random}, world.key);
    if (!log) continue;
    while (!plan.reached()) {
      const auto result = (*log)->append(event::ServiceStopped{});
      ASSERT_TRUE(result || result.error().code == "log.not-written");
      refused += result ? 0U : 1U;
    }
    ASSERT_TRUE((*log)->append(event::ServiceStopped{})) << "the log goes on by itself";
  }
  EXPECT_GT(refused, 5U);
}

}  // namespace
}  // namespace audit::verify
