// The store on SQLite: one file relay.db in the data folder (schema.h), see the port for what it promises.
//
// Deleting a bucket is: in one transaction count what expired unread, write the receipt, drop the tables of envelopes
// and key; then cut the WAL and check that it is empty; only then show the receipt. Each step may be the last before a
// crash: opening the store finishes what was begun.
//
// One thread at a time. `random` outlives the store.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "policy/base/random.h"
#include "relay/core/bucket.h"
#include "relay/core/rules.h"
#include "relay/store/port/store.h"
#include "relay/store/sqlite/database.h"
#include "relay/store/sqlite/seal.h"

namespace relay::store {

// The points of a destruction between which a crash is tested.
enum class DestructionStep { kBegin, kDropped, kCommitted, kTruncated, kSettled };

struct SqliteOptions {
  std::uint64_t size_bytes_max = 64ULL * 1024 * 1024 * 1024;
  std::function<void(DestructionStep)> on_step = [](DestructionStep) {};
};

class SqliteStore final : public Store {
 public:
  // `folder` exists. Errors: store.unavailable, store.locked, store.corrupt, store.version.
  static policy::base::Result<std::unique_ptr<SqliteStore>> open(const std::string& folder,
                                                                 policy::base::Random& random,
                                                                 SqliteOptions options = {});

  policy::base::Result<std::vector<core::Outcome>> commit(std::span<const core::Change> changes,
                                                          core::Instant now) override;
  policy::base::Result<core::Backlog> backlog(const core::BacklogQuery& query, core::Instant now) override;
  policy::base::Result<core::pb::State> status(const core::StatusQuery& query, core::Instant now) override;
  policy::base::Result<std::vector<core::pb::BucketReceipt>> receipts() override;
  policy::base::Result<std::size_t> destroy_due(core::Instant now) override;

  SqliteStore(std::unique_ptr<Database> database, policy::base::Random& random, SqliteOptions options);
  ~SqliteStore() override;

 private:
  struct OpenBucket {
    std::int64_t id = 0;
    BucketKey key{};
  };
  struct Device {
    core::MailboxId mailbox;
    std::uint64_t registered = 0;
    bool removed = false;
  };
  struct Log {
    std::uint64_t last_sequence = 0;
    core::Standing standing;
  };
  struct Found {
    core::Position position;
    core::ConversationId conversation;
    std::uint64_t sequence = 0;
    std::int64_t accepted_at_s = 0;
    core::Bucket bucket;
  };

  policy::base::Status prepare_schema();
  policy::base::Status settle();

  core::Outcome apply(const core::CreateConversation& change, core::Instant now);
  core::Outcome apply(const core::RegisterDevice& change, core::Instant now);
  core::Outcome apply(const core::RemoveDevice& change, core::Instant now);
  core::Outcome apply(const core::Accept& change, core::Instant now);
  core::Outcome apply(const core::Acknowledge& change, core::Instant now);
  core::Outcome apply(const core::ForgetReceipt& change, core::Instant now);
  core::Outcome apply(const core::ForgetExpired& change, core::Instant now);

  std::optional<core::Accepted> first_result(ByteView message);
  policy::base::Status check_sender(const core::Accept& change, const core::DeviceId& device,
                                    const core::ConversationId& id);
  std::optional<Log> log_of(const core::ConversationId& id);
  void set_log(const core::ConversationId& id, const Log& log);
  // As the last entry of `log`.
  core::Accepted write_entry(core::pb::Envelope envelope, const core::MailboxId& sender, const core::Bucket& bucket,
                             ByteView message, const Log& log, core::Instant now);
  bool is_member(const core::ConversationId& conversation, const core::MailboxId& mailbox);
  std::optional<Device> device(const core::DeviceId& id);
  std::uint64_t last_position();
  const OpenBucket* bucket(const core::Bucket& which, bool create);
  std::vector<Found> waiting(const core::BacklogQuery& query, const Device& device, std::size_t class_index,
                             core::Instant now);
  policy::base::Result<core::Pending> read_body(const Found& found);
  void destroy(std::int64_t id, const core::Bucket& which, core::Instant now);
  void forget_keys();

  std::unique_ptr<Database> database_;
  policy::base::Random& random_;
  SqliteOptions options_;
  BucketKey message_secret_{};
  std::map<core::Bucket, OpenBucket> open_buckets_;  // keys in use; at most one an hour and a day of kDeadlineReach
  bool unsettled_ = true;                            // the WAL may hold what was destroyed
};

}  // namespace relay::store
