// A device that has to leave its groups: proposed by the service, committed by whoever's turn it is, also over the
// death of that client, and also when the service has lost the key with which it proposes.
#include <gmock/gmock.h>

#include "clients/core/testing/two_devices.h"

namespace clients::core {
namespace {

namespace base = policy::base;

using testing::Device;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RemovalEngine : public testing::TwoDevices {
 protected:
  // Three in a group, in step with each other.
  void SetUp() override {
    connect(cem_);
    anna_.write({"bert", "cem"}, "eins");
    connect(anna_);
    for (Device* one : {&bert_, &cem_}) connect(*one);
    ASSERT_THAT(server_.members_of_group(conversation()), ::testing::SizeIs(3));
  }
  std::string conversation() const { return server_.conversations().at(0); }
  bool in_group(const Device& device) const {
    const auto members = server_.members_of_group(conversation());
    return std::ranges::count(members, device.id.wire()) > 0;
  }
  static std::vector<DeviceLeft> left(const std::vector<Event>& events) {
    std::vector<DeviceLeft> out;
    for (const auto& one : events)
      if (const auto* event = std::get_if<DeviceLeft>(&one)) out.push_back(*event);
    return out;
  }
  // The engine's first commit from now on, and the answer: as the caller wants them to get lost.
  pb::ClientFrame until_commit(Device& device) {
    for (int i = 0; i < 200; ++i) {
      clock_.advance_ms(100);
      auto out = device.engine->flush();
      EXPECT_TRUE(out);
      for (const auto& frame : out->frames)
        if (frame.has_commit()) return frame;
    }
    ADD_FAILURE() << "no commit";
    return {};
  }
  void read_each_other(const std::string& text) {
    anna_.write({"bert", "cem"}, text);
    for (int i = 0; i < 5; ++i)
      for (Device* one : {&anna_, &bert_}) talk_for(*one, 1000);
    EXPECT_THAT(bert_.unshown(), ElementsAre("eins", text));
    EXPECT_THAT(*anna_.store->outbox(), IsEmpty());
  }

  Device cem_{"cem", 3, root_.path(), server_, clock_};
};

TEST_F(RemovalEngine, WhoseTurnItIsCommitsWhatTheServiceProposed) {
  const auto epoch = server_.epoch_of(conversation());
  server_.wipe(cem_.id);
  const auto events = talk_for(bert_, 10'000);
  ASSERT_EQ(left(events).size(), 1U);
  EXPECT_TRUE(left(events)[0].by_service);
  EXPECT_EQ(left(events)[0].device, cem_.id);
  EXPECT_FALSE(in_group(cem_));
  EXPECT_EQ(server_.epoch_of(conversation()), epoch + 1);
  read_each_other("zwei");
  EXPECT_EQ(server_.epoch_of(conversation()), epoch + 1) << "once";
}

TEST_F(RemovalEngine, AClientThatDiesBeforeItsCommitIsSentSendsItThen) {
  server_.wipe(cem_.id);
  talk(bert_, bert_.engine->flush());
  until_commit(bert_);
  bert_.restart();
  EXPECT_TRUE(in_group(cem_));
  const auto commits = server_.commit_count;
  connect(bert_);
  EXPECT_FALSE(in_group(cem_));
  EXPECT_EQ(server_.commit_count, commits + 1);
  read_each_other("zwei");
}

TEST_F(RemovalEngine, AClientThatDiesBetweenItsCommitAndTheAnswerGoesOnInTheNewEpoch) {
  server_.wipe(cem_.id);
  talk(bert_, bert_.engine->flush());
  const auto frame = until_commit(bert_);
  ASSERT_TRUE(server_.handle(bert_.id, frame)->has_accepted());
  bert_.restart();
  const auto commits = server_.commit_count;
  connect(bert_);
  EXPECT_EQ(server_.commit_count, commits) << "the same one again, which is answered as the first time";
  EXPECT_FALSE(in_group(cem_));
  read_each_other("zwei");
}

TEST_F(RemovalEngine, AClientThatNeverComesBackStopsNobody) {
  server_.wipe(cem_.id);
  talk(bert_, bert_.engine->flush());
  until_commit(bert_);
  bert_.restart();
  talk_for(anna_, 10'000);
  EXPECT_FALSE(in_group(cem_));
  connect(bert_);  // with its own commit for the same epoch
  read_each_other("zwei");
}

// Somebody is away while a device comes into the group, writes, and goes again.
TEST_F(RemovalEngine, WhoComesBackReadsWhatWasWrittenBesideAndByADeviceThatIsGone) {
  Device tablet("cem", 4, root_.path(), server_, clock_);
  connect(tablet);
  anna_.write({"bert", "cem"}, "mit dem Tablet");
  connect(anna_);
  ASSERT_TRUE(in_group(tablet));
  connect(tablet);
  tablet.write({"anna", "bert"}, "vom Tablet");
  connect(tablet);
  talk_for(anna_, 1000);
  server_.wipe(tablet.id);
  talk_for(anna_, 10'000);
  ASSERT_FALSE(in_group(tablet));
  anna_.write({"bert", "cem"}, "ohne das Tablet");
  talk_for(anna_, 1000);
  connect(bert_);
  talk_for(bert_, 1000);
  EXPECT_THAT(bert_.unshown(), ElementsAre("eins", "mit dem Tablet", "vom Tablet", "ohne das Tablet"));
}

TEST_F(RemovalEngine, WhoIsWelcomedBesideADeviceThatIsGoneReadsFromThere) {
  Device dora("dora", 5, root_.path(), server_, clock_);
  connect(dora);
  anna_.write({"cem", "dora"}, "erstens");
  connect(anna_);
  server_.wipe(cem_.id);
  talk_for(anna_, 10'000);
  anna_.write({"cem", "dora"}, "zweitens");
  talk_for(anna_, 1000);
  connect(dora);
  talk_for(dora, 1000);
  EXPECT_THAT(dora.unshown(), ElementsAre("erstens", "zweitens"));
}

// Order holds within a class only: the sender's keys are asked for before it is known who else has to be.
TEST_F(RemovalEngine, AMessageBetweenCommitAndWelcomeDoesNotUseUpTheQuestionForTheOthers) {
  Device dora("dora", 5, root_.path(), server_, clock_);
  connect(dora);
  anna_.write({"cem", "dora"}, "erstens");
  connect(anna_);
  server_.wipe(cem_.id);
  talk_for(anna_, 10'000);
  server_.connect(dora.id);
  ASSERT_TRUE(dora.engine->connected());
  auto pushed = server_.deliveries(dora.id);
  std::ranges::stable_sort(pushed, {}, [](const pb::ServerFrame& one) {
    const auto& envelope = one.delivery().stored().envelope();
    return envelope.kind() == pb::APPLICATION ? 1 : envelope.epoch() == 0 && envelope.kind() == pb::COMMIT ? 0 : 2;
  });
  std::vector<pb::ClientFrame> up;
  for (const auto& frame : pushed) {
    auto out = dora.engine->on_frame(frame);
    ASSERT_TRUE(out);
    std::ranges::move(out->frames, std::back_inserter(up));
  }
  while (!up.empty()) {
    const auto answer = server_.handle(dora.id, std::exchange(up, {std::next(up.begin()), up.end()}).front());
    if (!answer) continue;
    auto out = dora.engine->on_frame(*answer);
    ASSERT_TRUE(out);
    std::ranges::move(out->frames, std::back_inserter(up));
  }
  talk_for(dora, 1000);
  EXPECT_THAT(dora.unshown(), ElementsAre("erstens"));
}

// The log may have erased it.
TEST_F(RemovalEngine, WhereNothingProvesADeviceThatIsGoneOnlyWhatFollowsIsRead) {
  Device dora("dora", 5, root_.path(), server_, clock_);
  connect(dora);
  anna_.write({"cem", "dora"}, "erstens");
  connect(anna_);
  server_.certificate(cem_.id) = std::nullopt;
  server_.wipe(cem_.id);
  talk_for(anna_, 10'000);
  connect(dora);
  talk_for(dora, kUnprovenPatience_ms + 60'000);
  anna_.write({"cem", "dora"}, "zweitens");
  for (int i = 0; i < 5; ++i)
    for (Device* one : {&anna_, &dora}) talk_for(*one, 1000);
  EXPECT_THAT(dora.unshown(), ElementsAre("group.before-us", "zweitens"));
}

TEST_F(RemovalEngine, WhoeverWritesChangesAGroupOfALostKeyOver) {
  server_.lose_key();
  for (Device* one : {&anna_, &bert_}) connect(*one);
  server_.wipe(cem_.id);
  EXPECT_THAT(left(talk_for(bert_, 10'000)), IsEmpty()) << "the service can propose nothing";
  const auto epoch = server_.epoch_of(conversation());
  read_each_other("zwei");
  EXPECT_FALSE(in_group(cem_));
  EXPECT_EQ(server_.epoch_of(conversation()), epoch + 2) << "changed over, then removed";
  anna_.write({"bert", "cem"}, "drei");
  talk_for(anna_, 1000);
  EXPECT_EQ(server_.epoch_of(conversation()), epoch + 2) << "and nothing more";
}

}  // namespace
}  // namespace clients::core
