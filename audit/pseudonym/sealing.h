// What keys of months and of days are made with: keyed hashes, and boxes that only their recipient opens. For this
// room.
//
// Pure; randomness comes in. Safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/pseudonym/pseudonym.h"

namespace audit::pseudonym {

std::array<std::uint8_t, 4> big_endian(std::uint32_t value);

// BLAKE2b(key, domain ‖ message), 16 or 32 bytes.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> keyed_hash(policy::base::ByteView key, std::string_view domain,
                                           policy::base::ByteView message);

// crypto_box_seal with the ephemeral key from the randomness port, so that a run can be replayed; opened by the
// ordinary crypto_box_seal_open.
// Error: epoch.party-key.
Result<policy::base::Bytes> seal_to(const PublicKey& recipient, policy::base::ByteView plain,
                                    policy::base::Random& random);

// What is sealed to one party: its share of a key, bound to what the key is for.
//
//     domain ‖ number, 4 bytes big endian ‖ party, 1 byte ‖ bytes ‖ check
struct SharePlain {
  std::string_view domain;   // of months or of days
  std::uint32_t number = 0;  // of the month or the day
  Party party{};
  std::array<std::uint8_t, 32> bytes{}, check{};

  SharePlain(std::string_view of, std::uint32_t which, Party whose) : domain(of), number(which), party(whose) {}
  SharePlain(const SharePlain&) = delete;
  SharePlain& operator=(const SharePlain&) = delete;
  ~SharePlain();  // wiped
};
// Error: epoch.party-key.
Result<policy::base::Bytes> seal_share(const SharePlain& share, const PublicKey& recipient,
                                       policy::base::Random& random);
// Fills bytes and check of `share`; domain, number and party inside the box must be those that it has. False: another
// key, an altered box, or another share.
bool open_box(const policy::base::Bytes& box, const PublicKey& public_key, const SecretKey& secret_key,
              SharePlain& share);

// The text of two boxes: what it is, when it is for, "dpo …", "council …", a line each.
struct SealedText {
  std::string when;
  policy::base::Bytes data_protection_officer, staff_council;
};
std::string format_boxes(std::string_view first_line, const SealedText& sealed);
// `what` names `when` in the refusal. Error: epoch.syntax.
Result<SealedText> parse_boxes(std::string_view text, std::string_view first_line, std::string_view what);

}  // namespace audit::pseudonym
