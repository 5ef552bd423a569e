#include "audit/witness/http/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "audit/witness/add_checkpoint.h"

namespace audit::witness::http {

using policy::base::fail;
using policy::base::printable;

namespace {

constexpr std::string_view kCheckpoint = "/checkpoint";
constexpr int kQueue = 16;
constexpr int kLookForLate_ms = 1000;

std::unexpected<policy::base::Error> bind_error(const ListenAddress& address, int number = errno) {
  return fail("socket.bind", std::strerror(number), "an address that is free",
              "stop what listens there, or take another", address.text());
}

// Big enough for both families and unix paths.
struct SocketAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
};

SocketAddress socket_address(const ListenAddress& address) {
  SocketAddress out;
  if (address.unix_socket) {
    auto* const unix_address = reinterpret_cast<sockaddr_un*>(&out.bytes);
    unix_address->sun_family = AF_UNIX;
    std::ranges::copy(address.host, unix_address->sun_path);  // its length was checked
    out.size = sizeof(sockaddr_un);
  } else if (address.ipv6) {
    auto* const ipv6 = reinterpret_cast<sockaddr_in6*>(&out.bytes);
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(address.port);
    ipv6->sin6_addr = in6addr_loopback;
    out.size = sizeof(sockaddr_in6);
  } else {
    auto* const ipv4 = reinterpret_cast<sockaddr_in*>(&out.bytes);
    ipv4->sin_family = AF_INET;
    ipv4->sin_port = htons(address.port);
    ::inet_pton(AF_INET, address.host.c_str(), &ipv4->sin_addr);
    out.size = sizeof(sockaddr_in);
  }
  return out;
}

std::uint16_t bound_port(int descriptor) {
  SocketAddress address;
  address.size = sizeof(address.bytes);
  if (::getsockname(descriptor, address.get(), &address.size) != 0) return 0;
  // The port stands at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address.bytes)->sin_port);
}

// A socket file that nobody answers at is left over from a run that was killed.
void remove_stale(const ListenAddress& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return;
  SocketAddress where = socket_address(address);
  struct stat info{};
  if (::connect(probe, where.get(), where.size) != 0 && errno == ECONNREFUSED &&
      ::lstat(address.host.c_str(), &info) == 0 && S_ISSOCK(info.st_mode))
    ::unlink(address.host.c_str());
  ::close(probe);
}

int open_listener(const ListenAddress& address) {
  if (address.unix_socket) remove_stale(address);
  const int family = address.unix_socket ? AF_UNIX : address.ipv6 ? AF_INET6 : AF_INET;
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -1;
  const int on = 1;
  if (!address.unix_socket) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  SocketAddress where = socket_address(address);
  // Nobody can connect before listen(), so the file's mode is right in time.
  const bool good = ::bind(descriptor, where.get(), where.size) == 0 &&
                    (!address.unix_socket || ::chmod(address.host.c_str(), 0600) == 0) &&
                    ::listen(descriptor, kQueue) == 0;
  if (good) return descriptor;
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  return -1;
}

bool is_loopback(const std::string& host) {
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

}  // namespace

std::string ListenAddress::text() const {
  if (unix_socket) return "unix:" + host;
  return "tcp:" + (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  const auto syntax = [&] {
    return fail("address.syntax", "'" + printable(text) + "'", "tcp:127.0.0.1:PORT, tcp:[::1]:PORT or unix:PATH");
  };
  if (text.starts_with("unix:")) {
    const std::string_view path = text.substr(5);
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path) || path.contains('\0')) return syntax();
    return ListenAddress{true, false, std::string(path), 0};
  }
  const std::size_t colon = text.rfind(':');
  if (!text.starts_with("tcp:") || colon < 4) return syntax();
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return syntax();
  const std::string host(text.substr(4, colon - 4));
  if (host == "[::1]") return ListenAddress{false, true, "::1", port};
  if (host == "localhost") return ListenAddress{false, false, "127.0.0.1", port};
  if (is_loopback(host)) return ListenAddress{false, false, host, port};
  return fail("listen.public", "'" + printable(host) + "'", "a loopback address, or unix:PATH",
              "put a TLS proxy or an ssh tunnel in front of the witness");
}

Response respond(Witness& witness, const Request& request) {
  const auto as_response = [](Answer answer) {
    return Response{answer.status, std::move(answer.content_type), std::move(answer.body)};
  };
  if (request.target == "/add-checkpoint") {
    if (request.method != "POST") return {405, {}, "POST only\n"};
    return as_response(witness.add_checkpoint(request.body));
  }
  const std::string_view target = request.target;
  constexpr std::size_t kHexSize = 64;
  if (target.size() == 1 + kHexSize + kCheckpoint.size() && target.ends_with(kCheckpoint)) {
    if (request.method != "GET") return {405, {}, "GET only\n"};
    return as_response(witness.latest(target.substr(1, kHexSize)));
  }
  return {404, {}, "POST /add-checkpoint or GET /<hex sha256(origin)>/checkpoint\n"};
}

Server::Server(int listener, int wake_read, int wake_write, ListenAddress bound, Witness& witness,
               const policy::base::Clock& clock)
    : listener_(listener),
      wake_read_(wake_read),
      wake_write_(wake_write),
      bound_(std::move(bound)),
      witness_(witness),
      clock_(clock) {}

Server::~Server() {
  for (const Connection& connection : connections_) ::close(connection.descriptor);
  if (bound_.unix_socket) ::unlink(bound_.host.c_str());
  for (const int descriptor : {listener_, wake_read_, wake_write_}) ::close(descriptor);
}

Result<std::unique_ptr<Server>> Server::open(const ListenAddress& address, Witness& witness,
                                             const policy::base::Clock& clock) {
  const int listener = open_listener(address);
  if (listener < 0) return bind_error(address);
  int wake[2];
  if (::pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) {
    const int reason = errno;
    ::close(listener);
    return bind_error(address, reason);
  }
  ListenAddress bound = address;
  if (!bound.unix_socket) bound.port = bound_port(listener);
  return std::unique_ptr<Server>(new Server(listener, wake[0], wake[1], std::move(bound), witness, clock));
}

void Server::stop() {
  const char byte = 0;
  // A full pipe wakes as well.
  [[maybe_unused]] const ssize_t written = ::write(wake_write_, &byte, 1);
}

void Server::accept_waiting() {
  while (connections_.size() < kConnectionsMax) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0) return;
    connections_.push_back({descriptor, clock_.elapsed_ms(), {}, {}, false});
  }
}

bool Server::read_some(Connection& connection) {
  std::array<char, 16 * 1024> buffer;
  const ssize_t count = ::read(connection.descriptor, buffer.data(), buffer.size());
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  connection.in.append(buffer.data(), static_cast<std::size_t>(count));
  answer(connection);
  return write_some(connection);
}

// As long as the answer before has not left, the next request waits; what waits is bounded by a head, a body and a
// read.
void Server::answer(Connection& connection) {
  while (connection.out.empty() && !connection.closing) {
    const auto parsed = parse_request(connection.in, kRequestSizeMax);
    if (!parsed) {
      connection.out = format_response({status_of(parsed.error()), {}, to_string(parsed.error()) + "\n"}, false);
      connection.closing = true;
    } else if (*parsed) {
      const Request& request = (*parsed)->request;
      connection.out = format_response(respond(witness_, request), request.keep_alive);
      connection.closing = !request.keep_alive;
      connection.in.erase(0, (*parsed)->consumed);
      connection.since_ms = clock_.elapsed_ms();
    } else {
      return;
    }
  }
}

bool Server::write_some(Connection& connection) {
  while (!connection.out.empty()) {
    const ssize_t count = ::send(connection.descriptor, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    connection.out.erase(0, static_cast<std::size_t>(count));
    if (connection.out.empty()) answer(connection);
  }
  return !connection.closing;
}

void Server::drop_late() {
  const std::int64_t now = clock_.elapsed_ms();
  std::erase_if(connections_, [&](const Connection& connection) {
    const bool late = now - connection.since_ms > kRequestTime_ms;
    if (late) ::close(connection.descriptor);
    return late;
  });
}

policy::base::Status Server::run() {
  std::vector<pollfd> waits;
  while (true) {
    waits.clear();
    waits.push_back({wake_read_, POLLIN, 0});
    const bool room = connections_.size() < kConnectionsMax;
    waits.push_back({listener_, static_cast<short>(room ? POLLIN : 0), 0});
    for (const Connection& connection : connections_)
      waits.push_back({connection.descriptor, static_cast<short>(connection.out.empty() ? POLLIN : POLLOUT), 0});
    if (::poll(waits.data(), waits.size(), kLookForLate_ms) < 0 && errno != EINTR) return bind_error(bound_);
    if (waits[0].revents != 0) return {};
    for (std::size_t i = connections_.size(); i-- > 0;) {
      const short events = waits[i + 2].revents;
      if (events == 0) continue;
      Connection& connection = connections_[i];
      const bool alive = (events & POLLOUT) != 0 ? write_some(connection) : read_some(connection);
      if (alive) continue;
      ::close(connection.descriptor);
      connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    drop_late();
    if (waits[1].revents != 0) accept_waiting();
  }
}

}  // namespace audit::witness::http
