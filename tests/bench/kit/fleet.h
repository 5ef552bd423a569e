// Real devices of real people, thousands in one process: each logs in over HTTPS with password and one-time code,
// enrols a key, and opens the stream feierabend.v1 with its proof.
//
// The lane outlives it; stop the lane before the fleet goes. Frames come on the lane's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clients/mls/device_key.h"
#include "policy/base/random.h"
#include "relay/wire/codec.h"
#include "tests/bench/kit/lane.h"

namespace tests::bench {

namespace pb = feierabend::v1;

class Fleet {
 public:
  using OnFrame = std::function<void(std::size_t device, const pb::ServerFrame& frame)>;

  Fleet(Lane& lane, std::vector<std::string> people, std::string password);
  ~Fleet();

  std::size_t size() const { return devices_.size(); }
  const std::string& person(std::size_t device) const;
  // After log_in(): what the device's leaf in a group says.
  const policy::base::DeviceId& id(std::size_t device) const;
  const clients::mls::DeviceKey& key(std::size_t device) const;
  // One device a person; blocks.
  policy::base::Status log_in();
  // Opens the streams of devices first … last − 1; blocks until each has heard its gate. Error: fleet.lost if an older
  // stream has gone.
  policy::base::Status connect(std::size_t first, std::size_t last);

  // Before connect().
  void on_frame(OnFrame handler) { on_frame_ = std::move(handler); }
  // Loop thread. The frame carries its request number.
  void send(std::size_t device, const pb::ClientFrame& frame);

 private:
  class Device;
  Lane& lane_;
  policy::base::SystemRandom random_;
  std::string password_;
  std::vector<std::shared_ptr<Device>> devices_;
  OnFrame on_frame_ = [](std::size_t, const pb::ServerFrame&) {};
  std::size_t lost_ = 0;
};

}  // namespace tests::bench
