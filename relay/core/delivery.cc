#include "relay/core/delivery.h"

#include <algorithm>

#include "relay/core/rules.h"

namespace relay::core {
namespace {

constexpr std::size_t kRoutineIndex = 0;

}  // namespace

policy::base::Status Delivery::subscribe(LinkId link, const DeviceId& device, std::uint32_t classes) {
  auto found = readers_.find(device);
  if (found != readers_.end() && found->second.link != link) {
    forget(device);
    found = readers_.end();
  }
  if (found == readers_.end()) {
    if (readers_.size() >= kSubscriptionsMax)
      return policy::base::fail("subscription.limit", "one subscription more",
                                "at most " + std::to_string(kSubscriptionsMax) + " devices", "start a second relay");
    found = readers_.emplace(device, Reader{}).first;
    found->second.link = link;
  }
  set_classes(found->second, classes);
  ask(device, found->second);
  return {};
}

void Delivery::set_classes(Reader& reader, std::uint32_t classes) {
  const std::uint32_t gone = reader.classes & ~classes;
  const std::uint32_t fresh = classes & ~reader.classes;
  reader.classes = classes;
  // Whatever a read under way brings was asked for under other classes.
  reader.generation = ++last_generation_;
  reader.reading = false;
  reader.behind = true;
  if ((fresh & bit_of(kRoutineIndex)) != 0) reader.expired_due = true;
  for (std::size_t i = 0; i < kClassCount; ++i)
    if ((gone & bit_of(i)) != 0) reader.after[i] = Position{};
  release(reader, [&](const InFlight& one) { return (gone & bit_of(one.class_index)) != 0; });
}

template <typename Match>
void Delivery::release(Reader& reader, Match match) {
  std::erase_if(reader.in_flight, [&](const InFlight& one) {
    if (!match(one)) return false;
    reader.in_flight_bytes -= one.bytes;
    return true;
  });
}

void Delivery::unsubscribe(LinkId link, const DeviceId& device) {
  if (subscribed_over(link, device)) forget(device);
}

bool Delivery::subscribed_over(LinkId link, const DeviceId& device) const {
  const auto found = readers_.find(device);
  return found != readers_.end() && found->second.link == link;
}

void Delivery::forget(const DeviceId& device) {
  const auto found = readers_.find(device);
  if (found == readers_.end()) return;
  if (found->second.mailbox) {
    const auto devices = devices_of_.find(*found->second.mailbox);
    devices->second.erase(device);
    if (devices->second.empty()) devices_of_.erase(devices);
  }
  readers_.erase(found);
}

void Delivery::drop_link(LinkId link) {
  std::vector<DeviceId> gone;
  for (const auto& [device, reader] : readers_)
    if (reader.link == link) gone.push_back(device);
  for (const DeviceId& device : gone) forget(device);
  full_links_.erase(link);
}

void Delivery::set_link_full(LinkId link, bool full) {
  if (full) {
    full_links_.try_emplace(link);
    return;
  }
  const auto found = full_links_.find(link);
  if (found == full_links_.end()) return;
  const std::vector<DeviceId> waiting = std::move(found->second);
  full_links_.erase(found);
  for (const DeviceId& device : waiting)
    if (const auto reader = readers_.find(device); reader != readers_.end() && reader->second.link == link) {
      reader->second.queued = false;
      ask(device, reader->second);
    }
}

// Puts the device into the queue of reads if a read would help it now.
void Delivery::ask(const DeviceId& device, Reader& reader) {
  if (!reader.behind || reader.reading || reader.queued || reader.classes == 0 || !reader.worth_reading()) return;
  reader.queued = true;
  asking_.push_back(device);
}

std::optional<BacklogQuery> Delivery::next_query() {
  while (!asking_.empty()) {
    const DeviceId device = asking_.front();
    asking_.pop_front();
    const auto found = readers_.find(device);
    if (found == readers_.end() || !found->second.queued) continue;
    Reader& reader = found->second;
    if (const auto full = full_links_.find(reader.link); full != full_links_.end()) {
      full->second.push_back(device);  // still `queued`, so that it waits there once
      continue;
    }
    reader.queued = false;
    if (!reader.behind || reader.reading || reader.classes == 0 || !reader.worth_reading()) continue;
    reader.behind = false;
    reader.reading = true;
    reader.generation = ++last_generation_;
    return BacklogQuery{device,
                        reader.classes,
                        reader.after,
                        kWindowEnvelopesMax - reader.in_flight.size(),
                        kWindowBytesMax - reader.in_flight_bytes,
                        reader.generation};
  }
  return std::nullopt;
}

void Delivery::set_mailbox(const DeviceId& device, Reader& reader, const MailboxId& mailbox) {
  if (reader.mailbox) return;
  reader.mailbox = mailbox;
  devices_of_[mailbox].insert(device);
}

SendEnvelope Delivery::send(const DeviceId& device, Reader& reader, Position position,
                            const pb::StoredEnvelope& stored) {
  const pb::Envelope& envelope = stored.envelope();
  const std::size_t index = index_of(envelope.message_class());
  reader.after[index] = position;
  reader.in_flight.push_back({*ConversationId::from_wire(envelope.conversation()), index, stored.sequence(),
                              envelope.ciphertext().size(), Instant{envelope.deadline_s()}});
  reader.in_flight_bytes += envelope.ciphertext().size();
  return {reader.link, device, stored};
}

std::vector<Send> Delivery::backlog(const BacklogQuery& query, const Backlog& answer, Instant now) {
  std::vector<Send> out;
  const auto found = readers_.find(query.device);
  if (found == readers_.end() || found->second.generation != query.generation) return out;
  Reader& reader = found->second;
  reader.reading = false;
  set_mailbox(query.device, reader, answer.mailbox);
  if (reader.expired_due && answer.expired_unread > 0)
    out.emplace_back(TellExpired{reader.link, query.device, answer.mailbox, answer.expired_unread});
  reader.expired_due = false;
  for (const Pending& pending : answer.envelopes) {
    // The deadline may have come between the read and now.
    if (Instant{pending.stored.envelope().deadline_s()} <= now) continue;
    out.emplace_back(send(query.device, reader, pending.position, pending.stored));
  }
  if (!answer.complete) reader.behind = true;
  ask(query.device, reader);
  return out;
}

void Delivery::backlog_failed(const BacklogQuery& query, const policy::base::Error& error) {
  const auto found = readers_.find(query.device);
  if (found == readers_.end() || found->second.generation != query.generation) return;
  if (error.code == "device.unknown") return forget(query.device);
  found->second.reading = false;
  found->second.behind = true;
}

std::vector<Send> Delivery::committed(const Accepted& accepted, const pb::StoredEnvelope& stored, Instant now) {
  std::vector<Send> out;
  const pb::Envelope& envelope = stored.envelope();
  if (accepted.duplicate || accepted.deadline <= now) return out;
  const std::size_t index = index_of(envelope.message_class());
  for (const MailboxId& mailbox : accepted.readers) {
    const auto devices = devices_of_.find(mailbox);
    if (devices == devices_of_.end()) continue;
    for (const DeviceId& device : devices->second) {
      Reader& reader = readers_.at(device);
      if ((reader.classes & bit_of(index)) == 0 || device.wire() == envelope.sender_device()) continue;
      if (!is_addressed(envelope, device)) continue;
      if (reader.behind || reader.reading || !reader.has_room() || full_links_.contains(reader.link)) {
        reader.behind = true;
        ask(device, reader);
      } else if (accepted.position > reader.after[index]) {
        out.emplace_back(send(device, reader, accepted.position, stored));
      }
    }
  }
  return out;
}

void Delivery::wake(const std::vector<MailboxId>& mailboxes) {
  const auto mark = [this](const DeviceId& device, Reader& reader) {
    reader.behind = true;
    ask(device, reader);
  };
  for (const MailboxId& mailbox : mailboxes)
    if (const auto devices = devices_of_.find(mailbox); devices != devices_of_.end())
      for (const DeviceId& device : devices->second) mark(device, readers_.at(device));
  // A first read under way may have missed it, and does not yet know whose device it is for.
  for (auto& [device, reader] : readers_)
    if (!reader.mailbox) mark(device, reader);
}

void Delivery::acknowledged(const Acknowledge& ack) {
  const auto found = readers_.find(ack.device);
  if (found == readers_.end()) return;
  release(found->second, [&](const InFlight& one) {
    return one.conversation == ack.conversation && one.class_index == ack.class_index && one.sequence <= ack.sequence;
  });
  ask(ack.device, found->second);
}

void Delivery::tick(Instant now) {
  for (auto& [device, reader] : readers_) {
    if (!reader.worth_reading()) release(reader, [&](const InFlight& one) { return one.deadline <= now; });
    ask(device, reader);
  }
}

}  // namespace relay::core
