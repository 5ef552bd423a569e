// Logins under way: what a person has shown so far, held in memory for five minutes at most. A restart ends them; the
// person starts again.
//
// Threads: any. A step is taken out while it is judged, so that one token is never judged twice at the same time, and
// is put back if the person may try again.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/device/device.h"
#include "gateway/session/token.h"
#include "gateway/session/totp.h"
#include "policy/base/clock.h"

namespace gateway::session {

constexpr std::int64_t kStepLifetime_s = 300;
constexpr std::size_t kStepsMax = 20'000;
constexpr std::size_t kStepsPerPersonMax = 8;  // beyond it the person's oldest one ends

enum class NextStep { enrol_totp, totp, device };

struct Step {
  std::string person{};
  base::MailboxId mailbox{};
  NextStep next = NextStep::totp;
  TotpSecret new_secret{};        // next == enrol_totp: written to the store only once a code proved it
  device::Challenge challenge{};  // next == device
  std::int64_t ends_at_ms = 0;    // on the clock that never goes back
};

class Steps {
 public:
  Steps(const base::Clock& clock, base::Random& random) : clock_(clock), random_(random) {}

  // A new token for this step, alive for kStepLifetime_s. Error: login.busy (too many logins under way).
  base::Result<std::string> add(Step step);
  // Error: login.step-unknown (never given out, used, or too old).
  base::Result<Step> take(std::string_view token);
  void put_back(std::string_view token, Step step);
  std::string person(std::string_view token) const;  // empty: unknown
  void drop_person(std::string_view person);
  void drop_old();
  std::size_t size() const;

 private:
  void drop_old_locked(std::int64_t now_ms);
  void bound_person_locked(const std::string& person);

  const base::Clock& clock_;
  base::Random& random_;
  mutable std::mutex mutex_;
  std::map<store::Hash, Step> steps_;                          // guarded by mutex_
  std::map<std::string, std::vector<store::Hash>> by_person_;  // oldest first; guarded by mutex_
};

}  // namespace gateway::session
