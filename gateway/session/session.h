// Sessions: from a password to a session, and from a token to the person and the device behind a request.
//
//   password ─► enrol_totp ─┬─► device: enrol or prove ─► session
//            └► totp ───────┘
//
// Every arrow gives a new token and makes the old one worthless (no session fixation). A wrong code or a refused device
// leaves the step open, so that the person can try again; wrong passwords and codes count together, before they are
// looked at, per account, over restarts. The factor is enrolled when the first code proves it; until then it is on no
// disk. A session is bound to its device's key: see proof.h.
//
// Threads: every method may be called from any thread and blocks (directory, disk): call it from a bounded pool.
// Lifetime: all ports given to the constructor outlive this. Errors besides those named and the store's: the password
// step passes on directory.unavailable and directory.misconfigured, without counting a failure.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <unordered_map>

#include "gateway/device/device.h"
#include "gateway/directory/port/directory.h"
#include "gateway/session/factor_key.h"
#include "gateway/session/proof.h"
#include "gateway/session/steps.h"
#include "gateway/session/totp.h"
#include "gateway/store/store.h"
#include "policy/base/clock.h"

namespace gateway::session {

// What the rule set says (policy/pack: SessionRules, DeviceRules), as plain values.
struct Rules {
  base::Seconds lifetime{30 * 86400};  // of a session since its login
  base::Seconds idle{7 * 86400};
  std::uint32_t failures_max = 5;
  base::Seconds lock_for{15 * 60};
  device::Limit devices;
  base::Seconds step_up{15 * 60};  // how long a factor counts as fresh
};

// How far behind `last_seen` may be in the store: one write a minute and session, not one a request.
constexpr std::int64_t kTouchEvery_s = 60;

struct SessionInfo {
  store::SessionId id;
  std::string person;
  base::MailboxId mailbox;
  base::DeviceId device;
  base::Instant expires;  // at the latest; earlier when idle
  base::Instant logged_in{};
  bool waiting = false;  // the device: for consent
};

enum class Stage { enrol_totp, totp, device, done };

struct StepReply {
  Stage next = Stage::totp;
  std::string token{};                   // for the next step; the access token when done
  base::Instant expires{};               // of `token`
  TotpOffer totp{};                      // next == enrol_totp
  device::Challenge challenge{};         // next == device: what the device signs
  std::vector<store::Device> devices{};  // next == device: the active ones
  SessionInfo session{};                 // next == done
};

struct ClosedPerson {
  std::string person;
  std::size_t sessions = 0;  // that were ended
  bool operator==(const ClosedPerson&) const = default;
};

struct Rotated {
  std::string token;
  base::Instant expires;
};

class Sessions {
 public:
  struct Ports {
    store::Store& store;
    directory::Directory& directory;
    const base::Clock& clock;
    base::Random& random;
  };
  Sessions(const Ports& ports, FactorKey key, std::string issuer, Rules rules);

  void set_rules(Rules rules);  // from now on, for running sessions too

  // Errors: login.refused, login.locked (with its end).
  base::Result<StepReply> password(std::string_view uid, std::string_view password);
  // Errors: login.step-unknown, login.refused, login.locked, factor.exists (set up elsewhere meanwhile).
  base::Result<StepReply> totp(std::string_view step_token, std::string_view code);
  // Errors: login.step-unknown, those of device::Devices::enrol, prove and remove, and of Directory::find: the person
  // must still be there when the login ends, else it is over (an enrolled device stays enrolled).
  base::Result<StepReply> enrol_device(std::string_view step_token, const device::EnrolRequest& request);
  base::Result<StepReply> prove_device(std::string_view step_token, const base::DeviceId& device,
                                       const device::Signature& signature);
  // For a person at the limit whose devices are lost: both factors were shown. The step goes on with a new token.
  base::Result<StepReply> remove_device_at_login(std::string_view step_token, const base::DeviceId& device);

  // Errors: session.unknown, session.expired, device.wiped, device.removed, proof.signature, proof.stale,
  // proof.replayed, proof.too-many.
  base::Result<SessionInfo> authenticate(std::string_view token, const Proof& proof);
  // A new token; the old one lives until the new one was used once, so that a lost answer logs nobody out.
  // Errors: as authenticate.
  base::Result<Rotated> rotate(std::string_view token, const Proof& proof);
  base::Result<SessionInfo> logout(std::string_view token, const Proof& proof);  // whose session it was
  // For what needs a fresh second factor: passes within Rules::step_up of the login or of the last code given here,
  // else with a code that is right. A wrong code counts as at the login. Errors: factor.needed (no code was given, and
  // one is needed), login.refused, login.locked.
  base::Status step_up(const SessionInfo& session, std::string_view code);
  // Who is logging in with this step; empty for an unknown token. For the log, not for a decision.
  std::string person_of_step(std::string_view step_token) const { return steps_.person(step_token); }

  base::Result<std::vector<store::Device>> devices(std::string_view person);
  base::Status remove_device(std::string_view person, const base::DeviceId& device);
  base::Result<store::Device> wipe_device(const base::DeviceId& device);  // administrator
  base::Status reset_factor(std::string_view person);                     // administrator; ends the person's sessions

  // Ends all sessions and logins of a person, and how many sessions that were.
  base::Result<std::size_t> close_person(std::string_view person);
  // The same for everybody with a session who is not in the snapshot. Call it with *every* snapshot, not only when
  // somebody has gone: it also finds who went while the gateway was down. Returns who was closed.
  base::Result<std::vector<ClosedPerson>> close_missing(const directory::Snapshot& people);
  // Forgets what is past its time; call it every minute or so.
  base::Status tick();

 private:
  struct Found {
    store::Session session;
    store::Device device;
    SessionInfo info;
  };

  Rules rules() const;
  base::Status begin_attempt(std::string_view person, const Rules& rules);
  base::Status check_code(const Step& step, std::string_view code);
  base::Status check_known_code(std::string_view person, std::string_view code);
  base::Result<StepReply> next_step(Step step);
  base::Result<StepReply> finish(const Step& step, const store::Device& device);
  base::Result<Found> find(std::string_view token, const Proof& proof);

  store::Store& store_;
  directory::Directory& directory_;
  const base::Clock& clock_;
  base::Random& random_;
  const FactorKey key_;
  const std::string issuer_;
  device::Devices devices_;
  Steps steps_;
  ReplayGuard replays_;
  mutable std::mutex rules_mutex_;
  Rules rules_;  // guarded by rules_mutex_
  std::mutex fresh_mutex_;
  std::unordered_map<store::SessionId, base::Instant> fresh_;  // last code of step_up(); guarded by fresh_mutex_
};

}  // namespace gateway::session
