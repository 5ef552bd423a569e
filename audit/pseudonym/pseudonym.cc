#include "audit/pseudonym/pseudonym.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "audit/pseudonym/sealing.h"

namespace audit::pseudonym {
namespace {

using policy::base::Bytes;
using policy::base::ByteView;
using policy::base::fail;
using policy::base::printable;

constexpr std::string_view kPseudonymDomain{"feierabend pseudonym v1\0", 24};
constexpr std::string_view kCheckDomain{"feierabend epoch check v1\0", 26};
constexpr std::string_view kInputDomain{"feierabend input key v1\0", 24};
constexpr std::string_view kShareDomain{"feierabend share v1\0", 20};
constexpr std::string_view kFirstLine = "feierabend-epoch v1";

std::chrono::year_month_day date_of(policy::base::Instant instant) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(instant.unix_s)));
}

Result<Bytes> seal_share_of(const Share& share, const PublicKey& recipient, policy::base::Random& random) {
  SharePlain plain(kShareDomain, share.epoch.month, share.party);
  plain.bytes = share.bytes;
  plain.check = share.check;
  return seal_share(plain, recipient, random);
}

}  // namespace

Epoch epoch_of(policy::base::Instant instant) {
  const auto date = date_of(instant);
  return {static_cast<std::uint32_t>(static_cast<int>(date.year())) * 12 + static_cast<unsigned>(date.month()) - 1};
}

int year_of(policy::base::Instant instant) { return static_cast<int>(date_of(instant).year()); }

std::string epoch_text(Epoch epoch) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%04u-%02u", epoch.month / 12, epoch.month % 12 + 1);
  return text.data();
}

Result<Epoch> parse_epoch(std::string_view text) {
  unsigned year = 0, month = 0;
  if (text.size() == 7) {
    std::from_chars(text.data(), text.data() + 4, year);
    std::from_chars(text.data() + 5, text.data() + 7, month);
  }
  if (month >= 1 && month <= 12 && epoch_text({year * 12 + month - 1}) == text) return Epoch{year * 12 + month - 1};
  return fail("epoch.syntax", "'" + printable(text) + "'", "a month as 2026-11");
}

EpochKey EpochKey::generate(Epoch epoch, policy::base::Random& random) { return {epoch, random.array<32>()}; }

EpochKey::~EpochKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

Pseudonym EpochKey::of(std::string_view person) const {
  return Pseudonym{keyed_hash<16>(bytes_, kPseudonymDomain, policy::base::as_bytes(person))};
}

std::array<std::uint8_t, 32> EpochKey::check() const {
  return keyed_hash<32>(bytes_, kCheckDomain, big_endian(epoch_.month));
}

std::array<std::uint8_t, 32> EpochKey::input_key() const {
  return keyed_hash<32>(bytes_, kInputDomain, big_endian(epoch_.month));
}

KeyPair generate_pair(policy::base::Random& random) {
  KeyPair pair;
  random.fill(pair.secret_key);
  pair.public_key = public_key_of(pair.secret_key);
  return pair;
}

PublicKey public_key_of(const SecretKey& secret_key) {
  PublicKey public_key{};
  crypto_scalarmult_base(public_key.data(), secret_key.data());
  return public_key;
}

Result<SealedEpoch> seal(const EpochKey& key, const PartyKeys& parties, policy::base::Random& random) {
  Share officer{key.epoch(), Party::kDataProtectionOfficer, random.array<32>(), key.check()};
  Share council{key.epoch(), Party::kStaffCouncil, {}, key.check()};
  for (std::size_t i = 0; i < 32; ++i) council.bytes[i] = static_cast<std::uint8_t>(key.bytes()[i] ^ officer.bytes[i]);
  auto first = seal_share_of(officer, parties.data_protection_officer, random);
  auto second = seal_share_of(council, parties.staff_council, random);
  for (auto* share : {&officer, &council}) sodium_memzero(share->bytes.data(), share->bytes.size());
  if (!first) return std::unexpected(first.error());
  if (!second) return std::unexpected(second.error());
  return SealedEpoch{key.epoch(), std::move(*first), std::move(*second)};
}

Result<Share> open_share(const SealedEpoch& sealed, Party party, const PublicKey& public_key,
                         const SecretKey& secret_key) {
  const Bytes& box = party == Party::kStaffCouncil ? sealed.staff_council : sealed.data_protection_officer;
  SharePlain plain(kShareDomain, sealed.epoch.month, party);
  if (open_box(box, public_key, secret_key, plain)) return Share{sealed.epoch, party, plain.bytes, plain.check};
  return fail("epoch.share", "a share that does not open",
              "the sealed share of this party for " + epoch_text(sealed.epoch),
              "check that key and file belong together");
}

Result<EpochKey> combine(const Share& one, const Share& other) {
  if (one.party == other.party)
    return fail("epoch.two-parties", "two shares of one party",
                "one of the data protection officer, one of the council");
  if (one.epoch != other.epoch) return fail("epoch.mismatch", "shares of two months", "two shares of the same month");
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(one.bytes[i] ^ other.bytes[i]);
  EpochKey key(one.epoch, bytes);
  sodium_memzero(bytes.data(), bytes.size());
  if (key.check() != one.check || key.check() != other.check)
    return fail("epoch.mismatch", "two shares that belong to different keys", "two shares of one sealing");
  return key;
}

std::string format_sealed(const SealedEpoch& sealed) {
  return format_boxes(kFirstLine, {epoch_text(sealed.epoch), sealed.data_protection_officer, sealed.staff_council});
}

Result<SealedEpoch> parse_sealed(std::string_view text) {
  auto sealed = parse_boxes(text, kFirstLine, "month");
  if (!sealed) return std::unexpected(sealed.error());
  const auto epoch = parse_epoch(sealed->when);
  if (!epoch) return std::unexpected(epoch.error());
  return SealedEpoch{*epoch, std::move(sealed->data_protection_officer), std::move(sealed->staff_council)};
}

}  // namespace audit::pseudonym
