#include "audit/certificate/certificate.h"

#include <sodium.h>

#include <algorithm>

#include "policy/base/sha256.h"

namespace audit::certificate {
namespace {

using policy::base::as_bytes;
using policy::base::fail;

constexpr std::string_view kDigestDomain = "feierabend-device-certificate-v1\n";
constexpr std::string_view kConsentDomain = "feierabend-device-consent-v1\n";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFixedSize = 1 + 16 + 32 + 8 + 16 + 1;
constexpr std::string_view kCodeDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCodeDigitCount = 10;

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

template <std::size_t kSize>
ByteView take(ByteView& rest, std::array<std::uint8_t, kSize>& out) {
  std::ranges::copy(rest.first(kSize), out.begin());
  return rest = rest.subspan(kSize);
}

std::unexpected<policy::base::Error> syntax(std::string seen) {
  return fail("certificate.syntax", std::move(seen), "a device certificate, version 1", "update this program");
}

std::string code_digits(const event::Digest& digest) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (auto at = digest.bytes.begin(); out.size() < kCodeDigitCount;) {
    if (count < 5) {
      bits = bits << 8U | *at++;
      count += 8;
    }
    count -= 5;
    out += kCodeDigits[bits >> count & 31U];
  }
  return out;
}

char as_meant(char typed) {
  const char upper = typed >= 'a' && typed <= 'z' ? static_cast<char>(typed - 'a' + 'A') : typed;
  if (upper == 'O') return '0';
  return upper == 'I' || upper == 'L' ? '1' : upper;
}

}  // namespace

Bytes encode(const Statement& statement) {
  Bytes out{kVersion};
  append(out, statement.device.view());
  append(out, statement.sign_key);
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(statement.enrolled.unix_s) >> shift));
  append(out, statement.salt);
  out.push_back(static_cast<std::uint8_t>(statement.person.size()));
  append(out, as_bytes(statement.person));
  return out;
}

Result<Statement> parse_statement(ByteView bytes) {
  if (bytes.size() < kFixedSize || bytes.size() > kStatementSizeMax)
    return syntax("a statement of " + std::to_string(bytes.size()) + " bytes");
  if (bytes[0] != kVersion) return syntax("a statement of version " + std::to_string(bytes[0]));
  Statement out;
  ByteView rest = bytes.subspan(1);
  std::array<std::uint8_t, 8> enrolled{};
  take(rest, out.device.bytes);
  take(rest, out.sign_key);
  take(rest, enrolled);
  take(rest, out.salt);
  std::uint64_t seconds = 0;
  for (const std::uint8_t byte : enrolled) seconds = seconds << 8U | byte;
  if (seconds > static_cast<std::uint64_t>(policy::base::kEndOfTime.unix_s)) return syntax("an instant out of range");
  out.enrolled = {static_cast<std::int64_t>(seconds)};
  const std::size_t size = rest[0];
  rest = rest.subspan(1);
  if (size == 0 || size != rest.size()) return syntax("a person of " + std::to_string(size) + " bytes");
  out.person = std::string(policy::base::as_text(rest));
  return out;
}

event::Digest digest_of(ByteView statement) {
  Bytes input(kDigestDomain.begin(), kDigestDomain.end());
  append(input, statement);
  return {policy::base::sha256(input)};
}

Bytes consent_message(const event::Digest& digest) {
  Bytes out(kConsentDomain.begin(), kConsentDomain.end());
  append(out, digest.bytes);
  return out;
}

bool consents(const PublicKey& by, const event::Digest& digest, const Signature& signature) {
  const Bytes message = consent_message(digest);
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), by.data()) == 0;
}

std::string code_of(const event::Digest& digest) { return code_digits(digest).insert(kCodeDigitCount / 2, "-"); }

bool is_code_of(std::string_view typed, const event::Digest& digest) {
  std::string meant;
  for (const char one : typed)
    if (one != '-' && one != ' ') meant += as_meant(one);
  return meant == code_digits(digest);
}

Result<Checked> verify(const Certificate& given, std::span<const checkpoint::VerifierKey> logs) {
  auto statement = parse_statement(given.statement);
  if (!statement) return std::unexpected(statement.error());
  const auto proof = checkpoint::parse_tlog_proof(given.proof);
  if (!proof) return std::unexpected(proof.error());
  // The origin stands in the first line; whether it is signed by that log is what verify_tlog_proof asks.
  const std::string_view note = proof->checkpoint;
  const auto log = std::ranges::find(logs, note.substr(0, note.find('\n')), &checkpoint::VerifierKey::name);
  if (log == logs.end())
    return fail("certificate.log", "an entry of log '" + policy::base::printable(note.substr(0, note.find('\n'))) + "'",
                "the logs of this service", "do not rely on this device");
  auto checkpoint = checkpoint::verify_tlog_proof(*proof, given.leaf, *log);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  const auto event = event::unseal(given.leaf, given.key, given.ciphertext);
  if (!event) return std::unexpected(event.error());
  const event::Digest digest = digest_of(given.statement);
  const auto* const record = std::get_if<event::DeviceCertified>(&event->record);
  if (record == nullptr || record->device != statement->device || record->statement != digest)
    return fail("certificate.entry", "an entry of the log about something else", "that of this very device and key",
                "do not rely on this device");
  return Checked{std::move(*statement), digest, std::move(*checkpoint), proof->index, event->at};
}

}  // namespace audit::certificate
