// The hub on a store in memory, without sockets.
#include "relay/server/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "policy/base/testing/seed.h"
#include "relay/store/memory/store.h"
#include "relay/store/port/faulty.h"
#include "relay/store/port/samples.h"

namespace relay::server {
namespace {

using namespace store::contract;  // NOLINT(google-build-using-namespace): ids and messages of the contract
using testing::ElementsAre;
using testing::IsEmpty;

class ManualClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return now_; }
  std::int64_t now_ms() const override { return now_.unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return now_.unix_s * 1000; }
  policy::base::Instant now_ = kNow;
};

// Works one call at a time, when the test says so.
class StepLedger final : public Ledger {
 public:
  StepLedger(store::Store& store, const policy::base::Clock& clock) : store_(store), clock_(clock) {}
  bool change(core::Change change, Answer answer) override {
    if (full) return false;
    work_.push_back([this, change = std::move(change), answer = std::move(answer)] {
      auto outcomes = store_.commit({&change, 1}, clock_.now());
      answer(outcomes ? outcomes->at(0) : core::Outcome(std::unexpected(outcomes.error())));
    });
    return true;
  }
  bool read(Reading reading) override {
    if (full) return false;
    work_.push_back([this, reading = std::move(reading)] { reading(store_, clock_.now())(); });
    return true;
  }
  void run() {
    while (!work_.empty()) {
      const auto one = std::move(work_.front());
      work_.pop_front();
      one();
    }
  }
  bool full = false;

 private:
  store::Store& store_;
  const policy::base::Clock& clock_;
  std::deque<std::function<void()>> work_;
};

class Box final : public Outlet {
 public:
  void send(LinkId link, const pb::FromRelay& message) override { all[link].push_back(message); }
  std::map<LinkId, std::vector<pb::FromRelay>> all;

  std::vector<pb::FromRelay> take(LinkId link) { return std::exchange(all[link], {}); }
};

constexpr LinkId kOne{1};
constexpr LinkId kTwo{2};

struct HubTest : testing::Test {
  ManualClock clock;
  SeededRandom random{1};
  store::MemoryStore store{random};
  StepLedger ledger{store, clock};
  bus::InprocBus bus;
  Box box;
  Hub hub{clock, ledger, bus, box, [](LogLevel, std::string_view, const std::string&) {}};

  void SetUp() override {
    hub.link_up(kOne);
    for (const core::Change& change :
         {core::Change(CreateConversation{conversation(1), {mailbox(1), mailbox(2)}}),
          core::Change(RegisterDevice{mailbox(1), device(1)}), core::Change(RegisterDevice{mailbox(2), device(2)})})
      ASSERT_TRUE(store.commit({&change, 1}, kNow).value()[0]);
  }
  void say(const pb::ToRelay& message, LinkId link = kOne) {
    hub.handle(link, message);
    ledger.run();
  }
  void send(const Message& message, LinkId link = kOne) {
    pb::ToRelay out;
    out.set_request(message.number);
    *out.mutable_accept()->mutable_envelope() = accept(message).envelope;
    out.mutable_accept()->set_sender_mailbox(mailbox(message.sender).wire());
    say(out, link);
  }
  void subscribe(std::uint8_t number, std::uint32_t classes = kAllClasses, LinkId link = kOne) {
    pb::ToRelay out;
    out.mutable_subscribe()->set_device(device(number).wire());
    out.mutable_subscribe()->set_classes(classes);
    say(out, link);
  }
  void acknowledge(std::uint8_t number, std::uint64_t sequence, pb::MessageClass message_class = pb::ROUTINE) {
    pb::ToRelay out;
    out.mutable_ack()->set_device(device(number).wire());
    out.mutable_ack()->set_conversation(conversation(1).wire());
    out.mutable_ack()->set_message_class(message_class);
    out.mutable_ack()->set_sequence(sequence);
    say(out);
  }
  std::vector<std::uint64_t> delivered(LinkId link = kOne) {
    std::vector<std::uint64_t> out;
    for (const auto& message : box.take(link))
      if (message.has_delivery()) out.push_back(message.delivery().stored().sequence());
    return out;
  }
};

TEST_F(HubTest, AnAcceptIsAnsweredThenDelivered) {
  subscribe(2);
  send({.number = 5});
  const auto messages = box.take(kOne);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].request(), 5U);
  EXPECT_EQ(messages[0].accepted().sequence(), 1U);
  EXPECT_EQ(messages[1].delivery().device(), device(2).wire());
  EXPECT_EQ(messages[1].delivery().stored().envelope().ciphertext(), "sealed");
  EXPECT_EQ(messages[1].delivery().stored().envelope().deadline_s(), messages[0].accepted().deadline_s());
  send({.number = 5});
  const auto again = box.take(kOne);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_TRUE(again[0].accepted().duplicate());
}

TEST_F(HubTest, AHeldClassWaitsAndComesWhenTheGateOpens) {
  subscribe(2, 0b1000);
  send({.number = 1});
  send({.number = 2, .message_class = pb::ALARM});
  EXPECT_THAT(delivered(), ElementsAre(2));
  subscribe(2);
  EXPECT_THAT(delivered(), ElementsAre(1));
  acknowledge(2, 1);
  hub.link_down(kOne);
  hub.link_up(kOne);
  subscribe(2);
  EXPECT_THAT(delivered(), ElementsAre(2));  // not acknowledged: comes again
}

TEST_F(HubTest, RefusalsAndBusyAreToldWithTheRequest) {
  send({.number = 7, .deadline = kNow});
  EXPECT_EQ(box.take(kOne).at(0).problem().code(), "deadline.too-short");
  ledger.full = true;
  send({.number = 8});
  const auto busy = box.take(kOne);
  EXPECT_EQ(busy.at(0).problem().code(), "relay.busy");
  EXPECT_EQ(busy.at(0).request(), 8U);
}

TEST_F(HubTest, AReceiptGoesToOneLinkUntilAcknowledged) {
  hub.link_up(kTwo);
  send({});
  box.all.clear();
  clock.now_ = kNow + Seconds{6 * 3600};
  hub.tick(clock.now_);
  ledger.run();
  ASSERT_EQ(box.all[kOne].size(), 1U);
  EXPECT_THAT(box.all[kTwo], IsEmpty());
  const std::uint64_t receipt = box.take(kOne)[0].receipt().receipt();
  hub.link_down(kOne);
  EXPECT_EQ(box.take(kTwo).at(0).receipt().receipt(), receipt);
  pb::ToRelay ack;
  ack.mutable_receipt_ack()->set_receipt(receipt);
  say(ack, kTwo);
  hub.link_down(kTwo);
  hub.link_up(kOne);
  hub.tick(clock.now_);
  ledger.run();
  EXPECT_THAT(box.all[kOne], IsEmpty());
  EXPECT_THAT(store.receipts().value(), IsEmpty());
}

TEST_F(HubTest, ExpiredUnreadIsToldWithRoutineUntilAcknowledged) {
  send({});
  clock.now_ = kNow + Seconds{6 * 3600};
  hub.tick(clock.now_);
  ledger.run();
  box.all.clear();
  subscribe(2, 0b1000);
  EXPECT_THAT(box.take(kOne), IsEmpty());
  subscribe(2);
  const auto told = box.take(kOne);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].expired().count(), 1U);
  EXPECT_EQ(told[0].expired().mailbox(), mailbox(2).wire());
  pb::ToRelay ack;
  ack.mutable_expired_ack()->set_mailbox(mailbox(2).wire());
  ack.mutable_expired_ack()->set_count(1);
  say(ack);
  subscribe(2, 0);
  subscribe(2);
  EXPECT_THAT(box.take(kOne), IsEmpty());
}

TEST_F(HubTest, ARemovedDeviceIsSentNothingMore) {
  subscribe(2);
  pb::ToRelay remove;
  remove.set_request(3);
  remove.mutable_remove_device()->set_device(device(2).wire());
  say(remove);
  EXPECT_TRUE(box.take(kOne).at(0).has_done());
  send({});
  EXPECT_THAT(delivered(), IsEmpty());
  subscribe(2);
  EXPECT_THAT(delivered(), IsEmpty());
}

TEST_F(HubTest, TwoRelaysOnOneStoreWakeEachOther) {
  Box other_box;
  Hub other{clock, ledger, bus, other_box, [](LogLevel, std::string_view, const std::string&) {}};
  std::deque<std::function<void()>> posted;
  const auto post = [&](std::function<void()> work) { posted.push_back(std::move(work)); };
  hub.join(post);
  other.join(post);
  other.link_up(kOne);
  pb::ToRelay subscribe_there;
  subscribe_there.mutable_subscribe()->set_device(device(2).wire());
  subscribe_there.mutable_subscribe()->set_classes(kAllClasses);
  other.handle(kOne, subscribe_there);
  ledger.run();
  send({});
  EXPECT_EQ(posted.size(), 1U);
  for (const auto& work : posted) work();
  ledger.run();
  ASSERT_EQ(other_box.all[kOne].size(), 1U);
  EXPECT_EQ(other_box.all[kOne][0].delivery().stored().sequence(), 1U);
}

// Random traffic over a store that fails either way, links that break and gates that open and close, against a plain
// list of what was acknowledged to the senders. Whatever was acknowledged is in the end delivered or expired; nothing
// outside a subscription is sent; a class of a conversation comes in order, but for repeats of what was not
// acknowledged.
class World : public HubTest {
 protected:
  struct Sent {
    std::uint64_t sequence;
    pb::MessageClass message_class;
    Instant deadline;
  };
  using Lane = std::pair<std::uint64_t, int>;  // generation of the subscription, class

  void check_deliveries(std::uint32_t classes, Dice* stop_some = nullptr) {
    for (const auto& message : box.take(kOne)) {
      if (message.has_accepted() && !message.accepted().duplicate()) {
        const std::uint64_t number = message.request();
        acknowledged.push_back(
            {message.accepted().sequence(), classes_sent[number], Instant{message.accepted().deadline_s()}});
      }
      if (!message.has_delivery()) continue;
      const auto& stored = message.delivery().stored();
      const auto message_class = stored.envelope().message_class();
      ASSERT_NE(classes & bit_of(index_of(message_class)), 0U) << "outside its subscription";
      ASSERT_GT(stored.envelope().deadline_s(), clock.now_.unix_s) << "after its deadline";
      if (stop_some && stop_some->below(20) == 0) stopped |= bit_of(index_of(message_class));
      if ((stopped & bit_of(index_of(message_class))) != 0) continue;
      std::uint64_t& last = last_in_order[{generation, message_class}];
      ASSERT_GT(stored.sequence(), last) << "out of order";
      last = stored.sequence();
      received.insert(stored.sequence());
      pending_acks[message_class] = stored.sequence();
    }
  }

  std::vector<Sent> acknowledged;
  std::map<std::uint64_t, pb::MessageClass> classes_sent;
  std::uint32_t stopped = 0;  // classes whose gate closed while envelopes were on their way
  std::map<Lane, std::uint64_t> last_in_order;
  std::map<int, std::uint64_t> pending_acks;
  std::set<std::uint64_t> received;
  std::uint64_t generation = 0;
};

TEST_F(World, WhatIsAcknowledgedIsDeliveredOrExpired) {
  const std::uint64_t seed = policy::base::seed_from_environment("FEIERABEND_HISTORY_SEED");
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice{std::mt19937_64(seed)};
  bool faults = true;
  store::FaultyStore faulty(store, [&] {
    if (!faults || dice.below(6) != 0) return store::Fault::kNone;
    return dice.below(2) == 0 ? store::Fault::kPersisted : store::Fault::kNotPersisted;
  });
  StepLedger shaky(faulty, clock);
  Hub under_test{clock, shaky, bus, box, [](LogLevel, std::string_view, const std::string&) {}};
  under_test.link_up(kOne);
  std::uint32_t classes = 0;
  const auto set_classes = [&](std::uint32_t wanted, bool afresh) {
    ++generation;
    if (afresh) {
      under_test.link_down(kOne);
      under_test.link_up(kOne);
    }
    classes = wanted;
    pb::ToRelay message;
    message.mutable_subscribe()->set_device(device(2).wire());
    message.mutable_subscribe()->set_classes(classes);
    under_test.handle(kOne, message);
  };
  const auto send_one = [&](std::uint64_t number) {
    // A repeat has the class of the first attempt, as a client's outbox would.
    const auto [known, fresh] = classes_sent.try_emplace(number, static_cast<pb::MessageClass>(1 + dice.below(4)));
    pb::ToRelay message;
    message.set_request(number);
    *message.mutable_accept()->mutable_envelope() =
        accept({.message_class = known->second, .deadline = clock.now_ + Seconds{3600 + dice.below(4) * 3600LL}})
            .envelope;
    message.mutable_accept()->mutable_envelope()->set_client_message_id(std::to_string(1'000'000'000'000'000 + number));
    message.mutable_accept()->set_sender_mailbox(mailbox(1).wire());
    under_test.handle(kOne, message);
  };
  const auto acknowledge_one = [&] {
    for (const auto& [message_class, sequence] : std::exchange(pending_acks, {})) {
      pb::ToRelay message;
      message.mutable_ack()->set_device(device(2).wire());
      message.mutable_ack()->set_conversation(conversation(1).wire());
      message.mutable_ack()->set_message_class(static_cast<pb::MessageClass>(message_class));
      message.mutable_ack()->set_sequence(sequence);
      under_test.handle(kOne, message);
    }
  };
  for (int round = 0; round < 2000; ++round) {
    switch (dice.below(8)) {
      case 0:
        if (dice.below(10) == 0) set_classes(dice.below(16), false);
        break;
      case 1:
        if (dice.below(20) == 0) set_classes(dice.below(16), true);
        break;
      case 2: acknowledge_one(); break;
      case 3:
        under_test.link_full(kOne, dice.below(3) == 0);
        if (dice.below(30) == 0) clock.now_ = clock.now_ + Seconds{dice.below(60) * 60LL};
        under_test.tick(clock.now_);
        break;
      default:
        for (int i = 0; i <= dice.below(6); ++i) send_one(1 + dice.engine() % 3000);
    }
    shaky.run();
    ASSERT_NO_FATAL_FAILURE(check_deliveries(classes, &dice)) << "round " << round;
    if (stopped != 0) set_classes(classes & ~std::exchange(stopped, 0), false);
  }
  // The end: no more faults, everything open, everything read.
  faults = false;
  under_test.link_full(kOne, false);
  set_classes(kAllClasses, true);
  for (int i = 0; i < 100; ++i) {
    under_test.tick(clock.now_);
    shaky.run();
    ASSERT_NO_FATAL_FAILURE(check_deliveries(classes));
    acknowledge_one();
  }
  EXPECT_GT(acknowledged.size(), 50U);
  EXPECT_GT(received.size(), 50U);
  for (const Sent& sent : acknowledged)
    EXPECT_TRUE(received.contains(sent.sequence) || sent.deadline <= clock.now_) << sent.sequence;
}

}  // namespace
}  // namespace relay::server
