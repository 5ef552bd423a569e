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
constexpr std::size_t kSharePlainSize = kShareDomain.size() + 4 + 1 + 32 + 32;
constexpr std::size_t kSealedSizeMax = 256;

std::chrono::year_month_day date_of(policy::base::Instant instant) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(instant.unix_s)));
}

Bytes share_plain(const Share& share) {
  Bytes plain(kShareDomain.begin(), kShareDomain.end());
  const auto epoch = big_endian(share.epoch.month);
  plain.insert(plain.end(), epoch.begin(), epoch.end());
  plain.push_back(static_cast<std::uint8_t>(share.party));
  plain.insert(plain.end(), share.bytes.begin(), share.bytes.end());
  plain.insert(plain.end(), share.check.begin(), share.check.end());
  return plain;
}

std::unexpected<policy::base::Error> bad_sealed(std::string_view seen) {
  return fail("epoch.syntax", std::string(seen), "'feierabend-epoch v1', the month, 'dpo …', 'council …'");
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
  Bytes officer_plain = share_plain(officer), council_plain = share_plain(council);
  auto first = seal_to(parties.data_protection_officer, officer_plain, random);
  auto second = seal_to(parties.staff_council, council_plain, random);
  for (auto* secret : {&officer_plain, &council_plain}) sodium_memzero(secret->data(), secret->size());
  for (auto* share : {&officer, &council}) sodium_memzero(share->bytes.data(), share->bytes.size());
  if (!first) return std::unexpected(first.error());
  if (!second) return std::unexpected(second.error());
  return SealedEpoch{key.epoch(), std::move(*first), std::move(*second)};
}

Result<Share> open_share(const SealedEpoch& sealed, Party party, const PublicKey& public_key,
                         const SecretKey& secret_key) {
  const Bytes& box = party == Party::kStaffCouncil ? sealed.staff_council : sealed.data_protection_officer;
  std::array<std::uint8_t, kSharePlainSize> plain{};
  Share share{sealed.epoch, party, {}, {}};
  bool good = box.size() == kSharePlainSize + crypto_box_SEALBYTES &&
              crypto_box_seal_open(plain.data(), box.data(), box.size(), public_key.data(), secret_key.data()) == 0;
  if (good) {
    std::copy_n(plain.end() - 64, 32, share.bytes.begin());
    std::copy_n(plain.end() - 32, 32, share.check.begin());
    good = std::ranges::equal(share_plain(share), plain);  // the domain, the month and the party inside are as claimed
  }
  sodium_memzero(plain.data(), plain.size());
  if (good) return share;
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
  return "feierabend-epoch v1\n" + epoch_text(sealed.epoch) + "\ndpo " +
         policy::base::to_base64(sealed.data_protection_officer) + "\ncouncil " +
         policy::base::to_base64(sealed.staff_council) + "\n";
}

Result<SealedEpoch> parse_sealed(std::string_view text) {
  std::array<std::string_view, 4> lines;
  for (auto& line : lines) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return bad_sealed("fewer than four lines");
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  if (!text.empty() || lines[0] != "feierabend-epoch v1" || !lines[2].starts_with("dpo ") ||
      !lines[3].starts_with("council "))
    return bad_sealed("another form");
  auto epoch = parse_epoch(lines[1]);
  if (!epoch) return std::unexpected(epoch.error());
  auto officer = policy::base::from_base64(lines[2].substr(4)), council = policy::base::from_base64(lines[3].substr(8));
  if (!officer || !council || officer->size() > kSealedSizeMax || council->size() > kSealedSizeMax)
    return bad_sealed("a share that is not base64 of at most 256 bytes");
  return SealedEpoch{*epoch, std::move(*officer), std::move(*council)};
}

}  // namespace audit::pseudonym
