// Links over real sockets: mutual TLS, hostile peers, order of stopping, and what never reaches a log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay_process.h"
#include "tests/support/certificates/certificates.h"

namespace tests::integration {
namespace {

namespace pb = relay::client::pb;
using policy::base::DeviceId;
using policy::base::MailboxId;
using testing::HasSubstr;

// A peer that says what it likes.
class RawPeer {
 public:
  explicit RawPeer(const relay::net::Address& address) : fd_(relay::net::connect_socket(address).value()) {}
  ~RawPeer() { ::close(fd_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  // False once the other side has closed or takes nothing for two seconds.
  bool say(std::string_view bytes) {
    while (!bytes.empty()) {
      pollfd ready{fd_, POLLOUT, 0};
      if (::poll(&ready, 1, 2000) <= 0) return false;
      const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }
  // Everything until the other side closes; nothing if it does not within the time.
  std::optional<std::string> hear_until_close(int timeout_ms = 5000) {
    std::string out;
    for (std::array<char, 65536> buffer{};;) {
      pollfd ready{fd_, POLLIN, 0};
      if (::poll(&ready, 1, timeout_ms) <= 0) return std::nullopt;
      const ssize_t size = ::read(fd_, buffer.data(), buffer.size());
      if (size <= 0) return out;
      out.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  int fd_;
};

std::string hello_frame() {
  pb::ToRelay hello;
  hello.set_request(1);
  hello.mutable_hello()->set_version(1);
  hello.mutable_hello()->set_instance("test\x1b[31m");
  return relay::wire::frame(hello);
}

TEST(RelayLinks, HostilePeersAreToldWhyAndCutOff) {
  const support::TemporaryFolder folder("relay-hostile");
  RelayProcess relay(folder);
  const auto address = relay.start();
  ASSERT_TRUE(address) << relay.log();
  pb::ToRelay early;
  early.set_request(1);
  early.mutable_remove_device()->set_device(std::string(16, 'd'));
  pb::ToRelay old;
  old.set_request(1);
  old.mutable_hello()->set_version(99);
  pb::ToRelay odd;
  odd.set_request(2);
  odd.mutable_remove_device()->set_device("short");
  pb::ToRelay plain;
  plain.set_request(1);
  plain.mutable_hello()->set_version(1);
  const std::string greeting = relay::wire::frame(plain);
  const std::vector<std::pair<std::string, std::string>> cases{
      {"link.hello", relay::wire::frame(early)},
      {"link.version", relay::wire::frame(old)},
      {"wire.id-size", greeting + relay::wire::frame(odd)},
      {"wire.too-large", greeting + std::string("\xff\xff\xff\xff", 4)},
      {"wire.syntax", greeting + std::string("\0\0\0\2\xff\xff", 6)},
      {"wire.empty", greeting + std::string("\0\0\0\0", 4)},
      {"wire.text", hello_frame()},
  };
  for (const auto& [code, bytes] : cases) {
    RawPeer peer(*address);
    ASSERT_TRUE(peer.say(bytes));
    const auto heard = peer.hear_until_close();
    ASSERT_TRUE(heard) << code << " was not cut off";
    EXPECT_THAT(*heard, HasSubstr(code));
  }
  EXPECT_TRUE(relay.process().running()) << relay.log();
  EXPECT_EQ(relay.process().stop(), 0) << relay.log();
}

TEST(RelayLinks, APeerThatReadsNothingIsCutOffAndOthersGoOn) {
  const support::TemporaryFolder folder("relay-slow");
  RelayProcess relay(folder);
  const auto address = relay.start();
  ASSERT_TRUE(address) << relay.log();
  RawPeer slow(*address);
  pb::ToRelay hello;
  hello.set_request(1);
  hello.mutable_hello()->set_version(1);
  ASSERT_TRUE(slow.say(relay::wire::frame(hello)));
  // Each is answered by a refusal that is longer than itself.
  pb::ToRelay query;
  query.set_request(7);
  query.mutable_status()->set_conversation(std::string(16, 'c'));
  query.mutable_status()->set_sender_mailbox(std::string(16, 'm'));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += relay::wire::frame(query);
  bool cut_off = false;
  for (int i = 0; i < 1000 && !cut_off; ++i) cut_off = !slow.say(many);
  EXPECT_TRUE(cut_off);
  LoopThread thread;
  std::unique_ptr<relay::client::Link> link;
  bool up = false;
  thread.run_on([&] {
    link =
        std::make_unique<relay::client::Link>(thread.loop(), *address, nullptr,
                                              relay::client::Handlers{.on_up = [&] { up = true; },
                                                                      .on_down = [](const relay::client::Error&) {},
                                                                      .on_delivery = [](const pb::DeviceDelivery&) {},
                                                                      .on_receipt = [](const pb::BucketReceipt&) {},
                                                                      .on_expired = [](const pb::MailboxExpired&) {}});
    link->start();
  });
  EXPECT_TRUE(thread.wait_until([&] { return up; }));
  thread.run_on([&] { link.reset(); });
  EXPECT_EQ(relay.process().stop(), 0) << relay.log();
}

struct LinkState {
  int up = 0;
  int down = 0;
  std::vector<std::string> delivered;
  std::optional<pb::AcceptResult> accepted;
};

std::unique_ptr<relay::client::Link> make_link(LoopThread& thread, const relay::net::Address& address,
                                               const relay::net::TlsContext* tls, LinkState& state) {
  std::unique_ptr<relay::client::Link> link;
  thread.run_on([&] {
    link = std::make_unique<relay::client::Link>(
        thread.loop(), address, tls,
        relay::client::Handlers{.on_up = [&state] { ++state.up; },
                                .on_down = [&state](const relay::client::Error&) { ++state.down; },
                                .on_delivery =
                                    [&state](const pb::DeviceDelivery& d) {
                                      state.delivered.push_back(d.stored().envelope().ciphertext());
                                    },
                                .on_receipt = [](const pb::BucketReceipt&) {},
                                .on_expired = [](const pb::MailboxExpired&) {}});
    link->start();
  });
  return link;
}

TEST(RelayLinks, MutualTlsOrNothing) {
  const support::TemporaryFolder folder("relay-tls");
  const auto ours = support::make_certificates(folder.path(), "relay");
  const auto foreign = support::make_certificates(folder / "foreign", "stranger");
  RelayProcess relay(folder, {"--tls-cert", ours.certificate.string(), "--tls-key", ours.key.string(), "--tls-trust",
                              ours.ca.string()});
  const auto address = relay.start("tcp:127.0.0.1:0");
  ASSERT_TRUE(address) << relay.log();
  EXPECT_NE(address->port, 0);
  const auto right =
      relay::net::TlsContext::client({ours.certificate.string(), ours.key.string(), ours.ca.string()}).value();
  const auto stranger =
      relay::net::TlsContext::client({foreign.certificate.string(), foreign.key.string(), ours.ca.string()}).value();
  const auto nobody = relay::net::TlsContext::client({"", "", ours.ca.string()}).value();
  LoopThread thread;
  LinkState states[3];
  auto good = make_link(thread, *address, right.get(), states[0]);
  auto foreign_link = make_link(thread, *address, stranger.get(), states[1]);
  auto anonymous = make_link(thread, *address, nobody.get(), states[2]);
  EXPECT_TRUE(thread.wait_until([&] { return states[0].up == 1; })) << relay.log();
  thread.run_on([&] {
    good->create(conversation_of_two(), [](const policy::base::Status&) {});
    good->register_device(id<MailboxId>(1), id<DeviceId>(1), [](const policy::base::Status&) {});
    good->register_device(id<MailboxId>(2), id<DeviceId>(2), [](const policy::base::Status&) {});
    good->subscribe(id<DeviceId>(2), 0xF);
    good->accept(accept("message-00000001", "hidden-marker"), [&](const auto& result) {
      if (result) states[0].accepted = *result;
    });
  });
  EXPECT_TRUE(thread.wait_until([&] { return !states[0].delivered.empty() && states[0].accepted; })) << relay.log();
  thread.run_on([&] {
    EXPECT_EQ(states[1].up, 0);
    EXPECT_EQ(states[2].up, 0);
    good.reset();
    foreign_link.reset();
    anonymous.reset();
  });
  EXPECT_EQ(relay.process().stop(), 0);
  EXPECT_THAT(relay.log(), testing::Not(HasSubstr("hidden-marker")));
  EXPECT_THAT(relay.log(), testing::Not(HasSubstr(id<DeviceId>(2).text())));
}

TEST(RelayLinks, ALinkComesUpAgainByItself) {
  const support::TemporaryFolder folder("relay-again");
  RelayProcess relay(folder);
  const auto address = relay.start();
  ASSERT_TRUE(address) << relay.log();
  LoopThread thread;
  LinkState state;
  auto link = make_link(thread, *address, nullptr, state);
  ASSERT_TRUE(thread.wait_until([&] { return state.up == 1; }));
  EXPECT_EQ(relay.process().stop(), 0) << relay.log();
  EXPECT_TRUE(thread.wait_until([&] { return state.down >= 1; }));
  std::string refused;
  thread.run_on([&] {
    link->accept(accept("message-00000001", "x"),
                 [&](const auto& result) { refused = result ? "" : result.error().code; });
  });
  EXPECT_TRUE(thread.wait_until([&] { return refused == "relay.unavailable"; }));
  ASSERT_TRUE(relay.start());
  EXPECT_TRUE(thread.wait_until([&] { return state.up == 2; }));
  thread.run_on([&] { link.reset(); });
}

TEST(RelayLinks, OneRelayADataFolderAndUnencryptedTcpIsRefused) {
  const support::TemporaryFolder folder("relay-lock");
  RelayProcess relay(folder);
  ASSERT_TRUE(relay.start()) << relay.log();
  const std::string program = support::program("feierabend-relay");
  const std::string data = (folder / "data").string();
  const auto second = support::run({program, "--listen", "unix:" + (folder / "other.sock").string(), "--data", data});
  EXPECT_EQ(second.exit_code, 73) << second.err;
  EXPECT_THAT(second.err, HasSubstr(std::to_string(relay.process().pid())));
  const auto taken = support::run(
      {program, "--listen", "unix:" + (folder / "relay.sock").string(), "--data", (folder / "data2").string()});
  EXPECT_EQ(taken.exit_code, 69) << taken.err;
  const auto plain =
      support::run({program, "--listen", "tcp:127.0.0.1:0", "--data", (folder / "data3").string(), "check-config"});
  EXPECT_EQ(plain.exit_code, 78) << plain.err;
  EXPECT_THAT(plain.err, HasSubstr("mutual TLS"));
  EXPECT_EQ(support::run({program, "--listen", "nowhere", "--data", data}).exit_code, 78);
}

}  // namespace
}  // namespace tests::integration
