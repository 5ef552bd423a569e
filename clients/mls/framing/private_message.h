// Messages that only the group reads (RFC 9420 § 6.3): content, signature and padding under a key that is used once,
// and who sent it under a key of its own.
//
// Pure but for the port.
#pragma once

#include "clients/mls/message/framed.h"
#include "clients/mls/schedule/secret_tree.h"

namespace clients::mls {

// Application data is padded with zeros so that its length says little: to the next power of two from 256 bytes to 32
// KiB, above that to a multiple of 32 KiB. Handshake messages are not.
std::size_t padded_size(std::size_t content_bytes);  // § 15.1

// § 6.3. Takes the sender's next key. `content` was signed for kPrivateMessage by the member `content.sender`.
Result<PrivateMessage> protect_private(const Crypto& crypto, CipherSuite suite, const AuthenticatedContent& content,
                                       const Secret& sender_data_secret, SecretTree& keys);

struct SenderData {  // § 6.3.2
  LeafIndex leaf;
  std::uint32_t generation = 0;
  std::array<std::uint8_t, 4> reuse_guard{};
};
void write(Writer& out, const SenderData& value);
void read(Reader& in, SenderData& value);
// § 6.3.2: whom the message names as its sender; the signature tells later whether it is true. Uses no message key, so
// that the caller can pass over what it sent itself. Errors: kDecrypt, and those of decoding.
Result<SenderData> open_sender_data(const Crypto& crypto, CipherSuite suite, const PrivateMessage& message,
                                    const Secret& sender_data_secret);

struct OpenedPrivate {  // § 6.3.1
  AuthenticatedContent content;
  Ratchet ratchet = Ratchet::kApplication;
  std::uint32_t generation = 0;
};
// `sender` is what open_sender_data gave. Changes nothing: when the caller has checked the signature, it spends the key
// (SecretTree::spend). Errors: kDecrypt, kPadding (octets other than zero), and those of SecretTree::find and decoding.
Result<OpenedPrivate> unprotect_private(const Crypto& crypto, CipherSuite suite, const PrivateMessage& message,
                                        const SenderData& sender, const SecretTree& keys);

}  // namespace clients::mls
