// Reading from the store: backlogs, states, receipts.
#include <algorithm>

#include "relay/core/rules.h"
#include "relay/store/sqlite/store.h"

namespace relay::store {
namespace {

using core::ConversationId;
using core::Instant;
using policy::base::as_text;
using policy::base::fail;
using policy::base::Result;

// From the mailbox's conversations through the device's cursors into each log, and only so far into each as can be
// asked for: sorting all that waits would make a long catch-up quadratic.
constexpr const char* kWaiting =
    "SELECT e.position, e.conversation, e.sequence, e.accepted_at_s, e.deadline_s, b.span_s "
    "FROM member m INDEXED BY member_by_mailbox "
    "LEFT JOIN cursor k ON k.device=?1 AND k.conversation=m.conversation AND k.class=?3 "
    "CROSS JOIN entry e ON e.position IN (SELECT x.position FROM entry x INDEXED BY entry_by_class "
    " WHERE x.conversation=m.conversation AND x.class=?3 AND x.position > max(m.joined, ?4, coalesce(k.position, 0)) "
    " AND x.sequence > coalesce(k.sequence, 0) AND x.sender_device<>?1 AND x.deadline_s > ?5 "
    " AND (x.addressed=0 OR EXISTS(SELECT 1 FROM addressee a WHERE a.position=x.position AND a.device=?1)) "
    " ORDER BY x.position LIMIT ?6) "
    "CROSS JOIN bucket b ON b.id=e.bucket "
    "WHERE m.mailbox=?2 ORDER BY e.position LIMIT ?6";

constexpr const char* kUnreadBy =
    "SELECT 1 FROM member m WHERE m.conversation=?1 AND m.mailbox<>?2 AND m.joined<?3 AND NOT EXISTS("
    "SELECT 1 FROM device d JOIN cursor k ON k.device=d.id AND k.conversation=?1 AND k.class=?4 "
    "WHERE d.mailbox=m.mailbox AND d.registered<?3 AND k.sequence>=?5) LIMIT 1";

}  // namespace

std::vector<SqliteStore::Found> SqliteStore::waiting(const core::BacklogQuery& query, const Device& device,
                                                     std::size_t class_index, Instant now) {
  std::vector<Found> out;
  const std::uint64_t after = std::max(device.registered, query.after[class_index].value);
  Rows rows = database_->query(kWaiting, query.device.view(), device.mailbox.view(), std::uint64_t{class_index}, after,
                               now.unix_s, std::uint64_t{query.count_max + 1});
  while (rows.next()) {
    const auto conversation = ConversationId::from_wire(as_text(rows.blob(1)));
    out.push_back({{rows.natural(0)},
                   conversation.value_or(ConversationId{}),
                   rows.natural(2),
                   rows.integer(3),
                   {{rows.integer(4)}, {rows.integer(5)}}});
  }
  return out;
}

Result<core::Pending> SqliteStore::read_body(const Found& found) {
  const auto corrupt = [&] {
    return fail("store.corrupt", "the envelope at position " + std::to_string(found.position.value), "",
                "restore the data folder from a backup; the relay does not guess");
  };
  const OpenBucket* const open = bucket(found.bucket, false);
  if (open == nullptr) return corrupt();
  Rows rows = database_->query("SELECT sealed FROM body_" + std::to_string(open->id) + " WHERE position=?",
                               found.position.value);
  if (!rows.next()) return corrupt();
  const auto plain = unseal(open->key, found.conversation, found.sequence, rows.blob(0));
  core::Pending out{found.position, {}};
  if (!plain || !out.stored.mutable_envelope()->ParseFromString(*plain)) return corrupt();
  out.stored.set_sequence(found.sequence);
  out.stored.set_accepted_at_s(found.accepted_at_s);
  return out;
}

Result<core::Backlog> SqliteStore::backlog(const core::BacklogQuery& query, Instant now) {
  const auto owner = device(query.device);
  if (auto failure = database_->take_failure()) return std::unexpected(*failure);
  if (!owner || owner->removed) return core::device_unknown(query.device);
  core::Backlog out;
  out.mailbox = owner->mailbox;
  if (Rows rows = database_->query("SELECT count FROM expired WHERE mailbox=?", owner->mailbox.view()); rows.next())
    out.expired_unread = rows.natural(0);
  std::vector<Found> found;
  for (std::size_t i = 0; i < core::kClassCount; ++i)
    if ((query.classes & core::bit_of(i)) != 0)
      std::ranges::move(waiting(query, *owner, i, now), std::back_inserter(found));
  std::ranges::sort(found, {}, &Found::position);
  std::size_t bytes = 0;
  for (const Found& one : found) {
    auto pending = read_body(one);
    if (auto failure = database_->take_failure()) return std::unexpected(*failure);
    if (!pending) return std::unexpected(pending.error());
    bytes += pending->stored.envelope().ciphertext().size();
    if (out.envelopes.size() >= query.count_max || (bytes > query.bytes_max && !out.envelopes.empty())) {
      out.complete = false;
      break;
    }
    out.envelopes.push_back(std::move(*pending));
  }
  if (auto failure = database_->take_failure()) return std::unexpected(*failure);
  return out;
}

Result<core::pb::State> SqliteStore::status(const core::StatusQuery& query, Instant now) {
  const auto answer = [&]() -> Result<core::pb::State> {
    std::uint64_t last = 0;
    {
      Rows rows = database_->query("SELECT last_sequence FROM conversation WHERE id=?", query.conversation.view());
      if (!rows.next()) return core::conversation_unknown(query.conversation);
      last = rows.natural(0);
    }
    if (!is_member(query.conversation, query.sender)) return core::not_a_member(query.sender);
    if (query.sequence == 0 || query.sequence > last) return core::status_unknown(query.sequence);
    Rows rows = database_->query(
        "SELECT sender_mailbox, deadline_s, position, class FROM entry WHERE conversation=? AND sequence=?",
        query.conversation.view(), query.sequence);
    if (!rows.next()) return core::pb::EXPIRED;
    if (!std::ranges::equal(rows.blob(0), query.sender.view())) return core::status_not_sender();
    if (rows.integer(1) <= now.unix_s) return core::pb::EXPIRED;
    const bool unread = database_
                            ->query(kUnreadBy, query.conversation.view(), query.sender.view(), rows.natural(2),
                                    rows.natural(3), query.sequence)
                            .next();
    return unread ? core::pb::HELD : core::pb::DELIVERED;
  };
  auto state = answer();
  if (auto failure = database_->take_failure()) return std::unexpected(*failure);
  return state;
}

Result<std::vector<core::pb::BucketReceipt>> SqliteStore::receipts() {
  std::vector<core::pb::BucketReceipt> out;
  Rows rows = database_->query(
      "SELECT id, begin_s, end_s, messages, expired_unread, key_commitment, destroyed_at_s FROM receipt WHERE "
      "settled=1 "
      "ORDER BY id LIMIT ?",
      std::uint64_t{core::kReceiptsReadMax});
  while (rows.next()) {
    core::pb::BucketReceipt& receipt = out.emplace_back();
    receipt.set_receipt(rows.natural(0));
    receipt.set_begin_s(rows.integer(1));
    receipt.set_end_s(rows.integer(2));
    receipt.set_messages(rows.natural(3));
    receipt.set_expired_unread(rows.natural(4));
    receipt.set_key_commitment(std::string(as_text(rows.blob(5))));
    receipt.set_destroyed_at_s(rows.integer(6));
  }
  if (auto failure = database_->take_failure()) return std::unexpected(*failure);
  return out;
}

}  // namespace relay::store
