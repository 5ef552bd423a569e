// MLS groups on the real programs: members speak it with each other through gateway and relay, which see to it that
// only devices of members come in, that everybody changes the same epoch, and that a wiped device goes.
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/station/open_pack.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"
#include "tests/support/station/test_member.h"

namespace {

namespace mls = clients::mls;
namespace pb = feierabend::v1;
using policy::base::Result;
using tests::support::bytes_of;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;
using tests::support::TestMember;
using tests::support::wire;

template <typename Message>
Message parsed(const std::string& field) {
  auto message = tests::support::parse_mls<Message>(field);
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
    return mls::Add{parsed<mls::KeyPackage>(fetched.packages_size() == 1 ? fetched.packages(0).package() : "")};
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
      const auto opened = group->open(member_.crypto(), parsed<mls::PrivateMessage>(envelope.ciphertext()));
      return opened ? wire(opened->data) : std::string(mls::sentence(opened.error().reason));
    }
    if (envelope.kind() == pb::WELCOME)
      (void)parsed<mls::Welcome>(envelope.ciphertext());
    else
      (void)parsed<mls::PublicMessage>(envelope.ciphertext());
    if (auto next = member_.take(group ? &*group : nullptr, envelope)) group = std::move(*next);
    return {};
  }

  policy::base::SystemClock clock_;
  TestMember member_{clock_};
};

class Groups : public ::testing::Test {
 protected:
  void SetUp() override {
    tests::support::write_file(packs_ / "pack.toml", tests::support::kOpenPack);
    station_.emplace(
        "groups",
        Station::Options{.people = {{"anna"}, {"bernd"}, {"cora"}, {"root", "Root", "technik", {"messenger-admins"}}},
                         .roster = {},
                         .packs = {packs_ / "pack.toml"}});
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
