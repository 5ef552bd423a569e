#include "clients/mls/wasm/parts.h"

namespace clients::mls {
namespace {

enum class Event : std::uint8_t { kProposal = 1, kCommit = 2, kRemoved = 3 };

Writer begin(Event event) {
  Writer out;
  out.u8(static_cast<std::uint8_t>(event));
  return out;
}

void put(Writer& out, const std::vector<LeafIndex>& leaves) {
  out.vector([&](Writer& body) {
    for (const LeafIndex leaf : leaves) body.u32(leaf.value);
  });
}

}  // namespace

Member member_of(const Crypto& crypto, const std::uint8_t* seed32, ByteView identity) {
  PrivateKey seed;
  std::ranges::copy(ByteView(seed32, seed.view().size()), seed.writable().begin());
  Member out;
  out.credential.identity = copy(identity);
  out.signature_key = signature_pair(crypto, seed);
  return out;
}

Bytes event_of(const ProposalReceived& event) {
  Writer out = begin(Event::kProposal);
  out.raw(event.reference);
  write(out, event.sender);
  write(out, event.proposal);
  return out.take();
}

Bytes event_of(const CommitReceived& event) {
  Writer out = begin(Event::kCommit);
  write(out, event.committer);
  put(out, event.added);
  put(out, event.removed);
  put(out, event.updated);
  return out.take();
}

Bytes event_of(const RemovedFromGroup& event) {
  Writer out = begin(Event::kRemoved);
  write(out, event.committer);
  return out.take();
}

}  // namespace clients::mls
