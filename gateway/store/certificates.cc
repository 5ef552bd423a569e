#include <algorithm>

#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {
namespace {

constexpr std::string_view kSetEntry = "UPDATE certificates SET origin = ?2, entry = ?3, logged = ?4 WHERE device = ?1";

// The CHECKs of the schema hold for every row.
Certificate read_certificate(const Statement& row) {
  Certificate out;
  out.statement = row.blob(0);
  if (const auto by = row.blob(1); !by.empty()) {
    Certificate::Consent consent;
    std::ranges::copy(by, consent.by.bytes.begin());
    std::ranges::copy(row.blob(2), consent.key.begin());
    std::ranges::copy(row.blob(3), consent.signature.begin());
    out.consent = consent;
  }
  if (const auto origin = row.text(4); !origin.empty())
    out.entry = {origin, static_cast<std::uint64_t>(row.integer(5)), {row.integer(6)}};
  return out;
}

}  // namespace

base::Result<base::Bytes> Store::ensure_statement(const base::DeviceId& device, base::ByteView statement) {
  const std::scoped_lock lock(mutex_);
  if (auto kept =
          database_->execute("INSERT INTO certificates (device, statement) VALUES (?, ?) ON CONFLICT DO NOTHING",
                             device.view(), statement);
      !kept)
    return std::unexpected(kept.error());
  auto row = database_->query("SELECT statement FROM certificates WHERE device = ?", device.view());
  if (!row) return std::unexpected(row.error());
  if (const auto found = row->step(); !found) return std::unexpected(found.error());
  return row->blob(0);
}

base::Result<std::optional<Certificate>> Store::certificate(const base::DeviceId& device) {
  const std::scoped_lock lock(mutex_);
  auto row = database_->query(
      "SELECT statement, consent_by, consent_key, consent_signature, origin, entry, logged FROM certificates "
      "WHERE device = ?",
      device.view());
  if (!row) return std::unexpected(row.error());
  const auto found = row->step();
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  return read_certificate(*row);
}

base::Status Store::set_certificate_entry(const base::DeviceId& device, const Certificate::Entry& entry) {
  const std::scoped_lock lock(mutex_);
  return database_->execute(kSetEntry, device.view(), entry.origin, static_cast<std::int64_t>(entry.number),
                            entry.logged.unix_s);
}

base::Result<bool> Store::consent(const base::DeviceId& device, const Certificate::Consent& consent,
                                  const Certificate::Entry& entry) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto status =
      database_->execute("UPDATE devices SET waiting = 0 WHERE id = ? AND state = 1 AND waiting = 1", device.view());
  if (!status) return std::unexpected(status.error());
  if (database_->changed_rows() == 0) return false;
  status = database_->execute(
      "UPDATE certificates SET consent_by = ?2, consent_key = ?3, consent_signature = ?4 WHERE device = ?1",
      device.view(), consent.by.view(), consent.key, base::ByteView(consent.signature));
  if (status)
    status = database_->execute(kSetEntry, device.view(), entry.origin, static_cast<std::int64_t>(entry.number),
                                entry.logged.unix_s);
  if (status) status = transaction->commit();
  if (!status) return std::unexpected(status.error());
  return true;
}

base::Result<bool> Store::end_waiting_if_alone(const base::DeviceId& device) {
  const std::scoped_lock lock(mutex_);
  auto status = database_->execute(
      "UPDATE devices SET waiting = 0 WHERE id = ?1 AND state = 1 AND waiting = 1 AND NOT EXISTS "
      "(SELECT 1 FROM devices AS other WHERE other.person = devices.person AND other.state = 1 AND other.waiting = 0)",
      device.view());
  if (!status) return std::unexpected(status.error());
  return database_->changed_rows() != 0;
}

base::Result<std::vector<base::DeviceId>> Store::uncertified(base::Instant oldest, std::uint32_t count_max) {
  const std::scoped_lock lock(mutex_);
  auto rows = database_->query(
      "SELECT devices.id FROM devices LEFT JOIN certificates ON certificates.device = devices.id "
      "WHERE devices.state = 1 AND devices.waiting = 0 AND (certificates.entry IS NULL OR certificates.logged < ?) "
      "LIMIT ?",
      oldest.unix_s, static_cast<std::int64_t>(count_max));
  if (!rows) return std::unexpected(rows.error());
  std::vector<base::DeviceId> out;
  for (;;) {
    const auto row = rows->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    std::ranges::copy(rows->blob(0), out.emplace_back().bytes.begin());
  }
}

}  // namespace gateway::store
