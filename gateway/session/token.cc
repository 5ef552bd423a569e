#include "gateway/session/token.h"

#include <sodium.h>

#include <algorithm>

namespace gateway::session {

std::string make_token(base::Random& random) { return base::to_base64url(random.array<32>()); }

store::Hash hash_token(std::string_view token) {
  store::Hash hash{};
  const auto bytes = base::as_bytes(token);
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hash;
}

bool looks_like_token(std::string_view token) {
  return token.size() == kTokenSize && std::ranges::all_of(token, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

}  // namespace gateway::session
