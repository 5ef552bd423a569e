#include "relay/store/port/faulty.h"

namespace relay::store {
namespace {

template <typename Work>
auto with_fault(Fault fault, Work work) -> decltype(work()) {
  const auto unavailable = policy::base::fail("store.unavailable", "a fault that a test asked for");
  if (fault == Fault::kNotPersisted) return unavailable;
  auto result = work();
  if (fault == Fault::kPersisted) return unavailable;
  return result;
}

}  // namespace

policy::base::Result<std::vector<core::Outcome>> FaultyStore::commit(std::span<const core::Change> changes,
                                                                     core::Instant now) {
  return with_fault(plan_(), [&] { return inner_.commit(changes, now); });
}
policy::base::Result<core::Backlog> FaultyStore::backlog(const core::BacklogQuery& query, core::Instant now) {
  return with_fault(plan_(), [&] { return inner_.backlog(query, now); });
}
policy::base::Result<core::pb::State> FaultyStore::status(const core::StatusQuery& query, core::Instant now) {
  return with_fault(plan_(), [&] { return inner_.status(query, now); });
}
policy::base::Result<std::vector<core::pb::BucketReceipt>> FaultyStore::receipts() {
  return with_fault(plan_(), [&] { return inner_.receipts(); });
}
policy::base::Result<std::size_t> FaultyStore::destroy_due(core::Instant now) {
  return with_fault(plan_(), [&] { return inner_.destroy_due(now); });
}

}  // namespace relay::store
