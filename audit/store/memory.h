// The ports in memory, for tests and simulations. "Durable" means: as long as the object lives.
//
// Any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "audit/log/ports.h"

namespace audit::store {

class MemoryObjects final : public log::Objects {
 public:
  log::Status put_all(std::span<const log::Object> objects) override;
  log::Result<std::optional<log::Bytes>> get(std::string_view path) const override;
  log::Result<std::vector<std::string>> list(std::string_view prefix) const override;
  log::Status remove(std::span<const std::string> paths) override;
  log::Status zero(std::string_view path, std::size_t offset, std::size_t size) override;

  // All of it, for a test that changes a byte.
  std::map<std::string, log::Bytes>& contents() { return objects_; }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, log::Bytes> objects_;  // guarded by mutex_
};

class MemoryLock final : public log::LockedCheckpoint {
 public:
  log::Result<std::string> load() override;
  log::Result<log::Unsettled> unsettled() override;
  log::Status replace(std::string_view expected, std::string_view next) override;
  log::Status promise(std::string_view expected, std::string_view next, policy::base::ByteView carried) override;
  log::Status settle(std::string_view note) override;

 private:
  const std::string& newest() const { return state_.promises.empty() ? state_.settled : state_.promises.back().note; }

  std::mutex mutex_;
  log::Unsettled state_;  // guarded by mutex_
};

}  // namespace audit::store
