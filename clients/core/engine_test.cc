#include "clients/core/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/core/testing/two_devices.h"

namespace clients::core {
namespace {

namespace base = policy::base;

using testing::Device;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EngineTest : public testing::TwoDevices {
 protected:
  static void on_messages(pb::ServerFrame& frame, const std::function<void(pb::Delivery&)>& change) {
    if (frame.delivery().stored().envelope().kind() == pb::APPLICATION) change(*frame.mutable_delivery());
  }
};

TEST_F(EngineTest, AMessageGoesFromOutboxToReader) {
  anna_.write({"bert"}, "Übergabe um sechs");
  const auto sent = connect(anna_);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(std::get<Sent>(sent[0]).message.sequence(), 3U) << "after a commit and its Welcome";
  EXPECT_THAT(*anna_.store->outbox(), IsEmpty());
  const auto received = connect(bert_);
  ASSERT_EQ(received.size(), 1U);
  const auto& message = std::get<Received>(received[0]).message;
  EXPECT_EQ(message.text(), "Übergabe um sechs");
  EXPECT_EQ(message.sender(), "anna");
  EXPECT_FALSE(message.mine());
  EXPECT_TRUE(bert_.engine->idle());
  EXPECT_THAT(connect(bert_), IsEmpty()) << "acknowledged, so it does not come again";
}

TEST_F(EngineTest, WhatTheServiceHasOfThisDeviceIsKnownWhenItHasSaidSo) {
  Device tablet("anna", 3, root_.path(), server_, clock_);
  server_.connect(tablet.id);
  ASSERT_TRUE(tablet.engine->connected());
  EXPECT_TRUE(tablet.engine->idle()) << "nothing to do as far as is known";
  EXPECT_FALSE(tablet.engine->is_stocked());
  const auto asked = server_.deliveries(tablet.id);
  ASSERT_EQ(asked.size(), 1U);
  const auto published = tablet.engine->on_frame(asked[0]);
  ASSERT_EQ(published->frames.size(), 1U);
  EXPECT_FALSE(tablet.engine->is_stocked()) << "on its way";
  ASSERT_TRUE(tablet.engine->on_frame(*server_.handle(tablet.id, published->frames[0])));
  EXPECT_TRUE(tablet.engine->is_stocked());
  ASSERT_TRUE(tablet.engine->connected());
  EXPECT_FALSE(tablet.engine->is_stocked()) << "asked anew";
}

TEST_F(EngineTest, OrderOfWritingIsOrderOfReading) {
  for (const auto* text : {"eins", "zwei", "drei"}) anna_.write({"bert"}, text);
  connect(anna_);
  connect(bert_);
  EXPECT_THAT(bert_.unshown(), ElementsAre("eins", "zwei", "drei"));
}

TEST_F(EngineTest, OwnOtherDevicesReadToo) {
  Device tablet("anna", 3, root_.path(), server_, clock_);
  connect(tablet);
  anna_.write({"bert"}, "auch hier");
  connect(anna_);
  const auto events = connect(tablet);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(std::get<Received>(events[0]).message.mine());
  EXPECT_THAT(tablet.unshown(), IsEmpty()) << "own words are not news";
}

TEST_F(EngineTest, ARepeatedDeliveryIsAcknowledgedAndNotShown) {
  anna_.write({"bert"}, "einmal");
  connect(anna_);
  connect(bert_);
  auto again = server_.deliveries(bert_.id);
  EXPECT_THAT(again, IsEmpty());
  pb::ServerFrame repeat = delivered_;
  ASSERT_TRUE(repeat.has_delivery());
  const auto out = bert_.engine->on_frame(repeat);
  ASSERT_TRUE(out);
  EXPECT_THAT(out->events, IsEmpty());
  ASSERT_EQ(out->frames.size(), 1U);
  EXPECT_TRUE(out->frames[0].has_ack());
}

TEST_F(EngineTest, WhatCannotBeReadIsKeptAsSuch) {
  anna_.write({"bert"}, "x");
  connect(anna_);
  change = [](pb::ServerFrame frame) {
    on_messages(frame,
                [](pb::Delivery& one) { one.mutable_stored()->mutable_envelope()->mutable_ciphertext()->back() ^= 1; });
    return frame;
  };
  connect(bert_);
  EXPECT_THAT(bert_.unshown(), ElementsAre("mls.decrypt"));
  EXPECT_THAT(connect(bert_), IsEmpty());
}

TEST_F(EngineTest, AMessageRaisedToAnAlarmOnTheWayIsNotBelieved) {
  anna_.write({"bert"}, "x", 1);
  connect(anna_);
  change = [](pb::ServerFrame frame) {
    on_messages(frame,
                [](pb::Delivery& one) { one.mutable_stored()->mutable_envelope()->set_message_class(pb::ALARM); });
    return frame;
  };
  connect(bert_);
  EXPECT_THAT(bert_.unshown(), ElementsAre("payload.class"));
}

TEST_F(EngineTest, AMessageUnderAnothersNameIsNotBelieved) {
  Device cem("cem", 5, root_.path(), server_, clock_);
  connect(cem);
  anna_.write({"bert", "cem"}, "x");
  connect(anna_);
  change = [](pb::ServerFrame frame) {
    on_messages(frame, [](pb::Delivery& one) { one.set_sender("cem"); });
    return frame;
  };
  connect(bert_);
  EXPECT_THAT(bert_.unshown(), ElementsAre("cipher.sender-unknown"));
  anna_.write({"bert", "cem"}, "y");
  connect(anna_);
  change = [&cem](pb::ServerFrame frame) {
    on_messages(frame, [&](pb::Delivery& one) {
      one.set_sender("cem");
      one.mutable_stored()->mutable_envelope()->set_sender_device(cem.id.wire());
    });
    return frame;
  };
  connect(bert_);
  EXPECT_THAT(bert_.unshown(), ElementsAre("cipher.sender-unknown", "cipher.sender-unknown"));
}

TEST_F(EngineTest, AMessageIsNotPassedOffAsAnother) {
  anna_.write({"bert"}, "ja");
  connect(anna_);
  change = [](pb::ServerFrame frame) {
    on_messages(frame, [](pb::Delivery& one) {
      one.mutable_stored()->mutable_envelope()->set_client_message_id(std::string(16, 'x'));
    });
    return frame;
  };
  connect(bert_);
  EXPECT_THAT(bert_.unshown(), ElementsAre("cipher.moved"));
}

TEST_F(EngineTest, OtherKeysUnderAKnownDeviceStopTheMessage) {
  anna_.write({"bert"}, "eins");
  connect(anna_);
  base::SystemRandom random;
  const auto evil = mls::DeviceKey::generate(random);
  server_.device("bert").set_identity_key(evil.identity_key().data(), evil.identity_key().size());
  anna_.write({"bert"}, "geheim");
  const auto events = connect(anna_);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<Refused>(events[0]).outgoing.refused().code(), "device.key-changed");
  EXPECT_EQ(server_.accepted_count, 1U);
}

TEST_F(EngineTest, ARefusalStaysInTheOutboxWithItsReason) {
  const auto outgoing = anna_.write({"bert"}, "x");
  server_.next_problem.emplace();
  server_.next_problem->set_code("rule.reason-missing");
  server_.next_problem->set_seen("an urgent message without a reason");
  const auto events = connect(anna_);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<Refused>(events[0]).outgoing.refused().seen(), "an urgent message without a reason");
  EXPECT_THAT(connect(anna_), IsEmpty()) << "and is not tried again";
  const auto id = base::ClientMessageId::from_wire(outgoing.client_message_id());
  EXPECT_TRUE((*anna_.store->outgoing(*id))->has_refused());
}

TEST_F(EngineTest, APassingProblemIsTriedAgainLaterInOrder) {
  anna_.write({"bert"}, "eins");
  anna_.write({"bert"}, "zwei");
  server_.next_problem.emplace();
  server_.next_problem->set_code("relay.unavailable");
  EXPECT_THAT(connect(anna_), IsEmpty());
  EXPECT_THAT(talk(anna_, anna_.engine->flush()), IsEmpty()) << "not before its time, and nothing overtakes it";
  clock_.advance_ms(kRetryAfter_ms);
  EXPECT_EQ(talk(anna_, anna_.engine->flush()).size(), 2U);
  connect(bert_);
  EXPECT_THAT(bert_.unshown(), ElementsAre("eins", "zwei"));
}

TEST_F(EngineTest, DeliveriesBehindAnUnknownSenderWaitInOrder) {
  anna_.write({"bert"}, "eins");
  connect(anna_);
  anna_.write({"bert"}, "zwei");
  connect(anna_);
  const auto pushed = server_.deliveries(bert_.id);
  ASSERT_EQ(pushed.size(), 4U) << "commit, Welcome and two messages";
  const auto commit = bert_.engine->on_frame(pushed[0]);
  ASSERT_EQ(commit->frames.size(), 1U);
  EXPECT_EQ(commit->frames[0].ack().sequence(), 1U) << "of a group that this device is not in";
  const auto welcome = bert_.engine->on_frame(pushed[1]);
  ASSERT_EQ(welcome->frames.size(), 1U);
  EXPECT_TRUE(welcome->frames[0].has_open());
  for (const std::size_t i : {2U, 3U})
    EXPECT_THAT(bert_.engine->on_frame(pushed[i])->frames, IsEmpty()) << "nothing acknowledged, nothing asked twice";
  EXPECT_FALSE(bert_.engine->idle());
  const auto known = bert_.engine->on_frame(*server_.handle(bert_.id, welcome->frames[0]));
  ASSERT_EQ(known->frames.size(), 4U) << "with the proofs of the log";
  EXPECT_EQ(known->frames[3].open().devices(0), bert_.id.wire()) << "whether it proves this device, too";
  for (const std::size_t i : {0U, 1U, 2U}) EXPECT_EQ(known->frames[i].ack().sequence(), i + 2);
}

TEST_F(EngineTest, AnUnknownSenderWhoIsNoMemberIsUnreadable) {
  anna_.write({"bert"}, "x");
  connect(anna_);
  change = [](pb::ServerFrame frame) {
    if (!frame.has_conversation()) return frame;
    frame.mutable_problem()->set_code("conversation.unknown");
    return frame;
  };
  connect(bert_);
  talk_for(bert_, kQueryAfter_ms + 500);
  EXPECT_THAT(bert_.unshown(), ElementsAre("cipher.sender-unknown"));
  EXPECT_TRUE(bert_.engine->idle());
}

TEST_F(EngineTest, WhoEntersAGroupBeforeItsStarterKnowsThatItExistsIsRead) {
  anna_.write({"bert"}, "eins");
  server_.connect(anna_.id);
  const auto opening = anna_.engine->connected();
  const auto opened = anna_.engine->on_frame(*server_.handle(anna_.id, opening->frames.at(0)));
  const auto start = anna_.engine->on_frame(*server_.handle(anna_.id, opened->frames.at(0)));
  ASSERT_TRUE(start->frames.at(0).has_start_group());
  ASSERT_TRUE(server_.handle(anna_.id, start->frames.at(0))->has_done());
  anna_.restart();  // before the answer came
  bert_.write({"anna"}, "zwei");
  connect(bert_);
  ASSERT_EQ(server_.accepted_count, 1U) << "bert has entered by himself";
  connect(anna_);
  talk_for(anna_, 3000);
  EXPECT_THAT(anna_.unshown(), ElementsAre("zwei"));
  talk_for(bert_, 500);
  EXPECT_THAT(bert_.unshown(), ElementsAre("eins"));
  EXPECT_EQ(server_.commit_count, 1U) << "nobody had to enter anew";
}

TEST_F(EngineTest, QuestionsEndWithTheConnection) {
  Output out;
  pb::ClientFrame gate;
  gate.mutable_gate();
  const auto request = anna_.engine->ask(gate, out);
  ASSERT_TRUE(request);
  EXPECT_EQ(out.frames.at(0).request(), *request);
  const auto rest = anna_.engine->disconnected();
  ASSERT_EQ(rest.events.size(), 1U);
  EXPECT_EQ(std::get<Answered>(rest.events[0]).frame.problem().code(), "stream.lost");
  // A late answer of the old connection means nothing.
  EXPECT_THAT(anna_.engine->on_frame(*server_.handle(anna_.id, out.frames[0]))->events, IsEmpty());
}

TEST_F(EngineTest, PushesBecomeEvents) {
  pb::ServerFrame frame;
  frame.mutable_expired()->set_count(3);
  EXPECT_EQ(std::get<Expired>(anna_.engine->on_frame(frame)->events.at(0)).count, 3U);
  frame.mutable_wiped()->set_reason("lost\x1b[2J");
  EXPECT_EQ(std::get<WipeOrdered>(anna_.engine->on_frame(frame)->events.at(0)).reason, base::printable("lost\x1b[2J"));
}

class ContentTest : public EngineTest {
 protected:
  ContentTest() { set_rules("aa"); }
  void set_rules(const std::string& digest) {
    server_.content.Clear();
    server_.content.set_rules_digest(digest);
    server_.content.add_labels("intern");
    auto& stop = *server_.content.add_markers();
    stop.set_id("vs-nfd");
    stop.set_pattern("\\bVS-NfD\\b");
    stop.add_unless("Merkblatt");
    auto& warn = *server_.content.add_markers();
    warn.set_id("aktenzeichen");
    warn.set_pattern("\\bAz\\.");
    warn.set_warns(true);
  }
  // As a gateway begins a connection: with the digest of its rules.
  std::vector<Event> connect_and_hear(Device& device) {
    server_.connect(device.id);
    auto first = device.engine->connected();
    EXPECT_TRUE(device.engine->on_frame(server_.gate_report()));
    return talk(device, std::move(first));
  }
  static const store::record::Outgoing& refused(const std::vector<Event>& events) {
    static const store::record::Outgoing kNone;
    for (const auto& event : events)
      if (const auto* one = std::get_if<Refused>(&event)) return one->outgoing;
    return kNone;
  }
};

TEST_F(ContentTest, RulesAreFetchedBeforeTheFirstTextIsSealed) {
  anna_.write({"bert"}, "Übergabe um sechs");
  connect_and_hear(anna_);
  EXPECT_EQ(server_.content_asked, 1U);
  EXPECT_EQ(server_.accepted_count, 1U);
  ASSERT_TRUE(anna_.store->content_rules().value());
  anna_.restart();
  anna_.write({"bert"}, "noch eine");
  connect_and_hear(anna_);
  EXPECT_EQ(server_.content_asked, 1U) << "kept with the device";
  EXPECT_EQ(server_.accepted_count, 2U);
}

TEST_F(ContentTest, AMarkerStopsTheTextBeforeAnythingOfItIsSent) {
  anna_.write({"bert"}, "Anlage, vs-nfd, bitte nicht weitergeben");
  const auto events = connect_and_hear(anna_);
  EXPECT_EQ(refused(events).refused().code(), "content.stopped");
  EXPECT_THAT(refused(events).markers(), ElementsAre("vs-nfd"));
  EXPECT_EQ(server_.accepted_count, 0U);
  anna_.write({"bert"}, "Merkblatt VS-NfD liegt aus");
  connect_and_hear(anna_);
  EXPECT_EQ(server_.accepted_count, 1U) << "unless";
}

TEST_F(ContentTest, AWarningIsThePersonsToAnswer) {
  auto outgoing = anna_.write({"bert"}, "siehe Az. 17 Js 4/26");
  EXPECT_EQ(refused(connect_and_hear(anna_)).refused().code(), "content.warned");
  const auto id = base::ClientMessageId::from_wire(outgoing.client_message_id()).value();
  ASSERT_TRUE(anna_.store->remove_outgoing(id));
  outgoing.set_confirmed(true);
  ASSERT_TRUE(anna_.store->enqueue(outgoing));
  connect_and_hear(anna_);
  EXPECT_EQ(server_.accepted_count, 1U);
}

TEST_F(ContentTest, ConfirmingAWarningDoesNotPassAStop) {
  auto outgoing = anna_.write({"bert"}, "VS-NfD, Az. 17");
  outgoing.set_confirmed(true);
  ASSERT_TRUE(anna_.store->update(outgoing));
  EXPECT_EQ(refused(connect_and_hear(anna_)).refused().code(), "content.stopped");
}

TEST_F(ContentTest, NewRulesAreFetchedAgain) {
  anna_.write({"bert"}, "das Codewort ist Amsel");
  connect_and_hear(anna_);
  EXPECT_EQ(server_.accepted_count, 1U);
  set_rules("bb");
  server_.content.mutable_markers(0)->set_pattern("Amsel");
  ASSERT_TRUE(anna_.engine->on_frame(server_.gate_report())) << "pushed while connected";
  anna_.write({"bert"}, "das Codewort ist Amsel");
  EXPECT_EQ(refused(talk(anna_, anna_.engine->flush())).refused().code(), "content.stopped");
  EXPECT_EQ(server_.content_asked, 2U);
}

TEST_F(ContentTest, WithoutTheRulesNothingIsSent) {
  change = [](pb::ServerFrame frame) {
    if (!frame.has_content()) return frame;
    frame.mutable_problem()->set_code("content.too-large");
    return frame;
  };
  anna_.write({"bert"}, "x");
  EXPECT_EQ(refused(connect_and_hear(anna_)).refused().code(), "content.too-large");
  change = [](pb::ServerFrame frame) {
    if (frame.has_content()) frame.mutable_content()->mutable_markers(0)->set_pattern("(");
    return frame;
  };
  anna_.write({"bert"}, "x");
  EXPECT_EQ(refused(connect_and_hear(anna_)).refused().code(), "content.unknown");
  EXPECT_EQ(server_.accepted_count, 0U);
}

TEST_F(ContentTest, RulesThatCannotBeHadNowAreAskedForAgain) {
  change = [](pb::ServerFrame frame) {
    if (frame.has_content()) frame.mutable_problem()->set_code("relay.unavailable");
    return frame;
  };
  anna_.write({"bert"}, "x");
  EXPECT_THAT(connect_and_hear(anna_), IsEmpty());
  change = [](pb::ServerFrame frame) { return frame; };
  EXPECT_THAT(talk(anna_, anna_.engine->flush()), IsEmpty()) << "not before its time";
  clock_.advance_ms(kRetryAfter_ms);
  talk(anna_, anna_.engine->flush());
  EXPECT_EQ(server_.accepted_count, 1U);
}

TEST_F(ContentTest, ALabelThatTheRulesDoNotKnowStays) {
  auto outgoing = anna_.write({"bert"}, "x");
  outgoing.set_label("geheim");
  ASSERT_TRUE(anna_.store->update(outgoing));
  EXPECT_EQ(refused(connect_and_hear(anna_)).refused().code(), "label.not-allowed");
  outgoing = anna_.write({"bert"}, "x");
  outgoing.set_label("intern");
  ASSERT_TRUE(anna_.store->update(outgoing));
  connect_and_hear(anna_);
  EXPECT_EQ(server_.accepted_count, 1U);
  EXPECT_EQ(server_.deliveries(bert_.id).back().delivery().stored().envelope().label(), "intern");
}

}  // namespace
}  // namespace clients::core
