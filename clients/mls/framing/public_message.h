// Signing of content, and handshake messages in the open (RFC 9420 §§ 6.1, 6.2).
//
// Pure but for the port. `group_context` is the encoded GroupContext of the epoch in which the message is sent; it is
// signed along for members and for those who join by a commit, and ignored for others.
#pragma once

#include "clients/mls/message/framed.h"
#include "clients/mls/schedule/key_schedule.h"

namespace clients::mls {

// § 6.1: FramedContentTBS.
Bytes to_be_signed(WireFormat format, const FramedContent& content, ByteView group_context);

// § 6.1, without a confirmation tag: a committer adds it when the next epoch's keys are known.
AuthenticatedContent sign_content(const Crypto& crypto, WireFormat format, FramedContent content,
                                  ByteView group_context, const KeyPair& signature_key);
// § 6.1. Error: kSignature.
Status verify_content(const Crypto& crypto, const AuthenticatedContent& content, ByteView group_context,
                      const PublicKey& signature_key);

// § 6.2. The message of a member gets its membership tag.
PublicMessage protect_public(const Crypto& crypto, AuthenticatedContent content, const Secret& membership_key,
                             ByteView group_context);
// Checks the membership tag; the signature is the caller's to check, who knows the sender's key. Errors:
// kMembershipTag, kInTheOpen (application data, which never travels so).
Result<AuthenticatedContent> unprotect_public(const Crypto& crypto, PublicMessage message, const Secret& membership_key,
                                              ByteView group_context);

}  // namespace clients::mls
