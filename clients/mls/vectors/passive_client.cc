// Topics welcome and passive-client-*: joining a group that others made, and following it.
#include "clients/mls/group/group.h"
#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

template <typename T>
std::optional<T> message_of(const Entry& entry, std::string_view name, ByteView bytes) {
  auto parsed = parse<MlsMessage>(bytes);
  if (!entry.require(parsed, name) || !entry.require(std::holds_alternative<T>(*parsed), name)) return {};
  return std::get<T>(std::move(*parsed));
}

Environment environment_of(const Crypto& crypto, const Entry& entry) {
  Environment out;
  out.crypto = &crypto;  // and no time: the key packages of the vectors ran out long ago
  std::map<Bytes, Bytes> psks;
  for (const Entry& psk : entry.list("external_psks")) psks.emplace(psk.bytes("psk_id"), psk.bytes("psk"));
  out.psk = [psks](ByteView id) -> std::optional<SecretBytes> {
    const auto found = psks.find(copy(id));
    if (found == psks.end()) return {};
    return SecretBytes(found->second);
  };
  return out;
}

Result<Received> receive(const Environment& environment, const Group& group, const MlsMessage& message) {
  if (const auto* in_the_open = std::get_if<PublicMessage>(&message)) return group.receive(environment, *in_the_open);
  if (const auto* sealed = std::get_if<PrivateMessage>(&message)) return group.receive(environment, *sealed);
  return refuse(Reason::kUnsupported);
}

bool take(const Environment& environment, Group& group, const Entry& entry, std::string_view name, ByteView bytes) {
  const auto message = parse<MlsMessage>(bytes);
  if (!entry.require(message, name)) return false;
  auto received = receive(environment, group, *message);
  if (!entry.require(received, name)) return false;
  group = std::move(received->group);
  return true;
}

void check_applications(const Crypto& crypto, Group& group, const Entry& entry, std::string_view list) {
  if (!entry.has(list)) return;
  for (const Entry& one : entry.list(list)) {
    const auto message = message_of<PrivateMessage>(one, "private_message", one.bytes("private_message"));
    if (!message) return;
    const auto opened = group.open(crypto, *message);
    if (one.require(opened, "private_message")) one.expect("plaintext", opened->data);
  }
}

void check_exported(const Crypto& crypto, const Group& group, const Entry& entry, std::string_view name) {
  if (entry.has(name)) entry.expect(name, group.export_secret(crypto, "exporter", {}, kHashBytes).view());
}

void follow(const Environment& environment, Group& group, const Entry& entry) {
  const Crypto& crypto = *environment.crypto;
  for (const Entry& epoch : entry.list("epochs")) {
    for (const Bytes& proposal : epoch.bytes_list("proposals"))
      if (!take(environment, group, epoch, "proposals", proposal)) return;
    if (!take(environment, group, epoch, "commit", epoch.bytes("commit"))) return;
    epoch.expect("epoch_authenticator", group.epoch_authenticator());
    check_exported(crypto, group, epoch, "exported");
    check_applications(crypto, group, epoch, "application");
    // What a client stores is what it goes on with.
    auto stored = Group::load(group.save().view());
    if (!epoch.require(stored, "stored")) return;
    group = std::move(*stored);
  }
}

}  // namespace

void check_passive_client(const Crypto& crypto, const Entry& entry) {
  const Environment environment = environment_of(crypto, entry);
  const auto package = message_of<KeyPackage>(entry, "key_package", entry.bytes("key_package"));
  const auto welcome = message_of<Welcome>(entry, "welcome", entry.bytes("welcome"));
  if (!package || !welcome) return;
  const OwnKeyPackage own{*package, encryption_pair(crypto, entry.secret("init_priv")),
                          encryption_pair(crypto, entry.secret("encryption_priv")),
                          signature_pair(crypto, entry.secret("signature_priv"))};
  std::optional<Bytes> tree;
  if (entry.has("ratchet_tree")) tree = entry.bytes("ratchet_tree");
  auto group = Group::join(environment, *welcome, own, tree);
  if (!entry.require(group, "welcome")) return;
  entry.expect("initial_epoch_authenticator", group->epoch_authenticator());
  check_exported(crypto, *group, entry, "initial_exported");
  check_applications(crypto, *group, entry, "initial_application");
  follow(environment, *group, entry);
}

// The topic gives neither the tree nor the member's other keys: the Welcome is opened by hand.
void check_welcome(const Crypto& crypto, const Entry& entry) {
  const auto package = message_of<KeyPackage>(entry, "key_package", entry.bytes("key_package"));
  const auto welcome = message_of<Welcome>(entry, "welcome", entry.bytes("welcome"));
  if (!package || !welcome) return;
  const auto own = std::ranges::find(welcome->secrets, reference(crypto, *package), &EncryptedGroupSecrets::new_member);
  if (!entry.require(own != welcome->secrets.end(), "key package reference")) return;
  const auto opened = decrypt_with_label(crypto, welcome->suite, encryption_pair(crypto, entry.secret("init_priv")),
                                         "Welcome", welcome->encrypted_group_info, own->secrets);
  if (!entry.require(opened, "group secrets")) return;
  const auto secrets = parse<GroupSecrets>(opened->view());
  if (!entry.require(secrets, "group secrets")) return;

  const Secret none;
  const AeadKey key = welcome_key(crypto, welcome->suite, welcome_secret(crypto, secrets->joiner_secret, none));
  const auto plain =
      crypto.aead_open(welcome->suite, key.key_view(welcome->suite), key.nonce, {}, welcome->encrypted_group_info);
  if (!entry.require(plain.has_value(), "group info")) return;
  const auto info = parse<GroupInfo>(plain->view());
  if (!entry.require(info, "group info")) return;
  entry.require(verifies(crypto, *info, entry.fixed("signer_pub")), "signature");
  const EpochSecrets epoch = epoch_secrets(crypto, secrets->joiner_secret, none, encode(info->context));
  entry.require(confirmation_tag(crypto, epoch.confirmation_key, info->context.confirmed_transcript_hash) ==
                    info->confirmation_tag,
                "confirmation tag");
}

}  // namespace clients::mls
