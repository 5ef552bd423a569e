// A store that fails when told to, for tests: before the work is done ("failed, not persisted") or after it ("failed,
// but persisted"). Both look the same to the caller, which must bear either.
#pragma once

#include <functional>

#include "relay/store/port/store.h"

namespace relay::store {

enum class Fault { kNone, kNotPersisted, kPersisted };

class FaultyStore final : public Store {
 public:
  // `inner` outlives this. `plan` is asked before each call for its fault.
  FaultyStore(Store& inner, std::function<Fault()> plan) : inner_(inner), plan_(std::move(plan)) {}

  policy::base::Result<std::vector<core::Outcome>> commit(std::span<const core::Change> changes,
                                                          core::Instant now) override;
  policy::base::Result<core::Backlog> backlog(const core::BacklogQuery& query, core::Instant now) override;
  policy::base::Result<core::pb::State> status(const core::StatusQuery& query, core::Instant now) override;
  policy::base::Result<std::vector<core::pb::BucketReceipt>> receipts() override;
  policy::base::Result<std::size_t> destroy_due(core::Instant now) override;

 private:
  Store& inner_;
  std::function<Fault()> plan_;
};

}  // namespace relay::store
