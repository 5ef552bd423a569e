// The decisions that every store backend takes the same way, and the words in which it refuses.
// Pure, thread-safe. Each `…_error` is the one place where that code is spelled.
#pragma once

#include "relay/core/change.h"

namespace relay::core {

// Where the group of a conversation stands, as far as the relay knows it.
struct Standing {
  std::uint64_t epoch = 0;
  bool removal_pending = false;  // the gateway has proposed to remove somebody, and no commit has taken it up yet
  bool operator==(const Standing&) const = default;
};

// The standing after this envelope. Whatever its kind, its epoch must be the current one: what was made before a member
// was removed must not be accepted after it. A commit counts the epoch up, so of two the first wins. Errors:
// epoch.lost, naming the current epoch; epoch.removal-pending (application data).
policy::base::Result<Standing> standing_after(const Accept& change, const Standing& current);

// Whom an envelope is for, beside the members' rule that nobody gets his own: everybody, or the devices it names.
bool is_addressed(const pb::Envelope& envelope, const DeviceId& device);

std::unexpected<policy::base::Error> conversation_unknown(const ConversationId& conversation);
std::unexpected<policy::base::Error> not_a_member(const MailboxId& mailbox);
std::unexpected<policy::base::Error> conversation_full(std::size_t members);
std::unexpected<policy::base::Error> device_unknown(const DeviceId& device);
std::unexpected<policy::base::Error> device_taken(const DeviceId& device);
std::unexpected<policy::base::Error> device_removed(const DeviceId& device);
std::unexpected<policy::base::Error> device_limit();
std::unexpected<policy::base::Error> status_unknown(std::uint64_t sequence);
std::unexpected<policy::base::Error> status_not_sender();
std::unexpected<policy::base::Error> message_taken();

// First eight hexadecimal digits of an id: enough to find it in a log, not enough to use it.
template <typename Tag>
std::string short_text(const policy::base::Id<Tag>& id) {
  constexpr std::size_t kShownDigits = 8;
  return id.text().substr(0, kShownDigits);
}

// SHA-256 of a bucket's key: names the key in the receipt of its destruction without restoring it.
std::string key_commitment(policy::base::ByteView key);

}  // namespace relay::core
