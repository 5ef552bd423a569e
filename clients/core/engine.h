// The client's rules of sending and receiving, as a machine without a socket: frames in, frames and events out.
// Whatever must survive is in the store before a frame says so.
//
//   sending    outbox (durable) ─► Open: the devices of now ─► seal ─► Send ─► Accepted ─► message, and out of the
//   outbox receiving  Delivery ─► members and keys (Open, if not known) ─► verify, open ─► stored ─► Ack
//
// A crash or a lost connection between any two steps repeats the step: the client message id makes a repeated Send
// harmless, (conversation, sequence) a repeated Delivery. What cannot be read is stored as such and acknowledged, never
// asked for again. The first keys seen under a device id stay: another key under the same id is refused in both
// directions.
//
// Before a text is sealed, the content rules look at it. The server tells with every connection which rules are in
// force; if these are not the ones in the store, they are fetched first, and nothing is sealed meanwhile. A server that
// tells nothing has no rules for this client to know.
//
// Deliveries of a conversation whose sender is not known yet wait for the answer in order, because an acknowledgement
// covers everything before it. Messages to the same people go one after the other, so that they arrive in the order of
// writing.
//
// Owner: the driver. One thread. Store, cipher, clock and randomness outlive the engine. Errors: the store's; the
// caller then drops the connection and nothing was acknowledged.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "clients/core/content_guard.h"
#include "clients/core/payload.h"
#include "clients/mls/group_cipher.h"
#include "clients/store/store.h"
#include "policy/base/clock.h"
#include "relay/wire/codec.h"

namespace clients::core {

namespace pb = relay::wire::pb;

constexpr std::size_t kParkedMax =
    256;  // deliveries that wait for the sender's keys; the relay sends 64 unacknowledged
constexpr std::size_t kQuestionsMax = 256;  // requests without an answer yet
constexpr std::int64_t kRetryAfter_ms = 2000;

struct Identity {
  std::string person;
  policy::base::DeviceId device;
};

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
using Event = std::variant<Received, Sent, Refused, Answered, GateChanged, Expired, WipeOrdered>;

struct Output {
  std::vector<pb::ClientFrame> frames;
  std::vector<Event> events;
};

class Engine {
 public:
  Engine(Identity self, store::Store& store, const mls::GroupCipher& cipher, const policy::base::Clock& clock)
      : self_(std::move(self)), store_(store), cipher_(cipher), clock_(clock) {}

  // A new connection: nothing that was asked on the old one is waited for.
  policy::base::Result<Output> connected();
  // Questions get an answer with the problem stream.lost.
  Output disconnected();
  policy::base::Result<Output> on_frame(const pb::ServerFrame& frame);
  // Takes up new outbox entries and those whose time to try again has come. Only while connected.
  policy::base::Result<Output> flush();
  // Gives the frame a request number, which the answer's event repeats. Error: engine.busy.
  policy::base::Result<std::uint64_t> ask(pb::ClientFrame question, Output& out);

  bool idle() const { return outgoing_.empty() && parked_.empty(); }

 private:
  using MessageKey = std::string;  // a client message id as bytes

  policy::base::Status on_delivery(const pb::Delivery& delivery, Output& out);
  policy::base::Result<bool> knows(const pb::Envelope& envelope);
  policy::base::Status take_in(const pb::Delivery& delivery, Output& out);
  policy::base::Result<store::record::Message> read(const pb::Delivery& delivery);
  policy::base::Status on_keys(const pb::ServerFrame& frame, const std::string& conversation, Output& out);
  policy::base::Status on_opened(const store::record::Outgoing& outgoing, const pb::ServerFrame& frame, Output& out);
  policy::base::Status on_accepted(const store::record::Outgoing& outgoing, const std::string& conversation,
                                   const pb::ServerFrame& frame, Output& out);
  policy::base::Status learn(const pb::Conversation& conversation);
  policy::base::Result<mls::Audience> audience_of(const pb::Conversation& conversation);
  policy::base::Status on_problem(store::record::Outgoing outgoing, const pb::Problem& problem, Output& out);
  // An error is the store's.
  enum class Passage { kFree, kWaits, kRefused };
  policy::base::Result<Passage> pass_content(const store::record::Outgoing& outgoing, Output& out);
  policy::base::Status load_guard();
  void wait_for_content(const store::record::Outgoing& outgoing, Output& out);
  policy::base::Status on_content(const pb::ServerFrame& frame, Output& out);
  policy::base::Status take_next(Output& out);
  policy::base::Status refuse(store::record::Outgoing outgoing, const policy::base::Error& why, Output& out);
  void finish(const store::record::Outgoing& outgoing);
  std::uint64_t next_request() { return ++last_request_; }

  struct OpenFor {
    store::record::Outgoing outgoing;
  };
  struct SendOf {
    store::record::Outgoing outgoing;
    std::string conversation;
  };
  struct KeysOf {
    std::string conversation;
  };
  struct ContentOf {};
  struct Question {};
  using Waiting = std::variant<OpenFor, SendOf, KeysOf, ContentOf, Question>;

  Identity self_;
  store::Store& store_;
  const mls::GroupCipher& cipher_;
  const policy::base::Clock& clock_;

  std::uint64_t last_request_ = 0;
  std::map<std::uint64_t, Waiting> waiting_;
  std::map<MessageKey, std::string> outgoing_;  // under way, and its target
  std::set<std::string> busy_targets_;
  std::map<MessageKey, std::int64_t> retry_at_ms_;  // elapsed time
  std::map<std::string, std::deque<pb::Delivery>> parked_;
  std::size_t parked_count_ = 0;

  std::string announced_;              // digest of the rules that the server named on this connection
  std::optional<ContentGuard> guard_;  // as in the store
  std::set<MessageKey> for_content_;   // wait for the answer to the one question about content
  bool content_asked_ = false;
};

// Problems that pass by themselves: try again, tell nobody yet.
bool is_passing(std::string_view code);

}  // namespace clients::core
