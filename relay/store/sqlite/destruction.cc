// Deleting by structure (design, rule 5): the tables of a bucket and of its key are dropped as a whole.
#include <sodium.h>

#include "relay/core/rules.h"
#include "relay/store/sqlite/store.h"

namespace relay::store {
namespace {

using core::Bucket;
using core::Instant;
using policy::base::Result;
using policy::base::Status;

// Per mailbox, the application messages of a bucket that none of its devices has acknowledged.
constexpr const char* kCountUnread =
    "INSERT INTO expired SELECT m.mailbox, count(*) FROM entry e JOIN member m ON m.conversation=e.conversation "
    "WHERE e.bucket=?1 AND e.kind=?2 AND m.mailbox<>e.sender_mailbox AND m.joined<e.position AND NOT EXISTS("
    "SELECT 1 FROM device d JOIN cursor k ON k.device=d.id AND k.conversation=e.conversation AND k.class=e.class "
    "WHERE d.mailbox=m.mailbox AND d.registered<e.position AND k.sequence>=e.sequence) "
    "GROUP BY m.mailbox ON CONFLICT DO UPDATE SET count=count+excluded.count";

std::uint64_t number(Database& database, const char* sql) {
  Rows rows = database.query(sql);
  return rows.next() ? rows.natural(0) : 0;
}

}  // namespace

void SqliteStore::destroy(std::int64_t id, const Bucket& which, Instant now) {
  const OpenBucket* const open = bucket(which, false);
  const std::string commitment = open == nullptr ? std::string() : core::key_commitment(open->key);
  const std::uint64_t before = number(*database_, "SELECT coalesce(sum(count), 0) FROM expired");
  database_->run(kCountUnread, id, int{core::pb::APPLICATION});
  const std::uint64_t unread = number(*database_, "SELECT coalesce(sum(count), 0) FROM expired") - before;
  database_->run(
      "INSERT INTO receipt(begin_s, end_s, messages, expired_unread, key_commitment, destroyed_at_s, settled) "
      "SELECT ?1, ?2, count(*), ?3, ?4, ?5, 0 FROM entry WHERE bucket=?6",
      which.begin.unix_s, which.end().unix_s, unread, policy::base::as_bytes(commitment), now.unix_s, id);
  const std::string key_table = "key_" + std::to_string(id);
  const std::string body_table = "body_" + std::to_string(id);
  database_->forget_statements(key_table);
  database_->forget_statements(body_table);
  database_->script("DROP TABLE " + key_table + "; DROP TABLE " + body_table);
  database_->run("DELETE FROM addressee WHERE position IN (SELECT position FROM entry WHERE bucket=? AND addressed=1)",
                 id);
  database_->run("DELETE FROM entry WHERE bucket=?", id);
  database_->run("DELETE FROM bucket WHERE id=?", id);
}

Result<std::size_t> SqliteStore::destroy_due(Instant now) {
  std::vector<std::pair<std::int64_t, Bucket>> due;
  {
    Rows rows =
        database_->query("SELECT id, begin_s, span_s FROM bucket WHERE begin_s<=? ORDER BY begin_s", now.unix_s);
    while (rows.next()) due.push_back({rows.integer(0), {{rows.integer(1)}, {rows.integer(2)}}});
  }
  if (auto failure = database_->take_failure()) return std::unexpected(*failure);
  for (const auto& [id, which] : due) {
    options_.on_step(DestructionStep::kBegin);
    database_->begin();
    destroy(id, which, now);
    options_.on_step(DestructionStep::kDropped);
    unsettled_ = true;
    if (auto status = database_->commit(); !status) return std::unexpected(status.error());
    options_.on_step(DestructionStep::kCommitted);
    if (const auto open = open_buckets_.find(which); open != open_buckets_.end()) {
      sodium_memzero(open->second.key.data(), open->second.key.size());
      open_buckets_.erase(open);
    }
  }
  if (auto status = settle(); !status) return std::unexpected(status.error());
  return due.size();
}

// Until the WAL is cut, it may still hold pages of what was dropped, so receipts wait for it.
Status SqliteStore::settle() {
  if (!unsettled_) return {};
  if (auto status = database_->truncate_wal(); !status) return status;
  options_.on_step(DestructionStep::kTruncated);
  database_->begin();
  database_->run("UPDATE receipt SET settled=1 WHERE settled=0");
  if (auto status = database_->commit(); !status) return status;
  unsettled_ = false;
  options_.on_step(DestructionStep::kSettled);
  return {};
}

}  // namespace relay::store
