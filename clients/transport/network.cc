#include "clients/transport/network.h"

#include "relay/net/socket.h"
#include "relay/wire/limits.h"

namespace clients::transport {
namespace base = policy::base;

namespace {

constexpr relay::net::ChannelLimits kLimits{
    .unsent_max = 4 * relay::wire::kFrameBytesMax,
    .unread_max = 2 * relay::wire::kFrameBytesMax,
};

}  // namespace

base::Error unreachable(const base::Error& why) {
  return {"socket.connect", "the server cannot be reached: " + why.seen, "",
          "check that this device is online and the server runs; feierabend doctor says more", ""};
}

base::Result<std::unique_ptr<Network>> Network::start(const base::Clock& clock, ServerUrl server,
                                                      const std::string& ca_file) {
  auto tls = relay::net::TlsContext::client({"", "", ca_file});
  if (!tls) return std::unexpected(tls.error());
  return std::unique_ptr<Network>(new Network(clock, std::move(server), std::move(*tls)));
}

Network::Network(const base::Clock& clock, ServerUrl server, std::shared_ptr<relay::net::TlsContext> tls)
    : server_(std::move(server)), tls_(std::move(tls)), loop_(clock) {
  loop_.every_second([this](base::Instant) {
    if (const auto ticking = ticking_.lock()) ticking->on_second();
  });
  thread_ = std::thread([this] { loop_.run(); });
}

Network::~Network() {
  loop_.stop();
  thread_.join();
}

base::Status Network::dial(std::function<void(std::shared_ptr<relay::net::Channel>)> ready) {
  auto fd = relay::net::connect_socket({false, server_.host, server_.port});
  if (!fd) return std::unexpected(fd.error());
  loop_.post([this, fd = *fd, ready = std::move(ready)] {
    ready(relay::net::Channel::dial(loop_, fd, tls_.get(), server_.host, kLimits));
  });
  return {};
}

}  // namespace clients::transport
