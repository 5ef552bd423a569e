// What to send to which device next: subscriptions, windows and catch-up, as a pure machine. It holds no message longer
// than the call that brings it; what cannot go out now is read from the store later.
//
// A device is *caught up* when everything that waited for it has been sent. Only then is a fresh envelope passed on
// from memory; otherwise the device is *behind* and a read of the store is due. Within a class, a device is sent
// envelopes in the order in which they were accepted. At most kWindowEnvelopesMax envelopes or kWindowBytesMax bytes
// are under way to a device; an acknowledgement makes room.
//
//   subscribe ──► behind ──query──► reading ──backlog──► caught up ──committed──► sent
//                   ▲                  │ more waits            │ window or link full
//                   └──────────────────┴───────────────────────┘
//
// The caller reports commits and backlogs in the order in which the store made them. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "relay/core/change.h"

namespace relay::core {

// One connection of a gateway.
struct LinkId {
  std::uint64_t value = 0;
  auto operator<=>(const LinkId&) const = default;
};

struct SendEnvelope {
  LinkId link;
  DeviceId device;
  pb::StoredEnvelope stored;
};
struct TellExpired {
  LinkId link;
  DeviceId device;
  MailboxId mailbox;
  std::uint64_t count = 0;
};
using Send = std::variant<SendEnvelope, TellExpired>;

class Delivery {
 public:
  // From a device's first subscription over a link, or from another link's than before: everything unacknowledged is
  // sent (again). On the same link only the classes change; a class that comes anew starts from its cursor, since what
  // was under way when it went may have been stopped by the gate. Error: subscription.limit.
  policy::base::Status subscribe(LinkId link, const DeviceId& device, std::uint32_t classes);
  // Ignored when the device has subscribed over another link since.
  void unsubscribe(LinkId link, const DeviceId& device);
  void forget(const DeviceId& device);
  void drop_link(LinkId link);
  // A full link is sent nothing until it is open again.
  void set_link_full(LinkId link, bool full);

  // A fresh envelope is on disk.
  std::vector<Send> committed(const Accepted& accepted, const pb::StoredEnvelope& stored, Instant now);
  // Another relay on the same store has accepted something for these mailboxes.
  void wake(const std::vector<MailboxId>& mailboxes);
  void acknowledged(const Acknowledge& ack);

  // The next read of the store that is due, if any; its answer must come back through backlog() or backlog_failed().
  std::optional<BacklogQuery> next_query();
  std::vector<Send> backlog(const BacklogQuery& query, const Backlog& answer, Instant now);
  // The device stays behind and is read again after the next tick(); an unknown device is forgotten.
  void backlog_failed(const BacklogQuery& query, const policy::base::Error& error);
  // Every second: frees windows of what has expired, asks again for what failed.
  void tick(Instant now);

  std::size_t subscriptions() const { return readers_.size(); }
  bool subscribed_over(LinkId link, const DeviceId& device) const;

 private:
  struct InFlight {
    ConversationId conversation;
    std::size_t class_index = 0;
    std::uint64_t sequence = 0;
    std::size_t bytes = 0;
    Instant deadline;
  };
  struct Reader {
    LinkId link;
    std::uint32_t classes = 0;
    std::optional<MailboxId> mailbox;  // known with the first backlog
    std::array<Position, kClassCount> after{};
    std::deque<InFlight> in_flight;
    std::size_t in_flight_bytes = 0;
    std::uint64_t generation = 0;
    bool behind = true;
    bool reading = false;
    bool queued = false;
    bool expired_due = false;

    bool has_room() const { return in_flight.size() < kWindowEnvelopesMax && in_flight_bytes < kWindowBytesMax; }
    // A read is worth it only for a good part of a window, not for each acknowledged envelope.
    bool worth_reading() const {
      return in_flight.size() <= kWindowEnvelopesMax / 2 && in_flight_bytes <= kWindowBytesMax / 2;
    }
  };

  void set_classes(Reader& reader, std::uint32_t classes);
  void set_mailbox(const DeviceId& device, Reader& reader, const MailboxId& mailbox);
  void ask(const DeviceId& device, Reader& reader);
  SendEnvelope send(const DeviceId& device, Reader& reader, Position position, const pb::StoredEnvelope& stored);
  template <typename Match>
  static void release(Reader& reader, Match match);

  std::unordered_map<DeviceId, Reader> readers_;
  std::unordered_map<MailboxId, std::unordered_set<DeviceId>> devices_of_;  // subscribed ones
  std::deque<DeviceId> asking_;
  std::map<LinkId, std::vector<DeviceId>> full_links_;  // with the devices that wait for room on the link
  std::uint64_t last_generation_ = 0;
};

}  // namespace relay::core
