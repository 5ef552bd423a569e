// Key packages on their way from a device to whoever adds it to a group (RFC 9420 § 10): published, checked, handed out
// once each.
//
// Thread-safe; blocks for the store. Errors besides the store's: key-package.refused (says why), key-package.limit.
#pragma once

#include <mutex>
#include <span>
#include <vector>

#include "gateway/groups/admission.h"
#include "gateway/groups/rates.h"

namespace gateway::groups {

// Within an hour: by one device, enough to begin one group of the largest size (500 people with three devices each) and
// little more; and of one device, so that nobody uses up another's stock and makes him live on the last resort.
constexpr std::uint32_t kFetchesPerRequesterMax = 2000;
constexpr std::uint32_t kFetchesPerTargetMax = 50;
// A device keeps so many here, and is told when fewer than ten are left.
constexpr std::uint32_t kStockFull = 20;
constexpr std::uint32_t kStockLow = 10;
// RFC 9750 § 5.1: the last resort is replaced often. A week, and after it was used.
constexpr std::int64_t kLastResortAge_s = 7 * 86400;
// clients/mls/group/key_package.h.
constexpr std::uint64_t kPackageLifetimeMax_s = 84ULL * 86400 + 3600;

struct Stock {
  std::uint32_t left = 0;
  bool last_resort = false;  // younger than a week, and never handed out
  std::uint32_t wanted = 0;

  bool operator==(const Stock&) const = default;
};

struct Fetched {
  struct One {
    base::DeviceId device;
    base::Bytes package;
    bool last_resort = false;
  };
  std::vector<One> packages;
  std::vector<std::pair<base::DeviceId, Stock>> low;  // devices that have to be told
};

class KeyPackages {
 public:
  explicit KeyPackages(const Ports& ports) : ports_(ports) {}

  // MLSMessages. `last_resort` may be empty. All or none of them are taken.
  base::Result<Stock> publish(const store::Device& device, std::span<const base::Bytes> packages,
                              const base::Bytes& last_resort);
  base::Result<Stock> stock(const base::DeviceId& device);
  // One for each of these devices that is active and of a member of the conversation. Those that have none are missing,
  // as is one that was asked for too often and has no last resort.
  base::Result<Fetched> fetch(const base::DeviceId& requester, const store::Conversation& conversation,
                              std::span<const base::DeviceId> devices);

 private:
  base::Result<store::KeyPackage> check(const store::Device& device, const base::Bytes& message, base::Instant now);
  bool admit_requester(const base::DeviceId& requester, std::size_t count, base::Instant now);
  bool admit_target(const base::DeviceId& target, base::Instant now);

  const Ports& ports_;
  std::mutex mutex_;
  Rates by_requester_{kFetchesPerRequesterMax}, by_target_{kFetchesPerTargetMax};  // guarded by mutex_
};

}  // namespace gateway::groups
