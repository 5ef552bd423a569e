#include "audit/checkpoint/cosignature.h"

#include <algorithm>
#include <ranges>

namespace audit::checkpoint {

using policy::base::fail;
using policy::base::note::KeyType;
using policy::base::note::Note;
using policy::base::note::NoteSignature;

namespace {

constexpr std::size_t kTimeSize = 8;
// The lines of a witness alone are no note; with this text before them they are.
constexpr std::string_view kNoText = "-\n\n";

std::string message(std::string_view text, Instant time) {
  return "cosignature/v1\ntime " + std::to_string(time.unix_s) + "\n" + std::string(text);
}

Bytes big_endian(std::uint64_t value) {
  Bytes out(kTimeSize);
  for (auto& byte : out | std::views::reverse) {
    byte = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
  return out;
}

}  // namespace

Result<CosignerKey> CosignerKey::parse(std::string_view text) {
  auto key = VerifierKey::parse(text, KeyType::kCosignature);
  if (!key) return std::unexpected(key.error());
  return CosignerKey(std::move(*key));
}

bool CosignerKey::made(const NoteSignature& line) const { return line.name == key_.name() && line.id == key_.id(); }

std::optional<Instant> CosignerKey::verified(std::string_view text, const NoteSignature& line) const {
  if (!made(line) || line.bytes.size() < kTimeSize) return {};
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < kTimeSize; ++i) time = time << 8 | line.bytes[i];
  if (time > static_cast<std::uint64_t>(policy::base::kEndOfTime.unix_s)) return {};
  const Instant at{static_cast<std::int64_t>(time)};
  if (!key_.verifies(message(text, at), policy::base::ByteView(line.bytes).subspan(kTimeSize))) return {};
  return at;
}

Result<CosigningKey> CosigningKey::generate(std::string_view name, policy::base::Random& random) {
  auto key = SigningKey::generate(name, random, KeyType::kCosignature);
  if (!key) return std::unexpected(key.error());
  return CosigningKey(std::move(*key));
}

Result<CosigningKey> CosigningKey::parse(std::string_view text) {
  auto key = SigningKey::parse(text, KeyType::kCosignature);
  if (!key) return std::unexpected(key.error());
  return CosigningKey(std::move(*key));
}

NoteSignature CosigningKey::cosign(std::string_view text, Instant now) const {
  Bytes bytes = big_endian(static_cast<std::uint64_t>(now.unix_s));
  const Bytes signature = key_.sign(message(text, now));
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return {key_.verifier().name(), key_.verifier().id(), std::move(bytes)};
}

Result<std::vector<std::optional<Instant>>> cosigned_by(const Note& note, std::span<const CosignerKey> keys) {
  std::vector<std::optional<Instant>> times(keys.size());
  for (const NoteSignature& line : note.signatures) {
    const auto key = std::ranges::find_if(keys, [&](const CosignerKey& k) { return k.made(line); });
    if (key == keys.end()) continue;
    const auto time = key->verified(note.text, line);
    if (!time)
      return fail("note.signature",
                  "a cosignature by '" + policy::base::printable(key->name()) + "' that does not verify",
                  "an unchanged note", "fetch the note again; if it stays so, the text or the signature was altered");
    auto& latest = times[static_cast<std::size_t>(key - keys.begin())];
    if (!latest || *latest < *time) latest = time;
  }
  return times;
}

Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view text) {
  if (text.contains("\n\n")) return fail("note.syntax", "an empty line", "lines '\u2014 name base64'");
  auto note = policy::base::note::parse_note(std::string(kNoText) + std::string(text));
  if (!note) return std::unexpected(note.error());
  return std::move(note->signatures);
}

std::string format_signature_lines(std::span<const NoteSignature> lines) {
  const std::string note = policy::base::note::format_note({"-\n", {lines.begin(), lines.end()}});
  return note.substr(kNoText.size());
}

}  // namespace audit::checkpoint
