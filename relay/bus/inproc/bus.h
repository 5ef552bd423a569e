// The bus carries wake-ups and nothing else: "something was accepted for these mailboxes, look into the store". A lost
// wake-up costs a second until something else wakes the reader, never a message; the store is the truth (design § 5).
//
// Bus is the port for relays that share a store; InprocBus joins relays within one process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "policy/base/bytes.h"

namespace relay::bus {

struct Wake {
  std::vector<policy::base::MailboxId> mailboxes;
};

class Bus {
 public:
  using Listener = std::function<void(const Wake&)>;
  virtual ~Bus() = default;

  // `listener` is called on a thread of the bus's choosing until stop_listening() has returned; never with its own
  // wake-ups.
  virtual std::uint64_t listen(Listener listener) = 0;
  virtual void stop_listening(std::uint64_t listener) = 0;
  // Never blocks for long and never fails: what cannot be sent is lost.
  virtual void publish(std::uint64_t from, const Wake& wake) = 0;
};

// Calls the listeners on the publisher's thread, under a lock: they must only pass the wake-up on.
class InprocBus final : public Bus {
 public:
  std::uint64_t listen(Listener listener) override {
    const std::scoped_lock lock(mutex_);
    listeners_[++last_] = std::move(listener);
    return last_;
  }
  void stop_listening(std::uint64_t listener) override {
    const std::scoped_lock lock(mutex_);
    listeners_.erase(listener);
  }
  void publish(std::uint64_t from, const Wake& wake) override {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, listener] : listeners_)
      if (id != from) listener(wake);
  }

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, Listener> listeners_;
  std::uint64_t last_ = 0;
};

}  // namespace relay::bus
