// Two people with a device each and a server between them: what engine tests begin with.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "clients/core/testing/device.h"

namespace clients::core::testing {

class TwoDevices : public ::testing::Test {
 protected:
  // Everybody has been here once, as after a login.
  TwoDevices() {
    connect(anna_);
    connect(bert_);
  }
  // Everything one device and the server have to tell each other, without faults.
  std::vector<Event> talk(Device& device, base::Result<Output> first) {
    std::vector<Event> events;
    EXPECT_TRUE(first) << to_string(first.error());
    std::deque<pb::ClientFrame> up(first->frames.begin(), first->frames.end());
    std::ranges::move(first->events, std::back_inserter(events));
    while (true) {
      std::vector<pb::ServerFrame> down = server_.deliveries(device.id);
      if (up.empty() && down.empty()) return events;
      if (!up.empty()) {
        if (auto answer = server_.handle(device.id, up.front())) down.push_back(*answer);
        up.pop_front();
      }
      for (const auto& frame : down) {
        const auto changed = change(frame);
        if (changed.has_delivery()) delivered_ = changed;
        auto out = device.engine->on_frame(changed);
        EXPECT_TRUE(out) << to_string(out.error());
        up.insert(up.end(), out->frames.begin(), out->frames.end());
        std::ranges::move(out->events, std::back_inserter(events));
      }
    }
  }
  std::vector<Event> connect(Device& device) {
    server_.connect(device.id);
    return talk(device, device.engine->connected());
  }

  // The same, as long as there is something that waits for its time.
  std::vector<Event> talk_for(Device& device, std::int64_t ms) {
    std::vector<Event> events;
    for (std::int64_t passed = 0; passed < ms; passed += 100) {
      clock_.advance_ms(100);
      std::ranges::move(talk(device, device.engine->flush()), std::back_inserter(events));
    }
    return events;
  }

  TemporaryFolder root_;
  ManualClock clock_;
  FakeServer server_{clock_};
  Device anna_{"anna", 1, root_.path(), server_, clock_}, bert_{"bert", 2, root_.path(), server_, clock_};
  std::function<pb::ServerFrame(pb::ServerFrame)> change = [](pb::ServerFrame frame) { return frame; };
  pb::ServerFrame delivered_;
};

}  // namespace clients::core::testing
