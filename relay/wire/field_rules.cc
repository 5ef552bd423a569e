#include "relay/wire/field_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/instant.h"
#include "relay/wire/envelope.pb.h"
#include "relay/wire/limits.h"

namespace relay::wire {
namespace {

namespace pb = ::feierabend::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using policy::base::fail;
using policy::base::Status;

struct SizeRule {
  std::string_view field;
  std::size_t size_bytes;
};
constexpr std::array<SizeRule, 12> kExactSizes{{{"conversation", 16},
                                                {"device", 16},
                                                {"devices", 16},
                                                {"mailbox", 16},
                                                {"mailboxes", 16},
                                                {"sender_device", 16},
                                                {"sender_mailbox", 16},
                                                {"client_message_id", 16},
                                                {"identity_key", 32},
                                                {"challenge", 32},
                                                {"key_commitment", 32},
                                                {"signature", 64}}};

// What MLS reads later is bounded here, each at most so large; all but the first of each frame may be absent.
constexpr std::array<SizeRule, 8> kLargestSizes{{{"commit", kHandshakeBytesMax},
                                                 {"welcome", kHandshakeBytesMax},
                                                 {"proposal", kHandshakeBytesMax},
                                                 {"group_info", kHandshakeBytesMax},
                                                 {"ratchet_tree", kHandshakeBytesMax},
                                                 {"packages", kKeyPackageBytesMax},
                                                 {"package", kKeyPackageBytesMax},
                                                 {"last_resort", kKeyPackageBytesMax}}};

struct CountRule {
  std::string_view field;
  std::size_t count_max;
};
constexpr std::array<CountRule, 5> kCounts{{{"mailboxes", kConversationMembersMax},
                                            {"packages", kKeyPackagesMax},
                                            {"members", kConversationMembersMax},
                                            {"persons", kOpenPersonsMax},
                                            {"people", kPeopleMax}}};

bool may_be_empty(const FieldDescriptor& field, Origin origin) {
  const std::string& name = field.full_name();
  if (name == "feierabend.v1.Open.conversation" || name == "feierabend.v1.LoginStep.challenge") return true;
  if (name == "feierabend.v1.Accept.sender_mailbox") return true;         // the gateway's own proposal
  if (name == "feierabend.v1.DeviceProofRequest.signature") return true;  // of a device that is lost
  return name == "feierabend.v1.Envelope.sender_device" && origin == Origin::kClient;
}

Status ciphertext_size(std::size_t seen, std::size_t allowed) {
  return fail("wire.too-large", "a ciphertext of " + std::to_string(seen) + " bytes",
              "1 to " + std::to_string(allowed) + " bytes", "split the content or send it as an attachment");
}

Status check_bytes(const FieldDescriptor& field, const std::string& value, Origin origin) {
  if (field.name() == "ciphertext") {
    if (!value.empty() && value.size() <= kHandshakeBytesMax) return {};
    return ciphertext_size(value.size(), kHandshakeBytesMax);
  }
  const auto* const largest = std::ranges::find(kLargestSizes, field.name(), &SizeRule::field);
  if (largest != kLargestSizes.end() && value.size() > largest->size_bytes)
    return fail("wire.too-large", "'" + field.name() + "' of " + std::to_string(value.size()) + " bytes",
                "at most " + std::to_string(largest->size_bytes) + " bytes");
  const auto* const rule = std::ranges::find(kExactSizes, field.name(), &SizeRule::field);
  if (rule == kExactSizes.end() || value.size() == rule->size_bytes) return {};
  if (value.empty() && may_be_empty(field, origin)) return {};
  return fail("wire.id-size", "'" + field.name() + "' of " + std::to_string(value.size()) + " bytes",
              "exactly " + std::to_string(rule->size_bytes) + " bytes");
}

Status check_label(const std::string& value) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (value.size() <= kLabelBytesMax && value.find_first_not_of(kAllowed) == std::string::npos) return {};
  return fail("wire.label", "label '" + policy::base::printable(value) + "'",
              "at most " + std::to_string(kLabelBytesMax) + " of a-z, 0-9 and -");
}

// U+0080–U+009F are control characters, too; in UTF-8 they begin with C2. Protobuf has checked the encoding.
bool has_control(std::string_view text, bool lines_allowed) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte == '\n' && lines_allowed) continue;
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<std::uint8_t>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

Status check_text(const FieldDescriptor& field, const std::string& value) {
  if (field.name() == "label") return check_label(value);
  if (value.size() > kTextBytesMax)
    return fail("wire.text", "'" + field.name() + "' of " + std::to_string(value.size()) + " bytes",
                "at most " + std::to_string(kTextBytesMax) + " bytes");
  if (has_control(value, field.name().starts_with("text_")))
    return fail("wire.text", "'" + field.name() + "' with control characters: " + policy::base::printable(value),
                "text without control characters");
  return {};
}

Status check_enum(const FieldDescriptor& field, int value) {
  if (value != 0 && field.enum_type()->FindValueByNumber(value) != nullptr) return {};
  const bool is_class = field.enum_type()->name() == "MessageClass";
  return fail(
      is_class ? "wire.class" : "wire.enum", "'" + field.name() + "' is " + std::to_string(value),
      is_class ? "1 routine, 2 shift-notice, 3 urgent, 4 alarm, 5 handshake" : "a value that the protocol names");
}

Status check_instant(const FieldDescriptor& field, std::int64_t value) {
  if (!field.name().ends_with("_s") || (value >= 0 && value <= policy::base::kEndOfTime.unix_s)) return {};
  return fail("wire.instant", "'" + field.name() + "' is " + std::to_string(value),
              "seconds since 1970, up to year 9999");
}

Status check_repeated(const Message& message, const FieldDescriptor& field, Origin origin) {
  const auto* reflection = message.GetReflection();
  const int count = reflection->FieldSize(message, &field);
  const auto* const rule = std::ranges::find(kCounts, field.name(), &CountRule::field);
  if (rule != kCounts.end() && static_cast<std::size_t>(count) > rule->count_max)
    return fail("wire.too-large", std::to_string(count) + " '" + field.name() + "'",
                "at most " + std::to_string(rule->count_max));
  std::string scratch;
  for (int i = 0; i < count; ++i) {
    Status status;
    if (field.type() == FieldDescriptor::TYPE_MESSAGE)
      status = check_fields(reflection->GetRepeatedMessage(message, &field, i), origin);
    else if (field.type() == FieldDescriptor::TYPE_BYTES)
      status = check_bytes(field, reflection->GetRepeatedStringReference(message, &field, i, &scratch), origin);
    else if (field.type() == FieldDescriptor::TYPE_STRING)
      status = check_text(field, reflection->GetRepeatedStringReference(message, &field, i, &scratch));
    if (!status) return status;
  }
  return {};
}

Status check_single(const Message& message, const FieldDescriptor& field, Origin origin) {
  const auto* reflection = message.GetReflection();
  std::string scratch;
  switch (field.type()) {
    case FieldDescriptor::TYPE_MESSAGE:
      if (!reflection->HasField(message, &field)) return {};
      return check_fields(reflection->GetMessage(message, &field), origin);
    case FieldDescriptor::TYPE_BYTES:
      return check_bytes(field, reflection->GetStringReference(message, &field, &scratch), origin);
    case FieldDescriptor::TYPE_STRING:
      return check_text(field, reflection->GetStringReference(message, &field, &scratch));
    case FieldDescriptor::TYPE_ENUM: return check_enum(field, reflection->GetEnumValue(message, &field));
    case FieldDescriptor::TYPE_INT64: return check_instant(field, reflection->GetInt64(message, &field));
    default: return {};
  }
}

// Only what all must have for the sake of reading the rest may be large.
Status check_envelope_size(const pb::Envelope& envelope) {
  const std::size_t size = envelope.ciphertext().size();
  if (envelope.kind() != pb::APPLICATION || size <= kCiphertextBytesMax) return {};
  return ciphertext_size(size, kCiphertextBytesMax);
}

}  // namespace

// The depth of recursion is that of the schema, which has no message inside itself.
Status check_fields(const Message& message, Origin origin) {
  const auto* descriptor = message.GetDescriptor();
  if (descriptor == ::feierabend::v1::Envelope::descriptor())
    if (auto status = check_envelope_size(static_cast<const ::feierabend::v1::Envelope&>(message)); !status)
      return status;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor& field = *descriptor->field(i);
    if (auto status =
            field.is_repeated() ? check_repeated(message, field, origin) : check_single(message, field, origin);
        !status)
      return status;
  }
  return {};
}

}  // namespace relay::wire
