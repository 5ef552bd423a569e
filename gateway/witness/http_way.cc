#include "gateway/witness/http_way.h"

#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <chrono>
#include <optional>

#include "relay/net/channel.h"
#include "relay/net/http.h"

namespace gateway::witness {

namespace base = policy::base;
using base::fail;
using base::Result;

namespace {

constexpr relay::net::HttpLimits kLimits{.head_bytes_max = 16 * 1024, .body_bytes_max = 64 * 1024};
constexpr relay::net::ChannelLimits kChannelLimits{};

std::unexpected<base::Error> bad_url(std::string_view text) {
  return fail("url.syntax", "witness '" + base::printable(text) + "'",
              "https://HOST[:PORT][/PREFIX]; http:// for this machine only", "correct its line in the witness policy");
}

bool is_here(std::string_view host) { return host == "localhost" || host.starts_with("127.") || host == "::1"; }

// One request and its answer on a loop that runs for nothing else.
class Exchange final : public relay::net::ChannelOwner {
 public:
  Exchange(relay::net::Loop& loop, std::string request) : loop_(loop), request_(std::move(request)) {}

  Result<relay::net::HttpResponse> run(std::shared_ptr<relay::net::Channel> channel) {
    channel_ = std::move(channel);
    boost::asio::steady_timer timer(loop_.context());
    timer.expires_after(std::chrono::milliseconds(kAnswerTime_ms));
    timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) finish(fail("witness.silent", "no answer in time", "an answer within 5 seconds"));
    });
    channel_->start(*this);
    loop_.run();
    return std::move(*result_);
  }

  void on_open() override { channel_->send(base::as_bytes(request_)); }
  std::size_t on_bytes(base::ByteView bytes) override {
    auto parsed = relay::net::parse_response(bytes, kLimits);
    if (!parsed) return finish(std::unexpected(parsed.error())), bytes.size();
    if (!*parsed) return 0;
    finish(std::move((*parsed)->message));
    return bytes.size();
  }
  void on_closed(const base::Error& why) override { finish(std::unexpected(why)); }

 private:
  void finish(Result<relay::net::HttpResponse> result) {
    if (result_) return;
    result_ = std::move(result);
    channel_->close();
    // Behind the handlers that closing has cancelled: they hold the channel.
    loop_.post([this] { loop_.stop(); });
  }

  relay::net::Loop& loop_;
  std::string request_;
  std::shared_ptr<relay::net::Channel> channel_;
  std::optional<Result<relay::net::HttpResponse>> result_;
};

}  // namespace

Result<WitnessUrl> WitnessUrl::parse(std::string_view text) {
  WitnessUrl url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://")) return bad_url(text);
  std::string_view rest = text.substr(url.tls ? 8 : 7);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  url.host = rest.substr(0, slash);
  url.prefix = rest.substr(slash);
  while (url.prefix.ends_with('/')) url.prefix.pop_back();
  for (const char c : url.host + url.prefix)
    if (c <= 0x20 || c >= 0x7F || std::string_view("@?#\\").contains(c)) return bad_url(text);
  url.address.port = url.tls ? 443 : 80;
  std::string host = url.host;
  const std::size_t colon = host.rfind(':'), bracket = host.rfind(']');
  if (colon != std::string::npos && (bracket == std::string::npos || bracket < colon)) {
    const std::string digits = host.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.address.port);
    if (error != std::errc{} || end != digits.data() + digits.size() || url.address.port == 0) return bad_url(text);
    host.resize(colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("[]") != std::string::npos || (!url.tls && !is_here(host)))
    return bad_url(text);
  url.address.host = std::move(host);
  return url;
}

Result<std::unique_ptr<HttpWay>> HttpWay::open(const audit::checkpoint::TrustPolicy& policy, const std::string& trust,
                                               const base::Clock& clock) {
  std::shared_ptr<relay::net::TlsContext> tls;
  for (const auto& witness : policy.witnesses()) {
    if (witness.url.empty()) continue;  // cosigns by file
    const auto url = WitnessUrl::parse(witness.url);
    if (!url) return std::unexpected(url.error());
    if (!url->tls || tls) continue;
    auto context = relay::net::TlsContext::client({"", "", trust});
    if (!context) return std::unexpected(context.error());
    tls = std::move(*context);
  }
  return std::unique_ptr<HttpWay>(new HttpWay(std::move(tls), clock));
}

Result<HttpWay::Reply> HttpWay::add_checkpoint(const audit::checkpoint::KnownWitness& witness,
                                               const std::string& body) {
  if (witness.url.empty())
    return fail("witness.by-file", "a witness without a URL", "its cosignature by file",
                "put what it has cosigned into the folder witness/offered");
  const auto url = WitnessUrl::parse(witness.url);
  if (!url) return std::unexpected(url.error());
  const auto descriptor = relay::net::connect_socket(url->address);
  if (!descriptor) return std::unexpected(descriptor.error());
  relay::net::Loop loop(clock_);
  const relay::net::HttpRequest request{
      "POST", url->prefix + "/add-checkpoint", {{"Connection", "close"}, {"Content-Type", "text/plain"}}, body};
  Exchange exchange(loop, format_request(request, url->host));
  auto answer = exchange.run(
      relay::net::Channel::dial(loop, *descriptor, url->tls ? tls_.get() : nullptr, url->address.host, kChannelLimits));
  if (!answer) return std::unexpected(answer.error());
  return Reply{answer->status, std::move(answer->body)};
}

}  // namespace gateway::witness
