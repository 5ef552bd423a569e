// What may go and what stays; and every durable step of a pruning fails once.
#include "audit/prune/prune.h"

#include <gtest/gtest.h>

#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/log/tile_reader.h"
#include "audit/prune/retention.h"
#include "audit/store/faulty.h"
#include "audit/store/memory.h"
#include "audit/verify/verify.h"

namespace audit::prune {
namespace {

using policy::base::Instant;

constexpr Instant kBegin{1767225600};  // 2026-01-01

class SetClock final : public policy::base::Clock {
 public:
  Instant now() const override { return at; }
  std::int64_t now_ms() const override { return at.unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return 0; }
  Instant at = kBegin;
};

// One entry an hour from the first of January 2026 on.
struct Sample {
  store::MemoryObjects objects;
  store::MemoryLock lock;
  SetClock clock;
  policy::base::SystemRandom random;
  checkpoint::SigningKey key = checkpoint::SigningKey::generate("authority.example/audit/2026", random).value();

  explicit Sample(std::uint64_t entries) { grow(entries); }
  void grow(std::uint64_t entries) {
    const auto log = log::Log::open({objects, lock, clock, random}, key).value();
    for (std::uint64_t i = 0; i < entries; ++i) {
      ASSERT_TRUE(log->append(event::LoginRefused{{event::Pseudonym{{1}}}, event::LoginRefusal::kWrongPassword}));
      clock.at = clock.at + policy::base::kHour;
    }
  }
  Result<Plan> plan_at(Instant now, std::optional<std::uint64_t> before = {}) {
    return plan(objects, key.verifier(), now, before);
  }
  void prune_at(Instant now) { ASSERT_TRUE(carry_out(objects, plan_at(now).value(), key)); }
  verify::Report report() { return verify::verify(objects, key.verifier()).value(); }
};

std::string all_of(const verify::Report& report) {
  std::string text;
  for (const auto& finding : report.findings) text += verify::to_string(finding) + "\n";
  return text;
}

const Instant kAllDue = prunable_from(static_cast<std::uint64_t>(kBegin.unix_s) / 3600 + 24 * 365);

TEST(Retention, TheLongestDeadlineDecides) {
  const auto hour_of = [](std::string_view text) {
    return static_cast<std::uint64_t>(policy::base::parse_instant(text)->unix_s) / 3600;
  };
  const auto text = [](Instant at) { return policy::base::format_instant(at); };
  EXPECT_EQ(text(end_of(event::Deadline::kThreeMonths, hour_of("2026-11-30T10:00:00Z"))), "2027-03-02T00:00:00Z");
  EXPECT_EQ(text(end_of(event::Deadline::kTwoYears, hour_of("2028-02-29T10:00:00Z"))), "2030-03-02T00:00:00Z");
  EXPECT_EQ(text(end_of(event::Deadline::kEndOfFollowingYear, hour_of("2026-01-01T00:00:00Z"))),
            "2028-01-02T00:00:00Z");
  EXPECT_EQ(text(prunable_from(hour_of("2026-06-15T12:00:00Z"))), "2028-06-17T00:00:00Z");
  EXPECT_EQ(end_of(event::Deadline::kTwoYears, 0xFFFFFFFF), policy::base::kEndOfTime);
}

TEST(Prune, OnlyWhatIsPastEveryDeadline) {
  Sample sample(700);
  EXPECT_EQ(sample.plan_at(kBegin)->next.minimum, 0U);
  const Instant first_bundle = prunable_from(static_cast<std::uint64_t>(kBegin.unix_s) / 3600 + 255);
  EXPECT_EQ(sample.plan_at(first_bundle - policy::base::Seconds{1})->next.minimum, 0U);
  EXPECT_EQ(sample.plan_at(first_bundle)->next.minimum, 256U);
  EXPECT_EQ(sample.plan_at(kAllDue)->next.minimum, 512U) << "the bundle that is not full stays";
  EXPECT_EQ(sample.plan_at(kAllDue, 511)->next.minimum, 256U);
  EXPECT_EQ(sample.plan_at(kAllDue, 255)->next.minimum, 0U);
  EXPECT_EQ(sample.plan_at(first_bundle, 512).error().code, "prune.early");
  EXPECT_EQ(sample.plan_at(kAllDue, 701).error().code, "prune.index");
  const auto plan = sample.plan_at(kAllDue).value();
  EXPECT_EQ(plan.records,
            (std::vector<std::string>{"side/keys/000", "side/keys/001", "side/records/000", "side/records/001"}));
  EXPECT_EQ(plan.tiles, (std::vector<std::string>{"tile/0/000", "tile/0/001", "tile/entries/000", "tile/entries/001"}));
}

TEST(Prune, APrunedLogIsGoodAndGoesOn) {
  Sample sample(700);
  const auto before = sample.report().checkpoint;
  sample.prune_at(kAllDue);
  verify::Report report = sample.report();
  EXPECT_TRUE(report.good()) << all_of(report);
  EXPECT_EQ(report.minimum, 512U);
  EXPECT_EQ(report.first, 512U);
  EXPECT_EQ(report.entries_read, 188U);
  sample.clock.at = kAllDue;
  sample.grow(400);
  report = verify::verify(sample.objects, sample.key.verifier(), {}, before).value();
  EXPECT_TRUE(report.good()) << all_of(report);
  log::TileReader reader(sample.objects, 1100);
  for (const std::uint64_t entry : {512U, 700U, 1099U})
    EXPECT_TRUE(merkle::inclusion_proof(entry, 1100, reader.nodes())) << entry;
  EXPECT_TRUE(merkle::consistency_proof(700, 1100, reader.nodes()));
  EXPECT_EQ(merkle::inclusion_proof(100, 1100, reader.nodes()).error().code, "log.tile-missing");
  EXPECT_EQ(sample.plan_at(kAllDue)->records.size(), 0U);
}

TEST(Prune, AnEarlierCheckpointBelowTheMinimumIsToldAsNotComparable) {
  Sample sample(300);
  const auto before = sample.report().checkpoint;
  sample.clock.at = kBegin + policy::base::Seconds{301 * 3600};
  sample.grow(400);
  sample.prune_at(kAllDue);
  const auto report = verify::verify(sample.objects, sample.key.verifier(), {}, before).value();
  EXPECT_NE(all_of(report).find("[checkpoint.incomparable]"), std::string::npos) << all_of(report);
}

TEST(Prune, WronglyPrunedLogsAreNamed) {
  Sample sample(700);
  const auto whole = sample.objects.contents();
  const auto wrong = [&](const std::string& code) {
    const auto report = sample.report();
    EXPECT_FALSE(report.good());
    EXPECT_NE(all_of(report).find("[" + code + "]"), std::string::npos) << all_of(report);
    sample.objects.contents() = whole;
  };
  // Nothing says that it was pruned.
  sample.prune_at(kAllDue);
  sample.objects.contents().erase(std::string(log::kMinimumIndexPath));
  wrong("entry.missing");
  // More than the statement says.
  sample.prune_at(kAllDue);
  sample.objects.contents().erase("tile/entries/002.p/188");
  wrong("entry.missing");
  // In the middle.
  sample.objects.contents().erase("tile/entries/001");
  wrong("entry.missing");
  // Too early, by a statement that the log signed.
  const auto state = [&](const MinimumIndex& minimum, const checkpoint::SigningKey& key) {
    const std::string note = sign_minimum(minimum, key);
    sample.objects.contents()[std::string(log::kMinimumIndexPath)] = log::Bytes(note.begin(), note.end());
  };
  MinimumIndex minimum = sample.plan_at(kAllDue)->next;
  sample.prune_at(kAllDue);
  minimum.pruned_at = kBegin;
  state(minimum, sample.key);
  wrong("minimum.early");
  // By an hour that is later than that of the first entry left.
  sample.prune_at(kAllDue);
  minimum = {minimum.origin, 512, minimum.newest_hour + 100, kAllDue + policy::base::kDay + policy::base::kDay};
  minimum.pruned_at = prunable_from(minimum.newest_hour);
  state(minimum, sample.key);
  wrong("entry.back-dated");
  // Signed by somebody else, or above the log.
  sample.prune_at(kAllDue);
  state({minimum.origin, 512, 0, kAllDue}, checkpoint::SigningKey::generate(minimum.origin, sample.random).value());
  wrong("minimum.invalid");
  state({minimum.origin, 1024, 0, kAllDue}, sample.key);
  wrong("minimum.invalid");
  // Records that outlive their entries.
  sample.prune_at(kAllDue);
  sample.objects.contents()["side/keys/001"] = whole.at("side/keys/001");
  wrong("prune.left");
}

TEST(Prune, ChangedBytesOfAPrunedLogAreFound) {
  Sample sample(530);
  sample.prune_at(kAllDue);
  ASSERT_TRUE(sample.report().good());
  for (auto& [path, bytes] : sample.objects.contents()) {
    for (std::size_t at = bytes.size() > 2000 ? 3U : 0U; at < bytes.size(); at += bytes.size() > 2000 ? 31U : 1U) {
      const auto bit = static_cast<std::uint8_t>(1 << (at % 8));
      bytes[at] ^= bit;
      ASSERT_FALSE(sample.report().good()) << path << " byte " << at;
      bytes[at] ^= bit;
    }
  }
}

TEST(Prune, AnyStepMayFailAndTheNextCallFinishesIt) {
  using store::Fault;
  for (const Fault fault : {Fault::kNotPersisted, Fault::kPersisted, Fault::kHalfPersisted}) {
    std::size_t faults = 0;
    for (std::size_t number = 0;; ++number) {
      Sample sample(600);
      store::FaultPlan faulty(number, fault, true);
      store::FaultyObjects objects(sample.objects, faulty);
      const auto planned = sample.plan_at(kAllDue).value();
      const auto done = carry_out(objects, planned, sample.key);
      if (!faulty.reached()) break;
      ++faults;
      EXPECT_FALSE(done.has_value());
      for (const auto& finding : sample.report().findings)
        ASSERT_EQ(finding.code, "prune.left") << number << ": nothing is missing that is not said to be";
      sample.prune_at(kAllDue);
      const auto report = sample.report();
      ASSERT_TRUE(report.good()) << number << "\n" << all_of(report);
      ASSERT_EQ(report.minimum, 512U);
      ASSERT_FALSE(sample.objects.contents().contains("side/keys/000"));
    }
    EXPECT_EQ(faults, 7U) << "statement, four side objects, two removals";
  }
}

TEST(MinimumIndex, RoundTripAndWhatIsNone) {
  const MinimumIndex good{"authority.example/audit/2026", 512, 498729, {1890000000}};
  const std::string text = format_minimum(good);
  EXPECT_EQ(parse_minimum(text).value(), good);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    return changed.replace(changed.find(from), from.size(), to);
  };
  for (const std::string& bad :
       {std::string(), with("v1", "v2"), with("authority.example/audit/2026", ""), with("512", "500"), with("512", "0"),
        with("498729", "4294967296"), with("1890000000", "253402300800"), with("minimum", "maximum"), text + "\n",
        text.substr(0, text.size() - 1)})
    EXPECT_EQ(parse_minimum(bad).error().code, "minimum.syntax") << bad;
  EXPECT_EQ(parse_minimum(with("512", "0512")).error().code, "checkpoint.number");
}

}  // namespace
}  // namespace audit::prune
