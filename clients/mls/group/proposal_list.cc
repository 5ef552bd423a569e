#include "clients/mls/group/proposal_list.h"

#include <set>
#include <utility>

#include "clients/mls/tree/small_order.h"
#include "clients/mls/tree/validation.h"

namespace clients::mls {
namespace {

bool is(const PendingProposal& pending, ProposalType type) { return type_of(pending.proposal) == type; }

// Who may propose what (§ 12.1 and § 17.4).
bool may_propose(SenderType sender, ProposalType type) {
  switch (sender) {
    case SenderType::kMember: return type != ProposalType::kExternalInit;
    case SenderType::kExternal: return type != ProposalType::kExternalInit && type != ProposalType::kUpdate;
    case SenderType::kNewMemberProposal: return type == ProposalType::kAdd;
    case SenderType::kNewMemberCommit:
      return type == ProposalType::kExternalInit || type == ProposalType::kRemove || type == ProposalType::kPsk;
  }
  return false;
}

Result<LeafRules> rules_of(const Extensions& extensions, std::optional<std::uint64_t> now_s) {
  auto required = required_capabilities(extensions);
  if (!required) return std::unexpected(required.error());
  return LeafRules{std::move(*required), extensions, now_s};
}

// Everything about one proposal but signatures. `rules` are those of the extensions that will hold.
class FormCheck {
 public:
  FormCheck(const ProposalGround& ground, const LeafRules& rules, const Sender& sender)
      : ground_(ground), rules_(rules), sender_(sender) {}

  Status operator()(const Add& add) const {
    const KeyPackage& package = add.package;
    if (package.suite != static_cast<std::uint16_t>(ground_.context->suite)) return refuse(Reason::kProposal);
    if (package.init_key == package.leaf.encryption_key) return refuse(Reason::kDuplicateKey);
    if (is_small_order(package.init_key)) return refuse(Reason::kKey);
    if (const Status unique = check_unique(package.extensions); !unique) return unique;
    return check(package.leaf, LeafSource::kKeyPackage);
  }

  Status operator()(const Update& update) const {
    const LeafNode* old = ground_.tree->leaf(LeafIndex{sender_.index});
    if (old == nullptr) return refuse(Reason::kLeaf, sender_.index);
    if (old->encryption_key == update.leaf.encryption_key) return refuse(Reason::kDuplicateKey);
    return check(update.leaf, LeafSource::kUpdate);
  }

  Status operator()(const Remove& remove) const {
    if (ground_.tree->leaf(remove.removed) == nullptr) return refuse(Reason::kLeaf, remove.removed.value);
    return {};
  }

  Status operator()(const PreSharedKey& psk) const {
    if (psk.psk.nonce.size() != kHashBytes) return refuse(Reason::kProposal);
    if (psk.psk.type == PskType::kResumption && psk.psk.usage != ResumptionUsage::kApplication)
      return refuse(Reason::kProposal);
    return {};
  }

  Status operator()(const Reinit&) const { return refuse(Reason::kReinit); }
  Status operator()(const ExternalInit&) const { return {}; }

  Status operator()(const GroupContextExtensions& change) const {
    if (const Status unique = check_unique(change.extensions); !unique) return unique;
    if (const auto senders = external_senders(change.extensions); !senders) return std::unexpected(senders.error());
    if (const auto rules = rules_of(change.extensions, {}); !rules) return std::unexpected(rules.error());
    return {};
  }

 private:
  Status check(const LeafNode& leaf, LeafSource expected) const {
    if (leaf.source != expected) return refuse(Reason::kLeafSource);
    if (!ground_.environment->admits(leaf)) return refuse(Reason::kIdentity);
    return check_leaf_unsigned(ground_.context->suite, leaf, rules_);
  }

  const ProposalGround& ground_;
  const LeafRules& rules_;
  const Sender& sender_;
};

Status check_form(const ProposalGround& ground, const LeafRules& rules, const Sender& sender,
                  const Proposal& proposal) {
  if (!may_propose(sender.type, type_of(proposal))) return refuse(Reason::kSender);
  return std::visit(FormCheck(ground, rules, sender), proposal);
}

bool signatures_verify(const ProposalGround& ground, const Sender& sender, const Proposal& proposal) {
  const Crypto& crypto = *ground.environment->crypto;
  if (const auto* add = std::get_if<Add>(&proposal))
    return verifies(crypto, add->package) && verifies(crypto, add->package.leaf, {});
  if (const auto* update = std::get_if<Update>(&proposal))
    return verifies(crypto, update->leaf, {ground.context->group_id, LeafIndex{sender.index}});
  return true;
}

// A key that stands in the tree could never be committed, and whoever offers it would stop the commits of the others.
// The signature key of an Add may be that of a member who is removed along with it.
Status check_keys_new(const RatchetTree& tree, const Sender& sender, const Proposal& proposal) {
  const auto* add = std::get_if<Add>(&proposal);
  const auto* update = std::get_if<Update>(&proposal);
  if (add == nullptr && update == nullptr) return {};
  const LeafNode& fresh = add != nullptr ? add->package.leaf : update->leaf;
  std::optional<NodeIndex> taken;
  tree.for_each_member([&](LeafIndex at, const LeafNode& leaf) {
    const bool same_signer = update != nullptr && at.value != sender.index && leaf.signature_key == fresh.signature_key;
    if (same_signer || leaf.encryption_key == fresh.encryption_key) taken = node_of(at);
  });
  tree.for_each_parent([&](NodeIndex at, const ParentNode& node) {
    if (node.encryption_key == fresh.encryption_key) taken = at;
  });
  if (taken) return refuse(Reason::kDuplicateKey, taken->value);
  return {};
}

// Many Adds are two signatures each.
Status check_signatures(const ProposalGround& ground, std::span<const PendingProposal> proposals) {
  std::vector<std::uint8_t> good(proposals.size(), 1);
  ground.environment->crypto->for_each(proposals.size(), [&](std::size_t i) {
    if (!proposals[i].checked) good[i] = signatures_verify(ground, proposals[i].sender, proposals[i].proposal) ? 1 : 0;
  });
  const auto bad = std::ranges::find(good, 0);
  if (bad != good.end()) return refuse(Reason::kSignature, static_cast<std::uint64_t>(bad - good.begin()));
  return {};
}

// § 12.2, for a commit of a member: each leaf at most once, nobody about himself, and what stands alone.
Status check_member_list(const ProposalGround& ground, std::span<const PendingProposal> proposals) {
  std::set<LeafIndex> touched;
  std::set<Bytes> psks;
  bool extensions_seen = false;
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    const PendingProposal& one = proposals[i];
    bool good = !is(one, ProposalType::kExternalInit);
    if (const auto* remove = std::get_if<Remove>(&one.proposal))
      good = remove->removed.value != ground.committer.index && touched.insert(remove->removed).second;
    else if (is(one, ProposalType::kUpdate))
      good = one.sender != ground.committer && touched.insert(LeafIndex{one.sender.index}).second;
    else if (const auto* psk = std::get_if<PreSharedKey>(&one.proposal))
      good = psks.insert(encode(psk->psk)).second;
    else if (is(one, ProposalType::kGroupContextExtensions))
      good = !std::exchange(extensions_seen, true);
    if (!good) return refuse(Reason::kProposalList, i);
  }
  return {};
}

// § 12.2, for an external commit: by value, one ExternalInit, at most the leaf that is replaced, pre-shared keys.
Status check_external_list(const ProposalGround& ground, std::span<const PendingProposal> proposals,
                           const LeafNode& joining) {
  std::size_t inits = 0, removes = 0;
  std::set<Bytes> psks;
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    const PendingProposal& one = proposals[i];
    bool good = one.sender == ground.committer;
    if (is(one, ProposalType::kExternalInit)) good = good && ++inits == 1;
    if (const auto* remove = std::get_if<Remove>(&one.proposal))
      good = good && ++removes == 1 && ground.environment->is_same_client(*ground.tree->leaf(remove->removed), joining);
    if (const auto* psk = std::get_if<PreSharedKey>(&one.proposal)) good = good && psks.insert(encode(psk->psk)).second;
    if (!good) return refuse(Reason::kProposalList, i);
  }
  if (inits != 1) return refuse(Reason::kProposalList, proposals.size());
  return {};
}

const Extensions& extensions_after(const ProposalGround& ground, std::span<const PendingProposal> proposals) {
  for (const PendingProposal& one : proposals)
    if (const auto* change = std::get_if<GroupContextExtensions>(&one.proposal)) return change->extensions;
  return ground.context->extensions;
}

Status check_all(const ProposalGround& ground, std::span<const PendingProposal> proposals, const LeafNode* joining,
                 const Extensions& extensions) {
  auto rules = rules_of(extensions, ground.environment->now_s);
  if (!rules) return std::unexpected(rules.error());
  LeafRules checked_rules = *rules;
  checked_rules.now_s.reset();
  for (const PendingProposal& one : proposals) {
    const Status form = check_form(ground, one.checked ? checked_rules : *rules, one.sender, one.proposal);
    if (!form) return form;
  }
  const Status list =
      joining != nullptr ? check_external_list(ground, proposals, *joining) : check_member_list(ground, proposals);
  if (!list) return list;
  return check_signatures(ground, proposals);
}

// § 12.3: updates, removals, then additions.
Status apply_to_tree(std::span<const PendingProposal> proposals, AppliedProposals& out) {
  for (const PendingProposal& one : proposals)
    if (const auto* update = std::get_if<Update>(&one.proposal)) {
      const LeafIndex at{one.sender.index};
      if (const Status done = out.tree.update(at, update->leaf); !done) return done;
      out.updated.push_back(at);
    }
  for (const PendingProposal& one : proposals)
    if (const auto* remove = std::get_if<Remove>(&one.proposal)) {
      if (const Status done = out.tree.remove(remove->removed); !done) return done;
      out.removed.push_back(remove->removed);
    }
  std::vector<LeafNode> leaves;
  for (const PendingProposal& one : proposals)
    if (const auto* add = std::get_if<Add>(&one.proposal)) {
      leaves.push_back(add->package.leaf);
      out.added_packages.push_back(add->package);
    }
  auto added = out.tree.add(std::move(leaves));
  if (!added) return std::unexpected(added.error());
  out.added = std::move(*added);
  return {};
}

// New extensions may ask of members what they cannot do (§ 12.1.7).
Status check_members(const AppliedProposals& applied, const ProposalGround& ground) {
  const auto rules = rules_of(applied.extensions, {});
  if (!rules) return std::unexpected(rules.error());
  Status good;
  applied.tree.for_each_member([&](LeafIndex, const LeafNode& leaf) {
    if (good) good = check_leaf_unsigned(ground.context->suite, leaf, *rules);
  });
  return good;
}

bool needs_path(ProposalType type) {
  return type == ProposalType::kUpdate || type == ProposalType::kRemove || type == ProposalType::kExternalInit ||
         type == ProposalType::kGroupContextExtensions;
}

void collect(std::span<const PendingProposal> proposals, AppliedProposals& out) {
  out.path_required = proposals.empty();
  for (const PendingProposal& one : proposals) {
    out.path_required = out.path_required || needs_path(type_of(one.proposal));
    if (const auto* psk = std::get_if<PreSharedKey>(&one.proposal)) out.psks.push_back(psk->psk);
    if (const auto* init = std::get_if<ExternalInit>(&one.proposal)) out.external_init = init->kem_output;
  }
}

}  // namespace

Status check_proposal(const ProposalGround& ground, const Sender& sender, const Proposal& proposal) {
  const auto rules = rules_of(ground.context->extensions, ground.environment->now_s);
  if (!rules) return std::unexpected(rules.error());
  if (const Status form = check_form(ground, *rules, sender, proposal); !form) return form;
  if (const Status fresh = check_keys_new(*ground.tree, sender, proposal); !fresh) return fresh;
  if (!signatures_verify(ground, sender, proposal)) return refuse(Reason::kSignature);
  return {};
}

Result<AppliedProposals> apply_proposals(const ProposalGround& ground, std::span<const PendingProposal> proposals,
                                         const LeafNode* joining) {
  AppliedProposals out;
  out.extensions = extensions_after(ground, proposals);
  if (const Status good = check_all(ground, proposals, joining, out.extensions); !good)
    return std::unexpected(good.error());

  out.tree = *ground.tree;
  collect(proposals, out);
  if (const Status applied = apply_to_tree(proposals, out); !applied) return std::unexpected(applied.error());
  out.committer = LeafIndex{ground.committer.index};
  if (joining != nullptr) {
    auto placed = out.tree.add({*joining});
    if (!placed) return std::unexpected(placed.error());
    out.committer = placed->front();
  }
  if (out.extensions != ground.context->extensions)
    if (const Status members = check_members(out, ground); !members) return std::unexpected(members.error());
  return out;
}

}  // namespace clients::mls
