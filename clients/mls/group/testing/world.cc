#include "clients/mls/group/testing/world.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace clients::mls {
namespace {

NativeCrypto::Fill fill_from(std::uint64_t seed) {
  return [generator = std::mt19937_64(seed)](std::span<std::uint8_t> out) mutable {
    for (std::uint8_t& octet : out) octet = static_cast<std::uint8_t>(generator());
  };
}

}  // namespace

SeededCrypto::SeededCrypto(std::uint64_t seed) : native_(fill_from(seed)) {}

bool SeededCrypto::ed25519_verify(const PublicKey& key, ByteView message, const Signature& signature) const {
  std::string name(key.begin(), key.end());
  name.append(signature.begin(), signature.end());
  const Hash hash = native_.sha256(message);
  name.append(hash.begin(), hash.end());
  const auto [known, is_new] = verified_.try_emplace(std::move(name), false);
  if (is_new) known->second = native_.ed25519_verify(key, message, signature);
  return known->second;
}

World::World(std::uint64_t seed, CipherSuite suite) : suite_(suite), crypto_(seed) {
  environment_.crypto = &crypto_;
  environment_.now_s = kWorldNow_s;
}

Member World::member(std::string_view identity) const {
  Member out;
  out.credential.identity = copy(as_bytes(identity));
  out.signature_key = generate_signature_key_pair(crypto_);
  out.capabilities = capabilities;
  return out;
}

OwnKeyPackage World::package(const Member& member) const {
  return make_key_package(crypto_, suite_, member, lifetime());
}

Group World::create(std::string_view identity, Extensions extensions, std::string_view group_id) const {
  return must(Group::create(environment_, suite_, copy(as_bytes(group_id)), member(identity), lifetime(),
                            std::move(extensions)));
}

std::vector<Group> World::party(std::size_t size, Extensions extensions, std::string_view group_id, bool path) const {
  std::vector<Group> out{create("0", std::move(extensions), group_id)};
  std::vector<OwnKeyPackage> packages;
  CommitPlan plan;
  plan.path = path;
  for (std::size_t i = 1; i < size; ++i) {
    packages.push_back(package(std::to_string(i)));
    plan.proposals.emplace_back(Add{packages.back().package});
  }
  if (packages.empty()) return out;
  Group::Staged staged = must(out.front().commit(environment_, plan));
  out.front() = std::move(staged.group);
  for (const OwnKeyPackage& own : packages) out.push_back(must(Group::join(environment_, *staged.welcome, own)));
  return out;
}

void end_because(const Error& error) {
  std::fprintf(stderr, "%s (%llu)\n", std::string(code(error.reason)).c_str(),
               static_cast<unsigned long long>(error.detail));
  std::abort();
}

Result<Received> receive(const Environment& environment, const Group& group, ByteView message) {
  const auto parsed = parse<MlsMessage>(message);
  if (!parsed) return std::unexpected(parsed.error());
  if (const auto* in_the_open = std::get_if<PublicMessage>(&*parsed)) return group.receive(environment, *in_the_open);
  if (const auto* sealed = std::get_if<PrivateMessage>(&*parsed)) return group.receive(environment, *sealed);
  return refuse(Reason::kUnsupported);
}

void deliver(const Environment& environment, std::vector<Group>& groups, const PublicMessage& message) {
  const Bytes bytes = encode_message(message);
  const Sender& sender = message.content.sender;
  for (Group& group : groups)
    if (sender.type != SenderType::kMember || sender.index != group.own_leaf().value)
      group = must(receive(environment, group, bytes)).group;
}

bool agree(const Crypto& crypto, const Group& a, const Group& b) {
  return a.epoch() == b.epoch() && a.context() == b.context() && a.epoch_authenticator() == b.epoch_authenticator() &&
         a.export_secret(crypto, "exporter", {}, kHashBytes) == b.export_secret(crypto, "exporter", {}, kHashBytes);
}

}  // namespace clients::mls
