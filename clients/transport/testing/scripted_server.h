// A TLS server of a test on a free port of 127.0.0.1: answers each HTTP request as the script says, and after a 101
// hands the client's frames to the script. One loop on one thread; the script runs there.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <thread>

#include "relay/net/channel.h"
#include "relay/net/http.h"
#include "relay/net/socket.h"
#include "relay/net/websocket.h"
#include "relay/wire/codec.h"
#include "tests/support/certificates/certificates.h"

namespace clients::transport::testing {

class ScriptedServer {
 public:
  class Client;
  struct Script {
    std::function<relay::net::HttpResponse(const relay::net::HttpRequest&)> on_request;
    std::function<void(Client&)> on_stream = [](Client&) {};
    std::function<void(Client&, const relay::wire::pb::ClientFrame&)> on_frame = [](Client&, const auto&) {};
  };

  class Client final : public relay::net::ChannelOwner {
   public:
    Client(ScriptedServer& server, int fd) : server_(server) {
      static constexpr relay::net::ChannelLimits kLimits{};
      channel_ = relay::net::Channel::accept(server.loop_, fd, server.tls_.get(), kLimits);
      channel_->start(*this);
    }
    ~Client() { channel_->close(); }

    void push(const relay::wire::pb::ServerFrame& frame) {
      raw(relay::net::WsOpcode::kBinary, frame.SerializeAsString());
    }
    void raw(relay::net::WsOpcode opcode, const std::string& payload) { bytes(relay::net::ws_frame(opcode, payload)); }
    void bytes(const std::string& bytes) { channel_->send(policy::base::as_bytes(bytes)); }
    void close(std::uint16_t code, std::string_view reason) {
      bytes(relay::net::ws_close(code, reason));
      channel_->close_after_send();
    }
    void hang_up() { channel_->close_after_send(); }
    int pongs = 0;

    std::size_t on_bytes(policy::base::ByteView bytes) override { return streaming_ ? frames(bytes) : request(bytes); }
    void on_closed(const policy::base::Error&) override {}

   private:
    std::size_t request(policy::base::ByteView bytes) {
      auto parsed = relay::net::parse_request(bytes, {});
      if (!parsed || !*parsed) return 0;
      auto response = server_.script_.on_request((*parsed)->message);
      const bool closing = response.status == 0;
      streaming_ = response.status == 101;
      if (streaming_) {
        const auto key = relay::net::field((*parsed)->message.fields, "Sec-WebSocket-Key");
        response.fields.emplace_back("Upgrade", "websocket");
        response.fields.emplace_back("Connection", "Upgrade");
        response.fields.emplace_back("Sec-WebSocket-Accept", relay::net::ws_accept(key));
        response.fields.emplace_back("Sec-WebSocket-Protocol", "feierabend.v1");
      }
      if (closing) return hang_up(), bytes.size();
      this->bytes(relay::net::format_response(response));
      if (streaming_) server_.script_.on_stream(*this);
      return (*parsed)->consumed;
    }
    std::size_t frames(policy::base::ByteView bytes) {
      std::size_t consumed = 0;
      while (consumed < bytes.size()) {
        auto decoded = decoder_.decode(bytes.subspan(consumed));
        if (!decoded || decoded->consumed == 0) break;
        consumed += decoded->consumed;
        if (!decoded->event) continue;
        if (decoded->event->opcode == relay::net::WsOpcode::kPong) ++pongs, ++server_.pongs;
        if (decoded->event->opcode != relay::net::WsOpcode::kBinary) continue;
        auto frame = relay::wire::parse_client_frame(policy::base::as_bytes(decoded->event->payload));
        if (frame) server_.script_.on_frame(*this, *frame);
      }
      return consumed;
    }

    ScriptedServer& server_;
    std::shared_ptr<relay::net::Channel> channel_;
    relay::net::WsDecoder decoder_{relay::net::WsRole::kServer, relay::wire::kFrameBytesMax};
    bool streaming_ = false;
  };

  ScriptedServer(const std::filesystem::path& folder, Script script)
      : script_(std::move(script)), files_(tests::support::make_certificates(folder)) {
    tls_ = relay::net::TlsContext::server({files_.certificate, files_.key, ""}).value();
    listener_ = relay::net::Listener::open(loop_, relay::net::parse_address("tcp:127.0.0.1:0").value()).value();
    listener_->start([this](int fd) { clients_.push_back(std::make_unique<Client>(*this, fd)); });
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~ScriptedServer() {
    loop_.post([this] {
      clients_.clear();
      listener_->stop();
    });
    loop_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return listener_->bound().port; }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port()); }
  std::string ca() const { return files_.ca; }
  // Cuts every connection.
  void cut() {
    std::promise<void> done;
    loop_.post([this, &done] {
      clients_.clear();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::atomic<int> pongs = 0;

 private:
  policy::base::SystemClock clock_;
  relay::net::Loop loop_{clock_};
  Script script_;
  tests::support::Certificates files_;
  std::shared_ptr<relay::net::TlsContext> tls_;
  std::unique_ptr<relay::net::Listener> listener_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::thread thread_;
};

}  // namespace clients::transport::testing
