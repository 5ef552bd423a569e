#include "clients/mls/group/testing/scene.h"

namespace clients::mls {
namespace {

Extension required_extension() {
  return {static_cast<std::uint16_t>(ExtensionType::kRequiredCapabilities),
          encode(RequiredCapabilities{{kNeededExtension}, {kNeededProposal}, {1, 2}})};
}

// Nodes 3 and 7 are filled by a path of leaf 2 while leaf 3 is blank; then leaf 3 comes and is unmerged in both.
Scene make_scene() {
  Scene out;
  out.world = std::make_shared<World>(7);
  World& world = *out.world;
  world.capabilities.extensions = {kOwnExtension, kNeededExtension};
  world.capabilities.proposals = {kNeededProposal};
  world.environment().admits = [](const LeafNode& leaf) {
    return !equal(leaf.credential.identity, as_bytes("nobody"));
  };
  world.environment().psk = [](ByteView id) -> std::optional<SecretBytes> {
    if (!equal(id, as_bytes("known"))) return std::nullopt;
    return SecretBytes(Bytes(32, 3));
  };
  out.gateway = generate_signature_key_pair(world.crypto());
  const Extensions extensions{
      external_senders_extension({{out.gateway.key, {}}}), required_extension(), {kOwnExtension, {1}}};
  out.groups = world.party(3, extensions);
  const auto commit = [&](const CommitPlan& plan) {
    Group::Staged staged = must(out.groups[2].commit(world.environment(), plan));
    deliver(world.environment(), out.groups, staged.commit);
    out.groups[2] = std::move(staged.group);
    return std::move(staged.welcome);
  };
  Member with_certificate = world.member("");
  with_certificate.credential = {CredentialType::kX509, {}, {{1, 2, 3}}};
  const OwnKeyPackage third = world.package("3"), fourth = world.package(with_certificate);
  const auto first = commit({.proposals = {Add{world.package("gone").package}, Add{fourth.package}}});
  out.groups.push_back(must(Group::join(world.environment(), *first, fourth)));
  commit({.proposals = {Remove{LeafIndex{3}}}});
  const auto second = commit({.proposals = {Add{third.package}}});
  out.groups.insert(out.groups.begin() + 3, must(Group::join(world.environment(), *second, third)));
  out.service = must(PublicGroup::begin(world.environment(), must(out.groups[2].group_info(world.crypto(), true))));
  return out;
}

Status refusal(const Environment& environment, Group& group, ByteView bytes) {
  const auto parsed = parse<MlsMessage>(bytes);
  if (!parsed) return std::unexpected(parsed.error());
  const auto* sealed = std::get_if<PrivateMessage>(&*parsed);
  if (sealed != nullptr && sealed->content_type == ContentType::kApplication) {
    const auto opened = group.open(*environment.crypto, *sealed);
    return opened ? Status() : std::unexpected(opened.error());
  }
  const auto received = receive(environment, group, bytes);
  return received ? Status() : std::unexpected(received.error());
}

// What only the keys of the group show.
bool is_secret(Reason reason) {
  switch (reason) {
    case Reason::kMembershipTag:
    case Reason::kConfirmationTag:
    case Reason::kDecrypt:
    case Reason::kKey:
    case Reason::kPath:
    case Reason::kPsk:
    case Reason::kOwnMessage: return true;
    default: return false;
  }
}

// Nothing where the service cannot know better.
std::optional<Reason> refusal_of_service(const Scene& scene, const Rule& rule, ByteView bytes) {
  const auto parsed = parse<MlsMessage>(bytes);
  if (!parsed || is_secret(rule.reason) || scene.service->context() != scene.groups[1].context()) return rule.reason;
  const auto* message = std::get_if<PublicMessage>(&*parsed);
  if (message == nullptr) return rule.reason;
  const auto taken = scene.service->receive(scene.env(), *message);
  return taken ? std::nullopt : std::optional(taken.error().reason);
}

}  // namespace

const Scene& Scene::first() {
  static const Scene scene = make_scene();
  return scene;
}

Forge Scene::outsider(std::string_view identity) const {
  const GroupInfo info = must(groups[2].group_info(crypto(), true));
  return Forge(env(), info, groups[2].tree(), world->member(identity));
}

ProposalRef Scene::hear(const PublicMessage& message) {
  service = must(service->receive(env(), message)).group;
  for (Group& group : groups) {
    // Whoever sent it by a forged hand takes it, too.
    if (message.content.sender == Sender{SenderType::kMember, group.own_leaf().value}) continue;
    group = must(receive(env(), group, encode_message(message))).group;
  }
  return groups[1].pending().back().reference;
}

std::string broken(const Rule& rule) {
  Scene scene = Scene::first();
  const Bytes message = rule.message(scene);
  Group& group = scene.groups[1];
  const SecretBytes before = group.save();
  const Status taken = refusal(scene.env(), group, message);
  const std::string name = "RFC 9420 § " + std::string(rule.section) + ", " + std::string(rule.what) + ": ";
  if (taken) return name + "was let through";
  if (taken.error().reason != rule.reason)
    return name + "refused with " + std::string(code(taken.error().reason)) + " and not with " +
           std::string(code(rule.reason));
  if (group.save() != before) return name + "the group changed";
  if (const auto served = refusal_of_service(scene, rule, message); served != rule.reason)
    return name + "the service " + (served ? "refused with " + std::string(code(*served)) : "let it through");
  return {};
}

}  // namespace clients::mls
