#include "relay/net/channel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace relay::net {
namespace {

using boost::asio::posix::stream_descriptor;
using policy::base::ByteView;
using policy::base::Error;

// Reads of one readiness event before other channels get their turn.
constexpr int kReadsPerTurn = 8;

Error closed_by_peer() { return {"channel.closed", "the other side closed the connection", "", "", ""}; }
Error system_error(int code) {
  return {"channel.error", std::string("the connection failed: ") + std::strerror(code), "", "connect again", ""};
}

std::string tls_reason(SSL* ssl) {
  std::string out = "the TLS handshake failed";
  if (const long verify = SSL_get_verify_result(ssl); verify != X509_V_OK) {
    out += std::string(": certificate: ") + X509_verify_cert_error_string(verify);
  } else if (const char* reason = ERR_reason_error_string(ERR_peek_error()); reason != nullptr) {
    out += std::string(": ") + reason;
  }
  return out;
}

bool numeric(const std::string& host) {
  return host.find_first_not_of("0123456789.") == std::string::npos || host.find(':') != std::string::npos;
}

void expect_host(SSL* ssl, const std::string& host) {
  if (numeric(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
    return;
  }
  SSL_set_tlsext_host_name(ssl, host.c_str());
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(ssl, host.c_str());
}

}  // namespace

std::shared_ptr<Channel> Channel::accept(Loop& loop, int fd, const TlsContext* tls, const Limits& limits) {
  SSL* ssl = tls == nullptr ? nullptr : SSL_new(tls->native());
  return std::make_shared<Channel>(loop, fd, ssl, limits, false, true);
}

std::shared_ptr<Channel> Channel::dial(Loop& loop, int fd, const TlsContext* tls, const std::string& host,
                                       const Limits& limits) {
  SSL* ssl = tls == nullptr ? nullptr : SSL_new(tls->native());
  if (ssl != nullptr) expect_host(ssl, host);
  return std::make_shared<Channel>(loop, fd, ssl, limits, true, false);
}

Channel::Channel(Loop& loop, int fd, ssl_st* ssl, const Limits& limits, bool connecting, bool server)
    : loop_(loop),
      descriptor_(loop.context(), fd),
      ssl_(ssl),
      limits_(limits),
      state_(connecting       ? State::kConnecting
             : ssl != nullptr ? State::kHandshake
                              : State::kOpen),
      server_(server) {
  if (ssl_ != nullptr) SSL_set_fd(ssl_, fd);
}

Channel::~Channel() {
  close();
  SSL_free(ssl_);
}

void Channel::start(ChannelOwner& owner) {
  owner_ = &owner;
  if (state_ == State::kConnecting) return wait_write();
  if (state_ == State::kHandshake) return wait_read();
  loop_.post([self = shared_from_this()] {
    if (self->owner_ != nullptr && self->state_ == State::kOpen) self->owner_->on_open();
    self->wait_read();
  });
}

void Channel::wait_read() {
  if (reading_ || state_ == State::kClosed) return;
  reading_ = true;
  descriptor_.async_wait(stream_descriptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           self->reading_ = false;
                           if (!error) self->on_readable();
                         });
}

void Channel::wait_write() {
  if (writing_ || state_ == State::kClosed) return;
  writing_ = true;
  descriptor_.async_wait(stream_descriptor::wait_write,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           self->writing_ = false;
                           if (!error) self->on_writable();
                         });
}

void Channel::on_readable() {
  if (state_ == State::kHandshake) return handshake();
  if (state_ == State::kOpen || state_ == State::kClosing) read_some();
}

void Channel::on_writable() {
  if (state_ == State::kConnecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(descriptor_.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail_with(system_error(error));
    state_ = ssl_ != nullptr ? State::kHandshake : State::kOpen;
    if (state_ == State::kOpen) {
      if (owner_ != nullptr) owner_->on_open();
      write_some();
      return wait_read();
    }
  }
  if (state_ == State::kHandshake) return handshake();
  write_some();
}

Channel::Want Channel::want_of(int tls_result) const {
  const int error = SSL_get_error(ssl_, tls_result);
  return error == SSL_ERROR_WANT_READ ? Want::kRead : error == SSL_ERROR_WANT_WRITE ? Want::kWrite : Want::kNothing;
}

void Channel::handshake() {
  ERR_clear_error();
  const int result = server_ ? SSL_accept(ssl_) : SSL_connect(ssl_);
  if (result == 1) {
    state_ = State::kOpen;
    if (owner_ != nullptr) owner_->on_open();
    if (state_ == State::kClosed) return;
    write_some();
    return read_some();  // the peer's first bytes may have come with its last handshake message
  }
  const Want want = want_of(result);
  if (want == Want::kRead) return wait_read();
  if (want == Want::kWrite) return wait_write();
  fail_with({"tls.handshake", tls_reason(ssl_), "TLS 1.3 with a certificate of the configured authority",
             "check the trusted authority and the host name", ""});
}

void Channel::read_some() {
  for (int turn = 0; turn < kReadsPerTurn; ++turn) {
    if (state_ == State::kClosed) return;
    long size = 0;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const int result = SSL_read(ssl_, loop_.scratch(), static_cast<int>(Loop::kScratchBytes));
      if (result <= 0) {
        const Want want = want_of(result);
        if (want == Want::kRead) return wait_read();
        if (want == Want::kWrite) return wait_write();
        return fail_with(closed_by_peer());
      }
      size = result;
    } else {
      size = ::read(descriptor_.native_handle(), loop_.scratch(), Loop::kScratchBytes);
      if (size == 0) return fail_with(closed_by_peer());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return wait_read();
      if (size < 0) return fail_with(errno == ECONNRESET ? closed_by_peer() : system_error(errno));
    }
    if (!deliver({loop_.scratch(), static_cast<std::size_t>(size)})) return;
  }
  // Others first; whatever TLS has already taken off the socket would wake no epoll.
  loop_.post([self = shared_from_this()] {
    if (!self->reading_) self->on_readable();
  });
}

bool Channel::deliver(ByteView fresh) {
  if (owner_ == nullptr || state_ != State::kOpen) return state_ != State::kClosed;
  const bool kept_before = !unread_.empty();
  if (kept_before) unread_.append(reinterpret_cast<const char*>(fresh.data()), fresh.size());
  const ByteView all = kept_before ? policy::base::as_bytes(unread_) : fresh;
  const std::size_t consumed = owner_->on_bytes(all);
  if (state_ == State::kClosed) return false;
  const std::size_t left = all.size() - std::min(consumed, all.size());
  if (left > limits_.unread_max) {
    fail_with({"channel.unread", std::to_string(left) + " bytes of an unfinished message",
               "at most " + std::to_string(limits_.unread_max), "send smaller messages", ""});
    return false;
  }
  if (left == 0) {
    std::string().swap(unread_);
  } else if (kept_before) {
    unread_.erase(0, consumed);
  } else {
    unread_.assign(reinterpret_cast<const char*>(all.data() + consumed), left);
  }
  return true;
}

void Channel::show_again() {
  if (unread_.empty()) return;
  loop_.post([self = shared_from_this()] {
    if (!self->unread_.empty()) self->deliver({});
  });
}

void Channel::send(ByteView bytes) {
  if (state_ == State::kClosed || state_ == State::kClosing || bytes.empty()) return;
  if (unsent() + bytes.size() > limits_.unsent_max) {
    return fail_with({"channel.slow-reader", std::to_string(unsent() + bytes.size()) + " bytes wait for a slow reader",
                      "at most " + std::to_string(limits_.unsent_max), "read faster, then connect again", ""});
  }
  // A link that is never quite drained must not keep what it has sent long ago.
  constexpr std::uint32_t kSentKeptMax = 256 * 1024;
  if (unsent_offset_ > kSentKeptMax) {
    unsent_.erase(0, unsent_offset_);
    unsent_offset_ = 0;
  }
  unsent_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (writing_ || state_ != State::kOpen) return;
  if (unsent() >= kWriteAtBytes) return write_some();
  write_soon();
}

// A hundred answers that one group commit brings are one system call here, and one wake-up at the other end.
void Channel::write_soon() {
  if (writing_soon_) return;
  writing_soon_ = true;
  boost::asio::post(loop_.context(), [self = shared_from_this()] {
    self->writing_soon_ = false;
    if (!self->writing_ && (self->state_ == State::kOpen || self->state_ == State::kClosing)) self->write_some();
  });
}

void Channel::write_some() {
  while (unsent() > 0 && state_ != State::kClosed) {
    const char* data = unsent_.data() + unsent_offset_;
    long size = 0;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const int result = SSL_write(ssl_, data, static_cast<int>(std::min<std::size_t>(unsent(), 1U << 20)));
      if (result <= 0) {
        const Want want = want_of(result);
        if (want == Want::kWrite) return wait_write();
        if (want == Want::kRead) return wait_read();
        return fail_with(closed_by_peer());
      }
      size = result;
    } else {
      size = ::send(descriptor_.native_handle(), data, unsent(), MSG_NOSIGNAL);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return wait_write();
      if (size < 0) return fail_with(errno == EPIPE || errno == ECONNRESET ? closed_by_peer() : system_error(errno));
    }
    unsent_offset_ += static_cast<std::uint32_t>(size);
  }
  std::string().swap(unsent_);
  unsent_offset_ = 0;
  if (state_ == State::kClosing) close();
}

void Channel::close_after_send() {
  owner_ = nullptr;
  if (state_ == State::kClosed) return;
  if (unsent() == 0) return close();
  state_ = State::kClosing;
  wait_write();
}

void Channel::close() {
  owner_ = nullptr;  // first: the news of a failure may still be on its way to an owner that is about to die
  if (state_ == State::kClosed) return;
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_);  // close_notify once; nobody waits for the answer
  }
  state_ = State::kClosed;
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

void Channel::fail_with(Error why) {
  if (state_ == State::kClosed) return;
  ChannelOwner* const told = owner_;
  close();
  if (told == nullptr) return;
  // Later and from the loop, so that no owner is called from inside its own send().
  owner_ = told;
  loop_.post([self = shared_from_this(), error = std::move(why)] {
    if (self->owner_ != nullptr) std::exchange(self->owner_, nullptr)->on_closed(error);
  });
}

policy::base::Bytes Channel::peer_certificate_digest() const {
  X509* certificate = ssl_ == nullptr ? nullptr : SSL_get1_peer_certificate(ssl_);
  if (certificate == nullptr) return {};
  policy::base::Bytes out(32);
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), out.data(), &size);
  X509_free(certificate);
  return out;
}

}  // namespace relay::net
