#include "audit/report/cells.h"

#include <gtest/gtest.h>

#include <random>

#include "policy/base/testing/seed.h"

namespace audit::report {
namespace {

std::vector<std::optional<std::uint64_t>> counts(const Column& column) {
  std::vector<std::optional<std::uint64_t>> out;
  for (const Cell& cell : column.cells) out.push_back(cell.count);
  return out;
}

using Counts = std::vector<std::optional<std::uint64_t>>;

TEST(Cells, LargePartsAndZerosStandAlone) {
  const Column column = protect({{"a", 5, 5}, {"b", 0, 0}, {"c", 12, 9}}, Overlap::kApart);
  EXPECT_EQ(counts(column), (Counts{5, 0, 12}));
  EXPECT_EQ(column.others, std::nullopt);
  EXPECT_EQ(column.total, 17U);
}

TEST(Cells, AFewNeverFollowFromTheTotal) {
  const Column column = protect({{"a", 30, 20}, {"b", 3, 3}, {"c", 8, 8}}, Overlap::kApart);
  EXPECT_EQ(counts(column), (Counts{30, std::nullopt, std::nullopt})) << "the next smallest is hidden with them";
  EXPECT_EQ(column.others, 11U);
  EXPECT_EQ(column.total, 41U);
}

TEST(Cells, ManyEventsOfFewPeopleAreFew) {
  const std::vector<Tally> tallies{{"a", 30, 2}, {"b", 40, 40}};
  const Column column = protect(tallies, Overlap::kApart);
  EXPECT_EQ(counts(column), (Counts{std::nullopt, std::nullopt}));
  EXPECT_EQ(column.total, 70U);
}

// Two people with three reasons each are two people.
TEST(Cells, WhoStandsInSeveralPartsCountsOnce) {
  const std::vector<Tally> tallies{{"a", 4, 2}, {"b", 4, 2}, {"c", 4, 2}};
  EXPECT_EQ(protect(tallies, Overlap::kApart).total, 12U);
  EXPECT_EQ(protect(tallies, Overlap::kShared).total, std::nullopt);
  EXPECT_EQ(protect({{"a", 9, 9}, {"b", 2, 2}}, Overlap::kShared).others, 11U);
}

TEST(Cells, WhereAllAreTooFewNothingIsTold) {
  const Column column = protect({{"a", 3, 3}, {"b", 0, 0}}, Overlap::kApart);
  EXPECT_EQ(counts(column), (Counts{std::nullopt, 0}));
  EXPECT_EQ(column.others, std::nullopt);
  EXPECT_EQ(column.total, std::nullopt);
  EXPECT_EQ(protect({}, Overlap::kApart).total, 0U);
}

// Every sum and difference of what is told is zero or about enough events of enough people.
TEST(Cells, NoSumOrDifferenceIsAboutAFew) {
  std::mt19937_64 random(policy::base::seed_from_environment("CELLS_SEED"));
  for (int round = 0; round < 3000; ++round) {
    std::vector<Tally> tallies;
    for (std::uint64_t parts = 1 + random() % 6; parts > 0; --parts) {
      const std::uint64_t count = random() % 3 == 0 ? random() % 5 : random() % 20;
      tallies.push_back({"", count, count == 0 ? 0 : 1 + random() % count});
    }
    const Column column = protect(tallies, Overlap::kApart);
    std::uint64_t told = 0, hidden = 0, hidden_people = 0;
    for (std::size_t i = 0; i < tallies.size(); ++i) {
      if (column.cells[i].count) {
        EXPECT_EQ(*column.cells[i].count, tallies[i].count);
        EXPECT_TRUE(tallies[i].count == 0 || (tallies[i].count >= kCellMin && tallies[i].people >= kCellMin));
        told += tallies[i].count;
      } else {
        hidden += tallies[i].count;
        hidden_people += tallies[i].people;
      }
    }
    if (!column.total) continue;
    EXPECT_EQ(*column.total, told + hidden);
    EXPECT_EQ(column.others.value_or(0), hidden);
    EXPECT_TRUE(hidden == 0 || (hidden >= kCellMin && hidden_people >= kCellMin));
  }
}

}  // namespace
}  // namespace audit::report
