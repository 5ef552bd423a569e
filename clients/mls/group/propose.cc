// Making proposals (RFC 9420 § 12.1).
#include "clients/mls/framing/public_message.h"
#include "clients/mls/group/group.h"

namespace clients::mls {

Result<Group::Proposed> Group::propose(const Environment& environment, Proposal proposal) const {
  const Crypto& crypto = *environment.crypto;
  if (pending_.size() >= kPendingProposalsMax) return refuse(Reason::kTooLarge, pending_.size());
  const Sender own{SenderType::kMember, own_leaf().value};
  if (const Status good = check_proposal(public_ground(environment).proposals(own), own, proposal); !good)
    return std::unexpected(good.error());
  FramedContent content{context_.group_id, epoch(), own, {}, std::move(proposal)};
  AuthenticatedContent authenticated =
      sign_content(crypto, WireFormat::kPublicMessage, std::move(content), encoded_context_, signature_key_);

  Group next = *this;
  const ProposalRef ref = reference(crypto, authenticated);
  next.pending_.push_back({ref, own, std::get<Proposal>(authenticated.content.content), true});
  PublicMessage message = protect_public(crypto, std::move(authenticated), secrets_.membership_key, encoded_context_);
  return Proposed{std::move(next), std::move(message), ref};
}

Result<Group::Proposed> Group::propose_update(const Environment& environment) const {
  const Crypto& crypto = *environment.crypto;
  const KeyPair fresh = generate_key_pair(crypto);
  LeafNode leaf = *tree_.leaf(own_leaf());
  leaf.encryption_key = fresh.key;
  leaf.source = LeafSource::kUpdate;
  leaf.lifetime = {};
  leaf.parent_hash.clear();
  sign(crypto, leaf, {context_.group_id, own_leaf()}, signature_key_);
  auto out = propose(environment, Update{std::move(leaf)});
  if (out) out->group.updates_.emplace_back(out->reference, fresh);
  return out;
}

}  // namespace clients::mls
