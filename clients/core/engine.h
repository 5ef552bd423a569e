// The client's rules of sending and receiving, as a machine without a socket: frames in, frames and events out.
// Whatever must survive is in the store before a frame says so.
//
//   sending    outbox (durable) ─► Open: the devices of now ─► Open again: their certificates, as far as not known yet
//              ─► group: started, entered, members added, proposals taken up ─► encrypt (durable) ─► Send ─► Accepted
//              ─► message, and out of the outbox
//   receiving  Delivery ─► members and keys (Open, if not known) ─► the group of its epoch ─► open ─► stored ─► Ack
//
// A crash or a lost connection between any two steps repeats the step: the client message id makes a repeated Send or
// Commit harmless, (conversation, sequence) a repeated Delivery, the epoch a repeated handshake. A key of a message is
// spent in the store before its ciphertext leaves; a repeat sends the same bytes. A step that changes the epoch is in
// the store before it is sent, and becomes the group only when the service has accepted it. What cannot be read is
// stored as such and acknowledged, never asked for again. The first key seen under a device id stays: another key under
// the same id is refused in both directions. Nor is a device relied on that the log does not prove (clients/trust).
//
// Before a text is encrypted, the content rules look at it. The server tells with every connection which rules are in
// force; if these are not the ones in the store, they are fetched first, and nothing is encrypted meanwhile. A server
// that tells nothing has no rules for this client to know.
//
// Deliveries of a conversation wait in order for whatever they need, because an acknowledgement covers everything
// before it. Messages to the same people go one after the other, so that they arrive in the order of writing.
//
// Owner: the driver. One thread. Store, groups, clock and randomness outlive the engine. Errors: the store's; the
// caller then drops the connection and nothing was acknowledged.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "clients/core/content_guard.h"
#include "clients/core/payload.h"
#include "clients/core/talk.h"
#include "clients/groups/keeper.h"
#include "clients/store/store.h"
#include "clients/trust/devices.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"
#include "relay/wire/codec.h"

namespace clients::core {

namespace pb = relay::wire::pb;

constexpr std::size_t kParkedMax = 256;     // deliveries that wait; the relay sends 64 unacknowledged
constexpr std::size_t kQuestionsMax = 256;  // requests without an answer yet
constexpr std::int64_t kRetryAfter_ms = 2000;
constexpr std::int64_t kQueryAfter_ms = 1000;  // lost: what is under way may still come
constexpr std::int64_t kQueryAgain_ms = 3000;
constexpr std::int64_t kEnterAfter_ms = 30'000;  // lost, though a Welcome or commit for us should be under way
constexpr std::int64_t kTurn_ms = 300;           // members take up a proposal one after the other, so that few collide
constexpr std::size_t kTurns = 16;
constexpr std::uint32_t kPublishMax = 100;
constexpr std::size_t kCertifyMax = 100;  // certificates in one answer
constexpr std::int64_t kCertifyAgain_ms = 400;
// Whoever added a device has seen its proof, so it comes, if only after an outage; until then nothing of the group goes
// on.
constexpr std::int64_t kUnprovenPatience_ms = 120'000;
constexpr std::int64_t kUnprovenAgain_ms = 5000;

using Identity = trust::Owner;

struct Received {
  store::record::Message message;
};  // new, stored, acknowledged
struct Sent {
  store::record::Message message;
};  // accepted: durable at the relay
struct Refused {
  store::record::Outgoing outgoing;
};  // for good; stays in the outbox with its reason until taken out
struct Answered {
  std::uint64_t question;
  pb::ServerFrame frame;
};
struct GateChanged {
  pb::GateReport gates;
};
struct Expired {
  std::uint64_t count;
};
struct WipeOrdered {
  std::string reason;
};
// Something happened to a device of this person; each told once. Of this device itself: it waits no longer.
struct DevicesChanged {
  pb::DeviceNews news;
};
// A device of somebody else, or of this person, that is not relied on, or is though nobody known has consented.
using DeviceDoubted = trust::Doubt;
// A certificate is of a log that this device does not know, as after the turn of the year: the service is to be asked
// for its logs, and logs_refreshed() to be called when they are trusted. At most once a connection; until then devices
// of that log count as not proven yet.
struct LogsWanted {};
// Somebody's device is in a group no more.
using DeviceLeft = groups::Left;
using Event = std::variant<Received, Sent, Refused, Answered, GateChanged, Expired, WipeOrdered, DevicesChanged,
                           DeviceDoubted, LogsWanted, DeviceLeft>;

struct Output {
  std::vector<pb::ClientFrame> frames;
  std::vector<Event> events;
};

class Engine {
 public:
  Engine(Identity self, store::Store& store, groups::Keeper& groups, const policy::base::Clock& clock,
         policy::base::Random& random)
      : self_(std::move(self)), store_(store), groups_(groups), clock_(clock), random_(random) {}

  // A new connection: nothing that was asked on the old one is waited for.
  policy::base::Result<Output> connected();
  // Questions get an answer with the problem stream.lost.
  Output disconnected();
  policy::base::Result<Output> on_frame(const pb::ServerFrame& frame);
  // Takes up new outbox entries and whatever has come to its time. Only while connected.
  policy::base::Result<Output> flush();
  // Gives the frame a request number, which the answer's event repeats. Error: engine.busy.
  policy::base::Result<std::uint64_t> ask(pb::ClientFrame question, Output& out);

  void logs_refreshed() { logs_fresh_ = true; }
  bool idle() const;
  // On this connection the service has said how many key packages it has of this device, and was sent what it wanted.
  bool is_stocked() const { return stock_heard_ && !publishing_; }

 private:
  using Status = policy::base::Status;
  using MessageKey = std::string;  // a client message id as bytes
  using ConversationId = policy::base::ConversationId;

  struct OpenFor {
    store::record::Outgoing outgoing;
  };
  struct SendOf {
    store::record::Outgoing outgoing;
    ConversationId conversation;
  };
  struct KeysOf {
    ConversationId conversation;
  };
  struct StepOf {
    ConversationId conversation;
    Talk::Step step;
  };
  struct ContentOf {};
  struct PublishOf {};
  struct Question {};
  using Waiting = std::variant<OpenFor, SendOf, KeysOf, StepOf, ContentOf, PublishOf, Question>;

  // engine.cc
  void tell_left(Output& out);
  Status on_push(const pb::ServerFrame& frame, Output& out);
  Status on_answer(const Waiting& waiting, const pb::ServerFrame& frame, Output& out);
  Status on_stock(const pb::KeyPackageStock& stock, Output& out);
  Status on_news(const pb::DeviceNews& news, Output& out);
  Status learn(const pb::Conversation& conversation, Output& out);
  void send(pb::ClientFrame frame, Waiting waiting, Output& out);

  // engine_receive.cc
  Status on_delivery(const pb::Delivery& delivery, Output& out);
  Status on_keys(const pb::ServerFrame& frame, const ConversationId& conversation, Output& out);
  Status take_handshakes(const ConversationId& conversation, Talk& talk, Output& out);
  Status take_messages(const ConversationId& conversation, Talk& talk, Output& out);
  enum class Look { kDone, kWaits, kStranger };
  policy::base::Result<Look> take_handshake(const ConversationId& conversation, Talk& talk,
                                            const pb::Delivery& delivery);
  policy::base::Result<Look> take_own(const ConversationId& conversation, Talk& talk, const pb::Delivery& delivery);
  bool waits_for_proof(Talk& talk) const;
  Look heed(Talk& talk, const groups::Handshake& done, pb::Kind kind, bool has_group);
  policy::base::Result<Look> take_message(const ConversationId& conversation, Talk& talk, const pb::Delivery& delivery,
                                          Output& out);
  policy::base::Result<Look> ready_to_open(const ConversationId& conversation, Talk& talk,
                                           const pb::Envelope& envelope);
  policy::base::Result<std::optional<policy::base::Error>> read(const ConversationId& conversation, const Talk& talk,
                                                                const pb::Delivery& delivery,
                                                                store::record::Message& message, bool& opened);
  store::record::Message frame_of(const pb::Delivery& delivery) const;
  void ask_keys(const ConversationId& conversation, Talk& talk, Output& out);

  // engine_group.cc
  Status work(const ConversationId& conversation, Output& out);
  Status next_step(const ConversationId& conversation, Talk& talk, Output& out);
  Status step_without_group(const ConversationId& conversation, Talk& talk, Output& out);
  Status step_in_group(const ConversationId& conversation, Talk& talk, mls::Group& group, Output& out);
  Status send_staged(const ConversationId& conversation, Talk& talk, Output& out);
  Status start(const ConversationId& conversation, Talk& talk, Output& out);
  Status commit(const ConversationId& conversation, Talk& talk, std::span<const mls::KeyPackage> packages, Output& out);
  Status change_over(const ConversationId& conversation, Talk& talk, groups::ByteView senders, Output& out);
  Status enter(const ConversationId& conversation, Talk& talk, const pb::GroupState& state, Output& out);
  Status stage(const ConversationId& conversation, Talk& talk, pb::ClientFrame frame, const groups::Prepared& prepared,
               Output& out);
  void look_outside(const ConversationId& conversation, Talk& talk, Output& out);
  Status on_step(const ConversationId& conversation, Talk::Step step, const pb::ServerFrame& frame, Output& out);
  Status on_outside(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame, Output& out);
  Status on_packages(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame, Output& out);
  Status on_staged(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame, Output& out);
  Status on_staged_problem(const ConversationId& conversation, Talk& talk, const pb::Problem& problem, Output& out);
  Status on_roster(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame, Output& out);
  void ask_certificates(const ConversationId& conversation, Talk& talk, Output& out);
  Status on_certificates(const ConversationId& conversation, Talk& talk, const pb::ServerFrame& frame, Output& out);
  Status mind_pending(const ConversationId& conversation, Talk& talk);
  Status not_made(Talk& talk, const policy::base::Error& why, Output& out);
  Status give_up(Talk& talk, const policy::base::Error& why, Output& out);
  std::vector<groups::DeviceId> missing(const Talk& talk, const mls::Group& group) const;
  void pause(Talk& talk) { talk.not_before_ms = clock_.elapsed_ms() + talk.backoff.next_ms(random_); }
  void lose(Talk& talk) const;
  static void found(Talk& talk);
  std::int64_t turn_ms(const mls::Group& group);
  policy::base::ClientMessageId new_id() { return {random_.array<16>()}; }

  // engine_outbox.cc
  Status on_opened(const store::record::Outgoing& outgoing, const pb::ServerFrame& frame, Output& out);
  Status send_waiting(const ConversationId& conversation, Talk& talk, Output& out);
  Status seal_and_send(const ConversationId& conversation, store::record::Outgoing outgoing, Output& out);
  void send_sealed(const ConversationId& conversation, const store::record::Outgoing& outgoing, Output& out);
  Status on_accepted(const store::record::Outgoing& outgoing, const ConversationId& conversation,
                     const pb::ServerFrame& frame, Output& out);
  Status on_problem(store::record::Outgoing outgoing, const pb::Problem& problem, Output& out);
  Status on_group_problem(store::record::Outgoing outgoing, const ConversationId& conversation,
                          const pb::Problem& problem, Output& out);
  Status take_next(Output& out);
  Status refuse(store::record::Outgoing outgoing, const policy::base::Error& why, Output& out);
  void finish(const store::record::Outgoing& outgoing);

  // engine_content.cc. An error is the store's.
  enum class Passage { kFree, kWaits, kRefused };
  policy::base::Result<Passage> pass_content(const store::record::Outgoing& outgoing, Output& out);
  Status load_guard();
  void wait_for_content(const store::record::Outgoing& outgoing, Output& out);
  Status on_content(const pb::ServerFrame& frame, Output& out);

  Identity self_;
  store::Store& store_;
  groups::Keeper& groups_;
  const policy::base::Clock& clock_;
  policy::base::Random& random_;

  std::uint64_t last_request_ = 0;
  std::map<std::uint64_t, Waiting> waiting_;
  std::map<MessageKey, std::string> outgoing_;  // under way, and its target
  std::set<std::string> busy_targets_;
  std::map<MessageKey, std::int64_t> retry_at_ms_;  // elapsed time
  std::map<ConversationId, Talk> talks_;
  std::size_t parked_count_ = 0;
  std::int64_t delivered_at_ms_ = 0;  // as long as something comes, what is missing may come, too
  bool publishing_ = false;
  bool stock_heard_ = false;
  bool logs_asked_ = false, logs_fresh_ = false;

  std::string announced_;              // digest of the rules that the server named on this connection
  std::optional<ContentGuard> guard_;  // as in the store
  std::set<MessageKey> for_content_;   // wait for the answer to the one question about content
  bool content_asked_ = false;
};

// "enrolled", "consented", "removed"; empty for what this version does not know.
std::string_view name_of(pb::DeviceNews::What what);
// Problems that pass by themselves: try again, tell nobody yet.
bool is_passing(std::string_view code);
void set_trouble(store::record::Trouble& out, const policy::base::Error& error);

}  // namespace clients::core
