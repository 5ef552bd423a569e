// AES-128-GCM on OpenSSL, tag behind the ciphertext (RFC 5116 § 5.1). A context lives for one call, so that its
// expanded key is wiped with it.
#pragma once

#include <optional>

#include "clients/mls/core/bytes.h"

namespace clients::mls::native {

Bytes aes_gcm_seal(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext);  // RFC 5116 § 5.1
// `ciphertext` has at least its tag. Nothing if the tag does not match.
std::optional<SecretBytes> aes_gcm_open(ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext);

}  // namespace clients::mls::native
