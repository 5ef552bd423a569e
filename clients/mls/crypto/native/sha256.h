// SHA-256 and HMAC-SHA-256 on OpenSSL's digest, which uses the processor's instructions. One context a thread, always
// left freshly initialised: nothing of a message or a key stays in it.
#pragma once

#include "clients/mls/core/bytes.h"

namespace clients::mls::native {

Hash sha256(ByteView message);  // RFC 6234 § 6.2
// RFC 2104 § 2 over two digests: a third of the time of the library's own HMAC, which sets up a context a call.
Secret hmac_sha256(ByteView key, ByteView message);

}  // namespace clients::mls::native
