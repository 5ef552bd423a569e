// X25519 public keys with which every shared secret is zero (RFC 7748 § 6.1, RFC 9180 § 7.1.4).
//
// Sealing for such a key fails, so that a member who puts one into the tree would stop every commit of the others. It
// is refused when it is offered. Pure.
#pragma once

#include "clients/mls/core/bytes.h"

namespace clients::mls {

bool is_small_order(const PublicKey& key);  // RFC 7748 § 6.1

}  // namespace clients::mls
