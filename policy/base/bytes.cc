#include "policy/base/bytes.h"

#include <sodium.h>

namespace policy::base {
namespace {

std::string encode(ByteView bytes, int variant) {
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), variant);
  out.pop_back();  // the terminating zero
  return out;
}

Result<Bytes> decode(std::string_view text, int variant) {
  Bytes out(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  const char* end = nullptr;
  const bool read =
      sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end, variant) == 0 &&
      end == text.data() + text.size();
  out.resize(read ? size : 0);
  // libsodium 1.0.18 takes bytes above 0x7F for digits; only what we would write ourselves is strict.
  if (!read || encode(out, variant) != text) {
    return fail("base64.syntax", "'" + printable(text) + "'",
                variant == sodium_base64_VARIANT_ORIGINAL ? "base64 with padding (RFC 4648 § 4)"
                                                          : "base64url without padding (RFC 4648 § 5)");
  }
  return out;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();
  return out;
}

Result<Bytes> from_hex(std::string_view text) {
  Bytes out(text.size() / 2 + 1);  // never empty: libsodium wants a place even for nothing
  std::size_t size = 0;
  const char* end = nullptr;
  if (text.size() % 2 != 0 ||
      sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end) != 0 ||
      end != text.data() + text.size()) {
    return fail("hex.syntax", "'" + printable(text) + "'", "an even number of hexadecimal digits");
  }
  out.resize(size);
  return out;
}

std::string to_base64(ByteView bytes) { return encode(bytes, sodium_base64_VARIANT_ORIGINAL); }
Result<Bytes> from_base64(std::string_view text) { return decode(text, sodium_base64_VARIANT_ORIGINAL); }
std::string to_base64url(ByteView bytes) { return encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }
Result<Bytes> from_base64url(std::string_view text) { return decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }

bool equal_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace policy::base
