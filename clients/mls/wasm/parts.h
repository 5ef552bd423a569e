// Between the bytes of the host and the values of the core.
#pragma once

#include <string_view>

#include "clients/mls/group/group.h"

namespace clients::mls {

// A basic credential and the key that belongs to it.
Member member_of(const Crypto& crypto, const std::uint8_t* seed32, ByteView identity);

// Values of the wire one behind the other, as a host makes a list of them.
template <typename T>
Result<std::vector<T>> parse_all(ByteView bytes) {
  if (bytes.size() > kMessageBytesMax) return refuse(Reason::kTooLarge);
  std::vector<T> out;
  Reader in(bytes);
  while (!in.failed() && !in.empty()) read(in, out.emplace_back());
  if (const Status done = in.done(); !done) return std::unexpected(done.error());
  return out;
}

// The alternative of an MLSMessage. Error: kUnsupported for another one.
template <typename T>
Result<T> parse_message(ByteView bytes) {
  auto message = parse<MlsMessage>(bytes);
  if (!message) return std::unexpected(message.error());
  T* wanted = std::get_if<T>(&*message);
  if (wanted == nullptr) return refuse(Reason::kUnsupported);
  return std::move(*wanted);
}

// The events of api.h.
Bytes event_of(const ProposalReceived& event);
Bytes event_of(const CommitReceived& event);
Bytes event_of(const RemovedFromGroup& event);

}  // namespace clients::mls
