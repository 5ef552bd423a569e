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

struct OpenedPrivate {  // §§ 6.3.1, 6.3.2
  AuthenticatedContent content;
  Ratchet ratchet = Ratchet::kApplication;
  std::uint32_t generation = 0;
};
// Changes nothing: when the caller has checked the signature, it spends the key (SecretTree::spend). Errors: kDecrypt,
// kPadding (octets other than zero), and those of SecretTree::find and decoding.
Result<OpenedPrivate> unprotect_private(const Crypto& crypto, CipherSuite suite, const PrivateMessage& message,
                                        const Secret& sender_data_secret, const SecretTree& keys);

}  // namespace clients::mls
