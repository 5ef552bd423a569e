#include "relay/net/websocket.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace relay::net {
namespace {

using policy::base::as_bytes;

std::string code_of(WsRole role, std::string_view bytes, std::size_t max = 1000) {
  WsDecoder decoder(role, max);
  auto decoded = decoder.decode(as_bytes(bytes));
  return decoded ? (decoded->consumed == 0 ? "more" : "ok") : decoded.error().code;
}

// RFC 6455 § 1.3.
TEST(WebSocket, AcceptKeyOfTheRfc) { EXPECT_EQ(ws_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }

// RFC 6455 § 5.7, with binary in place of text where a message is meant.
TEST(WebSocket, ExamplesOfTheRfc) {
  WsDecoder client(WsRole::kClient, 100'000);
  auto hello = client.decode(as_bytes(std::string_view("\x82\x05Hello", 7)));
  ASSERT_TRUE(hello && hello->event);
  EXPECT_EQ(hello->event->payload, "Hello");
  WsDecoder server(WsRole::kServer, 100'000);
  auto masked = server.decode(as_bytes(std::string_view("\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11)));
  ASSERT_TRUE(masked && masked->event);
  EXPECT_EQ(masked->event->payload, "Hello");
  auto first = client.decode(as_bytes(std::string_view("\x02\x03Hel", 5)));
  ASSERT_TRUE(first && !first->event);
  auto ping = client.decode(as_bytes(std::string_view("\x89\x05Hello", 7)));  // control frames come between fragments
  ASSERT_TRUE(ping && ping->event);
  EXPECT_EQ(ping->event->opcode, WsOpcode::kPing);
  auto second = client.decode(as_bytes(std::string_view("\x80\x02lo", 4)));
  ASSERT_TRUE(second && second->event);
  EXPECT_EQ(second->event->payload, "Hello");
}

TEST(WebSocket, RefusesWhatTheRfcForbids) {
  using std::string_view;
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\xC2\x00", 2)), "websocket.protocol");               // RSV1
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\x83\x00", 2)), "websocket.protocol");               // unknown opcode
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\x09\x00", 2)), "websocket.protocol");               // ping in parts
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\x89\x7E\x00\x7E", 4)), "websocket.protocol");       // long ping
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\x82\x7E\x00\x05Hello", 9)), "websocket.protocol");  // long form of 5
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\x80\x00", 2)), "websocket.protocol");          // continues nothing
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\x88\x01x", 3)), "websocket.protocol");         // close of one byte
  EXPECT_EQ(code_of(WsRole::kServer, string_view("\x82\x00", 2)), "websocket.protocol");          // unmasked client
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\x82\x80\0\0\0\0", 6)), "websocket.protocol");  // masked server
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\x81\x00", 2)), "websocket.text");
  EXPECT_EQ(code_of(WsRole::kClient, string_view("\x82\x7F\x7F\xff\xff\xff\xff\xff\xff\xff", 10)),
            "websocket.too-large");
}

TEST(WebSocket, FragmentsAreBoundedTogether) {
  WsDecoder decoder(WsRole::kClient, 8);
  ASSERT_TRUE(decoder.decode(as_bytes(std::string_view("\x02\x05Hello", 7))));
  EXPECT_EQ(decoder.decode(as_bytes(std::string_view("\x80\x05World", 7))).error().code, "websocket.too-large");
}

TEST(WebSocket, EncodeAndDecodeAreInverseAndNeverReadAhead) {
  EXPECT_TRUE(rc::check("frames survive", [](const std::string& payload, std::uint32_t mask, bool from_client) {
    const auto wire = ws_frame(WsOpcode::kBinary, payload, from_client ? std::optional(mask) : std::nullopt);
    WsDecoder decoder(from_client ? WsRole::kServer : WsRole::kClient, payload.size());
    for (std::size_t cut = 0; cut < wire.size(); cut += 1 + wire.size() / 16) {
      auto early = decoder.decode(as_bytes(std::string_view(wire).substr(0, cut)));
      RC_ASSERT(early.has_value() && early->consumed == 0U);
    }
    auto whole = decoder.decode(as_bytes(wire + "next"));
    RC_ASSERT(whole.has_value() && whole->consumed == wire.size() && whole->event->payload == payload);
  }));
}

TEST(WebSocket, LengthsAtTheBorders) {
  for (const std::size_t size : {0U, 125U, 126U, 65535U, 65536U}) {
    WsDecoder decoder(WsRole::kClient, 70'000);
    const auto wire = ws_frame(WsOpcode::kBinary, std::string(size, 'x'));
    auto decoded = decoder.decode(as_bytes(wire));
    ASSERT_TRUE(decoded && decoded->event) << size;
    EXPECT_EQ(decoded->event->payload.size(), size);
  }
}

}  // namespace
}  // namespace relay::net
