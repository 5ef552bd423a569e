// The relay between its links and its store, without sockets and threads: messages of gateways in, answers, deliveries
// and receipts out. What it decides it decides in core::Delivery and in the store; here the two are kept in step.
//
// One thread: all calls, and all answers of the ledger. `Outlet`, `Ledger`, `Bus` and clock outlive the hub, and no
// answer may come after its end.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "policy/base/clock.h"
#include "relay/bus/inproc/bus.h"
#include "relay/core/delivery.h"
#include "relay/server/ledger.h"

namespace relay::server {

using core::LinkId;
namespace pb = wire::pb;

// Where the hub's messages go. A link that is gone is ignored.
class Outlet {
 public:
  virtual void send(LinkId link, const pb::FromRelay& message) = 0;

 protected:
  ~Outlet() = default;
};

enum class LogLevel { kInfo, kWarning, kError };
// `event` is a fixed word; `detail` is printable and holds neither content nor whole ids.
using Log = std::function<void(LogLevel level, std::string_view event, const std::string& detail)>;

class Hub {
 public:
  Hub(const policy::base::Clock& clock, Ledger& ledger, bus::Bus& bus, Outlet& outlet, Log log);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // After its Hello was answered.
  void link_up(LinkId link);
  void link_down(LinkId link);
  // Too much waits unsent for this link; deliveries pause, answers do not.
  void link_full(LinkId link, bool full);
  void handle(LinkId link, pb::ToRelay message);
  // Every second, and once at the start: destroys what is due.
  void tick(core::Instant now);
  // From another relay on the same store.
  void wake(const bus::Wake& wake);
  std::uint64_t bus_listener() const { return listener_; }
  // Joins the bus; `post` brings its wake-ups to this thread.
  void join(std::function<void(std::function<void()>)> post);

 private:
  static constexpr std::size_t kAcksMax = 100'000;  // cursors waiting to be written
  static constexpr std::size_t kReadsMax = 32;      // backlogs asked of the store at a time

  void accept(LinkId link, pb::ToRelay message);
  void change(LinkId link, std::uint64_t request, core::Change change);
  void quietly(core::Change change);
  void status(LinkId link, std::uint64_t request, const pb::RelayStatusQuery& query);
  void on_accepted(const core::Accepted& accepted, pb::Envelope envelope);
  void acknowledge(const pb::DeviceAck& ack);
  void write_acks();
  void subscribe(LinkId link, const pb::ToRelay& message);
  void pump();
  void read_backlog(const core::BacklogQuery& query);
  void deliver(const std::vector<core::Send>& sends);
  void sweep(core::Instant now);
  void take_receipts(std::vector<pb::BucketReceipt> receipts);
  void send_receipts();
  void refuse(LinkId link, std::uint64_t request, const policy::base::Error& error);
  void done(LinkId link, std::uint64_t request);

  const policy::base::Clock& clock_;
  Ledger& ledger_;
  bus::Bus& bus_;
  Outlet& outlet_;
  Log log_;
  core::Delivery delivery_;
  std::set<LinkId> links_;
  std::uint64_t listener_ = 0;
  std::size_t reads_ = 0;
  // Acknowledgements are cumulative: while a group is being written, only the highest of each cursor is kept.
  std::map<std::tuple<core::DeviceId, core::ConversationId, std::size_t>, std::uint64_t> acks_;
  std::size_t acks_under_way_ = 0;
  bool sweeping_ = false;
  bool store_failing_ = false;  // so that a lasting failure is logged once

  std::map<std::uint64_t, pb::BucketReceipt> receipts_;  // not yet acknowledged; at most kReceiptsReadMax
  std::set<std::uint64_t> receipts_sent_;                // over carrier_
  std::optional<LinkId> carrier_;                        // one gateway logs them; the oldest link
  bool receipts_unread_ = true;                          // the store may have more
};

}  // namespace relay::server
