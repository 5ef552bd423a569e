// Topic message-protection: public and private messages of leaf 1 in a group of two.
#include "clients/mls/framing/private_message.h"
#include "clients/mls/framing/public_message.h"
#include "clients/mls/message/welcome.h"
#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

constexpr Sender kSender{SenderType::kMember, 1};
constexpr std::uint32_t kLeaves = 2;

struct Setting {
  const Crypto& crypto;
  const Entry& entry;
  CipherSuite suite;
  Bytes context;
  KeyPair signature_key;
  Secret encryption, sender_data, membership;
};

Setting read_setting(const Crypto& crypto, const Entry& entry) {
  const GroupContext context{entry.suite(),
                             entry.bytes("group_id"),
                             entry.number("epoch"),
                             entry.fixed("tree_hash"),
                             entry.bytes("confirmed_transcript_hash"),
                             {}};
  return {crypto,
          entry,
          entry.suite(),
          encode(context),
          signature_pair(crypto, entry.secret("signature_priv")),
          entry.secret("encryption_secret"),
          entry.secret("sender_data_secret"),
          entry.secret("membership_key")};
}

Bytes encode_content(const Content& content) {
  Writer out;
  write_content(out, content);
  return out.take();
}

Bytes raw_of(const AuthenticatedContent& content) {
  const auto* application = std::get_if<Application>(&content.content.content);
  return application != nullptr ? application->data : encode_content(content.content.content);
}

void expect_content(const Setting& with, const AuthenticatedContent& content, std::string_view raw) {
  with.entry.require(verify_content(with.crypto, content, with.context, with.signature_key.key), "signature");
  with.entry.require(content.content.sender == kSender, "sender");
  with.entry.expect(raw, raw_of(content));
}

void check_public(const Setting& with, const PublicMessage& message, std::string_view raw) {
  const auto content = unprotect_public(with.crypto, message, with.membership, with.context);
  if (with.entry.require(content, raw)) expect_content(with, *content, raw);
}

void check_private(const Setting& with, const PrivateMessage& message, std::string_view raw) {
  const SecretTree keys(with.suite, kLeaves, with.encryption);
  const auto sender = open_sender_data(with.crypto, with.suite, message, with.sender_data);
  if (!with.entry.require(sender, raw)) return;
  const auto opened = unprotect_private(with.crypto, with.suite, message, *sender, keys);
  if (with.entry.require(opened, raw)) expect_content(with, opened->content, raw);
}

template <typename T>
std::optional<T> message_of(const Setting& with, const std::string& name) {
  const auto parsed = parse<MlsMessage>(with.entry.bytes(name));
  if (!with.entry.require(parsed, name) || !with.entry.require(std::holds_alternative<T>(*parsed), name)) return {};
  return std::get<T>(*parsed);
}

AuthenticatedContent make(const Setting& with, WireFormat format, const Content& content) {
  const auto context = parse<GroupContext>(with.context);
  AuthenticatedContent out = sign_content(
      with.crypto, format, {context->group_id, context->epoch, kSender, {}, content}, with.context, with.signature_key);
  if (type_of(content) == ContentType::kCommit) out.auth.confirmation_tag = Hash{};
  return out;
}

void check_both(const Setting& with, const std::string& raw, const Content& content) {
  if (const auto message = message_of<PrivateMessage>(with, raw + "_priv")) check_private(with, *message, raw);
  SecretTree keys(with.suite, kLeaves, with.encryption);
  const auto made = protect_private(with.crypto, with.suite, make(with, WireFormat::kPrivateMessage, content),
                                    with.sender_data, keys);
  if (with.entry.require(made, raw)) check_private(with, *made, raw);
  if (type_of(content) == ContentType::kApplication) return;
  if (const auto message = message_of<PublicMessage>(with, raw + "_pub")) check_public(with, *message, raw);
  check_public(
      with, protect_public(with.crypto, make(with, WireFormat::kPublicMessage, content), with.membership, with.context),
      raw);
}

}  // namespace

void check_message_protection(const Crypto& crypto, const Entry& entry) {
  const Setting with = read_setting(crypto, entry);
  const auto proposal = parse<Proposal>(entry.bytes("proposal"));
  if (entry.require(proposal, "proposal")) check_both(with, "proposal", *proposal);
  const auto commit = parse<Commit>(entry.bytes("commit"));
  if (entry.require(commit, "commit")) check_both(with, "commit", *commit);
  check_both(with, "application", Application{entry.bytes("application")});
}

}  // namespace clients::mls
