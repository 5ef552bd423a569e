// Cosignatures of checkpoints (C2SP tlog-cosignature, Ed25519, type 0x04): a witness says that, at a time, this was the
// largest tree it had seen of the log, and that it continues all it had seen before.
//
//   signed       cosignature/v1\ntime <unix seconds>\n<the text of the note, with its last newline>
//   signature    u64 big endian, unix seconds ‖ 64 bytes
//   witness key  <name>+<8 hex digits>+<base64(0x04 ‖ 32-byte public key)>
//   key id       SHA-256(name ‖ 0x0A ‖ 0x04 ‖ public key)[0:4]
//
// The signed text does not name the witness: no two witnesses may share a key. Types of their own, so that neither a
// log's key can cosign nor a witness's key sign a note. Pure; values; safe from any thread.
#pragma once

#include <optional>

#include "audit/checkpoint/checkpoint.h"
#include "policy/base/instant.h"

namespace audit::checkpoint {

using policy::base::Instant;

class CosignerKey {
 public:
  // Errors: those of VerifierKey::parse.
  static Result<CosignerKey> parse(std::string_view text);
  explicit CosignerKey(VerifierKey key) : key_(std::move(key)) {}

  std::string text() const { return key_.text(); }
  const std::string& name() const { return key_.name(); }
  const std::array<std::uint8_t, 32>& public_key() const { return key_.public_key(); }
  // Whether the line bears this key's name and id; it may still be no signature.
  bool made(const policy::base::note::NoteSignature& line) const;
  // When it was cosigned, if this key has; no time after the year 9999.
  std::optional<Instant> verified(std::string_view text, const policy::base::note::NoteSignature& line) const;
  bool operator==(const CosignerKey&) const = default;

 private:
  VerifierKey key_;
};

class CosigningKey {
 public:
  // Error: key.name.
  static Result<CosigningKey> generate(std::string_view name, policy::base::Random& random);
  // Errors: those of SigningKey::parse.
  static Result<CosigningKey> parse(std::string_view text);

  std::string text() const { return key_.text(); }  // secret
  CosignerKey verifier() const { return CosignerKey(key_.verifier()); }
  // `text` is that of a checkpoint, with its last newline; `now` is not before 1970.
  policy::base::note::NoteSignature cosign(std::string_view text, Instant now) const;

 private:
  explicit CosigningKey(SigningKey key) : key_(std::move(key)) {}
  SigningKey key_;
};

// When each key cosigned this text, in the order of `keys`; the latest if it did more than once. A line by one of them
// that does not verify refuses all. Error: note.signature.
Result<std::vector<std::optional<Instant>>> cosigned_by(const policy::base::note::Note& note,
                                                        std::span<const CosignerKey> keys);

// Signature lines as a witness answers with them: "— name base64\n", one or more, at most kSignaturesMax.
// Errors: note.size, note.utf8, note.syntax, note.signatures.
Result<std::vector<policy::base::note::NoteSignature>> parse_signature_lines(std::string_view text);
std::string format_signature_lines(std::span<const policy::base::note::NoteSignature> lines);

}  // namespace audit::checkpoint
