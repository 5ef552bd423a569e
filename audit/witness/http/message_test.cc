#include "audit/witness/http/message.h"

#include <gtest/gtest.h>

namespace audit::witness::http {
namespace {

constexpr std::size_t kBody = 100;
const std::string kGood = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 5\r\n\r\nold 0";

std::string code(const std::string& bytes) {
  const auto parsed = parse_request(bytes, kBody);
  return parsed ? (*parsed ? "good" : "more") : parsed.error().code;
}

TEST(Message, WholeRequestsOneAfterTheOther) {
  const auto parsed = parse_request(kGood + kGood, kBody).value().value();
  EXPECT_EQ(parsed.consumed, kGood.size());
  EXPECT_EQ(parsed.request, (Request{"POST", "/add-checkpoint", "old 0", true}));
  for (std::size_t size = 0; size < kGood.size(); ++size) EXPECT_EQ(code(kGood.substr(0, size)), "more") << size;
  EXPECT_FALSE(
      parse_request("GET / HTTP/1.1\r\nhost: w\r\nConnection: Close\r\n\r\n", kBody)->value().request.keep_alive);
}

TEST(Message, RefusesWhatAProxyMightReadOtherwise) {
  const auto with = [](const std::string& field) {
    return code("POST / HTTP/1.1\r\nHost: w\r\n" + field + "\r\n\r\n");
  };
  EXPECT_EQ(with("Transfer-Encoding: chunked"), "http.framing");
  EXPECT_EQ(with("Content-Length: 1\r\nContent-Length: 1"), "http.duplicate");
  for (const char* length : {"+1", "-1", "1 2", "0x1", "", "99999999999999999999"})
    EXPECT_EQ(with("Content-Length: " + std::string(length)), "http.framing") << length;
  EXPECT_EQ(with("Content-Length : 1"), "http.field");
  EXPECT_EQ(with(" folded: 1"), "http.field");
  EXPECT_EQ(with("X: a\nY: b"), "http.field");
  EXPECT_EQ(with(std::string("X: a\0b", 6)), "http.field");
  EXPECT_EQ(with("nothing"), "http.field");
  EXPECT_EQ(with("Host: other"), "http.duplicate");
  EXPECT_EQ(with("Content-Length: 101"), "http.body-too-large");
  EXPECT_EQ(with("X: " + std::string(kHeadBytesMax, 'x')), "http.head-too-large");
  EXPECT_EQ(with("X: grün"), "good");
}

TEST(Message, RefusesOtherRequestLines) {
  const auto line = [](const std::string& text) { return code(text + "\r\nHost: w\r\n\r\n"); };
  EXPECT_EQ(line("GET / HTTP/1.0"), "http.version");
  EXPECT_EQ(line("GET / HTTP/2"), "http.version");
  for (const char* text : {"GET /", "GET", "GET  / HTTP/1.1", "G T / HTTP/1.1", "GET x HTTP/1.1", "GET /\tx HTTP/1.1",
                           "GET http://w/ HTTP/1.1", " / HTTP/1.1"})
    EXPECT_EQ(line(text), "http.line") << text;
  EXPECT_EQ(code("\r\n\r\n"), "http.line");
  EXPECT_EQ(code("GET / HTTP/1.1\r\n\r\n"), "http.host");
}

TEST(Message, Responses) {
  EXPECT_EQ(format_response({409, "text/x.tlog.size", "7\n"}, true),
            "HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\nContent-Length: 2\r\n"
            "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n7\n");
  EXPECT_TRUE(format_response({200, {}, {}}, false).contains("Connection: close\r\n"));
}

}  // namespace
}  // namespace audit::witness::http
