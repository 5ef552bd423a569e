#include "relay/store/sqlite/store.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>

#include "relay/core/rules.h"
#include "relay/store/sqlite/schema.h"

namespace relay::store {
namespace {

using core::Bucket;
using core::ConversationId;
using core::DeviceId;
using core::Instant;
using core::MailboxId;
using policy::base::as_bytes;
using policy::base::as_text;
using policy::base::fail;
using policy::base::Result;
using policy::base::Status;

template <typename IdType>
IdType id_of(ByteView blob) {
  return IdType::from_wire(as_text(blob)).value_or(IdType{});
}

std::string table(const char* prefix, std::int64_t bucket) { return prefix + std::to_string(bucket); }

// A new file's name is durable only with its folder.
void sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Database> database, policy::base::Random& random, SqliteOptions options)
    : database_(std::move(database)), random_(random), options_(std::move(options)) {}

SqliteStore::~SqliteStore() {
  forget_keys();
  sodium_memzero(message_secret_.data(), message_secret_.size());
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& folder, policy::base::Random& random,
                                                       SqliteOptions options) {
  auto database = Database::open(folder + "/relay.db", options.size_bytes_max);
  if (!database) return std::unexpected(database.error());
  auto store = std::make_unique<SqliteStore>(std::move(*database), random, std::move(options));
  if (auto status = store->prepare_schema(); !status) return std::unexpected(status.error());
  sync_folder(folder);
  // A crash may have come between dropping a bucket and cutting the WAL.
  if (auto status = store->settle(); !status) return std::unexpected(status.error());
  return store;
}

Status SqliteStore::prepare_schema() {
  std::int64_t version = 0;
  if (Rows rows = database_->query("PRAGMA user_version"); rows.next()) version = rows.integer(0);
  if (auto failure = database_->take_failure()) return std::unexpected(*failure);
  if (version > kSchemaVersion)
    return fail("store.version", "a data folder of version " + std::to_string(version),
                "up to version " + std::to_string(kSchemaVersion), "use the relay that wrote it, or restore a backup");
  if (version < kSchemaVersion) {
    database_->begin();
    if (version == 0) {
      database_->script(kSchemaFirst);
      const auto secret = random_.array<32>();
      database_->run("INSERT INTO secret VALUES(?)", ByteView(secret));
    }
    database_->script(kSchemaSecond);
    database_->script("PRAGMA user_version=" + std::to_string(kSchemaVersion));
    if (auto status = database_->commit(); !status) return status;
  }
  if (Rows rows = database_->query("SELECT message_key FROM secret");
      rows.next() && rows.blob(0).size() == message_secret_.size())
    std::ranges::copy(rows.blob(0), message_secret_.begin());
  if (auto failure = database_->take_failure()) return std::unexpected(*failure);
  return {};
}

Result<std::vector<core::Outcome>> SqliteStore::commit(std::span<const core::Change> changes, Instant now) {
  std::vector<core::Outcome> out;
  out.reserve(changes.size());
  database_->begin();
  for (const core::Change& change : changes) {
    if (database_->failed()) break;
    out.push_back(std::visit([&](const auto& one) { return apply(one, now); }, change));
  }
  if (auto status = database_->commit(); !status) {
    forget_keys();  // of buckets that the rolled back transaction had made
    return std::unexpected(status.error());
  }
  return out;
}

std::uint64_t SqliteStore::last_position() {
  Rows rows = database_->query("SELECT seq FROM sqlite_sequence WHERE name='entry'");
  return rows.next() ? rows.natural(0) : 0;
}

bool SqliteStore::is_member(const ConversationId& conversation, const MailboxId& mailbox) {
  return database_
      ->query("SELECT 1 FROM member WHERE conversation=? AND mailbox=?", conversation.view(), mailbox.view())
      .next();
}

std::optional<SqliteStore::Device> SqliteStore::device(const DeviceId& id) {
  Rows rows = database_->query("SELECT mailbox, registered, removed FROM device WHERE id=?", id.view());
  if (!rows.next()) return std::nullopt;
  return Device{id_of<MailboxId>(rows.blob(0)), rows.natural(1), rows.integer(2) != 0};
}

core::Outcome SqliteStore::apply(const core::CreateConversation& change, Instant) {
  std::vector<MailboxId> fresh;
  for (const MailboxId& mailbox : change.mailboxes)
    if (!is_member(change.conversation, mailbox)) fresh.push_back(mailbox);
  std::ranges::sort(fresh);
  fresh.erase(std::ranges::unique(fresh).begin(), fresh.end());
  std::size_t members = fresh.size();
  if (Rows rows = database_->query("SELECT count(*) FROM member WHERE conversation=?", change.conversation.view());
      rows.next())
    members += rows.natural(0);
  if (members > wire::kConversationMembersMax) return core::conversation_full(members);
  database_->run("INSERT OR IGNORE INTO conversation(id, last_sequence, epoch) VALUES(?,0,0)",
                 change.conversation.view());
  const std::uint64_t joined = last_position();
  for (const MailboxId& mailbox : fresh)
    database_->run("INSERT INTO member VALUES(?,?,?)", change.conversation.view(), mailbox.view(), joined);
  return core::Applied{};
}

core::Outcome SqliteStore::apply(const core::RegisterDevice& change, Instant) {
  if (const auto known = device(change.device)) {
    if (known->removed) return core::device_removed(change.device);
    if (known->mailbox != change.mailbox) return core::device_taken(change.device);
    return core::Applied{};
  }
  if (Rows rows = database_->query("SELECT count(*) FROM device WHERE mailbox=? AND removed=0", change.mailbox.view());
      rows.next() && rows.natural(0) >= core::kDevicesPerMailboxMax)
    return core::device_limit();
  database_->run("INSERT INTO device VALUES(?,?,?,0)", change.device.view(), change.mailbox.view(), last_position());
  return core::Applied{};
}

// The cursors stay, so that what this device has read is not counted as unread later.
core::Outcome SqliteStore::apply(const core::RemoveDevice& change, Instant) {
  database_->run("UPDATE device SET removed=1 WHERE id=?", change.device.view());
  return core::Applied{};
}

core::Outcome SqliteStore::apply(const core::Acknowledge& change, Instant) {
  const auto owner = device(change.device);
  if (!owner || owner->removed || !is_member(change.conversation, owner->mailbox)) return core::Applied{};
  if (Rows rows = database_->query("SELECT last_sequence FROM conversation WHERE id=?", change.conversation.view());
      !rows.next() || change.sequence > rows.natural(0))
    return core::Applied{};
  // Positions grow with sequences, so the cursor's position bounds every later search of this log.
  std::uint64_t position = 0;
  if (Rows rows = database_->query(
          "SELECT position FROM entry WHERE conversation=? AND sequence<=? ORDER BY sequence DESC LIMIT 1",
          change.conversation.view(), change.sequence);
      rows.next())
    position = rows.natural(0);
  database_->run(
      "INSERT INTO cursor VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET sequence=max(sequence, excluded.sequence), "
      "position=max(position, excluded.position)",
      change.device.view(), change.conversation.view(), std::uint64_t{change.class_index}, change.sequence, position);
  return core::Applied{};
}

core::Outcome SqliteStore::apply(const core::ForgetReceipt& change, Instant) {
  database_->run("DELETE FROM receipt WHERE id=?", change.receipt);
  return core::Applied{};
}

core::Outcome SqliteStore::apply(const core::ForgetExpired& change, Instant) {
  std::uint64_t count = 0;
  if (Rows rows = database_->query("SELECT count FROM expired WHERE mailbox=?", change.mailbox.view()); rows.next())
    count = rows.natural(0);
  if (count <= change.count) {
    database_->run("DELETE FROM expired WHERE mailbox=?", change.mailbox.view());
  } else {
    database_->run("UPDATE expired SET count=? WHERE mailbox=?", count - change.count, change.mailbox.view());
  }
  return core::Applied{};
}

std::optional<core::Accepted> SqliteStore::first_result(ByteView message) {
  Rows rows =
      database_->query("SELECT position, sequence, accepted_at_s, deadline_s FROM entry WHERE message=?", message);
  if (!rows.next()) return std::nullopt;
  return core::Accepted{{rows.natural(0)}, rows.natural(1), {rows.integer(2)}, {rows.integer(3)}, true, {}, 0};
}

Status SqliteStore::check_sender(const core::Accept& change, const DeviceId& sender, const ConversationId& id) {
  if (change.sender.is_zero()) return {};
  if (!is_member(id, change.sender)) return core::not_a_member(change.sender);
  const auto owner = device(sender);
  if (!owner || owner->removed || owner->mailbox != change.sender) return core::device_unknown(sender);
  return {};
}

std::optional<SqliteStore::Log> SqliteStore::log_of(const ConversationId& id) {
  Rows rows = database_->query("SELECT last_sequence, epoch, removal_pending FROM conversation WHERE id=?", id.view());
  if (!rows.next()) return std::nullopt;
  return Log{rows.natural(0), {rows.natural(1), rows.integer(2) != 0}};
}

core::Outcome SqliteStore::apply(const core::Accept& change, Instant now) {
  const core::pb::Envelope& envelope = change.envelope;
  const auto sender = id_of<DeviceId>(as_bytes(envelope.sender_device()));
  const auto id = id_of<ConversationId>(as_bytes(envelope.conversation()));
  const auto log = log_of(id);
  const auto message = message_digest(message_secret_, envelope.sender_device(), envelope.client_message_id());
  if (auto first = first_result(message)) {
    if (log) first->epoch = log->standing.epoch;
    return core::Applied{std::move(first), {}};
  }
  if (!log) return core::conversation_unknown(id);
  if (auto status = check_sender(change, sender, id); !status) return std::unexpected(status.error());
  const auto standing = core::standing_after(change, log->standing);
  if (!standing) return std::unexpected(standing.error());
  const auto bucket = core::bucket_for({envelope.deadline_s()}, now);
  if (!bucket) return std::unexpected(bucket.error());
  if (!change.welcome) {
    set_log(id, {log->last_sequence + 1, *standing});
    return core::Applied{
        write_entry(envelope, change.sender, *bucket, message, {log->last_sequence + 1, *standing}, now), {}};
  }
  const auto welcome = message_digest(message_secret_, envelope.sender_device(), change.welcome->client_message_id());
  if (welcome == message || first_result(welcome)) return core::message_taken();
  const auto welcome_bucket = core::bucket_for({change.welcome->deadline_s()}, now);
  if (!welcome_bucket) return std::unexpected(welcome_bucket.error());
  set_log(id, {log->last_sequence + 2, *standing});
  core::Applied out;
  out.accepted = write_entry(envelope, change.sender, *bucket, message, {log->last_sequence + 1, *standing}, now);
  out.welcome =
      write_entry(*change.welcome, change.sender, *welcome_bucket, welcome, {log->last_sequence + 2, *standing}, now);
  return out;
}

void SqliteStore::set_log(const ConversationId& id, const Log& log) {
  database_->run("UPDATE conversation SET last_sequence=?, epoch=?, removal_pending=? WHERE id=?", log.last_sequence,
                 log.standing.epoch, int{log.standing.removal_pending}, id.view());
}

core::Accepted SqliteStore::write_entry(core::pb::Envelope envelope, const MailboxId& sender, const Bucket& which,
                                        ByteView message, const Log& log, Instant now) {
  core::Accepted accepted{{}, log.last_sequence, now, which.deadline(), false, {}, log.standing.epoch};
  const OpenBucket* const open = bucket(which, true);
  if (open == nullptr) return accepted;  // the failure is noted; the commit reports it
  envelope.set_deadline_s(which.deadline().unix_s);
  const auto id = id_of<ConversationId>(as_bytes(envelope.conversation()));
  database_->run(
      "INSERT INTO entry(conversation, sequence, class, kind, sender_mailbox, sender_device, message, accepted_at_s, "
      "deadline_s, bucket, addressed) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
      id.view(), log.last_sequence, std::uint64_t{core::index_of(envelope.message_class())}, int{envelope.kind()},
      sender.view(), as_bytes(envelope.sender_device()), message, now.unix_s, which.deadline().unix_s, open->id,
      int{!envelope.devices().empty()});
  accepted.position = {static_cast<std::uint64_t>(database_->last_row())};
  for (const std::string& device : envelope.devices())
    database_->run("INSERT OR IGNORE INTO addressee VALUES(?,?)", accepted.position.value, as_bytes(device));
  const std::string sealed = seal(open->key, id, log.last_sequence, envelope.SerializeAsString(), random_);
  database_->run("INSERT INTO " + table("body_", open->id) + " VALUES(?,?)", accepted.position.value, as_bytes(sealed));
  Rows rows = database_->query("SELECT mailbox FROM member WHERE conversation=?", id.view());
  while (rows.next()) accepted.readers.push_back(id_of<MailboxId>(rows.blob(0)));
  return accepted;
}

const SqliteStore::OpenBucket* SqliteStore::bucket(const Bucket& which, bool create) {
  if (const auto found = open_buckets_.find(which); found != open_buckets_.end()) return &found->second;
  OpenBucket open;
  if (Rows rows =
          database_->query("SELECT id FROM bucket WHERE begin_s=? AND span_s=?", which.begin.unix_s, which.span.count);
      rows.next())
    open.id = rows.integer(0);
  if (open.id != 0) {
    Rows rows = database_->query("SELECT key FROM " + table("key_", open.id));
    if (!rows.next() || rows.blob(0).size() != open.key.size()) {
      database_->note_failure(SQLITE_CORRUPT);
      return nullptr;
    }
    std::ranges::copy(rows.blob(0), open.key.begin());
  } else if (create) {
    database_->run("INSERT INTO bucket(begin_s, span_s) VALUES(?,?)", which.begin.unix_s, which.span.count);
    open = {database_->last_row(), random_.array<32>()};
    database_->script("CREATE TABLE " + table("key_", open.id) + "(key BLOB NOT NULL); CREATE TABLE " +
                      table("body_", open.id) + "(position INTEGER PRIMARY KEY, sealed BLOB NOT NULL)");
    database_->run("INSERT INTO " + table("key_", open.id) + " VALUES(?)", ByteView(open.key));
  }
  if (database_->failed() || open.id == 0) return nullptr;
  return &open_buckets_.emplace(which, open).first->second;
}

void SqliteStore::forget_keys() {
  for (auto& [which, open] : open_buckets_) sodium_memzero(open.key.data(), open.key.size());
  open_buckets_.clear();
}

}  // namespace relay::store
