#include "gateway/groups/key_packages.h"

#include <algorithm>
#include <set>

#include "clients/mls/message/welcome.h"
#include "clients/mls/tree/small_order.h"
#include "clients/mls/tree/validation.h"
#include "gateway/groups/problems.h"

namespace gateway::groups {
namespace {

Stock described(const store::KeyPackageStock& stored, base::Instant now) {
  const auto& last = stored.last_resort;
  const bool fresh =
      last && last->handed_out == 0 && last->not_after > now && now.unix_s - last->published.unix_s < kLastResortAge_s;
  return {stored.left, fresh, stored.left < kStockFull ? kStockFull - stored.left : 0};
}

base::Error limit_error(std::uint32_t allowed) {
  return {"key-package.limit", "too many key packages within an hour", "at most " + std::to_string(allowed),
          "try again in an hour", ""};
}

base::Status check_lifetime(const mls::Lifetime& lifetime, base::Instant now) {
  const auto now_s = static_cast<std::uint64_t>(now.unix_s);
  if (lifetime.not_before > now_s || lifetime.not_after <= now_s)
    return package_refused("a key package that is not valid at this time");
  if (lifetime.not_after - lifetime.not_before > kPackageLifetimeMax_s)
    return package_refused("a key package with a lifetime of more than 84 days");
  return {};
}

}  // namespace

base::Result<store::KeyPackage> KeyPackages::check(const store::Device& device, const base::Bytes& message,
                                                   base::Instant now) {
  const auto parsed = mls::parse<mls::MlsMessage>(message);
  const auto* const package = parsed ? std::get_if<mls::KeyPackage>(&*parsed) : nullptr;
  if (package == nullptr) return package_refused("bytes that are no key package");
  const mls::LeafNode& leaf = package->leaf;
  if (device_of(leaf) != device.id || leaf.signature_key != device.sign_key)
    return package_refused("a key package of another device");
  // With a key of small order nobody could make its Welcome.
  if (leaf.source != mls::LeafSource::kKeyPackage || package->init_key == leaf.encryption_key ||
      mls::is_small_order(package->init_key))
    return package_refused("a key package whose leaf was made for something else");
  if (auto lifetime = check_lifetime(leaf.lifetime, now); !lifetime) return std::unexpected(lifetime.error());
  if (!mls::verifies(ports_.crypto, *package) || !mls::verifies(ports_.crypto, leaf, {}))
    return package_refused("a key package with a signature that does not verify");
  const auto suite = static_cast<mls::CipherSuite>(package->suite);
  if (!mls::check_leaf_unsigned(suite, leaf, {{}, {}, static_cast<std::uint64_t>(now.unix_s)}))
    return package_refused("a key package whose leaf no group could take");
  return store::KeyPackage{mls::reference(ports_.crypto, *package), message,
                           base::Instant{static_cast<std::int64_t>(leaf.lifetime.not_after)}};
}

base::Result<Stock> KeyPackages::publish(const store::Device& device, std::span<const base::Bytes> packages,
                                         const base::Bytes& last_resort) {
  const base::Instant now = ports_.clock.now();
  std::vector<store::KeyPackage> checked;
  std::set<store::Hash> references;
  for (const base::Bytes& message : packages) {
    auto one = check(device, message, now);
    if (!one) return std::unexpected(one.error());
    if (!references.insert(one->reference).second) return package_refused("the same key package twice");
    checked.push_back(std::move(*one));
  }
  std::optional<store::KeyPackage> last;
  if (!last_resort.empty()) {
    auto one = check(device, last_resort, now);
    if (!one) return std::unexpected(one.error());
    if (references.contains(one->reference)) return package_refused("the same key package twice");
    last = std::move(*one);
  }
  const auto added = ports_.store.add_key_packages(device.id, checked, last, now);
  if (!added) return std::unexpected(added.error());
  if (!*added) return package_refused("more than 100 key packages of one device");
  return stock(device.id);
}

base::Result<Stock> KeyPackages::stock(const base::DeviceId& device) {
  const base::Instant now = ports_.clock.now();
  const auto stored = ports_.store.key_package_stock(device, now);
  if (!stored) return std::unexpected(stored.error());
  return described(*stored, now);
}

bool KeyPackages::admit_requester(const base::DeviceId& requester, std::size_t count, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  return by_requester_.admit(requester, static_cast<std::uint32_t>(count), now);
}

bool KeyPackages::admit_target(const base::DeviceId& target, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  return by_target_.admit(target, 1, now);
}

base::Result<Fetched> KeyPackages::fetch(const base::DeviceId& requester, const store::Conversation& conversation,
                                         std::span<const base::DeviceId> devices) {
  const base::Instant now = ports_.clock.now();
  if (!admit_requester(requester, devices.size(), now)) return std::unexpected(limit_error(kFetchesPerRequesterMax));
  Fetched out;
  Admission admission(ports_, conversation);
  bool limited = false;
  const std::set<base::DeviceId> each(devices.begin(), devices.end());
  for (const base::DeviceId& device : each) {
    if (!admission.admitted(device)) continue;
    const bool within = admit_target(device, now);
    limited = limited || !within;
    auto handed = within ? ports_.store.hand_out(device, now) : ports_.store.hand_out_last_resort(device, now);
    if (!handed) return std::unexpected(handed.error());
    if (!*handed) continue;
    if ((*handed)->left < kStockLow || (*handed)->last_resort) {
      const auto left = stock(device);
      if (!left) return std::unexpected(left.error());
      out.low.emplace_back(device, *left);
    }
    out.packages.push_back({device, std::move((*handed)->package), (*handed)->last_resort});
  }
  if (auto status = admission.store_status(); !status) return std::unexpected(status.error());
  if (limited && out.packages.empty()) return std::unexpected(limit_error(kFetchesPerTargetMax));
  return out;
}

}  // namespace gateway::groups
