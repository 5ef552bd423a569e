// The proposals of one commit: looked up, judged together, and applied (RFC 9420 §§ 12.2, 12.3).
//
// Pure but for the port: what comes out is a new tree and new extensions, nothing given is changed.
#pragma once

#include "clients/mls/group/environment.h"
#include "clients/mls/message/framed.h"
#include "clients/mls/tree/ratchet_tree.h"

namespace clients::mls {

// § 12.4. A proposal of this epoch that waits for a commit. For proposals by value the sender is the committer.
struct PendingProposal {
  ProposalRef reference{};
  Sender sender;
  Proposal proposal;
  bool checked = false;  // by check_proposal, when it arrived; so signatures and lifetimes are not looked at again
};

// § 12.2: what the list is judged against. Everything outlives the call.
struct ProposalGround {
  const Environment* environment = nullptr;
  const GroupContext* context = nullptr;  // of the epoch that ends
  const RatchetTree* tree = nullptr;
  Sender committer;
};

struct AppliedProposals {
  RatchetTree tree;
  Extensions extensions;
  std::vector<LeafIndex> added;  // in the order of the Adds
  std::vector<KeyPackage> added_packages;
  std::vector<LeafIndex> removed;
  std::vector<LeafIndex> updated;
  std::vector<PskId> psks;
  std::optional<PublicKey> external_init;
  bool path_required = false;  // § 12.4
  LeafIndex committer;         // the sender's leaf; for an external commit the leaf it will take
};

// One proposal by itself (§ 12.1), when it arrives or is made, before any commit. Errors: kSender (may not propose
// this), kProposal, kReinit, kIdentity, and those of check_leaf.
Status check_proposal(const ProposalGround& ground, const Sender& sender, const Proposal& proposal);

// § 12.2 and § 12.3 for the whole list; signatures are verified through the port's for_each. `joining` is the leaf of
// an external commit's path, else null. What holds only for the tree with the commit's path on it (check_members_agree)
// is left to the caller. Errors: as check_proposal, kProposalList (detail: place in the list).
Result<AppliedProposals> apply_proposals(const ProposalGround& ground, std::span<const PendingProposal> proposals,
                                         const LeafNode* joining);

}  // namespace clients::mls
