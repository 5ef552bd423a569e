#include "clients/core/payload.h"

#include <algorithm>
#include <array>

namespace clients::core {
namespace base = policy::base;

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kClassMax = 4;

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

// Length of the sequence that this byte begins, and the smallest code point that may need it; 0: begins none.
struct Lead {
  std::size_t size;
  std::uint32_t bits;
  std::uint32_t least;
};

Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {1, byte, 0};
  if ((byte & 0xE0) == 0xC0) return {2, byte & 0x1FU, 0x80};
  if ((byte & 0xF0) == 0xE0) return {3, byte & 0x0FU, 0x800};
  if ((byte & 0xF8) == 0xF0) return {4, byte & 0x07U, 0x10000};
  return {0, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto [size, bits, least] = lead_of(byte_at(text, at));
    if (size == 0 || text.size() - at < size) return false;
    std::uint32_t code = bits;
    for (std::size_t i = 1; i < size; ++i) {
      if ((byte_at(text, at + i) & 0xC0) != 0x80) return false;
      code = (code << 6) | (byte_at(text, at + i) & 0x3FU);
    }
    if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    at += size;
  }
  return true;
}

base::Bytes encode(const Payload& payload) {
  base::Bytes out{kFormat, payload.message_class};
  const auto written = static_cast<std::uint64_t>(payload.written_at.unix_s);
  for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(written >> (8 * (7 - i))));
  out.insert(out.end(), payload.text.begin(), payload.text.end());
  return out;
}

base::Result<Payload> parse_payload(base::ByteView bytes) {
  const auto bad = [](std::string seen, std::string allowed) {
    return base::fail("payload.syntax", std::move(seen), std::move(allowed), "update the older of the two apps");
  };
  if (bytes.size() <= kPayloadHeadBytes || bytes[0] != kFormat)
    return bad("content of " + std::to_string(bytes.size()) + " bytes in an unknown format",
               "content of format 1 with text");
  if (bytes[1] < 1 || bytes[1] > kClassMax) return bad("class " + std::to_string(bytes[1]), "1 to 4");
  std::uint64_t written = 0;
  for (std::size_t i = 2; i < kPayloadHeadBytes; ++i) written = (written << 8) | bytes[i];
  const base::Instant written_at{static_cast<std::int64_t>(written)};
  if (written_at < base::kBeginningOfTime || written_at > base::kEndOfTime)
    return bad("a time out of range", "years 1 to 9999");
  const auto text = base::as_text(bytes.subspan(kPayloadHeadBytes));
  if (!is_utf8(text)) return bad("text that is not UTF-8", "UTF-8");
  return Payload{bytes[1], written_at, std::string(text)};
}

}  // namespace clients::core
