#include "clients/mls/framing/public_message.h"

namespace clients::mls {
namespace {

constexpr std::string_view kLabel = "FramedContentTBS";

bool signs_context(SenderType type) { return type == SenderType::kMember || type == SenderType::kNewMemberCommit; }

// AuthenticatedContentTBM.
Hash tag_of(const Crypto& crypto, const FramedContent& content, const ContentAuth& auth, const Secret& membership_key,
            ByteView group_context) {
  Writer out;
  out.raw(to_be_signed(WireFormat::kPublicMessage, content, group_context));
  write(out, auth);
  return membership_tag(crypto, membership_key, out.bytes());
}

}  // namespace

Bytes to_be_signed(WireFormat format, const FramedContent& content, ByteView group_context) {
  Writer out;
  out.u16(kVersion);
  out.u16(static_cast<std::uint16_t>(format));
  write(out, content);
  if (signs_context(content.sender.type)) out.raw(group_context);
  return out.take();
}

AuthenticatedContent sign_content(const Crypto& crypto, WireFormat format, FramedContent content,
                                  ByteView group_context, const KeyPair& signature_key) {
  AuthenticatedContent out{format, std::move(content), {}};
  out.auth.signature = sign_with_label(crypto, signature_key, kLabel, to_be_signed(format, out.content, group_context));
  return out;
}

Status verify_content(const Crypto& crypto, const AuthenticatedContent& content, ByteView group_context,
                      const PublicKey& signature_key) {
  return verify_with_label(crypto, signature_key, kLabel,
                           to_be_signed(content.wire_format, content.content, group_context), content.auth.signature);
}

PublicMessage protect_public(const Crypto& crypto, AuthenticatedContent content, const Secret& membership_key,
                             ByteView group_context) {
  PublicMessage out{std::move(content.content), content.auth, {}};
  if (out.content.sender.type == SenderType::kMember)
    out.membership_tag = tag_of(crypto, out.content, out.auth, membership_key, group_context);
  return out;
}

Result<AuthenticatedContent> unprotect_public(const Crypto& crypto, PublicMessage message, const Secret& membership_key,
                                              ByteView group_context) {
  if (type_of(message.content.content) == ContentType::kApplication) return refuse(Reason::kInTheOpen);
  if (message.content.sender.type == SenderType::kMember) {
    const Hash expected = tag_of(crypto, message.content, message.auth, membership_key, group_context);
    if (!message.membership_tag || !equal_constant_time(expected, *message.membership_tag))
      return refuse(Reason::kMembershipTag);
  }
  return AuthenticatedContent{WireFormat::kPublicMessage, std::move(message.content), message.auth};
}

}  // namespace clients::mls
