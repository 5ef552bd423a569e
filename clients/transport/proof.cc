#include "clients/transport/proof.h"

#include "policy/base/bytes.h"
#include "relay/net/tls.h"

namespace clients::transport {
namespace base = policy::base;

std::string proof_statement(std::string_view method, std::string_view target, std::int64_t unix_s,
                            std::string_view nonce, std::string_view token) {
  std::string out = "feierabend-proof-v1\n";
  for (const auto part : {method, target}) out += std::string(part) + "\n";
  out += std::to_string(unix_s) + "\n" + std::string(nonce) + "\n";
  return out + base::to_hex(relay::net::sha256(base::as_bytes(token)));
}

relay::net::HttpFields proof_fields(const Credentials& credentials, std::string_view method, std::string_view target,
                                    const base::Clock& clock, base::Random& random) {
  const auto unix_s = clock.now().unix_s;
  const std::string nonce = base::to_base64url(random.array<16>());
  const auto statement = proof_statement(method, target, unix_s, nonce, credentials.token);
  const auto signature = credentials.key.sign(base::as_bytes(statement));
  return {{"Authorization", "Feierabend " + credentials.token},
          {"Feierabend-Proof", std::to_string(unix_s) + "." + nonce + "." + base::to_base64url(signature)}};
}

}  // namespace clients::transport
