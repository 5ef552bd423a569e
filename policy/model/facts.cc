#include "policy/model/facts.h"

#include <array>

namespace policy::model {

std::string_view name_of(RosterKind kind) {
  switch (kind) {
    case RosterKind::kDuty: return "duty";
    case RosterKind::kStandby: return "standby";
    case RosterKind::kOnCall: return "on-call";
    case RosterKind::kLeave: return "leave";
    case RosterKind::kSick: return "sick";
    case RosterKind::kTraining: return "training";
  }
  return "duty";
}

base::Result<RosterKind> parse_roster_kind(std::string_view name) {
  constexpr std::array kKinds{RosterKind::kDuty,  RosterKind::kStandby, RosterKind::kOnCall,
                              RosterKind::kLeave, RosterKind::kSick,    RosterKind::kTraining};
  for (const RosterKind kind : kKinds)
    if (name == name_of(kind)) return kind;
  return base::fail("roster.unknown-kind", "roster kind '" + base::printable(name) + "'",
                    "duty, standby, on-call, leave, sick, training");
}

}  // namespace policy::model
