// The contract of store.h as tests. A backend's test file includes this and instantiates it with a factory:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, testing::Values(Factory{…}));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>

#include "policy/base/testing/seed.h"
#include "relay/core/mailboxes.h"
#include "relay/core/rules.h"
#include "relay/store/port/faulty.h"
#include "relay/store/port/samples.h"
#include "relay/store/port/store.h"

namespace relay::store::contract {

// A backend under test. reopen() is what a restart does; a store in memory has nothing to reopen.
class World {
 public:
  virtual ~World() = default;
  virtual Store& store() = 0;
  virtual void reopen() = 0;
};
using Factory = std::function<std::unique_ptr<World>()>;

class StoreContract : public testing::TestWithParam<Factory> {
 protected:
  void SetUp() override {
    world_ = GetParam()();
    apply(CreateConversation{conversation(1), {mailbox(1), mailbox(2)}});
    apply(RegisterDevice{mailbox(1), device(1)});
    apply(RegisterDevice{mailbox(2), device(2)});
  }
  Store& store() { return world_->store(); }
  Outcome apply(const Change& change, Instant now = kNow) {
    auto outcomes = store().commit({&change, 1}, now);
    if (!outcomes) return std::unexpected(outcomes.error());
    return outcomes->at(0);
  }
  std::string code(const Change& change, Instant now = kNow) {
    const auto outcome = apply(change, now);
    return outcome ? "" : outcome.error().code;
  }
  Accepted accepted(const Message& message, Instant now = kNow) {
    return apply(accept(message), now).value().accepted.value();
  }
  Backlog backlog(std::uint8_t of, std::uint32_t classes = kAllClasses, Instant now = kNow) {
    return store().backlog({device(of), classes}, now).value();
  }
  std::vector<std::uint64_t> sequences(std::uint8_t of, std::uint32_t classes = kAllClasses, Instant now = kNow) {
    std::vector<std::uint64_t> out;
    for (const Pending& pending : backlog(of, classes, now).envelopes) out.push_back(pending.stored.sequence());
    return out;
  }
  std::unique_ptr<World> world_;
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(StoreContract, AcceptedIsNumberedRoundedAndReadBackAfterReopening) {
  const Accepted first = accepted({.deadline = kNow + Seconds{5 * 3600 + 1234}});
  EXPECT_EQ(first.sequence, 1U);
  EXPECT_EQ(first.accepted_at, kNow);
  EXPECT_EQ(first.deadline, kNow + Seconds{5 * 3600});
  EXPECT_THAT(first.readers, testing::UnorderedElementsAre(mailbox(1), mailbox(2)));
  EXPECT_EQ(accepted({.number = 2}).sequence, 2U);
  world_->reopen();
  const Backlog found = backlog(2);
  ASSERT_EQ(found.envelopes.size(), 2U);
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.mailbox, mailbox(2));
  EXPECT_EQ(found.envelopes[0].position, first.position);
  EXPECT_EQ(found.envelopes[0].stored.accepted_at_s(), kNow.unix_s);
  auto expected = accept({}).envelope;
  expected.set_deadline_s(first.deadline.unix_s);
  EXPECT_EQ(found.envelopes[0].stored.envelope().SerializeAsString(), expected.SerializeAsString());
}

TEST_P(StoreContract, RepeatsAreAnsweredWithTheFirstResult) {
  const std::vector<Change> twice{accept({}), accept({})};
  const auto outcomes = store().commit(twice, kNow).value();
  EXPECT_FALSE(outcomes[0]->accepted->duplicate);
  EXPECT_TRUE(outcomes[1]->accepted->duplicate);
  world_->reopen();
  const Accepted again = accepted({.conversation_number = 1, .ciphertext = "other"}, kNow + Seconds{60});
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.sequence, 1U);
  EXPECT_EQ(again.accepted_at, kNow);
  EXPECT_EQ(again.position, outcomes[0]->accepted->position);
  EXPECT_THAT(again.readers, IsEmpty());
  EXPECT_THAT(sequences(2), ElementsAre(1));
  // The same id of another device is another message.
  EXPECT_FALSE(accepted({.sender = 2, .sender_device = 2}).duplicate);
}

TEST_P(StoreContract, RefusalsLeaveNoTraceAndDisturbNobody) {
  const std::vector<Change> changes{accept({.conversation_number = 9}),
                                    accept({.number = 2}),
                                    accept({.sender = 3, .number = 3}),
                                    accept({.sender_device = 2, .number = 4}),
                                    accept({.number = 5, .deadline = kNow + Seconds{60}}),
                                    accept({.number = 6, .kind = pb::COMMIT, .epoch = 7}),
                                    accept({.number = 8, .deadline = kNow + Seconds{4000 * 86400}}),
                                    accept({.number = 7})};
  const auto outcomes = store().commit(changes, kNow).value();
  EXPECT_EQ(outcomes[0].error().code, "conversation.unknown");
  EXPECT_EQ(outcomes[1]->accepted->sequence, 1U);
  EXPECT_EQ(outcomes[2].error().code, "conversation.not-member");
  EXPECT_EQ(outcomes[3].error().code, "device.unknown");
  EXPECT_EQ(outcomes[4].error().code, "deadline.too-short");
  EXPECT_EQ(outcomes[5].error().code, "epoch.lost");
  EXPECT_EQ(outcomes[6].error().code, "deadline.too-long");
  EXPECT_EQ(outcomes[7]->accepted->sequence, 2U);
  EXPECT_THAT(sequences(2), ElementsAre(1, 2));
}

TEST_P(StoreContract, CommitsAreCompareAndSwapOnTheEpoch) {
  EXPECT_EQ(code(accept({.kind = pb::COMMIT, .epoch = 0})), "");
  EXPECT_EQ(code(accept({.number = 2, .kind = pb::COMMIT, .epoch = 0})), "epoch.lost");
  world_->reopen();
  EXPECT_EQ(code(accept({.number = 3, .kind = pb::COMMIT, .epoch = 1})), "");
}

TEST_P(StoreContract, NothingOfAnEpochThatIsOverIsAccepted) {
  EXPECT_EQ(code(accept({.kind = pb::COMMIT, .epoch = 0})), "");
  EXPECT_EQ(code(accept({.number = 2, .epoch = 0})), "epoch.lost");
  EXPECT_EQ(code(accept({.number = 3, .kind = pb::PROPOSAL, .epoch = 0})), "epoch.lost");
  EXPECT_EQ(code(accept({.number = 4, .epoch = 2})), "epoch.lost");
  EXPECT_EQ(code(accept({.number = 5, .epoch = 1})), "");
  EXPECT_EQ(accepted({.number = 6, .kind = pb::COMMIT, .epoch = 1}).epoch, 2U);
  EXPECT_EQ(accepted({.kind = pb::COMMIT, .epoch = 0}).epoch, 2U);  // a repeat learns how far it went since
}

TEST_P(StoreContract, WhileARemovalWaitsNoMessageIsAccepted) {
  Accept removal = accept({.number = 2, .kind = pb::PROPOSAL});
  removal.sender = MailboxId{};  // the gateway's own
  removal.envelope.set_sender_device(DeviceId{}.wire());
  removal.removal = true;
  EXPECT_EQ(code(removal), "");
  world_->reopen();
  EXPECT_EQ(code(accept({.number = 3})), "epoch.removal-pending");
  EXPECT_EQ(code(accept({.number = 4, .kind = pb::PROPOSAL})), "");
  EXPECT_EQ(code(accept({.number = 5})), "epoch.removal-pending");
  EXPECT_EQ(code(accept({.number = 6, .kind = pb::COMMIT})), "");
  EXPECT_EQ(code(accept({.number = 7, .epoch = 1})), "");
  EXPECT_THAT(sequences(1), ElementsAre(1));  // the sender's own device is no exception for what the gateway says
}

TEST_P(StoreContract, AWelcomeComesWithItsCommitAndToItsDevicesOnly) {
  apply(RegisterDevice{mailbox(2), device(3)});
  const auto with_welcome = [](std::uint8_t number, std::uint64_t epoch, std::uint8_t welcome_number) {
    Accept out = accept({.number = number, .message_class = pb::HANDSHAKE, .kind = pb::COMMIT, .epoch = epoch});
    out.welcome =
        accept({.number = welcome_number, .message_class = pb::HANDSHAKE, .kind = pb::WELCOME, .epoch = epoch})
            .envelope;
    out.welcome->add_devices(device(3).wire());
    return out;
  };
  const auto first = apply(with_welcome(1, 0, 2));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->accepted->sequence, 1U);
  EXPECT_EQ(first->welcome.value().sequence, 2U);
  world_->reopen();
  EXPECT_THAT(sequences(2), ElementsAre(1));
  EXPECT_THAT(sequences(3), ElementsAre(1, 2));
  const auto again = apply(with_welcome(1, 0, 2));
  EXPECT_TRUE(again->accepted->duplicate);
  EXPECT_FALSE(again->welcome);
  EXPECT_EQ(code(with_welcome(3, 0, 4)), "epoch.lost");
  EXPECT_EQ(code(with_welcome(5, 1, 2)), "message.taken");
  EXPECT_EQ(code(with_welcome(6, 1, 6)), "message.taken");
  EXPECT_THAT(sequences(3), ElementsAre(1, 2));  // a refused commit leaves no welcome
  EXPECT_EQ(accepted({.number = 7, .epoch = 1}).sequence, 3U);
  EXPECT_EQ(store().destroy_due(kNow + Seconds{6 * 3600}).value(), 1U);
  EXPECT_THAT(sequences(3), IsEmpty());
}

TEST_P(StoreContract, CreatingAndRegisteringTwiceChangesNothing) {
  accepted({});
  EXPECT_EQ(code(CreateConversation{conversation(1), {mailbox(1), mailbox(2), mailbox(2)}}), "");
  EXPECT_EQ(code(RegisterDevice{mailbox(2), device(2)}), "");
  EXPECT_THAT(sequences(2), ElementsAre(1));
  EXPECT_EQ(code(RegisterDevice{mailbox(3), device(2)}), "device.taken");
  EXPECT_EQ(code(RemoveDevice{device(99)}), "");
}

TEST_P(StoreContract, MembersAndDevicesAreBounded) {
  CreateConversation many{conversation(2), {}};
  for (std::size_t i = 0; i <= wire::kConversationMembersMax; ++i) {
    MailboxId one = mailbox(7);
    one.bytes[0] = static_cast<std::uint8_t>(i);
    one.bytes[1] = static_cast<std::uint8_t>(i >> 8U);
    many.mailboxes.push_back(one);
  }
  EXPECT_EQ(code(many), "conversation.full");
  EXPECT_EQ(code(accept({.conversation_number = 2})), "conversation.unknown");
  for (std::uint8_t i = 0; i < kDevicesPerMailboxMax; ++i)
    EXPECT_EQ(code(RegisterDevice{mailbox(5), device(static_cast<std::uint8_t>(100 + i))}), "");
  EXPECT_EQ(code(RegisterDevice{mailbox(5), device(200)}), "device.limit");
}

TEST_P(StoreContract, DevicesReadWhatIsAcceptedAfterThemAndNotTheirOwn) {
  accepted({.number = 1});
  apply(RegisterDevice{mailbox(2), device(3)});
  apply(RegisterDevice{mailbox(1), device(4)});
  apply(RegisterDevice{mailbox(5), device(5)});
  accepted({.number = 2});
  apply(CreateConversation{conversation(1), {mailbox(5)}});
  accepted({.number = 3});
  EXPECT_THAT(sequences(1), IsEmpty());
  EXPECT_THAT(sequences(2), ElementsAre(1, 2, 3));
  EXPECT_THAT(sequences(3), ElementsAre(2, 3));
  EXPECT_THAT(sequences(4), ElementsAre(2, 3));  // the sender's other device
  EXPECT_THAT(sequences(5), ElementsAre(3));     // a new member
}

TEST_P(StoreContract, RemovedDevicesReadAndSendNothing) {
  accepted({});
  apply(RemoveDevice{device(2)});
  EXPECT_EQ(store().backlog({device(2), kAllClasses}, kNow).error().code, "device.unknown");
  EXPECT_EQ(code(accept({.sender = 2, .sender_device = 2})), "device.unknown");
  EXPECT_EQ(code(RegisterDevice{mailbox(2), device(2)}), "device.removed");
  EXPECT_EQ(store().backlog({device(77), kAllClasses}, kNow).error().code, "device.unknown");
}

TEST_P(StoreContract, ClassesAndCursorsAreSeparate) {
  accepted({.number = 1, .message_class = pb::ROUTINE});
  accepted({.number = 2, .message_class = pb::ALARM});
  accepted({.number = 3, .message_class = pb::ROUTINE});
  accepted({.number = 4, .message_class = pb::ALARM});
  EXPECT_THAT(sequences(2, 0b1000), ElementsAre(2, 4));
  EXPECT_THAT(sequences(2, 0), IsEmpty());
  apply(Acknowledge{device(2), conversation(1), index_of(pb::ALARM), 4});
  apply(Acknowledge{device(2), conversation(1), index_of(pb::ALARM), 2});  // late: moves nothing back
  world_->reopen();
  EXPECT_THAT(sequences(2), ElementsAre(1, 3));
  apply(Acknowledge{device(2), conversation(1), index_of(pb::ROUTINE), 1});
  EXPECT_THAT(sequences(2), ElementsAre(3));
}

TEST_P(StoreContract, ImpossibleAcknowledgementsAreIgnored) {
  accepted({});
  apply(Acknowledge{device(2), conversation(1), 0, 99});
  apply(Acknowledge{device(2), conversation(9), 0, 1});
  apply(Acknowledge{device(99), conversation(1), 0, 1});
  EXPECT_THAT(sequences(2), ElementsAre(1));
}

TEST_P(StoreContract, BacklogsComeInPortions) {
  apply(CreateConversation{conversation(2), {mailbox(1), mailbox(2)}});
  for (std::uint8_t i = 1; i <= 6; ++i)
    accepted({.conversation_number = static_cast<std::uint8_t>(1 + i % 2),
              .number = i,
              .message_class = i % 3 == 0 ? pb::ALARM : pb::ROUTINE,
              .ciphertext = std::string(100, 'x')});
  BacklogQuery query{device(2), kAllClasses};
  query.count_max = 4;
  const Backlog first = store().backlog(query, kNow).value();
  EXPECT_EQ(first.envelopes.size(), 4U);
  EXPECT_FALSE(first.complete);
  EXPECT_TRUE(std::ranges::is_sorted(first.envelopes, {}, &Pending::position));
  for (const Pending& one : first.envelopes)
    query.after[index_of(one.stored.envelope().message_class())] = one.position;
  const Backlog rest = store().backlog(query, kNow).value();
  EXPECT_EQ(rest.envelopes.size(), 2U);
  EXPECT_TRUE(rest.complete);
  query = {device(2), kAllClasses};
  query.bytes_max = 250;
  EXPECT_EQ(store().backlog(query, kNow)->envelopes.size(), 2U);
  query.bytes_max = 1;
  EXPECT_EQ(store().backlog(query, kNow)->envelopes.size(), 1U);
  query = {device(2), kAllClasses};
  query.count_max = 6;
  EXPECT_TRUE(store().backlog(query, kNow)->complete);
}

TEST_P(StoreContract, StatusTellsTheSenderAndNobodyElse) {
  apply(CreateConversation{conversation(1), {mailbox(3)}});
  apply(RegisterDevice{mailbox(3), device(3)});
  accepted({});
  const auto state = [&](std::uint8_t sender, std::uint64_t sequence, Instant now = kNow) {
    return store().status({conversation(1), sequence, mailbox(sender)}, now);
  };
  EXPECT_EQ(state(1, 1), pb::HELD);
  apply(Acknowledge{device(2), conversation(1), 0, 1});
  EXPECT_EQ(state(1, 1), pb::HELD);
  apply(Acknowledge{device(3), conversation(1), 0, 1});
  EXPECT_EQ(state(1, 1), pb::DELIVERED);
  apply(RemoveDevice{device(3)});
  EXPECT_EQ(state(1, 1), pb::DELIVERED);
  EXPECT_EQ(state(2, 1).error().code, "status.not-sender");
  EXPECT_EQ(state(9, 1).error().code, "conversation.not-member");
  EXPECT_EQ(state(1, 2).error().code, "status.unknown");
  EXPECT_EQ(state(1, 0).error().code, "status.unknown");
  EXPECT_EQ(store().status({conversation(9), 1, mailbox(1)}, kNow).error().code, "conversation.unknown");
  EXPECT_EQ(state(1, 1, kNow + Seconds{5 * 3600}), pb::EXPIRED);
  store().destroy_due(kNow + Seconds{5 * 3600}).value();
  EXPECT_EQ(state(1, 1, kNow + Seconds{5 * 3600}), pb::EXPIRED);
}

TEST_P(StoreContract, NothingIsReadFromItsDeadlineOn) {
  const Accepted one = accepted({});
  EXPECT_THAT(sequences(2, kAllClasses, one.deadline - Seconds{1}), ElementsAre(1));
  EXPECT_THAT(sequences(2, kAllClasses, one.deadline), IsEmpty());
  EXPECT_THAT(store().receipts().value(), IsEmpty());
}

TEST_P(StoreContract, DestructionCountsAndGivesReceiptsUntilForgotten) {
  const Accepted one = accepted({.number = 1});
  accepted({.number = 2});
  accepted({.number = 3, .kind = pb::PROPOSAL});
  accepted({.number = 4, .deadline = kNow + Seconds{9 * 3600}});
  apply(Acknowledge{device(2), conversation(1), 0, 1});
  EXPECT_EQ(store().destroy_due(one.deadline - Seconds{1}).value(), 0U);
  EXPECT_EQ(store().destroy_due(one.deadline).value(), 1U);
  EXPECT_EQ(store().destroy_due(one.deadline).value(), 0U);
  world_->reopen();
  const auto receipts = store().receipts().value();
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(receipts[0].begin_s(), one.deadline.unix_s);
  EXPECT_EQ(receipts[0].end_s(), (one.deadline + kHour).unix_s);
  EXPECT_EQ(receipts[0].messages(), 3U);
  EXPECT_EQ(receipts[0].expired_unread(), 1U);  // 1 was read, 3 is no message for people
  EXPECT_EQ(receipts[0].key_commitment().size(), 32U);
  EXPECT_EQ(receipts[0].destroyed_at_s(), one.deadline.unix_s);
  EXPECT_EQ(backlog(2).expired_unread, 1U);
  EXPECT_EQ(backlog(1).expired_unread, 0U);
  EXPECT_THAT(sequences(2), ElementsAre(4));
  apply(ForgetReceipt{receipts[0].receipt()});
  apply(ForgetReceipt{receipts[0].receipt()});
  apply(ForgetExpired{mailbox(2), 5});
  apply(ForgetExpired{mailbox(2), 5});
  EXPECT_THAT(store().receipts().value(), IsEmpty());
  EXPECT_EQ(backlog(2).expired_unread, 0U);
}

TEST_P(StoreContract, ABucketCanComeAgainAfterTheClockWasSetBack) {
  accepted({});
  store().destroy_due(kNow + Seconds{6 * 3600}).value();
  EXPECT_EQ(accepted({.number = 2}).sequence, 2U);
  EXPECT_THAT(sequences(2), ElementsAre(2));
  EXPECT_EQ(store().destroy_due(kNow + Seconds{6 * 3600}).value(), 1U);
  const auto receipts = store().receipts().value();
  ASSERT_EQ(receipts.size(), 2U);
  EXPECT_NE(receipts[0].receipt(), receipts[1].receipt());
  EXPECT_NE(receipts[0].key_commitment(), receipts[1].key_commitment());
}

// Each durable step once failed before and once after it was done; the caller asks again, and the end is the same.
TEST_P(StoreContract, AskingAgainAfterAFaultEndsTheSame) {
  for (const Fault fault : {Fault::kNotPersisted, Fault::kPersisted}) {
    world_ = nullptr;
    SetUp();
    int calls = 0;
    FaultyStore faulty(store(), [&] { return calls++ % 2 == 0 ? fault : Fault::kNone; });
    const auto retried = [&](auto call) {
      EXPECT_EQ(call().error().code, "store.unavailable");
      return call().value();
    };
    const std::vector<Change> changes{accept({.number = 1}), accept({.number = 2}),
                                      accept({.number = 3, .kind = pb::COMMIT})};
    const auto outcomes = retried([&] { return faulty.commit(changes, kNow); });
    EXPECT_EQ(outcomes[1]->accepted->sequence, 2U);
    EXPECT_EQ(outcomes[2]->accepted->sequence, 3U);
    const std::vector<Change> ack{Acknowledge{device(2), conversation(1), 0, 2}};
    retried([&] { return faulty.commit(ack, kNow); });
    EXPECT_THAT(sequences(2), ElementsAre(3));
    retried([&] { return faulty.destroy_due(kNow + Seconds{6 * 3600}); });
    world_->reopen();
    EXPECT_EQ(store().receipts()->size(), 1U);
    EXPECT_THAT(sequences(2), IsEmpty());
  }
}

inline Change random_change(Dice& dice, Instant now) {
  const auto small = [&] { return static_cast<std::uint8_t>(1 + dice.below(4)); };
  switch (dice.below(12)) {
    case 0: return CreateConversation{conversation(small()), {mailbox(small()), mailbox(small())}};
    case 1: return RegisterDevice{mailbox(small()), device(static_cast<std::uint8_t>(1 + dice.below(8)))};
    case 2:
      if (dice.below(4) == 0) return RemoveDevice{device(static_cast<std::uint8_t>(1 + dice.below(8)))};
      [[fallthrough]];
    case 3:
    case 4:
      return Acknowledge{device(static_cast<std::uint8_t>(1 + dice.below(8))), conversation(small()), dice.below(5),
                         dice.below(12)};
    case 5: return ForgetExpired{mailbox(small()), dice.below(3)};
    default: break;
  }
  const std::uint8_t who = small();
  Accept out = accept({.conversation_number = small(),
                       .sender = who,
                       .sender_device = dice.below(5) == 0 ? small() : who,
                       .number = dice.below(250),
                       .message_class = static_cast<pb::MessageClass>(1 + dice.below(5)),
                       .kind = dice.below(6) != 0   ? pb::APPLICATION
                               : dice.below(3) == 0 ? pb::PROPOSAL
                                                    : pb::COMMIT,
                       .epoch = dice.below(3) == 0 ? dice.below(6) : 0U,
                       .deadline = now + Seconds{dice.below(200) * std::int64_t{1800}}});
  if (out.envelope.kind() == pb::COMMIT && dice.below(2) == 0) {
    out.welcome = out.envelope;
    out.welcome->set_kind(pb::WELCOME);
    out.welcome->set_message_class(pb::HANDSHAKE);
    out.welcome->set_client_message_id(std::string(16, static_cast<char>(dice.below(250))));
    out.welcome->add_devices(device(static_cast<std::uint8_t>(1 + dice.below(8))).wire());
  }
  if (out.envelope.kind() == pb::PROPOSAL) {
    out.removal = dice.below(2) == 0;
    if (dice.below(2) == 0) out.sender = MailboxId{};
  }
  return out;
}

inline std::string shown(const Outcome& outcome) {
  if (!outcome) return outcome.error().code + outcome.error().seen;
  if (!outcome->accepted) return "done";
  const Accepted& a = *outcome->accepted;
  auto readers = a.readers;
  std::ranges::sort(readers);
  std::string out = std::to_string(a.position.value) + "/" + std::to_string(a.sequence) + "/" +
                    std::to_string(a.deadline.unix_s) + "/e" + std::to_string(a.epoch) + (a.duplicate ? "/again" : "") +
                    (outcome->welcome ? "/w" + std::to_string(outcome->welcome->position.value) : "");
  for (const MailboxId& reader : readers) out += "," + reader.text().substr(0, 2);
  return out;
}

inline std::string shown(const policy::base::Result<Backlog>& backlog) {
  if (!backlog) return backlog.error().code;
  std::string out = std::to_string(backlog->expired_unread) + (backlog->complete ? " whole" : " part");
  for (const Pending& one : backlog->envelopes)
    out += " " + std::to_string(one.position.value) + one.stored.SerializeAsString();
  return out;
}

// Random histories against core::Mailboxes, the slow reading of the rules.
TEST_P(StoreContract, RandomHistoriesAgreeWithTheMachineInMemory) {
  const std::uint64_t seed = policy::base::seed_from_environment("FEIERABEND_HISTORY_SEED");
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice{std::mt19937_64(seed)};
  SeededRandom random(seed);
  Mailboxes model(random);
  Instant now = kNow;
  for (const Change& change :
       {Change(CreateConversation{conversation(1), {mailbox(1), mailbox(2)}}),
        Change(RegisterDevice{mailbox(1), device(1)}), Change(RegisterDevice{mailbox(2), device(2)})})
    ASSERT_TRUE(model.apply(change, kNow));
  for (int round = 0; round < 300; ++round) {
    std::vector<Change> changes;
    for (int i = 0; i <= dice.below(6); ++i) changes.push_back(random_change(dice, now));
    const auto outcomes = store().commit(changes, now).value();
    for (std::size_t i = 0; i < changes.size(); ++i)
      ASSERT_EQ(shown(outcomes[i]), shown(model.apply(changes[i], now))) << round;
    BacklogQuery query{device(static_cast<std::uint8_t>(1 + dice.below(8))), dice.below(32)};
    query.count_max = 1 + dice.below(20);
    query.bytes_max = dice.below(100);
    query.after[dice.below(5)] = {dice.below(100)};
    ASSERT_EQ(shown(store().backlog(query, now)), shown(model.backlog(query, now))) << round;
    const StatusQuery status{conversation(static_cast<std::uint8_t>(1 + dice.below(4))), dice.below(30),
                             mailbox(static_cast<std::uint8_t>(1 + dice.below(4)))};
    ASSERT_EQ(store().status(status, now), model.status(status, now)) << round;
    if (dice.below(10) == 0) now = now + Seconds{dice.below(8) * std::int64_t{1800}};
    if (dice.below(8) == 0) {
      ASSERT_EQ(store().destroy_due(now).value(), model.destroy_due(now)) << round;
    }
    if (dice.below(50) == 0) world_->reopen();
  }
  const auto receipts = store().receipts().value();
  const auto expected = model.receipts();
  ASSERT_EQ(receipts.size(), expected.size());
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    EXPECT_EQ(receipts[i].begin_s(), expected[i].begin_s());
    EXPECT_EQ(receipts[i].messages(), expected[i].messages());
    EXPECT_EQ(receipts[i].expired_unread(), expected[i].expired_unread());
  }
}

}  // namespace relay::store::contract
