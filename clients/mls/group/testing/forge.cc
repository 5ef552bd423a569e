#include "clients/mls/group/testing/forge.h"

#include "clients/mls/framing/private_message.h"
#include "clients/mls/framing/public_message.h"

namespace clients::mls {
namespace {

template <typename T>
void spoil(const Spoil<T>& by, T& what) {
  if (by) by(what);
}

}  // namespace

struct Forge::Drafted {
  RatchetTree tree;
  Extensions extensions;
  std::vector<LeafIndex> added;
  LeafIndex committer;
};

Forge::Forge(const Environment& environment, const Group& member)
    : environment_(environment),
      crypto_(*environment.crypto),
      context_(member.context_),
      tree_(member.tree_),
      own_(member.own_leaf()),
      sender_{SenderType::kMember, own_.value},
      signature_key_(member.signature_key_),
      leaf_(*tree_.leaf(own_)),
      init_(member.secrets_.init),
      membership_key_(member.secrets_.membership_key),
      sender_data_(member.secrets_.sender_data),
      external_(member.secrets_.external),
      interim_(member.interim_transcript_hash_),
      keys_(member.message_keys_) {}

Forge::Forge(const Environment& environment, const GroupInfo& info, const RatchetTree& tree, const Member& newcomer)
    : environment_(environment),
      crypto_(*environment.crypto),
      context_(info.context),
      tree_(tree),
      sender_{SenderType::kNewMemberCommit, 0},
      signature_key_(newcomer.signature_key),
      interim_(copy(interim_transcript_hash(crypto_, context_.confirmed_transcript_hash, info.confirmation_tag))) {
  leaf_.signature_key = newcomer.signature_key.key;
  leaf_.credential = newcomer.credential;
  leaf_.capabilities = newcomer.capabilities;
  leaf_.source = LeafSource::kCommit;
  const Exported exported =
      must(export_to(crypto_, context_.suite, *must(external_pub(info.extensions)), kExternalInitContext));
  init_ = exported.secret;
  init_output_ = exported.kem_output;
}

LeafNode Forge::update_leaf(const Spoil<LeafNode>& by) const {
  LeafNode leaf = leaf_;
  leaf.encryption_key = generate_key_pair(crypto_).key;
  leaf.source = LeafSource::kUpdate;
  leaf.parent_hash.clear();
  spoil(by, leaf);
  KeyPair signer = signature_key_;
  signer.key = leaf.signature_key;
  sign(crypto_, leaf, {context_.group_id, own_}, leaf.signature_key == signature_key_.key ? signature_key_ : signer);
  return leaf;
}

KeyPackage Forge::package(const Spoil<LeafNode>& leaf, const Spoil<KeyPackage>& package,
                          const Spoil<KeyPackage>& signed_package) const {
  Member member;
  member.credential.identity = copy(as_bytes("somebody new"));
  member.signature_key = generate_signature_key_pair(crypto_);
  member.capabilities = leaf_.capabilities;
  KeyPackage out = make_key_package(crypto_, context_.suite, member, World::lifetime()).package;
  spoil(leaf, out.leaf);
  if (leaf) sign(crypto_, out.leaf, {}, member.signature_key);
  spoil(package, out);
  sign(crypto_, out, member.signature_key);
  spoil(signed_package, out);
  return out;
}

AuthenticatedContent Forge::sign_by(FramedContent content, const std::optional<KeyPair>& signer) const {
  return sign_content(crypto_, WireFormat::kPublicMessage, std::move(content), encode(context_),
                      signer.value_or(signature_key_));
}

PublicMessage Forge::propose(Proposal proposal, const Spoil<FramedContent>& by,
                             const std::optional<KeyPair>& signer) const {
  FramedContent content{context_.group_id, context_.epoch, sender_, {}, std::move(proposal)};
  spoil(by, content);
  return protect_public(crypto_, sign_by(std::move(content), signer), membership_key_, encode(context_));
}

// As the taker would, but for what it would refuse.
Forge::Drafted Forge::apply(const ForgedCommit& forged) const {
  Drafted out{tree_, context_.extensions, {}, own_};
  std::vector<LeafNode> leaves;
  for (const ForgedPart& part : forged.parts) {
    if (const auto* update = std::get_if<Update>(&part.proposal))
      (void)out.tree.update(LeafIndex{part.sender.value_or(sender_).index}, update->leaf);
    if (const auto* change = std::get_if<GroupContextExtensions>(&part.proposal)) out.extensions = change->extensions;
    if (const auto* add = std::get_if<Add>(&part.proposal)) leaves.push_back(add->package.leaf);
  }
  const bool inside = sender_.type == SenderType::kMember;
  for (const ForgedPart& part : forged.parts)
    if (const auto* remove = std::get_if<Remove>(&part.proposal))
      if (!inside || remove->removed != own_) (void)out.tree.remove(remove->removed);
  out.added = must(out.tree.add(std::move(leaves)));
  if (!inside) out.committer = must(out.tree.add({leaf_})).front();
  return out;
}

Secret Forge::psk_of(const ForgedCommit& forged) const {
  std::vector<Psk> psks;
  for (const ForgedPart& part : forged.parts)
    if (const auto* psk = std::get_if<PreSharedKey>(&part.proposal)) {
      auto secret = environment_.psk(psk->psk.external_id);
      psks.push_back({psk->psk, secret ? std::move(*secret) : SecretBytes()});
    }
  return must(psk_secret(crypto_, psks));
}

PublicMessage Forge::commit(const ForgedCommit& forged) const {
  Drafted drafted = apply(forged);
  GroupContext next = context_;
  ++next.epoch;
  next.extensions = drafted.extensions;
  Commit commit;
  for (const ForgedPart& part : forged.parts)
    commit.proposals.push_back(part.reference ? ProposalOrRef(*part.reference) : ProposalOrRef(part.proposal));
  Secret commit_secret;
  if (forged.path) {
    PathDraft draft =
        must(draft_path(crypto_, drafted.tree, drafted.committer, leaf_, context_.group_id, signature_key_));
    LeafNode leaf = *draft.tree.leaf(drafted.committer);
    spoil(forged.leaf, leaf);
    if (forged.leaf) {
      const PublicKey shown = leaf.signature_key;
      sign(crypto_, leaf, {context_.group_id, drafted.committer}, signature_key_);
      leaf.signature_key = shown;
    }
    spoil(forged.signed_leaf, leaf);
    std::vector<std::pair<NodeIndex, ParentNode>> parents;
    for (const PathDraft::Step& step : draft.steps) parents.emplace_back(step.node, *draft.tree.parent_node(step.node));
    draft.tree.put_path(drafted.committer, std::move(leaf), std::move(parents));
    next.tree_hash = draft.tree.tree_hash(crypto_);
    spoil(forged.next, next);
    commit.path = must(seal_path(crypto_, context_.suite, draft, encode(next), drafted.added));
    spoil(forged.sealed, *commit.path);
    commit_secret = draft.commit_secret;
  } else {
    next.tree_hash = drafted.tree.tree_hash(crypto_);
    spoil(forged.next, next);
  }
  FramedContent content{context_.group_id, context_.epoch, sender_, {}, std::move(commit)};
  spoil(forged.content, content);
  AuthenticatedContent authenticated = sign_by(std::move(content), forged.signer);
  spoil(forged.signed_content, authenticated);
  const Secret psk = psk_of(forged);
  authenticated.auth.confirmation_tag =
      advance(crypto_, {std::move(next), interim_, &authenticated, &init_, &commit_secret, &psk}).confirmation_tag;
  spoil(forged.confirmed, *authenticated.auth.confirmation_tag);
  PublicMessage out = protect_public(crypto_, std::move(authenticated), membership_key_, encode(context_));
  spoil(forged.message, out);
  return out;
}

PrivateMessage Forge::seal(Content content, const ForgedSeal& forged) const {
  const LeafIndex as = forged.as.value_or(own_);
  FramedContent framed{context_.group_id, context_.epoch, {SenderType::kMember, as.value}, {}, std::move(content)};
  spoil(forged.content, framed);
  AuthenticatedContent authenticated = sign_content(crypto_, WireFormat::kPrivateMessage, std::move(framed),
                                                    encode(context_), forged.signer.value_or(signature_key_));
  if (type_of(authenticated.content.content) == ContentType::kCommit) authenticated.auth.confirmation_tag = Hash{};
  spoil(forged.signed_content, authenticated);
  SecretTree keys = *keys_;
  const ContentType type = type_of(authenticated.content.content);
  const Ratchet ratchet = type == ContentType::kApplication ? Ratchet::kApplication : Ratchet::kHandshake;
  for (std::uint32_t i = 0; i < forged.skip; ++i) (void)must(keys.next(crypto_, as, ratchet));
  const MessageKey key = must(keys.next(crypto_, as, ratchet));

  Writer plaintext;
  write_content(plaintext, authenticated.content.content);
  write(plaintext, authenticated.auth);
  Bytes padded = plaintext.take();
  if (type == ContentType::kApplication) padded.resize(padded_size(padded.size()));
  spoil(forged.plaintext, padded);

  const FramedContent& place = authenticated.content;
  PrivateMessage out{place.group_id, place.epoch, type, place.authenticated_data, {}, {}};
  Writer aad, sender;
  aad.opaque(out.group_id);
  aad.u64(out.epoch);
  aad.u8(static_cast<std::uint8_t>(type));
  const Bytes sender_aad = aad.bytes();
  aad.opaque(out.authenticated_data);
  const CipherSuite suite = context_.suite;
  out.ciphertext = crypto_.aead_seal(suite, key.key.key_view(suite), key.key.nonce, aad.bytes(), padded);
  sender.u32(as.value);
  sender.u32(key.generation);
  sender.u32(0);  // a reuse guard that changes nothing
  const AeadKey for_sender = sender_data_key(crypto_, suite, sender_data_, out.ciphertext);
  out.encrypted_sender_data =
      crypto_.aead_seal(suite, for_sender.key_view(suite), for_sender.nonce, sender_aad, sender.bytes());
  spoil(forged.message, out);
  return out;
}

GroupInfo Forge::signed_info(const ForgedWelcome& forged, RatchetTree tree, const Secret& joiner) const {
  spoil(forged.tree, tree);
  GroupInfo out{context_, {}, {}, own_, {}};
  ++out.context.epoch;
  out.context.tree_hash = tree.tree_hash(crypto_);
  spoil(forged.context, out.context);
  const Secret none;
  const EpochSecrets epoch = epoch_secrets(crypto_, joiner, none, encode(out.context));
  out.confirmation_tag = confirmation_tag(crypto_, epoch.confirmation_key, out.context.confirmed_transcript_hash);
  out.extensions = {{static_cast<std::uint16_t>(ExtensionType::kRatchetTree), tree.encode()},
                    external_pub_extension(external_key_pair(crypto_, epoch.external).key)};
  spoil(forged.info, out);
  sign(crypto_, out, signature_key_);
  spoil(forged.signed_info, out);
  return out;
}

GroupInfo Forge::info(const ForgedWelcome& forged) const {
  Secret joiner;
  crypto_.random(joiner.writable());
  return signed_info(forged, tree_, joiner);
}

Welcome Forge::welcome(const OwnKeyPackage& newcomer, const ForgedWelcome& forged) const {
  RatchetTree tree = tree_;
  (void)must(tree.add({newcomer.package.leaf}));
  GroupSecrets secrets;
  crypto_.random(secrets.joiner_secret.writable());
  const GroupInfo info = signed_info(forged, std::move(tree), secrets.joiner_secret);
  Welcome out;
  out.suite = context_.suite;
  const Secret none;
  const AeadKey key = welcome_key(crypto_, out.suite, welcome_secret(crypto_, secrets.joiner_secret, none));
  out.encrypted_group_info = crypto_.aead_seal(out.suite, key.key_view(out.suite), key.nonce, {}, encode(info));
  spoil(forged.secrets, secrets);
  out.secrets.push_back({reference(crypto_, newcomer.package),
                         must(encrypt_with_label(crypto_, out.suite, newcomer.package.init_key, "Welcome",
                                                 out.encrypted_group_info, encode(secrets)))});
  spoil(forged.welcome, out);
  return out;
}

}  // namespace clients::mls
