// Keeps a store and a server in step: holds the stream or, when another process of the same store holds it, hands the
// work to that one; connects again with growing pauses; deletes messages at their deadline.
//
// Only one process at a time talks to the server for a device (store's StreamLock). The others put outgoing messages
// and questions into the store, where the holder finds them within kLook_ms; when the holder ends, the next one takes
// over. So `send` and `why` work the same whether a `listen` runs or not.
//
// Owner: a command. One thread. Everything passed in outlives the driver. Errors of step() and ask() end the work: the
// server refused the session, this device was wiped, or the store failed. A server that cannot be reached is no error
// of step(); trouble() says what is wrong meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "clients/core/backoff.h"
#include "clients/core/engine.h"
#include "clients/core/link.h"
#include "clients/store/file.h"

namespace clients::core {

constexpr std::int64_t kLook_ms = 100;

// What another attempt in a minute would not change.
bool is_final(const policy::base::Error& error);

class Driver {
 public:
  // `wait(ms)` sleeps, and may return early.
  using Wait = std::function<void(std::int64_t)>;

  Driver(Engine& engine, store::Store& store, Dialer& dialer, const policy::base::Clock& clock,
         policy::base::Random& random, Wait wait)
      : engine_(engine), store_(store), dialer_(dialer), clock_(clock), random_(random), wait_(std::move(wait)) {}

  // Works for about `timeout_ms` at the most, connecting excepted; returns as soon as something happened.
  policy::base::Result<std::vector<Event>> step(std::int64_t timeout_ms);

  // A question and its answer. Events of the meantime are kept for the next step(). A Problem of the server is the
  // error; stream.timeout when no answer came in time, with the trouble that explains it.
  policy::base::Result<pb::ServerFrame> ask(const pb::ClientFrame& question, std::int64_t timeout_ms);

  // What happened and no step() has returned: at the end of a command.
  std::vector<Event> take_events() { return std::exchange(events_, {}); }

  bool connected() const { return link_ != nullptr; }
  bool guest() const { return !lock_.has_value(); }
  const std::optional<policy::base::Error>& trouble() const { return trouble_; }
  int ready_fd() const { return link_ ? link_->ready_fd() : -1; }

 private:
  policy::base::Status hold_or_wait(std::int64_t timeout_ms);
  policy::base::Status connect_when_due();
  policy::base::Status house_keeping();
  policy::base::Status take_work();
  policy::base::Status put_out(policy::base::Result<Output> out);
  policy::base::Status receive(std::int64_t timeout_ms);
  policy::base::Status drop_link(const policy::base::Error& why);
  policy::base::Result<std::optional<pb::ServerFrame>> ask_here(const pb::ClientFrame& question, std::int64_t until_ms);
  policy::base::Result<std::optional<pb::ServerFrame>> ask_holder(const pb::ClientFrame& question,
                                                                  std::int64_t until_ms);

  Engine& engine_;
  store::Store& store_;
  Dialer& dialer_;
  const policy::base::Clock& clock_;
  policy::base::Random& random_;
  Wait wait_;

  std::optional<store::StreamLock> lock_;
  std::unique_ptr<Link> link_;
  Backoff backoff_;
  std::int64_t dial_at_ms_ = 0;
  std::int64_t kept_at_ms_ = 0;
  std::int64_t looked_at_ms_ = 0;
  std::optional<policy::base::Error> trouble_;
  std::vector<Event> events_;
  std::map<std::uint64_t, std::int64_t> asks_;        // request number to the store's ask
  std::map<std::uint64_t, pb::ServerFrame> answers_;  // to questions of this process
};

}  // namespace clients::core
