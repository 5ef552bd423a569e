#include "audit/pseudonym/day_key.h"

#include <sodium.h>

#include <algorithm>

#include "audit/pseudonym/sealing.h"

namespace audit::pseudonym {
namespace {

using policy::base::Bytes;
using policy::base::fail;

constexpr std::string_view kPseudonymDomain{"feierabend pseudonym v2\0", 24};
constexpr std::string_view kCheckDomain{"feierabend day check v1\0", 24};
constexpr std::string_view kShareDomain{"feierabend day share v1\0", 24};
constexpr std::string_view kFirstLine = "feierabend-day v1";

using Part = std::array<std::uint8_t, 32>;

Part combined(const Part& a, const Part& b, const Part& c) {
  Part out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(a[i] ^ b[i] ^ c[i]);
  return out;
}

Result<Bytes> seal(const DayShare& share, const PublicKey& recipient, policy::base::Random& random) {
  SharePlain plain(kShareDomain, share.day.number, share.party);
  plain.bytes = share.bytes;
  plain.check = share.check;
  return seal_share(plain, recipient, random);
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
  auto first = seal(officer, parties.data_protection_officer, random);
  auto second = seal(council, parties.staff_council, random);
  for (auto* share : {&officer, &council}) sodium_memzero(share->bytes.data(), share->bytes.size());
  if (!first) return std::unexpected(first.error());
  if (!second) return std::unexpected(second.error());
  return Parted{{key.day(), std::move(*first), std::move(*second)}, own};
}

Result<DayShare> open_share(const SealedDay& sealed, Party party, const PublicKey& public_key,
                            const SecretKey& secret_key) {
  const Bytes& box = party == Party::kStaffCouncil ? sealed.staff_council : sealed.data_protection_officer;
  SharePlain plain(kShareDomain, sealed.day.number, party);
  if (open_box(box, public_key, secret_key, plain)) return DayShare{sealed.day, party, plain.bytes, plain.check};
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
  return format_boxes(kFirstLine, {day_text(sealed.day), sealed.data_protection_officer, sealed.staff_council});
}

Result<SealedDay> parse_sealed_day(std::string_view text) {
  auto sealed = parse_boxes(text, kFirstLine, "day");
  if (!sealed) return std::unexpected(sealed.error());
  const auto day = parse_day(sealed->when);
  if (!day) return std::unexpected(day.error());
  return SealedDay{*day, std::move(sealed->data_protection_officer), std::move(sealed->staff_council)};
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
