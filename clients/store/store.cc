#include "clients/store/store.h"

#include <algorithm>

#include "clients/store/file.h"
#include "clients/store/rows.h"
#include "clients/store/schema.h"
#include "clients/store/sqlite.h"

namespace clients::store {
namespace base = policy::base;

namespace {

constexpr const char* kKeyFile = "key";
constexpr const char* kDatabaseFile = "messages.db";

std::int64_t signed_of(std::uint64_t sequence) { return static_cast<std::int64_t>(sequence); }

}  // namespace

Store::Store(std::filesystem::path folder, Vault vault, Database database)
    : folder_(std::move(folder)),
      vault_(std::move(vault)),
      database_(std::make_unique<Database>(std::move(database))) {}

Store::~Store() = default;

bool Store::exists(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / kKeyFile, ignored);
}

base::Result<std::unique_ptr<Store>> Store::assemble(const std::filesystem::path& folder, Vault vault) {
  auto database = Database::open(folder / kDatabaseFile);
  if (!database) return std::unexpected(database.error());
  if (auto status = migrate(*database, vault); !status) return std::unexpected(status.error());
  return std::unique_ptr<Store>(new Store(folder, std::move(vault), std::move(*database)));
}

base::Result<std::unique_ptr<Store>> Store::create(const std::filesystem::path& folder, std::string_view pin,
                                                   base::Random& random, const PinWork& work) {
  if (auto status = make_private_folder(folder); !status) return std::unexpected(status.error());
  auto vault = Vault::create(folder / kKeyFile, pin, random, work);
  if (!vault) return std::unexpected(vault.error());
  return assemble(folder, std::move(*vault));
}

base::Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, std::string_view pin,
                                                 base::Random& random) {
  auto vault = Vault::open(folder / kKeyFile, pin, random);
  if (!vault) return std::unexpected(vault.error());
  return assemble(folder, std::move(*vault));
}

base::Status Store::wipe(const std::filesystem::path& folder, base::Random& random) {
  // The key first: from that moment the rest is noise, whatever happens next.
  if (auto status = Vault::destroy(folder / kKeyFile, random); !status) return status;
  std::error_code error;
  for (const std::string name : {"messages.db", "messages.db-journal", "key.new", kStreamLockFile})
    if (std::filesystem::remove(folder / name, error); error)
      return base::fail("store.unavailable", "cannot remove: " + error.message(), "a folder of your own",
                        "the key is destroyed; remove the folder by hand",
                        base::printable((folder / name).string(), 400));
  std::filesystem::remove(folder, error);  // stays if somebody put other files there
  return {};
}

base::Status Store::put_meta(std::string_view name, const std::string& record) {
  return database_
      ->prepare(
          "INSERT INTO meta(name, sealed) VALUES(CAST(?1 AS TEXT), ?2) "
          "ON CONFLICT(name) DO UPDATE SET sealed = excluded.sealed")
      .bind(1, base::as_bytes(name))
      .bind(2, vault_.seal(record, place_of("meta", base::as_bytes(name))))
      .run();
}

base::Result<std::optional<std::string>> Store::meta(std::string_view name) {
  auto statement = database_->prepare("SELECT sealed FROM meta WHERE name = CAST(?1 AS TEXT)");
  statement.bind(1, base::as_bytes(name));
  auto row = statement.step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  auto opened = vault_.open_sealed(statement.bytes(0), place_of("meta", base::as_bytes(name)));
  if (!opened) return std::unexpected(opened.error());
  return std::move(*opened);
}

base::Result<std::optional<record::Account>> Store::account() {
  auto bytes = meta("account");
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return parse<record::Account>(**bytes);
}

base::Status Store::save(const record::Account& account) { return put_meta("account", account.SerializeAsString()); }

base::Result<std::optional<record::PendingLogin>> Store::pending_login() {
  auto bytes = meta("pending-login");
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return parse<record::PendingLogin>(**bytes);
}

base::Status Store::save(const record::PendingLogin& login) {
  return put_meta("pending-login", login.SerializeAsString());
}

base::Result<std::optional<record::ContentRules>> Store::content_rules() {
  auto bytes = meta("content-rules");
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return parse<record::ContentRules>(**bytes);
}

base::Status Store::save(const record::ContentRules& rules) {
  return put_meta("content-rules", rules.SerializeAsString());
}

base::Status Store::forget_pending_login() { return database_->run("DELETE FROM meta WHERE name = 'pending-login'"); }

base::Result<bool> Store::holds(const record::Message& message) {
  auto statement = database_->prepare(
      "SELECT 1 FROM message WHERE conversation = ?1 AND sequence = ?2 "
      "UNION ALL SELECT 1 FROM seen WHERE conversation = ?1 AND sequence = ?2");
  statement.bind(1, vault_.row_key("conversation", base::as_bytes(message.conversation())));
  statement.bind(2, signed_of(message.sequence()));
  return statement.step();
}

base::Status Store::insert_message(const record::Message& message, bool shown) {
  const auto ref = vault_.row_key("conversation", base::as_bytes(message.conversation()));
  const auto client = message.client_message_id().empty()
                          ? base::Bytes{}
                          : vault_.row_key("client", base::as_bytes(message.client_message_id()));
  auto status = database_
                    ->prepare(
                        "INSERT INTO message(conversation, sequence, client, deadline, shown, sealed) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
                    .bind(1, ref)
                    .bind(2, signed_of(message.sequence()))
                    .bind(3, client)
                    .bind(4, message.deadline_s())
                    .bind(5, shown ? 1 : 0)
                    .bind(6, vault_.seal(message.SerializeAsString(), place_of("message", ref, message.sequence())))
                    .run();
  if (!status) return status;
  return database_
      ->prepare(
          "INSERT INTO last(conversation, class, sequence) VALUES(?1, ?2, ?3) "
          "ON CONFLICT(conversation, class) DO UPDATE SET sequence = max(sequence, excluded.sequence)")
      .bind(1, ref)
      .bind(2, static_cast<std::int64_t>(message.message_class()))
      .bind(3, signed_of(message.sequence()))
      .run();
}

base::Result<bool> Store::add_incoming(const record::Message& message, std::optional<base::ByteView> keys) {
  Transaction transaction(*database_);
  if (!transaction.begun()) return std::unexpected(transaction.begun().error());
  auto repeat = holds(message);
  if (!repeat) return std::unexpected(repeat.error());
  if (*repeat) return false;
  if (auto status = insert_message(message, message.mine()); !status) return std::unexpected(status.error());
  if (keys) {
    const auto ref = vault_.row_key("conversation", base::as_bytes(message.conversation()));
    if (auto status = put_keys(ref, *keys); !status) return std::unexpected(status.error());
  }
  if (auto status = transaction.commit(); !status) return std::unexpected(status.error());
  return true;
}

base::Status Store::accepted(const record::Message& message) {
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  auto repeat = holds(message);
  if (!repeat) return std::unexpected(repeat.error());
  if (!*repeat)
    if (auto status = insert_message(message, true); !status) return status;
  auto status = database_->prepare("DELETE FROM outbox WHERE ref = ?1")
                    .bind(1, vault_.row_key("client", base::as_bytes(message.client_message_id())))
                    .run();
  if (!status) return status;
  return transaction.commit();
}

base::Result<std::vector<record::Message>> Store::messages(std::string_view sql, const base::Bytes* conversation,
                                                           std::size_t limit) {
  auto statement = database_->prepare(sql);
  statement.bind(1, static_cast<std::int64_t>(std::min(limit, kHistoryMax)));
  if (conversation != nullptr) statement.bind(2, *conversation);
  return collect<record::Message>(statement, vault_, [&statement](const base::Bytes& ref) {
    return place_of("message", ref, static_cast<std::uint64_t>(statement.number(2)));
  });
}

base::Result<std::optional<record::Message>> Store::message(const base::ConversationId& conversation,
                                                            std::uint64_t sequence) {
  const auto ref = vault_.row_key("conversation", conversation.view());
  auto statement =
      database_->prepare("SELECT conversation, sealed FROM message WHERE conversation = ?1 AND sequence = ?2");
  statement.bind(1, ref).bind(2, signed_of(sequence));
  return one(collect<record::Message>(statement, vault_,
                                      [&](const base::Bytes&) { return place_of("message", ref, sequence); }));
}

base::Result<std::optional<record::Message>> Store::sent_message(const base::ClientMessageId& id) {
  const auto client = vault_.row_key("client", id.view());
  return one(messages("SELECT conversation, sealed, sequence FROM message WHERE client = ?2 LIMIT ?1", &client, 1));
}

base::Result<std::vector<record::Message>> Store::history(const base::ConversationId& conversation, std::size_t limit) {
  const auto ref = vault_.row_key("conversation", conversation.view());
  auto rows = messages(
      "SELECT conversation, sealed, sequence FROM message WHERE conversation = ?2 ORDER BY sequence DESC LIMIT ?1",
      &ref, limit);
  if (rows) std::ranges::reverse(*rows);
  return rows;
}

base::Result<std::vector<record::Message>> Store::unshown(std::size_t limit) {
  return messages("SELECT conversation, sealed, sequence FROM message WHERE shown = 0 ORDER BY position LIMIT ?1",
                  nullptr, limit);
}

base::Status Store::mark_shown(const record::Message& message) {
  return database_->prepare("UPDATE message SET shown = 1 WHERE conversation = ?1 AND sequence = ?2")
      .bind(1, vault_.row_key("conversation", base::as_bytes(message.conversation())))
      .bind(2, signed_of(message.sequence()))
      .run();
}

base::Result<std::uint64_t> Store::last_sequence(const base::ConversationId& conversation,
                                                 std::uint32_t message_class) {
  auto statement = database_->prepare("SELECT sequence FROM last WHERE conversation = ?1 AND class = ?2");
  statement.bind(1, vault_.row_key("conversation", conversation.view()))
      .bind(2, static_cast<std::int64_t>(message_class));
  auto row = statement.step();
  if (!row) return std::unexpected(row.error());
  return *row ? static_cast<std::uint64_t>(statement.number(0)) : 0;
}

base::Result<std::size_t> Store::expire(base::Instant now) {
  auto due = database_->prepare(
      "SELECT 1 FROM message WHERE deadline > 0 AND deadline <= ?1 UNION ALL "
      "SELECT 1 FROM seen WHERE forget_at <= ?1 UNION ALL SELECT 1 FROM ask WHERE created <= ?2 UNION ALL "
      "SELECT 1 FROM mls_key_package WHERE forget_at <= ?1 LIMIT 1");
  due.bind(1, now.unix_s).bind(2, (now - kAskLifetime).unix_s);
  auto any = due.step();
  if (!any) return std::unexpected(any.error());
  if (!*any) return 0;
  (void)due.step();

  Transaction transaction(*database_);
  if (!transaction.begun()) return std::unexpected(transaction.begun().error());
  base::Status status = database_
                            ->prepare(
                                "INSERT OR IGNORE INTO seen(conversation, sequence, forget_at) SELECT conversation, "
                                "sequence, ?1 + ?2 FROM message WHERE deadline > 0 AND deadline <= ?1")
                            .bind(1, now.unix_s)
                            .bind(2, kSeenAfterDeadline.count)
                            .run();
  if (!status) return std::unexpected(status.error());
  status = database_->prepare("DELETE FROM message WHERE deadline > 0 AND deadline <= ?1").bind(1, now.unix_s).run();
  if (!status) return std::unexpected(status.error());
  const int gone = database_->changes();
  status = database_->prepare("DELETE FROM seen WHERE forget_at <= ?1").bind(1, now.unix_s).run();
  if (!status) return std::unexpected(status.error());
  status = database_->prepare("DELETE FROM ask WHERE created <= ?1").bind(1, (now - kAskLifetime).unix_s).run();
  if (!status) return std::unexpected(status.error());
  status = database_->prepare("DELETE FROM mls_key_package WHERE forget_at <= ?1").bind(1, now.unix_s).run();
  if (!status) return std::unexpected(status.error());
  if (status = transaction.commit(); !status) return std::unexpected(status.error());
  return static_cast<std::size_t>(gone);
}

base::Status Store::enqueue(const record::Outgoing& outgoing) {
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  auto count = database_->prepare("SELECT count(*) FROM outbox");
  if (auto row = count.step(); !row) return std::unexpected(row.error());
  if (count.number(0) >= static_cast<std::int64_t>(kOutboxMax))
    return base::fail("store.full", "an outbox with " + std::to_string(count.number(0)) + " unsent messages",
                      "at most " + std::to_string(kOutboxMax), "connect to the server first, so that they can go");
  (void)count.step();
  const auto ref = vault_.row_key("client", base::as_bytes(outgoing.client_message_id()));
  auto status = database_->prepare("INSERT INTO outbox(ref, sealed) VALUES(?1, ?2)")
                    .bind(1, ref)
                    .bind(2, vault_.seal(outgoing.SerializeAsString(), place_of("outbox", ref)))
                    .run();
  if (!status) return status;
  return transaction.commit();
}

base::Result<std::vector<record::Outgoing>> Store::outbox() {
  auto statement = database_->prepare("SELECT ref, sealed FROM outbox ORDER BY position");
  return collect<record::Outgoing>(statement, vault_, [](const base::Bytes& ref) { return place_of("outbox", ref); });
}

base::Result<std::optional<record::Outgoing>> Store::outgoing(const base::ClientMessageId& id) {
  auto statement = database_->prepare("SELECT ref, sealed FROM outbox WHERE ref = ?1");
  statement.bind(1, vault_.row_key("client", id.view()));
  return one(
      collect<record::Outgoing>(statement, vault_, [](const base::Bytes& ref) { return place_of("outbox", ref); }));
}

base::Status Store::update(const record::Outgoing& outgoing) {
  const auto ref = vault_.row_key("client", base::as_bytes(outgoing.client_message_id()));
  return database_->prepare("UPDATE outbox SET sealed = ?2 WHERE ref = ?1")
      .bind(1, ref)
      .bind(2, vault_.seal(outgoing.SerializeAsString(), place_of("outbox", ref)))
      .run();
}

base::Status Store::remove_outgoing(const base::ClientMessageId& id) {
  return database_->prepare("DELETE FROM outbox WHERE ref = ?1").bind(1, vault_.row_key("client", id.view())).run();
}

base::Status Store::save(const record::KnownConversation& conversation) {
  const auto ref = vault_.row_key("conversation", base::as_bytes(conversation.conversation()));
  return database_->prepare("INSERT OR REPLACE INTO conversation(ref, sealed) VALUES(?1, ?2)")
      .bind(1, ref)
      .bind(2, vault_.seal(conversation.SerializeAsString(), place_of("conversation", ref)))
      .run();
}

base::Result<std::optional<record::KnownConversation>> Store::conversation(const base::ConversationId& id) {
  auto statement = database_->prepare("SELECT ref, sealed FROM conversation WHERE ref = ?1");
  statement.bind(1, vault_.row_key("conversation", id.view()));
  return one(collect<record::KnownConversation>(statement, vault_,
                                                [](const base::Bytes& ref) { return place_of("conversation", ref); }));
}

base::Result<std::vector<record::KnownConversation>> Store::conversations() {
  auto statement = database_->prepare("SELECT ref, sealed FROM conversation");
  return collect<record::KnownConversation>(statement, vault_,
                                            [](const base::Bytes& ref) { return place_of("conversation", ref); });
}

base::Result<std::int64_t> Store::put_ask(const std::string& request, base::Instant now) {
  Transaction transaction(*database_);
  if (!transaction.begun()) return std::unexpected(transaction.begun().error());
  auto count = database_->prepare("SELECT count(*) FROM ask");
  if (auto row = count.step(); !row) return std::unexpected(row.error());
  if (count.number(0) >= static_cast<std::int64_t>(kAsksMax))
    return base::fail("store.full", "too many commands at once", "at most " + std::to_string(kAsksMax),
                      "try again in a minute");
  (void)count.step();
  auto insert = database_->prepare("INSERT INTO ask(created, request) VALUES(?1, ?2) RETURNING id");
  insert.bind(1, now.unix_s).bind(2, vault_.seal(request, "ask:request"));
  if (auto row = insert.step(); !row) return std::unexpected(row.error());
  const std::int64_t id = insert.number(0);
  (void)insert.step();
  if (auto status = transaction.commit(); !status) return std::unexpected(status.error());
  return id;
}

base::Result<std::vector<Ask>> Store::open_asks() {
  auto statement = database_->prepare("SELECT id, request FROM ask WHERE answer IS NULL ORDER BY id");
  std::vector<Ask> out;
  while (true) {
    auto row = statement.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    auto request = vault_.open_sealed(statement.bytes(1), "ask:request");
    if (!request) return std::unexpected(request.error());
    out.push_back({statement.number(0), std::move(*request)});
  }
}

base::Status Store::answer_ask(std::int64_t id, const std::string& answer) {
  return database_->prepare("UPDATE ask SET answer = ?2 WHERE id = ?1")
      .bind(1, id)
      .bind(2, vault_.seal(answer, "ask:answer:" + std::to_string(id)))
      .run();
}

base::Result<std::optional<std::string>> Store::take_answer(std::int64_t id) {
  std::optional<std::string> answer;
  {
    auto statement = database_->prepare("SELECT answer FROM ask WHERE id = ?1 AND answer IS NOT NULL");
    statement.bind(1, id);
    auto row = statement.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return std::nullopt;
    auto opened = vault_.open_sealed(statement.bytes(0), "ask:answer:" + std::to_string(id));
    if (!opened) return std::unexpected(opened.error());
    answer = std::move(*opened);
  }
  if (auto status = database_->prepare("DELETE FROM ask WHERE id = ?1").bind(1, id).run(); !status)
    return std::unexpected(status.error());
  return answer;
}

base::Result<bool> Store::changed_elsewhere() {
  auto statement = database_->prepare("PRAGMA data_version");
  if (auto row = statement.step(); !row) return std::unexpected(row.error());
  const auto version = statement.number(0);
  return std::exchange(data_version_, version) != version;
}

}  // namespace clients::store
