#include <algorithm>

#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, person, name, kind, state, sign_key, enrolled, ended, waiting FROM devices ";

// The CHECKs of the schema hold for every row, so sizes and enumerations need no second look.
Device read_device(const Statement& statement) {
  Device device;
  std::ranges::copy(statement.blob(0), device.id.bytes.begin());
  device.person = statement.text(1);
  device.name = statement.text(2);
  device.kind = static_cast<DeviceKind>(statement.integer(3));
  device.state = static_cast<DeviceState>(statement.integer(4));
  std::ranges::copy(statement.blob(5), device.sign_key.begin());
  device.enrolled = {statement.integer(6)};
  device.ended = {statement.integer(7)};
  device.waiting = statement.integer(8) != 0;
  return device;
}

base::Result<std::vector<Device>> read_devices(base::Result<Statement> statement) {
  if (!statement) return std::unexpected(statement.error());
  std::vector<Device> devices;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return devices;
    devices.push_back(read_device(*statement));
  }
}

base::Result<std::optional<Device>> read_one(base::Result<Statement> statement) {
  auto devices = read_devices(std::move(statement));
  if (!devices) return std::unexpected(devices.error());
  if (devices->empty()) return std::nullopt;
  return std::move(devices->front());
}

// The count stands beside the free slot because a rule set may have become stricter: with slots 1 and 3 taken and a
// limit of 2, slot 2 is free, yet nobody may take it.
constexpr std::string_view kInsert = R"sql(
WITH slots (slot) AS (VALUES (1), (2), (3), (4), (5), (6), (7), (8))
INSERT INTO devices (id, person, slot, slots_max, state, name, kind, sign_key, enrolled, ended, waiting)
SELECT ?1, ?2, slots.slot, ?3, 1, ?4, ?5, ?6, ?7, 0,
       ?8 AND EXISTS (SELECT 1 FROM devices WHERE person = ?2 AND state = 1 AND waiting = 0)
FROM slots
WHERE slots.slot <= ?3
  AND NOT EXISTS (SELECT 1 FROM devices WHERE person = ?2 AND devices.slot = slots.slot)
  AND (SELECT count(*) FROM devices WHERE person = ?2 AND slot IS NOT NULL) < ?3
ORDER BY slots.slot LIMIT 1
)sql";

}  // namespace

base::Result<Store::Added> Store::add_device(const Device& device, std::uint32_t devices_max) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t slots_max = std::min(devices_max, kDevicesPerPersonMax);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  const auto known = read_one(
      database_->query(std::string(kColumns) + "WHERE sign_key = ?1 OR id = ?2", device.sign_key, device.id.view()));
  if (!known) return std::unexpected(known.error());
  if (*known) return Added::key_known;
  auto status = database_->execute(kInsert, device.id.view(), device.person, slots_max, device.name,
                                   static_cast<std::int64_t>(device.kind), device.sign_key, device.enrolled.unix_s,
                                   static_cast<std::int64_t>(device.waiting));
  if (!status) return std::unexpected(status.error());
  if (database_->changed_rows() == 0) return Added::limit_reached;
  if (status = transaction->commit(); !status) return std::unexpected(status.error());
  return Added::yes;
}

base::Result<std::vector<Device>> Store::active_devices(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return read_devices(
      database_->query(std::string(kColumns) + "WHERE person = ? AND slot IS NOT NULL ORDER BY slot", person));
}

base::Result<std::vector<Device>> Store::all_devices(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return read_devices(database_->query(std::string(kColumns) + "WHERE person = ? ORDER BY enrolled, id", person));
}

base::Result<std::optional<Device>> Store::device(const base::DeviceId& id) {
  const std::scoped_lock lock(mutex_);
  return read_one(database_->query(std::string(kColumns) + "WHERE id = ?", id.view()));
}

base::Result<std::optional<Device>> Store::device_of_key(const PublicKey& sign_key) {
  const std::scoped_lock lock(mutex_);
  return read_one(database_->query(std::string(kColumns) + "WHERE sign_key = ?", sign_key));
}

base::Result<bool> Store::end_device(const base::DeviceId& id, DeviceState state, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  const bool wipe = state == DeviceState::wiped;
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto status = database_->execute(
      "UPDATE devices SET state = ?2, slot = NULL, ended = ?3, waiting = 0 WHERE id = ?1 AND (state = 1 OR (state = 2 "
      "AND ?2 = 3))",
      id.view(), static_cast<std::int64_t>(wipe ? DeviceState::wiped : DeviceState::removed), now.unix_s);
  if (!status) return std::unexpected(status.error());
  if (database_->changed_rows() == 0) return false;
  status = database_->execute("UPDATE sessions SET wiped = 1 WHERE device = ?", id.view());
  // Nobody shall add it to a group any more.
  if (status) status = database_->execute("DELETE FROM key_packages WHERE device = ?", id.view());
  if (status) status = database_->execute("DELETE FROM last_resorts WHERE device = ?", id.view());
  if (status) status = transaction->commit();
  if (!status) return std::unexpected(status.error());
  return true;
}

}  // namespace gateway::store
