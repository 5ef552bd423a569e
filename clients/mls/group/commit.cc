// Making a commit (RFC 9420 § 12.4.1).
#include <ranges>
#include <set>
#include <utility>

#include "clients/mls/framing/public_message.h"
#include "clients/mls/group/group.h"
#include "clients/mls/tree/validation.h"

namespace clients::mls {

class CommitMaker {
 public:
  CommitMaker(const Environment& environment, const Group& group, const CommitPlan& plan)
      : environment_(environment),
        crypto_(*environment.crypto),
        group_(group),
        plan_(plan),
        own_{SenderType::kMember, group.own_leaf().value} {}

  enum class Choice { kAll, kRemovals };

  Result<Group::Staged> make(Choice choice) {
    choose_pending(choice);
    for (const Proposal& proposal : plan_.proposals) take({{}, own_, proposal, false}, proposal);
    auto applied = apply_proposals(group_.public_ground(environment_).proposals(own_), chosen_, nullptr);
    if (!applied) return std::unexpected(applied.error());
    applied_ = std::move(*applied);
    if (const Status path = make_path(); !path) return std::unexpected(path.error());
    if (const Status agree = check_members_agree(tree_); !agree) return std::unexpected(agree.error());
    return finish();
  }

 private:
  void take(PendingProposal chosen, ProposalOrRef written) {
    chosen_.push_back(std::move(chosen));
    commit_.proposals.push_back(std::move(written));
  }

  // §§ 12.2, 12.4: all that go together; where two do not, a removal goes first, and that of an external sender before
  // all: the service waits for it.
  void choose_pending(Choice choice) {
    if (!plan_.pending) return;
    for (const Proposal& proposal : plan_.proposals)
      if (const auto* remove = std::get_if<Remove>(&proposal)) touched_.insert(remove->removed);
    choose_if([](const PendingProposal& one) {
      return one.sender.type == SenderType::kExternal && type_of(one.proposal) == ProposalType::kRemove;
    });
    choose_if([](const PendingProposal& one) {
      return one.sender.type != SenderType::kExternal && type_of(one.proposal) == ProposalType::kRemove;
    });
    if (choice == Choice::kRemovals) return;
    choose_updates();
    choose_if([](const PendingProposal& one) {
      return type_of(one.proposal) != ProposalType::kRemove && type_of(one.proposal) != ProposalType::kUpdate;
    });
  }

  // § 12.2: of several of one member the most recent. Whoever asks anew may have had a reason to give up the older key.
  void choose_updates() {
    for (const PendingProposal& one : group_.pending_ | std::views::reverse)
      if (type_of(one.proposal) == ProposalType::kUpdate && fits(one)) take(one, one.reference);
  }

  template <typename Predicate>
  void choose_if(Predicate predicate) {
    for (const PendingProposal& one : group_.pending_)
      if (predicate(one) && fits(one)) take(one, one.reference);
  }

  bool fits(const PendingProposal& one) {
    if (const auto* remove = std::get_if<Remove>(&one.proposal)) return touched_.insert(remove->removed).second;
    if (type_of(one.proposal) == ProposalType::kUpdate)
      return one.sender != own_ && touched_.insert(LeafIndex{one.sender.index}).second;
    if (const auto* add = std::get_if<Add>(&one.proposal)) return added_.insert(add->package.leaf.signature_key).second;
    if (type_of(one.proposal) == ProposalType::kGroupContextExtensions) return !std::exchange(extensions_taken_, true);
    return true;
  }

  Status make_path() {
    provisional_ = group_.context_;
    ++provisional_.epoch;
    provisional_.extensions = applied_.extensions;
    tree_ = applied_.tree;
    keys_ = group_.keys_;
    keys_.prune(tree_);
    if (plan_.path || applied_.path_required) {
      auto draft = draft_path(crypto_, tree_, group_.own_leaf(), *tree_.leaf(group_.own_leaf()),
                              group_.context_.group_id, group_.signature_key_);
      if (!draft) return std::unexpected(draft.error());
      provisional_.tree_hash = draft->tree.tree_hash(crypto_);
      auto path = seal_path(crypto_, group_.suite(), *draft, encode(provisional_), applied_.added);
      if (!path) return std::unexpected(path.error());
      commit_.path = std::move(*path);
      tree_ = draft->tree;
      keys_ = draft->keys;
      commit_secret_ = draft->commit_secret;
      draft_ = std::move(*draft);
    } else {
      provisional_.tree_hash = tree_.tree_hash(crypto_);
    }
    return {};
  }

  Result<Group::Staged> finish() {
    FramedContent content{group_.context_.group_id, group_.epoch(), own_, plan_.authenticated_data, std::move(commit_)};
    AuthenticatedContent commit = sign_content(crypto_, WireFormat::kPublicMessage, std::move(content),
                                               group_.encoded_context_, group_.signature_key_);
    const auto psks = group_.find_psks(environment_, applied_.psks);
    if (!psks) return std::unexpected(psks.error());
    const auto psk = psk_secret(crypto_, *psks);
    if (!psk) return std::unexpected(psk.error());
    NextEpoch next = advance(crypto_, {std::move(provisional_), group_.interim_transcript_hash_, &commit,
                                       &group_.secrets_.init, &commit_secret_, &*psk});
    commit.auth.confirmation_tag = next.confirmation_tag;
    const Secret joiner = next.joiner;
    CommitReceived summary{own_, group_.own_leaf(), applied_.added, applied_.removed, applied_.updated, {}};
    if (draft_) summary.updated.push_back(group_.own_leaf());
    for (const PendingProposal& one : chosen_)
      if (one.checked) summary.taken.push_back(one.reference);
    Group::Staged out{
        group_.next_epoch(std::move(next), tree_, keys_),
        protect_public(crypto_, std::move(commit), group_.secrets_.membership_key, group_.encoded_context_),
        {},
        std::move(summary)};
    if (const Status welcomed = welcome(out, joiner, *psk); !welcomed) return std::unexpected(welcomed.error());
    return out;
  }

  Status welcome(Group::Staged& out, const Secret& joiner, const Secret& psk) const {
    if (applied_.added.empty()) return {};
    const auto info = out.group.group_info(crypto_, plan_.tree_in_welcome);
    if (!info) return std::unexpected(info.error());
    std::vector<Newcomer> newcomers;
    for (std::size_t i = 0; i < applied_.added.size(); ++i)
      newcomers.push_back(
          {&applied_.added_packages[i], draft_ ? path_secret_for(*draft_, applied_.added[i]) : nullptr});
    auto made = make_welcome(crypto_, *info, joiner, psk, applied_.psks, newcomers);
    if (!made) return std::unexpected(made.error());
    out.welcome = std::move(*made);
    return {};
  }

  const Environment& environment_;
  const Crypto& crypto_;
  const Group& group_;
  const CommitPlan& plan_;
  const Sender own_;

  Commit commit_;
  std::vector<PendingProposal> chosen_;
  std::set<LeafIndex> touched_;
  std::set<PublicKey> added_;
  bool extensions_taken_ = false;
  AppliedProposals applied_;
  GroupContext provisional_;
  RatchetTree tree_;
  TreeKeys keys_;
  Secret commit_secret_;  // zeros without a path (§ 8)
  std::optional<PathDraft> draft_;
};

Result<Group::Staged> Group::commit(const Environment& environment, const CommitPlan& plan) const {
  using Choice = CommitMaker::Choice;
  auto out = CommitMaker(environment, *this, plan).make(Choice::kAll);
  if (out || pending_.empty()) return out;
  // What stood alone when it came may not go together, and a key that another member asks for may not be ours. Removals
  // always can; without them nobody could be removed while somebody offers what cannot be committed.
  auto less = CommitMaker(environment, *this, plan).make(Choice::kRemovals);
  return less ? std::move(less) : std::move(out);
}

}  // namespace clients::mls
