// Builds the world that gates are computed from: packs, people of the directory, roster file, stored interruptions. A
// new world is published only when all of it is sound; otherwise the old one stays in force and the fault is told.
//
// Thread-safe; building blocks for files and store, so call it off the loops.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/directory/port/directory.h"
#include "gateway/gates/gate_keeper.h"
#include "gateway/proxy/ledger.h"
#include "gateway/store/store.h"

namespace gateway::app {

class WorldKeeper {
 public:
  struct Files {
    std::vector<std::string> packs;
    std::string roster;         // empty: nobody is rostered
    std::string interruptions;  // call-outs from elsewhere; may be empty
  };
  using Publish = std::function<void(std::shared_ptr<const gates::World>)>;

  WorldKeeper(Files files, store::Store& store, proxy::Ledger& ledger);

  static std::expected<std::shared_ptr<const policy::pack::RuleSet>, std::vector<policy::base::Error>> load_rules(
      const std::vector<std::string>& packs);

  // Reads everything; the first call must succeed before there is a service. Every error found, printable.
  std::expected<std::shared_ptr<const gates::World>, std::vector<policy::base::Error>> build(
      const directory::Snapshot& people);
  // True when the roster or interruptions file has another time or size than at the last build.
  bool files_changed() const;

 private:
  std::expected<void, std::vector<policy::base::Error>> add_roster(policy::model::People& people,
                                                                   std::string& roster_bytes) const;
  policy::base::Status add_stored_interruptions(policy::model::People& people) const;
  policy::base::Status add_stored_openings(gates::World& world) const;
  std::string stamp() const;

  const Files files_;
  store::Store& store_;
  proxy::Ledger& ledger_;
  mutable std::mutex mutex_;
  std::string stamp_;      // of the last build; these two guarded by mutex_
  std::string activated_;  // what the log was told last
};

}  // namespace gateway::app
