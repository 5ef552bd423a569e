#include "tests/support/station/raw_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace tests::support {
namespace {

constexpr relay::net::ChannelLimits kLimits{.unsent_max = 64 * 1024 * 1024, .unread_max = 0};

}  // namespace

// Lives on the loop's thread; the test's thread only reads under the mutex.
class RawConnection::End final : public relay::net::ChannelOwner, public std::enable_shared_from_this<End> {
 public:
  void begin(std::shared_ptr<relay::net::Channel> channel) {
    channel_ = std::move(channel);
    channel_->start(*this);
  }
  void send(const std::string& bytes) {
    queued_ += bytes;
    flush();
  }
  void close() {
    if (channel_) channel_->close();
  }
  void on_open() override {
    open_ = true;
    flush();
  }
  std::size_t on_bytes(policy::base::ByteView bytes) override {
    const std::scoped_lock lock(mutex_);
    received_ += policy::base::as_text(bytes);
    changed_.notify_all();
    return bytes.size();
  }
  void on_closed(const policy::base::Error&) override {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  // Received so far, and whether it is closed, once `enough` says so or the time is over.
  std::pair<std::string, bool> wait(const std::function<bool(const std::string&)>& enough, int timeout_ms) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return closed_ || enough(received_); });
    return {received_, closed_};
  }

 private:
  void flush() {
    if (!open_ || queued_.empty()) return;
    channel_->send(policy::base::as_bytes(queued_));
    queued_.clear();
  }

  std::shared_ptr<relay::net::Channel> channel_;
  std::string queued_;
  bool open_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string received_;  // these two are guarded by mutex_
  bool closed_ = false;
};

RawConnection::RawConnection(clients::transport::Network& network) : network_(network), end_(std::make_shared<End>()) {
  // What cannot even connect never opens, and the test's first wait says so.
  (void)network_.dial([end = end_](std::shared_ptr<relay::net::Channel> channel) { end->begin(std::move(channel)); });
}

RawConnection::~RawConnection() {
  network_.post([end = std::move(end_)] { end->close(); });
}

void RawConnection::send(std::string bytes) {
  network_.post([end = end_, bytes = std::move(bytes)] { end->send(bytes); });
}

std::string RawConnection::wait_for(std::string_view marker, int timeout_ms) {
  return end_->wait([&](const std::string& all) { return all.find(marker) != std::string::npos; }, timeout_ms).first;
}

std::string RawConnection::wait_beyond(std::size_t after, int timeout_ms) {
  return end_->wait([&](const std::string& all) { return all.size() > after; }, timeout_ms).first;
}

std::optional<std::string> RawConnection::wait_closed(int timeout_ms) {
  auto [all, closed] = end_->wait([](const std::string&) { return false; }, timeout_ms);
  if (!closed) return std::nullopt;
  return std::move(all);
}

std::optional<int> plain_connection_closed_after(std::uint16_t port, std::string_view bytes, int timeout_ms) {
  const policy::base::SystemClock clock;
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto begin = clock.elapsed_ms();
  std::optional<int> closed_after;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      (bytes.empty() || ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0)) {
    std::array<char, 4096> ignored{};
    while (!closed_after && clock.elapsed_ms() - begin < timeout_ms) {
      pollfd waiting{fd, POLLIN, 0};
      if (::poll(&waiting, 1, 100) > 0 && ::read(fd, ignored.data(), ignored.size()) <= 0)
        closed_after = static_cast<int>(clock.elapsed_ms() - begin);
    }
  }
  ::close(fd);
  return closed_after;
}

}  // namespace tests::support
