#include "clients/mls/core/codec.h"

namespace clients::mls {
namespace {

constexpr std::size_t kOneByteMax = (1U << 6) - 1;
constexpr std::size_t kTwoBytesMax = (1U << 14) - 1;

}  // namespace

LengthHeader length_header(std::size_t length) {
  const auto byte = [length](int shift) { return static_cast<std::uint8_t>(length >> shift); };
  if (length <= kOneByteMax) return {{byte(0)}, 1};
  if (length <= kTwoBytesMax) return {{static_cast<std::uint8_t>(0x40 | byte(8)), byte(0)}, 2};
  return {{static_cast<std::uint8_t>(0x80 | byte(24)), byte(16), byte(8), byte(0)}, 4};
}

void Writer::big_endian(std::uint64_t value, int size_bytes) {
  for (int shift = 8 * (size_bytes - 1); shift >= 0; shift -= 8) u8(static_cast<std::uint8_t>(value >> shift));
}

void Writer::opaque(ByteView bytes) {
  raw(length_header(bytes.size()).view());
  raw(bytes);
}

void Writer::put_header_before(std::size_t begin) {
  const LengthHeader header = length_header(out_.size() - begin);
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(begin), header.bytes.begin(),
              header.bytes.begin() + static_cast<std::ptrdiff_t>(header.size));
}

void Reader::fail(Reason reason, std::uint64_t offset) {
  if (!error_) error_ = Error{reason, offset};
  rest_ = rest_.last(0);
}

ByteView Reader::raw(std::size_t size_bytes) {
  if (error_) return {};
  if (size_bytes > rest_.size()) {
    fail(Reason::kTruncated);
    return {};
  }
  const ByteView out = rest_.first(size_bytes);
  rest_ = rest_.subspan(size_bytes);
  return out;
}

std::uint64_t Reader::big_endian(std::size_t size_bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : raw(size_bytes)) value = value << 8 | byte;
  return value;
}

ByteView Reader::opaque() {
  const std::size_t at = offset();
  const std::uint8_t first = u8();
  const unsigned size_log = first >> 6;
  if (size_log == 3) {
    fail(Reason::kLengthForm, at);
    return {};
  }
  std::size_t length = first & 0x3F;
  for (unsigned i = 1; i < 1U << size_log; ++i) length = length << 8 | u8();
  if (length_header(length).size != std::size_t{1} << size_log) {
    fail(Reason::kLengthForm, at);
    return {};
  }
  return raw(length);
}

ByteView Reader::rest() { return raw(rest_.size()); }

Status Reader::done() const {
  if (error_) return std::unexpected(*error_);
  if (!rest_.empty()) return refuse(Reason::kTrailing, offset());
  return {};
}

void read_raw(Reader& in, std::span<std::uint8_t> out) {
  const ByteView found = in.raw(out.size());
  std::copy(found.begin(), found.end(), out.begin());
}

bool read_presence(Reader& in) {
  const std::size_t at = in.offset();
  const std::uint8_t present = in.u8();
  if (present > 1) in.fail(Reason::kValue, at);
  return present == 1;
}

}  // namespace clients::mls
