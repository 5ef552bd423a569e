// One handshake of a conversation at a time: who has the turn may change its group, the others come again.
//
// Thread-safe. A Turn is moved, gives itself back when it dies, and does not outlive its Turns.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>

#include "policy/base/bytes.h"

namespace gateway::groups {

namespace base = policy::base;

class Turns;

class Turn {
 public:
  Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)), of_(other.of_) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn();

 private:
  friend class Turns;
  Turn(Turns& turns, const base::ConversationId& of) : turns_(&turns), of_(of) {}
  Turns* turns_;
  base::ConversationId of_;
};

class Turns {
 public:
  // Nothing while somebody else has it.
  std::optional<Turn> take(const base::ConversationId& of) {
    const std::scoped_lock lock(mutex_);
    if (!taken_.insert(of).second) return std::nullopt;
    return Turn(*this, of);
  }

 private:
  friend class Turn;
  void give_back(const base::ConversationId& of) {
    const std::scoped_lock lock(mutex_);
    taken_.erase(of);
  }

  std::mutex mutex_;
  std::unordered_set<base::ConversationId> taken_;  // guarded by mutex_; at most one a running request
};

inline Turn::~Turn() {
  if (turns_ != nullptr) turns_->give_back(of_);
}

}  // namespace gateway::groups
