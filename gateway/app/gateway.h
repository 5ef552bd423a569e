// The gateway as a whole: made from options, run, stopped. The only place that knows all the rooms.
//
// start() blocks until clients can connect; run() until stop(), which may come from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "clients/mls/crypto/native/native.h"
#include "gateway/app/log_ledger.h"
#include "gateway/app/options.h"
#include "gateway/app/request_folder.h"
#include "gateway/app/witnesses.h"
#include "gateway/app/world_keeper.h"
#include "gateway/console/api.h"
#include "gateway/listener/front_door.h"
#include "gateway/proxy/exchange.h"
#include "gateway/proxy/opener.h"
#include "gateway/proxy/services.h"
#include "gateway/proxy/switchboard.h"
#include "relay/daemon/daemon.h"

namespace gateway::app {

class Gateway final : public directory::PeopleListener {
 public:
  static policy::base::Result<std::unique_ptr<Gateway>> start(Options options);
  ~Gateway() override;

  void run();
  void stop();
  // Reads packs and rosters again; told in the log, running gates change at once.
  void reload();
  std::string address() const;

 private:
  struct Lane {
    std::unique_ptr<relay::net::Loop> loop;
    std::unique_ptr<proxy::Exchange> exchange;
    std::unique_ptr<listener::FrontDoor> door;
    std::thread thread;
  };

  explicit Gateway(Options options) : options_(std::move(options)) {}
  policy::base::Status open_stores();
  policy::base::Status open_directory();
  // The delivery service of MLS, with the gateway's key in all groups.
  policy::base::Status open_groups();
  bool in_directory(std::string_view person) const;
  policy::base::Status open_rules();
  policy::base::Status open_lanes();
  void set_session_rules(const policy::pack::RuleSet& rules);
  void rebuild();
  // To the log and to whoever asks readyz.
  void tell_rules();
  void maintain(policy::base::Instant now);
  // Once a day, and after a start.
  void index_subjects();
  // Records of the log whose deadline has come. Once a day, on a worker: a day's worth may take minutes.
  void erase_due(policy::base::Instant now);
  // Requests to open pseudonyms, if the parties' keys were given.
  policy::base::Status open_requests();
  void take_requests(policy::base::Instant now);
  // Of each whole day since the last, tells the log how many people opened their own gate, if they were enough.
  policy::base::Status count_self_openings(policy::base::Instant now);

  void on_people(std::shared_ptr<const directory::Snapshot> people, const directory::Changes& changes) override;
  void on_fault(const policy::base::Error& error) override;

  Options options_;
  policy::base::SystemClock clock_;
  policy::base::SystemRandom random_;
  std::unique_ptr<relay::daemon::FolderLock> folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<LogLedger> ledger_;
  std::unique_ptr<Witnesses> witnesses_;  // null: none asked for
  std::unique_ptr<directory::Directory> directory_;
  std::unique_ptr<session::Sessions> sessions_;
  std::unique_ptr<proxy::Workers> workers_;
  proxy::DeviceBook book_;
  proxy::SendMeter meter_;
  proxy::Switchboard switchboard_;
  std::unique_ptr<proxy::Opener> opener_;
  std::unique_ptr<proxy::Certificates> certificates_;
  clients::mls::NativeCrypto mls_crypto_;
  std::unique_ptr<groups::Groups> groups_;
  std::unique_ptr<groups::KeyPackages> key_packages_;
  std::unique_ptr<proxy::Services> services_;
  std::unique_ptr<WorldKeeper> worlds_;
  std::mutex rebuilding_;  // one world after the other reaches the loops, in the order in which they were built
  std::shared_ptr<const gates::World> world_;
  std::unique_ptr<console::Api> api_;
  listener::Origins origins_;
  std::shared_ptr<relay::net::TlsContext> tls_, relay_tls_;
  std::vector<Lane> lanes_;
  relay::net::Address bound_;
  std::unique_ptr<directory::PeopleWatcher> watcher_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> indexed_on_{-1};  // day since 1970; −1 after a failure: tried again within a minute
  std::unique_ptr<RequestFolder> requests_, readings_;
  std::atomic<bool> taking_requests_{false};
  std::atomic<bool> erasing_{false};
  std::atomic<std::int64_t> erased_on_{0};  // day since 1970; zero after a failure: tried again within a minute
};

}  // namespace gateway::app
