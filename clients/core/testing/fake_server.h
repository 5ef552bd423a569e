// Gateway and relay as the client sees them, in memory and honest: one log a conversation, a cursor per device,
// conversation and class, idempotent Send and Commit, and the rules of client.proto's groups. Faults are the test's to
// add.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/device_key.h"
#include "clients/mls/group/public_group.h"
#include "clients/trust/testing/fake_log.h"
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
  const base::Clock& clock_;

 public:
  static constexpr std::size_t kStock = 20;

  explicit FakeServer(const base::Clock& clock) : clock_(clock) {}

  void enrol(const std::string& person, const base::DeviceId& device, const mls::DeviceKey& key) {
    pb::Device entry;
    entry.set_device(device.wire());
    entry.set_identity_key(key.identity_key().data(), key.identity_key().size());
    auto& devices = people_[person];
    auto& given = certificates_[device.wire()];
    given = year.certify(person, device, key.identity_key());
    if (!devices.empty()) consent(*given, base::DeviceId::from_wire(devices.front().device()).value());
    keys_.insert_or_assign(device.wire(), key);
    devices.push_back(entry);
    owner_[device.wire()] = person;
  }
  // As if the person had done so on device `by`.
  void consent(pb::DeviceCertificate& to, const base::DeviceId& by) {
    const auto& key = keys_.at(by.wire());
    trust::testing::consent(to, by, key.identity_key(), [&](base::ByteView message) { return key.sign(message); });
  }
  // What it hands out for a device; empty: nothing.
  std::optional<pb::DeviceCertificate>& certificate(const base::DeviceId& device) {
    return certificates_[device.wire()];
  }
  pb::Device& device(const std::string& person, int number = 0) {
    return people_.at(person).at(static_cast<std::size_t>(number));
  }
  // The device is gone, and every group is told to remove it.
  void wipe(const base::DeviceId& device) {
    std::erase_if(people_.at(owner_.at(device.wire())), [&](const pb::Device& one) {
      if (one.device() == device.wire()) former_[one.device()] = one;
      return one.device() == device.wire();
    });
    wiped_.insert(device.wire());
    packages_.erase(device.wire());
    last_resort_.erase(device.wire());
    for (auto& [conversation, group] : groups_) propose_removal(conversation, group, device);
  }

  // Groups from before name a key that it does not have any more: it can propose nothing in them.
  void lose_key() { key_ = mls::generate_signature_key_pair(crypto_); }

  // Every device starts a connection with nothing under way.
  void connect(const base::DeviceId& device) {
    in_flight_[device.wire()].clear();
    if (wiped_.contains(device.wire())) return;
    pb::ServerFrame frame;
    *frame.mutable_stock() = stock_of(device.wire());
    pushes_[device.wire()] = {frame};
  }

  std::optional<pb::ServerFrame> handle(const base::DeviceId& device, const pb::ClientFrame& frame) {
    pb::ServerFrame answer;
    answer.set_request(frame.request());
    if (frame.has_ack()) {
      auto& cursor = cursors_[{device.wire(), frame.ack().conversation(), frame.ack().message_class()}];
      cursor = std::max(cursor, frame.ack().sequence());
      return std::nullopt;
    }
    if (next_problem && !frame.has_publish()) {
      *answer.mutable_problem() = *std::exchange(next_problem, std::nullopt);
    } else if (frame.has_open()) {
      open(owner_.at(device.wire()), frame.open(), answer);
    } else if (frame.has_send()) {
      accept(device, frame.send().envelope(), answer);
    } else if (frame.has_start_group()) {
      start(frame.start_group(), answer);
    } else if (frame.has_commit()) {
      commit(device, frame.commit(), answer);
    } else if (frame.has_group()) {
      query(frame.group().conversation(), answer);
    } else if (frame.has_publish()) {
      publish(device.wire(), frame.publish(), answer);
    } else if (frame.has_fetch()) {
      fetch(frame.fetch(), answer);
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
    std::vector<pb::ServerFrame> out = std::exchange(pushes_[device.wire()], {});
    if (wiped_.contains(device.wire())) return {};
    const std::string& person = owner_.at(device.wire());
    for (const auto& [conversation, members] : members_) {
      if (!members.contains(person)) continue;
      for (const auto& stored : logs_[conversation]) {
        const auto& envelope = stored.envelope();
        const auto cursor = cursors_[{device.wire(), conversation, envelope.message_class()}];
        if (envelope.sender_device() == device.wire() || stored.sequence() <= cursor) continue;
        if (envelope.kind() == pb::WELCOME && std::ranges::count(envelope.devices(), device.wire()) == 0) continue;
        if (!in_flight_[device.wire()].insert({conversation, stored.sequence()}).second) continue;
        pb::ServerFrame frame;
        *frame.mutable_delivery()->mutable_stored() = stored;
        const auto sender = owner_.find(envelope.sender_device());
        if (sender != owner_.end()) frame.mutable_delivery()->set_sender(sender->second);
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
  std::size_t stock(const base::DeviceId& device) { return packages_[device.wire()].size(); }
  // Of the only conversation.
  const mls::PublicGroup& group() const { return groups_.begin()->second.state; }
  std::size_t group_count() const { return groups_.size(); }
  std::vector<std::string> members_of_group(const std::string& conversation) const {
    std::vector<std::string> out;
    groups_.at(conversation).state.tree().for_each_member([&](mls::LeafIndex, const mls::LeafNode& leaf) {
      out.emplace_back(leaf.credential.identity.begin(), leaf.credential.identity.end());
    });
    return out;
  }
  std::uint64_t epoch_of(const std::string& conversation) const {
    return groups_.at(conversation).state.context().epoch;
  }
  std::vector<std::string> conversations() const {
    std::vector<std::string> out;
    for (const auto& [conversation, group] : groups_) out.push_back(conversation);
    return out;
  }

  trust::testing::FakeLog year{clock_};
  std::optional<pb::Problem> next_problem;
  pb::Content content;
  std::size_t content_asked = 0;
  std::size_t accepted_count = 0;  // messages
  std::size_t commit_count = 0;

 private:
  struct Served {
    mls::PublicGroup state;
    std::string group_info;
  };

  static void set_problem(pb::ServerFrame& answer, const std::string& code) {
    answer.mutable_problem()->set_code(code);
    answer.mutable_problem()->set_seen(code);
  }

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
      for (const auto& one : people_[name]) {
        auto& device = *member.add_devices();
        device = one;
        if (std::ranges::count(open.devices(), one.device()) == 0) continue;
        if (const auto& proven = certificates_[one.device()]) *device.mutable_certificate() = *proven;
      }
      for (const auto& one : open.devices())
        if (const auto gone = former_.find(one); gone != former_.end() && owner_.at(one) == name) {
          auto& device = *member.add_former() = gone->second;
          if (const auto& proven = certificates_[one]) *device.mutable_certificate() = *proven;
        }
    }
    const auto group = groups_.find(id);
    conversation.set_has_group(group != groups_.end());
    if (group != groups_.end()) conversation.set_epoch(group->second.state.context().epoch);
    const auto senders = mls::external_senders_extension({{key_.key, {mls::CredentialType::kBasic, {'g'}, {}}}});
    conversation.set_external_senders(senders.data.data(), senders.data.size());
  }

  pb::StoredEnvelope* find(const std::string& conversation, const std::string& device, const std::string& message) {
    auto& log = logs_[conversation];
    const auto found = std::ranges::find_if(log, [&](const pb::StoredEnvelope& one) {
      return one.envelope().sender_device() == device && one.envelope().client_message_id() == message;
    });
    return found == log.end() ? nullptr : &*found;
  }

  pb::StoredEnvelope& append(pb::Envelope envelope) {
    auto& log = logs_[envelope.conversation()];
    envelope.set_deadline_s(clock_.now().unix_s + 86'400);
    pb::StoredEnvelope stored;
    stored.set_sequence(log.size() + 1);
    stored.set_accepted_at_s(clock_.now().unix_s);
    *stored.mutable_envelope() = std::move(envelope);
    log.push_back(std::move(stored));
    return log.back();
  }

  static void set_accepted(pb::ServerFrame& answer, const pb::StoredEnvelope& stored) {
    auto& accepted = *answer.mutable_accepted();
    accepted.set_sequence(stored.sequence());
    accepted.set_accepted_at_s(stored.accepted_at_s());
    accepted.set_deadline_s(stored.envelope().deadline_s());
  }

  static bool waits(const mls::PublicGroup& group) {
    return std::ranges::any_of(
        group.pending(), [](const mls::PendingProposal& one) { return one.sender.type == mls::SenderType::kExternal; });
  }

  bool owes(const mls::PublicGroup& group) const {
    bool found = false;
    group.tree().for_each_member([&](mls::LeafIndex, const mls::LeafNode& leaf) {
      found = found || wiped_.contains({leaf.credential.identity.begin(), leaf.credential.identity.end()});
    });
    return found;
  }

  void accept(const base::DeviceId& device, pb::Envelope envelope, pb::ServerFrame& answer) {
    if (const auto* repeat = find(envelope.conversation(), device.wire(), envelope.client_message_id()))
      return set_accepted(answer, *repeat);
    const auto group = groups_.find(envelope.conversation());
    if (group == groups_.end()) return set_problem(answer, "group.none");
    if (envelope.epoch() != group->second.state.context().epoch) return set_problem(answer, "group.epoch");
    if (waits(group->second.state) || owes(group->second.state)) return set_problem(answer, "group.removal-pending");
    envelope.set_sender_device(device.wire());
    ++accepted_count;
    set_accepted(answer, append(std::move(envelope)));
  }

  template <typename T>
  static std::optional<T> parse(const std::string& bytes) {
    auto message = mls::parse<mls::MlsMessage>(base::as_bytes(bytes));
    if (!message || !std::holds_alternative<T>(*message)) return std::nullopt;
    return std::get<T>(std::move(*message));
  }

  void start(const pb::StartGroup& start, pb::ServerFrame& answer) {
    if (groups_.contains(start.conversation())) return set_problem(answer, "group.exists");
    const auto info = parse<mls::GroupInfo>(start.group_info());
    auto begun = info ? mls::PublicGroup::begin(environment_, *info) : mls::refuse(mls::Reason::kValue);
    if (!begun) return set_problem(answer, "group.refused");
    groups_.emplace(start.conversation(), Served{std::move(*begun), start.group_info()});
    answer.mutable_done();
  }

  static pb::Envelope handshake(const std::string& conversation, pb::Kind kind, std::uint64_t epoch,
                                const std::string& sender, const std::string& bytes) {
    pb::Envelope envelope;
    envelope.set_conversation(conversation);
    envelope.set_kind(kind);
    envelope.set_epoch(epoch);
    envelope.set_message_class(pb::HANDSHAKE);
    envelope.set_sender_device(sender);
    envelope.set_ciphertext(bytes);
    return envelope;
  }

  void commit(const base::DeviceId& device, const pb::Commit& commit, pb::ServerFrame& answer) {
    if (const auto* repeat = find(commit.conversation(), device.wire(), commit.client_message_id()))
      return set_accepted(answer, *repeat);
    const auto found = groups_.find(commit.conversation());
    if (found == groups_.end()) return set_problem(answer, "group.none");
    auto& served = found->second;
    if (commit.epoch() != served.state.context().epoch) return set_problem(answer, "group.epoch");
    if (wiped_.contains(device.wire())) return set_problem(answer, "device.wiped");
    const auto message = parse<mls::PublicMessage>(commit.commit());
    auto taken = message ? served.state.receive(environment_, *message) : mls::refuse(mls::Reason::kValue);
    if (!taken) return set_problem(answer, "group.refused");
    const auto& summary = std::get<mls::CommitReceived>(taken->event);
    if (waits(served.state) && summary.taken.size() < served.state.pending().size())
      return set_problem(answer, "group.removal-pending");
    const auto info = parse<mls::GroupInfo>(commit.group_info());
    if (!info || !taken->group.check_info(crypto_, *info)) return set_problem(answer, "group.refused");
    auto envelope = handshake(commit.conversation(), pb::COMMIT, commit.epoch(), device.wire(), commit.commit());
    envelope.set_client_message_id(commit.client_message_id());
    set_accepted(answer, append(std::move(envelope)));
    ++commit_count;
    if (!commit.welcome().empty()) {
      auto welcome = handshake(commit.conversation(), pb::WELCOME, commit.epoch(), device.wire(), commit.welcome());
      for (const auto leaf : summary.added) {
        const auto& identity = taken->group.tree().leaf(leaf)->credential.identity;
        welcome.add_devices(identity.data(), identity.size());
      }
      append(std::move(welcome));
    }
    served = {std::move(taken->group), commit.group_info()};
    // Who was removed while the proposal waited for another epoch is proposed anew.
    for (const auto& wiped : wiped_)
      propose_removal(commit.conversation(), served, base::DeviceId::from_wire(wiped).value());
  }

  void propose_removal(const std::string& conversation, Served& served, const base::DeviceId& device) {
    std::optional<mls::LeafIndex> leaf;
    served.state.tree().for_each_member([&](mls::LeafIndex at, const mls::LeafNode& node) {
      if (std::ranges::equal(node.credential.identity, device.bytes)) leaf = at;
    });
    if (!leaf) return;
    mls::PublicMessage message;
    const auto epoch = served.state.context().epoch;
    auto taken = served.state.propose(environment_, 0, mls::Remove{*leaf}, key_, message);
    if (!taken) return;
    served.state = std::move(taken->group);
    const auto bytes = mls::encode_message(std::move(message));
    append(handshake(conversation, pb::PROPOSAL, epoch, std::string(16, '\0'),
                     {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }

  void query(const std::string& conversation, pb::ServerFrame& answer) {
    const auto found = groups_.find(conversation);
    if (found == groups_.end()) return set_problem(answer, "group.none");
    auto& state = *answer.mutable_group();
    state.set_epoch(found->second.state.context().epoch);
    state.set_group_info(found->second.group_info);
    const auto tree = found->second.state.tree().encode();
    state.set_ratchet_tree(tree.data(), tree.size());
  }

  pb::KeyPackageStock stock_of(const std::string& device) {
    pb::KeyPackageStock out;
    const auto left = packages_[device].size();
    out.set_left(static_cast<std::uint32_t>(left));
    out.set_wanted(static_cast<std::uint32_t>(left < kStock / 2 ? kStock - left : 0));
    out.set_last_resort(last_resort_.contains(device));
    return out;
  }
  void publish(const std::string& device, const pb::PublishKeyPackages& publish, pb::ServerFrame& answer) {
    for (const auto& one : publish.packages()) packages_[device].push_back(one);
    if (!publish.last_resort().empty()) last_resort_[device] = publish.last_resort();
    *answer.mutable_stock() = stock_of(device);
  }
  void fetch(const pb::FetchKeyPackages& fetch, pb::ServerFrame& answer) {
    auto& out = *answer.mutable_packages();
    for (const auto& device : fetch.devices()) {
      auto& left = packages_[device];
      if (left.empty() && !last_resort_.contains(device)) continue;
      auto& one = *out.add_packages();
      one.set_device(device);
      one.set_last_resort(left.empty());
      one.set_package(left.empty() ? last_resort_[device] : left.front());
      if (!left.empty()) left.pop_front();
    }
  }

  mls::NativeCrypto crypto_;
  mls::Environment environment_{.crypto = &crypto_};
  mls::KeyPair key_ = mls::generate_signature_key_pair(crypto_);
  std::map<std::string, std::vector<pb::Device>> people_;
  std::map<std::string, std::string> owner_;
  std::map<std::string, std::optional<pb::DeviceCertificate>> certificates_;
  std::map<std::string, mls::DeviceKey> keys_;
  std::set<std::string> wiped_;
  std::map<std::string, pb::Device> former_;
  std::map<std::string, std::set<std::string>> members_;
  std::map<std::string, std::vector<pb::StoredEnvelope>> logs_;
  std::map<std::string, Served> groups_;
  std::map<std::string, std::deque<std::string>> packages_;
  std::map<std::string, std::string> last_resort_;
  std::map<std::string, std::vector<pb::ServerFrame>> pushes_;
  std::map<std::tuple<std::string, std::string, int>, std::uint64_t> cursors_;
  std::map<std::string, std::set<std::pair<std::string, std::uint64_t>>> in_flight_;
};

}  // namespace clients::core::testing
