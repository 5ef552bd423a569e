// The way to a witness over TLS, against a real server: whom it trusts, and that nothing is said to anybody else.
#include "gateway/witness/http_way.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "relay/net/channel.h"
#include "relay/net/http.h"
#include "tests/support/certificates/certificates.h"

namespace gateway::witness {
namespace {

namespace base = policy::base;
namespace net = relay::net;
using audit::checkpoint::TrustPolicy;

constexpr net::ChannelLimits kChannelLimits{};
constexpr net::HttpLimits kHttpLimits{.head_bytes_max = 16 * 1024, .body_bytes_max = 64 * 1024};

// A witness's proxy on a thread of its own: answers each request with what it was asked, and counts them.
class Served {
 public:
  Served(const std::string& host, const net::TlsContext* tls) : tls_(tls) {
    listener_ = net::Listener::open(loop_, {false, host, 0}).value();
    listener_->start([this](int fd) {
      auto& one = connections_.emplace_back(std::make_unique<Connection>(*this));
      one->channel = net::Channel::accept(loop_, fd, tls_, kChannelLimits);
      one->channel->start(*one);
    });
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Served() {
    loop_.post([this] {
      listener_->stop();
      for (auto& one : connections_) one->channel->close();
      loop_.post([this] { loop_.stop(); });  // behind what closing has cancelled
    });
    thread_.join();
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  int port() const { return listener_->bound().port; }
  // Bytes that came through, after any handshake.
  std::size_t heard() const { return heard_; }

 private:
  struct Connection final : net::ChannelOwner {
    explicit Connection(Served& all) : served(all) {}
    std::size_t on_bytes(base::ByteView bytes) override {
      served.heard_ += bytes.size();
      const auto request = net::parse_request(bytes, kHttpLimits);
      if (request && !*request) return 0;
      net::HttpResponse answer;
      answer.status = request ? 200 : 400;
      if (request) answer.body = (*request)->message.target + " " + (*request)->message.body;
      channel->send(base::as_bytes(net::format_response(answer)));
      channel->close_after_send();
      return bytes.size();
    }
    void on_closed(const base::Error&) override {}
    Served& served;
    std::shared_ptr<net::Channel> channel;
  };

  const base::SystemClock clock_;
  net::Loop loop_{clock_};
  const net::TlsContext* tls_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::atomic<std::size_t> heard_ = 0;
  std::thread thread_;
};

class OverTls : public ::testing::Test {
 protected:
  OverTls() : folder_(std::filesystem::temp_directory_path() / ("feierabend-way-" + std::to_string(::getpid()))) {
    files_ = tests::support::make_certificates(folder_);
    tls_ = net::TlsContext::server({files_.certificate, files_.key, ""}).value();
  }
  ~OverTls() override { std::filesystem::remove_all(folder_); }

  base::Result<HttpWay::Reply> ask(const std::string& url, const std::string& trust) {
    auto key = audit::checkpoint::CosigningKey::generate("council.example", random_).value();
    const auto policy =
        TrustPolicy::parse("policy", "witness council " + key.verifier().text() + " " + url + "\nquorum council\n")
            .value();
    const auto way = HttpWay::open(policy, trust, clock_);
    if (!way) return std::unexpected(way.error());
    return (*way)->add_checkpoint(policy.witnesses().front(), "checkpoint");
  }
  static std::string url(const std::string& scheme, const std::string& host, const Served& served) {
    return scheme + "://" + host + ":" + std::to_string(served.port()) + "/council";
  }
  std::string code(const std::string& url, const std::string& trust) {
    const auto reply = ask(url, trust);
    return reply ? "answered" : reply.error().code;
  }

  std::filesystem::path folder_;
  tests::support::Certificates files_;
  std::shared_ptr<net::TlsContext> tls_;
  base::SystemRandom random_;
  base::SystemClock clock_;
};

TEST_F(OverTls, AWitnessWithACertificateOfItsNameIsAsked) {
  const Served served("127.0.0.1", tls_.get());
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const auto reply = ask(url("https", host, served), files_.ca);
    ASSERT_TRUE(reply) << host << ": " << base::to_string(reply.error());
    EXPECT_EQ(reply->status, 200U);
    EXPECT_EQ(reply->body, "/council/add-checkpoint checkpoint");
  }
}

TEST_F(OverTls, ACertificateOfAnotherHostIsRefusedBeforeAnythingIsSaid) {
  const Served served("127.0.0.3", tls_.get());  // the certificate names 127.0.0.1 and 127.0.0.2
  EXPECT_EQ(code(url("https", "127.0.0.3", served), files_.ca), "tls.handshake");
  EXPECT_EQ(served.heard(), 0U);
}

TEST_F(OverTls, AnUnknownAuthorityIsRefusedBeforeAnythingIsSaid) {
  const auto other = tests::support::make_certificates(folder_ / "other");
  const Served served("127.0.0.1", tls_.get());
  EXPECT_EQ(code(url("https", "127.0.0.1", served), other.ca), "tls.handshake");
  EXPECT_EQ(code(url("https", "127.0.0.1", served), ""), "tls.handshake") << "nor does the system know it";
  EXPECT_EQ(served.heard(), 0U);
}

TEST_F(OverTls, AServerWithoutTlsIsRefused) {
  const Served served("127.0.0.1", nullptr);
  EXPECT_EQ(code(url("https", "127.0.0.1", served), files_.ca), "tls.handshake");
  EXPECT_EQ(code(url("http", "127.0.0.1", served), ""), "answered") << "on this machine plain is enough";
}

TEST_F(OverTls, PlainToAServerWithTlsIsAnError) {
  const Served served("127.0.0.1", tls_.get());
  const auto reply = ask(url("http", "127.0.0.1", served), "");
  EXPECT_FALSE(reply);
  EXPECT_EQ(served.heard(), 0U);
}

TEST_F(OverTls, AuthoritiesThatCannotBeReadAreAnErrorAtStart) {
  EXPECT_EQ(code("https://127.0.0.1:1", folder_ / "none.pem"), "tls.trust");
}

}  // namespace
}  // namespace gateway::witness
