#include "clients/transport/https.h"

#include <chrono>
#include <future>

namespace clients::transport {
namespace base = policy::base;
using relay::net::HttpResponse;

namespace {

constexpr relay::net::HttpLimits kLimits{.head_bytes_max = 16 * 1024, .body_bytes_max = 1024 * 1024};

// Lives on the loop's thread until the answer is there, the connection is lost or the caller has given up.
class Exchange final : public relay::net::ChannelOwner {
 public:
  explicit Exchange(std::string request) : request_(std::move(request)) {}

  void begin(std::shared_ptr<relay::net::Channel> channel) {
    if (finished_) return channel->close();
    channel_ = std::move(channel);
    channel_->start(*this);
  }
  void give_up() {
    finish(base::fail("https.timeout", "no answer in time", "", "check that the server runs, then try again"));
  }
  std::future<base::Result<HttpResponse>> answer() { return answer_.get_future(); }

  void on_open() override { channel_->send(base::as_bytes(request_)); }
  std::size_t on_bytes(base::ByteView bytes) override {
    auto parsed = relay::net::parse_response(bytes, kLimits);
    if (!parsed) return finish(std::unexpected(parsed.error())), bytes.size();
    if (!*parsed) return 0;
    finish(std::move((*parsed)->message));
    return bytes.size();
  }
  void on_closed(const base::Error& why) override {
    if (why.code == "tls.handshake") return finish(std::unexpected(why));
    if (why.code == "channel.error") return finish(std::unexpected(unreachable(why)));
    finish(base::fail("https.lost", "the server closed the connection before it answered: " + why.seen, "",
                      "try again; if it stays, ask your administrator"));
  }

 private:
  void finish(base::Result<HttpResponse> result) {
    if (finished_) return;
    finished_ = true;
    if (channel_) channel_->close();
    answer_.set_value(std::move(result));
  }

  std::string request_;
  std::shared_ptr<relay::net::Channel> channel_;
  std::promise<base::Result<HttpResponse>> answer_;
  bool finished_ = false;
};

}  // namespace

base::Result<HttpResponse> https(Network& network, relay::net::HttpRequest request, std::int64_t timeout_ms) {
  request.fields.emplace_back("Connection", "close");
  request.fields.emplace_back("Accept", "application/json, application/problem+json");
  if (!request.body.empty()) request.fields.emplace_back("Content-Type", "application/json");
  auto exchange = std::make_shared<Exchange>(relay::net::format_request(request, network.server().host_header()));
  auto answer = exchange->answer();
  auto dialing =
      network.dial([exchange](std::shared_ptr<relay::net::Channel> channel) { exchange->begin(std::move(channel)); });
  if (!dialing) return std::unexpected(dialing.error());
  if (answer.wait_for(std::chrono::milliseconds(timeout_ms)) != std::future_status::ready)
    network.post([exchange] { exchange->give_up(); });
  auto result = answer.get();
  // The last hand on the exchange must be the loop's: the channel it owns belongs there.
  network.post([exchange = std::move(exchange)] {});
  return result;
}

}  // namespace clients::transport
