#include "relay/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace relay::net {
namespace {

using boost::asio::posix::stream_descriptor;
using policy::base::fail;
using policy::base::Result;

constexpr int kBacklog = 4096;
constexpr int kAcceptsPerTurn = 64;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<SocketAddress> unix_address(const std::string& path) {
  SocketAddress out;
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  if (path.size() >= sizeof un.sun_path) {
    return fail("address.syntax", "a unix socket path of " + std::to_string(path.size()) + " bytes",
                "at most " + std::to_string(sizeof un.sun_path - 1), "choose a shorter path");
  }
  std::memcpy(un.sun_path, path.c_str(), path.size() + 1);
  std::memcpy(&out.storage, &un, sizeof un);
  out.size = sizeof un;
  return out;
}

Result<SocketAddress> resolve(const Address& address) {
  if (address.unix_socket) return unix_address(address.host);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  if (const int error = getaddrinfo(host.c_str(), std::to_string(address.port).c_str(), &hints, &found); error != 0) {
    return fail("socket.connect", "host '" + policy::base::printable(address.host) + "': " + gai_strerror(error),
                "a name or address that can be resolved");
  }
  SocketAddress out;
  std::memcpy(&out.storage, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  freeaddrinfo(found);
  return out;
}

std::unexpected<policy::base::Error> bind_error(const Address& address, int error) {
  return fail("socket.bind", "cannot listen on " + address.text() + ": " + std::strerror(error), "",
              error == EADDRINUSE ? "another process listens there: stop it or choose another address"
                                  : "check the address and the rights of the process");
}

bool somebody_listens(const SocketAddress& where) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool yes = ::connect(fd, where.get(), where.size) == 0;
  ::close(fd);
  return yes;
}

std::uint16_t bound_port(int fd) {
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  if (getsockname(fd, bound.get(), &bound.size) != 0) return 0;
  if (bound.storage.ss_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &bound.storage, sizeof in6);
    return ntohs(in6.sin6_port);
  }
  sockaddr_in in{};
  std::memcpy(&in, &bound.storage, sizeof in);
  return ntohs(in.sin_port);
}

}  // namespace

std::string Address::text() const {
  if (unix_socket) return "unix:" + host;
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return "tcp:" + shown + ":" + std::to_string(port);
}

Result<Address> parse_address(const std::string& text) {
  const auto bad = [&] {
    return fail("address.syntax", "address '" + policy::base::printable(text) + "'",
                "tcp:HOST:PORT, tcp:[IPV6]:PORT or unix:PATH");
  };
  if (text.starts_with("unix:") && text.size() > 5) return Address{true, text.substr(5), 0};
  const std::size_t colon = text.rfind(':');
  if (!text.starts_with("tcp:") || colon < 5) return bad();
  std::string host = text.substr(4, colon - 4);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
  if (host.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return bad();
  return Address{false, host, port};
}

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Address& address, bool reuse_port) {
  auto where = resolve(address);
  if (!where) return std::unexpected(where.error());
  if (address.unix_socket) {
    if (somebody_listens(*where)) return bind_error(address, EADDRINUSE);
    ::unlink(address.host.c_str());
  }
  const int fd = ::socket(where->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return bind_error(address, errno);
  const int one = 1;
  if (!address.unix_socket) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (reuse_port) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  const mode_t mask = ::umask(0177);
  const bool bound = ::bind(fd, where->get(), where->size) == 0;
  ::umask(mask);
  if (!bound || ::listen(fd, kBacklog) != 0) {
    const int error = errno;
    ::close(fd);
    return bind_error(address, error);
  }
  Address actual = address;
  if (!actual.unix_socket) actual.port = bound_port(fd);
  return std::make_unique<Listener>(loop, fd, actual);
}

Listener::Listener(Loop& loop, int fd, Address bound)
    : loop_(loop), descriptor_(loop.context(), fd), bound_(std::move(bound)) {}

Listener::~Listener() { stop(); }

void Listener::start(std::function<void(int fd)> on_accept) {
  on_accept_ = std::move(on_accept);
  wait();
}

void Listener::stop() {
  if (!*alive_) return;
  *alive_ = false;
  boost::system::error_code ignored;
  descriptor_.close(ignored);
  if (bound_.unix_socket) ::unlink(bound_.host.c_str());
}

void Listener::wait() {
  descriptor_.async_wait(stream_descriptor::wait_read, [this, alive = alive_](const boost::system::error_code& error) {
    if (*alive && !error) accept_waiting();
  });
}

void Listener::accept_waiting() {
  const std::shared_ptr<bool> alive = alive_;
  for (int turn = 0; turn < kAcceptsPerTurn && *alive; ++turn) {
    const int fd = ::accept4(descriptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      const int one = 1;
      if (!bound_.unix_socket) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      on_accept_(fd);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      auto pause = std::make_shared<boost::asio::steady_timer>(loop_.context(), std::chrono::seconds(1));
      pause->async_wait([this, alive, pause](const boost::system::error_code&) {
        if (*alive) wait();
      });
      return;
    }
  }
  if (*alive) wait();
}

Result<int> connect_socket(const Address& address) {
  auto where = resolve(address);
  if (!where) return std::unexpected(where.error());
  const int fd = ::socket(where->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int one = 1;
  if (fd >= 0 && !address.unix_socket) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (fd < 0 || (::connect(fd, where->get(), where->size) != 0 && errno != EINPROGRESS)) {
    const int error = errno;
    if (fd >= 0) ::close(fd);
    return fail("socket.connect", "cannot connect to " + address.text() + ": " + std::strerror(error), "",
                "check that it runs and listens there");
  }
  return fd;
}

}  // namespace relay::net
