#include "policy/simulate/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/simulate/span_of_rows.h"

namespace policy::simulate {
namespace {

using base::Seconds;

Outcome person(std::size_t unit, std::int64_t before, std::int64_t after) {
  Outcome out;
  out.unit = unit;
  for (std::size_t c = 0; c < 4; ++c) {
    out.closed[before_of(c)] = Seconds{before};
    out.closed[after_of(c)] = Seconds{after};
  }
  return out;
}

std::vector<Outcome> people(std::size_t unit, std::size_t count, std::int64_t before, std::int64_t after) {
  return std::vector<Outcome>(count, person(unit, before, after));
}

void append(std::vector<Outcome>& to, const std::vector<Outcome>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

const std::vector<std::string> kUnits{"nord", "ost", "süd", "west"};

TEST(Publish, FiveAreEnoughAndFourAreNot) {
  EXPECT_TRUE(publish(kUnits, people(0, 5, 3600, 7200)).rows[0].cells);
  const Table four = publish(kUnits, people(0, 4, 3600, 7200));
  EXPECT_FALSE(four.rows[0].cells);
  EXPECT_FALSE(four.others);
  EXPECT_FALSE(four.total);
  EXPECT_TRUE(publish(kUnits, {}).rows.empty());
  EXPECT_FALSE(publish(kUnits, {}).total);
}

TEST(Publish, AddsUpAndRounds) {
  auto all = people(0, 6, 10 * 3600, 13 * 3600);
  append(all, people(0, 7, 10 * 3600, 9 * 3600));
  append(all, people(1, 5, 2 * 3600, 2 * 3600));
  const Table table = publish(kUnits, all);
  ASSERT_EQ(table.rows.size(), 2U);
  ASSERT_TRUE(table.rows[0].cells);
  const ClassCells& routine = table.rows[0].cells->classes[0];
  EXPECT_EQ(routine, (ClassCells{130, 140, 10, 6, 7}));  // 130, 141, 11
  EXPECT_EQ(table.total->people, 18);
  EXPECT_EQ(table.total->classes[3], (ClassCells{140, 150, 10, 6, 7}));  // 140, 151, 11
  EXPECT_FALSE(table.others);
}

TEST(Publish, ASmallUnitTakesTheSmallestWithIt) {
  std::vector<Outcome> all;
  append(all, people(0, 3, 3600, 3600));
  append(all, people(1, 20, 3600, 3600));
  append(all, people(2, 6, 3600, 3600));
  append(all, people(3, 9, 3600, 3600));
  const Table table = publish(kUnits, all);
  EXPECT_FALSE(table.rows[0].cells);
  EXPECT_TRUE(table.rows[1].cells);
  EXPECT_FALSE(table.rows[2].cells);
  EXPECT_TRUE(table.rows[3].cells);
  ASSERT_TRUE(table.others);
  EXPECT_EQ(table.others->people, 9);
  EXPECT_EQ(table.total->people, 38);
}

TEST(Publish, TwoSmallUnitsHideEachOther) {
  std::vector<Outcome> all;
  append(all, people(0, 3, 3600, 3600));
  append(all, people(1, 4, 3600, 3600));
  append(all, people(2, 6, 3600, 3600));
  const Table table = publish(kUnits, all);
  EXPECT_TRUE(table.rows[2].cells);
  EXPECT_EQ(table.others->people, 7);
}

// Four of thirty change: not the four, and not the twenty-six, whose number would give them away.
TEST(Publish, FewWhoChangeKeepTheWholeUnitBack) {
  auto few = people(0, 26, 3600, 3600);
  append(few, people(0, 4, 3600, 7200));
  EXPECT_FALSE(publish(kUnits, few).total);
  append(few, people(0, 1, 3600, 7200));
  EXPECT_TRUE(publish(kUnits, few).total);
  auto most = people(0, 26, 3600, 7200);
  append(most, people(0, 4, 3600, 3600));
  EXPECT_FALSE(publish(kUnits, most).total);
}

TEST(SpanOfRows, CountsWhatIsNew) {
  SpanOfRows span;
  EXPECT_TRUE(span.add(0b011));
  EXPECT_TRUE(span.add(0b110));
  EXPECT_TRUE(span.add(0b101));  // over two elements it would be the sum
  EXPECT_FALSE(span.add(0b111));
  EXPECT_FALSE(span.add(0));
  EXPECT_EQ(span.rank(), 3U);
}

}  // namespace
}  // namespace policy::simulate
