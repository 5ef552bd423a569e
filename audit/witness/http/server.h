// A witness on a socket: POST /add-checkpoint and GET /<hex SHA-256 of the origin>/checkpoint (C2SP tlog-witness).
//
// It has no TLS and needs none to be true: what it reads is signed by the log, what it answers by the witness. Still it
// listens on a loopback address or a unix socket only (listen.public); to be reached from elsewhere, put a TLS proxy or
// an ssh tunnel in front of it.
//
// One thread, one request after the other: a log asks every few seconds at most. Bounded: kConnectionsMax at a time,
// each with kRequestTime_ms for a whole request, and a witness's request and answer in memory.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "audit/witness/http/message.h"
#include "audit/witness/witness.h"

namespace audit::witness::http {

constexpr std::size_t kConnectionsMax = 64;
constexpr std::int64_t kRequestTime_ms = 30'000;

// "tcp:127.0.0.1:8450", "tcp:[::1]:0" (a free port) or "unix:/run/feierabend/witness.sock". Pure.
// Errors: address.syntax, listen.public.
struct ListenAddress {
  bool unix_socket = false;
  bool ipv6 = false;
  std::string host;  // or the path of a unix socket
  std::uint16_t port = 0;
  std::string text() const;

  static Result<ListenAddress> parse(std::string_view text);
};

// The answer to one request. Pure but for the witness.
Response respond(Witness& witness, const Request& request);

class Server {
 public:
  // A unix socket's file gets mode 0600; one where nobody listens is replaced. `clock` and `witness` outlive it.
  // Errors: socket.bind.
  static Result<std::unique_ptr<Server>> open(const ListenAddress& address, Witness& witness,
                                              const policy::base::Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const ListenAddress& bound() const { return bound_; }
  // Until stop(). Error: socket.bind, if waiting for connections fails.
  policy::base::Status run();
  // From any thread, or from a signal handler.
  void stop();

 private:
  struct Connection {
    int descriptor = -1;
    std::int64_t since_ms = 0;  // when the request that is being read began
    std::string in, out;
    bool closing = false;
  };

  Server(int listener, int wake_read, int wake_write, ListenAddress bound, Witness& witness,
         const policy::base::Clock& clock);
  void accept_waiting();
  // False: the connection is over.
  bool read_some(Connection& connection);
  bool write_some(Connection& connection);
  void answer(Connection& connection);
  void drop_late();

  const int listener_, wake_read_, wake_write_;
  const ListenAddress bound_;
  Witness& witness_;
  const policy::base::Clock& clock_;
  std::vector<Connection> connections_;
};

}  // namespace audit::witness::http
