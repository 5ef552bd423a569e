// Devices that speak MLS (RFC 9420) through the real programs, and three of them in one group: what tests of groups
// begin with.
//
// One thread; aborts where TestDevice does, and fails the test where a step must work.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "tests/support/station/open_pack.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"
#include "tests/support/station/test_member.h"

namespace tests::support {

namespace mls = clients::mls;

template <typename Message>
Message parsed_mls(const std::string& field) {
  auto message = parse_mls<Message>(field);
  EXPECT_TRUE(message);
  return message.value_or(Message());
}

// A device with a group: no store, no repeats, just the protocol.
class Peer {
 public:
  Peer(Station& station, const std::string& person, std::string& secret) : device(station.url(), station.ca()) {
    device.leave_handshakes();
    device.log_in(person, secret);
    EXPECT_TRUE(device.connect());
    member_.enrolled(device.id(), device.credentials().key);
  }

  // ---- key packages
  pb::KeyPackageStock publish(std::size_t count, bool last_resort) {
    pb::ClientFrame frame;
    auto& publish = *frame.mutable_publish();
    for (std::size_t i = 0; i < count; ++i) publish.add_packages(member_.package());
    if (last_resort) publish.set_last_resort(member_.package());
    const auto answer = device.ask(frame);
    EXPECT_TRUE(answer) << policy::base::to_string(answer.error());
    return answer ? answer->stock() : pb::KeyPackageStock();
  }
  pb::KeyPackages fetch(const Peer& of) {
    pb::ClientFrame frame;
    frame.mutable_fetch()->set_conversation(conversation.conversation());
    frame.mutable_fetch()->add_devices(of.device.id().wire());
    const auto answer = device.ask(frame);
    EXPECT_TRUE(answer) << policy::base::to_string(answer.error());
    return answer ? answer->packages() : pb::KeyPackages();
  }
  mls::Proposal add(const Peer& other) {
    const auto fetched = fetch(other);
    EXPECT_EQ(fetched.packages_size(), 1);
    return mls::Add{parsed_mls<mls::KeyPackage>(fetched.packages_size() == 1 ? fetched.packages(0).package() : "")};
  }

  // ---- handshakes: the code of the refusal, or nothing
  std::string start() { return offer(member_.start(conversation)); }
  std::string commit(const mls::CommitPlan& plan) { return offer(member_.commit(*group, plan)); }
  std::string enter() {
    pb::ClientFrame question;
    question.mutable_group()->set_conversation(conversation.conversation());
    const auto state = device.ask(question);
    return state ? offer(member_.enter(state->group())) : state.error().code;
  }
  TestMember::Step prepare(const mls::CommitPlan& plan) { return member_.commit(*group, plan).value(); }

  // ---- messages
  pb::ClientFrame send_frame(const std::string& text) {
    auto encrypted = group->protect(member_.crypto(), bytes_of(text));
    pb::ClientFrame frame;
    auto& envelope = *frame.mutable_send()->mutable_envelope();
    envelope.set_conversation(conversation.conversation());
    envelope.set_kind(pb::APPLICATION);
    envelope.set_message_class(pb::ROUTINE);
    envelope.set_epoch(group->epoch());
    envelope.set_client_message_id(device.new_message_id());
    envelope.set_ciphertext(encrypted ? wire(mls::encode_message(*encrypted)) : "none");
    return frame;
  }
  std::string send(const std::string& text) {
    const auto answer = device.ask(send_frame(text));
    return answer ? "" : answer.error().code;
  }
  // Takes whatever comes until a text does, or a handshake of the kind.
  std::optional<std::string> take(pb::Kind until) {
    for (;;) {
      const auto delivery = device.next_delivery(5000);
      if (!delivery) return std::nullopt;
      device.ack(*delivery);
      const auto& envelope = delivery->stored().envelope();
      const std::string text = take_in(envelope);
      if (envelope.kind() == until) return text;
    }
  }

  TestDevice device;
  pb::Conversation conversation;
  std::optional<mls::Group> group;

 private:
  std::string offer(mls::Result<TestMember::Step> step) {
    if (!step) return std::string(mls::sentence(step.error().reason));
    const auto answer = device.ask(step->frame);
    if (!answer) return answer.error().code;
    group = std::move(step->group);
    return {};
  }
  std::string take_in(const pb::Envelope& envelope) {
    if (envelope.kind() == pb::APPLICATION) {
      const auto opened = group->open(member_.crypto(), parsed_mls<mls::PrivateMessage>(envelope.ciphertext()));
      return opened ? wire(opened->data) : std::string(mls::sentence(opened.error().reason));
    }
    if (envelope.kind() == pb::WELCOME)
      (void)parsed_mls<mls::Welcome>(envelope.ciphertext());
    else
      (void)parsed_mls<mls::PublicMessage>(envelope.ciphertext());
    if (auto next = member_.take(group ? &*group : nullptr, envelope)) group = std::move(*next);
    return {};
  }

  policy::base::SystemClock clock_;
  TestMember member_{clock_};
};

class ThreePeers : public ::testing::Test {
 protected:
  void SetUp() override {
    write_file(packs_ / "pack.toml", kOpenPack);
    station_.emplace(
        "peers",
        Station::Options{.people = {{"anna"}, {"bernd"}, {"cora"}, {"root", "Root", "technik", {"messenger-admins"}}},
                         .roster = {},
                         .packs = {packs_ / "pack.toml"},
                         .gateway_arguments = {"--directory-poll", "1"}});
    station_->start_relay();
    station_->start_gateway();
    for (auto* const peer : {&anna_, &bernd_, &cora_}) {
      const char* const person = peer == &anna_ ? "anna" : peer == &bernd_ ? "bernd" : "cora";
      peer->emplace(*station_, person, secrets_[person]);
    }
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }
  // All three in one group, in epoch 1.
  void begin() {
    anna_->conversation = bernd_->conversation = cora_->conversation = anna_->device.open({"bernd", "cora"});
    bernd_->publish(3, true);
    cora_->publish(3, true);
    ASSERT_EQ(anna_->start(), "");
    ASSERT_EQ(anna_->commit({.proposals = {anna_->add(*bernd_), anna_->add(*cora_)}}), "");
    for (auto* const peer : {&bernd_, &cora_}) {
      ASSERT_TRUE((*peer)->take(pb::WELCOME));
      ASSERT_TRUE((*peer)->group);
      ASSERT_EQ((*peer)->group->epoch(), 1U);
    }
  }

  TemporaryFolder packs_{"pack"};
  std::optional<Station> station_;
  std::map<std::string, std::string> secrets_;
  std::optional<Peer> anna_, bernd_, cora_;
};

}  // namespace tests::support
