#include "gateway/listener/front_door.h"

#include <unistd.h>

#include <algorithm>

namespace gateway::listener {

bool Origins::admits(std::string_view origin) const { return std::ranges::find(allowed, origin) != allowed.end(); }

void FrontDoor::start(std::unique_ptr<relay::net::Listener> listener) {
  listener_ = std::move(listener);
  parts_.loop.every_second([this](policy::base::Instant) { sweep(); });
  listener_->start([this](int fd) {
    if (connections_.size() >= kConnectionsMax) {
      ::close(fd);
      return;
    }
    auto connection = std::make_shared<Connection>(*this, fd);
    connections_.emplace(connection.get(), connection);
    connection->start();
  });
}

void FrontDoor::stop() {
  if (listener_) listener_->stop();
  const auto open = connections_;
  for (const auto& [key, connection] : open) connection->close();
}

void FrontDoor::forget(Connection& connection) { connections_.erase(&connection); }

void FrontDoor::sweep() {
  std::vector<std::shared_ptr<Connection>> overdue;
  const std::uint32_t now_s = second();
  for (const auto& [key, connection] : connections_) {
    if (connection->overdue(now_s)) overdue.push_back(connection);
  }
  for (const auto& connection : overdue) connection->close();
}

}  // namespace gateway::listener
