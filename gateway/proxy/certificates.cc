#include "gateway/proxy/certificates.h"

#include <algorithm>

#include "gateway/device/device.h"

namespace gateway::proxy {

namespace certificate = audit::certificate;
using policy::base::Bytes;
using policy::base::ByteView;
using policy::base::DeviceId;
using policy::base::fail;
using policy::base::Result;
using policy::base::Status;

namespace {

std::string wire(ByteView bytes) { return std::string(policy::base::as_text(bytes)); }

pb::DeviceCertificate described(const certificate::Certificate& proven, const store::Certificate& stored) {
  pb::DeviceCertificate out;
  out.set_statement(wire(proven.statement));
  out.set_leaf(wire(proven.leaf));
  out.set_entry_key(wire(proven.key));
  out.set_ciphertext(wire(proven.ciphertext));
  out.set_proof(proven.proof);
  if (stored.consent) {
    out.set_consent_by(stored.consent->by.wire());
    out.set_consent_key(wire(stored.consent->key));
    out.set_consent_signature(wire(stored.consent->signature));
  }
  return out;
}

}  // namespace

Result<Bytes> Certificates::statement(const store::Device& device) {
  const auto known = store_.certificate(device.id);
  if (!known) return std::unexpected(known.error());
  if (*known) return (*known)->statement;
  return store_.ensure_statement(device.id, certificate::encode({device.id, device.sign_key, device.enrolled,
                                                                 random_.array<16>(), device.person}));
}

Result<store::Certificate::Entry> Certificates::enter(const DeviceId& device, ByteView statement) {
  auto entry = ledger_.record_numbered(audit::event::DeviceCertified{device, certificate::digest_of(statement)});
  if (!entry) return std::unexpected(entry.error());
  return store::Certificate::Entry{std::move(entry->origin), entry->number, clock_.now()};
}

Status Certificates::ensure_entered(const store::Device& device) {
  if (!device.usable()) return {};
  const std::scoped_lock lock(entering_);
  const auto known = store_.certificate(device.id);
  if (!known) return std::unexpected(known.error());
  if (*known && (*known)->entry) return {};
  return enter_again(device);
}

Status Certificates::enter_again(const store::Device& device) {
  const auto said = statement(device);
  if (!said) return std::unexpected(said.error());
  const auto entry = enter(device.id, *said);
  if (!entry) return std::unexpected(entry.error());
  if (auto kept = store_.set_certificate_entry(device.id, *entry); !kept) return kept;
  forget(device.id);
  return {};
}

Result<store::Device> Certificates::consent(const DeviceId& by, const DeviceId& device,
                                            const certificate::Signature& signature) {
  const std::scoped_lock lock(entering_);
  const auto giver = store_.device(by);
  if (!giver) return std::unexpected(giver.error());
  if (!*giver || !(*giver)->usable()) return std::unexpected(device::waiting_error());
  auto taker = store_.device(device);
  if (!taker) return std::unexpected(taker.error());
  if (!*taker || (*taker)->person != (*giver)->person || (*taker)->state != store::DeviceState::active)
    return std::unexpected(device::not_yours_error());
  if (!(*taker)->waiting)
    return fail("device.not-waiting", "a device that does not wait for consent", "one that waits", "list your devices");
  const auto said = statement(**taker);
  if (!said) return std::unexpected(said.error());
  if (!certificate::consents((*giver)->sign_key, certificate::digest_of(*said), signature))
    return fail("device.consent-invalid", "a signature that is not over the statement of this device",
                "one by the key of the consenting device", "compare the code of the new device once more");
  // In the log before it takes effect.
  const auto entry = enter(device, *said);
  if (!entry) return std::unexpected(entry.error());
  const auto consented = store_.consent(device, {by, (*giver)->sign_key, signature}, *entry);
  if (!consented) return std::unexpected(consented.error());
  if (!*consented) return std::unexpected(device::not_yours_error());  // it was removed meanwhile
  forget(device);
  (*taker)->waiting = false;
  return **std::move(taker);
}

Result<std::optional<pb::DeviceCertificate>> Certificates::of(const DeviceId& device) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = proofs_.find(device); found != proofs_.end()) return found->second;
  }
  const auto stored = store_.certificate(device);
  if (!stored) return std::unexpected(stored.error());
  if (!*stored || !(*stored)->entry) return std::nullopt;
  const auto proven = ledger_.certificate({(*stored)->entry->origin, (*stored)->entry->number}, (*stored)->statement);
  if (!proven && proven.error().code == "certificate.entry") {
    if (auto renewed = renew(device, *(*stored)->entry); !renewed) return std::unexpected(renewed.error());
    return std::nullopt;
  }
  if (!proven) return std::unexpected(proven.error());
  if (!*proven) return std::nullopt;
  const pb::DeviceCertificate out = described(**proven, **stored);
  const std::scoped_lock lock(mutex_);
  if (proofs_.size() >= kProofsMax) proofs_.clear();
  proofs_.insert_or_assign(device, out);
  return out;
}

// The log has erased the entry of a device that is still in use: by person, or after a long outage.
Status Certificates::renew(const DeviceId& id, const store::Certificate::Entry& erased) {
  const std::scoped_lock lock(entering_);
  const auto device = store_.device(id);
  if (!device) return std::unexpected(device.error());
  const auto now = store_.certificate(id);
  if (!now) return std::unexpected(now.error());
  if (!*device || !(*device)->usable() || !*now || (*now)->entry != erased) return {};
  return enter_again(**device);
}

Status Certificates::issue_missing() {
  const auto missing =
      store_.uncertified(clock_.now() + policy::base::Seconds{-certificate::kRenewAfter.count}, kIssuedAtOnceMax);
  if (!missing) return std::unexpected(missing.error());
  for (const DeviceId& id : *missing) {
    const std::scoped_lock lock(entering_);
    const auto device = store_.device(id);
    if (!device) return std::unexpected(device.error());
    if (!*device || !(*device)->usable()) continue;
    if (auto entered = enter_again(**device); !entered) return entered;
  }
  return {};
}

void Certificates::forget(const DeviceId& device) {
  const std::scoped_lock lock(mutex_);
  proofs_.erase(device);
}

void Certificates::forget_proofs() {
  const std::scoped_lock lock(mutex_);
  proofs_.clear();
}

pb::DeviceNews device_news(const store::Device& device, pb::DeviceNews::What what, ByteView statement) {
  pb::DeviceNews out;
  out.set_device(device.id.wire());
  out.set_name(device.name);
  out.set_kind(static_cast<pb::DeviceKind>(static_cast<int>(device.kind)));
  out.set_what(what);
  out.set_statement(wire(statement));
  return out;
}

Result<std::vector<pb::DeviceNews>> device_news_for(store::Store& store, Certificates& certificates,
                                                    const store::Device& reader, policy::base::Instant now) {
  const auto devices = store.all_devices(reader.person);
  if (!devices) return std::unexpected(devices.error());
  const policy::base::Instant since = now + policy::base::Seconds{-kNewsKept_s};
  std::vector<pb::DeviceNews> out;
  for (const store::Device& one : *devices) {
    if (one.id == reader.id) continue;
    if (one.state != store::DeviceState::active) {
      if (one.ended >= since && one.ended >= reader.enrolled) out.push_back(device_news(one, pb::DeviceNews::REMOVED));
      continue;
    }
    // To one that came later the others are no news.
    if (!one.waiting && (one.enrolled < since || one.enrolled < reader.enrolled)) continue;
    const auto said = certificates.statement(one);
    if (!said) return std::unexpected(said.error());
    out.push_back(device_news(one, one.waiting ? pb::DeviceNews::ENROLLED : pb::DeviceNews::CONSENTED, *said));
  }
  return out;
}

}  // namespace gateway::proxy
