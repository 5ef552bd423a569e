// A log of the authority in memory, with the entries of devices: what an honest service hands out, for tests to alter.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "audit/certificate/collect.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/store/memory.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"
#include "relay/wire/codec.h"

namespace clients::trust::testing {

namespace base = policy::base;
namespace pb = relay::wire::pb;
namespace certificate = audit::certificate;

class FakeLog {
 public:
  explicit FakeLog(const base::Clock& clock, const std::string& origin = "authority.example/feierabend/1970")
      : FakeLog(clock, new_key(origin)) {}
  // What a service makes that lies: another log under the same key, with times of its own.
  FakeLog twin(const base::Clock& clock) const { return FakeLog(clock, key_); }

  pb::LogKey key() const {
    pb::LogKey out;
    out.set_origin(key_.verifier().name());
    out.set_verifier_key(key_.verifier().text());
    return out;
  }
  // Without consent.
  pb::DeviceCertificate certify(const std::string& person, const base::DeviceId& device,
                                const certificate::PublicKey& key) {
    const auto statement = certificate::encode({device, key, clock_.now(), random_.array<16>(), person});
    const auto index = log_->append(audit::event::DeviceCertified{device, certificate::digest_of(statement)}).value();
    log_->settle().value();
    const std::string note(base::as_text(*objects_.get(audit::log::kCheckpointPath).value()));
    const auto checkpoint = audit::checkpoint::open_checkpoint(note, key_.verifier()).value();
    const auto given = certificate::collect(objects_, note, checkpoint, index.value, statement).value();
    pb::DeviceCertificate out;
    out.set_statement(std::string(base::as_text(given.statement)));
    out.set_leaf(std::string(base::as_text(given.leaf)));
    out.set_entry_key(given.key.data(), given.key.size());
    out.set_ciphertext(std::string(base::as_text(given.ciphertext)));
    out.set_proof(given.proof);
    return out;
  }

 private:
  FakeLog(const base::Clock& clock, audit::checkpoint::SigningKey key)
      : clock_(clock),
        key_(std::move(key)),
        log_(audit::log::Log::open({objects_, lock_, clock_, random_}, key_).value()) {}
  static audit::checkpoint::SigningKey new_key(const std::string& origin) {
    base::SystemRandom random;
    return audit::checkpoint::SigningKey::generate(origin, random).value();
  }

  const base::Clock& clock_;
  base::SystemRandom random_;
  audit::store::MemoryObjects objects_;
  audit::store::MemoryLock lock_;
  audit::checkpoint::SigningKey key_;
  std::unique_ptr<audit::log::Log> log_;
};

// `sign` with the key of the device `by`.
inline void consent(pb::DeviceCertificate& to, const base::DeviceId& by, const certificate::PublicKey& key,
                    const std::function<certificate::Signature(base::ByteView)>& sign) {
  const auto digest = certificate::digest_of(base::as_bytes(to.statement()));
  const auto signature = sign(certificate::consent_message(digest));
  to.set_consent_by(by.wire());
  to.set_consent_key(key.data(), key.size());
  to.set_consent_signature(signature.data(), signature.size());
}

}  // namespace clients::trust::testing
