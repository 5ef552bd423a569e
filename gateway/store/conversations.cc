#include <algorithm>

#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {
namespace {

base::Result<std::optional<Conversation>> read_conversation(Database& database, const base::ConversationId& id) {
  auto statement = database.query(
      "SELECT kind, person FROM conversations LEFT JOIN members ON members.conversation = conversations.id "
      "WHERE conversations.id = ? ORDER BY person",
      id.view());
  if (!statement) return std::unexpected(statement.error());
  std::optional<Conversation> found;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return found;
    if (!found)
      found = Conversation{.id = id, .kind = static_cast<ConversationKind>(statement->integer(0)), .members = {}};
    if (!statement->is_null(1)) found->members.push_back(statement->text(1));
  }
}

base::Result<std::optional<base::ConversationId>> find_id(base::Result<Statement> statement) {
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  base::ConversationId id;
  std::ranges::copy(statement->blob(0), id.bytes.begin());
  return id;
}

base::Status insert(Database& database, const Conversation& conversation, base::Instant now) {
  auto status = database.execute("INSERT INTO conversations (id, kind, created) VALUES (?, ?, ?)",
                                 conversation.id.view(), static_cast<std::int64_t>(conversation.kind), now.unix_s);
  for (const std::string& member : conversation.members) {
    if (!status) return status;
    status =
        database.execute("INSERT INTO members (conversation, person) VALUES (?, ?)", conversation.id.view(), member);
    if (!status && status.error().code == "store.constraint")
      return base::fail("conversation.members", "'" + base::printable(member) + "' has never logged in",
                        "people whom the gateway knows", "ask them to log in once");
  }
  return status;
}

}  // namespace

base::Result<Conversation> Store::open_direct(std::string_view one, std::string_view other,
                                              const base::ConversationId& fresh, base::Instant now) {
  if (one == other)
    return base::fail("conversation.members", "a direct conversation of one person", "two different people");
  const auto [low, high] = std::minmax(one, other);
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  const auto id =
      find_id(database_->query("SELECT conversation FROM direct_pairs WHERE low = ? AND high = ?", low, high));
  if (!id) return std::unexpected(id.error());
  const Conversation conversation{
      .id = id->value_or(fresh), .kind = ConversationKind::direct, .members = {std::string(low), std::string(high)}};
  if (*id) return conversation;
  auto status = insert(*database_, conversation, now);
  if (status)
    status = database_->execute("INSERT INTO direct_pairs (low, high, conversation) VALUES (?, ?, ?)", low, high,
                                fresh.view());
  if (status) status = transaction->commit();
  if (!status) return std::unexpected(status.error());
  return conversation;
}

base::Result<Conversation> Store::create_group(std::span<const std::string> members, const base::ConversationId& fresh,
                                               base::Instant now) {
  Conversation conversation{.id = fresh, .kind = ConversationKind::group, .members = {members.begin(), members.end()}};
  std::ranges::sort(conversation.members);
  conversation.members.erase(std::ranges::unique(conversation.members).begin(), conversation.members.end());
  if (conversation.members.empty() || conversation.members.size() > kMembersMax)
    return base::fail("conversation.members", "a group of " + std::to_string(conversation.members.size()) + " people",
                      "1 to " + std::to_string(kMembersMax));
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto status = insert(*database_, conversation, now);
  if (status) status = transaction->commit();
  if (!status) return std::unexpected(status.error());
  return conversation;
}

base::Result<std::optional<Conversation>> Store::conversation(const base::ConversationId& id) {
  const std::scoped_lock lock(mutex_);
  return read_conversation(*database_, id);
}

base::Result<std::vector<Conversation>> Store::conversations_of(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("SELECT conversation FROM members WHERE person = ? ORDER BY conversation", person);
  if (!statement) return std::unexpected(statement.error());
  std::vector<Conversation> conversations;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return conversations;
    base::ConversationId id;
    std::ranges::copy(statement->blob(0), id.bytes.begin());
    auto one = read_conversation(*database_, id);
    if (!one) return std::unexpected(one.error());
    if (*one) conversations.push_back(**std::move(one));
  }
}

base::Result<bool> Store::is_member(const base::ConversationId& id, std::string_view person) {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("SELECT 1 FROM members WHERE conversation = ? AND person = ?", id.view(), person);
  if (!statement) return std::unexpected(statement.error());
  return statement->step();
}

}  // namespace gateway::store
