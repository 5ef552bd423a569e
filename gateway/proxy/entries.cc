#include "gateway/proxy/entries.h"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/replay/replay.h"
#include "relay/net/tls.h"

namespace gateway::proxy::entries {
namespace {

namespace event = audit::event;
using policy::base::DeviceId;
using policy::base::Error;

event::Digest digest_of(policy::base::ByteView bytes) {
  event::Digest out;
  std::ranges::copy(bytes.first(std::min(bytes.size(), out.bytes.size())), out.bytes.begin());
  return out;
}

event::RuleIds rule_ids(const std::vector<std::string>& names) {
  std::vector<event::RuleId> ids;
  for (const auto& name : names) {
    ids.push_back(event::RuleId::from(name).value_or(event::RuleId{}));
  }
  return event::RuleIds::from(std::move(ids)).value_or(event::RuleIds{});
}

static_assert(policy::replay::kRecordedRulesMax == event::RuleIds::kCountMax &&
              policy::replay::kRecordedRuleBytesMax == event::RuleId::kSizeMax);
static_assert(static_cast<int>(event::MessageClass::kRoutine) ==
                  static_cast<int>(policy::model::MessageClass::kRoutine) + 1 &&
              static_cast<int>(event::MessageClass::kAlarm) ==
                  static_cast<int>(policy::model::MessageClass::kAlarm) + 1);
event::MessageClass logged(policy::model::MessageClass message_class) {
  return static_cast<event::MessageClass>(static_cast<int>(message_class) + 1);
}

template <typename Reason, std::size_t kSize>
Reason reason_of(const Error& error, const std::array<std::pair<std::string_view, Reason>, kSize>& table,
                 Reason otherwise) {
  const auto found = std::ranges::find_if(table, [&](const auto& row) { return error.code.starts_with(row.first); });
  return found == table.end() ? otherwise : found->second;
}

constexpr std::array<std::pair<std::string_view, event::MessageRefusal>, 9> kMessageRefusals{{
    {"label.", event::MessageRefusal::kLabel},
    {"alarm.not-permitted", event::MessageRefusal::kClassNotAllowed},
    {"alarm.limit", event::MessageRefusal::kAlarmLimit},
    {"alarm.", event::MessageRefusal::kReasonMissing},
    {"conversation.not-a-member", event::MessageRefusal::kNotAMember},
    {"conversation.", event::MessageRefusal::kRecipientUnknown},
    {"rate.", event::MessageRefusal::kRateLimited},
    {"deadline.", event::MessageRefusal::kDeadline},
    {"wire.too-large", event::MessageRefusal::kTooLarge},
}};

constexpr std::array<std::pair<std::string_view, event::LoginRefusal>, 5> kLoginRefusals{{
    {"login.locked", event::LoginRefusal::kPersonLocked},
    {"login.step", event::LoginRefusal::kSecondFactorMissing},
    {"directory.", event::LoginRefusal::kDirectoryUnavailable},
    {"device.", event::LoginRefusal::kDeviceUnproven},
    {"http.busy", event::LoginRefusal::kRateLimited},
}};

constexpr std::array<std::pair<std::string_view, event::DeviceRefusal>, 3> kDeviceRefusals{{
    {"device.limit", event::DeviceRefusal::kLimit},
    {"device.key-known", event::DeviceRefusal::kKeyInUse},
    {"device.kind", event::DeviceRefusal::kKindNotAllowed},
}};

constexpr std::array<std::pair<std::string_view, event::OverrideRefusal>, 7> kOverrideRefusals{{
    {"override.not-permitted", event::OverrideRefusal::kRole},
    {"override.unknown-reason", event::OverrideRefusal::kReason},
    {"override.unknown", event::OverrideRefusal::kRuleUnknown},
    {"override.limit", event::OverrideRefusal::kLimit},
    {"opening.too-many", event::OverrideRefusal::kLimit},
    {"person.", event::OverrideRefusal::kPersonUnknown},
    {"factor.", event::OverrideRefusal::kFactorMissing},
}};

}  // namespace

Record message_held(Ledger& ledger, gates::GateKeeper& gates, std::string_view recipient,
                    policy::model::MessageClass message_class, const policy::model::Decision& decision,
                    policy::base::Instant now) {
  const gates::World& world = gates.world();
  const bool silent = decision.effect == policy::model::Effect::kSilent;
  return event::MessageHeldBy{ledger.subject(recipient),
                              logged(message_class),
                              silent ? event::HeldEffect::kSilent : event::HeldEffect::kHold,
                              rule_ids(policy::replay::recorded_rules(decision)),
                              decision.until,
                              now,
                              {world.pins.rules},
                              {world.roster},
                              {world.pins.tzdata},
                              {world.pins.holidays},
                              ledger.committed(gates.input(recipient))};
}

Record message_refused(Ledger& ledger, std::string_view sender, const Error& error) {
  return event::MessageRefused{ledger.subject(sender),
                               reason_of(error, kMessageRefusals, event::MessageRefusal::kMalformed)};
}

Record alarm_sent(Ledger& ledger, std::string_view sender, std::string_view reason, std::size_t recipients) {
  return event::AlarmSent{ledger.subject(sender), event::RuleId::from(reason).value_or(event::RuleId{}), {recipients}};
}

Record bucket_destroyed(const feierabend::v1::BucketReceipt& receipt) {
  return event::BucketDestroyed{{receipt.begin_s()},
                                {receipt.end_s()},
                                {receipt.messages()},
                                {receipt.expired_unread()},
                                digest_of(policy::base::as_bytes(receipt.key_commitment()))};
}

Record login_refused(Ledger& ledger, std::string_view person, const Error& error) {
  return event::LoginRefused{ledger.subject(person),
                             reason_of(error, kLoginRefusals, event::LoginRefusal::kWrongPassword)};
}

Record session_opened(Ledger& ledger, std::string_view person, const DeviceId& device) {
  return event::SessionOpened{ledger.subject(person), device};
}

Record session_closed(Ledger& ledger, std::string_view person, const DeviceId& device, event::SessionEnd reason) {
  return event::SessionClosed{ledger.subject(person), device, reason};
}

Record device_enrolled(Ledger& ledger, std::string_view person, const DeviceId& device,
                       policy::base::ByteView public_key) {
  return event::DeviceEnrolled{ledger.subject(person), device, digest_of(relay::net::sha256(public_key))};
}

Record device_refused(Ledger& ledger, std::string_view person, const Error& error, std::size_t enrolled) {
  return event::DeviceRefused{
      ledger.subject(person), reason_of(error, kDeviceRefusals, event::DeviceRefusal::kBadProof), {enrolled}};
}

Record device_removed(Ledger& ledger, std::string_view person, const DeviceId& device) {
  return event::DeviceRemoved{ledger.subject(person), device};
}

Record device_wiped(Ledger& ledger, std::string_view person, const DeviceId& device, std::string_view by,
                    event::WipeReason reason) {
  return event::DeviceWiped{ledger.subject(person), device, ledger.subject(by).pseudonym.value_or(event::Pseudonym{}),
                            reason};
}

Record override_granted(Ledger& ledger, const store::Override& granted) {
  return event::OverrideGranted{ledger.subject(granted.person),
                                ledger.subject(granted.granted_by).pseudonym.value_or(event::Pseudonym{}),
                                event::RuleId::from(granted.rule).value_or(event::RuleId{}),
                                event::RuleId::from(granted.reason).value_or(event::RuleId{}),
                                granted.span.begin,
                                granted.span.end};
}

Record override_refused(Ledger& ledger, std::string_view by, const Error& error) {
  return event::OverrideRefused{ledger.subject(by),
                                reason_of(error, kOverrideRefusals, event::OverrideRefusal::kFactorMissing)};
}

Record person_gone(Ledger& ledger, std::string_view person, std::size_t sessions) {
  return event::PersonGone{ledger.subject(person), {sessions}};
}

}  // namespace gateway::proxy::entries
