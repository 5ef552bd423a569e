// Tells all loops: a device was wiped, a person is gone, the rules are new. Each loop hears it in its own thread, in
// the order in which it was said. Thread-safe after the exchanges have been added.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/gates/gate_keeper.h"
#include "gateway/groups/key_packages.h"
#include "gateway/session/session.h"
#include "relay/net/loop.h"
#include "relay/wire/client.pb.h"

namespace gateway::proxy {

namespace pb = ::feierabend::v1;

class Exchange;

class Switchboard {
 public:
  // Wiring only, before the loops run.
  void add(relay::net::Loop& loop, Exchange& exchange) { lines_.push_back({&loop, &exchange}); }

  void replace_world(std::shared_ptr<const gates::World> world);
  void interrupt(const std::string& person, policy::model::Interruption interruption);
  void open(const std::string& person, const gates::Openings& openings);
  void close_person(const std::string& person, const std::string& reason);
  // The relay keeps messages for it from now on, connected or not.
  void device_enrolled(const policy::base::DeviceId& device, const policy::base::MailboxId& mailbox);
  // A device that waited is usable now.
  void device_consented(const policy::base::DeviceId& device, const policy::base::MailboxId& mailbox);
  // To all devices of the person that are connected.
  void device_news(const std::string& person, const pb::DeviceNews& news);
  void session_closed(const policy::base::DeviceId& device);
  void device_removed(const policy::base::DeviceId& device);
  void device_wiped(const policy::base::DeviceId& device, const std::string& reason);
  // A newer stream of the same device is open on `by`: older ones elsewhere close.
  void device_moved(const policy::base::DeviceId& device, const Exchange& by);
  // No longer in the directory, whether or not connected: out of all groups.
  void person_gone(const std::string& person);
  // Few of its key packages are left.
  void stock_low(const policy::base::DeviceId& device, const groups::Stock& stock);
  void close_all(const std::string& reason);

 private:
  void tell_relay(const policy::base::DeviceId& device, const std::optional<policy::base::MailboxId>& mailbox);
  void remove_leaves(const policy::base::DeviceId& device);

  struct Line {
    relay::net::Loop* loop;
    Exchange* exchange;
  };
  std::vector<Line> lines_;
};

}  // namespace gateway::proxy
