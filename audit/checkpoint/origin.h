// The origin of a log of this house: "<authority>/feierabend/<year>", one a tenant and calendar year. An
// origin names one log for ever (C2SP tlog-checkpoint).
//
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace audit::checkpoint {

struct Origin {
  std::string authority;
  int year = 0;  // of the calendar, UTC; not negative
  bool operator==(const Origin&) const = default;
};

std::string format_origin(const Origin& origin);
// Nothing: no origin of a log of this house.
std::optional<Origin> parse_origin(std::string_view text);

}  // namespace audit::checkpoint
