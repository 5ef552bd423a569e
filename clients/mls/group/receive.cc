// Taking proposals and commits of others (RFC 9420 §§ 12.1, 12.4.2).
#include "clients/mls/framing/private_message.h"
#include "clients/mls/framing/public_message.h"
#include "clients/mls/group/group.h"
#include "clients/mls/tree/validation.h"

namespace clients::mls {

class CommitTaker {
 public:
  // `commit` was authenticated: it is of this epoch, signed by its sender and, for a member, tagged.
  CommitTaker(const Environment& environment, const Group& group, const AuthenticatedContent& commit)
      : environment_(environment),
        crypto_(*environment.crypto),
        group_(group),
        authenticated_(commit),
        commit_(std::get<Commit>(commit.content.content)),
        sender_(commit.content.sender),
        external_(sender_.type == SenderType::kNewMemberCommit) {}

  Result<Received> take() {
    if (const Status found = look_up(); !found) return std::unexpected(found.error());
    if (external_ && !commit_.path) return refuse(Reason::kPathMissing);
    auto applied =
        apply_proposals(group_.ground(environment_, sender_), proposals_, external_ ? &commit_.path->leaf : nullptr);
    if (!applied) return std::unexpected(applied.error());
    applied_ = std::move(*applied);
    if (applied_.path_required && !commit_.path) return refuse(Reason::kPathMissing);
    if (commit_.path)
      if (const Status leaf = check_path_leaf(); !leaf) return std::unexpected(leaf.error());
    if (std::ranges::find(applied_.removed, group_.own_leaf()) != applied_.removed.end())
      return Received{group_, RemovedFromGroup{sender_}};
    if (const Status path = take_path(); !path) return std::unexpected(path.error());
    return finish();
  }

 private:
  Status look_up() {
    for (const ProposalOrRef& one : commit_.proposals) {
      if (const auto* proposal = std::get_if<Proposal>(&one)) {
        proposals_.push_back({{}, sender_, *proposal, false});
        continue;
      }
      if (external_) return refuse(Reason::kProposalList, proposals_.size());
      const auto found = std::ranges::find(group_.pending_, std::get<ProposalRef>(one), &PendingProposal::reference);
      if (found == group_.pending_.end()) return refuse(Reason::kUnknownProposal, proposals_.size());
      proposals_.push_back(*found);
    }
    return {};
  }

  // § 12.4.2: the leaf is valid for a commit at this place, and its encryption key is a new one.
  Status check_path_leaf() const {
    const LeafNode& leaf = commit_.path->leaf;
    auto required = required_capabilities(applied_.extensions);
    if (!required) return std::unexpected(required.error());
    const LeafNode* before = group_.tree_.leaf(applied_.committer);
    if (!external_ && before != nullptr && before->encryption_key == leaf.encryption_key)
      return refuse(Reason::kDuplicateKey, applied_.committer.value);
    if (!environment_.admits(leaf)) return refuse(Reason::kIdentity, applied_.committer.value);
    return check_leaf(crypto_, group_.suite(), leaf, LeafSource::kCommit,
                      {group_.context_.group_id, applied_.committer}, {std::move(*required), applied_.extensions, {}});
  }

  Status take_path() {
    provisional_ = group_.context_;
    ++provisional_.epoch;
    provisional_.extensions = applied_.extensions;
    tree_ = applied_.tree;
    keys_ = own_keys();
    if (commit_.path) {
      auto merged = merge_path(crypto_, applied_.tree, applied_.committer, *commit_.path);
      if (!merged) return std::unexpected(merged.error());
      tree_ = std::move(*merged);
    }
    provisional_.tree_hash = tree_.tree_hash(crypto_);
    if (const Status agree = check_members_agree(tree_); !agree) return agree;
    if (!commit_.path) return {};
    auto opened = open_path(crypto_, group_.suite(), applied_.tree, tree_, keys_, applied_.committer, *commit_.path,
                            encode(provisional_), applied_.added);
    if (!opened) return std::unexpected(opened.error());
    keys_ = std::move(opened->keys);
    commit_secret_ = opened->commit_secret;
    return {};
  }

  // With the new leaf key where the commit took up our own Update.
  TreeKeys own_keys() const {
    TreeKeys out = group_.keys_;
    for (std::size_t i = 0; i < proposals_.size(); ++i) {
      const auto update =
          std::ranges::find(group_.updates_, proposals_[i].reference, &std::pair<ProposalRef, KeyPair>::first);
      if (update != group_.updates_.end() && type_of(proposals_[i].proposal) == ProposalType::kUpdate)
        out.leaf = update->second;
    }
    out.prune(applied_.tree);
    return out;
  }

  Result<Secret> init_secret() const {
    if (!applied_.external_init) return group_.secrets_.init;
    return export_from(crypto_, group_.suite(), external_key_pair(crypto_, group_.secrets_.external),
                       *applied_.external_init, kExternalInitContext);
  }

  Result<Received> finish() {
    const auto psks = group_.find_psks(environment_, applied_.psks);
    if (!psks) return std::unexpected(psks.error());
    const auto psk = psk_secret(crypto_, *psks);
    if (!psk) return std::unexpected(psk.error());
    const auto init = init_secret();
    if (!init) return std::unexpected(init.error());
    NextEpoch next = advance(crypto_, {std::move(provisional_), group_.interim_transcript_hash_, &authenticated_,
                                       &*init, &commit_secret_, &*psk});
    if (!authenticated_.auth.confirmation_tag ||
        !equal_constant_time(next.confirmation_tag, *authenticated_.auth.confirmation_tag))
      return refuse(Reason::kConfirmationTag);
    CommitReceived summary{sender_, applied_.added, applied_.removed, applied_.updated};
    if (external_)
      summary.added.push_back(applied_.committer);
    else if (commit_.path)
      summary.updated.push_back(applied_.committer);
    return Received{group_.next_epoch(std::move(next), tree_, keys_), std::move(summary)};
  }

  const Environment& environment_;
  const Crypto& crypto_;
  const Group& group_;
  const AuthenticatedContent& authenticated_;
  const Commit& commit_;
  const Sender sender_;
  const bool external_;

  std::vector<PendingProposal> proposals_;
  AppliedProposals applied_;
  GroupContext provisional_;
  RatchetTree tree_;
  TreeKeys keys_;
  Secret commit_secret_;  // zeros without a path (§ 8)
};

namespace {

bool is_commit(const FramedContent& content) { return type_of(content.content) == ContentType::kCommit; }

// § 6: which kind of sender may send which kind of content.
bool may_send(const FramedContent& content) {
  switch (content.sender.type) {
    case SenderType::kMember: return true;
    case SenderType::kNewMemberCommit: return is_commit(content);
    case SenderType::kExternal:
    case SenderType::kNewMemberProposal: return !is_commit(content);
  }
  return false;
}

}  // namespace

Result<PublicKey> Group::sender_key(const FramedContent& content) const {
  switch (content.sender.type) {
    case SenderType::kMember: {
      const LeafNode* leaf = tree_.leaf(LeafIndex{content.sender.index});
      if (leaf == nullptr) return refuse(Reason::kLeaf, content.sender.index);
      return leaf->signature_key;
    }
    case SenderType::kExternal: {
      const auto senders = external_senders(context_.extensions);
      if (!senders) return std::unexpected(senders.error());
      if (content.sender.index >= senders->size()) return refuse(Reason::kSender, content.sender.index);
      return (*senders)[content.sender.index].signature_key;
    }
    case SenderType::kNewMemberProposal: {
      const auto* add = std::get_if<Add>(&std::get<Proposal>(content.content));
      if (add == nullptr) return refuse(Reason::kSender);
      return add->package.leaf.signature_key;
    }
    case SenderType::kNewMemberCommit: {
      const auto& path = std::get<Commit>(content.content).path;
      if (!path) return refuse(Reason::kPathMissing);
      return path->leaf.signature_key;
    }
  }
  return refuse(Reason::kSender);
}

Result<Received> Group::take(const Environment& environment, const AuthenticatedContent& authenticated) const {
  const FramedContent& content = authenticated.content;
  if (is_commit(content)) return CommitTaker(environment, *this, authenticated).take();

  const auto& proposal = std::get<Proposal>(content.content);
  const ProposalRef ref = reference(*environment.crypto, authenticated);
  Received out{*this, ProposalReceived{ref, content.sender, proposal}};
  if (std::ranges::find(pending_, ref, &PendingProposal::reference) != pending_.end()) return out;
  if (pending_.size() >= kPendingProposalsMax) return refuse(Reason::kTooLarge, pending_.size());
  if (const Status good = check_proposal(ground(environment, {}), content.sender, proposal); !good)
    return std::unexpected(good.error());
  out.group.pending_.push_back({ref, content.sender, proposal, true});
  return out;
}

Result<Received> Group::receive(const Environment& environment, const PublicMessage& message) const {
  const Crypto& crypto = *environment.crypto;
  const FramedContent& content = message.content;
  if (content.group_id != context_.group_id) return refuse(Reason::kGroup);
  if (content.epoch != epoch()) return refuse(Reason::kEpoch, content.epoch);
  auto authenticated = unprotect_public(crypto, message, secrets_.membership_key, encoded_context_);
  if (!authenticated) return std::unexpected(authenticated.error());
  if (!may_send(content)) return refuse(Reason::kSender);
  const auto key = sender_key(content);
  if (!key) return std::unexpected(key.error());
  if (const Status good = verify_content(crypto, *authenticated, encoded_context_, *key); !good)
    return std::unexpected(good.error());
  if (content.sender == Sender{SenderType::kMember, own_leaf().value}) return refuse(Reason::kOwnMessage);
  return take(environment, *authenticated);
}

Result<Received> Group::receive(const Environment& environment, const PrivateMessage& message) const {
  if (message.content_type == ContentType::kApplication) return refuse(Reason::kSender);
  if (message.epoch != epoch()) return refuse(Reason::kEpoch, message.epoch);
  Group next = *this;
  const auto view = next.view_of(message);
  if (!view) return std::unexpected(view.error());
  const auto authenticated = next.open_content(*environment.crypto, message, *view);
  if (!authenticated) return std::unexpected(authenticated.error());
  return next.take(environment, *authenticated);
}

}  // namespace clients::mls
