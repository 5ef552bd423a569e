#include "clients/mls/group/group.h"

#include "clients/mls/framing/private_message.h"
#include "clients/mls/framing/public_message.h"
#include "clients/mls/tree/validation.h"

namespace clients::mls {
namespace {

std::shared_ptr<const SignatureKeys> signature_keys(const RatchetTree& tree) {
  auto out = std::make_shared<SignatureKeys>();
  tree.for_each_member(
      [&](LeafIndex at, const LeafNode& leaf) { out->emplace_hint(out->end(), at, leaf.signature_key); });
  return out;
}

}  // namespace

Group::Group(GroupContext context, RatchetTree tree, TreeKeys keys, EpochSecrets secrets, Bytes interim_transcript_hash,
             KeyPair signature_key)
    : context_(std::move(context)),
      encoded_context_(encode(context_)),
      tree_(std::move(tree)),
      keys_(std::move(keys)),
      secrets_(std::move(secrets)),
      message_keys_(context_.suite, tree_.leaves(), secrets_.encryption),
      interim_transcript_hash_(std::move(interim_transcript_hash)),
      signature_key_(std::move(signature_key)) {
  secrets_.encryption = Secret();
}

Result<Group> Group::create(const Environment& environment, CipherSuite suite, Bytes group_id, const Member& member,
                            Lifetime lifetime, Extensions extensions) {
  const Crypto& crypto = *environment.crypto;
  OwnKeyPackage own = make_key_package(crypto, suite, member, lifetime);
  RatchetTree tree;
  if (const auto placed = tree.add({own.package.leaf}); !placed) return std::unexpected(placed.error());

  GroupContext context{suite, std::move(group_id), 0, tree.tree_hash(crypto), {}, std::move(extensions)};
  const Environment unlimited = [&] {
    Environment out = environment;
    out.now_s.reset();
    return out;
  }();
  const ProposalGround ground{&unlimited, &context, &tree, {}};
  const Status good = check_proposal(ground, {}, GroupContextExtensions{context.extensions});
  if (!good) return std::unexpected(good.error());
  if (const Status leaf = check_tree(crypto, suite, tree, context.group_id, {{}, context.extensions, {}}); !leaf)
    return std::unexpected(leaf.error());

  // § 11: a fresh random epoch secret stands for what a commit would have brought.
  Secret init, none;
  crypto.random(init.writable());
  const Bytes encoded = encode(context);
  EpochSecrets secrets = epoch_secrets(crypto, joiner_secret(crypto, init, none, encoded), none, encoded);
  const Hash tag = confirmation_tag(crypto, secrets.confirmation_key, {});
  Bytes interim = copy(interim_transcript_hash(crypto, {}, tag));
  return Group(std::move(context), std::move(tree), TreeKeys{LeafIndex{0}, own.encryption_key, {}}, std::move(secrets),
               std::move(interim), member.signature_key);
}

std::vector<MemberView> Group::members() const {
  std::vector<MemberView> out;
  out.reserve(tree_.members());
  tree_.for_each_member(
      [&](LeafIndex at, const LeafNode& leaf) { out.push_back({at, leaf.credential, leaf.signature_key}); });
  return out;
}

SecretBytes Group::export_secret(const Crypto& crypto, std::string_view label, ByteView context,
                                 std::size_t size_bytes) const {
  return clients::mls::export_secret(crypto, secrets_.exporter, label, context, size_bytes);
}

Group Group::next_epoch(NextEpoch next, RatchetTree tree, TreeKeys keys) const {
  Group out(std::move(next.context), std::move(tree), std::move(keys), std::move(next.secrets),
            std::move(next.interim_transcript_hash), signature_key_);
  out.past_ = past_;
  auto signers = signature_keys(tree_);
  if (!past_.empty() && *past_.back().signers == *signers) signers = past_.back().signers;
  out.past_.push_back({epoch(), encoded_context_, std::move(signers), secrets_.sender_data, message_keys_});
  if (out.past_.size() > kPastEpochsMax) out.past_.erase(out.past_.begin());
  out.resumptions_ = resumptions_;
  out.resumptions_.push_back({epoch(), secrets_.resumption_psk});
  if (out.resumptions_.size() > kResumptionEpochsMax) out.resumptions_.erase(out.resumptions_.begin());
  return out;
}

Result<std::vector<Psk>> Group::find_psks(const Environment& environment, std::span<const PskId> ids) const {
  std::vector<Psk> out;
  for (const PskId& id : ids) {
    if (id.type == PskType::kExternal) {
      auto secret = environment.psk(id.external_id);
      if (!secret) return refuse(Reason::kPsk);
      out.push_back({id, std::move(*secret)});
      continue;
    }
    const auto found = std::ranges::find(resumptions_, id.epoch, &Resumption::epoch);
    const bool now = id.epoch == epoch();
    if (id.group_id != context_.group_id || (!now && found == resumptions_.end())) return refuse(Reason::kPsk);
    out.push_back({id, SecretBytes(copy(now ? secrets_.resumption_psk.view() : found->psk.view()))});
  }
  return out;
}

Result<GroupInfo> Group::group_info(const Crypto& crypto, bool with_tree) const {
  GroupInfo out{context_, {}, {}, own_leaf(), {}};
  out.confirmation_tag = confirmation_tag(crypto, secrets_.confirmation_key, context_.confirmed_transcript_hash);
  if (with_tree) out.extensions.push_back({static_cast<std::uint16_t>(ExtensionType::kRatchetTree), tree_.encode()});
  out.extensions.push_back(external_pub_extension(external_key_pair(crypto, secrets_.external).key));
  sign(crypto, out, signature_key_);
  return out;
}

Result<PrivateMessage> Group::protect(const Crypto& crypto, Bytes data, Bytes authenticated_data) {
  if (!pending_.empty()) return refuse(Reason::kPendingProposals, pending_.size());
  FramedContent content{context_.group_id,
                        epoch(),
                        {SenderType::kMember, own_leaf().value},
                        std::move(authenticated_data),
                        Application{std::move(data)}};
  const AuthenticatedContent signed_content =
      sign_content(crypto, WireFormat::kPrivateMessage, std::move(content), encoded_context_, signature_key_);
  return protect_private(crypto, suite(), signed_content, secrets_.sender_data, message_keys_);
}

Result<Group::EpochView> Group::view_of(const PrivateMessage& message) {
  if (message.group_id != context_.group_id) return refuse(Reason::kGroup);
  if (message.epoch == epoch()) return EpochView{encoded_context_, &secrets_.sender_data, &message_keys_, nullptr};
  const auto past = std::ranges::find(past_, message.epoch, &PastEpoch::epoch);
  if (past == past_.end()) return refuse(Reason::kEpoch, message.epoch);
  return EpochView{past->encoded_context, &past->sender_data, &past->keys, past->signers.get()};
}

Result<PublicKey> Group::signer(const EpochView& view, LeafIndex at) const {
  if (view.signers == nullptr) {
    const LeafNode* leaf = tree_.leaf(at);
    if (leaf == nullptr) return refuse(Reason::kLeaf, at.value);
    return leaf->signature_key;
  }
  const auto found = view.signers->find(at);
  if (found == view.signers->end()) return refuse(Reason::kLeaf, at.value);
  return found->second;
}

Result<AuthenticatedContent> Group::open_content(const Crypto& crypto, const PrivateMessage& message,
                                                 const EpochView& view) {
  const auto sender = open_sender_data(crypto, suite(), message, *view.sender_data);
  if (!sender) return std::unexpected(sender.error());
  // Before a key is asked for: that of our own message was spent when it was sealed. A group never changes its leaf.
  if (sender->leaf == own_leaf()) return refuse(Reason::kOwnMessage);
  auto opened = unprotect_private(crypto, suite(), message, *sender, *view.keys);
  if (!opened) return std::unexpected(opened.error());
  const auto key = signer(view, sender->leaf);
  if (!key) return std::unexpected(key.error());
  if (const Status good = verify_content(crypto, opened->content, view.encoded_context, *key); !good)
    return std::unexpected(good.error());
  if (const Status spent = view.keys->spend(crypto, sender->leaf, opened->ratchet, opened->generation); !spent)
    return std::unexpected(spent.error());
  return std::move(opened->content);
}

Result<ApplicationMessage> Group::open(const Crypto& crypto, const PrivateMessage& message) {
  if (message.content_type != ContentType::kApplication) return refuse(Reason::kSender);
  const auto view = view_of(message);
  if (!view) return std::unexpected(view.error());
  auto content = open_content(crypto, message, *view);
  if (!content) return std::unexpected(content.error());
  FramedContent& framed = content->content;
  const LeafIndex sender{framed.sender.index};
  const auto key = signer(*view, sender);
  if (!key) return std::unexpected(key.error());
  return ApplicationMessage{sender, framed.epoch, std::move(framed.authenticated_data),
                            std::move(std::get<Application>(framed.content).data), *key};
}

}  // namespace clients::mls
