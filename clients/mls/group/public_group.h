// What the delivery service knows of a group: who is in it and which epoch it is in, without a single secret
// (RFC 9420 § 3.2, RFC 9750 § 5).
//
// Follows handshake messages sent as PublicMessage and checks everything that can be checked without the group's keys:
// signatures, proposals, trees, paths, transcripts. Not checkable here are membership tags, confirmation tags and the
// encrypted path secrets; a member that lies about those is found out by the others.
//
// A value; what changes returns a new one. One thread at a time. The format of save() is this file's own.
#pragma once

#include "clients/mls/group/events.h"
#include "clients/mls/message/welcome.h"

namespace clients::mls {

class PublicGroup {
 public:
  // From a GroupInfo of the epoch in which to begin: of epoch 0 when the group is created, of any when a service starts
  // to follow. Errors: those of trusted_tree, kIdentity.
  static Result<PublicGroup> begin(const Environment& environment, const GroupInfo& info,
                                   const std::optional<Bytes>& tree = {});  // § 12.4.3

  const GroupContext& context() const { return context_; }               // § 8.1
  const RatchetTree& tree() const { return tree_; }                      // § 7
  std::span<const PendingProposal> pending() const { return pending_; }  // § 12.1

  struct Taken;
  // §§ 12.1, 12.4.2. Errors: kGroup, kEpoch, kInTheOpen, and those of signer_of, take_proposal, apply_commit.
  Result<Taken> receive(const Environment& environment, const PublicMessage& message) const;

  // § 12.1.8: a proposal of the service itself, signed by the external sender of that index. It waits in the new group.
  // Errors: kSender (the key is not that sender's) and those of check_proposal.
  Result<Taken> propose(const Environment& environment, std::uint32_t sender_index, Proposal proposal,
                        const KeyPair& key, PublicMessage& out) const;

  // Whether a GroupInfo that came with a commit is of this epoch, so that it can be handed to those who enter: context,
  // confirmation tag and signature of a member. Error: kGroup, kEpoch, kTree, kConfirmationTag, kSignature, kLeaf.
  Status check_info(const Crypto& crypto, const GroupInfo& info) const;  // § 12.4.3

  Bytes save() const;  // context (§ 8.1), tree (§ 7), transcript (§ 8.2), proposals (§ 12.1)
  static Result<PublicGroup> load(ByteView saved);  // error: kStorage

 private:
  PublicGroup() = default;
  PublicGround ground(const Environment& environment) const { return {&environment, &context_, &tree_, pending_}; }
  Result<Taken> take_commit(const Environment& environment, const AuthenticatedContent& commit) const;
  Result<Taken> wait_for(const Environment& environment, const AuthenticatedContent& proposal) const;

  GroupContext context_;
  RatchetTree tree_;
  Hash confirmation_tag_{};
  Bytes interim_transcript_hash_;
  std::vector<PendingProposal> pending_;
};

struct PublicGroup::Taken {  // §§ 12.1, 12.4.2
  PublicGroup group;
  std::variant<ProposalReceived, CommitReceived> event;
};

}  // namespace clients::mls
