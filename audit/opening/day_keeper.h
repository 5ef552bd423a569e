// The keys of days in a store: `<day>.sealed` for the two parties and `<day>.part` of the gateway, until every entry of
// the day is due for erasure; `<day>.key` as long as the day lasts. A key is parted, durably, before it is first used;
// the key of a past day is destroyed, and then it takes all three parts to make it again.
//
// A day is never gone back to: with the clock set back, the newest day goes on, as the instants in the log do. So the
// parts of a day are never replaced by those of another key.
//
// Thread-safe; the only writer of its objects. Errors: those of the objects, epoch.syntax, epoch.party-key, and
// epoch.part (of a day that was sealed and has lost its part).
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "audit/log/ports.h"
#include "audit/pseudonym/day_key.h"

namespace audit::opening {

using pseudonym::Day;

class DayKeeper final : public pseudonym::DaySource {
 public:
  // Objects and randomness outlive it.
  DayKeeper(log::Objects& objects, pseudonym::PartyKeys parties, policy::base::Random& random)
      : objects_(objects), parties_(parties), random_(random) {}

  policy::base::Result<pseudonym::DayKey> key_for(Day day) override;

  // The gateway's parts of these days. A day on which there was no key has none.
  policy::base::Result<std::vector<pseudonym::GatewayPart>> parts(Day first, Day last) const;

  // Destroys what makes pseudonyms of days whose entries are all due at `now`: nobody can open them any more. Gives the
  // number of days.
  policy::base::Result<std::uint64_t> destroy_due(policy::base::Instant now);

 private:
  policy::base::Result<std::optional<Day>> newest() const;
  policy::base::Result<pseudonym::DayKey> load(Day day) const;
  policy::base::Result<pseudonym::DayKey> make(Day day);
  policy::base::Status destroy(const std::string& path);

  log::Objects& objects_;
  const pseudonym::PartyKeys parties_;
  policy::base::Random& random_;
  mutable std::mutex mutex_;
  std::optional<pseudonym::DayKey> current_;  // guarded by mutex_
};

}  // namespace audit::opening
