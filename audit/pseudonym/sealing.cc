#include "audit/pseudonym/sealing.h"

#include <sodium.h>

#include <algorithm>

namespace audit::pseudonym {

using policy::base::Bytes;
using policy::base::ByteView;
using policy::base::fail;
using policy::base::from_base64;
using policy::base::to_base64;

std::array<std::uint8_t, 4> big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> keyed_hash(ByteView key, std::string_view domain, ByteView message) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.data(), key.size(), kSize);
  crypto_generichash_update(&state, policy::base::as_bytes(domain).data(), domain.size());
  crypto_generichash_update(&state, message.data(), message.size());
  std::array<std::uint8_t, kSize> out{};
  crypto_generichash_final(&state, out.data(), kSize);
  sodium_memzero(&state, sizeof state);
  return out;
}

template std::array<std::uint8_t, 16> keyed_hash<16>(ByteView, std::string_view, ByteView);
template std::array<std::uint8_t, 32> keyed_hash<32>(ByteView, std::string_view, ByteView);

Result<Bytes> seal_to(const PublicKey& recipient, ByteView plain, policy::base::Random& random) {
  auto seed = random.array<crypto_box_SEEDBYTES>();
  PublicKey ephemeral{};
  SecretKey secret{};
  crypto_box_seed_keypair(ephemeral.data(), secret.data(), seed.data());
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, nonce.size());
  crypto_generichash_update(&state, ephemeral.data(), ephemeral.size());
  crypto_generichash_update(&state, recipient.data(), recipient.size());
  crypto_generichash_final(&state, nonce.data(), nonce.size());
  Bytes out(ephemeral.begin(), ephemeral.end());
  out.resize(plain.size() + crypto_box_SEALBYTES);
  const int done = crypto_box_easy(out.data() + ephemeral.size(), plain.data(), plain.size(), nonce.data(),
                                   recipient.data(), secret.data());
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(secret.data(), secret.size());
  if (done != 0) return fail("epoch.party-key", "a public key of small order", "an X25519 public key of the party");
  return out;
}

namespace {

constexpr std::size_t kSealedSizeMax = 256;

Bytes plain_of(const SharePlain& share) {
  Bytes plain(share.domain.begin(), share.domain.end());
  const auto number = big_endian(share.number);
  plain.insert(plain.end(), number.begin(), number.end());
  plain.push_back(static_cast<std::uint8_t>(share.party));
  plain.insert(plain.end(), share.bytes.begin(), share.bytes.end());
  plain.insert(plain.end(), share.check.begin(), share.check.end());
  return plain;
}

}  // namespace

SharePlain::~SharePlain() { sodium_memzero(bytes.data(), bytes.size()); }

Result<Bytes> seal_share(const SharePlain& share, const PublicKey& recipient, policy::base::Random& random) {
  Bytes plain = plain_of(share);
  auto sealed = seal_to(recipient, plain, random);
  sodium_memzero(plain.data(), plain.size());
  return sealed;
}

bool open_box(const Bytes& box, const PublicKey& public_key, const SecretKey& secret_key, SharePlain& share) {
  Bytes plain(share.domain.size() + 4 + 1 + 32 + 32);
  bool good = box.size() == plain.size() + crypto_box_SEALBYTES &&
              crypto_box_seal_open(plain.data(), box.data(), box.size(), public_key.data(), secret_key.data()) == 0;
  if (good) {
    std::copy_n(plain.end() - 64, 32, share.bytes.begin());
    std::copy_n(plain.end() - 32, 32, share.check.begin());
    Bytes expected = plain_of(share);
    good = expected == plain;
    sodium_memzero(expected.data(), expected.size());
  }
  sodium_memzero(plain.data(), plain.size());
  return good;
}

std::string format_boxes(std::string_view first_line, const SealedText& sealed) {
  return std::string(first_line) + "\n" + sealed.when + "\ndpo " + to_base64(sealed.data_protection_officer) +
         "\ncouncil " + to_base64(sealed.staff_council) + "\n";
}

Result<SealedText> parse_boxes(std::string_view text, std::string_view first_line, std::string_view what) {
  const auto bad = [&](std::string_view seen) {
    return fail("epoch.syntax", std::string(seen),
                "'" + std::string(first_line) + "', the " + std::string(what) + ", 'dpo …', 'council …'");
  };
  std::array<std::string_view, 4> lines;
  for (auto& line : lines) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return bad("fewer than four lines");
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  if (!text.empty() || lines[0] != first_line || !lines[2].starts_with("dpo ") || !lines[3].starts_with("council "))
    return bad("another form");
  auto officer = from_base64(lines[2].substr(4)), council = from_base64(lines[3].substr(8));
  if (!officer || !council || officer->size() > kSealedSizeMax || council->size() > kSealedSizeMax)
    return bad("a share that is not base64 of at most 256 bytes");
  return SealedText{std::string(lines[1]), std::move(*officer), std::move(*council)};
}

}  // namespace audit::pseudonym
