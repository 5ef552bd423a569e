// What anybody who knows the public state of a group can check of its handshake messages, members and the delivery
// service alike (RFC 9420 §§ 6, 12.4.2).
//
// Pure but for the port.
#pragma once

#include "clients/mls/group/proposal_list.h"

namespace clients::mls {

// § 12.4: proposals that wait for a commit.
constexpr std::size_t kPendingProposalsMax = 4096;

// The public state (§§ 7, 8.1) of the epoch in which a message was sent. Everything outlives the call.
struct PublicGround {
  const Environment* environment = nullptr;
  const GroupContext* context = nullptr;
  const RatchetTree* tree = nullptr;
  std::span<const PendingProposal> pending;

  ProposalGround proposals(const Sender& committer) const { return {environment, context, tree, committer}; }  // § 12.2
};

// § 6: this kind of sender may send this kind of content, and whose signature it must carry. Errors: kSender, kLeaf,
// kPathMissing.
Result<PublicKey> signer_of(const PublicGround& ground, const FramedContent& content);

// § 12.1: one that arrived, checked, or nothing if it waits already. `proposal` was authenticated. Errors: those of
// check_proposal, kTooLarge.
Result<std::optional<PendingProposal>> take_proposal(const PublicGround& ground, const AuthenticatedContent& proposal);

struct PublicCommit {                      // § 12.4
  std::vector<PendingProposal> proposals;  // looked up, in order
  AppliedProposals applied;
  RatchetTree tree;          // with the path
  GroupContext provisional;  // of the next epoch, with the transcript of this one
  bool external = false;     // its sender comes in by it
};
// `commit` was authenticated. Errors: kUnknownProposal, kProposalList, kPathMissing, kDuplicateKey, kIdentity, kPath
// and those of apply_proposals and check_leaf.
Result<PublicCommit> apply_commit(const PublicGround& ground, const AuthenticatedContent& commit);  // § 12.4.2

}  // namespace clients::mls
