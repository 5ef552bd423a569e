#include "audit/store/faulty.h"

namespace audit::store {
namespace {

std::unexpected<policy::base::Error> broken() {
  return policy::base::fail("store.io", "a fault that the test has planned", "none");
}

template <typename Items, typename Write>
log::Status write_with_fault(FaultPlan& plan, Items items, Write write) {
  const auto fault = plan.next();
  if (!fault) return write(items);
  if (*fault == Fault::kPersisted) (void)write(items);
  if (*fault == Fault::kHalfPersisted) (void)write(items.first(items.size() / 2));
  return broken();
}

}  // namespace

log::Status FaultyObjects::put_all(std::span<const log::Object> objects) {
  return write_with_fault(plan_, objects, [this](auto some) { return below_.put_all(some); });
}

log::Status FaultyObjects::remove(std::span<const std::string> paths) {
  return write_with_fault(plan_, paths, [this](auto some) { return below_.remove(some); });
}

log::Status FaultyObjects::zero(std::string_view path, std::size_t offset, std::size_t size) {
  const auto fault = plan_.next();
  if (!fault) return below_.zero(path, offset, size);
  if (*fault == Fault::kPersisted) (void)below_.zero(path, offset, size);
  if (*fault == Fault::kHalfPersisted) (void)below_.zero(path, offset, size / 2);
  return broken();
}

log::Status FaultyObjects::zero_all(std::span<const log::Stretch> stretches) {
  return write_with_fault(plan_, stretches, [this](auto some) { return below_.zero_all(some); });
}

log::Status FaultyLock::replace(std::string_view expected, std::string_view next) {
  const auto fault = plan_.next();
  if (!fault) return below_.replace(expected, next);
  if (*fault == Fault::kPersisted) (void)below_.replace(expected, next);
  return broken();
}

log::Status FaultyLock::promise(std::string_view expected, std::string_view next, policy::base::ByteView carried) {
  const auto fault = plan_.next();
  if (!fault) return below_.promise(expected, next, carried);
  if (*fault == Fault::kPersisted) (void)below_.promise(expected, next, carried);
  return broken();
}

log::Status FaultyLock::settle(std::string_view note) {
  const auto fault = plan_.next();
  if (!fault) return below_.settle(note);
  if (*fault == Fault::kPersisted) (void)below_.settle(note);
  if (*fault == Fault::kHalfPersisted) {
    const auto waiting = below_.unsettled();
    if (waiting && !waiting->promises.empty()) (void)below_.settle(waiting->promises.front().note);
  }
  return broken();
}

}  // namespace audit::store
