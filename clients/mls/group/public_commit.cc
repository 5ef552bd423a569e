#include "clients/mls/group/public_commit.h"

#include <utility>

#include "clients/mls/tree/path.h"
#include "clients/mls/tree/validation.h"

namespace clients::mls {
namespace {

bool is_commit(const FramedContent& content) { return type_of(content.content) == ContentType::kCommit; }

Result<PublicKey> external_signer(const PublicGround& ground, std::uint32_t index) {
  const auto senders = external_senders(ground.context->extensions);
  if (!senders) return std::unexpected(senders.error());
  if (index >= senders->size()) return refuse(Reason::kSender, index);
  return (*senders)[index].signature_key;
}

Result<std::vector<PendingProposal>> look_up(const PublicGround& ground, const Commit& commit, const Sender& sender) {
  std::vector<PendingProposal> out;
  std::vector<std::uint8_t> taken(ground.pending.size());  // a reference is short and what it stands for is not
  for (const ProposalOrRef& one : commit.proposals) {
    if (const auto* proposal = std::get_if<Proposal>(&one)) {
      out.push_back({{}, sender, *proposal, false});
      continue;
    }
    if (sender.type == SenderType::kNewMemberCommit) return refuse(Reason::kProposalList, out.size());
    const auto found = std::ranges::find(ground.pending, std::get<ProposalRef>(one), &PendingProposal::reference);
    if (found == ground.pending.end()) return refuse(Reason::kUnknownProposal, out.size());
    if (std::exchange(taken[static_cast<std::size_t>(found - ground.pending.begin())], 1) != 0)
      return refuse(Reason::kProposalList, out.size());
    out.push_back(*found);
  }
  return out;
}

// § 12.4.2: the leaf is valid for a commit at this place, and its encryption key is a new one.
Status check_path_leaf(const PublicGround& ground, const PublicCommit& commit, const LeafNode& leaf) {
  const AppliedProposals& applied = commit.applied;
  auto required = required_capabilities(applied.extensions);
  if (!required) return std::unexpected(required.error());
  // A newcomer who replaces a leaf of its own is held to the same (§ 12.2).
  for (const LeafIndex at : commit.external ? applied.removed : std::vector{applied.committer})
    if (const LeafNode* before = ground.tree->leaf(at);
        before != nullptr && before->encryption_key == leaf.encryption_key)
      return refuse(Reason::kDuplicateKey, applied.committer.value);
  if (!ground.environment->admits(leaf)) return refuse(Reason::kIdentity, applied.committer.value);
  return check_leaf(*ground.environment->crypto, ground.context->suite, leaf, LeafSource::kCommit,
                    {ground.context->group_id, applied.committer}, {std::move(*required), applied.extensions, {}});
}

Status put_path(const PublicGround& ground, const Commit& commit, PublicCommit& out) {
  out.tree = out.applied.tree;
  if (!commit.path) return {};
  if (const Status leaf = check_path_leaf(ground, out, commit.path->leaf); !leaf) return leaf;
  auto merged = merge_path(*ground.environment->crypto, out.applied.tree, out.applied.committer, *commit.path);
  if (!merged) return std::unexpected(merged.error());
  out.tree = std::move(*merged);
  return {};
}

}  // namespace

Result<PublicKey> signer_of(const PublicGround& ground, const FramedContent& content) {
  switch (content.sender.type) {
    case SenderType::kMember: {
      const LeafNode* leaf = ground.tree->leaf(LeafIndex{content.sender.index});
      if (leaf == nullptr) return refuse(Reason::kLeaf, content.sender.index);
      return leaf->signature_key;
    }
    case SenderType::kExternal:
      if (type_of(content.content) != ContentType::kProposal) return refuse(Reason::kSender);
      return external_signer(ground, content.sender.index);
    case SenderType::kNewMemberProposal: {
      const auto* proposal = std::get_if<Proposal>(&content.content);
      const auto* add = proposal != nullptr ? std::get_if<Add>(proposal) : nullptr;
      if (add == nullptr) return refuse(Reason::kSender);
      return add->package.leaf.signature_key;
    }
    case SenderType::kNewMemberCommit: {
      if (!is_commit(content)) return refuse(Reason::kSender);
      const auto& path = std::get<Commit>(content.content).path;
      if (!path) return refuse(Reason::kPathMissing);
      return path->leaf.signature_key;
    }
  }
  return refuse(Reason::kSender);
}

Result<std::optional<PendingProposal>> take_proposal(const PublicGround& ground, const AuthenticatedContent& message) {
  const auto& proposal = std::get<Proposal>(message.content.content);
  const Sender& sender = message.content.sender;
  const ProposalRef ref = reference(*ground.environment->crypto, message);
  if (std::ranges::find(ground.pending, ref, &PendingProposal::reference) != ground.pending.end()) return std::nullopt;
  if (ground.pending.size() >= kPendingProposalsMax) return refuse(Reason::kTooLarge, ground.pending.size());
  if (const Status good = check_proposal(ground.proposals({}), sender, proposal); !good)
    return std::unexpected(good.error());
  return PendingProposal{ref, sender, proposal, true};
}

Result<PublicCommit> apply_commit(const PublicGround& ground, const AuthenticatedContent& message) {
  const Sender& sender = message.content.sender;
  const auto& commit = std::get<Commit>(message.content.content);
  PublicCommit out;
  out.external = sender.type == SenderType::kNewMemberCommit;
  auto proposals = look_up(ground, commit, sender);
  if (!proposals) return std::unexpected(proposals.error());
  out.proposals = std::move(*proposals);
  if (out.external && !commit.path) return refuse(Reason::kPathMissing);
  auto applied = apply_proposals(ground.proposals(sender), out.proposals, out.external ? &commit.path->leaf : nullptr);
  if (!applied) return std::unexpected(applied.error());
  out.applied = std::move(*applied);
  if (out.applied.path_required && !commit.path) return refuse(Reason::kPathMissing);
  if (const Status path = put_path(ground, commit, out); !path) return std::unexpected(path.error());
  if (const Status agree = check_members_agree(out.tree); !agree) return std::unexpected(agree.error());
  out.provisional = *ground.context;
  ++out.provisional.epoch;
  out.provisional.extensions = out.applied.extensions;
  out.provisional.tree_hash = out.tree.tree_hash(*ground.environment->crypto);
  return out;
}

}  // namespace clients::mls
