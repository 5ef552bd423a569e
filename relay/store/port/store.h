// The store port: where the relay's truth lies. Backends: relay/store/memory, relay/store/sqlite. Every backend passes
// the contract in contract.h.
//
// Durability. When commit() returns a value, every change of it is on disk and survives a crash of process and machine.
// When it returns an error, each change may or may not be there: ask again with the same changes, they are idempotent.
// Ordering. Changes of one commit apply in their order, and commits in the order of the calls. Positions and sequences
// grow without gaps in what is accepted. Idempotence. An Accept of the same sender device and client message id is
// answered with the first result as long as its bucket exists. Creating, registering, removing, acknowledging and
// forgetting twice changes nothing. Absent or broken. What is not there is a typed error of the question
// (conversation.unknown, device.unknown, …) and stands in the outcome; a store that cannot do its work fails as a whole
// with store.unavailable (disk full, I/O error; reads may still work) and can be asked again. Deletion. After
// destroy_due(now) returned a value, no byte of an envelope, its key or its client message id whose deadline has passed
// is in any file of the store. Nothing past its deadline is ever read out, destroyed or not.
//
// One thread calls it at a time. `now` is civil time from the caller's clock.
#pragma once

#include <span>
#include <vector>

#include "relay/core/change.h"

namespace relay::store {

class Store {
 public:
  virtual ~Store() = default;

  // One outcome per change, in order: a refused change (its error in the outcome) leaves no trace and does not disturb
  // the others. Errors: store.unavailable.
  virtual policy::base::Result<std::vector<core::Outcome>> commit(std::span<const core::Change> changes,
                                                                  core::Instant now) = 0;

  // Errors: device.unknown, store.unavailable, store.corrupt (a sealed envelope does not open).
  virtual policy::base::Result<core::Backlog> backlog(const core::BacklogQuery& query, core::Instant now) = 0;

  // Errors: conversation.unknown, conversation.not-member, status.unknown, status.not-sender, store.unavailable.
  virtual policy::base::Result<core::pb::State> status(const core::StatusQuery& query, core::Instant now) = 0;

  // Receipts of destroyed buckets that nobody has acknowledged: oldest first, at most kReceiptsReadMax. Only of buckets
  // whose bytes are gone from every file.
  virtual policy::base::Result<std::vector<core::pb::BucketReceipt>> receipts() = 0;

  // Destroys every bucket that is due with its key. Idempotent, also after a crash at any point. Returns how many.
  virtual policy::base::Result<std::size_t> destroy_due(core::Instant now) = 0;
};

}  // namespace relay::store
