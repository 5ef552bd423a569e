// The presentation language of RFC 9420 § 2.1: big-endian integers, optional values, and vectors with a variable-size
// length header (RFC 9000 § 16 without the eight-byte form), which must be in its shortest form.
//
// A type T of the wire has `void write(Writer&, const T&)` and `void read(Reader&, T&)` beside its declaration; then
// encode(t), parse<T>(bytes), write_vector and read_vector work for it.
//
// A Reader fails once: after the first error every read gives zeros and empty views, so that a decoder reads straight
// through and asks at the end. What it allocates is bounded by what it has read.
#pragma once

#include <algorithm>
#include <optional>

#include "clients/mls/core/bytes.h"
#include "clients/mls/core/result.h"

namespace clients::mls {

// The largest message (§ 6) taken from the wire: a Welcome into a group of 23,000 with its tree has about 8 MB.
constexpr std::size_t kMessageBytesMax = 32 * 1024 * 1024;

// The length header of a vector<V>, § 2.1.2: the two highest bits are the logarithm of its size. `length` is below
// 2^30.
struct LengthHeader {
  std::array<std::uint8_t, 4> bytes{};
  std::size_t size = 0;
  ByteView view() const { return {bytes.data(), size}; }
};
LengthHeader length_header(std::size_t length);

class Writer {  // § 2.1
 public:
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { big_endian(value, 2); }
  void u32(std::uint32_t value) { big_endian(value, 4); }
  void u64(std::uint64_t value) { big_endian(value, 8); }
  void raw(ByteView bytes) { append(out_, bytes); }
  void opaque(ByteView bytes);  // opaque<V>, § 2.1.2
  // What `body` writes, as a vector<V>, § 2.1.2.
  template <typename Body>
  void vector(Body&& body) {
    const std::size_t begin = out_.size();
    body(*this);
    put_header_before(begin);
  }

  const Bytes& bytes() const { return out_; }  // § 2.1: what was written
  Bytes take() { return std::move(out_); }
  void reserve(std::size_t size_bytes) { out_.reserve(size_bytes); }

 private:
  void big_endian(std::uint64_t value, int size_bytes);
  void put_header_before(std::size_t begin);

  Bytes out_;
};

class Reader {  // § 2.1
 public:
  // `input` outlives the reader and every view it gives.
  explicit Reader(ByteView input) : begin_(input.data()), rest_(input) {}
  // A reader of a part inherits the failure, and gives its own back when it dies.
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }  // RFC 8446 § 3.3
  std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint64_t u64() { return big_endian(8); }
  ByteView raw(std::size_t size_bytes);
  ByteView opaque();  // opaque<V>, § 2.1.2; a view into the input
  ByteView rest();    // everything that is left

  // opaque<V> (§ 2.1.2) of exactly this size.
  template <std::size_t kSize>
  void fixed(std::array<std::uint8_t, kSize>& out) {
    const std::size_t at = offset();
    const ByteView bytes = opaque();
    if (bytes.size() == kSize)
      std::copy(bytes.begin(), bytes.end(), out.begin());
    else
      fail(Reason::kValue, at);
  }

  // Calls each(reader) until the body of a vector<V> (§ 2.1.2) is used up or something failed.
  template <typename Each>
  void vector(Each&& each) {
    Reader body(opaque(), *this);
    while (!body.failed() && !body.rest_.empty()) each(body);
    if (body.error_) fail(body.error_->reason, body.error_->detail);
  }

  bool failed() const { return error_.has_value(); }  // malformed, § 2.1
  // The first failure, or that something is left over.
  Status done() const;
  bool empty() const { return rest_.empty(); }
  std::size_t offset() const { return static_cast<std::size_t>(rest_.data() - begin_); }
  void fail(Reason reason) { fail(reason, offset()); }
  void fail(Reason reason, std::uint64_t offset);

 private:
  Reader(ByteView part, const Reader& whole) : begin_(whole.begin_), rest_(part), error_(whole.error_) {}
  std::uint64_t big_endian(std::size_t size_bytes);

  const std::uint8_t* begin_;
  ByteView rest_;
  std::optional<Error> error_;
};

template <typename T>
Bytes encode(const T& value) {  // § 2.1
  Writer out;
  write(out, value);
  return out.take();
}

// § 2.1: exactly one T. Errors: those of decoding; detail is the offset.
template <typename T>
Result<T> parse(ByteView bytes) {
  if (bytes.size() > kMessageBytesMax) return refuse(Reason::kTooLarge);
  Reader in(bytes);
  T value;
  read(in, value);
  if (const Status done = in.done(); !done) return std::unexpected(done.error());
  return value;
}

template <typename T>
void write_vector(Writer& out, const std::vector<T>& values) {  // T values<V>, § 2.1.2
  out.vector([&](Writer& body) {
    for (const T& value : values) write(body, value);
  });
}

// At most `most` elements (kTooLarge), where an element takes much more room than its bytes, or where all are compared.
template <typename T>
void read_vector(Reader& in, std::vector<T>& values, std::size_t most = kMessageBytesMax) {  // § 2.1.2
  in.vector([&](Reader& body) {
    if (values.size() == most) return body.fail(Reason::kTooLarge);
    read(body, values.emplace_back());
  });
}

template <typename T>
void write_optional(Writer& out, const std::optional<T>& value) {  // § 2.1.1
  out.u8(value ? 1 : 0);
  if (value) write(out, *value);
}

// The presence octet is 0 or 1 (§ 2.1.1).
bool read_presence(Reader& in);

template <typename T>
void read_optional(Reader& in, std::optional<T>& value) {  // § 2.1.1
  if (read_presence(in)) read(in, value.emplace());
}

// Bytes without a length before them: opaque out[n], RFC 8446 § 3.4.
void read_raw(Reader& in, std::span<std::uint8_t> out);

inline void write(Writer& out, std::uint16_t value) { out.u16(value); }  // RFC 8446 § 3.3
inline void write(Writer& out, std::uint32_t value) { out.u32(value); }
inline void read(Reader& in, std::uint16_t& value) { value = in.u16(); }
inline void read(Reader& in, std::uint32_t& value) { value = in.u32(); }

}  // namespace clients::mls
