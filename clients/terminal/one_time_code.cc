#include "clients/terminal/one_time_code.h"

#include <liboath/oath.h>
#include <sodium.h>

#include <cstdlib>

namespace clients::terminal {
namespace base = policy::base;

namespace {

constexpr unsigned kDigits = 6;
constexpr std::size_t kSecretBytesMax = 256;

}  // namespace

base::Result<std::string> secret_of_uri(std::string_view uri) {
  const auto query = uri.find('?');
  std::string_view rest = query == std::string_view::npos ? std::string_view{} : uri.substr(query + 1);
  while (uri.starts_with("otpauth://totp/") && !rest.empty()) {
    const auto part = rest.substr(0, rest.find('&'));
    if (part.starts_with("secret=") && part.size() > 7 && part.size() < kSecretBytesMax)
      return std::string(part.substr(7));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  return base::fail("totp.uri", "an address for authenticator apps without a secret", "otpauth://totp/…?secret=…");
}

base::Result<std::string> one_time_code(const std::string& base32_secret, std::int64_t step) {
  char* raw = nullptr;
  std::size_t size = 0;
  const bool decoded = base32_secret.size() < kSecretBytesMax &&
                       oath_base32_decode(base32_secret.data(), base32_secret.size(), &raw, &size) == OATH_OK &&
                       size > 0;
  char code[kDigits + 1] = {};
  const bool made = decoded && step >= 0 &&
                    oath_hotp_generate(raw, size, static_cast<std::uint64_t>(step), kDigits, false,
                                       OATH_HOTP_DYNAMIC_TRUNCATION, code) == OATH_OK;
  if (raw != nullptr) {
    sodium_memzero(raw, size);
    std::free(raw);
  }
  if (!made)
    return base::fail("totp.secret", "a secret that is not base32", "the secret as the server showed it at enrolment");
  return std::string(code);
}

}  // namespace clients::terminal
