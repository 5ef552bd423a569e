// Coming in: by a Welcome, or uninvited by an external commit (RFC 9420 §§ 12.4.3.1, 12.4.3.2).
#include "clients/mls/framing/public_message.h"
#include "clients/mls/group/group.h"
#include "clients/mls/group/trusted_tree.h"
#include "clients/mls/tree/validation.h"

namespace clients::mls {

class Newcoming {
 public:
  static Result<Group> join(const Environment& environment, const Welcome& welcome, const OwnKeyPackage& own,
                            const std::optional<Bytes>& tree);
  static Result<Group::Entered> enter(const Environment& environment, const GroupInfo& info, const Member& member,
                                      const std::optional<Bytes>& tree, std::optional<LeafIndex> replaces);
};

namespace {

Result<GroupSecrets> open_secrets(const Crypto& crypto, const Welcome& welcome, const OwnKeyPackage& own) {
  const auto found =
      std::ranges::find(welcome.secrets, reference(crypto, own.package), &EncryptedGroupSecrets::new_member);
  if (found == welcome.secrets.end()) return refuse(Reason::kNotForUs);
  const auto opened =
      decrypt_with_label(crypto, welcome.suite, own.init_key, "Welcome", welcome.encrypted_group_info, found->secrets);
  if (!opened) return std::unexpected(opened.error());
  return parse<GroupSecrets>(opened->view());
}

// A newcomer knows no epoch of the group: only keys given to it from outside.
Result<Secret> outside_psk_secret(const Environment& environment, std::span<const PskId> ids) {
  std::vector<Psk> psks;
  for (const PskId& id : ids) {
    if (id.type == PskType::kResumption && id.usage != ResumptionUsage::kApplication) return refuse(Reason::kReinit);
    auto secret = id.type == PskType::kExternal ? environment.psk(id.external_id) : std::nullopt;
    if (!secret) return refuse(Reason::kPsk);
    psks.push_back({id, std::move(*secret)});
  }
  return psk_secret(*environment.crypto, psks);
}

Result<GroupInfo> open_info(const Crypto& crypto, const Welcome& welcome, const Secret& joiner, const Secret& psk) {
  const AeadKey key = welcome_key(crypto, welcome.suite, welcome_secret(crypto, joiner, psk));
  const auto opened =
      crypto.aead_open(welcome.suite, key.key_view(welcome.suite), key.nonce, {}, welcome.encrypted_group_info);
  if (!opened) return refuse(Reason::kDecrypt);
  auto info = parse<GroupInfo>(opened->view());
  if (info && info->context.suite != welcome.suite) return refuse(Reason::kValue);
  return info;
}

Result<LeafIndex> find_leaf(const RatchetTree& tree, const LeafNode& own) {
  std::optional<LeafIndex> found;
  tree.for_each_member([&](LeafIndex at, const LeafNode& leaf) {
    if (!found && leaf == own) found = at;
  });
  if (!found) return refuse(Reason::kNotForUs);
  return *found;
}

}  // namespace

Result<Group> Newcoming::join(const Environment& environment, const Welcome& welcome, const OwnKeyPackage& own,
                              const std::optional<Bytes>& given) {
  const Crypto& crypto = *environment.crypto;
  if (static_cast<std::uint16_t>(welcome.suite) != own.package.suite) return refuse(Reason::kUnsupported);
  const auto secrets = open_secrets(crypto, welcome, own);
  if (!secrets) return std::unexpected(secrets.error());
  const auto psk = outside_psk_secret(environment, secrets->psks);
  if (!psk) return std::unexpected(psk.error());
  const auto info = open_info(crypto, welcome, secrets->joiner_secret, *psk);
  if (!info) return std::unexpected(info.error());
  auto tree = trusted_tree(environment, *info, given);
  if (!tree) return std::unexpected(tree.error());
  const auto leaf = find_leaf(*tree, own.package.leaf);
  if (!leaf) return std::unexpected(leaf.error());
  if (const Status known = check_identities(environment, *tree, *leaf); !known) return std::unexpected(known.error());
  auto keys = keys_from_welcome(crypto, *tree, *leaf, own.encryption_key, info->signer, secrets->path_secret);
  if (!keys) return std::unexpected(keys.error());

  const GroupContext& context = info->context;
  EpochSecrets epoch = epoch_secrets(crypto, secrets->joiner_secret, *psk, encode(context));
  const Hash tag = confirmation_tag(crypto, epoch.confirmation_key, context.confirmed_transcript_hash);
  if (!equal_constant_time(tag, info->confirmation_tag)) return refuse(Reason::kConfirmationTag);
  Bytes interim = copy(interim_transcript_hash(crypto, context.confirmed_transcript_hash, tag));
  return Group(context, std::move(*tree), std::move(*keys), std::move(epoch), std::move(interim), own.signature_key);
}

Result<Group::Entered> Newcoming::enter(const Environment& environment, const GroupInfo& info, const Member& member,
                                        const std::optional<Bytes>& given, std::optional<LeafIndex> replaces) {
  const Crypto& crypto = *environment.crypto;
  const auto tree = trusted_tree(environment, info, given);
  if (!tree) return std::unexpected(tree.error());
  if (const Status known = check_identities(environment, *tree, replaces); !known)
    return std::unexpected(known.error());
  const auto group_key = external_pub(info.extensions);
  if (!group_key) return std::unexpected(group_key.error());
  if (!*group_key) return refuse(Reason::kUnsupported);
  const auto init = export_to(crypto, info.context.suite, **group_key, kExternalInitContext);
  if (!init) return std::unexpected(init.error());

  const Sender sender{SenderType::kNewMemberCommit, 0};
  Commit commit;
  std::vector<PendingProposal> proposals;
  const auto take = [&](Proposal proposal) {
    proposals.push_back({{}, sender, proposal, false});
    commit.proposals.emplace_back(std::move(proposal));
  };
  take(ExternalInit{init->kem_output});
  if (replaces) take(Remove{*replaces});

  LeafNode leaf;
  leaf.signature_key = member.signature_key.key;
  leaf.credential = member.credential;
  leaf.capabilities = member.capabilities;
  leaf.extensions = member.leaf_extensions;
  leaf.source = LeafSource::kCommit;
  const auto applied = apply_proposals({&environment, &info.context, &*tree, sender}, proposals, &leaf);
  if (!applied) return std::unexpected(applied.error());
  auto draft = draft_path(crypto, applied->tree, applied->committer, leaf, info.context.group_id, member.signature_key);
  if (!draft) return std::unexpected(draft.error());
  if (const Status agree = check_members_agree(draft->tree); !agree) return std::unexpected(agree.error());

  GroupContext provisional = info.context;
  ++provisional.epoch;
  provisional.tree_hash = draft->tree.tree_hash(crypto);
  auto path = seal_path(crypto, info.context.suite, *draft, encode(provisional), {});
  if (!path) return std::unexpected(path.error());
  commit.path = std::move(*path);

  const Bytes before = encode(info.context);
  AuthenticatedContent authenticated = sign_content(
      crypto, WireFormat::kPublicMessage, {info.context.group_id, info.context.epoch, sender, {}, std::move(commit)},
      before, member.signature_key);
  const Hash interim = interim_transcript_hash(crypto, info.context.confirmed_transcript_hash, info.confirmation_tag);
  const Secret no_psk;
  NextEpoch next =
      advance(crypto, {std::move(provisional), interim, &authenticated, &init->secret, &draft->commit_secret, &no_psk});
  authenticated.auth.confirmation_tag = next.confirmation_tag;
  Group group(std::move(next.context), std::move(draft->tree), std::move(draft->keys), std::move(next.secrets),
              std::move(next.interim_transcript_hash), member.signature_key);
  return Group::Entered{std::move(group), protect_public(crypto, std::move(authenticated), Secret(), before)};
}

Result<Group> Group::join(const Environment& environment, const Welcome& welcome, const OwnKeyPackage& own,
                          const std::optional<Bytes>& tree) {
  return Newcoming::join(environment, welcome, own, tree);
}

Result<Group::Entered> Group::enter(const Environment& environment, const GroupInfo& info, const Member& member,
                                    const std::optional<Bytes>& tree, std::optional<LeafIndex> replaces) {
  return Newcoming::enter(environment, info, member, tree, replaces);
}

}  // namespace clients::mls
