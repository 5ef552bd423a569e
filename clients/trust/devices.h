// Which devices of others, and of this person, may be a leaf of a group: those that the log proves, and, once the
// person is known, those that a known device of that person has consented to.
//
//     pinned ── certificate proven by a trusted log ─┬─ first devices of that person ─────────────────► certified
//                                                    ├─ consent by a certified device, or to one ─────► certified
//                                                    ├─ none of the known devices is there any more ──► certified, and
//                                                    told └─ else ──► doubted ── compared by hand: confirm() ►
//                                                    certified
//
// A device that the service slips in needs an entry in the log that officer and council watch, and the signature of a
// device that the person has; it can replace all devices of somebody at once, and everybody who writes to them is told.
// Among the person's own devices those count as known that were in the log before this one: by their place in it, since
// the service could write any time beside an entry. Between the logs of two years both year and time must say so. A
// device that is gone is judged as one that is there: a group may have to be followed through an epoch in which it had
// a leaf.
//
// Functions on the store; what they find out is stored in the pins, all of one answer in one step. Errors: the store's,
// trusted_logs()'.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "audit/certificate/certificate.h"
#include "clients/store/store.h"
#include "relay/wire/codec.h"

namespace clients::trust {

namespace pb = relay::wire::pb;
using policy::base::DeviceId;

// Whose store this is.
struct Owner {
  std::string person;
  DeviceId device;
};

// A device that cannot be relied on, or can, though nobody known has consented. Each is told once.
struct Doubt {
  std::string person;
  DeviceId device;
  policy::base::Error why;  // device.unconfirmed, device.replaced, device.certificate-other, and those of verify()
  bool accepted = false;
};

struct Certified {
  std::vector<DeviceId> missing;  // no certificate yet: to be asked for
  std::set<DeviceId> barred;      // refused, as far as this answer goes
  std::vector<Doubt> doubts;
  bool unknown_log = false;  // a certificate is of a log that is not known
};

// Those that are there, then those that are gone.
std::vector<const pb::Device*> all_devices(const pb::Member& member);

// Looks at the certificates in an answer to Open. The keys in it were pinned and checked before (core/pins.h).
// `logs_are_fresh`: the service was asked lately which logs there are, so that an entry of another one is doubted; else
// it counts as missing.
policy::base::Result<Certified> certify(store::Store& store, const Owner& owner, const pb::Conversation& conversation,
                                        bool logs_are_fresh = true);

// Whether a leaf may stand for this device, as far as certificates go.
bool is_certified(const store::record::PinnedDevice& pin);
// Why not, of one whose certificate was looked at; nothing: there was none yet.
std::optional<policy::base::Error> why_not(const store::record::PinnedDevice& pin);

// The person has compared safety numbers, in which these devices were: those of them that were doubted and have a
// proven certificate are relied on. Answers how many.
policy::base::Result<std::size_t> confirm(store::Store& store, std::string_view person,
                                          std::span<const DeviceId> devices);

// The statement of this device's own certificate names it, its key and its person. Error: device.certificate-other,
// certificate.syntax.
policy::base::Status check_own_statement(std::string_view statement, const Owner& owner,
                                         const audit::certificate::PublicKey& key);

}  // namespace clients::trust
