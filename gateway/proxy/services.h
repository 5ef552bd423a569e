// What the loops of one gateway share. Everything here is thread-safe or immutable; the wiring is in gateway/app.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/device/device.h"
#include "gateway/directory/port/directory.h"
#include "gateway/gates/gate_keeper.h"
#include "gateway/groups/groups.h"
#include "gateway/groups/key_packages.h"
#include "gateway/proxy/certificates.h"
#include "gateway/proxy/device_book.h"
#include "gateway/proxy/ledger.h"
#include "gateway/proxy/send_meter.h"
#include "gateway/proxy/workers.h"
#include "gateway/session/session.h"
#include "gateway/store/store.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"

namespace gateway::proxy {

class Opener;
class Switchboard;

// Which rules gates follow, for those who watch the service.
struct RulesStatus {
  bool is_signed = false;  // a bundle; else packs without signatures
  std::uint64_t revision = 0;
  policy::base::Instant expires = policy::base::kEndOfTime;
  std::optional<policy::base::Instant> next;  // when a newer revision comes into force
  std::vector<std::string> warnings;          // codes
};

struct Services {
  const policy::base::Clock& clock;
  policy::base::Random& random;
  store::Store& store;
  session::Sessions& sessions;
  Workers& workers;
  DeviceBook& book;
  SendMeter& meter;
  Ledger& ledger;
  Switchboard& switchboard;
  Opener& opener;
  Certificates& certificates;
  groups::Groups& groups;
  groups::KeyPackages& key_packages;
  std::atomic<std::shared_ptr<const gates::World>> world;          // the newest that was given to the loops
  std::atomic<std::shared_ptr<const directory::Snapshot>> people;  // the newest that is believed
  std::atomic<bool> relay_up{false};
  std::atomic<std::uint32_t> devices_max{3};  // as the rules in force say
  std::atomic<std::shared_ptr<const RulesStatus>> rules_status;
  std::string admin_group;                                        // whose members may wipe devices
  std::function<void(const policy::base::Error&)> tell_operator;  // into the program's own log
};

}  // namespace gateway::proxy
