#include <algorithm>

#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {
namespace {

base::Result<std::uint32_t> count_waiting(Database& database, const base::DeviceId& device, base::Instant now) {
  auto statement =
      database.query("SELECT count(*) FROM key_packages WHERE device = ? AND package IS NOT NULL AND not_after > ?",
                     device.view(), now.unix_s);
  if (!statement) return std::unexpected(statement.error());
  if (const auto row = statement->step(); !row) return std::unexpected(row.error());
  return static_cast<std::uint32_t>(statement->integer(0));
}

base::Status put_last_resort(Database& database, const base::DeviceId& device, const KeyPackage& one,
                             base::Instant now) {
  return database.execute(
      "INSERT INTO last_resorts (device, reference, package, not_after, published, handed_out) VALUES (?1, ?2, ?3, ?4, "
      "?5, 0) ON CONFLICT (device) DO UPDATE SET reference = ?2, package = ?3, not_after = ?4, published = ?5, "
      "handed_out = 0 WHERE reference <> ?2",
      device.view(), base::ByteView(one.reference), base::ByteView(one.package), one.not_after.unix_s, now.unix_s);
}

base::Result<std::optional<HandedOut>> take_waiting(Database& database, const base::DeviceId& device,
                                                    base::Instant now) {
  auto statement = database.query(
      "SELECT reference, package FROM key_packages WHERE device = ? AND package IS NOT NULL AND not_after > ? "
      "ORDER BY not_after, reference LIMIT 1",
      device.view(), now.unix_s);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  HandedOut out{statement->blob(1), false, 0};
  const auto gone = database.execute("UPDATE key_packages SET package = NULL WHERE reference = ?",
                                     base::ByteView(statement->blob(0)));
  if (!gone) return std::unexpected(gone.error());
  const auto left = count_waiting(database, device, now);
  if (!left) return std::unexpected(left.error());
  out.left = *left;
  return out;
}

base::Result<std::optional<HandedOut>> take_last_resort(Database& database, const base::DeviceId& device,
                                                        base::Instant now) {
  auto statement = database.query(
      "UPDATE last_resorts SET handed_out = handed_out + 1 WHERE device = ? AND not_after > ? RETURNING package",
      device.view(), now.unix_s);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  HandedOut out{statement->blob(0), true, 0};
  if (const auto rest = statement->run(); !rest) return std::unexpected(rest.error());
  return out;
}

}  // namespace

base::Result<bool> Store::add_key_packages(const base::DeviceId& device, std::span<const KeyPackage> packages,
                                           const std::optional<KeyPackage>& last_resort, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  base::Status status;
  for (const KeyPackage& one : packages) {
    if (!status) return std::unexpected(status.error());
    status = database_->execute(
        "INSERT OR IGNORE INTO key_packages (reference, device, package, not_after) VALUES (?, ?, ?, ?)",
        base::ByteView(one.reference), device.view(), base::ByteView(one.package), one.not_after.unix_s);
  }
  if (status && last_resort) status = put_last_resort(*database_, device, *last_resort, now);
  if (!status) return std::unexpected(status.error());
  const auto waiting = count_waiting(*database_, device, now);
  if (!waiting) return std::unexpected(waiting.error());
  if (*waiting > kKeyPackagesMax) return false;
  if (status = transaction->commit(); !status) return std::unexpected(status.error());
  return true;
}

base::Result<std::optional<HandedOut>> Store::hand_out(const base::DeviceId& device, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto out = take_waiting(*database_, device, now);
  if (out && !*out) out = take_last_resort(*database_, device, now);
  if (!out || !*out) return out;
  if (auto status = transaction->commit(); !status) return std::unexpected(status.error());
  return out;
}

base::Result<std::optional<HandedOut>> Store::hand_out_last_resort(const base::DeviceId& device, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  auto out = take_last_resort(*database_, device, now);
  if (!out || !*out) return out;
  const auto left = count_waiting(*database_, device, now);
  if (!left) return std::unexpected(left.error());
  (*out)->left = *left;
  return out;
}

base::Result<KeyPackageStock> Store::key_package_stock(const base::DeviceId& device, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto left = count_waiting(*database_, device, now);
  if (!left) return std::unexpected(left.error());
  KeyPackageStock out{.left = *left, .last_resort = {}};
  auto statement =
      database_->query("SELECT published, not_after, handed_out FROM last_resorts WHERE device = ?", device.view());
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (*row)
    out.last_resort = {.published = {statement->integer(0)},
                       .not_after = {statement->integer(1)},
                       .handed_out = static_cast<std::uint64_t>(statement->integer(2))};
  return out;
}

base::Status Store::purge_key_packages(base::Instant now) {
  const std::scoped_lock lock(mutex_);
  auto status = database_->execute("DELETE FROM key_packages WHERE not_after <= ?", now.unix_s);
  if (status) status = database_->execute("DELETE FROM last_resorts WHERE not_after <= ?", now.unix_s);
  return status;
}

}  // namespace gateway::store
