// A group of five in which the member at leaf 0 is evil, and the way to show that something is refused.
//
//     leaf 0 evil · 1 the one who is to refuse · 2, 3 others · 4 with an X.509 credential
//
// Some nodes of the tree are filled and some leaves unmerged. The group has one external sender, required capabilities
// and an extension of its own that all support. Copies are cheap: each case spoils its own.
#pragma once

#include "clients/mls/group/public_group.h"
#include "clients/mls/group/testing/forge.h"

namespace clients::mls {

constexpr std::uint16_t kOwnExtension = 0xF001;     // of the group
constexpr std::uint16_t kNeededExtension = 0xF002;  // required of members
constexpr std::uint16_t kNeededProposal = 0xF003;   // required of members

class Scene {
 public:
  // The same for every case of one program, made once.
  static const Scene& first();

  Forge evil() const { return Forge(env(), groups[0]); }
  Forge evil(std::size_t member) const { return Forge(env(), groups[member]); }
  Forge outsider(std::string_view identity = "outsider") const;
  const Environment& env() const { return world->environment(); }
  const Crypto& crypto() const { return world->crypto(); }
  // Everybody takes it; for what comes before the message that is refused. Gives its reference.
  ProposalRef hear(const PublicMessage& message);

  std::shared_ptr<World> world;
  std::vector<Group> groups;
  std::optional<PublicGroup> service;  // follows without secrets
  KeyPair gateway;
};

// One rule, and a message that breaks it and is right in all else.
struct Rule {
  std::string_view section;
  std::string_view what;
  Reason reason;
  std::function<Bytes(Scene&)> message;
};

// The member at leaf 1 refuses with that reason, and is the same as before to the last octet; and so does the service,
// where no secret is needed to see it. Empty text: so it is.
std::string broken(const Rule& rule);

}  // namespace clients::mls
