#include <array>

#include "policy/pack/family_reader.h"

namespace policy::pack {
namespace {

constexpr std::array<std::string_view, 5> kClaimKinds{"rest-after-duty", "rest-per-24h", "rest-per-week",
                                                      "never-delivers", "at-least-as-protective-as"};
constexpr std::array<std::string_view, 3> kDurings{"absence", "off-duty", "always"};

// No rest can be longer than the period that must hold it.
base::Seconds longest_of(ClaimKind kind) {
  switch (kind) {
    case ClaimKind::kRestPer24h: return base::kDay;
    case ClaimKind::kRestPerWeek: return base::Seconds{7 * base::kDay.count};
    default: return kRestMax;
  }
}

// The keys that belong to the kind; a key of another kind is an unknown key here.
void read_kind(TableReader& reader, ClaimDraft& claim) {
  ClaimRule& rule = claim.rule;
  switch (rule.kind) {
    case ClaimKind::kRestAfterDuty:
    case ClaimKind::kRestPer24h:
    case ClaimKind::kRestPerWeek:
      rule.minimum = read_bounded(reader, "minimum", Need::kRequired, longest_of(rule.kind));
      rule.restart = read_restart(reader, nullptr);
      break;
    case ClaimKind::kNeverDelivers:
      rule.during = static_cast<ClaimDuring>(reader.choice("during", Need::kOptional, kDurings).value_or(0));
      break;
    case ClaimKind::kAtLeastAsProtective: claim.than = reader.text_at("than", Need::kRequired); break;
  }
}

}  // namespace

std::string_view name_of(ClaimKind kind) { return kClaimKinds[static_cast<std::size_t>(kind)]; }
std::string_view name_of(ClaimDuring during) { return kDurings[static_cast<std::size_t>(during)]; }

void read_claim(const Value& table, PackDraft& draft, ErrorSink& sink) {
  TableReader reader(table, "[[claim]]", sink);
  ClaimDraft claim;
  claim.rule.head = read_head(reader, draft);
  const auto kind = reader.choice("kind", Need::kRequired, kClaimKinds);
  if (!kind) return;
  claim.rule.kind = static_cast<ClaimKind>(*kind);
  read_kind(reader, claim);
  claim.rule.classes = read_classes(reader, "classes", Need::kOptional);
  claim.rule.applies = read_applies(reader);
  reader.done();
  draft.claims.push_back(std::move(claim));
}

}  // namespace policy::pack
