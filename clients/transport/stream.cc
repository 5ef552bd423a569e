#include "clients/transport/stream.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <optional>

#include "clients/transport/problem.h"
#include "relay/net/http.h"
#include "relay/net/websocket.h"

namespace clients::transport {
namespace base = policy::base;
using relay::net::WsOpcode;
using relay::wire::pb::ServerFrame;

namespace {

constexpr const char* kTarget = "/v1/stream";
constexpr const char* kSubprotocol = "feierabend.v1";
constexpr relay::net::HttpLimits kUpgradeLimits{};

// RFC 6455 § 7.4.2 leaves 4000–4999 to applications; these are the gateway's.
base::Error close_error(std::string_view payload) {
  std::uint16_t code = 1005;
  if (payload.size() >= 2)
    code = static_cast<std::uint16_t>((static_cast<std::uint8_t>(payload[0]) << 8) |
                                      static_cast<std::uint8_t>(payload[1]));
  const std::string reason = payload.size() > 2 ? base::printable(payload.substr(2)) : "no reason";
  const std::string seen = "the server ended the stream: " + reason + " (" + std::to_string(code) + ")";
  if (code == 4401)
    return {"session.expired", seen, "a session that has not ended", "log in again: feierabend login", ""};
  if (code == 4409)
    return {"stream.replaced", seen, "one connection for each device", "end the other program that uses this device",
            ""};
  if (code == 4410) return {"device.wiped", seen, "", "enrol again if the device is yours", ""};
  if (code == 4411) return {"device.removed", "this device was removed", "", "enrol it anew with new keys", ""};
  return {"stream.lost", seen, "", "", ""};
}

// Between the loop's thread and the command's: frames one way, the end of the stream, and whether it has opened.
class Mailbox {
 public:
  Mailbox() : ready_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Mailbox() {
    if (ready_fd_ >= 0) ::close(ready_fd_);
  }
  Mailbox(const Mailbox&) = delete;

  void opened() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // False: the reader has fallen too far behind.
  bool put(ServerFrame frame) {
    const std::scoped_lock lock(mutex_);
    if (frames_.size() >= kInboxFramesMax) return false;
    frames_.push_back(std::move(frame));
    signal();
    return true;
  }
  void end(const base::Error& why) {
    const std::scoped_lock lock(mutex_);
    if (!end_) end_ = why;
    signal();
  }
  base::Status wait_open(std::int64_t timeout_ms) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return open_ || end_.has_value(); });
    if (open_) return {};  // also when it has ended since: what came in between is still to be taken
    if (end_) return std::unexpected(*end_);
    return base::fail("stream.timeout", "the server did not open the stream in time", "", "check that the server runs");
  }
  // Frames that came before the end are taken first.
  base::Result<std::optional<ServerFrame>> take(std::int64_t timeout_ms) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                      [this] { return !frames_.empty() || end_.has_value(); });
    if (frames_.empty() && end_) return std::unexpected(*end_);
    if (frames_.empty()) return std::nullopt;
    ServerFrame frame = std::move(frames_.front());
    frames_.pop_front();
    if (frames_.empty() && !end_) drain();
    return frame;
  }
  std::optional<base::Error> ended() const {
    const std::scoped_lock lock(mutex_);
    return end_;
  }
  int ready_fd() const { return ready_fd_; }

 private:
  void signal() {
    const std::uint64_t one = 1;
    if (::write(ready_fd_, &one, sizeof one) < 0) { /* full means readable, which is what it is for */
    }
    changed_.notify_all();
  }
  void drain() const {
    std::uint64_t count = 0;
    if (::read(ready_fd_, &count, sizeof count) < 0) { /* nothing was signalled */
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ServerFrame> frames_;  // these three are guarded by mutex_
  std::optional<base::Error> end_;
  bool open_ = false;
  int ready_fd_;
};

// The loop's side. Everything but the constructor runs on the loop's thread.
class Session final : public relay::net::ChannelOwner, public Ticking {
 public:
  Session(Network& network, base::Random& random, std::string request, std::string key,
          std::shared_ptr<Mailbox> mailbox)
      : network_(network),
        random_(random),
        request_(std::move(request)),
        key_(std::move(key)),
        mailbox_(std::move(mailbox)) {}

  void begin(std::shared_ptr<relay::net::Channel> channel) {
    channel_ = std::move(channel);
    channel_->start(*this);
  }
  void send(const std::string& frame) {
    if (open_) channel_->send(base::as_bytes(relay::net::ws_frame(WsOpcode::kBinary, frame, mask())));
  }
  void close() {
    if (!channel_) return;
    if (open_) channel_->send(base::as_bytes(relay::net::ws_close(1000, "", mask())));
    open_ = false;
    channel_->close_after_send();
  }

  void on_open() override { channel_->send(base::as_bytes(request_)); }
  std::size_t on_bytes(base::ByteView bytes) override {
    heard_s_ = elapsed_s();
    std::size_t consumed = 0;
    if (!open_ && !upgrade(bytes, consumed)) return consumed;
    while (open_ && consumed < bytes.size()) {
      auto decoded = decoder_.decode(bytes.subspan(consumed));
      if (!decoded) {
        stop({"stream.lost", decoded.error().seen, decoded.error().allowed, "", ""});
        break;
      }
      if (decoded->consumed == 0) break;
      consumed += decoded->consumed;
      if (decoded->event) on_event(*decoded->event);
    }
    return open_ ? consumed : bytes.size();
  }
  void on_closed(const base::Error& why) override {
    open_ = false;
    if (why.code == "tls.handshake") return mailbox_->end(why);
    mailbox_->end(why.code == "channel.error" ? unreachable(why) : base::Error{"stream.lost", why.seen, "", "", ""});
  }
  void on_second() override {
    if (!open_) return;
    const auto silent_s = elapsed_s() - heard_s_;
    if (silent_s >= kSilence_s)
      return stop({"stream.lost", "the server has been silent for " + std::to_string(silent_s) + " s", "", "", ""});
    if (silent_s > 0 && silent_s % kPingEvery_s == 0)
      channel_->send(base::as_bytes(relay::net::ws_frame(WsOpcode::kPing, {}, mask())));
  }

 private:
  // True once the server has switched protocols; `consumed` is the head then.
  bool upgrade(base::ByteView bytes, std::size_t& consumed) {
    auto parsed = relay::net::parse_response(bytes, kUpgradeLimits);
    if (!parsed) return consumed = bytes.size(), stop(parsed.error()), false;
    if (!*parsed) return false;
    consumed = (*parsed)->consumed;
    const auto& response = (*parsed)->message;
    if (response.status != 101) return stop(problem_of(response)), false;
    if (relay::net::field(response.fields, "Sec-WebSocket-Accept") != relay::net::ws_accept(key_) ||
        relay::net::field(response.fields, "Sec-WebSocket-Protocol") != kSubprotocol)
      return stop(
                 {"https.status", "a server that does not speak this protocol", kSubprotocol, "check the address", ""}),
             false;
    open_ = true;
    mailbox_->opened();
    return true;
  }
  void on_event(const relay::net::WsEvent& event) {
    if (event.opcode == WsOpcode::kPing)
      return channel_->send(base::as_bytes(relay::net::ws_frame(WsOpcode::kPong, event.payload, mask())));
    if (event.opcode == WsOpcode::kPong) return;
    if (event.opcode == WsOpcode::kClose) return stop(close_error(event.payload));
    auto frame = relay::wire::parse_server_frame(base::as_bytes(event.payload));
    if (!frame) return stop(frame.error());
    if (!mailbox_->put(std::move(*frame)))
      stop({"stream.lost", "more frames waiting than can be taken in", std::to_string(kInboxFramesMax), "", ""});
  }
  void stop(const base::Error& why) {
    close();
    mailbox_->end(why);
  }
  std::uint32_t mask() {
    const auto drawn = random_.array<4>();
    std::uint32_t value = 0;
    std::memcpy(&value, drawn.data(), sizeof value);
    return value;
  }
  std::int64_t elapsed_s() const { return network_.clock().elapsed_ms() / 1000; }

  Network& network_;
  base::Random& random_;
  std::string request_, key_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<relay::net::Channel> channel_;
  relay::net::WsDecoder decoder_{relay::net::WsRole::kClient, relay::wire::kFrameBytesMax};
  std::int64_t heard_s_ = 0;
  bool open_ = false;
};

class StreamLink final : public core::Link {
 public:
  StreamLink(Network& network, std::shared_ptr<Session> session, std::shared_ptr<Mailbox> mailbox)
      : network_(network), session_(std::move(session)), mailbox_(std::move(mailbox)) {}
  ~StreamLink() override {
    network_.post([session = std::move(session_)] { session->close(); });
  }
  base::Status send(const relay::wire::pb::ClientFrame& frame) override {
    if (auto end = mailbox_->ended()) return std::unexpected(*end);
    network_.post([session = session_, bytes = frame.SerializeAsString()] { session->send(bytes); });
    return {};
  }
  base::Result<std::optional<ServerFrame>> receive(std::int64_t timeout_ms) override {
    return mailbox_->take(timeout_ms);
  }
  int ready_fd() const override { return mailbox_->ready_fd(); }

 private:
  Network& network_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace

base::Result<std::unique_ptr<core::Link>> StreamDialer::dial() {
  const std::string key = base::to_base64(random_.array<16>());
  relay::net::HttpRequest request{"GET", kTarget, proof_fields(credentials_, "GET", kTarget, network_.clock(), random_),
                                  ""};
  const std::pair<const char*, std::string> upgrade[] = {
      {"Upgrade", "websocket"},        {"Connection", "Upgrade"},  {"Origin", network_.server().origin()},
      {"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", key}, {"Sec-WebSocket-Protocol", kSubprotocol}};
  for (const auto& [name, value] : upgrade) request.fields.emplace_back(name, value);
  auto mailbox = std::make_shared<Mailbox>();
  auto session = std::make_shared<Session>(
      network_, random_, relay::net::format_request(request, network_.server().host_header()), key, mailbox);
  auto link = std::make_unique<StreamLink>(network_, session, mailbox);
  auto dialing = network_.dial([&network = network_, session](std::shared_ptr<relay::net::Channel> channel) {
    session->begin(std::move(channel));
    network.tick(session);
  });
  if (!dialing) return std::unexpected(dialing.error());
  if (auto open = mailbox->wait_open(kOpenTimeout_ms); !open) return std::unexpected(open.error());
  return link;
}

}  // namespace clients::transport
