// Keeps the log of the running year cosigned by its witnesses, and says whether rules may come into force.
//
// A thread asks the witnesses of a policy at an interval, or when it is asked to. A checkpoint that a quorum has
// cosigned is kept beside the log, <folder>/witness/<year>.cosigned, durable before it counts. permit() never waits: it
// looks at what is known, and asks for a round if that is too little.
//
// Rules may come into force while the newest quorum is not older than max_age, and no witness has an objection: a
// checkpoint of this log that it cannot reconcile with what it cosigned before (witness.contradicts, witness.ahead).
// A witness that only is not there may be waited for that long; one that objects may not. Age alone is enough because a
// round asks for the newest checkpoint there is: what is older than max_age stands in it. Where that need not be so,
// by file, a cosignature is as old as the first entry that it leaves out (offered.h). Cosignatures that came by
// file count beside those that came over the network (offered.h).
//
// Thread-safe. Errors of permit(): witness.contradicts, witness.ahead, quorum.missing (with who is missing and why),
// quorum.old, and those of the stored log.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "audit/checkpoint/trust_policy.h"
#include "audit/log/ports.h"
#include "audit/witness/collector.h"
#include "policy/base/clock.h"

namespace gateway::witness {

namespace base = policy::base;

// The log of the running year, for reading.
struct CurrentLog {
  int year = 0;
  const audit::log::Objects* objects = nullptr;
  audit::checkpoint::VerifierKey key;
};

class Keeper {
 public:
  struct Options {
    base::Seconds max_age{3600};
    base::Seconds interval{60};
  };
  // All of these outlive it.
  struct Ports {
    const audit::checkpoint::TrustPolicy& policy;
    audit::witness::Way& way;
    audit::log::Objects& kept;  // the folder `witness`
    const base::Clock& clock;
  };
  using Source = std::function<base::Result<CurrentLog>()>;
  // From the thread that asks the witnesses: what came of a round, when it is another than the last.
  using Tell = std::function<void(const std::optional<base::Error>& fault)>;

  Keeper(Ports ports, Options options, Source source, Tell tell);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // Asks all witnesses now, on this thread, and keeps what has come.
  void collect();
  // From here on a thread of its own does.
  void start();

  base::Status permit(base::Instant now);
  // The checkpoint that a quorum cosigned last; none: never in this year.
  std::optional<audit::checkpoint::Checkpoint> cosigned() const;

 private:
  struct Outcome {
    std::optional<base::Error> objection;                    // of a witness, or of the log against what is kept
    std::optional<base::Error> fault;                        // why there is no quorum
    std::optional<audit::checkpoint::Witnessed> new_quorum;  // kept by now
    std::optional<base::Instant> joined_since;               // of a quorum with what came by file
  };
  Outcome round();
  base::Status recall(const CurrentLog& log);
  void join_offered(const audit::witness::Round& round, const CurrentLog& log, Outcome& out) const;
  base::Result<audit::checkpoint::Witnessed> keep(const audit::witness::Round& round, const CurrentLog& log);
  void run();

  const Ports ports_;
  const Options options_;
  const Source source_;
  const Tell tell_;
  std::mutex collecting_;  // one round at a time; guards the two below
  audit::witness::Collector collector_;
  std::string told_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::optional<audit::checkpoint::Witnessed> newest_;  // of the running year
  std::optional<base::Instant> joined_since_;           // the youngest of the running year
  std::optional<base::Error> objection_, fault_;        // of the last round
  bool asked_ = false, ending_ = false;
  std::thread thread_;
};

}  // namespace gateway::witness
