// Gateway and relay as the client sees them, in memory and honest: one log a conversation, a cursor per device,
// conversation and class, idempotent Send. Faults are the test's to add.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/mls/device_key.h"
#include "relay/wire/codec.h"

namespace clients::core::testing {

namespace base = policy::base;
namespace pb = relay::wire::pb;

class ManualClock final : public base::Clock {
 public:
  base::Instant now() const override { return {1'000'000 + elapsed_ms_ / 1000}; }
  std::int64_t now_ms() const override { return 1'000'000'000 + elapsed_ms_; }
  std::int64_t elapsed_ms() const override { return elapsed_ms_; }
  void advance_ms(std::int64_t ms) { elapsed_ms_ += ms; }

 private:
  std::int64_t elapsed_ms_ = 1;
};

class FakeServer {
 public:
  explicit FakeServer(const base::Clock& clock) : clock_(clock) {}

  void enrol(const std::string& person, const base::DeviceId& device, const mls::DeviceKey& key) {
    pb::Device entry;
    entry.set_device(device.wire());
    entry.set_identity_key(key.identity_key().data(), key.identity_key().size());
    entry.set_box_key(key.box_key().data(), key.box_key().size());
    people_[person].push_back(entry);
    owner_[device.wire()] = person;
  }
  pb::Device& device(const std::string& person, int number = 0) {
    return people_.at(person).at(static_cast<std::size_t>(number));
  }

  // Every device starts a connection with nothing under way.
  void connect(const base::DeviceId& device) { in_flight_[device.wire()].clear(); }

  std::optional<pb::ServerFrame> handle(const base::DeviceId& device, const pb::ClientFrame& frame) {
    pb::ServerFrame answer;
    answer.set_request(frame.request());
    if (frame.has_ack()) {
      auto& cursor = cursors_[{device.wire(), frame.ack().conversation(), frame.ack().message_class()}];
      cursor = std::max(cursor, frame.ack().sequence());
      return std::nullopt;
    }
    if (next_problem) {
      *answer.mutable_problem() = *std::exchange(next_problem, std::nullopt);
    } else if (frame.has_open()) {
      open(owner_.at(device.wire()), frame.open(), answer);
    } else if (frame.has_send()) {
      accept(device, frame.send().envelope(), *answer.mutable_accepted());
    } else if (frame.has_gate()) {
      answer.mutable_gate();
    } else if (frame.has_content()) {
      ++content_asked;
      *answer.mutable_content() = content;
    } else {
      answer.mutable_done();
    }
    return answer;
  }

  // What the device has not acknowledged and was not sent on this connection.
  std::vector<pb::ServerFrame> deliveries(const base::DeviceId& device) {
    std::vector<pb::ServerFrame> out;
    const std::string& person = owner_.at(device.wire());
    for (const auto& [conversation, members] : members_) {
      if (!members.contains(person)) continue;
      for (const auto& stored : logs_[conversation]) {
        const auto& envelope = stored.envelope();
        const auto cursor = cursors_[{device.wire(), conversation, envelope.message_class()}];
        if (envelope.sender_device() == device.wire() || stored.sequence() <= cursor) continue;
        if (!in_flight_[device.wire()].insert({conversation, stored.sequence()}).second) continue;
        pb::ServerFrame frame;
        *frame.mutable_delivery()->mutable_stored() = stored;
        frame.mutable_delivery()->set_sender(owner_.at(envelope.sender_device()));
        out.push_back(std::move(frame));
      }
    }
    return out;
  }

  // What it says at the beginning of a connection: the digest of its rules.
  pb::ServerFrame gate_report() const {
    pb::ServerFrame frame;
    frame.mutable_gate()->set_rules_digest(content.rules_digest());
    return frame;
  }

  std::optional<pb::Problem> next_problem;
  pb::Content content;
  std::size_t content_asked = 0;
  std::size_t accepted_count = 0;

 private:
  void open(const std::string& person, const pb::Open& open, pb::ServerFrame& answer) {
    std::string id = open.conversation();
    if (id.empty()) {
      std::set<std::string> members(open.persons().begin(), open.persons().end());
      members.insert(person);
      for (const auto& [known, in] : members_)
        if (in == members) id = known;
      if (id.empty()) {
        id = std::string(15, 'c') + static_cast<char>('0' + members_.size());
        members_[id] = members;
      }
    }
    auto& conversation = *answer.mutable_conversation();
    conversation.set_conversation(id);
    conversation.set_direct(members_[id].size() == 2);
    for (const auto& name : members_[id]) {
      auto& member = *conversation.add_members();
      member.set_person(name);
      for (const auto& one : people_[name]) *member.add_devices() = one;
    }
  }

  void accept(const base::DeviceId& device, pb::Envelope envelope, pb::Accepted& accepted) {
    auto& log = logs_[envelope.conversation()];
    envelope.set_sender_device(device.wire());
    envelope.set_deadline_s(clock_.now().unix_s + 86'400);
    const auto repeat = std::ranges::find_if(log, [&](const pb::StoredEnvelope& one) {
      return one.envelope().sender_device() == device.wire() &&
             one.envelope().client_message_id() == envelope.client_message_id();
    });
    const bool fresh = repeat == log.end();
    if (fresh) {
      pb::StoredEnvelope stored;
      stored.set_sequence(log.size() + 1);
      stored.set_accepted_at_s(clock_.now().unix_s);
      *stored.mutable_envelope() = envelope;
      log.push_back(stored);
      ++accepted_count;
    }
    const auto& result = fresh ? log.back() : *repeat;
    accepted.set_sequence(result.sequence());
    accepted.set_accepted_at_s(result.accepted_at_s());
    accepted.set_deadline_s(result.envelope().deadline_s());
  }

  const base::Clock& clock_;
  std::map<std::string, std::vector<pb::Device>> people_;
  std::map<std::string, std::string> owner_;
  std::map<std::string, std::set<std::string>> members_;
  std::map<std::string, std::vector<pb::StoredEnvelope>> logs_;
  std::map<std::tuple<std::string, std::string, int>, std::uint64_t> cursors_;
  std::map<std::string, std::set<std::pair<std::string, std::uint64_t>>> in_flight_;
};

}  // namespace clients::core::testing
