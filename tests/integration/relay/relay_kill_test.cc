// Kill -9 at random moments while messages flow: what was acknowledged is there after the restart, and nothing twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <set>

#include "relay_process.h"

namespace tests::integration {
namespace {

namespace pb = relay::client::pb;
using policy::base::ConversationId;
using policy::base::DeviceId;
using policy::base::MailboxId;
using policy::base::Result;

constexpr int kKills = 25;
constexpr std::size_t kUnderWayMax = 32;

// Sends numbered messages without end, repeating what was not acknowledged, and receives them on another device. Loop
// thread only.
class Traffic {
 public:
  Traffic(relay::net::Loop& loop, const relay::net::Address& address)
      : link_(loop, address, nullptr,
              relay::client::Handlers{
                  .on_up = [this] { on_up(); },
                  .on_down = [this](const relay::client::Error&) { ready_ = false; },
                  .on_delivery = [this](const pb::DeviceDelivery& delivery) { on_delivery(delivery); },
                  .on_receipt = [](const pb::BucketReceipt&) {},
                  .on_expired = [](const pb::MailboxExpired&) {}}) {
    link_.start();
  }

  void finish() { finishing_ = true; }
  bool all_done() const {
    return finishing_ && under_way_ == 0 && repeat_.empty() && received.size() >= acknowledged.size();
  }

  std::map<std::string, std::uint64_t> acknowledged;        // message id → sequence, as told to the sender
  std::map<std::uint64_t, std::set<std::string>> received;  // sequence → message ids seen there
  std::size_t duplicates_told = 0;

 private:
  void on_up() {
    const auto prepared = [this](const policy::base::Status& status) {
      if (status && ++prepared_ == 3) begin();
    };
    prepared_ = 0;
    link_.create(conversation_of_two(), prepared);
    link_.register_device(id<MailboxId>(1), id<DeviceId>(1), prepared);
    link_.register_device(id<MailboxId>(2), id<DeviceId>(2), prepared);
  }
  void begin() {
    ready_ = true;
    link_.subscribe(id<DeviceId>(2), 0xF);
    send_more();
  }
  void send_more() {
    while (ready_ && under_way_ < kUnderWayMax) {
      std::string message;
      if (!repeat_.empty()) {
        message = repeat_.front();
        repeat_.pop_front();
      } else if (!finishing_) {
        message = std::to_string(1'000'000'000'000'000 + ++last_);
      } else {
        return;
      }
      ++under_way_;
      link_.accept(accept(message, "content of " + message),
                   [this, message](const Result<pb::AcceptResult>& result) { on_answer(message, result); });
    }
  }
  void on_answer(const std::string& message, const Result<pb::AcceptResult>& result) {
    --under_way_;
    if (result) {
      EXPECT_TRUE(acknowledged.emplace(message, result->sequence()).second) << message;
      if (result->duplicate()) ++duplicates_told;
    } else {
      repeat_.push_back(message);
    }
    send_more();
  }
  void on_delivery(const pb::DeviceDelivery& delivery) {
    const auto& stored = delivery.stored();
    EXPECT_EQ(stored.envelope().ciphertext(), "content of " + stored.envelope().client_message_id());
    received[stored.sequence()].insert(stored.envelope().client_message_id());
    pb::Ack ack;
    ack.set_conversation(stored.envelope().conversation());
    ack.set_message_class(stored.envelope().message_class());
    ack.set_sequence(stored.sequence());
    link_.ack(id<DeviceId>(2), ack);
  }

  relay::client::Link link_;
  std::deque<std::string> repeat_;
  std::uint64_t last_ = 0;
  std::size_t under_way_ = 0;
  int prepared_ = 0;
  bool ready_ = false;
  bool finishing_ = false;
};

TEST(RelayKill, EveryAcknowledgedMessageIsThereOnce) {
  const support::TemporaryFolder folder("relay-kill");
  RelayProcess relay(folder);
  const auto address = relay.start();
  ASSERT_TRUE(address) << relay.log();
  LoopThread thread;
  std::unique_ptr<Traffic> traffic;
  thread.run_on([&] { traffic = std::make_unique<Traffic>(thread.loop(), *address); });
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 dice(seed);
  for (int kill = 0; kill < kKills; ++kill) {
    std::this_thread::sleep_for(std::chrono::microseconds(dice() % 300'000));
    relay.process().kill();
    ASSERT_TRUE(relay.start()) << relay.log();
  }
  thread.run_on([&] { traffic->finish(); });
  EXPECT_TRUE(thread.wait_until([&] { return traffic->all_done(); }));
  thread.run_on([&] {
    EXPECT_GT(traffic->acknowledged.size(), 100U);
    std::set<std::uint64_t> sequences;
    for (const auto& [message, sequence] : traffic->acknowledged) {
      EXPECT_TRUE(sequences.insert(sequence).second) << "two messages at " << sequence;
      EXPECT_THAT(traffic->received[sequence], testing::ElementsAre(message));
    }
    // Nothing lies in the log that no sender knows of: no message was stored a second time.
    EXPECT_EQ(*sequences.rbegin(), sequences.size());
    std::printf("%zu acknowledged over %d kills, %zu answered as repeats\n", sequences.size(), kKills,
                traffic->duplicates_told);
    traffic.reset();
  });
  EXPECT_EQ(relay.process().stop(), 0) << relay.log();
}

}  // namespace
}  // namespace tests::integration
