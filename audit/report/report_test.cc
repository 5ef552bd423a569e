#include "audit/report/report.h"

#include <gtest/gtest.h>

namespace audit::report {
namespace {

Instant at(std::string_view text) { return policy::base::parse_instant(text).value(); }

event::Pseudonym name(int number) {
  return event::Pseudonym{{static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8), 9}};
}

class Reported : public testing::Test {
 protected:
  void add(Instant when, event::Record record, bool erased = false) {
    const event::Leaf leaf{event::type_of(record), event::hour_of(when), event::subject_of(record), {}};
    entries_.push_back({leaf, erased ? std::nullopt : std::optional(event::Event{when, std::move(record)})});
  }
  Report report(std::string_view now = "2027-01-01T00:00:00Z", const Units* units = nullptr,
                policy::base::Interval period = {policy::base::kBeginningOfTime, policy::base::kEndOfTime}) const {
    Collector collector(period, at(now), units);
    for (std::size_t i = 0; i < entries_.size(); ++i) collector.add(i, entries_[i].first, entries_[i].second);
    return collector.finish();
  }
  static const KindLine& line(const Report& report, Kind kind) {
    return report.kinds.at(static_cast<std::size_t>(kind));
  }

  std::vector<std::pair<event::Leaf, std::optional<event::Event>>> entries_;
  const Instant day_ = at("2026-11-23T09:00:00Z");
};

TEST_F(Reported, CountsByReasonNeverBelowFive) {
  for (int i = 0; i < 7; ++i) add(day_, event::LoginRefused{{name(i)}, event::LoginRefusal::kWrongPassword});
  for (int i = 0; i < 9; ++i) add(day_, event::LoginRefused{{name(i)}, event::LoginRefusal::kRateLimited});
  for (int i = 0; i < 2; ++i) add(day_, event::LoginRefused{{name(i)}, event::LoginRefusal::kPersonLocked});
  add(day_, event::LoginRefused{{name(1)}, event::LoginRefusal::kPersonLocked}, true);
  const auto reported = report();
  const Column& reasons = line(reported, Kind::kLoginsRefused).reasons;
  EXPECT_EQ(reasons.total, 19U);
  EXPECT_EQ(reasons.others, 10U) << "three, one that was erased, and the next smallest with them";
  EXPECT_EQ(reasons.cells,
            (std::vector<Cell>{{"", {}}, {"person-locked", {}}, {"rate-limited", 9}, {"wrong-password", {}}}));
  EXPECT_FALSE(line(reported, Kind::kLoginsRefused).units);
  EXPECT_EQ(line(reported, Kind::kDevicesWiped).reasons.total, 0U);
}

TEST_F(Reported, CountsUnitsByPeopleNotByEvents) {
  Units units;
  for (int i = 0; i < 6; ++i) units[name(i)] = {"K 11", ""};
  for (int i = 6; i < 14; ++i) units[name(i)] = {"K 12", ""};
  for (int i = 14; i < 24; ++i) units[name(i)] = {"K 13", ""};
  const auto held = [&](int who) { add(day_, event::MessageHeld{{name(who)}, event::MessageClass::kUrgent, {}, {}}); };
  for (int i = 0; i < 20; ++i) held(i % 2);  // twenty of two people in K 11
  for (int i = 6; i < 24; ++i) held(i);
  const auto reported = report("2027-01-01T00:00:00Z", &units);
  const Column& column = *line(reported, Kind::kMessagesHeld).units;
  EXPECT_EQ(column.cells, (std::vector<Cell>{{"K 11", {}}, {"K 12", {}}, {"K 13", 10}}));
  EXPECT_EQ(column.others, 28U);
}

// Ten pseudonyms of ten days may be one person; a list that tells people apart knows better.
TEST_F(Reported, PseudonymsOfDifferentDaysAreNotTakenForDifferentPeople) {
  Units units, known;
  for (int i = 0; i < 10; ++i) {
    units[name(i)] = {"K 11", ""};
    known[name(i)] = {"K 11", "p" + std::to_string(i)};
    add(day_ + policy::base::Seconds{i * 86400}, event::DeviceWiped{{name(i)}, {}, {}, event::WipeReason::kLost});
  }
  EXPECT_EQ(line(report("2027-01-01T00:00:00Z", &units), Kind::kDevicesWiped).units->total, std::nullopt);
  EXPECT_EQ(line(report("2027-01-01T00:00:00Z", &known), Kind::kDevicesWiped).units->total, 10U);
}

TEST_F(Reported, TellsWhatWasDueAndWhenItHappened) {
  add(at("2026-11-23T10:00:20Z"), event::BucketDestroyed{day_, at("2026-11-23T10:00:00Z"), {40}, {3}, {}});
  const auto reported = report();
  ASSERT_EQ(reported.buckets.size(), 1U);
  EXPECT_EQ(reported.buckets[0].due, at("2026-11-23T10:00:00Z"));
  EXPECT_EQ(reported.buckets[0].destroyed_at, at("2026-11-23T10:00:20Z"));
  EXPECT_EQ(reported.buckets[0].messages, 40U);
}

TEST_F(Reported, NoCountOfABucketIsBelowFiveNorFollowsFromTheOther) {
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> counts{{0, 0},  {3, 0},   {4, 4},   {5, 5},
                                                                    {40, 3}, {40, 37}, {40, 20}, {40, 0}};
  for (const auto& [all, unread] : counts) add(day_, event::BucketDestroyed{day_, day_, {all}, {unread}, {}});
  using Told = std::pair<std::optional<std::uint64_t>, std::optional<std::uint64_t>>;
  std::vector<Told> told;
  for (const auto& bucket : report().buckets) told.emplace_back(bucket.messages, bucket.expired_unread);
  EXPECT_EQ(told, (std::vector<Told>{{0, 0}, {{}, 0}, {{}, {}}, {5, 5}, {40, {}}, {40, {}}, {40, 20}, {40, 0}}));
}

TEST_F(Reported, TellsWhichRecordsAreOverdue) {
  add(day_, event::SessionOpened{{name(1)}, {}}, true);
  add(day_, event::SessionOpened{{name(2)}, {}});
  add(day_, event::ServiceStopped{});
  EXPECT_EQ(report("2026-12-01T00:00:00Z").records.size(), 1U) << "the erased one only";
  const auto later = report("2027-06-01T00:00:00Z");
  ASSERT_EQ(later.records.size(), 1U) << "three months for sessions; the other has no field that is due";
  EXPECT_EQ(later.records[0].type, event::RecordType::kSessionOpened);
  EXPECT_EQ(later.records[0].erased, 1U);
  EXPECT_EQ(later.records[0].overdue, 1U);
  EXPECT_LE(later.records[0].due, at("2027-02-25T00:00:00Z"));
}

TEST_F(Reported, KeepsReceiptsAsTheyAre) {
  const event::ErasureDone done{event::ErasureReason::kDeadline, {}, {}, {}, {40}, {}};
  add(day_, event::ServiceStopped{});
  add(day_, done);
  const auto reported = report();
  ASSERT_EQ(reported.receipts.size(), 1U);
  EXPECT_EQ(reported.receipts[0].entry, 1U);
  EXPECT_EQ(reported.receipts[0].event.record, event::Record(done));
}

TEST_F(Reported, KeepsToThePeriod) {
  add(at("2026-10-31T23:59:59Z"), event::LogRead{{}, event::ReadPurpose::kIncident});
  add(at("2026-11-01T00:00:00Z"), event::LogRead{{}, event::ReadPurpose::kLawfulness});
  const auto reported =
      report("2027-01-01T00:00:00Z", nullptr, {at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")});
  EXPECT_EQ(reported.entries, 1U);
  EXPECT_EQ(reported.readings, (std::map<event::ReadPurpose, std::uint64_t>{{event::ReadPurpose::kLawfulness, 1}}));
}

}  // namespace
}  // namespace audit::report
