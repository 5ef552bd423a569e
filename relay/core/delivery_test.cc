#include "relay/core/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace relay::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant kNow{1'800'000'000};
constexpr LinkId kLink{1};
constexpr LinkId kOtherLink{2};
constexpr std::uint32_t kAll = 0x1F;

template <typename IdType>
IdType id(std::uint8_t number) {
  IdType out;
  out.bytes.fill(number);
  return out;
}
const DeviceId kDevice = id<DeviceId>(1);
const MailboxId kMailbox = id<MailboxId>(2);
const ConversationId kConversation = id<ConversationId>(3);

Pending pending(std::uint64_t position, pb::MessageClass message_class = pb::ROUTINE, std::size_t bytes = 10) {
  Pending out;
  out.position = {position};
  out.stored.set_sequence(position);
  auto& envelope = *out.stored.mutable_envelope();
  envelope.set_conversation(kConversation.wire());
  envelope.set_sender_device(std::string(16, 's'));
  envelope.set_message_class(message_class);
  envelope.set_deadline_s(kNow.unix_s + 100);
  envelope.set_ciphertext(std::string(bytes, 'x'));
  return out;
}

Backlog backlog(std::vector<Pending> envelopes, bool complete = true) {
  return {kMailbox, std::move(envelopes), complete, 0};
}

std::vector<std::uint64_t> sequences(const std::vector<Send>& sends) {
  std::vector<std::uint64_t> out;
  for (const Send& one : sends)
    if (const auto* envelope = std::get_if<SendEnvelope>(&one)) out.push_back(envelope->stored.sequence());
  return out;
}

struct DeliveryTest : testing::Test {
  Delivery delivery;

  std::vector<std::uint64_t> commit(const Pending& one) {
    const Accepted accepted{one.position, one.stored.sequence(), kNow, {one.stored.envelope().deadline_s()}, false,
                            {kMailbox}};
    return sequences(delivery.committed(accepted, one.stored, kNow));
  }
  std::vector<std::uint64_t> read(std::vector<Pending> envelopes, bool complete = true) {
    const auto query = delivery.next_query();
    if (!query) return {};
    return sequences(delivery.backlog(*query, backlog(std::move(envelopes), complete), kNow));
  }
  void subscribe(std::uint32_t classes = kAll, LinkId link = kLink) {
    ASSERT_TRUE(delivery.subscribe(link, kDevice, classes));
  }
  void acknowledge(std::uint64_t sequence) { delivery.acknowledged({kDevice, kConversation, 0, sequence}); }
};

TEST_F(DeliveryTest, CatchesUpThenSendsFromMemory) {
  subscribe();
  EXPECT_THAT(commit(pending(1)), IsEmpty());
  EXPECT_THAT(read({pending(1), pending(2)}), ElementsAre(1, 2));
  EXPECT_EQ(delivery.next_query(), std::nullopt);
  EXPECT_THAT(commit(pending(3)), ElementsAre(3));
  EXPECT_THAT(commit(pending(3)), IsEmpty());
}

TEST_F(DeliveryTest, ACommitDuringAReadIsReadAfterIt) {
  subscribe();
  const auto first = delivery.next_query().value();
  EXPECT_THAT(sequences(delivery.backlog(first, backlog({}), kNow)), IsEmpty());
  subscribe(kAll);  // asks again
  const auto second = delivery.next_query().value();
  EXPECT_THAT(commit(pending(1)), IsEmpty());
  delivery.backlog(second, backlog({}), kNow);
  EXPECT_THAT(read({pending(1)}), ElementsAre(1));
}

TEST_F(DeliveryTest, ClosedClassesGetNothing) {
  subscribe(0b1000);
  EXPECT_EQ(delivery.next_query()->classes, 0b1000U);
  subscribe(0);
  EXPECT_EQ(delivery.next_query(), std::nullopt);
  subscribe(0b1000);
  read({});
  EXPECT_THAT(commit(pending(1, pb::ROUTINE)), IsEmpty());
  EXPECT_THAT(commit(pending(2, pb::ALARM)), ElementsAre(2));
}

TEST_F(DeliveryTest, AReadUnderOldClassesIsDropped) {
  subscribe(kAll);
  const auto old = delivery.next_query().value();
  subscribe(0b1000);
  EXPECT_THAT(sequences(delivery.backlog(old, backlog({pending(1)}), kNow)), IsEmpty());
  EXPECT_THAT(read({pending(2, pb::ALARM)}), ElementsAre(2));
}

TEST_F(DeliveryTest, AReopenedClassStartsFromItsCursor) {
  subscribe();
  read({pending(1)});
  subscribe(0b1000);
  delivery.next_query();
  subscribe(kAll);
  const auto query = delivery.next_query().value();
  EXPECT_EQ(query.after[0], Position{});
  EXPECT_EQ(query.count_max, kWindowEnvelopesMax);
}

TEST_F(DeliveryTest, TheWindowBoundsWhatIsUnderWay) {
  subscribe();
  read({});
  for (std::uint64_t i = 1; i <= kWindowEnvelopesMax; ++i) EXPECT_THAT(commit(pending(i)), ElementsAre(i));
  EXPECT_THAT(commit(pending(65)), IsEmpty());
  EXPECT_EQ(delivery.next_query(), std::nullopt);
  acknowledge(31);
  EXPECT_EQ(delivery.next_query(), std::nullopt);  // not worth a read yet
  acknowledge(32);
  const auto query = delivery.next_query().value();
  EXPECT_EQ(query.count_max, 32U);
  EXPECT_EQ(query.after[0], Position{64});
}

TEST_F(DeliveryTest, TheWindowCountsBytes) {
  subscribe();
  read({pending(1, pb::ROUTINE, kWindowBytesMax)});
  EXPECT_THAT(commit(pending(2)), IsEmpty());
  EXPECT_EQ(delivery.next_query(), std::nullopt);
  acknowledge(1);
  EXPECT_THAT(read({pending(2)}), ElementsAre(2));
}

TEST_F(DeliveryTest, WhatExpiresUnacknowledgedFreesTheWindow) {
  subscribe();
  read({pending(1, pb::ROUTINE, kWindowBytesMax)});
  commit(pending(2));
  delivery.tick(kNow + policy::base::Seconds{99});
  EXPECT_EQ(delivery.next_query(), std::nullopt);
  delivery.tick(kNow + policy::base::Seconds{100});
  EXPECT_TRUE(delivery.next_query());
}

TEST_F(DeliveryTest, NothingIsSentAtItsDeadline) {
  subscribe();
  const auto query = delivery.next_query().value();
  EXPECT_THAT(delivery.backlog(query, backlog({pending(1)}), kNow + policy::base::Seconds{100}), IsEmpty());
  const Pending one = pending(2);
  EXPECT_THAT(delivery.committed({one.position, 2, kNow, kNow, false, {kMailbox}}, one.stored, kNow), IsEmpty());
}

TEST_F(DeliveryTest, TheLastLinkWins) {
  subscribe();
  read({pending(1)});
  subscribe(kAll, kOtherLink);
  delivery.unsubscribe(kLink, kDevice);
  const auto query = delivery.next_query().value();
  const auto sends = delivery.backlog(query, backlog({pending(1)}), kNow);
  EXPECT_EQ(std::get<SendEnvelope>(sends.at(0)).link, kOtherLink);
  delivery.drop_link(kOtherLink);
  EXPECT_EQ(delivery.subscriptions(), 0U);
  EXPECT_THAT(commit(pending(2)), IsEmpty());
}

TEST_F(DeliveryTest, AFullLinkIsSentNothingUntilItIsOpen) {
  subscribe();
  read({});
  delivery.set_link_full(kLink, true);
  EXPECT_THAT(commit(pending(1)), IsEmpty());
  EXPECT_EQ(delivery.next_query(), std::nullopt);
  EXPECT_EQ(delivery.next_query(), std::nullopt);
  delivery.set_link_full(kLink, false);
  EXPECT_THAT(read({pending(1)}), ElementsAre(1));
  EXPECT_EQ(delivery.next_query(), std::nullopt);
}

TEST_F(DeliveryTest, AFailedReadIsAskedAgainAndAnUnknownDeviceForgotten) {
  subscribe();
  const auto query = delivery.next_query().value();
  delivery.backlog_failed(query, {"store.unavailable", "", "", "", ""});
  EXPECT_EQ(delivery.next_query(), std::nullopt);
  delivery.tick(kNow);
  const auto again = delivery.next_query().value();
  delivery.backlog_failed(again, {"device.unknown", "", "", "", ""});
  EXPECT_EQ(delivery.subscriptions(), 0U);
}

TEST_F(DeliveryTest, AnotherRelaysWakeUpIsNotMissedBeforeTheFirstAnswer) {
  subscribe();
  const auto query = delivery.next_query().value();
  delivery.wake({kMailbox});
  delivery.backlog(query, backlog({}), kNow);
  EXPECT_THAT(read({pending(1)}), ElementsAre(1));
  delivery.wake({kMailbox});
  EXPECT_THAT(read({pending(2)}), ElementsAre(2));
}

TEST_F(DeliveryTest, ExpiredIsToldOnceWithRoutine) {
  subscribe(0b1000);
  Backlog answer = backlog({});
  answer.expired_unread = 3;
  EXPECT_THAT(delivery.backlog(*delivery.next_query(), answer, kNow), IsEmpty());
  subscribe(kAll);
  const auto sends = delivery.backlog(*delivery.next_query(), answer, kNow);
  ASSERT_EQ(sends.size(), 1U);
  EXPECT_EQ(std::get<TellExpired>(sends[0]).count, 3U);
  subscribe(kAll);
  EXPECT_THAT(delivery.backlog(*delivery.next_query(), answer, kNow), IsEmpty());
}

}  // namespace
}  // namespace relay::core
