// Whoever says wrong things to the real programs: on the wire, in requests, in frames, on the relay's socket. Each is
// answered with a typed error or shown out; nobody else notices, and nothing that was accepted before is lost.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <future>
#include <optional>
#include <random>

#include "clients/transport/https.h"
#include "clients/transport/problem.h"
#include "clients/transport/proof.h"
#include "policy/base/testing/seed.h"
#include "relay/net/websocket.h"
#include "tests/support/station/open_pack.h"
#include "tests/support/station/raw_connection.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

using policy::base::as_bytes;
using relay::net::WsOpcode;
using tests::support::kPassword;
using tests::support::RawConnection;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;
namespace pb = feierabend::v1;
namespace transport = clients::transport;

constexpr int kBefore = 10;            // messages that were accepted before the trouble
constexpr int kHandshakeLimit_s = 10;  // gateway/listener/front_door.h, FrontDoor::kHandshake_s
constexpr int kHandshakeSlack_s = 5;   // one sweep a second, on a busy machine
constexpr std::size_t kCiphertextMax = 256 * 1024;
constexpr std::uint32_t kMask = 0x5A5A1234;

struct Answer {
  unsigned status = 0;
  policy::base::Error problem;
  bool alone = false;  // nothing came behind it
};

Answer read_answer(const std::string& bytes) {
  const auto parsed = relay::net::parse_response(as_bytes(bytes), {});
  if (!parsed || !*parsed) return {};
  Answer out;
  out.status = (*parsed)->message.status;
  if (out.status != 200) out.problem = transport::problem_of((*parsed)->message);
  out.alone = (*parsed)->consumed == bytes.size();
  return out;
}

std::string post(const std::string& target, const std::string& body) {
  return "POST " + target +
         " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class Hostile : public ::testing::Test {
 protected:
  void SetUp() override {
    tests::support::write_file(packs_ / "pack.toml", tests::support::kOpenPack);
    station_.emplace("hostile",
                     Station::Options{.people = {{"anna"}, {"bernd"}}, .roster = {}, .packs = {packs_ / "pack.toml"}});
    station_->start_relay();
    station_->start_gateway();
    network_ = std::move(
        transport::Network::start(clock_, transport::parse_server_url(station_->url()).value(), station_->ca())
            .value());
    for (auto* const one : {&anna_, &bernd_}) one->emplace(station_->url(), station_->ca());
    anna_->log_in("anna", anna_secret_);
    bernd_->log_in("bernd", bernd_secret_);
    ASSERT_TRUE(bernd_->connect());
    ASSERT_TRUE(anna_->connect());
    conversation_ = anna_->open({"bernd"});
    bernd_->disconnect();
    for (int i = 0; i < kBefore; ++i) ASSERT_TRUE(anna_->send(conversation_, "vorher " + std::to_string(i)));
  }
  void TearDown() override {
    EXPECT_TRUE(station_->gateway().running());
    EXPECT_TRUE(station_->relay().running());
    EXPECT_TRUE(anna_->connected()) << "somebody else's stream was cut";
    EXPECT_TRUE(anna_->send(conversation_, "nachher"));
    ASSERT_TRUE(bernd_->connect());
    for (int found = 0; found <= kBefore;) {
      const auto delivery = bernd_->next_delivery(5000);
      ASSERT_TRUE(delivery) << "message " << found << " is lost";
      bernd_->ack(*delivery);
      const std::string text = bernd_->read(*delivery);
      if (text.starts_with("unreadable") || text == "x") continue;  // from the test's own frames
      EXPECT_EQ(text, found < kBefore ? "vorher " + std::to_string(found) : "nachher");
      ++found;
    }
    if (HasFailure()) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }

  // The answer to these bytes on a connection of their own, which the gateway must close.
  Answer say(const std::string& bytes) {
    RawConnection connection(*network_);
    connection.send(bytes);
    const auto all = connection.wait_closed();
    if (!all) return ADD_FAILURE() << "the connection stays open", Answer{};
    return read_answer(*all);
  }
  void expect(const std::string& bytes, unsigned status, const std::string& code) {
    SCOPED_TRACE(policy::base::printable(bytes, 120));
    const Answer answer = say(bytes);
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.problem.code, code);
    EXPECT_FALSE(answer.problem.seen.empty()) << "the error does not say what was seen";
    EXPECT_TRUE(answer.alone) << "something behind the refused request was answered, too";
  }
  std::string upgrade(const std::string& origin_line, const std::string& protocol = "feierabend.v1") {
    std::string out = "GET /v1/stream HTTP/1.1\r\nHost: h\r\n" + origin_line;
    for (const auto& [name, value] :
         transport::proof_fields(anna_->credentials(), "GET", "/v1/stream", clock_, random_))
      out += name + ": " + value + "\r\n";
    return out + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: " +
           protocol + "\r\nSec-WebSocket-Key: " + policy::base::to_base64(random_.array<16>()) + "\r\n\r\n";
  }

  TemporaryFolder packs_{"pack"};
  policy::base::SystemClock clock_;
  policy::base::SystemRandom random_;
  std::optional<Station> station_;
  std::unique_ptr<transport::Network> network_;
  std::optional<TestDevice> anna_, bernd_;
  pb::Conversation conversation_;
  std::string anna_secret_, bernd_secret_;
};

// Each of these is read differently by some parser in use; a second request behind it must never be answered.
TEST_F(Hostile, RequestsWithTwoReadingsAreRefused) {
  const std::string behind = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
  const auto get = [&](const std::string& fields) { return "GET /healthz HTTP/1.1\r\n" + fields + "\r\n" + behind; };
  const auto framed = [&](const std::string& fields) {
    return "POST /v1/login/password HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + behind;
  };
  expect("POST /healthz HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + behind, 400, "http.version");
  for (const char* const coding : {"chunked", "xchunked", "chunked, identity", "identity", "gzip, chunked"})
    expect(framed("Transfer-Encoding: " + std::string(coding) + "\r\nContent-Length: 3\r\n"), 400, "http.framing");
  expect(framed("TE: trailers\r\nContent-Length: 0\r\n"), 400, "http.framing");
  expect(framed("Expect: 100-continue\r\nContent-Length: 0\r\n"), 400, "http.framing");
  for (const char* const length : {"3, 3", "+3", "-3", "0x3", "99999999999999999999", ""})
    expect(framed("Content-Length: " + std::string(length) + "\r\n"), 400, "http.framing");
  expect(framed("Content-Length: 3\r\nContent-Length: 3\r\n"), 400, "http.duplicate");
  expect(framed(""), 400, "http.framing");
  expect(get("Host: h\r\nContent-Length: 3\r\n"), 400, "http.framing");
  expect(get(""), 400, "http.host");
  expect(get("Host: a\r\nHost: b\r\n"), 400, "http.duplicate");
  expect(get("Host: a, b\r\n"), 400, "http.host");
  expect(get("Host: user@h\r\n"), 400, "http.host");
  expect(get("Host : h\r\n"), 400, "http.field");
  expect(get("Host: h\r\nA: b\r\n folded\r\n"), 400, "http.field");
  expect(get("Host: h\r\nA: \xC3\xA4\r\n"), 400, "http.field");
  expect(get("Host: h\r\nnot a field\r\n"), 400, "http.field");
  expect(get("Host: h\r\nA: b\rc\r\n"), 400, "http.line");
  expect(get(std::string("Host: h\r\nA: b\0c\r\n", 17)), 400, "http.line");
  expect("GET /healthz HTTP/1.1\nHost: h\n\n" + behind, 400, "http.line");
  expect("\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n", 400, "http.line");
  for (const char* const method : {"get", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE"})
    expect(std::string(method) + " /healthz HTTP/1.1\r\nHost: h\r\n\r\n" + behind, 405, "http.method");
  expect("GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", 431, "http.head-too-large");
  std::string many = "Host: h\r\n";
  for (int i = 0; i < 100; ++i) many += "A: b\r\n";
  expect(get(many), 400, "http.field");
  expect(framed("Content-Length: 65537\r\n"), 413, "http.body-too-large");
}

TEST_F(Hostile, APathHasOneReading) {
  const auto get = [](const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  };
  EXPECT_EQ(say(get("/healthz")).status, 200U);
  EXPECT_EQ(say(get("/%68ealthz")).status, 200U) << "an escaped letter is that letter";
  for (const char* const target :
       {"/healthz/", "//healthz", "/./healthz", "/v1/../healthz", "/%2e%2e/healthz", "/v1%2fdevices", "/healthz%00",
        "/healthz;a", "/healthz?a", "/healthz#a", "/v1\\devices", "/%5chealthz", "http://h/healthz", "healthz", "*",
        "/%", "/%zz", "/%2568ealthz", "/h\xC3\xA4"}) {
    expect(get(target), 400, "http.target");
  }
  for (const char* const target : {"/HEALTHZ", "/v1", "/v2/devices", "/debug", "/metrics", "/v1/devices/all"})
    expect(get(target), 404, "http.not-found");
  expect(get("/v1/login/password"), 405, "http.method");
}

TEST_F(Hostile, BodiesAreReadAsTheProtocolSaysOrNotAtAll) {
  const std::string nested = std::string(40, '[') + std::string(40, ']');
  for (const std::string body :
       {"", "{", "[]", "null", "{\"user\":", "{\"user\":1,\"password\":\"x\"}", "{\"user\":\"a\",\"user\":\"b\"}",
        "{\"user\":\"anna\",\"password\":\"x\",\"admin\":true}", "{\"user\":\"\xFF\"}", "{\"user\":\"anna\"}{}"}) {
    const Answer answer = say(post("/v1/login/password", body));
    EXPECT_EQ(answer.status, 400U) << body;
    EXPECT_EQ(answer.problem.code, "wire.syntax") << body;
    EXPECT_FALSE(answer.problem.seen.empty()) << body;
  }
  EXPECT_EQ(say(post("/v1/login/password", "{\"user\":" + nested + "}")).problem.code, "wire.syntax");
  const auto with_token = [&](const std::string& token, const std::string& proof) {
    return "GET /v1/devices HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: " + token +
           (proof.empty() ? "" : "\r\nFeierabend-Proof: " + proof) + "\r\n\r\n";
  };
  const std::string proof = "1." + std::string(22, 'A') + "." + std::string(86, 'A');
  expect(with_token("Feierabend x", ""), 401, "session.missing");
  expect(with_token("Bearer x", proof), 401, "session.missing");
  expect(with_token("Feierabend x", "no proof"), 401, "proof.syntax");
  expect(with_token("Feierabend x", std::string(4000, '.')), 401, "proof.syntax");
  for (const std::string& token :
       {std::string(43, 'A'), std::string(42, 'A'), std::string(4000, 'A'), std::string("'--")})
    expect(with_token("Feierabend " + token, proof), 401, "session.unknown");
}

TEST_F(Hostile, NamesThatAreFiltersOrNobody) {
  const auto login = [&](const std::string& user, const std::string& password) {
    pb::PasswordRequest request;
    request.set_user(user);
    request.set_password(password);
    return say(post("/v1/login/password", relay::wire::to_json(request)));
  };
  for (const std::string& user :
       std::vector<std::string>{"*", "*)(uid=*", "anna)(|(uid=*", "uid=anna,ou=people,dc=test", "anna\\2a", "an*",
                                "../anna", "", " anna", "nobody", "anna\nbernd", std::string(4000, 'a')}) {
    const Answer answer = login(user, kPassword);
    EXPECT_TRUE(answer.status == 400 || answer.status == 401) << user << ": " << answer.status;
    EXPECT_FALSE(answer.problem.code.empty()) << user;
    EXPECT_FALSE(answer.problem.seen.empty()) << user;
  }
  EXPECT_EQ(login("anna" + std::string(1, '\0'), kPassword).status, 400U);
  for (const std::string& password : {std::string(), std::string(" "), std::string("\0", 1), std::string(4000, 'x')}) {
    const Answer answer = login("bernd", password);
    EXPECT_TRUE(answer.status == 400 || answer.status == 401) << answer.status;
  }
  EXPECT_EQ(login("anna", kPassword).status, 200U) << "none of this has locked her out";
}

TEST_F(Hostile, AStreamOpensForOurOwnOriginsOnly) {
  expect(upgrade(""), 403, "http.origin");
  expect(upgrade("Origin: null\r\n"), 403, "http.origin");
  expect(upgrade("Origin: https://evil.example\r\n"), 403, "http.origin");
  expect(upgrade("Origin: " + station_->url() + ".evil.example\r\n"), 403, "http.origin");
  expect(upgrade("Origin: " + station_->url() + "\r\n", "chat"), 426, "http.upgrade");
}

// A stream of bernd's device, with hands on every byte.
class RawStream {
 public:
  RawStream(transport::Network& network, const std::string& upgrade) : connection_(network) {
    connection_.send(upgrade);
    const std::string head = connection_.wait_for("\r\n\r\n");
    EXPECT_NE(head.find("101 "), std::string::npos) << head;
    at_ = head.find("\r\n\r\n") + 4;
  }
  void send(std::string bytes) { connection_.send(std::move(bytes)); }
  void send_message(const std::string& payload) { send(relay::net::ws_frame(WsOpcode::kBinary, payload, kMask)); }

  // The next message, or the close code as a negative number, or nothing in time.
  struct Heard {
    std::optional<pb::ServerFrame> frame;
    unsigned close_code = 0;
  };
  Heard hear() {
    for (std::size_t seen = at_;;) {
      const std::string all = connection_.wait_beyond(seen);
      if (all.size() == seen) return {};
      const auto decoded = decoder_.decode(as_bytes(all).subspan(at_));
      if (!decoded) return {};
      seen = all.size();
      at_ += decoded->consumed;
      if (decoded->consumed > 0) seen = at_;
      if (decoded->event) return read(*decoded->event);
    }
  }
  // The next answer or problem: what is pushed about gates does not matter here.
  Heard hear_answer() {
    for (;;) {
      Heard heard = hear();
      if (!heard.frame || heard.frame->request() != 0 || heard.frame->has_problem()) return heard;
    }
  }

 private:
  static Heard read(const relay::net::WsEvent& event) {
    if (event.opcode == WsOpcode::kClose) {
      const auto high = static_cast<unsigned char>(event.payload.at(0)),
                 low = static_cast<unsigned char>(event.payload.at(1));
      return {std::nullopt, high * 256U + low};
    }
    pb::ServerFrame frame;
    EXPECT_TRUE(frame.ParseFromString(event.payload));
    return {std::move(frame), 0};
  }

  RawConnection connection_;
  relay::net::WsDecoder decoder_{relay::net::WsRole::kClient, 1024 * 1024};
  std::size_t at_ = 0;
};

pb::ClientFrame sound_send(const pb::Conversation& conversation) {
  pb::ClientFrame frame;
  frame.set_request(7);
  auto* const envelope = frame.mutable_send()->mutable_envelope();
  envelope->set_conversation(conversation.conversation());
  envelope->set_kind(pb::APPLICATION);
  envelope->set_message_class(pb::ROUTINE);
  envelope->set_client_message_id(std::string(16, 'm'));
  envelope->set_ciphertext("x");
  return frame;
}

TEST_F(Hostile, WrongFramesAreAnsweredAndTheStreamGoesOn) {
  auto good = anna_->sealed(conversation_, "x");
  ASSERT_TRUE(good) << policy::base::to_string(good.error());
  good->set_request(7);
  anna_->disconnect();
  {
    RawStream stream(*network_, upgrade("Origin: " + station_->url() + "\r\n"));
    const auto refused = [&](const std::string& payload, const std::string& code) {
      stream.send_message(payload);
      const auto heard = stream.hear_answer();
      ASSERT_TRUE(heard.frame && heard.frame->has_problem()) << code;
      EXPECT_EQ(heard.frame->problem().code(), code);
      EXPECT_FALSE(heard.frame->problem().seen().empty()) << code;
    };
    const auto changed = [&](const std::function<void(pb::ClientFrame&)>& change) {
      auto frame = *good;
      change(frame);
      return frame.SerializeAsString();
    };
    const std::string sound = good->SerializeAsString();
    refused("", "wire.empty");
    refused(sound.substr(0, sound.size() - 3), "wire.syntax");
    refused(std::string(50, '\xFF'), "wire.syntax");
    refused(std::string("\x08\x07", 2), "wire.empty");              // a request number and no body
    refused(std::string("\x08\x07\xFA\x3F\x00", 5), "wire.empty");  // a body of a later version
    refused(changed([](auto& frame) { frame.set_request(0); }), "wire.request");
    for (const std::size_t size : {0U, 15U, 17U, 4000U}) {
      refused(changed([&](auto& frame) {
                frame.mutable_send()->mutable_envelope()->set_conversation(std::string(size, 'c'));
              }),
              "wire.id-size");
      refused(changed([&](auto& frame) {
                frame.mutable_send()->mutable_envelope()->set_client_message_id(std::string(size, 'c'));
              }),
              "wire.id-size");
    }
    refused(changed([](auto& frame) {
              frame.mutable_send()->mutable_envelope()->set_ciphertext(std::string(kCiphertextMax + 1, 'x'));
            }),
            "wire.too-large");
    refused(changed([](auto& frame) { frame.mutable_send()->mutable_envelope()->clear_ciphertext(); }),
            "wire.too-large");
    refused(changed([](auto& frame) {
              frame.mutable_send()->mutable_envelope()->set_message_class(pb::MESSAGE_CLASS_UNSPECIFIED);
            }),
            "wire.class");
    refused(changed([](auto& frame) {
              frame.mutable_send()->mutable_envelope()->set_message_class(static_cast<pb::MessageClass>(9));
            }),
            "wire.class");
    refused(changed([](auto& frame) { frame.mutable_send()->mutable_envelope()->set_label("VS-NfD"); }), "wire.label");
    refused(
        changed([](auto& frame) { frame.mutable_send()->mutable_envelope()->set_conversation(std::string(16, 'c')); }),
        "conversation.unknown");
    // A flood in one write: everything is answered, what is too much with a refusal.
    pb::ClientFrame list;
    list.mutable_list();
    std::string flood;
    constexpr std::uint64_t kFlood = 300;
    for (std::uint64_t i = 1; i <= kFlood; ++i) {
      list.set_request(1000 + i);
      flood += relay::net::ws_frame(WsOpcode::kBinary, list.SerializeAsString(), kMask);
    }
    stream.send(flood);
    std::size_t answered = 0, limited = 0;
    for (std::uint64_t i = 0; i < kFlood; ++i) {
      const auto heard = stream.hear_answer();
      ASSERT_TRUE(heard.frame) << "answer " << i;
      answered += heard.frame->has_conversations() ? 1U : 0U;
      limited += heard.frame->has_problem() && heard.frame->problem().code() == "rate.requests" ? 1U : 0U;
    }
    EXPECT_EQ(answered + limited, kFlood);
    EXPECT_GE(answered, 64U);
    // After all of it the stream still takes a sound message.
    stream.send_message(sound);
    const auto heard = stream.hear_answer();
    ASSERT_TRUE(heard.frame && heard.frame->has_accepted());
    EXPECT_EQ(heard.frame->accepted().sequence(), static_cast<std::uint64_t>(kBefore) + 3)
        << "after a commit and its Welcome";
  }
  ASSERT_TRUE(anna_->connect());
}

TEST_F(Hostile, ABrokenWebSocketIsClosedWithItsCode) {
  const std::string sound = sound_send(conversation_).SerializeAsString();
  auto reserved = relay::net::ws_frame(WsOpcode::kBinary, sound, kMask);
  reserved[0] = static_cast<char>(reserved[0] | 0x40);
  auto fragmented_ping = relay::net::ws_frame(WsOpcode::kPing, "x", kMask);
  fragmented_ping[0] = static_cast<char>(fragmented_ping[0] & 0x7F);
  const std::string huge("\x82\xFF\x00\x00\x00\x00\x7F\xFF\xFF\xFF\x01\x02\x03\x04", 14);
  const std::string not_shortest("\x82\xFE\x00\x01\x01\x02\x03\x04x", 9);
  const std::vector<std::pair<std::string, unsigned>> cases{
      {relay::net::ws_frame(WsOpcode::kBinary, sound), 1002},
      {relay::net::ws_frame(WsOpcode::kText, "{}", kMask), 1003},
      {reserved, 1002},
      {fragmented_ping, 1002},
      {huge, 1009},
      {not_shortest, 1002},
      {relay::net::ws_frame(WsOpcode::kContinuation, "x", kMask), 1002},
      {relay::net::ws_frame(static_cast<WsOpcode>(5), "x", kMask), 1002}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    RawStream stream(*network_, upgrade("Origin: " + station_->url() + "\r\n"));
    stream.send(cases[i].first);
    RawStream::Heard heard = stream.hear();
    while (heard.frame) heard = stream.hear();
    EXPECT_EQ(heard.close_code, cases[i].second) << "case " << i;
  }
  {
    RawStream stream(*network_, upgrade("Origin: " + station_->url() + "\r\n"));
    stream.send(relay::net::ws_frame(WsOpcode::kBinary, sound, kMask).substr(0, 20));  // and gone, in mid-frame
  }
  ASSERT_TRUE(anna_->connect()) << "each of these streams has replaced hers";
}

TEST_F(Hostile, WhoeverIsSlowIsShownOutAndNobodyWaitsForThem) {
  const int allowed_ms = (kHandshakeLimit_s + kHandshakeSlack_s) * 1000;
  auto silent = std::async(std::launch::async, [&] {
    return tests::support::plain_connection_closed_after(station_->port(), "", allowed_ms);
  });
  auto half_hello = std::async(std::launch::async, [&] {
    return tests::support::plain_connection_closed_after(station_->port(), std::string("\x16\x03\x01\x02\x00\x01", 6),
                                                         allowed_ms);
  });
  RawConnection half_head(*network_), half_body(*network_), dripping(*network_);
  half_head.send("GET /healthz HTTP/1.1\r\nHost:");
  half_body.send("POST /v1/login/password HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{");
  dripping.send("GET /healthz HTTP/1.1\r\n");
  bool dripping_closed = false;
  const auto begin = clock_.elapsed_ms();
  for (int i = 0; !dripping_closed && clock_.elapsed_ms() - begin < allowed_ms; ++i) {
    dripping.send("A" + std::to_string(i) + ": b\r\n");
    ASSERT_EQ(say("GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").status, 200U) << "others wait";
    dripping_closed = dripping.wait_closed(500).has_value();
  }
  EXPECT_TRUE(dripping_closed) << "a byte now and then keeps the connection for good";
  EXPECT_TRUE(half_head.wait_closed(kHandshakeSlack_s * 1000));
  EXPECT_TRUE(half_body.wait_closed(kHandshakeSlack_s * 1000));
  EXPECT_TRUE(silent.get()) << "a connection that says nothing stays";
  EXPECT_TRUE(half_hello.get());
}

TEST_F(Hostile, NothingOlderThanTls13) {
  const auto connect = [&](const std::string& version) {
    return tests::support::run({"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(station_->port()),
                                "-CAfile", station_->ca(), "-verify_return_error", version});
  };
  EXPECT_EQ(connect("-tls1_3").exit_code, 0) << "the control: this is how it works";
  for (const char* const version : {"-tls1_2", "-tls1_1", "-tls1"}) {
    const auto refused = connect(version);
    EXPECT_NE(refused.exit_code, 0) << version;
    EXPECT_EQ(refused.out.find("Server certificate"), std::string::npos) << version;
  }
}

// The relay's socket is for its user alone; should something else come in there, it is cut off and nothing breaks.
class RelaySocket {
 public:
  explicit RelaySocket(const std::filesystem::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RelaySocket() { ::close(fd_); }
  RelaySocket(const RelaySocket&) = delete;
  RelaySocket& operator=(const RelaySocket&) = delete;
  bool connected() const { return connected_; }
  void send(const std::string& bytes) const {
    if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return;  // cut off already: that is its right
  }

 private:
  int fd_;
  bool connected_ = false;
};

TEST_F(Hostile, TheRelaySurvivesItsSocket) {
  const auto path = station_->folder() / "relay.sock";
  struct stat state{};
  ASSERT_EQ(::stat(path.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777U, 0600U);
  const std::uint64_t seed = policy::base::seed_from_environment("FEIERABEND_HOSTILE_SEED");
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  pb::ToRelay hello;
  hello.set_request(1);
  hello.mutable_hello()->set_version(1);
  pb::ToRelay accept;
  accept.set_request(2);
  *accept.mutable_accept()->mutable_envelope() = sound_send(conversation_).send().envelope();
  const std::string sound = relay::wire::frame(hello) + relay::wire::frame(accept);
  for (int round = 0; round < 400; ++round) {
    const RelaySocket socket(path);
    ASSERT_TRUE(socket.connected()) << "round " << round;
    std::string bytes = sound;
    switch (round % 4) {
      case 0: bytes = bytes.substr(0, random() % bytes.size()); break;
      case 1:
        for (std::size_t i = 0; i < 1 + random() % 8; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
        break;
      case 2:
        bytes.resize(random() % 4000);
        for (char& one : bytes) one = static_cast<char>(random());
        break;
      default: bytes = std::string("\xFF\xFF\xFF\xFF", 4) + bytes; break;
    }
    socket.send(bytes);
  }
  EXPECT_TRUE(station_->relay().running());
}

}  // namespace
