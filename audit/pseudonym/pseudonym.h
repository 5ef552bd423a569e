// Pseudonyms that change every calendar month, and the sealing of each month's key to two parties.
//
//   pseudonym  = BLAKE2b-128(key = epoch key, "feierabend pseudonym v1" ‖ 0x00 ‖ person)
//   check      = BLAKE2b-256(key = epoch key, "feierabend epoch check v1" ‖ 0x00 ‖ epoch)
//   input key  = BLAKE2b-256(key = epoch key, "feierabend input key v1" ‖ 0x00 ‖ epoch)
//   share DPO  = 32 random bytes;  share council = epoch key XOR share DPO
//   sealed     = crypto_box_seal(party's X25519 key, "feierabend share v1" ‖ 0x00 ‖ epoch ‖ party ‖ share ‖ check)
//
// One share alone is 32 random bytes: it says nothing about the key. Both shares give the key, and `check` shows that
// they are the right ones. Whoever holds the key can compute a pseudonym from a person's id, never a person from a
// pseudonym: reopening means trying the directory's people.
//
// Pure: time and randomness come in. Values; safe from any thread. EpochKey wipes itself.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/bytes.h"
#include "policy/base/instant.h"
#include "policy/base/random.h"

namespace audit::pseudonym {

using policy::base::Result;

using Pseudonym = policy::base::Id<struct PseudonymTag>;

// A calendar month in UTC, counted from January of the year 0.
struct Epoch {
  std::uint32_t month = 0;
  auto operator<=>(const Epoch&) const = default;
};

Epoch epoch_of(policy::base::Instant instant);
int year_of(policy::base::Instant instant);        // UTC
std::string epoch_text(Epoch epoch);               // "2026-11"
Result<Epoch> parse_epoch(std::string_view text);  // error: epoch.syntax

class EpochKey {
 public:
  EpochKey(Epoch epoch, const std::array<std::uint8_t, 32>& bytes) : epoch_(epoch), bytes_(bytes) {}
  static EpochKey generate(Epoch epoch, policy::base::Random& random);
  EpochKey(const EpochKey&) = default;
  EpochKey& operator=(const EpochKey&) = default;
  ~EpochKey();

  Epoch epoch() const { return epoch_; }
  const std::array<std::uint8_t, 32>& bytes() const { return bytes_; }  // secret
  Pseudonym of(std::string_view person) const;
  std::array<std::uint8_t, 32> check() const;
  // Under which entries commit to facts (policy/replay/replay.h). Who has it can test guesses of facts, but make no
  // pseudonym.
  std::array<std::uint8_t, 32> input_key() const;  // secret
  bool operator==(const EpochKey&) const = default;

 private:
  Epoch epoch_;
  std::array<std::uint8_t, 32> bytes_;
};

// Where the sequencer's callers get the key of a month. Implementations keep the current key durable, seal it before it
// is first used and are safe from any thread. Errors: epoch.* and what their storage returns.
class EpochSource {
 public:
  virtual ~EpochSource() = default;
  virtual Result<EpochKey> key_for(Epoch epoch) = 0;
};

enum class Party : std::uint8_t { kDataProtectionOfficer = 1, kStaffCouncil = 2 };

using PublicKey = std::array<std::uint8_t, 32>;  // X25519
using SecretKey = std::array<std::uint8_t, 32>;

struct KeyPair {
  PublicKey public_key{};
  SecretKey secret_key{};
};
// What a party makes once and keeps to itself; the gateway is given the public half.
KeyPair generate_pair(policy::base::Random& random);
PublicKey public_key_of(const SecretKey& secret_key);

struct PartyKeys {
  PublicKey data_protection_officer{};
  PublicKey staff_council{};
};

// What lies in the open: useless without both secret keys.
struct SealedEpoch {
  Epoch epoch;
  policy::base::Bytes data_protection_officer;
  policy::base::Bytes staff_council;

  bool operator==(const SealedEpoch&) const = default;
};

// One party's part, opened. Wipe it after use; it is a value so that the two parties can meet in one program.
struct Share {
  Epoch epoch;
  Party party = Party::kDataProtectionOfficer;
  std::array<std::uint8_t, 32> bytes{};
  std::array<std::uint8_t, 32> check{};
};

// Error: epoch.party-key (a public key on which nothing can be sealed).
Result<SealedEpoch> seal(const EpochKey& key, const PartyKeys& parties, policy::base::Random& random);

// Error: epoch.share (not sealed for this party or key, or altered).
Result<Share> open_share(const SealedEpoch& sealed, Party party, const PublicKey& public_key,
                         const SecretKey& secret_key);

// Errors: epoch.two-parties (two shares of one party), epoch.mismatch (shares of different months or keys).
Result<EpochKey> combine(const Share& one, const Share& other);

// "feierabend-epoch v1\n<epoch>\ndpo <base64>\ncouncil <base64>\n". Error: epoch.syntax.
std::string format_sealed(const SealedEpoch& sealed);
Result<SealedEpoch> parse_sealed(std::string_view text);

}  // namespace audit::pseudonym
