// One connection before it is a stream: HTTP requests one after the other, each through the strict filter, until it
// upgrades, is idle for too long, or breaks a rule.
//
// Loop thread only. Kept by its front door until it ends; a request in work keeps it alive.
#pragma once

#include <memory>
#include <string>

#include "gateway/console/api.h"
#include "relay/net/channel.h"

namespace gateway::proxy {
class Exchange;
}

namespace gateway::listener {

class FrontDoor;

class Connection final : public relay::net::ChannelOwner, public std::enable_shared_from_this<Connection> {
 public:
  Connection(FrontDoor& door, int fd);
  void start();
  // For the front door's sweep: nothing came for longer than its state allows.
  bool overdue(std::uint32_t now_s) const;
  void close();

 private:
  enum class State : std::uint8_t { kHandshake, kWaiting, kWorking, kEnded };

  void on_open() override;
  std::size_t on_bytes(policy::base::ByteView bytes) override;
  void on_closed(const policy::base::Error& why) override;
  void handle(const relay::net::HttpRequest& request, std::vector<std::string> segments);
  void upgrade(const relay::net::HttpRequest& request, console::ApiRequest api);
  void respond(const relay::net::HttpResponse& response, bool keep);
  void end();

  FrontDoor& door_;
  std::shared_ptr<relay::net::Channel> channel_;
  std::uint32_t since_s_;
  State state_ = State::kHandshake;
};

}  // namespace gateway::listener
