// What a handshake message did to a group.
#pragma once

#include "clients/mls/group/public_commit.h"

namespace clients::mls {

struct ProposalReceived {  // § 12.1
  ProposalRef reference{};
  Sender sender;
  Proposal proposal;
};
struct CommitReceived {  // § 12.4.2
  Sender committer;
  LeafIndex leaf;  // the committer's; of an external commit the place it took, which is also among `added`
  std::vector<LeafIndex> added, removed, updated;
  std::vector<ProposalRef> taken;  // proposals that waited and were taken up
};
CommitReceived summary_of(const PublicCommit& commit, const FramedContent& content);  // § 12.4.2
struct RemovedFromGroup {                                                             // §§ 12.1.3, 12.4.2
  Sender committer;
};

}  // namespace clients::mls
