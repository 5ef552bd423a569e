#include "clients/mls/group/epoch.h"

namespace clients::mls {

NextEpoch advance(const Crypto& crypto, EpochStep step) {
  NextEpoch out;
  out.context = std::move(step.provisional);
  const Hash confirmed =
      confirmed_transcript_hash(crypto, step.interim_before, confirmed_transcript_input(*step.commit));
  out.context.confirmed_transcript_hash = copy(confirmed);
  out.encoded_context = encode(out.context);
  out.joiner = joiner_secret(crypto, *step.init, *step.commit_secret, out.encoded_context);
  out.secrets = epoch_secrets(crypto, out.joiner, *step.psk, out.encoded_context);
  out.confirmation_tag = confirmation_tag(crypto, out.secrets.confirmation_key, confirmed);
  out.interim_transcript_hash = copy(interim_transcript_hash(crypto, confirmed, out.confirmation_tag));
  return out;
}

Result<Welcome> make_welcome(const Crypto& crypto, const GroupInfo& info, const Secret& joiner, const Secret& psk,
                             std::span<const PskId> psks, std::span<const Newcomer> newcomers) {
  Welcome out;
  out.suite = info.context.suite;
  const AeadKey key = welcome_key(crypto, out.suite, welcome_secret(crypto, joiner, psk));
  out.encrypted_group_info = crypto.aead_seal(out.suite, key.key_view(out.suite), key.nonce, {}, encode(info));

  std::vector<SecretBytes> plaintexts;
  std::vector<SealJob> jobs;
  plaintexts.reserve(newcomers.size());
  for (const Newcomer& newcomer : newcomers) {
    GroupSecrets secrets{joiner, {}, {psks.begin(), psks.end()}};
    if (newcomer.path_secret != nullptr) secrets.path_secret = *newcomer.path_secret;
    Writer plaintext;
    plaintext.reserve(128 + 256 * psks.size());  // a buffer that grows would leave a copy behind
    write(plaintext, secrets);
    plaintexts.emplace_back(plaintext.take());
    jobs.push_back({newcomer.package->init_key, plaintexts.back().view()});
  }
  auto sealed = encrypt_with_label(crypto, out.suite, "Welcome", out.encrypted_group_info, jobs);
  if (!sealed) return std::unexpected(sealed.error());
  for (std::size_t i = 0; i < newcomers.size(); ++i)
    out.secrets.push_back({reference(crypto, *newcomers[i].package), std::move((*sealed)[i])});
  return out;
}

}  // namespace clients::mls
