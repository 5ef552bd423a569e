#include "relay/core/rules.h"

#include <sodium.h>

#include <algorithm>

namespace relay::core {

using policy::base::fail;

policy::base::Result<Standing> standing_after(const Accept& change, const Standing& current) {
  const pb::Envelope& envelope = change.envelope;
  if (envelope.epoch() != current.epoch)
    return fail("epoch.lost", "something of epoch " + std::to_string(envelope.epoch()),
                "epoch " + std::to_string(current.epoch) + ": another commit came first",
                "take in the commit that won, then make it anew");
  if (envelope.kind() == pb::COMMIT) return Standing{current.epoch + 1, false};
  if (envelope.kind() == pb::APPLICATION && current.removal_pending)
    return fail("epoch.removal-pending", "a message while a removal waits in epoch " + std::to_string(current.epoch),
                "a commit first", "commit what waits, then send in the new epoch");
  return Standing{current.epoch, current.removal_pending || change.removal};
}

bool is_addressed(const pb::Envelope& envelope, const DeviceId& device) {
  return envelope.devices().empty() || std::ranges::find(envelope.devices(), device.wire()) != envelope.devices().end();
}

std::unexpected<policy::base::Error> conversation_unknown(const ConversationId& conversation) {
  return fail("conversation.unknown", "conversation " + short_text(conversation) + "…",
              "a conversation that was created", "open the conversation first");
}
std::unexpected<policy::base::Error> not_a_member(const MailboxId& mailbox) {
  return fail("conversation.not-member", "mailbox " + short_text(mailbox) + "…", "a member of the conversation");
}
std::unexpected<policy::base::Error> conversation_full(std::size_t members) {
  return fail("conversation.full", std::to_string(members) + " members",
              "at most " + std::to_string(wire::kConversationMembersMax), "split the group");
}
std::unexpected<policy::base::Error> device_unknown(const DeviceId& device) {
  return fail("device.unknown", "device " + short_text(device) + "…", "a registered device of that mailbox",
              "register the device first");
}
std::unexpected<policy::base::Error> device_taken(const DeviceId& device) {
  return fail("device.taken", "device " + short_text(device) + "… of another mailbox", "a device of one mailbox only");
}
std::unexpected<policy::base::Error> device_removed(const DeviceId& device) {
  return fail("device.removed", "device " + short_text(device) + "…, which was removed", "a new device id",
              "enrol the device again");
}
std::unexpected<policy::base::Error> device_limit() {
  return fail("device.limit", "one device more", "at most " + std::to_string(kDevicesPerMailboxMax) + " of a mailbox",
              "remove a device first");
}
std::unexpected<policy::base::Error> status_unknown(std::uint64_t sequence) {
  return fail("status.unknown", "sequence " + std::to_string(sequence), "a sequence that the conversation has reached");
}
std::unexpected<policy::base::Error> status_not_sender() {
  return fail("status.not-sender", "a message of another sender", "the sender's own messages");
}

std::unexpected<policy::base::Error> message_taken() {
  return fail("message.taken", "a welcome under the id of another message", "an id of its own");
}

std::string key_commitment(policy::base::ByteView key) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()), key.data(), key.size());
  return digest;
}

}  // namespace relay::core
