// A member and the service are given messages that were right before they were changed. The first octet says which one,
// the others are laid over it. Refused, or the very message; and a group that refused is the group it was.
#include <cstdlib>

#include "clients/mls/group/testing/scene.h"

namespace {

using namespace clients::mls;

std::vector<Bytes> messages(Scene& scene) {
  const Forge evil = scene.evil(), outsider = scene.outsider();
  const OwnKeyPackage own = scene.world->package("new");
  return {encode_message(evil.commit({})),
          encode_message(evil.commit({.parts = {{Add{own.package}}, {Remove{LeafIndex{3}}}}})),
          encode_message(outsider.commit({.parts = {{outsider.external_init()}}})),
          encode_message(evil.propose(Update{evil.update_leaf()})),
          encode_message(evil.seal(Application{{1, 2, 3}})),
          encode_message(evil.seal(Proposal(Remove{LeafIndex{2}}))),
          encode_message(evil.seal(Commit{}))};
}

// (place, octet) pairs: the place in two octets, XORed there.
Bytes changed(Bytes message, ByteView by) {
  for (; by.size() >= 3; by = by.subspan(3)) {
    const std::size_t at = (std::size_t{by[0]} << 8 | by[1]) % message.size();
    message[at] = static_cast<std::uint8_t>(message[at] ^ by[2]);
  }
  if (by.size() == 2) message.resize((std::size_t{by[0]} << 8 | by[1]) % message.size());
  return message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Scene scene = Scene::first();
  static const std::vector<Bytes> valid = messages(scene);
  if (size == 0) return 0;
  const Bytes& original = valid[data[0] % valid.size()];
  const Bytes bytes = changed(original, ByteView(data, size).subspan(1));
  const auto parsed = parse<MlsMessage>(bytes);
  if (!parsed) return 0;
  Group group = scene.groups[1];
  const SecretBytes before = group.save();
  bool taken = false;
  if (const auto* sealed = std::get_if<PrivateMessage>(&*parsed)) {
    taken = group.open(scene.crypto(), *sealed).has_value() || group.receive(scene.env(), *sealed).has_value();
  } else if (const auto* in_the_open = std::get_if<PublicMessage>(&*parsed)) {
    taken = group.receive(scene.env(), *in_the_open).has_value();
    (void)scene.service->receive(scene.env(), *in_the_open);
  }
  if (taken && bytes != original) std::abort();
  if (!taken && group.save() != before) std::abort();
  return 0;
}
