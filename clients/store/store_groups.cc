// The groups' part of the store: states, staged steps and key packages.
#include "clients/store/rows.h"
#include "clients/store/sqlite.h"
#include "clients/store/store.h"

namespace clients::store {
namespace base = policy::base;

namespace {

constexpr const char* kGroup = "mls-group";
constexpr const char* kKeys = "mls-keys";
constexpr const char* kStaged = "mls-staged";
constexpr const char* kKeyPackage = "mls-key-package";

auto place_in(const char* table) {
  return [table](const base::Bytes& ref) { return place_of(table, ref); };
}

}  // namespace

base::Result<std::optional<Store::StoredGroup>> Store::group(const base::ConversationId& conversation) {
  const auto ref = vault_.row_key("conversation", conversation.view());
  auto statement = database_->prepare("SELECT ref, sealed, keys FROM mls_group WHERE ref = ?1");
  statement.bind(1, ref);
  auto row = statement.step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  auto opened = vault_.open_sealed(statement.bytes(1), place_of(kGroup, ref));
  if (!opened) return std::unexpected(opened.error());
  auto state = parse<record::GroupState>(*opened);
  if (!state) return std::unexpected(state.error());
  StoredGroup out{std::move(*state->mutable_saved()), {}};
  if (const auto sealed_keys = statement.bytes(2); !sealed_keys.empty()) {
    auto keys = vault_.open_sealed(sealed_keys, place_of(kKeys, ref));
    if (!keys) return std::unexpected(keys.error());
    out.keys = std::move(*keys);
  }
  return out;
}

base::Status Store::save_group(const record::GroupState& group, Epoch epoch, bool waiting,
                               std::optional<base::ByteView> used) {
  const auto ref = vault_.row_key("conversation", base::as_bytes(group.conversation()));
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  auto status =
      database_->prepare("INSERT OR REPLACE INTO mls_group(ref, waiting, sealed, keys) VALUES(?1, ?2, ?3, NULL)")
          .bind(1, ref)
          .bind(2, waiting ? 1 : 0)
          .bind(3, vault_.seal(group.SerializeAsString(), place_of(kGroup, ref)))
          .run();
  if (!status) return status;
  if (epoch == Epoch::kNext)
    if (status = database_->prepare("DELETE FROM mls_staged WHERE ref = ?1").bind(1, ref).run(); !status) return status;
  if (used) {
    status = database_->prepare("DELETE FROM mls_key_package WHERE ref = ?1")
                 .bind(1, vault_.row_key("key-package", *used))
                 .run();
    if (!status) return status;
  }
  return transaction.commit();
}

base::Status Store::put_keys(const base::Bytes& ref, base::ByteView keys) {
  return database_->prepare("UPDATE mls_group SET keys = ?2 WHERE ref = ?1")
      .bind(1, ref)
      .bind(2, vault_.seal(base::as_text(keys), place_of(kKeys, ref)))
      .run();
}

base::Status Store::protect(const record::Outgoing& outgoing, const base::ConversationId& conversation,
                            base::ByteView keys) {
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  if (auto status = put_keys(vault_.row_key("conversation", conversation.view()), keys); !status) return status;
  if (auto status = update(outgoing); !status) return status;
  return transaction.commit();
}

base::Status Store::forget_group(const base::ConversationId& conversation) {
  const auto ref = vault_.row_key("conversation", conversation.view());
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  for (const auto* sql : {"DELETE FROM mls_group WHERE ref = ?1", "DELETE FROM mls_staged WHERE ref = ?1"})
    if (auto status = database_->prepare(sql).bind(1, ref).run(); !status) return status;
  return transaction.commit();
}

base::Status Store::forget_device() {
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  for (const auto* sql : {"DELETE FROM mls_group", "DELETE FROM mls_staged", "DELETE FROM mls_key_package"})
    if (auto status = database_->run(sql); !status) return status;
  auto waiting = outbox();
  if (!waiting) return std::unexpected(waiting.error());
  for (auto& outgoing : *waiting) {
    if (!outgoing.has_sealed()) continue;
    outgoing.clear_sealed();
    if (auto status = update(outgoing); !status) return status;
  }
  return transaction.commit();
}

base::Result<std::vector<record::GroupState>> Store::groups() {
  auto statement = database_->prepare("SELECT ref, sealed FROM mls_group");
  return collect<record::GroupState>(statement, vault_, place_in(kGroup));
}

base::Result<std::vector<record::GroupState>> Store::waiting_groups() {
  auto statement = database_->prepare("SELECT ref, sealed FROM mls_group WHERE waiting = 1");
  return collect<record::GroupState>(statement, vault_, place_in(kGroup));
}

base::Status Store::stage(const record::StagedStep& step) {
  const auto ref = vault_.row_key("conversation", base::as_bytes(step.conversation()));
  return database_->prepare("INSERT OR REPLACE INTO mls_staged(ref, sealed) VALUES(?1, ?2)")
      .bind(1, ref)
      .bind(2, vault_.seal(step.SerializeAsString(), place_of(kStaged, ref)))
      .run();
}

base::Result<std::optional<record::StagedStep>> Store::staged(const base::ConversationId& conversation) {
  auto statement = database_->prepare("SELECT ref, sealed FROM mls_staged WHERE ref = ?1");
  statement.bind(1, vault_.row_key("conversation", conversation.view()));
  return one(collect<record::StagedStep>(statement, vault_, place_in(kStaged)));
}

base::Status Store::unstage(const base::ConversationId& conversation) {
  return database_->prepare("DELETE FROM mls_staged WHERE ref = ?1")
      .bind(1, vault_.row_key("conversation", conversation.view()))
      .run();
}

base::Result<std::vector<record::StagedStep>> Store::all_staged() {
  auto statement = database_->prepare("SELECT ref, sealed FROM mls_staged");
  return collect<record::StagedStep>(statement, vault_, place_in(kStaged));
}

base::Status Store::add_key_packages(const std::vector<NamedKeyPackage>& packages) {
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  auto count = key_package_count();
  if (!count) return std::unexpected(count.error());
  if (*count + packages.size() > kKeyPackagesMax)
    return base::fail("store.full", std::to_string(*count) + " unused key packages",
                      "at most " + std::to_string(kKeyPackagesMax), "they go when they have run out");
  for (const auto& [reference, record] : packages) {
    const auto ref = vault_.row_key("key-package", reference);
    auto status =
        database_->prepare("INSERT OR REPLACE INTO mls_key_package(ref, forget_at, sealed) VALUES(?1, ?2, ?3)")
            .bind(1, ref)
            .bind(2, record.expires_at_s() + kKeyPackageGrace.count)
            .bind(3, vault_.seal(record.SerializeAsString(), place_of(kKeyPackage, ref)))
            .run();
    if (!status) return status;
  }
  return transaction.commit();
}

base::Result<std::optional<record::OwnKeyPackage>> Store::key_package(base::ByteView reference) {
  auto statement = database_->prepare("SELECT ref, sealed FROM mls_key_package WHERE ref = ?1");
  statement.bind(1, vault_.row_key("key-package", reference));
  return one(collect<record::OwnKeyPackage>(statement, vault_, place_in(kKeyPackage)));
}

base::Result<std::size_t> Store::key_package_count() {
  auto statement = database_->prepare("SELECT count(*) FROM mls_key_package");
  if (auto row = statement.step(); !row) return std::unexpected(row.error());
  return static_cast<std::size_t>(statement.number(0));
}

}  // namespace clients::store
