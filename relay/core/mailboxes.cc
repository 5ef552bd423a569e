#include "relay/core/mailboxes.h"

#include <algorithm>

#include "relay/core/rules.h"

namespace relay::core {

using policy::base::Result;

Outcome Mailboxes::apply(const Change& change, Instant now) {
  return std::visit([&](const auto& one) { return on(one, now); }, change);
}

Outcome Mailboxes::on(const CreateConversation& change, Instant) {
  const auto found = conversations_.find(change.conversation);
  std::set<MailboxId> members(change.mailboxes.begin(), change.mailboxes.end());
  if (found != conversations_.end())
    for (const auto& [mailbox, joined] : found->second.joined) members.insert(mailbox);
  if (members.size() > wire::kConversationMembersMax) return conversation_full(members.size());
  auto& conversation = conversations_[change.conversation];
  for (const MailboxId& mailbox : members) conversation.joined.try_emplace(mailbox, last_);
  return Applied{};
}

Outcome Mailboxes::on(const RegisterDevice& change, Instant) {
  if (const auto found = devices_.find(change.device); found != devices_.end()) {
    if (found->second.removed) return device_removed(change.device);
    if (found->second.mailbox != change.mailbox) return device_taken(change.device);
    return Applied{};
  }
  const auto owned = std::ranges::count_if(
      devices_, [&](const auto& entry) { return entry.second.mailbox == change.mailbox && !entry.second.removed; });
  if (static_cast<std::size_t>(owned) >= kDevicesPerMailboxMax) return device_limit();
  devices_[change.device] = Device{change.mailbox, last_, false, {}};
  return Applied{};
}

// The cursors stay, so that what this device has read is not counted as unread later.
Outcome Mailboxes::on(const RemoveDevice& change, Instant) {
  if (const auto found = devices_.find(change.device); found != devices_.end()) found->second.removed = true;
  return Applied{};
}

Outcome Mailboxes::on(const Accept& change, Instant now) {
  const pb::Envelope& envelope = change.envelope;
  const DeviceId device = *DeviceId::from_wire(envelope.sender_device());
  const ConversationId id = *ConversationId::from_wire(envelope.conversation());
  const auto conversation = conversations_.find(id);
  if (const auto first = first_results_.find({device, envelope.client_message_id()}); first != first_results_.end()) {
    Accepted again = first->second.result;
    again.duplicate = true;
    again.readers.clear();
    if (conversation != conversations_.end()) again.epoch = conversation->second.standing.epoch;
    return Applied{again, {}};
  }
  if (conversation == conversations_.end()) return conversation_unknown(id);
  if (auto status = check_sender(change, conversation->second); !status) return std::unexpected(status.error());
  const auto standing = standing_after(change, conversation->second.standing);
  if (!standing) return std::unexpected(standing.error());
  const auto bucket = bucket_for({envelope.deadline_s()}, now);
  if (!bucket) return std::unexpected(bucket.error());
  std::optional<Bucket> welcome_bucket;
  if (change.welcome) {
    if (first_results_.contains({device, change.welcome->client_message_id()}) ||
        change.welcome->client_message_id() == envelope.client_message_id())
      return message_taken();
    const auto found = bucket_for({change.welcome->deadline_s()}, now);
    if (!found) return std::unexpected(found.error());
    welcome_bucket = *found;
  }
  conversation->second.standing = *standing;
  Applied out{write(envelope, change.sender, conversation->second, *bucket, now), {}};
  if (change.welcome) out.welcome = write(*change.welcome, change.sender, conversation->second, *welcome_bucket, now);
  return out;
}

policy::base::Status Mailboxes::check_sender(const Accept& change, const Conversation& conversation) const {
  if (change.sender.is_zero()) return {};
  const DeviceId device = *DeviceId::from_wire(change.envelope.sender_device());
  if (!conversation.joined.contains(change.sender)) return not_a_member(change.sender);
  const auto owner = devices_.find(device);
  if (owner == devices_.end() || owner->second.removed || owner->second.mailbox != change.sender)
    return device_unknown(device);
  return {};
}

Accepted Mailboxes::write(const pb::Envelope& envelope, const MailboxId& sender, Conversation& conversation,
                          const Bucket& bucket, Instant now) {
  if (!keys_.contains(bucket)) keys_[bucket] = random_.array<32>();
  Accepted accepted{
      {++last_.value}, ++conversation.last_sequence, now, bucket.deadline(), false, {}, conversation.standing.epoch};
  for (const auto& [mailbox, joined] : conversation.joined) accepted.readers.push_back(mailbox);
  Entry& entry = log_[accepted.position];
  entry = {*ConversationId::from_wire(envelope.conversation()), index_of(envelope.message_class()), sender, bucket, {}};
  *entry.stored.mutable_envelope() = envelope;
  entry.stored.mutable_envelope()->set_deadline_s(bucket.deadline().unix_s);
  entry.stored.set_sequence(accepted.sequence);
  entry.stored.set_accepted_at_s(now.unix_s);
  first_results_[{*DeviceId::from_wire(envelope.sender_device()), envelope.client_message_id()}] = {accepted, bucket};
  return accepted;
}

// An acknowledgement that cannot be true is ignored: it is not answered, and it must not move a cursor past what will
// come.
Outcome Mailboxes::on(const Acknowledge& change, Instant) {
  const auto device = devices_.find(change.device);
  const auto conversation = conversations_.find(change.conversation);
  if (device == devices_.end() || device->second.removed || conversation == conversations_.end()) return Applied{};
  if (!conversation->second.joined.contains(device->second.mailbox)) return Applied{};
  if (change.sequence > conversation->second.last_sequence) return Applied{};
  auto& cursor = device->second.cursors[{change.conversation, change.class_index}];
  cursor = std::max(cursor, change.sequence);
  return Applied{};
}

Outcome Mailboxes::on(const ForgetReceipt& change, Instant) {
  receipts_.erase(change.receipt);
  return Applied{};
}

Outcome Mailboxes::on(const ForgetExpired& change, Instant) {
  const auto found = expired_.find(change.mailbox);
  if (found == expired_.end()) return Applied{};
  found->second -= std::min(found->second, change.count);
  if (found->second == 0) expired_.erase(found);
  return Applied{};
}

bool Mailboxes::wants(const DeviceId& id, const Device& device, const BacklogQuery& query, Position position,
                      const Entry& entry) const {
  if ((query.classes & bit_of(entry.class_index)) == 0 || position <= query.after[entry.class_index]) return false;
  if (position <= device.registered || entry.stored.envelope().sender_device() == id.wire()) return false;
  if (!is_addressed(entry.stored.envelope(), id)) return false;
  const auto& joined = conversations_.at(entry.conversation).joined;
  const auto member = joined.find(device.mailbox);
  if (member == joined.end() || position <= member->second) return false;
  const auto cursor = device.cursors.find({entry.conversation, entry.class_index});
  return cursor == device.cursors.end() || entry.stored.sequence() > cursor->second;
}

Result<Backlog> Mailboxes::backlog(const BacklogQuery& query, Instant now) const {
  const auto found = devices_.find(query.device);
  if (found == devices_.end() || found->second.removed) return device_unknown(query.device);
  Backlog out;
  out.mailbox = found->second.mailbox;
  if (const auto count = expired_.find(out.mailbox); count != expired_.end()) out.expired_unread = count->second;
  std::size_t bytes = 0;
  for (const auto& [position, entry] : log_) {
    if (entry.bucket.due(now) || !wants(query.device, found->second, query, position, entry)) continue;
    bytes += entry.stored.envelope().ciphertext().size();
    if (out.envelopes.size() >= query.count_max || (bytes > query.bytes_max && !out.envelopes.empty())) {
      out.complete = false;
      break;
    }
    out.envelopes.push_back({position, entry.stored});
  }
  return out;
}

bool Mailboxes::has_read(const MailboxId& mailbox, Position position, const Entry& entry) const {
  return std::ranges::any_of(devices_, [&](const auto& one) {
    const Device& device = one.second;
    if (device.mailbox != mailbox || position <= device.registered) return false;
    const auto cursor = device.cursors.find({entry.conversation, entry.class_index});
    return cursor != device.cursors.end() && cursor->second >= entry.stored.sequence();
  });
}

Result<pb::State> Mailboxes::status(const StatusQuery& query, Instant now) const {
  const auto conversation = conversations_.find(query.conversation);
  if (conversation == conversations_.end()) return conversation_unknown(query.conversation);
  if (!conversation->second.joined.contains(query.sender)) return not_a_member(query.sender);
  if (query.sequence == 0 || query.sequence > conversation->second.last_sequence) return status_unknown(query.sequence);
  const auto found = std::ranges::find_if(log_, [&](const auto& one) {
    return one.second.conversation == query.conversation && one.second.stored.sequence() == query.sequence;
  });
  if (found == log_.end()) return pb::EXPIRED;
  if (found->second.sender != query.sender) return status_not_sender();
  if (found->second.bucket.due(now)) return pb::EXPIRED;
  for (const auto& [mailbox, joined] : conversation->second.joined) {
    if (mailbox == query.sender || found->first <= joined) continue;
    if (!has_read(mailbox, found->first, found->second)) return pb::HELD;
  }
  return pb::DELIVERED;
}

std::vector<pb::BucketReceipt> Mailboxes::receipts() const {
  std::vector<pb::BucketReceipt> out;
  for (const auto& [id, receipt] : receipts_) {
    if (out.size() == kReceiptsReadMax) break;
    out.push_back(receipt);
  }
  return out;
}

std::size_t Mailboxes::destroy_due(Instant now) {
  std::size_t destroyed = 0;
  while (!keys_.empty()) {
    const auto due = std::ranges::find_if(keys_, [&](const auto& one) { return one.first.due(now); });
    if (due == keys_.end()) break;
    const pb::BucketReceipt receipt = destroy(Bucket(due->first), now);
    receipts_[receipt.receipt()] = receipt;
    ++destroyed;
  }
  return destroyed;
}

void Mailboxes::count_unread(Position position, const Entry& entry, pb::BucketReceipt& receipt) {
  receipt.set_messages(receipt.messages() + 1);
  if (entry.stored.envelope().kind() != pb::APPLICATION) return;
  for (const auto& [mailbox, joined] : conversations_.at(entry.conversation).joined) {
    if (mailbox == entry.sender || position <= joined || has_read(mailbox, position, entry)) continue;
    ++expired_[mailbox];
    receipt.set_expired_unread(receipt.expired_unread() + 1);
  }
}

pb::BucketReceipt Mailboxes::destroy(const Bucket& bucket, Instant now) {
  pb::BucketReceipt receipt;
  receipt.set_receipt(++last_receipt_);
  receipt.set_begin_s(bucket.begin.unix_s);
  receipt.set_end_s(bucket.end().unix_s);
  receipt.set_destroyed_at_s(now.unix_s);
  receipt.set_key_commitment(key_commitment(keys_.at(bucket)));
  for (const auto& [position, entry] : log_)
    if (entry.bucket == bucket) count_unread(position, entry, receipt);
  std::erase_if(log_, [&](const auto& one) { return one.second.bucket == bucket; });
  std::erase_if(first_results_, [&](const auto& one) { return one.second.bucket == bucket; });
  keys_.erase(bucket);
  return receipt;
}

}  // namespace relay::core
