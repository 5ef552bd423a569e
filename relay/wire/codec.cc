#include "relay/wire/codec.h"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>

#include "relay/wire/field_rules.h"

namespace relay::wire {
namespace {

using policy::base::fail;
using policy::base::printable;

constexpr std::size_t kLengthBytes = 4;

// Unknown fields are dropped, so that nothing this version does not understand travels on through it.
Status parse_message(ByteView bytes, google::protobuf::Message& out) {
  if (bytes.size() > kFrameBytesMax)
    return fail("wire.too-large", "a frame of " + std::to_string(bytes.size()) + " bytes",
                "at most " + std::to_string(kFrameBytesMax) + " bytes");
  if (!out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail("wire.syntax", std::to_string(bytes.size()) + " bytes that are not a " + out.GetDescriptor()->name(),
                "one message of the protocol feierabend.v1");
  out.DiscardUnknownFields();
  return {};
}

template <typename Frame>
Result<Frame> parse_frame(ByteView bytes, Origin origin) {
  Frame frame;
  if (auto status = parse_message(bytes, frame); !status) return std::unexpected(status.error());
  if (frame.body_case() == Frame::BODY_NOT_SET)
    return fail("wire.empty", "a " + Frame::descriptor()->name() + " without a body that this version knows",
                "exactly one body", "update the older side");
  if (auto status = check_fields(frame, origin); !status) return std::unexpected(status.error());
  return frame;
}

Status request_missing() {
  return fail("wire.request", "request number 0", "a number other than 0 where an answer is due");
}

bool is_answered(const pb::ToRelay& frame) {
  switch (frame.body_case()) {
    case pb::ToRelay::kSubscribe:
    case pb::ToRelay::kUnsubscribe:
    case pb::ToRelay::kAck:
    case pb::ToRelay::kReceiptAck:
    case pb::ToRelay::kExpiredAck: return false;
    default: return true;
  }
}

Status class_mask(std::uint32_t classes) {
  if (classes <= 0x1F) return {};
  return fail("wire.class", "a class mask of " + std::to_string(classes), "0 to 31");
}

Status wrong_kind(std::string seen, std::string allowed) {
  return fail("wire.kind", std::move(seen), std::move(allowed), "update the older side");
}

// Handshakes of clients have frames of their own, which say more than an envelope can.
Status is_for_people(const pb::Envelope& envelope) {
  if (envelope.kind() == pb::APPLICATION && envelope.message_class() != pb::HANDSHAKE && envelope.devices().empty())
    return {};
  return wrong_kind("a message to people of kind " + std::to_string(envelope.kind()) + " and class " +
                        std::to_string(envelope.message_class()),
                    "kind application, a class that people know, no named devices");
}

Status check_accept(const pb::Accept& accept) {
  const pb::Envelope& envelope = accept.envelope();
  if (auto status = check_envelope(envelope); !status) return status;
  if (accept.removal() && envelope.kind() != pb::PROPOSAL) return wrong_kind("a removal that is no proposal", "");
  if (accept.sender_mailbox().empty() && envelope.kind() != pb::PROPOSAL)
    return wrong_kind("an envelope without a sender", "proposals only");
  if (!accept.has_welcome()) return {};
  if (auto status = check_envelope(accept.welcome()); !status) return status;
  if (envelope.kind() == pb::COMMIT && accept.welcome().kind() == pb::WELCOME &&
      accept.welcome().conversation() == envelope.conversation() &&
      accept.welcome().sender_device() == envelope.sender_device() && !accept.welcome().devices().empty())
    return {};
  return wrong_kind("a welcome that does not belong to its commit",
                    "a commit of the same conversation and device, and devices that it is for");
}

}  // namespace

Result<pb::ClientFrame> parse_client_frame(ByteView bytes) {
  auto frame = parse_frame<pb::ClientFrame>(bytes, Origin::kClient);
  if (!frame) return frame;
  if (frame->request() == 0 && !frame->has_ack()) return std::unexpected(request_missing().error());
  if (frame->has_send()) {
    if (auto status = check_envelope(frame->send().envelope()); !status) return std::unexpected(status.error());
    if (auto status = is_for_people(frame->send().envelope()); !status) return std::unexpected(status.error());
  }
  return frame;
}

Result<pb::ServerFrame> parse_server_frame(ByteView bytes) {
  auto frame = parse_frame<pb::ServerFrame>(bytes, Origin::kServer);
  if (frame && frame->has_delivery() && !frame->delivery().stored().has_envelope())
    return fail("wire.empty", "a delivery without an envelope");
  return frame;
}

Result<pb::ToRelay> parse_to_relay(ByteView bytes) {
  auto frame = parse_frame<pb::ToRelay>(bytes, Origin::kServer);
  if (!frame) return frame;
  if (frame->request() == 0 && is_answered(*frame)) return std::unexpected(request_missing().error());
  Status status;
  if (frame->has_accept()) status = check_accept(frame->accept());
  if (frame->has_subscribe()) status = class_mask(frame->subscribe().classes());
  if (!status) return std::unexpected(status.error());
  return frame;
}

Result<pb::FromRelay> parse_from_relay(ByteView bytes) {
  auto frame = parse_frame<pb::FromRelay>(bytes, Origin::kServer);
  if (frame && frame->has_delivery() && !frame->delivery().stored().has_envelope())
    return fail("wire.empty", "a delivery without an envelope");
  return frame;
}

Status check_envelope(const pb::Envelope& envelope) { return check_fields(envelope, Origin::kClient); }

std::string frame(const google::protobuf::Message& message) {
  std::string out(kLengthBytes, '\0');
  message.AppendToString(&out);
  const auto size = static_cast<std::uint32_t>(out.size() - kLengthBytes);
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    out[i] = static_cast<char>(static_cast<std::uint8_t>(size >> (24 - 8 * i)));
  return out;
}

Result<std::optional<std::size_t>> frame_size(ByteView bytes) {
  if (bytes.size() < kLengthBytes) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) size = (size << 8U) | bytes[i];
  if (size > kFrameBytesMax)
    return fail("wire.too-large", "a link frame of " + std::to_string(size) + " bytes",
                "at most " + std::to_string(kFrameBytesMax) + " bytes");
  return kLengthBytes + size;
}

void silence_protobuf() { google::protobuf::SetLogHandler(nullptr); }

pb::Problem to_problem(const policy::base::Error& error) {
  pb::Problem problem;
  problem.set_code(error.code);
  problem.set_seen(error.seen);
  problem.set_allowed(error.allowed);
  problem.set_remedy(error.remedy);
  return problem;
}

// What the other side wrote is as untrusted as anything else that came over the wire.
policy::base::Error to_error(const pb::Problem& problem) {
  constexpr std::size_t kShownBytesMax = 400;
  return {printable(problem.code()),
          printable(problem.seen(), kShownBytesMax),
          printable(problem.allowed(), kShownBytesMax),
          printable(problem.remedy(), kShownBytesMax),
          {}};
}

}  // namespace relay::wire
