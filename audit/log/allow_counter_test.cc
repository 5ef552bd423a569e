// What the log tells of plain deliveries depends on nothing that is below five: not in its own cell, and not as the
// difference of others.
#include "audit/log/allow_counter.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace audit::log {
namespace {

using event::CellCount;
using event::MessageClass;
using policy::base::Instant;

constexpr std::size_t kQuarters = 4, kClasses = 4;
using Cells = std::array<std::array<std::uint64_t, kClasses>, kQuarters>;

std::vector<event::Record> told(const Cells& cells) {
  AllowCounter counter;
  std::vector<event::Record> out;
  const auto add = [&out](std::vector<event::Record> records) {
    out.insert(out.end(), records.begin(), records.end());
  };
  for (std::size_t quarter = 0; quarter < kQuarters; ++quarter) {
    for (std::size_t one = 0; one < kClasses; ++one)
      for (std::uint64_t n = 0; n < cells[quarter][one]; ++n)
        add(counter.count(static_cast<MessageClass>(one + 1), Instant{1795424400 + 900 * static_cast<int>(quarter)}));
  }
  add(counter.advance(Instant{1795424400 + 3600}));
  return out;
}

TEST(AllowCounter, TellsNothingOfWhatIsBelowFiveNotEvenAsADifference) {
  EXPECT_TRUE(rc::check("the same with and without small cells", [] {
    Cells cells{}, without{};
    for (std::size_t quarter = 0; quarter < kQuarters; ++quarter) {
      for (std::size_t one = 0; one < kClasses; ++one) {
        cells[quarter][one] = *rc::gen::inRange<std::uint64_t>(0, 9);
        without[quarter][one] = cells[quarter][one] < CellCount::kSmallest ? 0 : cells[quarter][one];
      }
    }
    RC_ASSERT(told(cells) == told(without));
    for (const auto& record : told(cells))
      RC_ASSERT(std::get<event::AllowsCounted>(record).count.value() >= CellCount::kSmallest);
  }));
}

// The rest of a quarter after a restart is a cell of its own: two small ones are not added up behind anybody's back.
TEST(AllowCounter, AQuarterThatIsCutByARestartIsToldInPartsOfAtLeastFive) {
  AllowCounter before, after;
  for (int i = 0; i < 4; ++i) (void)before.count(MessageClass::kRoutine, Instant{1795424400});
  EXPECT_TRUE(before.take().empty());
  for (int i = 0; i < 5; ++i) (void)after.count(MessageClass::kRoutine, Instant{1795424460});
  ASSERT_EQ(after.take().size(), 1U);
  EXPECT_TRUE(after.take().empty());
}

}  // namespace
}  // namespace audit::log
