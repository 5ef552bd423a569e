// Opens gates for a while: overrides that somebody in a role grants, and openings of one's own (design § 4).
//
// The order is fixed: logged (overrides only), then durable in the store, then told to all loops. So nothing acts that
// a restart would forget or the log does not know. Nothing ends them but time: `decide` knows their last second, and
// close_own().
//
// Thread-safe, one change at a time; blocks for log and store, so call it from the workers. Everything outlives it.
#pragma once

#include <mutex>
#include <string>

#include "gateway/gates/gate_keeper.h"
#include "gateway/proxy/ledger.h"
#include "gateway/store/store.h"
#include "policy/base/result.h"

namespace gateway::proxy {

class Switchboard;

policy::model::Override fact_of(const store::Override& stored);

class Opener {
 public:
  Opener(store::Store& store, Ledger& ledger, Switchboard& switchboard)
      : store_(store), ledger_(ledger), switchboard_(switchboard) {}

  // `facts`: of the person, from the world; its overrides are replaced by the stored ones. The wanted span is cut to
  // what the rule admits, and the role filled in. Who may grant is the caller's question (policy::pack::may_override).
  // Errors: override.unknown (not for this person), override.limit (with the first quarter of an hour at which one
  // would count again), opening.too-many, those of log and store.
  policy::base::Result<store::Override> grant(const policy::pack::RuleSet& rules, policy::model::PersonFacts facts,
                                              store::Override wanted);
  // Until when it is open. Errors: opening.not-admitted, opening.too-many, those of the store.
  policy::base::Result<policy::base::Instant> open_own(const policy::pack::RuleSet& rules,
                                                       const policy::model::PersonFacts& facts,
                                                       policy::base::Interval wanted);
  policy::base::Status close_own(const std::string& person, policy::base::Instant now);

 private:
  policy::base::Status tell(const std::string& person);

  store::Store& store_;
  Ledger& ledger_;
  Switchboard& switchboard_;
  std::mutex mutex_;  // a limit is looked at and used up in one step, and the loops hear the newest last
};

}  // namespace gateway::proxy
