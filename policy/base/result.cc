#include "policy/base/result.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace policy::base {
namespace {

struct Decoded {
  std::uint32_t code_point = 0;
  std::size_t size = 0;  // 0: not valid UTF-8 here
};

// RFC 3629: shortest form only, no surrogates, at most U+10FFFF.
Decoded decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : (first & 0xF8) == 0xF0 ? 4 : 0;
  if (size == 0 || text.size() < size) return {};
  std::uint32_t code_point = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code_point = (code_point << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  if (code_point < kSmallest[size] || code_point > 0x10FFFF) return {};
  if (code_point >= 0xD800 && code_point <= 0xDFFF) return {};
  return {code_point, size};
}

bool harmless(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return false;
  if (c >= 0x200B && c <= 0x200F) return false;
  if (c >= 0x2028 && c <= 0x202E) return false;
  if (c >= 0x2060 && c <= 0x206F) return false;
  return c != 0xFEFF && (c < 0xFFF0 || c > 0xFFFB);
}

}  // namespace

std::string printable(std::string_view untrusted, std::size_t size_max) {
  std::string out;
  while (!untrusted.empty()) {
    if (out.size() >= size_max) return out + "…";
    const Decoded decoded = decode_utf8(untrusted);
    std::array<char, 16> escape{};
    if (decoded.size == 0) {
      std::snprintf(escape.data(), escape.size(), "\\x%02X",
                    static_cast<unsigned>(static_cast<std::uint8_t>(untrusted[0])));
      out += escape.data();
      untrusted.remove_prefix(1);
      continue;
    }
    if (harmless(decoded.code_point)) {
      out += untrusted.substr(0, decoded.size);
    } else {
      std::snprintf(escape.data(), escape.size(), decoded.code_point < 0x100 ? "\\x%02X" : "\\u{%04X}",
                    decoded.code_point);
      out += escape.data();
    }
    untrusted.remove_prefix(decoded.size);
  }
  return out;
}

std::string to_string(const Error& error) {
  std::string out;
  if (!error.where.empty()) out += error.where + ": ";
  out += error.seen;
  if (!error.allowed.empty()) out += "; allowed: " + error.allowed;
  if (!error.remedy.empty()) out += "; " + error.remedy;
  return out + " [" + error.code + "]";
}

}  // namespace policy::base
