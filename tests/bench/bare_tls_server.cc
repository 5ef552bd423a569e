// The floor under every TLS server in this process's language: accept, TLS 1.3, read, nothing else. One epoll loop, one
// SSL object a connection with the very context that relay/net makes, no object of its own a connection. What the
// gateway costs above this is ours.
//
//   bare_tls_server CERTIFICATE KEY READY-FILE
//
// Sends two bytes back for the first bytes of each connection, so that a client knows that the handshake is over on
// both sides. OpenSSL is seen here, outside relay/net, because leaving relay/net out is the point.
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "relay/net/tls.h"

namespace {

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(71);  // EX_OSERR
}

int listen_anywhere(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (fd < 0 || ::bind(fd, generic, size) != 0 || ::listen(fd, 4096) != 0) give_up("listen");
  ::getsockname(fd, generic, &size);
  port = ntohs(address.sin_port);
  return fd;
}

void watch(int poll, int fd, void* what) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = what;
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) != 0) give_up("epoll_ctl");
}

void accept_waiting(int listener, int poll, SSL_CTX* context) {
  for (int fd = 0; (fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    SSL* const ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    SSL_set_accept_state(ssl);
    watch(poll, fd, ssl);
  }
}

void serve(SSL* ssl) {
  static std::array<char, 64 * 1024> scratch;
  int got = 0;
  while ((got = SSL_read(ssl, scratch.data(), static_cast<int>(scratch.size()))) > 0) SSL_write(ssl, "ok", 2);
  if (const int error = SSL_get_error(ssl, got); error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
  const int fd = SSL_get_fd(ssl);
  SSL_free(ssl);
  ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: bare_tls_server CERTIFICATE KEY READY-FILE\n", stderr);
    return 2;
  }
  const auto tls = relay::net::TlsContext::server({argv[1], argv[2], ""});
  if (!tls) give_up(tls.error().seen.c_str());
  std::uint16_t port = 0;
  const int listener = listen_anywhere(port);
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  watch(poll, listener, nullptr);
  const std::string ready = argv[3];
  std::ofstream(ready + ".new") << port << "\n";
  std::filesystem::rename(ready + ".new", ready);
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      if (auto* const ssl = static_cast<SSL*>(events[static_cast<std::size_t>(i)].data.ptr))
        serve(ssl);
      else
        accept_waiting(listener, poll, (*tls)->native());
    }
  }
}
