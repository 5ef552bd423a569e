// Four devices of three people, a network that drops connections, repeats and reorders deliveries, and processes that
// die between any two steps. However it went, in the end every message is with everybody, once, in the order of
// writing; also when a device is wiped meanwhile, the service loses its key in the groups, and slips in a device.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "clients/core/testing/device.h"
#include "policy/base/testing/seed.h"

namespace clients::core {
namespace {

namespace base = policy::base;

using testing::Device;

struct Wire {
  bool up = false;
  std::deque<pb::ClientFrame> to_server;
  std::deque<pb::ServerFrame> to_client;
};

class World {
 public:
  explicit World(unsigned seed) : dice_(seed) {
    devices_.push_back(std::make_unique<Device>("anna", 1, root_.path(), server_, clock_));
    devices_.push_back(std::make_unique<Device>("bert", 2, root_.path(), server_, clock_));
    devices_.push_back(std::make_unique<Device>("bert", 3, root_.path(), server_, clock_));
    devices_.push_back(std::make_unique<Device>("cem", 4, root_.path(), server_, clock_));
    wires_.resize(devices_.size());
  }

  void run(int steps, bool faults) {
    for (int i = 0; i < steps; ++i) {
      if (faults) happen(i);
      const auto at = roll(devices_.size());
      if (is_wiped(at)) continue;
      if (faults && roll(100) < 4) write(at);
      if (faults && roll(100) < 3) cut(at);
      if (faults && roll(100) < 2) crash(at);
      if (!wires_[at].up) {
        connect(at);
      } else {
        move_up(at);
        move_down(at, faults);
      }
      clock_.advance_ms(faults ? 20 : 200);
    }
  }
  void write(std::size_t at) { write(at, kTo[roll(kTo.size())]); }
  // The first of each conversation says something: a group that nobody speaks in changes nothing.
  void speak_everywhere() {
    write(0, kTo[0]);
    write(0, kTo[1]);
    write(1, kTo[2]);
  }
  void write(std::size_t at, std::vector<std::string> to) {
    auto& device = *devices_[at];
    if (std::erase(to, device.person) == 0 || (wiped_at_ && at == kWiped)) return;
    std::string text = device.person + std::to_string(at) + " #" + std::to_string(++written_);
    const auto message_class = static_cast<std::uint32_t>(1 + roll(2));
    device.write(to, text, message_class);
    std::ranges::sort(to);
    all_.push_back({at, text, message_class, to});
  }
  void check() {
    for (auto& device : devices_) EXPECT_TRUE(device->store->outbox()->empty()) << device->person;
    EXPECT_EQ(server_.accepted_count, all_.size()) << "each message accepted once";
    for (std::size_t at = 0; at < devices_.size(); ++at)
      if (!is_wiped(at)) check_device(at);
  }
  std::size_t written() const { return all_.size(); }

  // ---- what happens besides, at any step
  void expect_trouble(int steps) {
    wiped_at_ = static_cast<int>(roll(static_cast<std::size_t>(steps)));
    key_lost_at_ = static_cast<int>(roll(static_cast<std::size_t>(steps)));
    slipped_in_at_ = static_cast<int>(roll(static_cast<std::size_t>(steps)));
  }
  void check_groups() {
    ASSERT_TRUE(slipped_);
    for (const auto& conversation : server_.conversations())
      for (const auto& member : server_.members_of_group(conversation)) {
        EXPECT_NE(member, slipped_->id.wire()) << "slipped in";
        EXPECT_NE(member, devices_[kWiped]->id.wire()) << "wiped";
      }
    EXPECT_TRUE(slipped_->unshown().empty());
  }

 private:
  struct Written {
    std::size_t from;
    std::string text;
    std::uint32_t message_class;
    std::vector<std::string> to;
  };

  static inline const std::vector<std::vector<std::string>> kTo{
      {"anna", "bert"}, {"anna", "bert", "cem"}, {"bert", "cem"}};
  static constexpr std::size_t kWiped = 2;  // one of two of its person

  bool is_wiped(std::size_t at) const { return wiped_ && at == kWiped; }
  void happen(int step) {
    if (wiped_at_ == step) {
      cut(kWiped);
      wiped_ = true;
      server_.wipe(devices_[kWiped]->id);
    }
    if (key_lost_at_ == step) {
      for (std::size_t at = 0; at < devices_.size(); ++at) cut(at);
      server_.lose_key();
    }
    if (slipped_in_at_ == step) {
      slipped_ = std::make_unique<Device>("bert", 9, root_.path(), server_, clock_);
      server_.certificate(slipped_->id) = std::nullopt;
      server_.connect(slipped_->id);
      ASSERT_TRUE(slipped_->engine->connected());
      for (const auto& push : server_.deliveries(slipped_->id)) {
        const auto packages = slipped_->engine->on_frame(push);
        ASSERT_TRUE(packages);
        for (const auto& frame : packages->frames) (void)server_.handle(slipped_->id, frame);
      }
      ASSERT_GT(server_.stock(slipped_->id), 0U);
    }
  }

  std::size_t roll(std::size_t sides) { return std::uniform_int_distribution<std::size_t>(0, sides - 1)(dice_); }

  void connect(std::size_t at) {
    server_.connect(devices_[at]->id);
    wires_[at] = {true, {}, {}};
    take(at, devices_[at]->engine->connected());
  }
  void cut(std::size_t at) {
    if (!wires_[at].up) return;
    wires_[at] = {};
    (void)devices_[at]->engine->disconnected();
  }
  void crash(std::size_t at) {
    wires_[at] = {};
    devices_[at]->restart();
  }
  void take(std::size_t at, base::Result<Output> out) {
    ASSERT_TRUE(out) << to_string(out.error());
    for (auto& frame : out->frames) wires_[at].to_server.push_back(std::move(frame));
  }
  void move_up(std::size_t at) {
    auto& wire = wires_[at];
    if (wire.to_server.empty()) take(at, devices_[at]->engine->flush());
    if (!wire.to_server.empty()) {
      if (auto answer = server_.handle(devices_[at]->id, wire.to_server.front())) wire.to_client.push_back(*answer);
      wire.to_server.pop_front();
    }
    for (auto& frame : server_.deliveries(devices_[at]->id)) wire.to_client.push_back(std::move(frame));
  }
  void move_down(std::size_t at, bool faults) {
    auto& wire = wires_[at];
    if (wire.to_client.empty()) return;
    if (faults && roll(10) == 0) swap_strangers(wire);
    const pb::ServerFrame frame = wire.to_client.front();
    wire.to_client.pop_front();
    if (faults && frame.has_delivery() && roll(8) == 0) wire.to_client.push_back(frame);
    auto out = devices_[at]->engine->on_frame(frame);
    // Dies after the store has changed and before anything was sent.
    if (faults && roll(40) == 0) return crash(at);
    take(at, std::move(out));
  }
  // Order holds within a conversation and class only.
  static void swap_strangers(Wire& wire) {
    if (wire.to_client.size() < 2 || !wire.to_client[0].has_delivery() || !wire.to_client[1].has_delivery()) return;
    const auto& a = wire.to_client[0].delivery().stored().envelope();
    const auto& b = wire.to_client[1].delivery().stored().envelope();
    if (a.conversation() != b.conversation() || a.message_class() != b.message_class())
      std::swap(wire.to_client[0], wire.to_client[1]);
  }
  void check_device(std::size_t at) {
    auto& device = *devices_[at];
    std::map<std::string, int> copies;
    std::map<std::pair<std::string, std::size_t>, std::size_t> last;  // conversation and sender to the place in all_
    const auto conversations = device.store->conversations().value();
    for (const auto& conversation : conversations) {
      const auto id = base::ConversationId::from_wire(conversation.conversation()).value();
      const auto messages = device.store->history(id, 1000).value();
      for (const auto& message : messages) {
        EXPECT_FALSE(message.has_unreadable()) << message.unreadable().code() << ": " << message.unreadable().seen();
        ++copies[message.text()];
        const auto found = std::ranges::find(all_, message.text(), &Written::text);
        ASSERT_NE(found, all_.end());
        const auto place = static_cast<std::size_t>(found - all_.begin());
        auto& before = last[{message.conversation(), found->from}];
        EXPECT_GE(place + 1, before) << "out of order: " << message.text();
        before = place + 1;
      }
    }
    std::vector<std::string> news, expected;
    for (const auto& one : all_) {
      const bool reads = devices_[one.from]->person == device.person || std::ranges::count(one.to, device.person) > 0;
      EXPECT_EQ(copies[one.text], reads ? 1 : 0) << one.text << " on device " << at;
      if (reads && devices_[one.from]->person != device.person) expected.push_back(one.text);
    }
    EXPECT_THAT(device.unshown(), ::testing::UnorderedElementsAreArray(expected)) << "device " << at;
  }

  std::mt19937 dice_;
  testing::TemporaryFolder root_;
  testing::ManualClock clock_;
  testing::FakeServer server_{clock_};
  std::vector<std::unique_ptr<Device>> devices_;
  std::vector<Wire> wires_;
  std::vector<Written> all_;
  int written_ = 0;
  std::optional<int> wiped_at_, key_lost_at_, slipped_in_at_;  // steps
  bool wiped_ = false;
  std::unique_ptr<Device> slipped_;
};

class Simulation : public ::testing::TestWithParam<unsigned> {};

TEST_P(Simulation, EveryMessageOnce) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  World world(GetParam());
  world.run(200, false);  // a device reads from when it has left key packages on
  world.run(800, true);
  world.run(800, false);
  EXPECT_GT(world.written(), 5U);
  world.check();
}

TEST_P(Simulation, EveryMessageOnceInSpiteOfAWipeALostKeyAndADeviceSlippedIn) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  World world(GetParam());
  world.expect_trouble(800);
  world.run(200, false);
  world.run(800, true);
  world.run(800, false);
  world.speak_everywhere();
  world.run(600, false);
  EXPECT_GT(world.written(), 5U);
  world.check();
  world.check_groups();
}

INSTANTIATE_TEST_SUITE_P(
    Seeds, Simulation,
    ::testing::Range(1U, 1U + static_cast<unsigned>(base::from_environment("FEIERABEND_SIMULATIONS", 12))));

}  // namespace
}  // namespace clients::core
