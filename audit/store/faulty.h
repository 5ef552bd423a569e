// Wraps the ports and lets one chosen write fail: before anything of it is persisted, after all of it is, or in the
// middle. For tests of everything that claims to survive that.
//
// Threads as the ports below.
#pragma once

#include <atomic>
#include <cstdint>

#include "audit/log/ports.h"

namespace audit::store {

enum class Fault : std::uint8_t { kNotPersisted, kPersisted, kHalfPersisted };

// Counts the writes of both ports together. Owned by the test. Any thread.
class FaultPlan {
 public:
  FaultPlan(std::size_t failing_write, Fault fault, bool stays_broken)
      : failing_write_(failing_write), fault_(fault), stays_broken_(stays_broken) {}

  // None: go on.
  std::optional<Fault> next() {
    const std::size_t number = writes_++;
    if (number == failing_write_) return fault_;
    if (number > failing_write_ && stays_broken_) return Fault::kNotPersisted;
    return {};
  }
  bool reached() const { return writes_ > failing_write_; }

 private:
  std::size_t failing_write_;
  Fault fault_;
  bool stays_broken_;
  std::atomic<std::size_t> writes_ = 0;
};

class FaultyObjects final : public log::Objects {
 public:
  FaultyObjects(log::Objects& below, FaultPlan& plan) : below_(below), plan_(plan) {}
  log::Status put_all(std::span<const log::Object> objects) override;
  log::Result<std::optional<log::Bytes>> get(std::string_view path) const override { return below_.get(path); }
  log::Result<std::vector<std::string>> list(std::string_view prefix) const override { return below_.list(prefix); }
  log::Status remove(std::span<const std::string> paths) override;
  log::Status zero(std::string_view path, std::size_t offset, std::size_t size) override;
  log::Status zero_all(std::span<const log::Stretch> stretches) override;

 private:
  log::Objects& below_;
  FaultPlan& plan_;
};

class FaultyLock final : public log::LockedCheckpoint {
 public:
  FaultyLock(log::LockedCheckpoint& below, FaultPlan& plan) : below_(below), plan_(plan) {}
  log::Result<std::string> load() override { return below_.load(); }
  log::Result<log::Unsettled> unsettled() override { return below_.unsettled(); }
  log::Status replace(std::string_view expected, std::string_view next) override;
  log::Status promise(std::string_view expected, std::string_view next, policy::base::ByteView carried) override;
  // Half: up to the first promise that is not settled.
  log::Status settle(std::string_view note) override;

 private:
  log::LockedCheckpoint& below_;
  FaultPlan& plan_;
};

}  // namespace audit::store
