#include "relay/server/link_server.h"

#include <unistd.h>

#include <chrono>

namespace relay::server {
namespace {

using policy::base::ByteView;
using policy::base::Error;

// Answers of a burst may pile up behind deliveries; a gateway that lets even this pile up is cut off.
constexpr net::ChannelLimits kLinkLimits{16 * 1024 * 1024, wire::kFrameBytesMax + 4};
constexpr std::chrono::milliseconds kFullPoll{5};

}  // namespace

class LinkServer::Link final : public net::ChannelOwner {
 public:
  Link(LinkServer& server, LinkId id, std::shared_ptr<net::Channel> channel, std::int64_t now_ms)
      : server_(server), id_(id), channel_(std::move(channel)), progress_ms_(now_ms) {}
  ~Link() { channel_->detach(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  std::size_t on_bytes(ByteView bytes) override {
    std::size_t used = 0;
    while (!broken_) {
      const ByteView rest = bytes.subspan(used);
      const auto size = wire::frame_size(rest);
      if (!size) {
        break_off(size.error());
        break;
      }
      if (!*size || rest.size() < **size) break;
      take(rest.subspan(4, **size - 4));
      used += **size;
    }
    return broken_ ? bytes.size() : used;
  }
  void on_closed(const Error& why) override { server_.drop(id_, why); }

  // Tells the peer why, then closes.
  void break_off(const Error& why) {
    if (std::exchange(broken_, true)) return;
    pb::FromRelay answer;
    *answer.mutable_problem() = wire::to_problem(why);
    channel_->send(policy::base::as_bytes(wire::frame(answer)));
    channel_->close_after_send();
    server_.loop_.post([&server = server_, id = id_, why] { server.drop(id, why); });
  }

  LinkServer& server_;
  LinkId id_;
  std::shared_ptr<net::Channel> channel_;
  std::int64_t progress_ms_;  // of the connection's start, or of the last time it was not full
  std::size_t unsent_before_ = 0;
  bool greeted_ = false;
  bool full_ = false;

 private:
  void take(ByteView bytes) {
    auto message = wire::parse_to_relay(bytes);
    if (!message) return break_off(message.error());
    if (!greeted_) return server_.hello(*this, *message);
    server_.hub_->handle(id_, std::move(*message));
  }

  bool broken_ = false;
};

LinkServer::LinkServer(net::Loop& loop, const net::TlsContext* tls, Log log)
    : loop_(loop), tls_(tls), log_(std::move(log)), full_timer_(loop.context()) {}

LinkServer::~LinkServer() = default;

void LinkServer::accept(int fd) {
  if (closing_ || links_.size() >= kLinksMax) {
    log_(LogLevel::kWarning, "link.refused", "already " + std::to_string(links_.size()) + " links");
    ::close(fd);
    return;
  }
  const LinkId id{++last_link_};
  auto channel = net::Channel::accept(loop_, fd, tls_, kLinkLimits);
  auto& link = links_[id];
  link = std::make_unique<Link>(*this, id, channel, loop_.clock().elapsed_ms());
  channel->start(*link);
}

void LinkServer::hello(Link& link, const pb::ToRelay& message) {
  if (!message.has_hello())
    return link.break_off({"link.hello", "a first message that is no Hello", "Hello", "say Hello first", ""});
  if (message.hello().version() != kProtocolVersion)
    return link.break_off({"link.version", "version " + std::to_string(message.hello().version()),
                           "version " + std::to_string(kProtocolVersion), "update the older side", ""});
  link.greeted_ = true;
  log_(LogLevel::kInfo, "link.up",
       "link " + std::to_string(link.id_.value) + " of " + policy::base::printable(message.hello().instance(), 40));
  pb::FromRelay answer;
  answer.set_request(message.request());
  answer.mutable_ready()->set_version(kProtocolVersion);
  send(link.id_, answer);
  hub_->link_up(link.id_);
}

void LinkServer::drop(LinkId id, const Error& why) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  log_(LogLevel::kInfo, "link.down", "link " + std::to_string(id.value) + ": " + to_string(why));
  const std::unique_ptr<Link> gone = std::move(found->second);
  links_.erase(found);
  hub_->link_down(id);
}

void LinkServer::send(LinkId id, const pb::FromRelay& message) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = *found->second;
  link.channel_->send(policy::base::as_bytes(wire::frame(message)));
  if (link.full_ || link.channel_->unsent() < kFullBytes) return;
  link.full_ = true;
  link.unsent_before_ = link.channel_->unsent();
  link.progress_ms_ = loop_.clock().elapsed_ms();
  hub_->link_full(id, true);
  watch_full();
}

// A channel does not tell when it has drained, so full ones are looked at often while there are any.
void LinkServer::watch_full() {
  if (watching_) return;
  watching_ = true;
  full_timer_.expires_after(kFullPoll);
  full_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    watching_ = false;
    std::vector<LinkId> open;
    bool still_full = false;
    for (const auto& [id, link] : links_) {
      if (!link->full_) continue;
      const std::size_t unsent = link->channel_->unsent();
      if (unsent < std::exchange(link->unsent_before_, unsent)) link->progress_ms_ = loop_.clock().elapsed_ms();
      if (unsent < kOpenBytes)
        open.push_back(id);
      else
        still_full = true;
      link->full_ = unsent >= kOpenBytes;
    }
    for (const LinkId id : open) hub_->link_full(id, false);
    if (still_full) watch_full();
  });
}

void LinkServer::tick(core::Instant) {
  const std::int64_t now_ms = loop_.clock().elapsed_ms();
  for (const auto& [id, link] : links_) {
    const std::int64_t waited_s = (now_ms - link->progress_ms_) / 1000;
    if (!link->greeted_ && waited_s >= kHelloSeconds)
      link->break_off({"link.hello", "no Hello", "Hello within " + std::to_string(kHelloSeconds) + " s", "", ""});
    if (link->full_ && waited_s >= kStallSeconds)
      link->break_off({"link.slow", "a gateway that takes nothing", "", "read faster, then connect again", ""});
  }
}

void LinkServer::close_all() {
  closing_ = true;
  for (const auto& [id, link] : links_) link->channel_->close_after_send();
}

std::size_t LinkServer::unsent() const {
  std::size_t out = 0;
  for (const auto& [id, link] : links_) out += link->channel_->unsent();
  return out;
}

}  // namespace relay::server
