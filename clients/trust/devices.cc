#include "clients/trust/devices.h"

#include <algorithm>
#include <map>

#include "audit/checkpoint/origin.h"
#include "clients/trust/logs.h"

namespace clients::trust {
namespace base = policy::base;
namespace certificate = audit::certificate;
namespace record = store::record;

namespace {

base::Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

template <std::size_t kSize>
std::optional<std::array<std::uint8_t, kSize>> array_of(std::string_view text) {
  if (text.size() != kSize) return std::nullopt;
  std::array<std::uint8_t, kSize> out{};
  std::ranges::copy(base::as_bytes(text), out.begin());
  return out;
}

base::Error of_another() {
  return {"device.certificate-other", "a certificate of another device, key or person", "that of this device",
          "do not rely on this device", ""};
}

base::Error replaced(std::string_view person) {
  return {"device.replaced", "only new devices of " + base::printable(person), "",
          "compare safety numbers: feierabend verify " + base::printable(person), ""};
}

base::Error unconfirmed(std::string_view person) {
  const std::string name = base::printable(person);
  return {"device.unconfirmed", "a new device of " + name + " that none of the known ones has consented to",
          "a device that another device of the same person has consented to",
          "compare safety numbers, then run: feierabend verify " + name + " --confirm", ""};
}

base::Error bad_consent() {
  return {"device.consent-invalid", "a consent that is not signed by the device that it names",
          "one by the key of the consenting device", "do not rely on this device", ""};
}

struct Consent {
  DeviceId by;
  certificate::PublicKey key{};
};

// One device whose certificate came now.
struct Candidate {
  record::PinnedDevice pin;
  certificate::Checked checked;
  std::optional<Consent> consent;
};

base::Result<std::optional<Consent>> consent_of(const pb::DeviceCertificate& given,
                                                const audit::event::Digest& digest) {
  if (given.consent_by().empty() && given.consent_signature().empty()) return std::nullopt;
  const auto by = DeviceId::from_wire(given.consent_by());
  const auto key = array_of<32>(given.consent_key());
  const auto signature = array_of<64>(given.consent_signature());
  if (!by || !key || !signature || !certificate::consents(*key, digest, *signature))
    return std::unexpected(bad_consent());
  return Consent{*by, *key};
}

base::Result<Candidate> proven(record::PinnedDevice pin, const pb::DeviceCertificate& given,
                               std::span<const audit::checkpoint::VerifierKey> logs) {
  const auto key = array_of<32>(given.entry_key());
  if (!key) return std::unexpected(of_another());
  auto checked = certificate::verify(
      {bytes_of(given.statement()), bytes_of(given.leaf()), *key, bytes_of(given.ciphertext()), given.proof(), {}},
      logs);
  if (!checked) return std::unexpected(checked.error());
  const auto& said = checked->statement;
  if (said.device.wire() != pin.device() || said.person != pin.person() ||
      base::as_text(said.sign_key) != pin.identity_key())
    return std::unexpected(of_another());
  auto consent = consent_of(given, checked->digest);
  if (!consent) return std::unexpected(consent.error());
  pin.set_statement(given.statement());
  pin.set_logged_at_s(checked->logged.unix_s);
  pin.set_log_origin(checked->checkpoint.origin);
  pin.set_log_index(checked->index);
  if (*consent) {
    pin.set_consent_by((*consent)->by.wire());
    pin.set_consent_key((*consent)->key.data(), (*consent)->key.size());
  }
  return Candidate{std::move(pin), std::move(*checked), *consent};
}

int year_of(std::string_view origin) {
  const auto parsed = audit::checkpoint::parse_origin(origin);
  return parsed ? parsed->year : 0;
}

// Whether the log entered `one` before `other`. All logs here are of one authority (logs.h). A pin that does not know
// its log is from before its place was kept: of it, the time is all there is. The same second proves nothing.
bool was_there_before(const record::PinnedDevice& one, const record::PinnedDevice& other) {
  if (one.log_origin() == other.log_origin() && !one.log_origin().empty()) return one.log_index() < other.log_index();
  const bool both_known = !one.log_origin().empty() && !other.log_origin().empty();
  if (both_known && year_of(one.log_origin()) > year_of(other.log_origin())) return false;
  return one.logged_at_s() < other.logged_at_s();
}

// What is pinned, as one answer finds it and changes it; written in one step.
class Pins {
 public:
  explicit Pins(store::Store& store) : store_(store) {}

  // All that is known: what certificates are judged by. Once for more than a thousand devices of a large group.
  base::Status read_all() {
    auto all = store_.all_pinned();
    if (!all) return std::unexpected(all.error());
    for (auto& pin : *all) before_[pin.person()].push_back(std::move(pin));
    return {};
  }
  // Those that are listed only: most answers show no certificate, and a store knows many more devices.
  base::Status read_listed(const pb::Conversation& conversation) {
    for (const auto& member : conversation.members()) {
      for (const auto* device : all_devices(member)) {
        const auto id = DeviceId::from_wire(device->device());
        base::Result<std::optional<record::PinnedDevice>> pin;
        if (id) pin = store_.pinned(*id);
        if (!pin) return std::unexpected(pin.error());
        if (*pin) before_[(*pin)->person()].push_back(**std::move(pin));
      }
    }
    return {};
  }
  std::span<const record::PinnedDevice> of(const std::string& person) const {
    const auto found = before_.find(person);
    return found == before_.end() ? std::span<const record::PinnedDevice>() : found->second;
  }
  void change(record::PinnedDevice pin) { changed_.push_back(std::move(pin)); }
  base::Status write() { return store_.update(changed_); }

 private:
  store::Store& store_;
  std::map<std::string, std::vector<record::PinnedDevice>> before_;
  std::vector<record::PinnedDevice> changed_;
};

// The devices of one member.
class Member {
 public:
  Member(Pins& pins, const Owner& owner, const pb::Member& member, Certified& out, bool logs_are_fresh)
      : pins_(pins), owner_(owner), member_(member), out_(out), logs_are_fresh_(logs_are_fresh) {}

  void judge(std::span<const audit::checkpoint::VerifierKey> logs) {
    for (const auto* device : all_devices(member_)) look_at(*device, logs);
    if (!candidates_.empty()) judge_candidates();
  }

 private:
  void look_at(const pb::Device& device, std::span<const audit::checkpoint::VerifierKey> logs) {
    const auto id = DeviceId::from_wire(device.device());
    const auto pins = pins_.of(member_.person());
    const auto pin = std::ranges::find(pins, device.device(), &record::PinnedDevice::device);
    // Who comes under another key or person than before is refused elsewhere, with everything that he is in.
    if (!id || pin == pins.end() || pin->identity_key() != device.identity_key()) return;
    if (pin->doubted()) out_.barred.insert(*id);
    if (!pin->statement().empty()) return;
    if (!device.has_certificate()) return miss(*id);
    auto candidate = proven(*pin, device.certificate(), logs);
    if (candidate) return candidates_.push_back(*std::move(candidate));
    if (candidate.error().code == "certificate.log" && (!logs_are_fresh_ || logs.empty())) {
      out_.unknown_log = true;
      return miss(*id);
    }
    out_.barred.insert(*id);
    doubt(*pin, candidate.error(), false);
  }

  void judge_candidates() {
    for (const auto& pin : pins_.of(member_.person()))
      if (is_certified(pin) || (!pin.strict() && !pin.doubted())) known_.push_back(pin);
    if (member_.person() == owner_.person)
      judge_own();
    else
      judge_others();
  }

  void judge_others() {
    const bool first_contact = known_.empty();
    if (first_contact) wait_for_consenting();
    const bool replaced_all = std::ranges::none_of(known_, [&](const auto& pin) { return is_listed(pin); });
    take_all([&](const Candidate& one) { return (first_contact && !is_for_later(one)) || speaks_for(one); });
    judge_rest(replaced_all);
  }

  // This device comes first, and is its own reason.
  void judge_own() {
    take_all([&](const Candidate& one) { return one.checked.statement.device == owner_.device; });
    const auto found = std::ranges::find_if(known_, [&](const record::PinnedDevice& pin) {
      return pin.device() == owner_.device.wire() && is_certified(pin);
    });
    if (found == known_.end()) {
      for (const auto& one : candidates_) out_.missing.push_back(one.checked.statement.device);
      return;
    }
    const record::PinnedDevice self = *found;  // known_ grows
    take_all([&](const Candidate& one) { return was_there_before(one.pin, self) || speaks_for(one); });
    judge_rest(false);
  }

  // Those for whom nobody known speaks; `accepted`, and told, where nobody known is left.
  void judge_rest(bool accepted) {
    const auto why = accepted ? replaced(member_.person()) : unconfirmed(member_.person());
    for (auto& one : std::exchange(candidates_, {})) {
      const auto id = one.checked.statement.device;
      if (is_for_later(one)) {
        out_.missing.push_back(id);
        continue;
      }
      if (!accepted) out_.barred.insert(id);
      one.pin.set_doubted(!accepted);
      doubt(std::move(one.pin), why, accepted);
    }
  }

  // As long as one of them speaks for another.
  template <typename Admits>
  void take_all(const Admits& admits) {
    for (auto at = candidates_.begin(); at != candidates_.end();) {
      if (!admits(*at)) {
        ++at;
        continue;
      }
      pins_.change(at->pin);
      known_.push_back(std::move(at->pin));
      candidates_.erase(at);
      at = candidates_.begin();
    }
  }

  bool speaks_for(const Candidate& one) const {
    if (!one.pin.strict()) return true;
    return std::ranges::any_of(known_, [&](const record::PinnedDevice& pin) {
      const bool consented = one.consent && pin.device() == one.consent->by.wire() &&
                             pin.identity_key() == base::as_text(one.consent->key);
      // The other way round: that one is known, and would not be there without this one. So comes who met somebody's
      // newer device first.
      const bool was_consented_to =
          pin.consent_by() == one.pin.device() && pin.consent_key() == one.pin.identity_key() && is_certified(pin);
      return consented || was_consented_to;
    });
  }
  // Who comes to be known before the device that consented to him makes a stranger of that one.
  void wait_for_consenting() {
    for (bool more = true; std::exchange(more, false);)
      for (const auto& one : candidates_)
        if (is_for_later(one)) more = missing_.insert(one.checked.statement.device).second || more;
  }
  // The device that consents is listed, and its own certificate is not there yet, or waits itself.
  bool is_for_later(const Candidate& one) const { return one.consent && missing_.contains(one.consent->by); }
  void miss(const DeviceId& device) {
    missing_.insert(device);
    out_.missing.push_back(device);
  }
  bool is_listed(const record::PinnedDevice& pin) const {
    return std::ranges::any_of(member_.devices(),
                               [&](const pb::Device& device) { return device.device() == pin.device(); });
  }
  void doubt(record::PinnedDevice pin, const base::Error& why, bool accepted) {
    const bool told = pin.told() == why.code;
    pin.set_told(why.code);
    const auto id = DeviceId::from_wire(pin.device());
    pins_.change(std::move(pin));
    if (!told && id) out_.doubts.push_back({member_.person(), *id, why, accepted});
  }

  Pins& pins_;
  const Owner& owner_;
  const pb::Member& member_;
  Certified& out_;
  const bool logs_are_fresh_;
  std::vector<Candidate> candidates_;
  std::vector<record::PinnedDevice> known_;
  std::set<DeviceId> missing_;
};

}  // namespace

std::optional<base::Error> why_not(const record::PinnedDevice& pin) {
  if (pin.doubted()) return unconfirmed(pin.person());
  if (!pin.statement().empty() || pin.told().empty()) return std::nullopt;
  return base::Error{pin.told(), "a device of " + base::printable(pin.person()) + " whose certificate does not hold",
                     "one that the log proves", "do not rely on this device", ""};
}

bool is_certified(const record::PinnedDevice& pin) { return !pin.statement().empty() && !pin.doubted(); }

std::vector<const pb::Device*> all_devices(const pb::Member& member) {
  std::vector<const pb::Device*> out;
  for (const auto* devices : {&member.devices(), &member.former()})
    for (const auto& device : *devices) out.push_back(&device);
  return out;
}

base::Result<Certified> certify(store::Store& store, const Owner& owner, const pb::Conversation& conversation,
                                bool logs_are_fresh) {
  Certified out;
  const bool shown = std::ranges::any_of(conversation.members(), [](const pb::Member& member) {
    return std::ranges::any_of(all_devices(member), [](const pb::Device* device) { return device->has_certificate(); });
  });
  const auto logs = shown ? trusted_logs(store) : std::vector<audit::checkpoint::VerifierKey>();
  if (!logs) return std::unexpected(logs.error());
  Pins pins(store);
  if (auto read = shown ? pins.read_all() : pins.read_listed(conversation); !read) return std::unexpected(read.error());
  for (const auto& member : conversation.members()) Member(pins, owner, member, out, logs_are_fresh).judge(*logs);
  if (auto written = pins.write(); !written) return std::unexpected(written.error());
  return out;
}

base::Result<std::size_t> confirm(store::Store& store, std::string_view person, std::span<const DeviceId> devices) {
  auto pins = store.pinned_of(person);
  if (!pins) return std::unexpected(pins.error());
  std::erase_if(*pins, [&](const record::PinnedDevice& pin) {
    const auto id = DeviceId::from_wire(pin.device());
    return !pin.doubted() || !id || std::ranges::find(devices, *id) == devices.end();
  });
  for (auto& pin : *pins) pin.set_doubted(false);
  if (auto written = store.update(*pins); !written) return std::unexpected(written.error());
  return pins->size();
}

base::Status check_own_statement(std::string_view statement, const Owner& owner, const certificate::PublicKey& key) {
  const auto said = certificate::parse_statement(base::as_bytes(statement));
  if (!said) return std::unexpected(said.error());
  if (said->device != owner.device || said->sign_key != key || said->person != owner.person)
    return std::unexpected(of_another());
  return {};
}

}  // namespace clients::trust
