// The decisions that every store backend takes the same way, and the words in which it refuses.
// Pure, thread-safe. Each `…_error` is the one place where that code is spelled.
#pragma once

#include "relay/core/change.h"

namespace relay::core {

// The conversation's epoch after this envelope. A commit is compare-and-swap: its epoch must be the current one, which
// then counts up by one. Error: epoch.lost, naming the current epoch.
policy::base::Result<std::uint64_t> epoch_after(const pb::Envelope& envelope, std::uint64_t current);

std::unexpected<policy::base::Error> conversation_unknown(const ConversationId& conversation);
std::unexpected<policy::base::Error> not_a_member(const MailboxId& mailbox);
std::unexpected<policy::base::Error> conversation_full(std::size_t members);
std::unexpected<policy::base::Error> device_unknown(const DeviceId& device);
std::unexpected<policy::base::Error> device_taken(const DeviceId& device);
std::unexpected<policy::base::Error> device_removed(const DeviceId& device);
std::unexpected<policy::base::Error> device_limit();
std::unexpected<policy::base::Error> status_unknown(std::uint64_t sequence);
std::unexpected<policy::base::Error> status_not_sender();

// First eight hexadecimal digits of an id: enough to find it in a log, not enough to use it.
template <typename Tag>
std::string short_text(const policy::base::Id<Tag>& id) {
  constexpr std::size_t kShownDigits = 8;
  return id.text().substr(0, kShownDigits);
}

// SHA-256 of a bucket's key: names the key in the receipt of its destruction without restoring it.
std::string key_commitment(policy::base::ByteView key);

}  // namespace relay::core
