#include "gateway/session/totp.h"

#include <liboath/oath.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace gateway::session {
namespace {

const char* as_chars(const TotpSecret& secret) { return reinterpret_cast<const char*>(secret.data()); }

void initialise_oath() {
  static const bool ready = oath_init() == OATH_OK;
  if (!ready) std::abort();
}

std::string base32(const TotpSecret& secret) {
  char* text = nullptr;
  std::size_t size = 0;
  if (oath_base32_encode(as_chars(secret), secret.size(), &text, &size) != OATH_OK) std::abort();
  std::string out(text, size);
  std::free(text);  // liboath allocates with malloc
  return out;
}

// RFC 3986 § 2.3: everything but the unreserved characters.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      (out += '%').append({kDigits[byte >> 4], kDigits[byte & 15]});
  }
  return out;
}

}  // namespace

TotpOffer offer(const TotpSecret& secret, std::string_view issuer, std::string_view account) {
  initialise_oath();
  const std::string text = base32(secret);
  const std::string name = percent_encoded(issuer);
  return {.uri = "otpauth://totp/" + name + ":" + percent_encoded(account) + "?secret=" + text + "&issuer=" + name +
                 "&algorithm=SHA1&digits=6&period=" + std::to_string(kTotpStep_s),
          .secret = text};
}

std::optional<std::int64_t> verify_code(const TotpSecret& secret, std::string_view code, base::Instant now) {
  initialise_oath();
  const bool digits = std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
  if (code.size() != 6 || !digits || now.unix_s < 0) return std::nullopt;
  const std::string text(code);
  int position = 0;
  std::uint64_t counter = 0;
  const int result = oath_totp_validate4(as_chars(secret), secret.size(), static_cast<std::time_t>(now.unix_s),
                                         kTotpStep_s, 0, kTotpWindow, &position, &counter, 0, text.c_str());
  if (result < 0) return std::nullopt;
  return static_cast<std::int64_t>(counter);
}

}  // namespace gateway::session
