#include "tests/support/wiretap/wiretap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>

namespace tests::support {
namespace {

constexpr int kLook_ms = 20;

sockaddr_in local(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool write_all(int fd, const char* data, ssize_t size) {
  while (size > 0) {
    const ssize_t step = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (step <= 0) return false;
    data += step;
    size -= step;
  }
  return true;
}

}  // namespace

Wiretap::Wiretap() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = local(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

Wiretap::~Wiretap() {
  stop_ = true;
  thread_.join();
  for (const auto& pair : pairs_) {
    ::close(pair.client);
    ::close(pair.server);
  }
  ::close(listener_);
}

void Wiretap::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = local(target_);
  if (client < 0 || ::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  pairs_.push_back({client, server});
}

bool Wiretap::forward(int from, int to, bool to_client) {
  std::array<char, 65536> buffer{};
  const ssize_t size = ::read(from, buffer.data(), buffer.size());
  if (size <= 0) return false;
  if (to_client) {
    to_client_ += static_cast<std::uint64_t>(size);
    last_ms_ =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
  } else {
    to_server_ += static_cast<std::uint64_t>(size);
  }
  return write_all(to, buffer.data(), size);
}

void Wiretap::run() {
  while (!stop_) {
    std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
    for (const auto& pair : pairs_) {
      waiting.push_back({pair.client, POLLIN, 0});
      waiting.push_back({pair.server, POLLIN, 0});
    }
    ::poll(waiting.data(), waiting.size(), kLook_ms);
    std::vector<Pair> kept;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const Pair pair = pairs_[i];
      bool alive = true;
      if (waiting[1 + 2 * i].revents != 0) alive = forward(pair.client, pair.server, false);
      if (alive && waiting[2 + 2 * i].revents != 0) alive = forward(pair.server, pair.client, true);
      if (alive) {
        kept.push_back(pair);
      } else {
        ::close(pair.client);
        ::close(pair.server);
      }
    }
    pairs_ = std::move(kept);
    if ((waiting[0].revents & POLLIN) != 0) accept_one();
  }
}

}  // namespace tests::support
