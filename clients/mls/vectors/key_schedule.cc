// Topics key-schedule, psk_secret and transcript-hashes.
#include "clients/mls/schedule/key_schedule.h"

#include "clients/mls/message/framed.h"
#include "clients/mls/schedule/psk.h"
#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

void check_secrets(const Crypto& crypto, const Entry& entry, const EpochSecrets& secrets) {
  entry.expect("sender_data_secret", secrets.sender_data);
  entry.expect("encryption_secret", secrets.encryption);
  entry.expect("exporter_secret", secrets.exporter);
  entry.expect("external_secret", secrets.external);
  entry.expect("confirmation_key", secrets.confirmation_key);
  entry.expect("membership_key", secrets.membership_key);
  entry.expect("resumption_psk", secrets.resumption_psk);
  entry.expect("epoch_authenticator", secrets.epoch_authenticator);
  entry.expect("init_secret", secrets.init);
  entry.expect("external_pub", external_key_pair(crypto, secrets.external).key);
  const Entry exporter = entry.object("exporter");
  exporter.expect("secret", export_secret(crypto, secrets.exporter, exporter.text("label"), exporter.bytes("context"),
                                          exporter.size_bytes("length"))
                                .view());
}

Psk psk_of(const Entry& entry) {
  PskId id;
  id.external_id = entry.bytes("psk_id");
  id.nonce = entry.bytes("psk_nonce");
  return {std::move(id), SecretBytes(entry.bytes("psk"))};
}

}  // namespace

void check_key_schedule(const Crypto& crypto, const Entry& entry) {
  GroupContext context;
  context.suite = entry.suite();
  context.group_id = entry.bytes("group_id");
  Secret init = entry.secret("initial_init_secret");
  for (const Entry& epoch : entry.list("epochs")) {
    context.tree_hash = epoch.fixed("tree_hash");
    context.confirmed_transcript_hash = epoch.bytes("confirmed_transcript_hash");
    const Bytes encoded = encode(context);
    epoch.expect("group_context", encoded);
    const Secret psk = epoch.secret("psk_secret");
    const Secret joiner = joiner_secret(crypto, init, epoch.secret("commit_secret"), encoded);
    epoch.expect("joiner_secret", joiner);
    epoch.expect("welcome_secret", welcome_secret(crypto, joiner, psk));
    const EpochSecrets secrets = epoch_secrets(crypto, joiner, psk, encoded);
    check_secrets(crypto, epoch, secrets);
    init = secrets.init;
    ++context.epoch;
  }
}

void check_psk_secret(const Crypto& crypto, const Entry& entry) {
  std::vector<Psk> psks;
  for (const Entry& one : entry.list("psks")) psks.push_back(psk_of(one));
  const Result<Secret> secret = psk_secret(crypto, psks);
  if (entry.require(secret, "psks")) entry.expect("psk_secret", *secret);
}

void check_transcript_hashes(const Crypto& crypto, const Entry& entry) {
  const auto commit = parse<AuthenticatedContent>(entry.bytes("authenticated_content"));
  if (!entry.require(commit, "authenticated_content")) return;
  if (!entry.require(commit->auth.confirmation_tag.has_value(), "authenticated_content")) return;
  const Hash confirmed = confirmed_transcript_hash(crypto, entry.bytes("interim_transcript_hash_before"),
                                                   confirmed_transcript_input(*commit));
  entry.expect("confirmed_transcript_hash_after", confirmed);
  entry.expect("interim_transcript_hash_after",
               interim_transcript_hash(crypto, confirmed, *commit->auth.confirmation_tag));
  entry.require(confirmation_tag(crypto, entry.secret("confirmation_key"), confirmed) == commit->auth.confirmation_tag,
                "confirmation_key");
}

}  // namespace clients::mls
