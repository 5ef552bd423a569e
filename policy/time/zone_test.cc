// Offsets against the tz library itself, second by second around every change that it lists.
#include "policy/time/zone.h"

#include <date/tz.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace policy::time {
namespace {

using base::Instant;
using base::Seconds;

constexpr Instant k1900{-2'208'988'800}, k2038{2'145'916'800};

void expect_as_listed(const Zone& zone, const date::time_zone& listed, Instant instant) {
  const auto info = listed.get_info(date::sys_seconds{std::chrono::seconds{instant.unix_s}});
  ASSERT_EQ(zone.offset_at(instant).count, info.offset.count()) << zone.name() << " " << format_instant(instant);
  ASSERT_EQ(zone.abbreviation_at(instant), info.abbrev) << zone.name() << " " << format_instant(instant);
}

class ListedZone : public testing::TestWithParam<const char*> {};

TEST_P(ListedZone, HasTheOffsetsOfTheDatabase) {
  const Zone zone = Zone::find(GetParam()).value();
  const date::time_zone& listed = *date::locate_zone(GetParam());
  std::size_t changes = 0;
  Instant change = k1900;
  while (change < k2038) {
    for (const std::int64_t apart : {-1, 0, 1, 86'400}) {
      const Instant near = std::clamp(change + Seconds{apart}, k1900, k2038 - Seconds{1});
      ASSERT_NO_FATAL_FAILURE(expect_as_listed(zone, listed, near));
    }
    const auto info = listed.get_info(date::sys_seconds{std::chrono::seconds{change.unix_s}});
    change = Instant{info.end.time_since_epoch().count()};
    ++changes;
  }
  EXPECT_GT(changes, 1U);
  // Instants of no particular kind, so that every place of the index is asked for.
  for (Instant any = k1900; any < k2038; any = any + Seconds{1'234'567})
    ASSERT_NO_FATAL_FAILURE(expect_as_listed(zone, listed, any));
}

TEST_P(ListedZone, HasAnOffsetAtTheEndsOfTime) {
  const Zone zone = Zone::find(GetParam()).value();
  EXPECT_EQ(zone.offset_at(base::kBeginningOfTime), zone.offset_at(k1900 - Seconds{1}));
  EXPECT_LT(std::abs(zone.offset_at(base::kEndOfTime).count), 26 * 3600);
}

INSTANTIATE_TEST_SUITE_P(Zones, ListedZone,
                         testing::Values("Europe/Berlin", "Europe/Dublin", "Africa/Casablanca", "America/Chicago",
                                         "Pacific/Apia", "Asia/Kathmandu", "Antarctica/Troll"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::ranges::replace(name, '/', '_');
                           return name;
                         });

}  // namespace
}  // namespace policy::time
