// Bytes to validated messages and back. What these functions return satisfies every limit of limits.h and every size
// that the .proto files name, so nobody checks again further in.
//
// Pure, thread-safe. Errors: wire.syntax (not protobuf or not JSON), wire.too-large, wire.empty (no body set),
// wire.id-size, wire.class, wire.label, wire.request (request number 0 where an answer is due), wire.text (a string
// with control characters or over its bound), wire.enum (a value that the protocol does not name), wire.instant.
#pragma once

#include <optional>
#include <string>

#include "policy/base/bytes.h"
#include "policy/base/result.h"
#include "relay/wire/client.pb.h"
#include "relay/wire/envelope.pb.h"
#include "relay/wire/limits.h"
#include "relay/wire/link.pb.h"

namespace relay::wire {

namespace pb = ::feierabend::v1;
using policy::base::ByteView;
using policy::base::Result;
using policy::base::Status;

Result<pb::ClientFrame> parse_client_frame(ByteView bytes);
Result<pb::ServerFrame> parse_server_frame(ByteView bytes);
Result<pb::ToRelay> parse_to_relay(ByteView bytes);
Result<pb::FromRelay> parse_from_relay(ByteView bytes);

// What a client may send: conversation, class, message id and ciphertext set and within bounds.
Status check_envelope(const pb::Envelope& envelope);

// JSON of the login messages: unknown members, duplicate keys and nesting over 8 are refused (error wire.syntax).
template <typename Message>
Result<Message> parse_json(std::string_view json);
Status parse_json_into(std::string_view json, google::protobuf::Message& out);
std::string to_json(const google::protobuf::Message& message);  // members as named in the .proto, defaults included

template <typename Message>
Result<Message> parse_json(std::string_view json) {
  Message message;
  if (auto status = parse_json_into(json, message); !status) return std::unexpected(status.error());
  return message;
}

// A link frame: 32-bit big-endian length, then the message.
std::string frame(const google::protobuf::Message& message);
// The length of the whole first frame in `bytes` once its four length bytes are there. Error: wire.too-large.
Result<std::optional<std::size_t>> frame_size(ByteView bytes);

// For a program's main: protobuf's own complaints about hostile bytes would fill stderr and the log, and parse_…() says
// all that is to be said.
void silence_protobuf();

pb::Problem to_problem(const policy::base::Error& error);
policy::base::Error to_error(const pb::Problem& problem);

}  // namespace relay::wire
