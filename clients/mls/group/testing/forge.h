// A hand that makes what may not be made: messages of an evil member, or of an evil newcomer, that are right in
// everything but what the test spoils.
//
// Nothing is checked on the way. Each step of the making is given to a function of the test before the next step is
// computed from it, so that later signatures, hashes and tags fit what was spoilt. An empty function spoils nothing.
//
// What the world gives outlives it. One thread.
#pragma once

#include "clients/mls/group/testing/world.h"

namespace clients::mls {

template <typename T>
using Spoil = std::function<void(T&)>;

// A proposal of a forged commit: of the committer and by value, or of somebody else and by reference.
struct ForgedPart {
  Proposal proposal;
  std::optional<ProposalRef> reference{};
  std::optional<Sender> sender{};
};

struct ForgedCommit {
  std::vector<ForgedPart> parts{};
  bool path = true;
  Spoil<LeafNode> leaf{};         // of the path; is signed afterwards
  Spoil<LeafNode> signed_leaf{};  // of the path; the tree hash is taken afterwards
  Spoil<GroupContext> next{};     // of the next epoch; the path is sealed under it
  Spoil<UpdatePath> sealed{};
  Spoil<FramedContent> content{};                // is signed afterwards
  Spoil<AuthenticatedContent> signed_content{};  // the next epoch is made of it
  Spoil<Hash> confirmed{};                       // the confirmation tag; the membership tag is taken afterwards
  Spoil<PublicMessage> message{};
  std::optional<KeyPair> signer{};
};

struct ForgedSeal {
  std::optional<LeafIndex> as{};  // in whose name; the keys of all are known to all
  std::optional<KeyPair> signer{};
  std::uint32_t skip = 0;  // generations
  Spoil<FramedContent> content{};
  Spoil<AuthenticatedContent> signed_content{};
  Spoil<Bytes> plaintext{};         // with padding
  Spoil<PrivateMessage> message{};  // the sender data are sealed before it
};

struct ForgedWelcome {
  Spoil<RatchetTree> tree{};
  Spoil<GroupContext> context{};
  Spoil<GroupInfo> info{};         // is signed afterwards
  Spoil<GroupInfo> signed_info{};  // is sealed afterwards
  Spoil<GroupSecrets> secrets{};
  Spoil<Welcome> welcome{};
};

class Forge {
 public:
  Forge(const Environment& environment, const Group& member);
  // Comes in by an external commit. `tree` is the group's.
  Forge(const Environment& environment, const GroupInfo& info, const RatchetTree& tree, const Member& newcomer);

  LeafIndex own() const { return own_; }
  const KeyPair& signature_key() const { return signature_key_; }
  const RatchetTree& tree() const { return tree_; }

  // The committer's own, right in all.
  Proposal external_init() const { return ExternalInit{init_output_}; }
  LeafNode update_leaf(const Spoil<LeafNode>& spoil = {}) const;
  KeyPackage package(const Spoil<LeafNode>& leaf = {}, const Spoil<KeyPackage>& package = {},
                     const Spoil<KeyPackage>& signed_package = {}) const;

  PublicMessage propose(Proposal proposal, const Spoil<FramedContent>& content = {},
                        const std::optional<KeyPair>& signer = {}) const;
  PublicMessage commit(const ForgedCommit& forged) const;
  PrivateMessage seal(Content content, const ForgedSeal& forged = {}) const;
  // The group with `newcomer` added, in an epoch of its own making.
  Welcome welcome(const OwnKeyPackage& newcomer, const ForgedWelcome& forged = {}) const;
  GroupInfo info(const ForgedWelcome& forged = {}) const;

 private:
  struct Drafted;
  AuthenticatedContent sign_by(FramedContent content, const std::optional<KeyPair>& signer) const;
  Drafted apply(const ForgedCommit& forged) const;
  Secret psk_of(const ForgedCommit& forged) const;
  GroupInfo signed_info(const ForgedWelcome& forged, RatchetTree tree, const Secret& joiner) const;

  const Environment& environment_;
  const Crypto& crypto_;
  GroupContext context_;
  RatchetTree tree_;
  LeafIndex own_;
  Sender sender_;
  KeyPair signature_key_;
  LeafNode leaf_;  // as the path begins with it
  Secret init_, membership_key_, sender_data_, external_;
  PublicKey init_output_{};
  Bytes interim_;
  std::optional<SecretTree> keys_;
};

}  // namespace clients::mls
