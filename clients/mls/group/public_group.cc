#include "clients/mls/group/public_group.h"

#include "clients/mls/framing/public_message.h"
#include "clients/mls/group/trusted_tree.h"
#include "clients/mls/schedule/key_schedule.h"

namespace clients::mls {
namespace {

constexpr std::uint8_t kFormat = 1;

void put(Writer& out, const PendingProposal& pending) {
  out.raw(pending.reference);
  write(out, pending.sender);
  write(out, pending.proposal);
}

PendingProposal get_pending(Reader& in) {
  PendingProposal out;
  std::ranges::copy(in.raw(out.reference.size()), out.reference.begin());
  read(in, out.sender);
  read(in, out.proposal);
  out.checked = true;
  return out;
}

}  // namespace

Result<PublicGroup> PublicGroup::begin(const Environment& environment, const GroupInfo& info,
                                       const std::optional<Bytes>& given) {
  auto tree = trusted_tree(environment, info, given);
  if (!tree) return std::unexpected(tree.error());
  if (const Status known = check_identities(environment, *tree, {}); !known) return std::unexpected(known.error());
  PublicGroup out;
  out.context_ = info.context;
  out.tree_ = std::move(*tree);
  out.confirmation_tag_ = info.confirmation_tag;
  out.interim_transcript_hash_ =
      copy(interim_transcript_hash(*environment.crypto, info.context.confirmed_transcript_hash, info.confirmation_tag));
  return out;
}

Result<PublicGroup::Taken> PublicGroup::receive(const Environment& environment, const PublicMessage& message) const {
  const FramedContent& content = message.content;
  if (content.group_id != context_.group_id) return refuse(Reason::kGroup);
  if (content.epoch != context_.epoch) return refuse(Reason::kEpoch, content.epoch);
  if (type_of(content.content) == ContentType::kApplication) return refuse(Reason::kInTheOpen);
  const auto key = signer_of(ground(environment), content);
  if (!key) return std::unexpected(key.error());
  const AuthenticatedContent authenticated{WireFormat::kPublicMessage, content, message.auth};
  if (const Status good = verify_content(*environment.crypto, authenticated, encode(context_), *key); !good)
    return std::unexpected(good.error());
  return type_of(content.content) == ContentType::kCommit ? take_commit(environment, authenticated)
                                                          : wait_for(environment, authenticated);
}

Result<PublicGroup::Taken> PublicGroup::wait_for(const Environment& environment,
                                                 const AuthenticatedContent& proposal) const {
  auto taken = take_proposal(ground(environment), proposal);
  if (!taken) return std::unexpected(taken.error());
  Taken out{*this, ProposalReceived{reference(*environment.crypto, proposal), proposal.content.sender,
                                    std::get<Proposal>(proposal.content.content)}};
  if (*taken) out.group.pending_.push_back(std::move(**taken));
  return out;
}

Result<PublicGroup::Taken> PublicGroup::take_commit(const Environment& environment,
                                                    const AuthenticatedContent& commit) const {
  const Crypto& crypto = *environment.crypto;
  auto applied = apply_commit(ground(environment), commit);
  if (!applied) return std::unexpected(applied.error());
  if (!commit.auth.confirmation_tag) return refuse(Reason::kConfirmationTag);
  Taken out{PublicGroup(), summary_of(*applied, commit.content)};
  PublicGroup& next = out.group;
  next.context_ = std::move(applied->provisional);
  const Hash confirmed =
      confirmed_transcript_hash(crypto, interim_transcript_hash_, confirmed_transcript_input(commit));
  next.context_.confirmed_transcript_hash = copy(confirmed);
  next.tree_ = std::move(applied->tree);
  next.confirmation_tag_ = *commit.auth.confirmation_tag;
  next.interim_transcript_hash_ = copy(interim_transcript_hash(crypto, confirmed, next.confirmation_tag_));
  return out;
}

Result<PublicGroup::Taken> PublicGroup::propose(const Environment& environment, std::uint32_t sender_index,
                                                Proposal proposal, const KeyPair& key, PublicMessage& out) const {
  const FramedContent content{
      context_.group_id, context_.epoch, {SenderType::kExternal, sender_index}, {}, std::move(proposal)};
  const auto expected = signer_of(ground(environment), content);
  if (!expected) return std::unexpected(expected.error());
  if (*expected != key.key) return refuse(Reason::kSender, sender_index);
  AuthenticatedContent authenticated = sign_content(*environment.crypto, WireFormat::kPublicMessage, content, {}, key);
  auto taken = wait_for(environment, authenticated);
  if (taken) out = protect_public(*environment.crypto, std::move(authenticated), Secret(), {});
  return taken;
}

Status PublicGroup::check_info(const Crypto& crypto, const GroupInfo& info) const {
  if (info.context.group_id != context_.group_id) return refuse(Reason::kGroup);
  if (info.context.epoch != context_.epoch) return refuse(Reason::kEpoch, info.context.epoch);
  if (info.context != context_) return refuse(Reason::kTree);
  if (info.confirmation_tag != confirmation_tag_) return refuse(Reason::kConfirmationTag);
  const LeafNode* signer = tree_.leaf(info.signer);
  if (signer == nullptr) return refuse(Reason::kLeaf, info.signer.value);
  if (!verifies(crypto, info, signer->signature_key)) return refuse(Reason::kSignature);
  return {};
}

Bytes PublicGroup::save() const {
  Writer out;
  out.u8(kFormat);
  write(out, context_);
  out.opaque(tree_.encode());
  out.raw(confirmation_tag_);
  out.opaque(interim_transcript_hash_);
  out.vector([&](Writer& body) {
    for (const PendingProposal& pending : pending_) put(body, pending);
  });
  return out.take();
}

Result<PublicGroup> PublicGroup::load(ByteView saved) {
  Reader in(saved);
  if (in.u8() != kFormat) return refuse(Reason::kStorage);
  PublicGroup out;
  read(in, out.context_);
  auto tree = RatchetTree::parse(in.opaque());
  if (in.failed() || !tree) return refuse(Reason::kStorage, in.offset());
  out.tree_ = std::move(*tree);
  std::ranges::copy(in.raw(out.confirmation_tag_.size()), out.confirmation_tag_.begin());
  out.interim_transcript_hash_ = copy(in.opaque());
  in.vector([&](Reader& body) { out.pending_.push_back(get_pending(body)); });
  if (!in.done()) return refuse(Reason::kStorage, in.offset());
  return out;
}

}  // namespace clients::mls
