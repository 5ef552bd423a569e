// Pseudonyms that change every day, and the parting of each day's key among three: two parties and the gateway.
//
//   pseudonym     = BLAKE2b-128(key = day key, "feierabend pseudonym v2" ‖ 0x00 ‖ person)
//   check         = BLAKE2b-256(key = day key, "feierabend day check v1" ‖ 0x00 ‖ day)
//   share DPO     = 32 random bytes;  share council = 32 random bytes
//   gateway part  = day key XOR share DPO XOR share council
//   sealed        = crypto_box_seal(party's X25519 key,
//                                   "feierabend day share v1" ‖ 0x00 ‖ day ‖ party ‖ share ‖ check)
//
// Any two of the three are random bytes: they say nothing about the key. So the two parties open nothing without the
// gateway, which releases its part of a day only after the opening stands in the log (opening/opening.h), and the
// gateway opens nothing without both of them. Who has all three of a day can compute that day's pseudonyms and no
// other day's: the slice of an opening is limited by what is released, not by what a program refrains from.
//
// What it costs: a file of some 400 bytes a day, and that the same person's entries of two days cannot be told to
// belong together without opening both. While a day lasts the gateway has its key, because it has to make pseudonyms.
// A gateway part that is lost makes its day unopenable for good: back up `days/*.part`, never `days/*.key`.
//
// Pure: time and randomness come in. Values; safe from any thread. DayKey and GatewayPart wipe themselves.
#pragma once

#include "audit/pseudonym/day.h"
#include "audit/pseudonym/pseudonym.h"

namespace audit::pseudonym {

class DayKey {
 public:
  DayKey(Day day, const std::array<std::uint8_t, 32>& bytes) : day_(day), bytes_(bytes) {}
  static DayKey generate(Day day, policy::base::Random& random);
  DayKey(const DayKey&) = default;
  DayKey& operator=(const DayKey&) = default;
  ~DayKey();

  Day day() const { return day_; }
  const std::array<std::uint8_t, 32>& bytes() const { return bytes_; }  // secret
  Pseudonym of(std::string_view person) const;
  std::array<std::uint8_t, 32> check() const;
  bool operator==(const DayKey&) const = default;

 private:
  Day day_;
  std::array<std::uint8_t, 32> bytes_;
};

// Where the log's writer gets the key of a day. Implementations part and keep it, durably, before it is first used, and
// are safe from any thread. Errors: epoch.* and what their storage returns.
class DaySource {
 public:
  virtual ~DaySource() = default;
  virtual Result<DayKey> key_for(Day day) = 0;
};

// What the gateway keeps of a day, and releases.
struct GatewayPart {
  GatewayPart() = default;
  GatewayPart(Day of, const std::array<std::uint8_t, 32>& part) : day(of), bytes(part) {}
  GatewayPart(const GatewayPart&) = default;
  GatewayPart& operator=(const GatewayPart&) = default;
  ~GatewayPart();

  Day day;
  std::array<std::uint8_t, 32> bytes{};
  bool operator==(const GatewayPart&) const = default;
};

// What lies in the open: useless without both secret keys and the gateway's part.
struct SealedDay {
  Day day;
  policy::base::Bytes data_protection_officer;
  policy::base::Bytes staff_council;
  bool operator==(const SealedDay&) const = default;
};

struct Parted {
  SealedDay sealed;
  GatewayPart part;
};

// Error: epoch.party-key (a public key on which nothing can be sealed).
Result<Parted> part(const DayKey& key, const PartyKeys& parties, policy::base::Random& random);

struct DayShare {
  Day day;
  Party party = Party::kDataProtectionOfficer;
  std::array<std::uint8_t, 32> bytes{};
  std::array<std::uint8_t, 32> check{};
};

// Error: epoch.share (not sealed for this party or key, or altered).
Result<DayShare> open_share(const SealedDay& sealed, Party party, const PublicKey& public_key,
                            const SecretKey& secret_key);

// Errors: epoch.two-parties (two shares of one party), epoch.mismatch (of different days or keys).
Result<DayKey> combine(const DayShare& one, const DayShare& other, const GatewayPart& part);

// "feierabend-day v1\n<day>\ndpo <base64>\ncouncil <base64>\n". Error: epoch.syntax.
std::string format_sealed(const SealedDay& sealed);
Result<SealedDay> parse_sealed_day(std::string_view text);

// "<day> <64 hexadecimal digits>". Error: epoch.syntax.
std::string format_part(const GatewayPart& part);
Result<GatewayPart> parse_part(std::string_view line);

}  // namespace audit::pseudonym
