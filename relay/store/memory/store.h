// The store in memory, for tests and for trying things out: core::Mailboxes behind the port. Durable as long as the
// process lives; never fails.
#pragma once

#include "relay/core/mailboxes.h"
#include "relay/store/port/store.h"

namespace relay::store {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(policy::base::Random& random) : mailboxes_(random) {}

  policy::base::Result<std::vector<core::Outcome>> commit(std::span<const core::Change> changes,
                                                          core::Instant now) override {
    std::vector<core::Outcome> out;
    for (const core::Change& change : changes) out.push_back(mailboxes_.apply(change, now));
    return out;
  }
  policy::base::Result<core::Backlog> backlog(const core::BacklogQuery& query, core::Instant now) override {
    return mailboxes_.backlog(query, now);
  }
  policy::base::Result<core::pb::State> status(const core::StatusQuery& query, core::Instant now) override {
    return mailboxes_.status(query, now);
  }
  policy::base::Result<std::vector<core::pb::BucketReceipt>> receipts() override { return mailboxes_.receipts(); }
  policy::base::Result<std::size_t> destroy_due(core::Instant now) override { return mailboxes_.destroy_due(now); }

 private:
  core::Mailboxes mailboxes_;
};

}  // namespace relay::store
