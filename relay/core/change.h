// What can happen to the relay's durable state, and what comes of it: the values that travel between the hub, the store
// thread and the store. No I/O, no clock.
//
// Ids are opaque to the relay: a mailbox stands for a person it does not know.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "policy/base/bytes.h"
#include "policy/base/instant.h"
#include "policy/base/result.h"
#include "relay/core/limits.h"
#include "relay/wire/codec.h"

namespace relay::core {

namespace pb = wire::pb;
using policy::base::ConversationId;
using policy::base::DeviceId;
using policy::base::Instant;
using policy::base::MailboxId;

// Place of an envelope in the order in which this relay accepted everything: 1, 2, 3 …
struct Position {
  std::uint64_t value = 0;
  auto operator<=>(const Position&) const = default;
};

// 0 = ROUTINE … 3 = ALARM, 4 = HANDSHAKE, for a class that the codec has checked.
constexpr std::size_t index_of(pb::MessageClass message_class) { return static_cast<std::size_t>(message_class) - 1; }
constexpr std::uint32_t bit_of(std::size_t class_index) { return 1U << class_index; }

struct CreateConversation {
  ConversationId conversation;
  std::vector<MailboxId> mailboxes;
};
struct RegisterDevice {
  MailboxId mailbox;
  DeviceId device;
};
struct RemoveDevice {
  DeviceId device;
};
struct Accept {
  pb::Envelope envelope;
  MailboxId sender;                       // all zeros: the gateway itself, which may propose and nothing else
  std::optional<pb::Envelope> welcome{};  // of a commit: accepted with it, next in sequence
  bool removal = false;                   // of a proposal: until the next commit no application data is accepted
};
struct Acknowledge {
  DeviceId device;
  ConversationId conversation;
  std::size_t class_index = 0;
  std::uint64_t sequence = 0;
};
struct ForgetReceipt {
  std::uint64_t receipt = 0;
};
struct ForgetExpired {
  MailboxId mailbox;
  std::uint64_t count = 0;
};

using Change =
    std::variant<CreateConversation, RegisterDevice, RemoveDevice, Accept, Acknowledge, ForgetReceipt, ForgetExpired>;

struct Accepted {
  Position position;
  std::uint64_t sequence = 0;
  Instant accepted_at;
  Instant deadline;  // of the bucket
  bool duplicate = false;
  std::vector<MailboxId> readers;  // every member, the sender's own mailbox included; empty for a duplicate
  std::uint64_t epoch = 0;         // of the conversation, afterwards
};

struct Applied {
  std::optional<Accepted> accepted;  // set for Accept
  std::optional<Accepted> welcome;   // set for an Accept with one, unless it is a repeat
};
using Outcome = policy::base::Result<Applied>;

// What a device has not yet acknowledged, in order of position.
struct BacklogQuery {
  DeviceId device;
  std::uint32_t classes = 0;                    // bit per class index
  std::array<Position, kClassCount> after{};    // per class: only what was accepted after this
  std::size_t count_max = kWindowEnvelopesMax;  // at least 1
  std::size_t bytes_max = kWindowBytesMax;      // of ciphertext; the first envelope comes even when it is larger
  std::uint64_t generation = 0;                 // the asker's own mark, not looked at
  bool operator==(const BacklogQuery&) const = default;
};
struct Pending {
  Position position;
  pb::StoredEnvelope stored;
};
struct Backlog {
  MailboxId mailbox;
  std::vector<Pending> envelopes;
  bool complete = true;              // nothing more was waiting
  std::uint64_t expired_unread = 0;  // of the mailbox, until forgotten
};

struct StatusQuery {
  ConversationId conversation;
  std::uint64_t sequence = 0;
  MailboxId sender;
};

}  // namespace relay::core
