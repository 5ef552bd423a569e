#include "relay/net/http.h"

#include <gtest/gtest.h>

namespace relay::net {
namespace {

using policy::base::as_bytes;

TEST(Http, RequestsComeWholeOrNotAtAll) {
  const std::string wire = "POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
  for (std::size_t cut = 0; cut < wire.size(); ++cut) {
    auto early = parse_request(as_bytes(wire.substr(0, cut)), {});
    ASSERT_TRUE(early && !*early) << cut;
  }
  auto whole = parse_request(as_bytes(wire + "GET"), {});
  ASSERT_TRUE(whole && *whole);
  EXPECT_EQ((*whole)->consumed, wire.size());
  EXPECT_EQ((*whole)->message.method, "POST");
  EXPECT_EQ((*whole)->message.target, "/v1/x");
  EXPECT_EQ((*whole)->message.body, "body");
  EXPECT_EQ(field((*whole)->message.fields, "hOST"), "a");
}

TEST(Http, HeadAndBodyAreBounded) {
  const HttpLimits small{64, 8};
  EXPECT_EQ(parse_request(as_bytes("GET / HTTP/1.1\r\nA: " + std::string(100, 'x') + "\r\n\r\n"), small).error().code,
            "http.head-too-large");
  EXPECT_EQ(
      parse_request(as_bytes(std::string_view("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n")), small).error().code,
      "http.body-too-large");
  EXPECT_EQ(parse_request(as_bytes(std::string_view("nonsense\r\n\r\n")), small).error().code, "http.syntax");
}

TEST(Http, FormatAndParseAreInverse) {
  const HttpRequest request{"POST", "/v1/login", {{"A", "b"}}, "{}"};
  auto parsed = parse_request(as_bytes(format_request(request, "host")), {});
  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ((*parsed)->message.body, "{}");
  EXPECT_EQ(field((*parsed)->message.fields, "host"), "host");
  auto answer = parse_response(as_bytes(format_response({404, {{"X", "y"}}, "gone"})), {});
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->message.status, 404U);
  EXPECT_EQ((*answer)->message.body, "gone");
  auto upgrade = parse_response(as_bytes(format_response({101, {{"Upgrade", "websocket"}}, ""}) + "\x82"), {});
  ASSERT_TRUE(upgrade && *upgrade);
  EXPECT_EQ((*upgrade)->message.status, 101U);
}

}  // namespace
}  // namespace relay::net
