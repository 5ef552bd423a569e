// A connected byte stream on one loop: TCP or unix socket, plain or TLS 1.3 on the socket itself.
//
// Idle costs little: TLS reads and writes straight on the file descriptor (SSL_set_fd) when epoll says that it is
// ready, all channels of a loop share one read buffer, and a channel owns heap only for bytes that could not go out or
// do not yet make a whole message. Everything happens on the loop's thread.
//
// Lifetime: a Channel is kept alive by its owner's shared_ptr and by its own pending waits. The owner must call
// detach() or close() before it dies; after either no callback comes.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "policy/base/bytes.h"
#include "policy/base/result.h"
#include "relay/net/loop.h"
#include "relay/net/tls.h"

struct ssl_st;

namespace relay::net {

class ChannelOwner {
 public:
  // The handshake is done (at once for a plain channel).
  virtual void on_open() {}
  // Bytes that have come in and were not consumed before. Returns how many are consumed now; the rest is shown again in
  // front of the next bytes. Returning 0 with more than `Limits::unread_max` waiting closes the channel.
  virtual std::size_t on_bytes(policy::base::ByteView bytes) = 0;
  // Exactly once, unless the owner closed. Codes: channel.closed (by the peer), channel.error, channel.slow-reader,
  // channel.unread, tls.handshake.
  virtual void on_closed(const policy::base::Error& why) = 0;

 protected:
  ~ChannelOwner() = default;
};

struct ChannelLimits {
  std::uint32_t unsent_max = 4 * 1024 * 1024;  // bytes queued for a slow reader before it is cut off
  std::uint32_t unread_max = 1024 * 1024;      // bytes of one unfinished message
};

class Channel : public std::enable_shared_from_this<Channel> {
 public:
  using Limits = ChannelLimits;

  // Takes over `fd` (connected, or connecting when `dialing`). `limits` outlive the channel: normally a constant.
  static std::shared_ptr<Channel> accept(Loop& loop, int fd, const TlsContext* tls, const Limits& limits);
  static std::shared_ptr<Channel> dial(Loop& loop, int fd, const TlsContext* tls, const std::string& host,
                                       const Limits& limits);

  // Begins to read; callbacks come from the loop, never from inside start().
  void start(ChannelOwner& owner);

  // Another owner from now on: after an upgrade.
  void hand_over(ChannelOwner& owner) { owner_ = &owner; }
  // Shows the bytes that were not consumed once more, from the loop: for an owner that was busy when they came.
  void show_again();

  // Queues; what is queued in one turn of the loop leaves in one write (and as few TLS records as it fits into) at the
  // turn's end, or as soon as it is kWriteAtBytes. Ignored after close.
  void send(policy::base::ByteView bytes);
  static constexpr std::size_t kWriteAtBytes = 64 * 1024;
  std::size_t unsent() const { return unsent_.size() - unsent_offset_; }

  // Sends what is queued, then closes; at once when nothing is queued. No callback follows.
  void close_after_send();
  void close();
  void detach() { owner_ = nullptr; }
  bool closed() const { return state_ == State::kClosed; }

  // SHA-256 of the peer's certificate for mTLS; empty without one.
  policy::base::Bytes peer_certificate_digest() const;

  Channel(Loop& loop, int fd, ssl_st* ssl, const Limits& limits, bool connecting, bool server);
  ~Channel();

 private:
  enum class State : std::uint8_t { kConnecting, kHandshake, kOpen, kClosing, kClosed };
  enum class Want : std::uint8_t { kNothing, kRead, kWrite };

  void wait_read();
  void wait_write();
  void on_readable();
  void on_writable();
  void handshake();
  void read_some();
  void write_soon();
  void write_some();
  bool deliver(policy::base::ByteView fresh);
  void fail_with(policy::base::Error why);
  Want want_of(int tls_result) const;

  Loop& loop_;
  boost::asio::posix::stream_descriptor descriptor_;
  ssl_st* ssl_ = nullptr;
  ChannelOwner* owner_ = nullptr;
  const Limits& limits_;
  std::string unread_;
  std::string unsent_;
  std::uint32_t unsent_offset_ = 0;
  State state_;
  bool server_;
  bool reading_ = false;
  bool writing_ = false;
  bool writing_soon_ = false;
};

}  // namespace relay::net
