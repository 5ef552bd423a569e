#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/transport/api.h"
#include "clients/transport/problem.h"
#include "clients/transport/stream.h"
#include "clients/transport/testing/scripted_server.h"

namespace clients::transport {
namespace {

namespace base = policy::base;
using relay::net::field;
using relay::net::HttpRequest;
using relay::net::HttpResponse;
using ::testing::HasSubstr;
using testing::ScriptedServer;

HttpResponse json(std::string body, unsigned status = 200) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

class TransportTest : public ::testing::Test {
 protected:
  TransportTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "feierabend-transport-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~TransportTest() override {
    network_.reset();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  void serve(ScriptedServer::Script script) {
    server_ = std::make_unique<ScriptedServer>(folder_, std::move(script));
    network_ = Network::start(clock_, parse_server_url(server_->url()).value(), server_->ca()).value();
  }
  // A server whose upgrade succeeds.
  void serve_stream(
      std::function<void(ScriptedServer::Client&)> on_stream,
      std::function<void(ScriptedServer::Client&, const pb::ClientFrame&)> on_frame = [](auto&, const auto&) {}) {
    serve({[this](const HttpRequest& request) {
             seen_ = request;
             return HttpResponse{101, {}, ""};
           },
           std::move(on_stream), std::move(on_frame)});
  }
  base::Result<std::unique_ptr<core::Link>> dial() { return StreamDialer(*network_, credentials_, random_).dial(); }
  static pb::ServerFrame expired(std::uint64_t count) {
    pb::ServerFrame frame;
    frame.mutable_expired()->set_count(count);
    return frame;
  }

  base::SystemClock clock_;
  base::SystemRandom random_;
  std::filesystem::path folder_;
  Credentials credentials_{"a-token", mls::DeviceKey::generate(random_)};
  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<Network> network_;
  HttpRequest seen_;
};

TEST_F(TransportTest, LoginStepsTravelAsJson) {
  serve({[this](const HttpRequest& request) {
    seen_ = request;
    return json(R"({"next":"TOTP","step_token":"abc","totp_uri":"","challenge":""})");
  }});
  const auto step = Api(*network_, random_).password("anna", "geheim");
  ASSERT_TRUE(step) << to_string(step.error());
  EXPECT_EQ(step->next(), pb::TOTP);
  EXPECT_EQ(step->step_token(), "abc");
  EXPECT_EQ(seen_.method, "POST");
  EXPECT_EQ(seen_.target, "/v1/login/password");
  EXPECT_EQ(field(seen_.fields, "Host"), "127.0.0.1:" + std::to_string(server_->port()));
  EXPECT_EQ(field(seen_.fields, "Authorization"), "");
  EXPECT_EQ(relay::wire::parse_json<pb::PasswordRequest>(seen_.body)->password(), "geheim");
}

TEST_F(TransportTest, EveryAuthenticatedRequestProvesTheKey) {
  serve({[this](const HttpRequest& request) {
    seen_ = request;
    return json(R"({"devices":[],"devices_max":3})");
  }});
  Api api(*network_, random_);
  ASSERT_TRUE(api.devices(credentials_));
  EXPECT_EQ(field(seen_.fields, "Authorization"), "Feierabend a-token");
  const std::string proof(field(seen_.fields, "Feierabend-Proof"));
  const auto first = proof.find('.'), second = proof.rfind('.');
  ASSERT_LT(first, second);
  const auto nonce = proof.substr(first + 1, second - first - 1);
  EXPECT_EQ(base::from_base64url(nonce)->size(), 16U);
  const auto statement = proof_statement("GET", "/v1/devices", std::stoll(proof), nonce, "a-token");
  const auto raw = base::from_base64url(proof.substr(second + 1)).value();
  mls::Signature signature{};
  ASSERT_EQ(raw.size(), signature.size());
  std::ranges::copy(raw, signature.begin());
  EXPECT_TRUE(mls::verifies(credentials_.key.identity_key(), base::as_bytes(statement), signature));
  ASSERT_TRUE(api.devices(credentials_));
  EXPECT_EQ(field(seen_.fields, "Feierabend-Proof").find(nonce), std::string::npos) << "a new nonce each time";
}

TEST_F(TransportTest, ProblemsComeThroughWhole) {
  serve({[](const HttpRequest&) {
    return json(
        R"({"type":"urn:x","status":409,"code":"device.limit","seen":"a fourth device","allowed":"3","remedy":"remove one","new":1})",
        409);
  }});
  const auto step = Api(*network_, random_).password("anna", "x");
  EXPECT_EQ(step.error(), (base::Error{"device.limit", "a fourth device", "3", "remove one", ""}));
}

TEST_F(TransportTest, AnotherServerIsRecognised) {
  serve({[](const HttpRequest&) { return HttpResponse{404, {}, "<html>nginx</html>"}; }});
  EXPECT_EQ(Api(*network_, random_).health().error().code, "https.status");
}

TEST_F(TransportTest, SilenceAndHangUpsAreErrors) {
  serve({[](const HttpRequest&) { return HttpResponse{}; }});
  EXPECT_EQ(Api(*network_, random_).health().error().code, "https.lost");
  const auto late = https(*network_, {"GET", "/healthz", {}, ""}, 0);
  EXPECT_THAT(late.error().code, ::testing::AnyOf("https.timeout", "https.lost"));
}

TEST_F(TransportTest, AForeignAuthorityAndAWrongNameAreRefused) {
  serve({[](const HttpRequest&) { return json("{}"); }});
  const auto other = tests::support::make_certificates(folder_ / "other");
  auto distrusting = Network::start(clock_, parse_server_url(server_->url()).value(), other.ca).value();
  const auto foreign = Api(*distrusting, random_).health();
  EXPECT_EQ(foreign.error().code, "tls.handshake");
  EXPECT_THAT(foreign.error().seen, HasSubstr("certificate"));
  // The same server under a name that is not in its certificate.
  auto misnamed = Network::start(clock_, ServerUrl{"127.9.9.9", server_->port()}, server_->ca()).value();
  EXPECT_FALSE(Api(*misnamed, random_).health());
  EXPECT_FALSE(Network::start(clock_, ServerUrl{}, folder_ / "absent.pem"));
}

TEST_F(TransportTest, NobodyListening) {
  serve({[](const HttpRequest&) { return json("{}"); }});
  auto nowhere = Network::start(clock_, ServerUrl{"127.0.0.1", 1}, server_->ca()).value();
  const auto health = Api(*nowhere, random_).health();
  EXPECT_THAT(health.error().code, ::testing::StrEq("socket.connect"));
}

TEST_F(TransportTest, TheUpgradeSaysWhoAndWhence) {
  serve_stream([](ScriptedServer::Client& client) { client.push(expired(2)); });
  auto link = dial();
  ASSERT_TRUE(link) << to_string(link.error());
  const auto frame = (*link)->receive(5000);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->expired().count(), 2U);
  EXPECT_EQ(seen_.target, "/v1/stream");
  EXPECT_EQ(field(seen_.fields, "Origin"), server_->url());
  EXPECT_EQ(field(seen_.fields, "Sec-WebSocket-Protocol"), "feierabend.v1");
  EXPECT_EQ(field(seen_.fields, "Sec-WebSocket-Version"), "13");
  EXPECT_THAT(std::string(field(seen_.fields, "Feierabend-Proof")), HasSubstr("."));
}

TEST_F(TransportTest, FramesGoBothWaysInOrder) {
  serve_stream([](auto&) {},
               [](ScriptedServer::Client& client, const pb::ClientFrame& frame) {
                 pb::ServerFrame answer;
                 answer.set_request(frame.request());
                 answer.mutable_done();
                 client.push(answer);
               });
  auto link = dial();
  ASSERT_TRUE(link);
  for (std::uint64_t i = 1; i <= 200; ++i) {
    pb::ClientFrame frame;
    frame.set_request(i);
    frame.mutable_gate();
    ASSERT_TRUE((*link)->send(frame));
  }
  for (std::uint64_t i = 1; i <= 200; ++i) {
    const auto frame = (*link)->receive(5000);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->request(), i);
  }
  EXPECT_EQ(*(*link)->receive(0), std::nullopt);
}

TEST_F(TransportTest, PingsAreAnswered) {
  serve_stream([](ScriptedServer::Client& client) {
    client.raw(relay::net::WsOpcode::kPing, "x");
    client.push(expired(1));
  });
  auto link = dial();
  ASSERT_TRUE(link && *(*link)->receive(5000));
  for (int i = 0; i < 50 && server_->pongs == 0; ++i) (void)(*link)->receive(20);
  EXPECT_EQ(server_->pongs, 1);
}

TEST_F(TransportTest, WhatTheServerSaysAtTheEndIsTold) {
  const std::pair<std::uint16_t, const char*> ends[] = {{4401, "session.expired"},
                                                        {4409, "stream.replaced"},
                                                        {4410, "device.wiped"},
                                                        {4411, "device.removed"},
                                                        {1001, "stream.lost"}};
  for (const auto& [code, expected] : ends) {
    serve_stream([code](ScriptedServer::Client& client) {
      client.push(expired(1));
      client.close(code, "because\x1b[2J");
    });
    auto link = dial();
    ASSERT_TRUE(link);
    ASSERT_TRUE(*(*link)->receive(5000)) << "frames before the end come first";
    const auto end = (*link)->receive(5000);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, expected);
    EXPECT_EQ(end.error().seen.find('\x1b'), std::string::npos);
    EXPECT_FALSE((*link)->send({}));
    link->reset();
  }
}

TEST_F(TransportTest, ACutConnectionIsLost) {
  serve_stream([](ScriptedServer::Client& client) { client.push(expired(1)); });
  auto link = dial();
  ASSERT_TRUE(link && *(*link)->receive(5000));
  server_->cut();
  EXPECT_EQ((*link)->receive(5000).error().code, "stream.lost");
}

TEST_F(TransportTest, HostileFramesEndTheStreamAndNothingElse) {
  for (const std::string& bytes :
       {std::string("\x82\x02\xff\xff", 4), std::string("\x81\x01x", 3), std::string("\xF2\x00", 2),
        std::string("\x82\x7f\x00\x00\x00\x7f\x00\x00\x00\x00", 10), std::string("\x82\x00", 2)}) {
    serve_stream([bytes](ScriptedServer::Client& client) { client.bytes(bytes); });
    auto link = dial();
    ASSERT_TRUE(link);
    const auto end = (*link)->receive(5000);
    ASSERT_FALSE(end);
    EXPECT_THAT(end.error().code, ::testing::AnyOf(HasSubstr("stream."), HasSubstr("wire.")));
    link->reset();
  }
}

TEST_F(TransportTest, ARefusedUpgradeIsAProblem) {
  serve({[](const HttpRequest&) {
    return json(R"({"code":"session.expired","seen":"a session that has ended","allowed":"","remedy":"log in again"})",
                401);
  }});
  EXPECT_EQ(dial().error().code, "session.expired");
  serve({[](const HttpRequest&) { return json("{}"); }});
  EXPECT_EQ(dial().error().code, "https.status");
  serve({[](const HttpRequest&) { return HttpResponse{}; }});
  EXPECT_EQ(dial().error().code, "stream.lost");
}

TEST(ProblemTest, WhateverTheBodyTheErrorIsPrintable) {
  for (const auto* body : {"", "{}", "[]", "{\"code\":1}", "{\"code\":\"A B\"}", "{\"code\":\"x\"", "null"})
    EXPECT_EQ(problem_of({500, {}, body}).code, "https.status") << body;
  const auto error = problem_of({400, {}, "{\"code\":\"x.y\",\"seen\":\"a\\u001b[2Jb\\u202e\"}"});
  EXPECT_EQ(error.code, "x.y");
  EXPECT_EQ(error.seen.find('\x1b'), std::string::npos);
}

TEST(ServerUrlTest, ReadsWhatPeopleWrite) {
  EXPECT_EQ(parse_server_url("https://Chat.Example.org")->origin(), "https://chat.example.org");
  EXPECT_EQ(parse_server_url("https://chat.example.org:8443/")->host_header(), "chat.example.org:8443");
  EXPECT_EQ(parse_server_url("https://[::1]:8443")->host, "::1");
  EXPECT_EQ(parse_server_url("https://[::1]:8443")->origin(), "https://[::1]:8443");
  EXPECT_EQ(parse_server_url("https://127.0.0.1:443")->origin(), "https://127.0.0.1");
  for (const auto* bad : {"", "http://a", "https://", "https://a:0", "https://a:70000", "https://a:x", "https://a/b",
                          "https://a b", "https://u@a", "https://[::1", "https://[xyz]", "https://a?x", "https://a:"}) {
    const auto url = parse_server_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_EQ(url.error().code, "url.syntax") << bad;
  }
}

}  // namespace
}  // namespace clients::transport
