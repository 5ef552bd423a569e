// The witnesses of the gateway's log: their policy, the way to them, what they have cosigned, wired to the folders of
// log_ledger.h.
//
//   <folder>/witness/<year>.cosigned   the log's newest checkpoint that a quorum has cosigned
//   <folder>/witness/offered/          cosignatures that are handed in by file (gateway/witness/offered.h)
//
// Thread-safe after open().
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "audit/store/folder.h"
#include "gateway/witness/http_way.h"
#include "gateway/witness/keeper.h"

namespace gateway::app {

class Witnesses {
 public:
  struct Options {
    std::string policy;  // file; empty: no witness is asked for
    std::string trust;   // PEM of authorities for https; empty: the system's
    witness::Keeper::Options times;
  };
  // What is wrong with the policy file, its URLs and the authorities. Errors: those of TrustPolicy::parse and HttpWay;
  // settings.file.
  static policy::base::Result<audit::checkpoint::TrustPolicy> read_policy(const Options& options);

  // `folder` is that of the ledger, whose log is open by now. Asks all witnesses once, so that the first rules can come
  // into force; then a thread does. `clock` outlives it.
  static policy::base::Result<std::unique_ptr<Witnesses>> open(const Options& options, std::string folder,
                                                               const policy::base::Clock& clock);

  witness::Keeper& keeper() { return *keeper_; }

 private:
  Witnesses(std::string folder, const policy::base::Clock& clock) : folder_(std::move(folder)), clock_(clock) {}
  policy::base::Result<witness::CurrentLog> current();

  const std::string folder_;
  const policy::base::Clock& clock_;
  std::unique_ptr<const audit::checkpoint::TrustPolicy> policy_;
  std::unique_ptr<witness::HttpWay> way_;
  std::unique_ptr<audit::store::FolderObjects> kept_;
  std::mutex mutex_;
  std::map<int, std::unique_ptr<audit::store::FolderObjects>> years_;  // guarded by mutex_
  std::unique_ptr<witness::Keeper> keeper_;                            // ends first
};

}  // namespace gateway::app
