// A tap on the wire between a client and the gateway: a TCP proxy that counts every byte towards the client and when it
// came. It sees what an observer of the network sees, which is the point: what is held must not be there at all.
//
// A thread of its own; the counters may be read from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tests::support {

class Wiretap {
 public:
  // Listens on a free port of 127.0.0.1.
  Wiretap();
  ~Wiretap();
  Wiretap(const Wiretap&) = delete;
  Wiretap& operator=(const Wiretap&) = delete;

  // Where to forward to, on 127.0.0.1, from now on.
  void forward_to(std::uint16_t port) { target_ = port; }
  std::uint16_t port() const { return port_; }
  std::uint64_t bytes_to_client() const { return to_client_; }
  std::uint64_t bytes_to_server() const { return to_server_; }
  // Steady milliseconds of the last byte towards the client.
  std::int64_t last_to_client_ms() const { return last_ms_; }

 private:
  struct Pair {
    int client, server;
  };
  void run();
  void accept_one();
  bool forward(int from, int to, bool to_client);

  std::atomic<std::uint16_t> target_{0};
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::vector<Pair> pairs_;
  std::atomic<std::uint64_t> to_client_{0}, to_server_{0};
  std::atomic<std::int64_t> last_ms_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tests::support
