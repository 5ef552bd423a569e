#include "policy/simulate/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace policy::simulate {
namespace {

using testing::ElementsAre;

model::People people() {
  model::People out;
  out["anna"].groups = {"wache-nord", "stab", "wache-alt"};
  out["bernd"].groups = {"wache-nord"};
  out["carla"].groups = {"stab"};
  out["dora"] = {};
  return out;
}

TEST(Units, EveryPersonCountsOnce) {
  const Units units = units_by_group(people(), "wache-");
  EXPECT_THAT(units.names, ElementsAre("", "wache-alt", "wache-nord"));
  EXPECT_EQ(units.of,
            (std::map<std::string, std::size_t, std::less<>>{{"anna", 1}, {"bernd", 2}, {"carla", 0}, {"dora", 0}}));
  EXPECT_THAT(units_by_group(people(), "").names, ElementsAre("", "stab", "wache-nord"));
}

TEST(Units, FromATable) {
  const auto units = read_units("u", "person,unit\nanna,nord\ncarla,ost\n", people());
  ASSERT_TRUE(units);
  EXPECT_THAT(units->names, ElementsAre("", "nord", "ost"));
  EXPECT_EQ(units->of.size(), 4U);
  const auto wrong = read_units("u", "person,unit\nanna,nord\nanna,ost\nemil,ost\n", people());
  ASSERT_FALSE(wrong);
  ASSERT_EQ(wrong.error().size(), 2U);
  EXPECT_EQ(wrong.error()[0].code, "csv.duplicate-person");
  EXPECT_EQ(wrong.error()[0].where, "u:3:1");
  EXPECT_EQ(wrong.error()[1].code, "csv.unknown-person");
}

}  // namespace
}  // namespace policy::simulate
