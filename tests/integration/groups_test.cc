// MLS groups on the real programs: members speak it with each other through gateway and relay, which see to it that
// only devices of members come in, that everybody changes the same epoch, and that a wiped device goes.
#include <thread>

#include "tests/support/station/peer.h"

namespace {

namespace pb = feierabend::v1;
using policy::base::Result;
using tests::support::TestDevice;

class Groups : public tests::support::ThreePeers {};

TEST_F(Groups, MembersSpeakMlsThroughTheRealPrograms) {
  const auto stock = anna_->device.next([](const pb::ServerFrame& one) { return one.has_stock(); }, 5000);
  ASSERT_TRUE(stock) << "told when the stream opens";
  EXPECT_EQ(stock->stock().wanted(), 20U);
  EXPECT_EQ(anna_->publish(3, false).left(), 3U);
  begin();
  EXPECT_TRUE(anna_->device.open({"bernd", "cora"}).external_senders() == anna_->conversation.external_senders());
  EXPECT_EQ(bernd_->start(), "group.exists");
  EXPECT_EQ(anna_->send("Guten Morgen"), "");
  EXPECT_EQ(bernd_->take(pb::APPLICATION), "Guten Morgen");
  EXPECT_EQ(cora_->take(pb::APPLICATION), "Guten Morgen");

  // Of two who change the same epoch one wins, and a message of an epoch that is over is not taken.
  const auto late = bernd_->send_frame("zu spät");
  ASSERT_EQ(anna_->commit({.path = true}), "");
  EXPECT_EQ(bernd_->commit({.path = true}), "group.epoch");
  EXPECT_EQ(bernd_->device.ask(late).error().code, "group.epoch");
  ASSERT_TRUE(bernd_->take(pb::COMMIT));
  EXPECT_EQ(bernd_->commit({.path = true}), "");
  EXPECT_EQ(bernd_->group->epoch(), 3U);
  for (auto* const peer : {&anna_, &cora_})
    while ((*peer)->group->epoch() < 3) ASSERT_TRUE((*peer)->take(pb::COMMIT));
  EXPECT_EQ(bernd_->send("in der dritten"), "");
  EXPECT_EQ(anna_->take(pb::APPLICATION), "in der dritten");
  EXPECT_EQ(cora_->take(pb::APPLICATION), "in der dritten");

  pb::ClientFrame clear = bernd_->send_frame("x");
  clear.mutable_send()->mutable_envelope()->set_ciphertext("unverschlüsselt");
  EXPECT_EQ(bernd_->device.ask(clear).error().code, "group.refused");
}

TEST_F(Groups, NothingPassesBeforeThereIsAGroup) {
  anna_->conversation = anna_->device.open({"bernd"});
  pb::ClientFrame frame;
  auto& envelope = *frame.mutable_send()->mutable_envelope();
  envelope.set_conversation(anna_->conversation.conversation());
  envelope.set_kind(pb::APPLICATION);
  envelope.set_message_class(pb::ROUTINE);
  envelope.set_client_message_id(anna_->device.new_message_id());
  envelope.set_ciphertext("unverschlüsselt");
  const auto answer = anna_->device.ask(frame);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "group.none");
  // That there is one is known at once, although its absence was looked up before.
  ASSERT_EQ(anna_->start(), "");
  EXPECT_EQ(anna_->send("allein"), "");
}

TEST_F(Groups, KeyPackagesAreHandedOutOnceAndThenTheLastResort) {
  anna_->conversation = anna_->device.open({"bernd"});
  EXPECT_EQ(anna_->fetch(*bernd_).packages_size(), 0);
  const auto stock = bernd_->publish(1, true);
  EXPECT_EQ(stock.left(), 1U);
  EXPECT_TRUE(stock.last_resort());
  const auto first = anna_->fetch(*bernd_), second = anna_->fetch(*bernd_), third = anna_->fetch(*bernd_);
  ASSERT_TRUE(first.packages_size() == 1 && second.packages_size() == 1 && third.packages_size() == 1);
  EXPECT_FALSE(first.packages(0).last_resort());
  EXPECT_TRUE(second.packages(0).last_resort());
  EXPECT_EQ(second.packages(0).package(), third.packages(0).package());
  EXPECT_NE(first.packages(0).package(), second.packages(0).package());
  const auto low = bernd_->device.next(
      [](const pb::ServerFrame& one) { return one.has_stock() && !one.stock().last_resort(); }, 5000);
  ASSERT_TRUE(low) << "and the device is told";
  EXPECT_EQ(low->stock().left(), 0U);
}

TEST_F(Groups, AWipedDeviceIsProposedForRemovalAndNothingIsSaidBeforeItIsGone) {
  begin();
  std::string secret;
  TestDevice root(station_->url(), station_->ca());
  root.log_in("root", secret);
  ASSERT_TRUE(root.api().wipe(root.credentials(), bernd_->device.id(), "stolen"));
  ASSERT_TRUE(anna_->take(pb::PROPOSAL));
  ASSERT_EQ(anna_->group->pending().size(), 1U);
  ASSERT_TRUE(cora_->take(pb::PROPOSAL));

  pb::ClientFrame frame;  // by a client that does not look at what waits
  auto& envelope = *frame.mutable_send()->mutable_envelope();
  envelope.set_conversation(anna_->conversation.conversation());
  envelope.set_kind(pb::APPLICATION);
  envelope.set_message_class(pb::ROUTINE);
  envelope.set_epoch(1);
  envelope.set_client_message_id(anna_->device.new_message_id());
  envelope.set_ciphertext("x");
  EXPECT_EQ(anna_->device.ask(frame).error().code, "group.removal-pending");
  EXPECT_EQ(anna_->commit({.pending = false, .path = true}), "group.removal-pending");
  ASSERT_EQ(cora_->commit({}), "");
  EXPECT_EQ(cora_->group->members().size(), 2U);
  ASSERT_TRUE(anna_->take(pb::COMMIT));
  EXPECT_EQ(anna_->send("ohne Bernds Gerät"), "");
  EXPECT_EQ(cora_->take(pb::APPLICATION), "ohne Bernds Gerät");
}

TEST_F(Groups, AGroupOutlivesTheProgramsAndACommitTheLossOfItsAnswer) {
  begin();
  station_->gateway().kill();
  station_->restart_gateway();
  for (auto* const peer : {&anna_, &bernd_, &cora_}) ASSERT_TRUE((*peer)->device.connect());
  const auto known = anna_->device.open({"bernd", "cora"});
  // A group conversation is made anew by each Open with people, so ask by id.
  pb::ClientFrame question;
  question.mutable_open()->set_conversation(anna_->conversation.conversation());
  const auto opened = anna_->device.ask(question);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->conversation().has_group());
  EXPECT_EQ(opened->conversation().epoch(), 1U);
  EXPECT_EQ(opened->conversation().external_senders(), known.external_senders());

  // The relay is away while a commit is made: refused for now, then settled by the gateway, and the repeat of the same
  // commit gets the first result.
  station_->relay().kill();
  const auto staged = anna_->prepare({.path = true});
  const auto& frame = staged.frame;
  const auto lost = anna_->device.ask(frame);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, "relay.unavailable");
  station_->start_relay();
  Result<pb::ServerFrame> again = policy::base::fail("none", "");
  for (int i = 0; i < 100 && !again; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    again = anna_->device.ask(frame);
  }
  ASSERT_TRUE(again) << policy::base::to_string(again.error());
  EXPECT_GT(again->accepted().sequence(), 0U);
  anna_->group = staged.group;
  // The first commit comes again where its acknowledgement was lost with the gateway.
  while (bernd_->group->epoch() < 2) ASSERT_TRUE(bernd_->take(pb::COMMIT));
  EXPECT_EQ(bernd_->send("weiter"), "");
  EXPECT_EQ(anna_->take(pb::APPLICATION), "weiter");
}

TEST_F(Groups, WhoLostEverythingEntersByHimselfAndNobodyElseDoes) {
  anna_->conversation = bernd_->conversation = anna_->device.open({"bernd"});
  ASSERT_EQ(anna_->start(), "");
  ASSERT_EQ(bernd_->enter(), "");
  ASSERT_TRUE(anna_->take(pb::COMMIT));
  EXPECT_EQ(anna_->group->members().size(), 2U);
  EXPECT_EQ(bernd_->send("bin da"), "");
  EXPECT_EQ(anna_->take(pb::APPLICATION), "bin da");
  cora_->conversation = anna_->conversation;
  EXPECT_EQ(cora_->enter(), "conversation.unknown");
}

}  // namespace
