// Builds the world that gates are computed from: rules, people of the directory, roster file, stored interruptions. A
// new world is published only when all of it is sound; otherwise the old one stays in force and the fault is told.
//
// Rules are a signed bundle (gateway/rules/activation.h), or, for trying out, packs that nobody has signed. Once a
// signed bundle was in force, packs without signatures are refused for good.
//
// Thread-safe; blocks for files and store, so call it off the loops. Whoever publishes what build() gives must do so in
// the order in which it was built.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/directory/port/directory.h"
#include "gateway/gates/gate_keeper.h"
#include "gateway/proxy/ledger.h"
#include "gateway/proxy/services.h"
#include "gateway/rules/activation.h"
#include "gateway/store/store.h"

namespace gateway::app {

class WorldKeeper {
 public:
  struct Files {
    std::vector<std::string> packs;  // empty with a bundle
    std::string bundle, trust;       // empty with packs
    std::string roster;              // .csv, .ics or .toml; empty: nobody is rostered
    std::string interruptions;       // call-outs from elsewhere; may be empty
  };
  using Errors = std::vector<policy::base::Error>;

  // `permit` is asked before new signed rules come into force; see gateway/rules/activation.h.
  WorldKeeper(Files files, std::string tenant, store::Store& store, proxy::Ledger& ledger,
              const policy::base::Clock& clock, rules::Permit permit = {});
  ~WorldKeeper();

  // What is wrong with the rules as they are in the files, without anything in force. Nothing that waits for its hour.
  static Errors check_rules(const Files& files, const std::string& tenant, policy::base::Instant now);

  // Reads everything; the first call must succeed before there is a service. Every error found, printable. Rules that
  // are new are in force, logged and stored when this returns.
  std::expected<std::shared_ptr<const gates::World>, Errors> build(const directory::Snapshot& people);
  // True when one of the files that are watched has another time or size than at the last look: all but packs.
  bool files_changed() const;

  // Signed rules wait, and their hour has come. Says so once; again after a while if build() did not follow.
  bool due(policy::base::Instant now);
  bool expires_at(policy::base::Instant now) const;  // the rules in force, in this very second
  proxy::RulesStatus status() const;
  Errors warnings() const;

 private:
  class StoreMemory;
  struct Chosen {
    std::shared_ptr<const policy::pack::RuleSet> rules;
    policy::bundle::Pins pins;
    rules::Choice choice;  // null for packs
  };

  std::expected<Chosen, Errors> choose(policy::base::Instant now);
  std::expected<Chosen, Errors> choose_packs() const;
  std::expected<std::shared_ptr<const gates::World>, Errors> build_world(const directory::Snapshot& people,
                                                                         policy::base::Instant now);
  policy::base::Status put_in_force(const Chosen& chosen, const policy::base::Sha256& roster,
                                    policy::base::Instant now);
  std::expected<void, Errors> add_roster(const std::string& zone, policy::model::People& people,
                                         std::string& roster_bytes) const;
  policy::base::Status add_stored_interruptions(policy::model::People& people) const;
  policy::base::Status add_stored_openings(gates::World& world) const;
  std::string stamp() const;

  const Files files_;
  store::Store& store_;
  proxy::Ledger& ledger_;
  const policy::base::Clock& clock_;
  std::unique_ptr<StoreMemory> memory_;
  std::unique_ptr<rules::Activation> activation_;  // null for packs
  std::mutex building_;                            // one build() at a time
  std::string told_;                               // of packs: what the log was told last; guarded by building_
  mutable std::mutex mutex_;
  std::string stamp_;  // of the last build; guarded by mutex_
};

}  // namespace gateway::app
