// The exchange of one loop: the streams of connected devices on one side, one link to the relay on the other, the gates
// between them.
//
// What it promises: an envelope reaches a device only while its person's gate lets that class pass, whatever the relay
// sends; it is acknowledged to the sender only after the relay has it on disk; everything that is not a plain allow is
// in the audit log before it takes effect. It keeps no message: what cannot pass waits in the relay.
//
// Loop thread only, except where named. Services outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/gates/gate_keeper.h"
#include "gateway/proxy/services.h"
#include "gateway/proxy/stream.h"
#include "relay/client/link.h"

namespace gateway::proxy {

// One person's open streams on this loop.
struct Presence {
  std::string person;
  std::vector<Stream*> streams;
};

inline policy::model::MessageClass class_of(pb::MessageClass wire) {
  return static_cast<policy::model::MessageClass>(static_cast<int>(wire) - 1);
}
// Of a handshake there is no class: no rule speaks of it.
inline bool is_for_people(pb::MessageClass wire) { return wire != pb::HANDSHAKE; }

class Exchange {
 public:
  struct Options {
    std::uint32_t ping_interval_s = 60;
    std::uint32_t streams_max = 20'000;
    bool keeps_groups = false;  // one exchange of a gateway looks for what a crash or a broken link left undone
  };

  Exchange(relay::net::Loop& loop, Services& services, relay::net::Address relay_address,
           const relay::net::TlsContext* relay_tls, std::shared_ptr<const gates::World> world, Options options);
  ~Exchange();

  // Begins to reach the relay.
  void start();
  bool relay_reachable() const { return link_up_; }
  std::size_t streams() const { return streams_.size(); }

  // Takes over a channel that has been upgraded for this session. An older stream of the device is closed.
  void attach(std::shared_ptr<relay::net::Channel> channel, const session::SessionInfo& session,
              const policy::base::MailboxId& mailbox);

  // From the streams.
  void on_frame(Stream& stream, pb::ClientFrame frame);
  void forget(Stream& stream);
  // Of the time that only goes on: a clock that is set must not make every stream look silent.
  std::uint32_t second() const { return static_cast<std::uint32_t>(loop_.clock().elapsed_ms() / 1000); }

  // From the switchboard, posted to this loop.
  void replace_world(std::shared_ptr<const gates::World> world);
  void interrupt(const std::string& person, policy::model::Interruption interruption);
  void open(const std::string& person, gates::Openings openings);
  void close_person(const std::string& person, std::uint16_t code, const std::string& reason);
  void close_device(const policy::base::DeviceId& device, std::uint16_t code, const std::string& reason, bool wiped);
  void close_all(std::uint16_t code, const std::string& reason);
  // Tells the relay of a new device (with its mailbox) or of one that is gone (without); kept and said again until the
  // relay has heard it.
  void tell_relay(const policy::base::DeviceId& device, const std::optional<policy::base::MailboxId>& mailbox);
  // This device is gone, or this person: their leaves are to be removed from all groups. Kept until they are proposed
  // and the relay has that.
  void remove_leaves(const policy::base::DeviceId& device);
  void remove_leaves(const std::string& person);
  void push_stock(const policy::base::DeviceId& device, const groups::Stock& stock);
  // device_news.cc: to all devices of the person
  void push_news(const std::string& person, const pb::DeviceNews& news);
  void end_waiting(const policy::base::DeviceId& device);

 private:
  using Reply = std::function<void(pb::ServerFrame)>;
  struct Room {
    std::vector<std::string> members;
  };
  struct Verdict {
    std::vector<audit::event::Record> records;  // that must be in the log first
    policy::base::Instant readable;             // when the last reader's gate lets it pass
    bool later = false;                         // for at least one reader
  };
  // A device that the relay has to hear of: with a mailbox it is registered, without one it is forgotten.
  using Chores = std::map<policy::base::DeviceId, std::optional<policy::base::MailboxId>>;

  // requests.cc: one function a request
  void on_open(Stream& stream, std::uint64_t request, const pb::Open& open);
  void on_search(Stream& stream, std::uint64_t request, const pb::Search& search);
  void on_why(Stream& stream, std::uint64_t request, const pb::Why& why);
  void on_status(Stream& stream, std::uint64_t request, const pb::StatusQuery& query);
  void on_list(Stream& stream, std::uint64_t request);
  void on_content(Stream& stream, std::uint64_t request);
  void on_foreground(Stream& stream, std::uint64_t request, bool open);

  // handshakes.cc: one function a request, and what happens to a commit
  using Begun = std::shared_ptr<groups::Groups::Begun>;
  using Settled = std::function<void(policy::base::Result<pb::AcceptResult>)>;
  void on_start_group(Stream& stream, std::uint64_t request, const pb::StartGroup& start);
  void on_commit(Stream& stream, std::uint64_t request, pb::Commit commit);
  void on_propose(Stream& stream, std::uint64_t request, pb::Propose propose);
  void on_group(Stream& stream, std::uint64_t request, const pb::GroupQuery& query);
  void on_publish(Stream& stream, std::uint64_t request, const pb::PublishKeyPackages& publish);
  void on_fetch(Stream& stream, std::uint64_t request, const pb::FetchKeyPackages& fetch);
  void offer_stock(Stream& stream);
  void offer_news(Stream& stream);
  pb::Accept for_relay(const groups::Outgoing& out) const;
  // Hands a commit to the relay and works its answer in; `settled` hears of it afterwards.
  void offer(groups::Groups::Begun begun, Settled settled);
  void on_answer(const Begun& begun, const policy::base::Result<pb::AcceptResult>& answer, const Settled& settled);

  // group_chores.cc: what has to be done again until it is done
  void find_group_chores();
  void do_group_chores();
  void settle(const policy::base::ConversationId& id);
  void propose_removals(const policy::base::ConversationId& id);
  void tell_removal(const groups::Outgoing& removal);
  void suspect_old_store(const policy::base::ConversationId& id);
  using GroupChores = std::map<policy::base::ConversationId, policy::base::Instant>;  // when to look next
  void due(GroupChores& chores, const policy::base::ConversationId& id, std::int64_t in_s);
  // `then` runs with the conversation, from the cache or the store, if the stream's person is a member.
  void with_room(Stream& stream, std::uint64_t request, const std::string& conversation,
                 std::function<void(Stream&, const Room&)> then);
  void remember(const std::string& conversation, Room room);
  void reply(Stream& stream, std::uint64_t request, pb::ServerFrame frame);
  void refuse(Stream& stream, std::uint64_t request, const policy::base::Error& error);

  // sending.cc
  void on_send(Stream& stream, std::uint64_t request, pb::Send send);
  void send_in(Stream& stream, std::uint64_t request, pb::Send send, const Room& room,
               const groups::Standing& standing);
  void on_ack(Stream& stream, const pb::Ack& ack);
  policy::base::Status check_label(const pb::Send& send) const;
  policy::base::Status may_send(const Stream& stream, policy::model::MessageClass message_class,
                                const pb::Send& send) const;
  Verdict judge(const Stream& stream, policy::model::MessageClass message_class, const pb::Send& send,
                const Room& room);
  void accept(Stream& stream, std::uint64_t request, pb::Send send, const Room& room);
  void log_all(std::vector<audit::event::Record> records, std::function<void(const policy::base::Status&)> then);
  void forward(const std::shared_ptr<Stream>& stream, std::uint64_t request, pb::Envelope envelope, bool later);

  // exchange.cc
  void on_tick(policy::base::Instant now);
  void sweep();
  // What the relay may send to this device now, a bit a class. Handshakes pass with routine messages; while those are
  // held, only for a while after something that passes was found waiting behind them, or after the person has begun to
  // write: a phone at rest is not told that a group changes.
  std::uint32_t levels(Stream& stream);
  bool pass_handshakes(Stream& stream);  // for a while; false: they do already
  void end_handshakes();
  void subscribe(Stream& stream);
  void announce(Stream& stream);
  void apply(const std::vector<gates::GateChange>& changes);
  void on_link(bool up);
  void on_delivery(pb::DeviceDelivery delivery);
  void on_receipt(const pb::BucketReceipt& receipt);
  void on_expired(const pb::MailboxExpired& expired);
  pb::GateReport report(const std::string& person) const;
  Stream* find(const policy::base::DeviceId& device) const;

  relay::net::Loop& loop_;
  Services& services_;
  Options options_;
  policy::base::Instant now_;
  gates::GateKeeper gates_;
  std::unordered_map<policy::base::DeviceId, std::shared_ptr<Stream>> streams_;
  std::map<std::string, Presence, std::less<>> people_;
  Chores chores_;                                                    // that the relay has not confirmed
  std::vector<policy::base::DeviceId> handshaking_;                  // with a Stream::handshakes_until
  std::map<policy::base::ConversationId, std::size_t> relay_ahead_;  // how often it was found to be
  GroupChores unsettled_, removals_;             // a commit whose fate is not known; a removal to be proposed or told
  std::unordered_map<std::string, Room> rooms_;  // a cache: forgotten as a whole when it grows over kRoomsMax
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool link_up_ = false;
  relay::client::Link link_;
};

}  // namespace gateway::proxy
