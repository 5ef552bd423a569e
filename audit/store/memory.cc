#include "audit/store/memory.h"

#include <algorithm>

namespace audit::store {

using policy::base::fail;

log::Status MemoryObjects::put_all(std::span<const log::Object> objects) {
  const std::scoped_lock lock(mutex_);
  for (const log::Object& object : objects) objects_[object.path] = object.bytes;
  return {};
}

log::Result<std::optional<log::Bytes>> MemoryObjects::get(std::string_view path) const {
  const std::scoped_lock lock(mutex_);
  const auto found = objects_.find(std::string(path));
  return found == objects_.end() ? std::nullopt : std::optional(found->second);
}

log::Result<std::vector<std::string>> MemoryObjects::list(std::string_view prefix) const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> paths;
  for (auto at = objects_.lower_bound(std::string(prefix)); at != objects_.end() && at->first.starts_with(prefix); ++at)
    paths.push_back(at->first);
  return paths;
}

log::Status MemoryObjects::remove(std::span<const std::string> paths) {
  const std::scoped_lock lock(mutex_);
  for (const std::string& path : paths) objects_.erase(path);
  return {};
}

log::Status MemoryObjects::zero(std::string_view path, std::size_t offset, std::size_t size) {
  const std::scoped_lock lock(mutex_);
  const auto found = objects_.find(std::string(path));
  if (found == objects_.end() || found->second.size() < offset || found->second.size() - offset < size)
    return fail("store.range", "bytes beyond the object", "bytes of an object that exists", {}, std::string(path));
  std::fill_n(found->second.begin() + static_cast<std::ptrdiff_t>(offset), size, std::uint8_t{0});
  return {};
}

log::Result<std::string> MemoryLock::load() {
  const std::scoped_lock lock(mutex_);
  return newest();
}

log::Result<log::Unsettled> MemoryLock::unsettled() {
  const std::scoped_lock lock(mutex_);
  return state_;
}

log::Status MemoryLock::replace(std::string_view expected, std::string_view next) {
  const std::scoped_lock lock(mutex_);
  if (newest() != expected || !state_.promises.empty())
    return fail("store.conflict", "another checkpoint than expected", "the one last loaded");
  state_.settled = next;
  return {};
}

log::Status MemoryLock::promise(std::string_view expected, std::string_view next, policy::base::ByteView carried) {
  const std::scoped_lock lock(mutex_);
  if (newest() != expected) return fail("store.conflict", "another checkpoint than expected", "the one last loaded");
  state_.promises.push_back({std::string(next), log::Bytes(carried.begin(), carried.end())});
  return {};
}

log::Status MemoryLock::settle(std::string_view note) {
  const std::scoped_lock lock(mutex_);
  if (note == state_.settled) return {};
  const auto found = std::ranges::find(state_.promises, note, &log::Promise::note);
  if (found == state_.promises.end())
    return fail("store.conflict", "a checkpoint that was not promised", "the settled one, or one that was promised");
  state_.promises.erase(state_.promises.begin(), found + 1);
  state_.settled = note;
  return {};
}

}  // namespace audit::store
