// Prints every public holiday of the shipped tables for 2020 to 2040 as "PLACE,YYYY-MM-DD", for comparison with other
// tables of them.
#include <cstdio>

#include "policy/pack/calendar.h"

int main() {
  const auto calendars = policy::pack::read_calendars(policy::pack::shipped_calendars());
  if (!calendars) return 1;
  for (const auto& [place, holidays] : *calendars) {
    for (const auto date : holidays->dates()) {
      const auto civil = policy::time::civil_of(date);
      if (civil.year < 2020 || civil.year > 2040) continue;
      std::printf("%s,%04d-%02d-%02d\n", place.c_str(), static_cast<int>(civil.year), civil.month, civil.day);
    }
  }
}
