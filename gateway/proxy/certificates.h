// Certificates of devices (audit/certificate): made at enrolment, entered in the log when the device becomes usable,
// and handed out with the proof that they stand there.
//
//     enrolled ─┬─ the person's first ────────────────┬─► in the log ─► usable, certificate handed out
//               └─ waits ─► consent of a usable one ──┘
//
// Thread-safe; blocks for store and log, so call it from the workers. Everything outlives it. Errors besides those of
// store and log: named at each method.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>

#include "gateway/proxy/ledger.h"
#include "gateway/store/store.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"
#include "relay/wire/client.pb.h"

namespace gateway::proxy {

namespace pb = ::feierabend::v1;

class Certificates {
 public:
  // What one call of issue_missing() enters at most: after an upgrade every device lacks one.
  static constexpr std::uint32_t kIssuedAtOnceMax = 500;
  // With their proofs, in memory only: a copy on disk would outlive the erasure of the entry.
  static constexpr std::size_t kProofsMax = 4096;

  Certificates(store::Store& store, Ledger& ledger, const policy::base::Clock& clock, policy::base::Random& random)
      : store_(store), ledger_(ledger), clock_(clock), random_(random) {}

  // The same at every call.
  policy::base::Result<policy::base::Bytes> statement(const store::Device& device);
  // Enters it in the log unless it is there. Of a device that waits nothing is entered.
  policy::base::Status ensure_entered(const store::Device& device);
  // `by` says that `device` is the same person's. Errors: device.waiting (`by` itself), device.unknown,
  // device.not-waiting, device.consent-invalid.
  policy::base::Result<store::Device> consent(const policy::base::DeviceId& by, const policy::base::DeviceId& device,
                                              const audit::certificate::Signature& signature);
  // Nothing while the log's published checkpoint does not cover it. Of a usable device whose entry was erased, it is
  // entered anew.
  policy::base::Result<std::optional<pb::DeviceCertificate>> of(const policy::base::DeviceId& device);

  // Those of usable devices that have none or an old one. Call it every minute or so.
  policy::base::Status issue_missing();
  // After an erasure, so that nothing of it stays in memory.
  void forget_proofs();

 private:
  policy::base::Result<store::Certificate::Entry> enter(const policy::base::DeviceId& device,
                                                        policy::base::ByteView statement);
  policy::base::Status enter_again(const store::Device& device);
  policy::base::Status renew(const policy::base::DeviceId& id, const store::Certificate::Entry& erased);
  void forget(const policy::base::DeviceId& device);

  store::Store& store_;
  Ledger& ledger_;
  const policy::base::Clock& clock_;
  policy::base::Random& random_;
  std::mutex entering_;  // one at a time, so that nothing is entered twice
  std::mutex mutex_;
  std::unordered_map<policy::base::DeviceId, pb::DeviceCertificate> proofs_;  // guarded by mutex_
};

pb::DeviceNews device_news(const store::Device& device, pb::DeviceNews::What what,
                           policy::base::ByteView statement = {});
// What a device is told of the others of its person when it comes: those that wait, and what happened within two weeks
// and since it is there itself.
constexpr std::int64_t kNewsKept_s = 14 * 86400;
policy::base::Result<std::vector<pb::DeviceNews>> device_news_for(store::Store& store, Certificates& certificates,
                                                                  const store::Device& reader,
                                                                  policy::base::Instant now);

}  // namespace gateway::proxy
