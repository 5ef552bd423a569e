// The store as the hub sees it: asked now, answered later on the hub's own thread, in the order in which the store
// worked.
//
// Answers come on the hub's thread and never from inside the asking call. Each accepted call is answered exactly once,
// at the latest when the ledger stops.
#pragma once

#include <functional>

#include "relay/core/change.h"
#include "relay/store/port/store.h"

namespace relay::server {

class Ledger {
 public:
  using Answer = std::function<void(core::Outcome)>;
  // Works on the store, then gives the answer to be called on the hub's thread.
  using Reading = std::function<std::function<void()>(store::Store&, core::Instant now)>;

  virtual ~Ledger() = default;
  // False when the queue is full; nothing happens then.
  virtual bool change(core::Change change, Answer answer) = 0;
  virtual bool read(Reading reading) = 0;
};

}  // namespace relay::server
