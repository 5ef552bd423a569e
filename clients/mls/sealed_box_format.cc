#include "clients/mls/sealed_box_format.h"

#include <algorithm>
#include <bit>
#include <string>
#include <string_view>

namespace clients::mls {
namespace base = policy::base;

namespace {

constexpr std::string_view kMagic = "FSB1";
constexpr std::size_t kTagBytes = 16;

void put(base::Bytes& out, base::ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void put_number(base::Bytes& out, std::size_t value, unsigned bytes) {
  while (bytes-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * bytes)));
}

std::unexpected<base::Error> syntax(std::string seen, std::string allowed) {
  return base::fail("cipher.syntax", std::move(seen), std::move(allowed),
                    "the sender's app and this one must speak the same format; update the older one");
}

// Takes fields off the front; after the first that does not fit, everything it returns is empty.
class Reader {
 public:
  explicit Reader(base::ByteView bytes) : rest_(bytes) {}

  bool take(std::span<std::uint8_t> field) {
    if (rest_.size() < field.size()) return whole_ = false;
    std::copy_n(rest_.begin(), field.size(), field.begin());
    rest_ = rest_.subspan(field.size());
    return whole_;
  }
  std::size_t number(std::size_t bytes) {
    std::array<std::uint8_t, 4> raw{};
    if (!take(std::span(raw).first(bytes))) return 0;
    std::size_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = (value << 8) | raw[i];
    return value;
  }
  std::size_t left() const { return rest_.size(); }
  bool whole() const { return whole_; }

 private:
  base::ByteView rest_;
  bool whole_ = true;
};

bool is_size_class(std::size_t bytes) {
  return bytes >= kSizeClassMin && bytes <= kSizeClassMax && std::has_single_bit(bytes);
}

base::Status read_recipients(Reader& in, SealedBox& box) {
  const std::size_t count = in.number(2);
  if (count > kRecipientsMax)
    return syntax("a message for " + std::to_string(count) + " devices", "at most " + std::to_string(kRecipientsMax));
  if (in.left() < count * (base::DeviceId::kSizeBytes + kSealedKeyBytes))
    return syntax("a message that ends within its recipients", "as many recipients as it announces");
  box.recipients.resize(count);
  for (auto& recipient : box.recipients) {
    in.take(recipient.device.bytes);
    in.take(recipient.sealed_key);
  }
  const auto not_rising = [](const Recipient& a, const Recipient& b) { return a.device >= b.device; };
  if (std::ranges::adjacent_find(box.recipients, not_rising) != box.recipients.end())
    return syntax("recipients out of order or named twice", "device ids in rising order, each once");
  return {};
}

}  // namespace

std::size_t size_class(std::size_t plaintext_bytes) {
  return std::max(kSizeClassMin, std::bit_ceil(plaintext_bytes + 1));
}

base::Bytes encode_unsigned(const SealedBox& box) {
  base::Bytes out;
  out.reserve(64 + 96 * box.recipients.size() + box.body.size() + box.signature.size());
  put(out, base::as_bytes(kMagic));
  put(out, box.message.view());
  put(out, box.nonce);
  put_number(out, box.recipients.size(), 2);
  for (const auto& recipient : box.recipients) {
    put(out, recipient.device.view());
    put(out, recipient.sealed_key);
  }
  put_number(out, box.body.size(), 4);
  put(out, box.body);
  return out;
}

base::Bytes encode(const SealedBox& box) {
  base::Bytes out = encode_unsigned(box);
  put(out, box.signature);
  return out;
}

base::Result<SealedBox> parse_sealed_box(base::ByteView bytes) {
  Reader in(bytes);
  SealedBox box;
  std::array<std::uint8_t, 4> magic{};
  in.take(magic);
  if (!in.whole() || base::as_text(magic) != kMagic)
    return syntax(std::to_string(bytes.size()) + " bytes that do not begin with FSB1", "a sealed box of format 1");
  in.take(box.message.bytes);
  in.take(box.nonce);
  if (auto status = read_recipients(in, box); !status) return std::unexpected(status.error());
  const std::size_t body_bytes = in.number(4);
  if (!in.whole()) return syntax("a message that ends within its head", "a whole head");
  if (body_bytes < kTagBytes || !is_size_class(body_bytes - kTagBytes))
    return syntax("a body of " + std::to_string(body_bytes) + " bytes", "a power of two from 256 to 32768, plus 16");
  if (in.left() != body_bytes + box.signature.size())
    return syntax(std::to_string(in.left()) + " bytes after the head",
                  std::to_string(body_bytes + box.signature.size()) + ": body and signature, nothing more");
  box.body.resize(body_bytes);
  in.take(box.body);
  in.take(box.signature);
  return box;
}

}  // namespace clients::mls
