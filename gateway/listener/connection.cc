#include "gateway/listener/connection.h"

#include "gateway/http/problem.h"
#include "gateway/http/strict.h"
#include "gateway/listener/front_door.h"

namespace gateway::listener {
namespace {

using policy::base::as_bytes;
using policy::base::ByteView;
using policy::base::Error;
using relay::net::field;

constexpr relay::net::ChannelLimits kLimits{1024 * 1024, 512 * 1024};
constexpr relay::net::HttpLimits kHttp{http::kHeadBytesMax, relay::wire::kJsonBodyBytesMax};
constexpr std::string_view kSubprotocol = "feierabend.v1";

bool has_token(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one.size() == wanted.size() &&
        std::equal(one.begin(), one.end(), wanted.begin(), [](char a, char b) { return (a | 0x20) == (b | 0x20); }))
      return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

// RFC 6455 § 4.2.1 and the house's own: subprotocol and Origin.
policy::base::Status check_upgrade(const relay::net::HttpRequest& request, const Origins& origins) {
  const auto& fields = request.fields;
  if (!has_token(field(fields, "Upgrade"), "websocket") || !has_token(field(fields, "Connection"), "upgrade") ||
      field(fields, "Sec-WebSocket-Version") != "13" || field(fields, "Sec-WebSocket-Key").size() != 24) {
    return policy::base::fail("http.upgrade", "not a WebSocket handshake", "RFC 6455 § 4.1, version 13",
                              "open the stream with a WebSocket client");
  }
  if (!origins.admits(field(fields, "Origin"))) {
    return policy::base::fail("http.origin", "Origin '" + policy::base::printable(field(fields, "Origin")) + "'",
                              "the origins of this installation", "open the messenger under its own address");
  }
  if (!has_token(field(fields, "Sec-WebSocket-Protocol"), kSubprotocol)) {
    return policy::base::fail("http.upgrade",
                              "subprotocol '" + policy::base::printable(field(fields, "Sec-WebSocket-Protocol")) + "'",
                              std::string(kSubprotocol), "update the client");
  }
  return {};
}

}  // namespace

Connection::Connection(FrontDoor& door, int fd)
    : door_(door),
      channel_(relay::net::Channel::accept(door.parts().loop, fd, &door.parts().tls, kLimits)),
      since_s_(door.second()) {}

void Connection::start() { channel_->start(*this); }

bool Connection::overdue(std::uint32_t now_s) const {
  const std::uint32_t allowed_s = state_ == State::kHandshake ? FrontDoor::kHandshake_s
                                  : state_ == State::kWorking ? FrontDoor::kWork_s
                                                              : FrontDoor::kIdle_s;
  return now_s - since_s_ > allowed_s;
}

void Connection::on_open() { /* the first head is part of the handshake's time */ }

void Connection::end() {
  if (state_ == State::kEnded) return;
  state_ = State::kEnded;
  door_.forget(*this);
}

void Connection::close() {
  const auto self = shared_from_this();
  channel_->close();
  end();
}

void Connection::on_closed(const Error&) {
  const auto self = shared_from_this();
  end();
}

std::size_t Connection::on_bytes(ByteView bytes) {
  const auto self = shared_from_this();
  if (state_ == State::kWorking || state_ == State::kEnded) return 0;
  auto head = http::read_head(policy::base::as_text(bytes));
  if (!head) return respond(http::problem_response(head.error()), false), bytes.size();
  if (!*head) return 0;
  if ((*head)->content_length > kHttp.body_bytes_max) {
    return respond(http::problem_response({"http.body-too-large",
                                           "a body of " + std::to_string((*head)->content_length) + " bytes",
                                           "at most " + std::to_string(kHttp.body_bytes_max), "send less", ""}),
                   false),
           bytes.size();
  }
  const std::size_t whole = (*head)->head_bytes + (*head)->content_length;
  if (bytes.size() < whole) return 0;
  auto parsed = relay::net::parse_request(bytes.first(whole), kHttp);
  if (!parsed || !*parsed || (*parsed)->consumed != whole) {
    const Error disagreement{"http.syntax", "a request that two parsers read differently", "RFC 9112", "", ""};
    return respond(http::problem_response(parsed ? disagreement : parsed.error()), false), bytes.size();
  }
  since_s_ = door_.second();
  state_ = State::kWorking;
  handle((*parsed)->message, std::move((*head)->segments));
  return whole;
}

void Connection::handle(const relay::net::HttpRequest& request, std::vector<std::string> segments) {
  console::ApiRequest api{request.method,
                          request.target,
                          std::move(segments),
                          std::string(field(request.fields, "Authorization")),
                          std::string(field(request.fields, "Feierabend-Proof")),
                          request.body};
  if (api.segments == std::vector<std::string>{"v1", "stream"}) return upgrade(request, std::move(api));
  const auto& parts = door_.parts();
  const bool keep = !has_token(field(request.fields, "Connection"), "close");
  parts.workers.submit(
      parts.loop,
      [&api_ = parts.api, api = std::move(api)]() -> policy::base::Result<relay::net::HttpResponse> {
        return api_.handle(api);
      },
      [self = shared_from_this(), keep](const policy::base::Result<relay::net::HttpResponse>& response) {
        self->respond(response ? *response : http::problem_response(response.error()), keep);
      });
}

void Connection::upgrade(const relay::net::HttpRequest& request, console::ApiRequest api) {
  const auto& parts = door_.parts();
  if (auto sound = check_upgrade(request, parts.origins); !sound)
    return respond(http::problem_response(sound.error()), false);
  parts.workers.submit(
      parts.loop, [&api_ = parts.api, api = std::move(api)] { return api_.authenticate(api); },
      [self = shared_from_this(), key = std::string(field(request.fields, "Sec-WebSocket-Key"))](
          const policy::base::Result<session::SessionInfo>& session) {
        if (self->state_ == State::kEnded) return;
        if (!session) return self->respond(http::problem_response(session.error()), false);
        const relay::net::HttpResponse switching{101,
                                                 {{"Upgrade", "websocket"},
                                                  {"Connection", "Upgrade"},
                                                  {"Sec-WebSocket-Accept", relay::net::ws_accept(key)},
                                                  {"Sec-WebSocket-Protocol", std::string(kSubprotocol)}},
                                                 ""};
        self->channel_->send(as_bytes(relay::net::format_response(switching)));
        auto channel = std::exchange(self->channel_, nullptr);
        self->end();
        if (!channel->closed()) self->door_.parts().exchange.attach(std::move(channel), *session, session->mailbox);
      });
}

void Connection::respond(const relay::net::HttpResponse& response, bool keep) {
  if (state_ == State::kEnded) return;
  relay::net::HttpResponse out = response;
  if (!keep) out.fields.emplace_back("Connection", "close");
  // RFC 6797: a browser that came once never comes without TLS again.
  out.fields.emplace_back("Strict-Transport-Security", "max-age=63072000");
  channel_->send(as_bytes(relay::net::format_response(out)));
  since_s_ = door_.second();
  if (keep) {
    state_ = State::kWaiting;
    return channel_->show_again();
  }
  const auto self = shared_from_this();
  channel_->close_after_send();
  end();
}

}  // namespace gateway::listener
