#include "clients/core/driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/core/testing/device.h"

namespace clients::core {
namespace {

namespace base = policy::base;

using testing::Device;

// Stands in for the network: a stream is open while `reachable`.
class FakeDialer final : public Dialer {
 public:
  FakeDialer(Device& device, testing::ManualClock& clock) : device_(device), clock_(clock) {}
  base::Result<std::unique_ptr<Link>> dial() override {
    ++attempts;
    if (refusal) return std::unexpected(*refusal);
    if (!reachable) return base::fail("socket.connect", "nobody listens there");
    device_.server.connect(device_.id);
    return std::make_unique<FakeLink>(*this);
  }
  bool reachable = true;
  std::optional<base::Error> refusal;
  int attempts = 0;

 private:
  class FakeLink final : public Link {
   public:
    explicit FakeLink(FakeDialer& dialer) : dialer_(dialer) {}
    base::Status send(const pb::ClientFrame& frame) override {
      if (!dialer_.reachable) return base::fail("stream.lost", "gone");
      if (auto answer = dialer_.device_.server.handle(dialer_.device_.id, frame)) down_.push_back(*answer);
      return {};
    }
    base::Result<std::optional<pb::ServerFrame>> receive(std::int64_t timeout_ms) override {
      if (!dialer_.reachable) return base::fail("stream.lost", "gone");
      for (auto& frame : dialer_.device_.server.deliveries(dialer_.device_.id)) down_.push_back(std::move(frame));
      if (down_.empty()) {
        dialer_.clock_.advance_ms(timeout_ms);
        return std::nullopt;
      }
      auto frame = std::move(down_.front());
      down_.pop_front();
      return frame;
    }

   private:
    FakeDialer& dialer_;
    std::deque<pb::ServerFrame> down_;
  };
  Device& device_;
  testing::ManualClock& clock_;
};

class DriverTest : public ::testing::Test {
 protected:
  DriverTest() { driver_ = make_driver(*anna_.engine, *anna_.store); }
  std::unique_ptr<Driver> make_driver(Engine& engine, store::Store& store, std::function<void()> meanwhile = [] {}) {
    return std::make_unique<Driver>(engine, store, dialer_, clock_, random_, [this, meanwhile](std::int64_t ms) {
      clock_.advance_ms(ms);
      meanwhile();
    });
  }
  static pb::ClientFrame gate() {
    pb::ClientFrame frame;
    frame.mutable_gate();
    return frame;
  }

  base::SystemRandom random_;
  testing::TemporaryFolder root_;
  testing::ManualClock clock_;
  testing::FakeServer server_{clock_};
  Device anna_{"anna", 1, root_.path(), server_, clock_}, bert_{"bert", 2, root_.path(), server_, clock_};
  FakeDialer dialer_{anna_, clock_};
  std::unique_ptr<Driver> driver_;
};

TEST_F(DriverTest, SendsWhatIsInTheOutbox) {
  anna_.write({"bert"}, "x");
  for (int i = 0; i < 5 && server_.accepted_count == 0; ++i) ASSERT_TRUE(driver_->step(10));
  EXPECT_EQ(server_.accepted_count, 1U);
  EXPECT_FALSE(driver_->guest());
}

TEST_F(DriverTest, ConnectsAgainWithPauses) {
  dialer_.reachable = false;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(driver_->step(100));
  EXPECT_GE(dialer_.attempts, 3);
  EXPECT_LE(dialer_.attempts, 7);
  EXPECT_EQ(driver_->trouble()->code, "socket.connect");
  dialer_.reachable = true;
  anna_.write({"bert"}, "x");
  for (int i = 0; i < 200 && server_.accepted_count == 0; ++i) ASSERT_TRUE(driver_->step(100));
  EXPECT_EQ(server_.accepted_count, 1U);
  dialer_.reachable = false;
  ASSERT_TRUE(driver_->step(100));
  EXPECT_FALSE(driver_->connected());
  EXPECT_EQ(driver_->trouble()->code, "stream.lost");
}

TEST_F(DriverTest, ARefusedSessionEndsTheWork) {
  dialer_.refusal = base::Error{"session.expired", "a session that has ended", "", "log in again", ""};
  EXPECT_EQ(driver_->step(10).error().code, "session.expired");
}

TEST_F(DriverTest, AsksAndTimesOut) {
  const auto answer = driver_->ask(gate(), 1000);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_TRUE(answer->has_gate());
  server_.next_problem.emplace();
  server_.next_problem->set_code("person.unknown");
  EXPECT_EQ(driver_->ask(gate(), 1000).error().code, "person.unknown");
  dialer_.reachable = false;
  const auto late = driver_->ask(gate(), 3000);
  EXPECT_EQ(late.error().code, "stream.timeout");
}

TEST_F(DriverTest, AGuestHandsItsWorkToTheHolder) {
  ASSERT_TRUE(driver_->step(0));
  auto second_store = store::Store::open(anna_.folder, Device::kPin, random_);
  ASSERT_TRUE(second_store);
  groups::Keeper second_groups(anna_.id, anna_.key, **second_store, clock_, random_);
  Engine second_engine({"anna", anna_.id}, **second_store, second_groups, clock_, random_);
  const auto guest = make_driver(second_engine, **second_store, [this] { ASSERT_TRUE(driver_->step(0)); });
  const auto answer = guest->ask(gate(), 5000);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_TRUE(answer->has_gate());
  EXPECT_TRUE(guest->guest());
  EXPECT_EQ(dialer_.attempts, 1);

  const auto outgoing = anna_.write({"bert"}, "aus dem zweiten Fenster");
  const auto id = base::ClientMessageId::from_wire(outgoing.client_message_id());
  for (int i = 0; i < 20 && !(*(*second_store)->sent_message(*id)).has_value(); ++i) ASSERT_TRUE(guest->step(100));
  EXPECT_TRUE((*(*second_store)->sent_message(*id)).has_value());

  driver_.reset();
  EXPECT_TRUE(make_driver(second_engine, **second_store)->ask(gate(), 5000)) << "the next one takes over";
}

TEST_F(DriverTest, TheHolderMayDieWhileAGuestWaits) {
  ASSERT_TRUE(driver_->step(0));
  auto second_store = store::Store::open(anna_.folder, Device::kPin, random_);
  groups::Keeper second_groups(anna_.id, anna_.key, **second_store, clock_, random_);
  Engine second_engine({"anna", anna_.id}, **second_store, second_groups, clock_, random_);
  const auto guest = make_driver(second_engine, **second_store, [this] { driver_.reset(); });
  const auto answer = guest->ask(gate(), 5000);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_FALSE(guest->guest());
  EXPECT_TRUE((*second_store)->open_asks()->empty());
}

TEST_F(DriverTest, DeletesAtTheDeadlineAndForgetsOldRefusals) {
  store::record::Message message;
  message.set_conversation(std::string(16, 'x'));
  message.set_sequence(1);
  message.set_deadline_s(clock_.now().unix_s + 10);
  ASSERT_TRUE(anna_.store->add_incoming(message));
  auto outgoing = anna_.write({"bert"}, "x");
  outgoing.mutable_refused()->set_code("rule.x");
  ASSERT_TRUE(anna_.store->update(outgoing));
  ASSERT_TRUE(driver_->step(0));
  EXPECT_EQ(anna_.store->unshown(9)->size(), 1U);
  clock_.advance_ms(10'000);
  ASSERT_TRUE(driver_->step(0));
  EXPECT_EQ(anna_.store->unshown(9)->size(), 0U);
  EXPECT_EQ(anna_.store->outbox()->size(), 1U);
  clock_.advance_ms(86'400'000);
  ASSERT_TRUE(driver_->step(0));
  EXPECT_EQ(anna_.store->outbox()->size(), 0U);
}

}  // namespace
}  // namespace clients::core
