#include "audit/opening/desk.h"

namespace audit::opening {

Result<Desk::Outcome> Desk::take(std::string_view request, Instant now) const {
  Outcome out{judge(request, signers_, tenant_, now), {}};
  std::vector<pseudonym::GatewayPart> parts;
  if (!out.judged.refusal) {
    auto found = days_.parts(out.judged.request->first, out.judged.request->last);
    if (!found && found.error().code != "epoch.part") return std::unexpected(found.error());
    if (found) parts = std::move(*found);
    if (parts.empty()) out.judged.refusal = event::OpeningRefusal::kKeyGone;
  }
  const auto entry = ports_.record(record_of(out.judged));
  if (!entry) return std::unexpected(entry.error());
  if (out.judged.refusal) return out;
  if (auto noted = ports_.note(*out.judged.request, out.judged.digest); !noted) return std::unexpected(noted.error());
  out.answer = Answer{out.judged.digest, entry->origin, entry->number, std::move(parts)};
  return out;
}

}  // namespace audit::opening
