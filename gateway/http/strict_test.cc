#include "gateway/http/strict.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway::http {
namespace {

std::string verdict(const std::string& bytes) {
  auto head = read_head(bytes);
  if (!head) return head.error().code;
  return *head ? "ok" : "more";
}

std::string get(const std::string& target, const std::string& fields = "Host: h\r\n") {
  return "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
}

TEST(Strict, AdmitsWhatTheClientsSend) {
  EXPECT_EQ(verdict(get("/v1/stream",
                        "Host: localhost:8443\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://h\r\n")),
            "ok");
  auto head = read_head("POST /v1/login/password HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->segments, (std::vector<std::string>{"v1", "login", "password"}));
  EXPECT_EQ((*head)->content_length, 2U);
  EXPECT_EQ((*head)->head_bytes, 64U);
}

TEST(Strict, WaitsForTheWholeHead) {
  const std::string whole = get("/v1/x");
  for (std::size_t cut = 0; cut < whole.size(); ++cut) EXPECT_EQ(verdict(whole.substr(0, cut)), "more") << cut;
}

// The matrix behind reference "what Beast lets through": each of these is accepted by Beast 1.81 or by some peer.
TEST(Strict, RefusesWhatParsersReadDifferently) {
  const std::string post = "POST / HTTP/1.1\r\n", host = "Host: h\r\n";
  EXPECT_EQ(verdict("POST /x HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"), "http.version");
  EXPECT_EQ(verdict("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\n"),
            "http.framing");
  EXPECT_EQ(verdict("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n"), "http.framing");
  EXPECT_EQ(verdict("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\n"), "http.framing");
  EXPECT_EQ(verdict("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\n"), "http.framing");
  EXPECT_EQ(verdict("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n"), "http.framing");
  EXPECT_EQ(verdict("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n"), "http.duplicate");
  EXPECT_EQ(verdict("POST /x HTTP/1.1\r\nHost: h\r\n\r\n"), "http.framing");
  EXPECT_EQ(verdict(get("/x", "Host: h\r\nContent-Length: 3\r\n")), "http.framing");
  EXPECT_EQ(verdict(get("/x", "")), "http.host");
  EXPECT_EQ(verdict(get("/x", "Host: h\r\nHost: h\r\n")), "http.duplicate");
  EXPECT_EQ(verdict(get("/x", "Host: a, b\r\n")), "http.host");
  EXPECT_EQ(verdict(get("/x", "Host: h\r\nA: b\r\n c\r\n")), "http.field");
  EXPECT_EQ(verdict(get("/x", "Host : h\r\n")), "http.field");
  EXPECT_EQ(verdict(get("/x", "Host: h\r\nExpect: 100-continue\r\n")), "http.framing");
  EXPECT_EQ(verdict("get /x HTTP/1.1\r\nHost: h\r\n\r\n"), "http.method");
  EXPECT_EQ(verdict("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n"), "http.method");
  EXPECT_EQ(verdict("GET /x HTTP/1.1\nHost: h\n\n"), "http.line");
  EXPECT_EQ(verdict("GET /x HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n"), "http.line");
  EXPECT_EQ(verdict(std::string("GET /x HTTP/1.1\r\nHost: h\0\r\n\r\n", 29)), "http.line");
  EXPECT_EQ(verdict("GET  /x HTTP/1.1\r\nHost: h\r\n\r\n"), "http.target");
  EXPECT_EQ(verdict("GET\r\n\r\n"), "http.line");
  EXPECT_EQ(verdict("\r\n\r\n"), "http.line");
  EXPECT_EQ(verdict(get("/x", "Host: h\r\nA: \xC3\xA4\r\n")), "http.field");
  EXPECT_EQ(verdict("GET /" + std::string(kHeadBytesMax, 'x')), "http.head-too-large");
  std::string many = "Host: h\r\n";
  for (std::size_t i = 0; i < kFieldsMax; ++i) many += "A: b\r\n";
  EXPECT_EQ(verdict(get("/x", many)), "http.field");
}

TEST(Strict, PathsHaveOneReadingOnly) {
  for (const char* target : {"x",          "*",
                             "http://h/x", "//x",
                             "/x//y",      "/x/",
                             "/",          "/./x",
                             "/../x",      "/%2e%2e/x",
                             "/%2E/x",     "/x%2fy",
                             "/x%5cy",     "/x\\y",
                             "/x#y",       "/x?y",
                             "/x;y",       "/%00",
                             "/%",         "/%2",
                             "/%zz",       "/%c3%a4",
                             "/\xC3\xA4",  "/x%25y",
                             "/%20",       "/1/2/3/4/5/6/7/8/9"}) {
    EXPECT_EQ(verdict(get(target)), "http.target") << target;
  }
  EXPECT_EQ(decode_path("/v1/%6cogin").value(), decode_path("/v1/login").value());
}

}  // namespace
}  // namespace gateway::http
