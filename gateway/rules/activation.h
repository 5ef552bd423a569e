// Signed rules coming into force: what is checked, logged and stored, in which order, and what a crash leaves behind.
//
//   choose()         the bundle in the files, if it is accepted and its hour has come; else what is in force
//   put_in_force()   1. log that it comes into force   2. store it durably   3. it is in force
//   the caller       4. shows the new world to the loops
//
//   stopped before 1   nothing has happened; the next start finds the files and begins again
//   between 1 and 2    the log tells of an activation that no gate has seen. The next start logs what it then puts into
//                      force, as every start does, so the log ends with what is true
//   after 2            the next start takes the stored bundle, whatever the files hold
//
// A step that fails leaves what was in force in force, also when it failed and happened all the same: the bundle is
// then tried again, logged again and stored again, which changes nothing. The stored revision never falls: the memory
// itself refuses a lower one.
//
// What is in force stays in force after it has expired and when the machine's time zones change, because protection
// does not end by waiting; warnings() says so. It is checked again at each start: stored rules whose signatures the
// trust file does not know are no rules.
//
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/event/record.h"
#include "policy/bundle/verify.h"

namespace gateway::rules {

namespace base = policy::base;
namespace bundle = policy::bundle;
using Errors = std::vector<base::Error>;

constexpr base::Seconds kRetryAfter{10};

// Bytes of the files beside each other; the note is empty where there is none.
struct SignedFiles {
  std::string bundle, note, trust;
};

struct Remembered {
  std::uint64_t revision = 0;
  std::string bundle, note;
  bool operator==(const Remembered&) const = default;
};

// Where the bundle in force is kept over restarts. Implementations are durable when remember() returns, and refuse a
// lower revision, or other bytes of the same one, with bundle.rollback. Other errors: those of the storage.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual base::Result<std::optional<Remembered>> remembered() = 0;
  virtual base::Status remember(const Remembered& bundle) = 0;
};

// Durable when it returns.
using Log = std::function<base::Status(audit::event::Record)>;

// Whether new rules may come into force now, as far as the log's witnesses are concerned. Must not wait for anything:
// rules whose hour has come are offered again every kRetryAfter. Rules that are in force stay so without it.
using Permit = std::function<base::Status(base::Instant)>;

// A bundle that was accepted, with the bytes it came from.
struct Accepted {
  bundle::Verified verified;
  std::string bytes, note;
};
using Choice = std::shared_ptr<const Accepted>;

class Activation {
 public:
  // `memory` outlives it. Without `permit` new rules need nobody's.
  Activation(Memory& memory, Log log, std::string tenant, Permit permit = {});

  // `files`: what is there now, or why it cannot be read. A bundle that is refused is logged once. Errors, all of them:
  // those of bundle::verify and of the permit, where nothing is in force; of memory and log.
  std::expected<Choice, Errors> choose(const base::Result<SignedFiles>& files, base::Instant now);

  // Nothing is logged where the log was told the same last. Errors: those of log and memory.
  base::Status put_in_force(const Choice& choice, const base::Sha256& roster, base::Instant now);

  // A bundle waits for its hour and the hour has come; after a failure not before kRetryAfter.
  bool due(base::Instant now) const;
  // It is being tried, or could not be (a roster that is not sound): not due for kRetryAfter, or until put_in_force().
  void postpone(base::Instant now);

  struct State {
    std::optional<bundle::Terms> in_force;
    base::Sha256 digest{};
    std::optional<bundle::Terms> waiting;
  };
  State state() const;
  // bundle.expired, bundle.tz-data, bundle.unknown-signer of what is in force; why the bundle in the files is refused.
  Errors warnings(base::Instant now) const;

 private:
  std::expected<void, Errors> recall(const base::Result<SignedFiles>& files, base::Instant now);
  std::expected<Choice, Errors> judge(const SignedFiles& files, base::Instant now) const;
  base::Status log_refusal(const base::Sha256& digest, const base::Error& error);

  std::expected<Choice, Errors> offer(Choice candidate, base::Instant now);

  Memory& memory_;
  const Log log_;
  const std::string tenant_;
  const Permit permit_;
  mutable std::mutex mutex_;  // guards everything below
  bool recalled_ = false;
  Choice in_force_;
  Choice waiting_;
  bool withheld_ = false;               // what waits has no permit: its hour has come
  std::string told_;                    // bundle, zones and roster of the last activation in the log
  std::string refused_;                 // digest and code of the last refusal in the log
  std::optional<base::Error> refusal_;  // of the files as they were last
  base::Instant retry_ = base::kBeginningOfTime;
};

// The word of the log for an error of bundle::verify.
audit::event::BundleRefusal refusal_of(std::string_view code);

}  // namespace gateway::rules
