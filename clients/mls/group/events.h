// What a handshake message did to a group.
#pragma once

#include "clients/mls/group/public_commit.h"

namespace clients::mls {

struct ProposalReceived {
  ProposalRef reference{};
  Sender sender;
  Proposal proposal;
};
struct CommitReceived {
  Sender committer;
  LeafIndex leaf;  // the committer's; of an external commit the place it took, which is also among `added`
  std::vector<LeafIndex> added, removed, updated;
  std::vector<ProposalRef> taken;  // proposals that waited and were taken up
};
CommitReceived summary_of(const PublicCommit& commit, const FramedContent& content);
struct RemovedFromGroup {
  Sender committer;
};

}  // namespace clients::mls
