#include <algorithm>

#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {
namespace {

template <typename Id>
Id id_at(const Statement& statement, int column) {
  Id id;
  std::ranges::copy(statement.blob(column), id.bytes.begin());  // the schema's CHECKs hold for every row
  return id;
}

base::Bytes joined_ids(std::span<const base::DeviceId> ids) {
  base::Bytes out;
  for (const base::DeviceId& id : ids) out.insert(out.end(), id.bytes.begin(), id.bytes.end());
  return out;
}

std::vector<base::DeviceId> parted_ids(base::ByteView bytes) {
  std::vector<base::DeviceId> out;
  for (; bytes.size() >= base::DeviceId::kSizeBytes; bytes = bytes.subspan(base::DeviceId::kSizeBytes))
    std::ranges::copy(bytes.first(base::DeviceId::kSizeBytes), out.emplace_back().bytes.begin());
  return out;
}

base::Result<std::vector<base::ConversationId>> read_ids(base::Result<Statement> statement) {
  if (!statement) return std::unexpected(statement.error());
  std::vector<base::ConversationId> out;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    out.push_back(id_at<base::ConversationId>(*statement, 0));
  }
}

base::Result<std::optional<Candidate>> read_candidate(Database& database, const base::ConversationId& id) {
  auto statement = database.query(
      "SELECT message, device, epoch, commit_bytes, welcome, joined, departed, state, info, mailbox FROM "
      "group_candidates "
      "WHERE conversation = ?",
      id.view());
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  return Candidate{.conversation = id,
                   .message = id_at<base::ClientMessageId>(*statement, 0),
                   .device = id_at<base::DeviceId>(*statement, 1),
                   .mailbox = id_at<base::MailboxId>(*statement, 9),
                   .epoch = static_cast<std::uint64_t>(statement->integer(2)),
                   .commit = statement->blob(3),
                   .welcome = statement->blob(4),
                   .joined = parted_ids(statement->blob(5)),
                   .left = parted_ids(statement->blob(6)),
                   .state = statement->blob(7),
                   .info = statement->blob(8)};
}

base::Status move_leaves(Database& database, const Candidate& candidate) {
  base::Status status;
  for (const base::DeviceId& device : candidate.left)
    if (status)
      status = database.execute("DELETE FROM group_leaves WHERE conversation = ? AND device = ?",
                                candidate.conversation.view(), device.view());
  for (const base::DeviceId& device : candidate.joined)
    if (status)
      status = database.execute("INSERT INTO group_leaves (conversation, device) VALUES (?, ?)",
                                candidate.conversation.view(), device.view());
  return status;
}

}  // namespace

base::Result<bool> Store::begin_group(const Group& group, const base::DeviceId& leaf) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto status = database_->execute(
      "INSERT INTO groups (conversation, epoch, state, info) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      group.conversation.view(), static_cast<std::int64_t>(group.epoch), base::ByteView(group.state),
      base::ByteView(group.info));
  if (status && database_->changed_rows() == 0) return false;
  if (status)
    status = database_->execute("INSERT INTO group_leaves (conversation, device) VALUES (?, ?)",
                                group.conversation.view(), leaf.view());
  if (status) status = transaction->commit();
  if (!status) return std::unexpected(status.error());
  return true;
}

base::Result<std::optional<Group>> Store::group(const base::ConversationId& id) {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query(
      "SELECT epoch, state, info, message, device, sequence, accepted, deadline FROM groups WHERE conversation = ?",
      id.view());
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  Group out{.conversation = id,
            .epoch = static_cast<std::uint64_t>(statement->integer(0)),
            .state = statement->blob(1),
            .info = statement->blob(2),
            .last = {}};
  if (!statement->is_null(3))
    out.last = {.message = id_at<base::ClientMessageId>(*statement, 3),
                .device = id_at<base::DeviceId>(*statement, 4),
                .sequence = static_cast<std::uint64_t>(statement->integer(5)),
                .accepted = {statement->integer(6)},
                .deadline = {statement->integer(7)}};
  return out;
}

base::Result<std::optional<GroupStanding>> Store::group_standing(const base::ConversationId& id) {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query(
      "SELECT epoch, EXISTS (SELECT 1 FROM group_removals WHERE group_removals.conversation = groups.conversation), "
      "removal_owed FROM groups WHERE conversation = ?",
      id.view());
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  return GroupStanding{static_cast<std::uint64_t>(statement->integer(0)), statement->integer(1) != 0,
                       statement->integer(2) != 0};
}

base::Status Store::put_proposals(const base::ConversationId& id, base::ByteView state,
                                  std::span<const Removal> removals) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto status = database_->execute("UPDATE groups SET state = ? WHERE conversation = ?", state, id.view());
  if (status && !removals.empty()) status = owe_removal_locked(id, false);
  for (const Removal& one : removals)
    if (status)
      status = database_->execute(
          "INSERT OR IGNORE INTO group_removals (conversation, reference, epoch, message, told) VALUES (?, ?, ?, ?, ?)",
          id.view(), base::ByteView(one.reference), static_cast<std::int64_t>(one.epoch), base::ByteView(one.message),
          std::int64_t{one.told ? 1 : 0});
  if (status) status = transaction->commit();
  return status;
}

base::Status Store::owe_removal_locked(const base::ConversationId& id, bool owed) {
  return database_->execute("UPDATE groups SET removal_owed = ? WHERE conversation = ?", std::int64_t{owed ? 1 : 0},
                            id.view());
}

base::Status Store::owe_removal(const base::ConversationId& id, bool owed) {
  const std::scoped_lock lock(mutex_);
  return owe_removal_locked(id, owed);
}

base::Result<std::vector<base::ConversationId>> Store::groups_owing_removals() {
  const std::scoped_lock lock(mutex_);
  return read_ids(database_->query("SELECT conversation FROM groups WHERE removal_owed = 1 ORDER BY conversation"));
}

base::Result<bool> Store::has_groups() {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("SELECT EXISTS (SELECT 1 FROM groups)");
  if (!statement) return std::unexpected(statement.error());
  if (const auto row = statement->step(); !row) return std::unexpected(row.error());
  return statement->integer(0) != 0;
}

base::Result<std::optional<Hash>> Store::external_sender() {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("SELECT key FROM external_sender");
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  Hash out{};
  std::ranges::copy(statement->blob(0), out.begin());
  return out;
}

base::Status Store::put_external_sender(const Hash& key) {
  const std::scoped_lock lock(mutex_);
  return database_->execute(
      "INSERT INTO external_sender (only, key) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET key = excluded.key",
      base::ByteView(key));
}

base::Result<std::vector<Removal>> Store::removals(const base::ConversationId& id) {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query(
      "SELECT epoch, reference, message, told FROM group_removals WHERE conversation = ? ORDER BY reference",
      id.view());
  if (!statement) return std::unexpected(statement.error());
  std::vector<Removal> out;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    Removal& one = out.emplace_back();
    one.conversation = id;
    one.epoch = static_cast<std::uint64_t>(statement->integer(0));
    std::ranges::copy(statement->blob(1), one.reference.begin());
    one.message = statement->blob(2);
    one.told = statement->integer(3) != 0;
  }
}

base::Status Store::removal_told(const base::ConversationId& id, const Hash& reference) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("UPDATE group_removals SET told = 1 WHERE conversation = ? AND reference = ?", id.view(),
                            base::ByteView(reference));
}

base::Status Store::put_candidate(const Candidate& candidate) {
  const std::scoped_lock lock(mutex_);
  return database_->execute(
      "INSERT INTO group_candidates (conversation, message, device, epoch, commit_bytes, welcome, joined, departed, "
      "state, info, mailbox) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      candidate.conversation.view(), candidate.message.view(), candidate.device.view(),
      static_cast<std::int64_t>(candidate.epoch), base::ByteView(candidate.commit), base::ByteView(candidate.welcome),
      base::ByteView(joined_ids(candidate.joined)), base::ByteView(joined_ids(candidate.left)),
      base::ByteView(candidate.state), base::ByteView(candidate.info), candidate.mailbox.view());
}

base::Result<std::optional<Candidate>> Store::candidate(const base::ConversationId& id) {
  const std::scoped_lock lock(mutex_);
  return read_candidate(*database_, id);
}

base::Result<std::vector<base::ConversationId>> Store::groups_with_candidates() {
  const std::scoped_lock lock(mutex_);
  return read_ids(database_->query("SELECT conversation FROM group_candidates ORDER BY conversation"));
}

base::Result<bool> Store::promote_candidate(const base::ConversationId& id, const LastCommit& last) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  const auto candidate = read_candidate(*database_, id);
  if (!candidate) return std::unexpected(candidate.error());
  if (!*candidate) return false;
  auto status = database_->execute(
      "UPDATE groups SET epoch = ?, state = ?, info = ?, message = ?, device = ?, sequence = ?, accepted = ?, "
      "deadline = ? WHERE conversation = ?",
      static_cast<std::int64_t>((*candidate)->epoch + 1), base::ByteView((*candidate)->state),
      base::ByteView((*candidate)->info), last.message.view(), last.device.view(),
      static_cast<std::int64_t>(last.sequence), last.accepted.unix_s, last.deadline.unix_s, id.view());
  if (status) status = move_leaves(*database_, **candidate);
  if (status) status = database_->execute("DELETE FROM group_candidates WHERE conversation = ?", id.view());
  if (status) status = database_->execute("DELETE FROM group_removals WHERE conversation = ?", id.view());
  if (status) status = transaction->commit();
  if (!status) return std::unexpected(status.error());
  return true;
}

base::Status Store::drop_candidate(const base::ConversationId& id) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("DELETE FROM group_candidates WHERE conversation = ?", id.view());
}

base::Result<std::vector<base::ConversationId>> Store::groups_of_device(const base::DeviceId& device) {
  const std::scoped_lock lock(mutex_);
  return read_ids(
      database_->query("SELECT conversation FROM group_leaves WHERE device = ? ORDER BY conversation", device.view()));
}

base::Result<std::vector<base::ConversationId>> Store::groups_of_person(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return read_ids(database_->query(
      "SELECT DISTINCT conversation FROM group_leaves JOIN devices ON devices.id = group_leaves.device "
      "WHERE devices.person = ? ORDER BY conversation",
      person));
}

base::Result<std::vector<base::ConversationId>> Store::groups_with_strays() {
  const std::scoped_lock lock(mutex_);
  return read_ids(database_->query(
      "SELECT DISTINCT group_leaves.conversation FROM group_leaves "
      "LEFT JOIN devices ON devices.id = group_leaves.device "
      "LEFT JOIN members ON members.conversation = group_leaves.conversation AND members.person = devices.person "
      "WHERE devices.state IS NOT 1 OR members.person IS NULL ORDER BY group_leaves.conversation"));
}

base::Result<std::vector<base::ConversationId>> Store::groups_with_untold_removals() {
  const std::scoped_lock lock(mutex_);
  return read_ids(
      database_->query("SELECT DISTINCT conversation FROM group_removals WHERE told = 0 ORDER BY conversation"));
}

base::Result<std::vector<std::string>> Store::people_with_leaves() {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query(
      "SELECT DISTINCT devices.person FROM group_leaves JOIN devices ON devices.id = group_leaves.device "
      "ORDER BY devices.person");
  if (!statement) return std::unexpected(statement.error());
  std::vector<std::string> out;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    out.push_back(statement->text(0));
  }
}

}  // namespace gateway::store
