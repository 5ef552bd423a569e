// A device certificate: this device with this key belongs to this person, and the log says that it was enrolled.
//
// The service issues it, and could issue a false one; but only by an entry in the log that officer and council watch,
// and, for every device after a person's first, only with the consent of a device that the person has already. Whoever
// encrypts for a device checks all of it first.
//
//   statement  version    1      0x01
//              device    16
//              sign_key  32      Ed25519: proves the device, signs its MLS messages
//              enrolled   8      big endian, unix seconds
//              salt      16      so that the digest in the log does not tell whose device it is to one who guesses
//              person     1 + n  n from 1 to 64, then the person's uid
//   digest     SHA-256("feierabend-device-certificate-v1\n" ‖ statement); what the log's entry device-certified holds
//   consent    Ed25519 by a device of the same person over "feierabend-device-consent-v1\n" ‖ digest
//
// The entry is opened with its own key, which is handed out with the certificate, and proven by its path to a signed
// checkpoint (C2SP tlog-proof). Pure; values; safe from any thread.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "audit/checkpoint/tlog_proof.h"
#include "audit/event/sealed.h"

namespace audit::certificate {

using policy::base::Bytes;
using policy::base::ByteView;
using policy::base::DeviceId;
using policy::base::Instant;
using policy::base::Result;
using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

constexpr std::size_t kPersonSizeMax = 64;
constexpr std::size_t kStatementSizeMax = 1 + 16 + 32 + 8 + 16 + 1 + kPersonSizeMax;
// A certificate that is older is issued anew, with an entry of its own: entries go at their deadline.
constexpr policy::base::Seconds kRenewAfter{365 * 86400};

struct Statement {
  DeviceId device;
  PublicKey sign_key{};
  Instant enrolled;
  std::array<std::uint8_t, 16> salt{};
  std::string person;
  bool operator==(const Statement&) const = default;
};

// `person` has 1 to 64 bytes, `enrolled` is not before 1970.
Bytes encode(const Statement& statement);
// Error: certificate.syntax.
Result<Statement> parse_statement(ByteView bytes);

event::Digest digest_of(ByteView statement);
// What a consenting device signs.
Bytes consent_message(const event::Digest& digest);
bool consents(const PublicKey& by, const event::Digest& digest, const Signature& signature);

// A code that a person reads from the new device and types on the other: 50 bits of the digest in Crockford's base32,
// "7K3QD-9XM2P". Long enough that nobody makes a second certificate with the same code while somebody types.
std::string code_of(const event::Digest& digest);
// The same code as it is typed: lower case, without the hyphen, O for 0, I and L for 1.
bool is_code_of(std::string_view typed, const event::Digest& digest);

struct Consent {
  DeviceId by;
  Signature signature{};
  bool operator==(const Consent&) const = default;
};

struct Certificate {
  Bytes statement;
  Bytes leaf;  // of the log's entry
  event::EntryKey key{};
  Bytes ciphertext;
  std::string proof;               // tlog-proof
  std::optional<Consent> consent;  // none: the person had no device when this one came
  bool operator==(const Certificate&) const = default;
};

struct Checked {
  Statement statement;
  event::Digest digest;
  checkpoint::Checkpoint checkpoint;  // in which the entry stands …
  std::uint64_t index = 0;            // … at this place, which nobody can change without another log
  Instant logged;                     // when the entry was written, as its writer says
};

// All but the consent, for which the other device's key is needed. `logs` are the keys that are trusted.
// Errors: certificate.syntax, certificate.entry (of another type, or about another statement), certificate.log (a log
// that is not trusted), those of parse_tlog_proof, verify_tlog_proof and unseal.
Result<Checked> verify(const Certificate& given, std::span<const checkpoint::VerifierKey> logs);

}  // namespace audit::certificate
