// The relay's durable state as a pure machine in memory: conversations with their members and logs, devices with their
// cursors, buckets, receipts. The memory store is this machine; the SQLite store is tested against it.
//
// It favours being plainly right over being fast: a backlog is found by walking the log. Time and randomness are
// parameters. One thread.
#pragma once

#include <map>
#include <set>

#include "policy/base/random.h"
#include "relay/core/bucket.h"
#include "relay/core/change.h"
#include "relay/core/rules.h"

namespace relay::core {

class Mailboxes {
 public:
  // `random` outlives the machine.
  explicit Mailboxes(policy::base::Random& random) : random_(random) {}

  // A refused change leaves no trace.
  Outcome apply(const Change& change, Instant now);

  // Errors: device.unknown.
  policy::base::Result<Backlog> backlog(const BacklogQuery& query, Instant now) const;
  // Errors: conversation.unknown, conversation.not-member, status.unknown, status.not-sender.
  policy::base::Result<pb::State> status(const StatusQuery& query, Instant now) const;
  // Oldest first, at most kReceiptsReadMax.
  std::vector<pb::BucketReceipt> receipts() const;
  // Destroys every bucket that is due; returns how many.
  std::size_t destroy_due(Instant now);

 private:
  using CursorKey = std::pair<ConversationId, std::size_t>;
  struct Conversation {
    std::map<MailboxId, Position> joined;
    std::uint64_t last_sequence = 0;
    Standing standing;
  };
  struct Device {
    MailboxId mailbox;
    Position registered;
    bool removed = false;
    std::map<CursorKey, std::uint64_t> cursors;
  };
  struct Entry {
    ConversationId conversation;
    std::size_t class_index = 0;
    MailboxId sender;
    Bucket bucket;
    pb::StoredEnvelope stored;
  };
  struct First {
    Accepted result;
    Bucket bucket;
  };

  Outcome on(const CreateConversation& change, Instant now);
  Outcome on(const RegisterDevice& change, Instant now);
  Outcome on(const RemoveDevice& change, Instant now);
  Outcome on(const Accept& change, Instant now);
  Outcome on(const Acknowledge& change, Instant now);
  Outcome on(const ForgetReceipt& change, Instant now);
  Outcome on(const ForgetExpired& change, Instant now);

  policy::base::Status check_sender(const Accept& change, const Conversation& conversation) const;
  Accepted write(const pb::Envelope& envelope, const MailboxId& sender, Conversation& conversation,
                 const Bucket& bucket, Instant now);
  bool wants(const DeviceId& id, const Device& device, const BacklogQuery& query, Position position,
             const Entry& entry) const;
  bool has_read(const MailboxId& mailbox, Position position, const Entry& entry) const;
  void count_unread(Position position, const Entry& entry, pb::BucketReceipt& receipt);
  pb::BucketReceipt destroy(const Bucket& bucket, Instant now);

  policy::base::Random& random_;
  std::map<ConversationId, Conversation> conversations_;
  std::map<DeviceId, Device> devices_;
  std::map<Position, Entry> log_;
  std::map<std::pair<DeviceId, std::string>, First> first_results_;
  std::map<Bucket, std::array<std::uint8_t, 32>> keys_;
  std::map<MailboxId, std::uint64_t> expired_;
  std::map<std::uint64_t, pb::BucketReceipt> receipts_;
  Position last_;
  std::uint64_t last_receipt_ = 0;
};

}  // namespace relay::core
