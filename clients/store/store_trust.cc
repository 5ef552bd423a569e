// The store's part about whom this device believes: keys of devices and of logs.
#include "clients/store/rows.h"
#include "clients/store/sqlite.h"
#include "clients/store/store.h"

namespace clients::store {
namespace base = policy::base;

namespace {

constexpr const char* kDevice = "device";
constexpr const char* kLog = "trusted-log";

auto place_in(const char* table) {
  return [table](const base::Bytes& ref) { return place_of(table, ref); };
}

}  // namespace

base::Result<std::optional<record::PinnedDevice>> Store::pinned(const base::DeviceId& device) {
  auto statement = database_->prepare("SELECT ref, sealed FROM device WHERE ref = ?1");
  statement.bind(1, vault_.row_key(kDevice, device.view()));
  return one(collect<record::PinnedDevice>(statement, vault_, place_in(kDevice)));
}

base::Result<std::vector<record::PinnedDevice>> Store::all_pinned() {
  auto statement = database_->prepare("SELECT ref, sealed FROM device");
  return collect<record::PinnedDevice>(statement, vault_, place_in(kDevice));
}

base::Result<std::vector<record::PinnedDevice>> Store::pinned_of(std::string_view person) {
  auto all = all_pinned();
  if (all) std::erase_if(*all, [&](const record::PinnedDevice& one) { return one.person() != person; });
  return all;
}

base::Status Store::write_devices(const char* sql, std::span<const record::PinnedDevice> devices) {
  if (devices.empty()) return {};
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  for (const auto& device : devices) {
    const auto ref = vault_.row_key(kDevice, base::as_bytes(device.device()));
    auto status = database_->prepare(sql)
                      .bind(1, ref)
                      .bind(2, vault_.seal(device.SerializeAsString(), place_of(kDevice, ref)))
                      .run();
    if (!status) return status;
  }
  return transaction.commit();
}

base::Status Store::pin_devices(std::span<const record::PinnedDevice> devices) {
  return write_devices("INSERT OR IGNORE INTO device(ref, sealed) VALUES(?1, ?2)", devices);
}

base::Status Store::update(std::span<const record::PinnedDevice> devices) {
  return write_devices("UPDATE device SET sealed = ?2 WHERE ref = ?1", devices);
}

base::Result<std::vector<record::TrustedLog>> Store::trusted_logs() {
  auto statement = database_->prepare("SELECT ref, sealed FROM trusted_log");
  return collect<record::TrustedLog>(statement, vault_, place_in(kLog));
}

base::Status Store::trust(const record::TrustedLog& log) {
  const auto ref = vault_.row_key(kLog, base::as_bytes(log.origin()));
  return database_->prepare("INSERT OR IGNORE INTO trusted_log(ref, sealed) VALUES(?1, ?2)")
      .bind(1, ref)
      .bind(2, vault_.seal(log.SerializeAsString(), place_of(kLog, ref)))
      .run();
}

base::Result<bool> Store::tell_once(const base::DeviceId& device, std::string_view what) {
  auto status = database_->prepare("INSERT OR IGNORE INTO told(ref) VALUES(?1)")
                    .bind(1, vault_.row_key("told-" + std::string(what), device.view()))
                    .run();
  if (!status) return std::unexpected(status.error());
  return database_->changes() > 0;
}

}  // namespace clients::store
