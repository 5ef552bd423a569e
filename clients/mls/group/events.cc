#include "clients/mls/group/events.h"

namespace clients::mls {

CommitReceived summary_of(const PublicCommit& commit, const FramedContent& content) {
  const AppliedProposals& applied = commit.applied;
  CommitReceived out{content.sender, applied.committer, applied.added, applied.removed, applied.updated, {}};
  if (commit.external)
    out.added.push_back(applied.committer);
  else if (std::get<Commit>(content.content).path)
    out.updated.push_back(applied.committer);
  for (const PendingProposal& one : commit.proposals)
    if (one.checked) out.taken.push_back(one.reference);
  return out;
}

}  // namespace clients::mls
