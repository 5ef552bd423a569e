#include "audit/reading/desk.h"

namespace audit::reading {

namespace {

constexpr Seconds kHour{3600};

}  // namespace

// A clock that was set back forgets nothing: what seems to lie ahead counts.
bool Desk::is_full(Instant now) {
  while (!logged_.empty() && logged_.front() + kHour <= now) logged_.pop_front();
  return logged_.size() >= kPerHourMax;
}

Result<Desk::Outcome> Desk::take(std::string_view note, Instant now) {
  Outcome out{judge(note, readers_, tenant_, now), {}};
  if (!out.judged.refusal && is_full(now)) out.judged.refusal = Refusal::kTooMany;
  if (out.judged.refusal) return out;
  const auto entry = ports_.record(event::LogRead{ports_.subject(out.judged.reader), out.judged.announcement->purpose});
  if (!entry) return std::unexpected(entry.error());
  logged_.push_back(now);
  out.answer = Answer{out.judged.digest, entry->origin, entry->number};
  return out;
}

}  // namespace audit::reading
