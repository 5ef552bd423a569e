// Taking proposals and commits of others (RFC 9420 §§ 12.1, 12.4.2).
#include "clients/mls/framing/private_message.h"
#include "clients/mls/framing/public_message.h"
#include "clients/mls/group/group.h"
#include "clients/mls/group/public_commit.h"

namespace clients::mls {

class CommitTaker {
 public:
  // `commit` was authenticated: it is of this epoch, signed by its sender and, for a member, tagged.
  CommitTaker(const Environment& environment, const Group& group, const AuthenticatedContent& commit)
      : environment_(environment),
        crypto_(*environment.crypto),
        group_(group),
        authenticated_(commit),
        path_(std::get<Commit>(commit.content.content).path) {}

  Result<Received> take() {
    auto applied = apply_commit(group_.public_ground(environment_), authenticated_);
    if (!applied) return std::unexpected(applied.error());
    commit_ = std::move(*applied);
    const auto& removed = commit_.applied.removed;
    if (std::ranges::find(removed, group_.own_leaf()) != removed.end())
      return Received{group_, RemovedFromGroup{authenticated_.content.sender}};
    if (const Status keys = take_keys(); !keys) return std::unexpected(keys.error());
    return finish();
  }

 private:
  // With the new leaf key where the commit took up our own Update.
  TreeKeys own_keys() const {
    TreeKeys out = group_.keys_;
    for (const PendingProposal& one : commit_.proposals) {
      const auto update = std::ranges::find(group_.updates_, one.reference, &std::pair<ProposalRef, KeyPair>::first);
      if (update != group_.updates_.end() && type_of(one.proposal) == ProposalType::kUpdate) out.leaf = update->second;
    }
    out.prune(commit_.applied.tree);
    return out;
  }

  Status take_keys() {
    keys_ = own_keys();
    if (!path_) return {};
    auto opened = open_path(crypto_, group_.suite(), commit_.applied.tree, commit_.tree, keys_,
                            commit_.applied.committer, *path_, encode(commit_.provisional), commit_.applied.added);
    if (!opened) return std::unexpected(opened.error());
    keys_ = std::move(opened->keys);
    commit_secret_ = opened->commit_secret;
    return {};
  }

  Result<Secret> init_secret() const {
    if (!commit_.applied.external_init) return group_.secrets_.init;
    return export_from(crypto_, group_.suite(), external_key_pair(crypto_, group_.secrets_.external),
                       *commit_.applied.external_init, kExternalInitContext);
  }

  Result<Received> finish() {
    const auto psks = group_.find_psks(environment_, commit_.applied.psks);
    if (!psks) return std::unexpected(psks.error());
    const auto psk = psk_secret(crypto_, *psks);
    if (!psk) return std::unexpected(psk.error());
    const auto init = init_secret();
    if (!init) return std::unexpected(init.error());
    NextEpoch next = advance(crypto_, {std::move(commit_.provisional), group_.interim_transcript_hash_, &authenticated_,
                                       &*init, &commit_secret_, &*psk});
    if (!authenticated_.auth.confirmation_tag ||
        !equal_constant_time(next.confirmation_tag, *authenticated_.auth.confirmation_tag))
      return refuse(Reason::kConfirmationTag);
    return Received{group_.next_epoch(std::move(next), std::move(commit_.tree), std::move(keys_)),
                    summary_of(commit_, authenticated_.content)};
  }

  const Environment& environment_;
  const Crypto& crypto_;
  const Group& group_;
  const AuthenticatedContent& authenticated_;
  const std::optional<UpdatePath>& path_;

  PublicCommit commit_;
  TreeKeys keys_;
  Secret commit_secret_;  // zeros without a path (§ 8)
};

PublicGround Group::public_ground(const Environment& environment) const {
  return {&environment, &context_, &tree_, pending_};
}

Result<Received> Group::take(const Environment& environment, const AuthenticatedContent& authenticated) const {
  if (type_of(authenticated.content.content) == ContentType::kCommit)
    return CommitTaker(environment, *this, authenticated).take();
  auto taken = take_proposal(public_ground(environment), authenticated);
  if (!taken) return std::unexpected(taken.error());
  Received out{*this, ProposalReceived{reference(*environment.crypto, authenticated), authenticated.content.sender,
                                       std::get<Proposal>(authenticated.content.content)}};
  if (*taken) out.group.pending_.push_back(std::move(**taken));
  return out;
}

Result<Received> Group::receive(const Environment& environment, const PublicMessage& message) const {
  const Crypto& crypto = *environment.crypto;
  const FramedContent& content = message.content;
  if (content.group_id != context_.group_id) return refuse(Reason::kGroup);
  if (content.epoch != epoch()) return refuse(Reason::kEpoch, content.epoch);
  auto authenticated = unprotect_public(crypto, message, secrets_.membership_key, encoded_context_);
  if (!authenticated) return std::unexpected(authenticated.error());
  const auto key = signer_of(public_ground(environment), content);
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
