#include "relay/wire/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace relay::wire {
namespace {

using policy::base::as_bytes;

pb::Envelope envelope() {
  pb::Envelope e;
  e.set_conversation(std::string(16, 'c'));
  e.set_sender_device(std::string(16, 'd'));
  e.set_client_message_id(std::string(16, 'm'));
  e.set_kind(pb::APPLICATION);
  e.set_message_class(pb::ROUTINE);
  e.set_ciphertext("sealed");
  e.set_deadline_s(1'800'000'000);
  return e;
}

pb::ClientFrame send_frame() {
  pb::ClientFrame f;
  f.set_request(1);
  *f.mutable_send()->mutable_envelope() = envelope();
  return f;
}

std::string client_code(const pb::ClientFrame& f) {
  const auto parsed = parse_client_frame(as_bytes(f.SerializeAsString()));
  return parsed ? "" : parsed.error().code;
}

TEST(Codec, TakesAWholeSend) {
  EXPECT_EQ(client_code(send_frame()), "");
  auto without_device = send_frame();
  without_device.mutable_send()->mutable_envelope()->clear_sender_device();
  EXPECT_EQ(client_code(without_device), "");
}

TEST(Codec, RefusesEachFieldOutOfItsBound) {
  using Change = std::function<void(pb::Envelope&)>;
  const std::vector<std::pair<std::string, Change>> cases{
      {"wire.id-size", [](auto& e) { e.set_conversation("short"); }},
      {"wire.id-size", [](auto& e) { e.clear_conversation(); }},
      {"wire.id-size", [](auto& e) { e.set_sender_device(std::string(17, 'd')); }},
      {"wire.id-size", [](auto& e) { e.clear_client_message_id(); }},
      {"wire.class", [](auto& e) { e.clear_message_class(); }},
      {"wire.class", [](auto& e) { e.set_message_class(static_cast<pb::MessageClass>(9)); }},
      {"wire.enum", [](auto& e) { e.clear_kind(); }},
      {"wire.label", [](auto& e) { e.set_label("VS NfD"); }},
      {"wire.label", [](auto& e) { e.set_label(std::string(33, 'a')); }},
      {"wire.too-large", [](auto& e) { e.clear_ciphertext(); }},
      {"wire.too-large", [](auto& e) { e.set_ciphertext(std::string(kCiphertextBytesMax + 1, 'x')); }},
      {"wire.instant", [](auto& e) { e.set_deadline_s(-1); }},
      {"wire.instant", [](auto& e) { e.set_deadline_s(std::numeric_limits<std::int64_t>::max()); }},
  };
  for (const auto& [code, change] : cases) {
    auto f = send_frame();
    change(*f.mutable_send()->mutable_envelope());
    EXPECT_EQ(client_code(f), code) << f.ShortDebugString().substr(0, 200);
  }
}

TEST(Codec, LargestCiphertextFitsIntoAFrame) {
  auto f = send_frame();
  f.mutable_send()->mutable_envelope()->set_ciphertext(std::string(kCiphertextBytesMax, 'x'));
  EXPECT_EQ(client_code(f), "");
}

TEST(Codec, RequestNumberWhereAnAnswerIsDue) {
  auto f = send_frame();
  f.set_request(0);
  EXPECT_EQ(client_code(f), "wire.request");
  pb::ClientFrame ack;
  ack.mutable_ack()->set_conversation(std::string(16, 'c'));
  ack.mutable_ack()->set_message_class(pb::ALARM);
  EXPECT_EQ(client_code(ack), "");
}

TEST(Codec, RefusesEmptyAndBroken) {
  EXPECT_EQ(parse_client_frame({}).error().code, "wire.empty");
  EXPECT_EQ(parse_client_frame(as_bytes("\xff\xff")).error().code, "wire.syntax");
  EXPECT_EQ(parse_client_frame(as_bytes(std::string(kFrameBytesMax + 1, '\0'))).error().code, "wire.too-large");
  const std::string whole = send_frame().SerializeAsString();
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_FALSE(parse_client_frame(as_bytes(whole.substr(0, cut)))) << cut;
}

TEST(Codec, DropsFieldsThatThisVersionDoesNotKnow) {
  auto f = send_frame();
  f.GetReflection()->MutableUnknownFields(f.mutable_send())->AddLengthDelimited(900, "smuggled");
  const auto parsed = parse_client_frame(as_bytes(f.SerializeAsString()));
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->SerializeAsString(), testing::Not(testing::HasSubstr("smuggled")));
}

TEST(Codec, TextWithControlCharactersIsRefused) {
  pb::ClientFrame f;
  f.set_request(1);
  for (const char* text : {"a\x1b[31m", "a\nb", "\x7f", "\xC2\x9B"}) {
    f.mutable_search()->set_text(text);
    EXPECT_EQ(client_code(f), "wire.text") << policy::base::printable(text);
  }
  f.mutable_search()->set_text("Jürgen Weiß");
  EXPECT_EQ(client_code(f), "");
}

TEST(Codec, LinkFramesNeedSenderAndMask) {
  pb::ToRelay f;
  f.set_request(1);
  *f.mutable_accept()->mutable_envelope() = envelope();
  f.mutable_accept()->set_sender_mailbox(std::string(16, 'a'));
  EXPECT_TRUE(parse_to_relay(as_bytes(f.SerializeAsString())));
  f.mutable_accept()->mutable_envelope()->clear_sender_device();
  EXPECT_EQ(parse_to_relay(as_bytes(f.SerializeAsString())).error().code, "wire.id-size");
  pb::ToRelay s;
  s.mutable_subscribe()->set_device(std::string(16, 'd'));
  s.mutable_subscribe()->set_classes(32);
  EXPECT_EQ(parse_to_relay(as_bytes(s.SerializeAsString())).error().code, "wire.class");
  pb::ToRelay many;
  many.set_request(1);
  many.mutable_create()->set_conversation(std::string(16, 'c'));
  for (std::size_t i = 0; i <= kConversationMembersMax; ++i) many.mutable_create()->add_mailboxes(std::string(16, 'a'));
  EXPECT_EQ(parse_to_relay(as_bytes(many.SerializeAsString())).error().code, "wire.too-large");
}

TEST(Codec, HandshakesTravelInTheirOwnFrames) {
  pb::ClientFrame send;
  send.set_request(1);
  *send.mutable_send()->mutable_envelope() = envelope();
  EXPECT_TRUE(parse_client_frame(as_bytes(send.SerializeAsString())));
  send.mutable_send()->mutable_envelope()->set_kind(pb::COMMIT);
  EXPECT_EQ(parse_client_frame(as_bytes(send.SerializeAsString())).error().code, "wire.kind");
  send.mutable_send()->mutable_envelope()->set_kind(pb::APPLICATION);
  send.mutable_send()->mutable_envelope()->set_message_class(pb::HANDSHAKE);
  EXPECT_EQ(parse_client_frame(as_bytes(send.SerializeAsString())).error().code, "wire.kind");

  pb::ToRelay accept;
  accept.set_request(1);
  auto& body = *accept.mutable_accept();
  *body.mutable_envelope() = envelope();
  EXPECT_EQ(parse_to_relay(as_bytes(accept.SerializeAsString())).error().code, "wire.kind");  // no sender
  body.mutable_envelope()->set_kind(pb::PROPOSAL);
  body.set_removal(true);
  EXPECT_TRUE(parse_to_relay(as_bytes(accept.SerializeAsString())));
  body.set_sender_mailbox(std::string(16, 'a'));
  body.mutable_envelope()->set_kind(pb::COMMIT);
  EXPECT_EQ(parse_to_relay(as_bytes(accept.SerializeAsString())).error().code, "wire.kind");  // a removal
  body.set_removal(false);
  *body.mutable_welcome() = envelope();
  body.mutable_welcome()->set_kind(pb::WELCOME);
  EXPECT_EQ(parse_to_relay(as_bytes(accept.SerializeAsString())).error().code, "wire.kind");  // for nobody
  body.mutable_welcome()->add_devices(std::string(16, 'd'));
  EXPECT_TRUE(parse_to_relay(as_bytes(accept.SerializeAsString())));
  body.mutable_welcome()->set_conversation(std::string(16, 'x'));
  EXPECT_EQ(parse_to_relay(as_bytes(accept.SerializeAsString())).error().code, "wire.kind");
}

TEST(Codec, OnlyHandshakesMayBeLarge) {
  pb::ToRelay accept;
  accept.set_request(1);
  accept.mutable_accept()->set_sender_mailbox(std::string(16, 'a'));
  *accept.mutable_accept()->mutable_envelope() = envelope();
  accept.mutable_accept()->mutable_envelope()->set_ciphertext(std::string(kCiphertextBytesMax + 1, 'x'));
  EXPECT_EQ(parse_to_relay(as_bytes(accept.SerializeAsString())).error().code, "wire.too-large");
  accept.mutable_accept()->mutable_envelope()->set_kind(pb::COMMIT);
  EXPECT_TRUE(parse_to_relay(as_bytes(accept.SerializeAsString())));
  accept.mutable_accept()->mutable_envelope()->set_ciphertext(std::string(kHandshakeBytesMax + 1, 'x'));
  EXPECT_EQ(parse_to_relay(as_bytes(accept.SerializeAsString())).error().code, "wire.too-large");
}

TEST(Codec, AnAcceptWithoutEnvelopeIsRefused) {
  pb::ToRelay f;
  f.set_request(1);
  f.mutable_accept()->set_sender_mailbox(std::string(16, 'a'));
  EXPECT_FALSE(parse_to_relay(as_bytes(f.SerializeAsString())));
  pb::FromRelay d;
  d.mutable_delivery()->set_device(std::string(16, 'd'));
  d.mutable_delivery()->mutable_stored();
  EXPECT_EQ(parse_from_relay(as_bytes(d.SerializeAsString())).error().code, "wire.empty");
  pb::ServerFrame s;
  s.mutable_delivery();
  EXPECT_EQ(parse_server_frame(as_bytes(s.SerializeAsString())).error().code, "wire.empty");
}

TEST(Frame, LengthAndMessage) {
  const std::string bytes = frame(send_frame());
  EXPECT_EQ(frame_size(as_bytes(bytes))->value(), bytes.size());
  EXPECT_EQ(frame_size(as_bytes(bytes.substr(0, 3))).value(), std::nullopt);
  EXPECT_EQ(frame_size(as_bytes("\xff\xff\xff\xff")).error().code, "wire.too-large");
}

TEST(Json, ReadsAndPrintsLoginMessages) {
  const auto request = parse_json<pb::PasswordRequest>(R"({"user":"krüger","password":"geheim"})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->user(), "krüger");
  EXPECT_EQ(to_json(*request), R"({"user":"krüger","password":"geheim"})");
  pb::LoginStep step;
  step.set_next(pb::TOTP);
  EXPECT_THAT(to_json(step), testing::StartsWith(R"({"next":"TOTP","step_token":"","totp_uri":"","challenge":"")"));
  EXPECT_TRUE(parse_json<pb::LoginStep>(to_json(step)));
}

TEST(Json, RefusesWhatTwoReadersCouldReadDifferently) {
  for (const char* text :
       {R"({"user":"a","user":"b"})", R"({"user":"a","us\u0065r":"b"})", R"({"step_token":"a","stepToken":"b"})",
        R"({'user':'a'})", R"({user:"a"})", R"({"user":"a",})", R"({"user":"a"}x)", R"({"user":"a"} {"user":"b"})",
        R"({"other":"a"})", R"(["user"])", "", "{", R"({"user":["a"]})", "{\"user\":\"\xff\"}", R"({"user":/**/"a"})",
        R"({"user":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}})"}) {
    const auto parsed = parse_json<pb::PasswordRequest>(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, "wire.syntax") << text;
  }
  EXPECT_EQ(parse_json<pb::PasswordRequest>(std::string(kJsonBodyBytesMax + 1, ' ')).error().code, "wire.too-large");
  EXPECT_EQ(parse_json<pb::DeviceRequest>(R"({"device":"AAAA","reason":"lost"})").error().code, "wire.id-size");
  EXPECT_EQ(parse_json<pb::PasswordRequest>(R"({"user":"a\nb"})").error().code, "wire.text");
}

TEST(Problem, KeepsItsPartsAndTrustsNothing) {
  const policy::base::Error error{"deadline.too-short", "10 s", "at least 1 h", "ask for more", ""};
  EXPECT_EQ(to_error(to_problem(error)), error);
  pb::Problem hostile;
  hostile.set_seen("\x1b[2J");
  EXPECT_EQ(to_error(hostile).seen, "\\x1B[2J");
}

TEST(Codec, RandomBytesNeverPassUnchecked) {
  EXPECT_TRUE(rc::check("whatever parses has ids of the right size", [](const std::vector<std::uint8_t>& bytes) {
    const auto parsed = parse_to_relay(bytes);
    if (parsed && parsed->has_ack()) RC_ASSERT(parsed->ack().device().size() == 16U);
  }));
}

}  // namespace
}  // namespace relay::wire
