#include "audit/pseudonym/day_key.h"

#include <sodium.h>

#include <algorithm>

#include "audit/pseudonym/sealing.h"

namespace audit::pseudonym {
namespace {

using policy::base::Bytes;
using policy::base::fail;
using policy::base::to_base64;

constexpr std::string_view kPseudonymDomain{"feierabend pseudonym v2\0", 24};
constexpr std::string_view kCheckDomain{"feierabend day check v1\0", 24};
constexpr std::string_view kShareDomain{"feierabend day share v1\0", 24};
constexpr std::string_view kFirstLine = "feierabend-day v1";
constexpr std::size_t kSharePlainSize = kShareDomain.size() + 4 + 1 + 32 + 32;
constexpr std::size_t kSealedSizeMax = 256;

using Part = std::array<std::uint8_t, 32>;

Part combined(const Part& a, const Part& b, const Part& c) {
  Part out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(a[i] ^ b[i] ^ c[i]);
  return out;
}

Bytes share_plain(const DayShare& share) {
  Bytes plain(kShareDomain.begin(), kShareDomain.end());
  const auto day = big_endian(share.day.number);
  plain.insert(plain.end(), day.begin(), day.end());
  plain.push_back(static_cast<std::uint8_t>(share.party));
  plain.insert(plain.end(), share.bytes.begin(), share.bytes.end());
  plain.insert(plain.end(), share.check.begin(), share.check.end());
  return plain;
}

Result<Bytes> seal_share(const DayShare& share, const PublicKey& recipient, policy::base::Random& random) {
  Bytes plain = share_plain(share);
  auto sealed = seal_to(recipient, plain, random);
  sodium_memzero(plain.data(), plain.size());
  return sealed;
}

std::unexpected<policy::base::Error> bad_sealed(std::string_view seen) {
  return fail("epoch.syntax", std::string(seen), "'feierabend-day v1', the day, 'dpo …', 'council …'");
}

}  // namespace

DayKey DayKey::generate(Day day, policy::base::Random& random) { return {day, random.array<32>()}; }

DayKey::~DayKey() { sodium_memzero(bytes_.data(), bytes_.size()); }
GatewayPart::~GatewayPart() { sodium_memzero(bytes.data(), bytes.size()); }

Pseudonym DayKey::of(std::string_view person) const {
  return Pseudonym{keyed_hash<16>(bytes_, kPseudonymDomain, policy::base::as_bytes(person))};
}

std::array<std::uint8_t, 32> DayKey::check() const {
  return keyed_hash<32>(bytes_, kCheckDomain, big_endian(day_.number));
}

Result<Parted> part(const DayKey& key, const PartyKeys& parties, policy::base::Random& random) {
  DayShare officer{key.day(), Party::kDataProtectionOfficer, random.array<32>(), key.check()};
  DayShare council{key.day(), Party::kStaffCouncil, random.array<32>(), key.check()};
  const GatewayPart own(key.day(), combined(key.bytes(), officer.bytes, council.bytes));
  auto first = seal_share(officer, parties.data_protection_officer, random);
  auto second = seal_share(council, parties.staff_council, random);
  for (auto* share : {&officer, &council}) sodium_memzero(share->bytes.data(), share->bytes.size());
  if (!first) return std::unexpected(first.error());
  if (!second) return std::unexpected(second.error());
  return Parted{{key.day(), std::move(*first), std::move(*second)}, own};
}

Result<DayShare> open_share(const SealedDay& sealed, Party party, const PublicKey& public_key,
                            const SecretKey& secret_key) {
  const Bytes& box = party == Party::kStaffCouncil ? sealed.staff_council : sealed.data_protection_officer;
  std::array<std::uint8_t, kSharePlainSize> plain{};
  DayShare share{sealed.day, party, {}, {}};
  bool good = box.size() == kSharePlainSize + crypto_box_SEALBYTES &&
              crypto_box_seal_open(plain.data(), box.data(), box.size(), public_key.data(), secret_key.data()) == 0;
  if (good) {
    std::copy_n(plain.end() - 64, 32, share.bytes.begin());
    std::copy_n(plain.end() - 32, 32, share.check.begin());
    good = std::ranges::equal(share_plain(share), plain);  // the domain, the day and the party inside are as claimed
  }
  sodium_memzero(plain.data(), plain.size());
  if (good) return share;
  return fail("epoch.share", "a share that does not open", "the sealed share of this party for " + day_text(sealed.day),
              "check that key and file belong together");
}

Result<DayKey> combine(const DayShare& one, const DayShare& other, const GatewayPart& part) {
  if (one.party == other.party)
    return fail("epoch.two-parties", "two shares of one party",
                "one of the data protection officer, one of the council");
  if (one.day != other.day || one.day != part.day)
    return fail("epoch.mismatch", "parts of different days", "three parts of the same day");
  Part bytes = combined(one.bytes, other.bytes, part.bytes);
  DayKey key(one.day, bytes);
  sodium_memzero(bytes.data(), bytes.size());
  if (key.check() != one.check || key.check() != other.check)
    return fail("epoch.mismatch", "parts that belong to different keys", "three parts of one sealing");
  return key;
}

std::string format_sealed(const SealedDay& sealed) {
  return std::string(kFirstLine) + "\n" + day_text(sealed.day) + "\ndpo " + to_base64(sealed.data_protection_officer) +
         "\ncouncil " + to_base64(sealed.staff_council) + "\n";
}

Result<SealedDay> parse_sealed_day(std::string_view text) {
  std::array<std::string_view, 4> lines;
  for (auto& line : lines) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return bad_sealed("fewer than four lines");
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  if (!text.empty() || lines[0] != kFirstLine || !lines[2].starts_with("dpo ") || !lines[3].starts_with("council "))
    return bad_sealed("another form");
  const auto day = parse_day(lines[1]);
  if (!day) return std::unexpected(day.error());
  auto officer = policy::base::from_base64(lines[2].substr(4)), council = policy::base::from_base64(lines[3].substr(8));
  if (!officer || !council || officer->size() > kSealedSizeMax || council->size() > kSealedSizeMax)
    return bad_sealed("a share that is not base64 of at most 256 bytes");
  return SealedDay{*day, std::move(*officer), std::move(*council)};
}

std::string format_part(const GatewayPart& part) { return day_text(part.day) + " " + policy::base::to_hex(part.bytes); }

Result<GatewayPart> parse_part(std::string_view line) {
  const auto day = parse_day(line.substr(0, 10));
  const auto bytes = policy::base::from_hex(line.size() == 10 + 1 + 64 && line[10] == ' ' ? line.substr(11) : "");
  if (!day || !bytes || bytes->size() != 32 || policy::base::to_hex(*bytes) != line.substr(11))
    return fail("epoch.syntax", "a part of the gateway that cannot be read", "a day and 64 hexadecimal digits");
  GatewayPart part;
  part.day = *day;
  std::ranges::copy(*bytes, part.bytes.begin());
  return part;
}

}  // namespace audit::pseudonym
