#include "policy/prove/report.h"

#include <algorithm>

namespace policy::prove {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds: return "holds";
    case Verdict::kFails: return "fails";
    case Verdict::kNotProven: break;
  }
  return "not-proven";
}

bool Report::ok() const {
  const auto covered = [](const Coverage& one) { return one.covered; };
  const auto holds = [](const ClaimReport& claim) { return claim.verdict == Verdict::kHolds; };
  return !claims.empty() && unevaluable == 0 && std::ranges::all_of(claims, holds) &&
         std::ranges::all_of(rests, covered) && std::ranges::all_of(exceptions, covered);
}

}  // namespace policy::prove
