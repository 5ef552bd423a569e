#include "relay/net/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>

#include "relay/net/socket.h"
#include "tests/support/certificates/certificates.h"

namespace relay::net {
namespace {

using policy::base::as_bytes;
using policy::base::ByteView;
using policy::base::Error;

constexpr ChannelLimits kLimits{1 << 20, 1 << 16};

struct End final : ChannelOwner {
  std::shared_ptr<Channel> channel;
  std::string received;
  std::string closed;
  std::function<void()> opened = [] {};
  std::function<void()> changed = [] {};
  std::size_t take = SIZE_MAX;

  void on_open() override { opened(); }
  std::size_t on_bytes(ByteView bytes) override {
    const std::size_t size = std::min(take, bytes.size());
    received += policy::base::as_text(bytes.first(size));
    changed();
    return size;
  }
  void on_closed(const Error& why) override {
    closed = why.code;
    changed();
  }
};

class Channels : public ::testing::TestWithParam<bool> {
 protected:
  Channels() : folder_(std::filesystem::temp_directory_path() / ("feierabend-net-" + std::to_string(::getpid()))) {
    const auto files = tests::support::make_certificates(folder_);
    server_tls_ = TlsContext::server({files.certificate, files.key, ""}).value();
    client_tls_ = TlsContext::client({"", "", files.ca}).value();
  }
  ~Channels() override { std::filesystem::remove_all(folder_); }

  const TlsContext* tls(const std::shared_ptr<TlsContext>& context) { return GetParam() ? context.get() : nullptr; }

  void connect(const ChannelLimits& limits = kLimits, const std::string& host = "127.0.0.1") {
    listener_ = Listener::open(loop_, parse_address("tcp:127.0.0.1:0").value()).value();
    listener_->start([this, &limits](int fd) {
      server_.channel = Channel::accept(loop_, fd, tls(server_tls_), limits);
      server_.channel->start(server_);
    });
    client_.channel = Channel::dial(loop_, connect_socket(listener_->bound()).value(), tls(client_tls_), host, limits);
    client_.channel->start(client_);
  }
  void run_until(const std::function<bool()>& done) {
    const auto check = [this, done] {
      if (done()) loop_.stop();
    };
    client_.changed = check;
    server_.changed = check;
    loop_.run();
  }

  policy::base::SystemClock clock_;
  Loop loop_{clock_};
  std::filesystem::path folder_;
  std::shared_ptr<TlsContext> server_tls_, client_tls_;
  std::unique_ptr<Listener> listener_;
  End server_, client_;
};

TEST_P(Channels, CarriesBytesBothWays) {
  const std::string question(300'000, 'q'), answer(500'000, 'a');
  client_.opened = [&] { client_.channel->send(as_bytes(question)); };
  connect();
  bool answered = false;
  run_until([&] {
    if (server_.received.size() == question.size() && !answered) {
      answered = true;
      server_.channel->send(as_bytes(answer));
    }
    return client_.received.size() == answer.size();
  });
  EXPECT_EQ(server_.received, question);
  EXPECT_EQ(client_.received, answer);
}

TEST_P(Channels, UnconsumedBytesAreShownAgain) {
  server_.take = 3;
  client_.opened = [&] { client_.channel->send(as_bytes(std::string_view("abcdef"))); };
  connect();
  run_until([&] {
    if (server_.received == "abc") client_.channel->send(as_bytes(std::string_view("g")));
    return server_.received == "abcdef";
  });
  EXPECT_EQ(server_.received, "abcdef");
}

// An owner may let go in the same turn in which its channel has failed, and be gone in the next.
TEST(Channel, WhoeverLetsGoOfAFailedChannelHearsNothingMore) {
  static constexpr ChannelLimits kNarrow{16, 1 << 16};
  const auto heard_after = [](const std::function<void(Channel&)>& let_go) {
    const policy::base::SystemClock clock;
    Loop loop(clock);
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    End owner;
    owner.channel = Channel::accept(loop, pair[0], nullptr, kNarrow);
    owner.opened = [&] {
      owner.channel->send(as_bytes(std::string_view("more than sixteen bytes")));
      let_go(*owner.channel);
      loop.post([&] { loop.stop(); });
    };
    owner.channel->start(owner);
    loop.run();
    ::close(pair[1]);
    return owner.closed;
  };
  EXPECT_EQ(heard_after([](Channel&) {}), "channel.slow-reader");
  EXPECT_EQ(heard_after([](Channel& channel) { channel.close(); }), "");
  EXPECT_EQ(heard_after([](Channel& channel) { channel.close_after_send(); }), "");
}

// A packet socket shows what one system call wrote.
TEST(Channel, WritesOnceForAllThatATurnSends) {
  const policy::base::SystemClock clock;
  Loop loop(clock);
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
  End owner;
  owner.channel = Channel::accept(loop, pair[0], nullptr, kLimits);
  owner.opened = [&] {
    for (int i = 0; i < 100; ++i) owner.channel->send(as_bytes(std::string_view("ten bytes.")));
    loop.post([&] { loop.stop(); });
  };
  owner.channel->start(owner);
  loop.run();
  std::array<char, 4096> packet;
  EXPECT_EQ(::recv(pair[1], packet.data(), packet.size(), 0), 1000);
  EXPECT_EQ(::recv(pair[1], packet.data(), packet.size(), 0), -1);
  owner.channel->close();
  ::close(pair[1]);
}

TEST_P(Channels, ClosingIsTold) {
  client_.opened = [&] {
    client_.channel->send(as_bytes(std::string_view("bye")));
    client_.channel->close_after_send();
  };
  connect();
  run_until([&] { return !server_.closed.empty(); });
  EXPECT_EQ(server_.received, "bye");
  EXPECT_EQ(server_.closed, "channel.closed");
}

TEST_P(Channels, SlowReadersAreCutOff) {
  static constexpr ChannelLimits kSmall{1000, 1000};
  client_.opened = [&] {
    for (int i = 0; i < 200'000 && !client_.channel->closed(); ++i)
      client_.channel->send(as_bytes(std::string(900, 'x')));
  };
  server_.take = 0;
  connect(kSmall);
  run_until([&] { return !client_.closed.empty(); });
  EXPECT_EQ(client_.closed, "channel.slow-reader");
}

TEST_P(Channels, UnfinishedMessagesAreBounded) {
  static constexpr ChannelLimits kSmall{1 << 20, 100};
  server_.take = 0;
  client_.opened = [&] { client_.channel->send(as_bytes(std::string(500, 'x'))); };
  connect(kSmall);
  run_until([&] { return !server_.closed.empty(); });
  EXPECT_EQ(server_.closed, "channel.unread");
}

INSTANTIATE_TEST_SUITE_P(PlainAndTls, Channels, ::testing::Bool());

class Tls : public Channels {};

TEST_P(Tls, AnotherHostNameIsRefused) {
  connect(kLimits, "example.org");
  run_until([&] { return !client_.closed.empty(); });
  EXPECT_EQ(client_.closed, "tls.handshake");
}

TEST_P(Tls, AnUnknownAuthorityIsRefused) {
  const auto other = tests::support::make_certificates(folder_ / "other");
  client_tls_ = TlsContext::client({"", "", other.ca}).value();
  connect();
  run_until([&] { return !client_.closed.empty(); });
  EXPECT_EQ(client_.closed, "tls.handshake");
}

TEST_P(Tls, MutualTlsNeedsACertificate) {
  const auto files = tests::support::make_certificates(folder_);
  server_tls_ = TlsContext::server({files.certificate, files.key, files.ca}).value();
  connect();
  run_until([&] { return !server_.closed.empty(); });
  EXPECT_EQ(server_.closed, "tls.handshake");
}

INSTANTIATE_TEST_SUITE_P(Handshakes, Tls, ::testing::Values(true));

TEST(Address, ReadsAndRefuses) {
  EXPECT_EQ(parse_address("tcp:127.0.0.1:80")->port, 80);
  EXPECT_EQ(parse_address("tcp:[::1]:0")->host, "::1");
  EXPECT_EQ(parse_address("unix:/run/x.sock")->host, "/run/x.sock");
  for (const char* text :
       {"", "tcp:", "tcp::80", "tcp:host", "tcp:host:", "tcp:host:99999", "tcp:host:1x", "unix:", "udp:x:1"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(Sockets, ASecondListenerOnAUnixSocketIsRefused) {
  policy::base::SystemClock clock;
  Loop loop(clock);
  const auto path = std::filesystem::temp_directory_path() / ("feierabend-net-" + std::to_string(::getpid()) + ".sock");
  const Address address{true, path.string(), 0};
  auto first = Listener::open(loop, address);
  ASSERT_TRUE(first);
  EXPECT_EQ(Listener::open(loop, address).error().code, "socket.bind");
  (*first)->stop();
  EXPECT_TRUE(Listener::open(loop, address));
}

}  // namespace
}  // namespace relay::net
