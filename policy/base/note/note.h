// Signed notes (C2SP signed-note v1) with Ed25519 signatures, type 0x01, and the keys for them.
//
//   text that ends in a newline
//   <empty line>
//   — <key name> <base64(key id, 4 bytes ‖ signature)>
//
//   verifier key   <name>+<8 hex digits>+<base64(0x01 ‖ 32-byte public key)>
//   signing key    PRIVATE+KEY+<name>+<8 hex digits>+<base64(0x01 ‖ 32-byte seed)>
//   key id         SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)[0:4]
//
// Keys of another signature type have its number in the place of 0x01; what they sign is specified where they are used
// (audit/checkpoint/cosignature.h). They neither sign nor open notes here.
//
// A text means nothing before open_note() has returned it. Signatures by unknown keys are ignored; one by a known key
// that does not verify refuses the whole note. Pure; values; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/bytes.h"
#include "policy/base/random.h"

namespace policy::base::note {

constexpr std::size_t kNoteSizeMax = 128 * 1024;  // 16 post-quantum signatures of 5 kB and room to spare
constexpr std::size_t kSignaturesMax = 64;
constexpr std::size_t kKeyNameSizeMax = 255;

// Non-empty UTF-8 without spaces, control characters and '+'. Error: key.name.
Status check_key_name(std::string_view name);

// The signature types with an Ed25519 key (C2SP signed-note § Signatures).
enum class KeyType : std::uint8_t { kNote = 0x01, kCosignature = 0x04 };

class VerifierKey {
 public:
  // Errors: key.syntax, key.name, key.type (another than `type`), key.id (the id does not belong to the key).
  static Result<VerifierKey> parse(std::string_view text, KeyType type = KeyType::kNote);
  std::string text() const;

  const std::string& name() const { return name_; }
  std::uint32_t id() const { return id_; }
  KeyType type() const { return type_; }
  const std::array<std::uint8_t, 32>& public_key() const { return public_key_; }
  bool verifies(std::string_view text, ByteView signature) const;
  bool operator==(const VerifierKey&) const = default;

 private:
  friend class SigningKey;
  VerifierKey(std::string name, KeyType type, std::array<std::uint8_t, 32> public_key);

  std::string name_;
  KeyType type_;
  std::uint32_t id_;
  std::array<std::uint8_t, 32> public_key_;
};

// Its memory is wiped when it goes. Movable and copyable: the owner decides how many there are.
class SigningKey {
 public:
  // Error: key.name.
  static Result<SigningKey> generate(std::string_view name, Random& random, KeyType type = KeyType::kNote);
  // Errors as VerifierKey::parse.
  static Result<SigningKey> parse(std::string_view text, KeyType type = KeyType::kNote);
  SigningKey(const SigningKey&) = default;
  SigningKey(SigningKey&&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  SigningKey& operator=(SigningKey&&) = default;
  ~SigningKey();

  std::string text() const;  // secret
  const VerifierKey& verifier() const { return verifier_; }
  Bytes sign(std::string_view text) const;

 private:
  SigningKey(std::string name, KeyType type, const std::array<std::uint8_t, 32>& seed);

  VerifierKey verifier_;
  std::array<std::uint8_t, 64> secret_{};
};

struct NoteSignature {
  std::string name;
  std::uint32_t id = 0;
  Bytes bytes;  // without the id

  bool operator==(const NoteSignature&) const = default;
};

struct Note {
  std::string text;  // with its final newline
  std::vector<NoteSignature> signatures;

  bool operator==(const Note&) const = default;
};

// The form only. Errors: note.size, note.utf8, note.syntax, note.signatures (more than kSignaturesMax).
Result<Note> parse_note(std::string_view bytes);
std::string format_note(const Note& note);

// The text of a note that at least one of `keys` (those of KeyType::kNote) has signed. Errors: as parse_note;
// note.signature (a known key's signature does not verify), note.unsigned (by none of the keys).
Result<std::string> open_note(std::string_view bytes, std::span<const VerifierKey> keys);

// `text` ends in a newline and has no empty last line, as checkpoints have it.
std::string sign_note(std::string_view text, const SigningKey& key);

}  // namespace policy::base::note
