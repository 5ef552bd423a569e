#include "policy/base/note/note.h"

#include <sodium.h>

#include <algorithm>
#include <cstdio>

#include "policy/base/sha256.h"

namespace policy::base::note {
namespace {

constexpr std::string_view kDash = "\u2014 ";
constexpr std::string_view kPrivatePrefix = "PRIVATE+KEY+";

// One code point of strict UTF-8 (RFC 3629) at the front of `text`; size 0: none.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;
};

CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const std::size_t size = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : byte(0) >= 0xC2 ? 2 : 0;
  if (size == 0 || text.size() < size) return {};
  std::uint32_t value = byte(0) & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3FU);
  }
  const std::uint32_t smallest = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
  if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {};
  return {value, size};
}

// Unicode's White_Space property.
bool is_space(std::uint32_t c) {
  return c == 0x20 || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

template <typename Allowed>
bool all_code_points(std::string_view text, Allowed allowed) {
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    if (c.size == 0 || !allowed(c.value)) return false;
    text.remove_prefix(c.size);
  }
  return true;
}

std::uint32_t big_endian(ByteView four) {
  return static_cast<std::uint32_t>(four[0]) << 24 | static_cast<std::uint32_t>(four[1]) << 16 |
         static_cast<std::uint32_t>(four[2]) << 8 | four[3];
}

constexpr std::uint8_t number_of(KeyType type) { return static_cast<std::uint8_t>(type); }

std::uint32_t key_id(std::string_view name, KeyType type, ByteView public_key) {
  Bytes input(name.begin(), name.end());
  input.push_back('\n');
  input.push_back(number_of(type));
  input.insert(input.end(), public_key.begin(), public_key.end());
  return big_endian(ByteView(sha256(input)).first(4));
}

std::string hex8(std::uint32_t id) {
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", id);
  return text.data();
}

struct KeyText {
  std::string name;
  std::string id;
  std::array<std::uint8_t, 32> bytes{};
  ~KeyText() { sodium_memzero(bytes.data(), bytes.size()); }
};

std::unexpected<Error> bad_key(std::string code, KeyType type = KeyType::kNote) {
  // Never what was seen: the text may be a secret in the wrong place.
  if (type == KeyType::kCosignature)
    return fail(std::move(code), "a text that is not a key of a witness",
                "name+8 hex digits+base64 of an Ed25519 key, type 04", "make one with feierabend-audit witness keygen");
  return fail(std::move(code), "a text that is not such a key", "name+8 hex digits+base64 of an Ed25519 key, type 01",
              "make one with keygen");
}

// <name>+<id>+<base64(01 ‖ 32 bytes)>; the base64 may hold '+', so the name is cut first.
Result<KeyText> split_key(std::string_view text, KeyType type) {
  const std::size_t first = text.find('+');
  if (first == std::string_view::npos) return bad_key("key.syntax", type);
  const std::size_t second = text.find('+', first + 1);
  if (second == std::string_view::npos || second - first != 9) return bad_key("key.syntax", type);
  KeyText key;
  key.name = text.substr(0, first);
  key.id = text.substr(first + 1, 8);
  if (auto named = check_key_name(key.name); !named) return std::unexpected(named.error());
  auto bytes = from_base64(text.substr(second + 1));
  if (!bytes || bytes->empty()) return bad_key("key.syntax", type);
  if (bytes->front() != number_of(type)) return bad_key("key.type", type);
  if (bytes->size() != 33) return bad_key("key.syntax", type);
  std::copy(bytes->begin() + 1, bytes->end(), key.bytes.begin());
  sodium_memzero(bytes->data(), bytes->size());
  return key;
}

std::unexpected<Error> bad_note(std::string_view seen) {
  return fail("note.syntax", std::string(seen), "text, an empty line, lines '\u2014 name base64'");
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return bad_note("a signature line without '\u2014 '");
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return bad_note("a signature line without a signature");
  NoteSignature signature;
  signature.name = line.substr(0, space);
  if (auto named = check_key_name(signature.name); !named) return std::unexpected(named.error());
  auto bytes = from_base64(line.substr(space + 1));
  if (!bytes) return bad_note("a signature that is not base64");
  if (bytes->size() < 5) return bad_note("a signature of " + std::to_string(bytes->size()) + " bytes");
  signature.id = big_endian(*bytes);
  signature.bytes.assign(bytes->begin() + 4, bytes->end());
  return signature;
}

}  // namespace

Status check_key_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= kKeyNameSizeMax && all_code_points(name, [](std::uint32_t c) {
    return c > 0x20 && c != 0x7F && c != '+' && !is_space(c);
  });
  if (good) return {};
  return fail("key.name", "'" + printable(name) + "'",
              "1 to 255 bytes of UTF-8 without spaces, control characters and '+'", "use a URL without its schema");
}

VerifierKey::VerifierKey(std::string name, KeyType type, std::array<std::uint8_t, 32> public_key)
    : name_(std::move(name)), type_(type), id_(key_id(name_, type, public_key)), public_key_(public_key) {}

Result<VerifierKey> VerifierKey::parse(std::string_view text, KeyType type) {
  if (text.starts_with(kPrivatePrefix)) return bad_key("key.syntax", type);
  auto parts = split_key(text, type);
  if (!parts) return std::unexpected(parts.error());
  VerifierKey key(parts->name, type, parts->bytes);
  if (hex8(key.id_) != parts->id) return bad_key("key.id", type);
  return key;
}

std::string VerifierKey::text() const {
  Bytes typed{number_of(type_)};
  typed.insert(typed.end(), public_key_.begin(), public_key_.end());
  return name_ + "+" + hex8(id_) + "+" + to_base64(typed);
}

bool VerifierKey::verifies(std::string_view text, ByteView signature) const {
  const ByteView bytes = as_bytes(text);
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature.data(), bytes.data(), bytes.size(), public_key_.data()) == 0;
}

SigningKey::SigningKey(std::string name, KeyType type, const std::array<std::uint8_t, 32>& seed)
    : verifier_(std::move(name), type, {}) {
  std::array<std::uint8_t, 32> public_key{};
  crypto_sign_seed_keypair(public_key.data(), secret_.data(), seed.data());
  verifier_ = VerifierKey(verifier_.name_, type, public_key);
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Result<SigningKey> SigningKey::generate(std::string_view name, Random& random, KeyType type) {
  if (auto named = check_key_name(name); !named) return std::unexpected(named.error());
  auto seed = random.array<32>();
  SigningKey key(std::string(name), type, seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

Result<SigningKey> SigningKey::parse(std::string_view text, KeyType type) {
  if (!text.starts_with(kPrivatePrefix)) return bad_key("key.syntax", type);
  auto parts = split_key(text.substr(kPrivatePrefix.size()), type);
  if (!parts) return std::unexpected(parts.error());
  SigningKey key(parts->name, type, parts->bytes);
  if (hex8(key.verifier_.id()) != parts->id) return bad_key("key.id", type);
  return key;
}

std::string SigningKey::text() const {
  Bytes typed{number_of(verifier_.type())};
  typed.insert(typed.end(), secret_.begin(), secret_.begin() + 32);  // libsodium keeps the seed first
  return std::string(kPrivatePrefix) + verifier_.name() + "+" + hex8(verifier_.id()) + "+" + to_base64(typed);
}

Bytes SigningKey::sign(std::string_view text) const {
  Bytes signature(crypto_sign_BYTES);
  const ByteView bytes = as_bytes(text);
  crypto_sign_detached(signature.data(), nullptr, bytes.data(), bytes.size(), secret_.data());
  return signature;
}

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kNoteSizeMax) {
    return fail("note.size", "a note of " + std::to_string(bytes.size()) + " bytes",
                "at most " + std::to_string(kNoteSizeMax));
  }
  if (!all_code_points(bytes, [](std::uint32_t c) { return c >= 0x20 || c == '\n'; }))
    return fail("note.utf8", "bytes that are not UTF-8 or a control character", "UTF-8, no control but newline");
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos) return bad_note("no empty line");
  Note note{std::string(bytes.substr(0, split + 1)), {}};
  std::string_view rest = bytes.substr(split + 2);
  if (rest.empty() || rest.back() != '\n') return bad_note("no signature line, or one without its newline");
  while (!rest.empty()) {
    if (note.signatures.size() == kSignaturesMax)
      return fail("note.signatures", "more than 64 signatures", "at most 64");
    const std::size_t end = rest.find('\n');
    auto signature = parse_signature(rest.substr(0, end));
    if (!signature) return std::unexpected(signature.error());
    note.signatures.push_back(std::move(*signature));
    rest.remove_prefix(end + 1);
  }
  return note;
}

std::string format_note(const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) {
    Bytes bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(signature.id >> shift));
    bytes.insert(bytes.end(), signature.bytes.begin(), signature.bytes.end());
    out += std::string(kDash) + signature.name + " " + to_base64(bytes) + "\n";
  }
  return out;
}

Result<std::string> open_note(std::string_view bytes, std::span<const VerifierKey> keys) {
  auto note = parse_note(bytes);
  if (!note) return std::unexpected(note.error());
  bool signed_by_known = false;
  for (const NoteSignature& signature : note->signatures) {
    const auto key = std::ranges::find_if(keys, [&](const VerifierKey& k) {
      return k.type() == KeyType::kNote && k.name() == signature.name && k.id() == signature.id;
    });
    if (key == keys.end()) continue;
    if (!key->verifies(note->text, signature.bytes)) {
      return fail("note.signature", "a signature by '" + printable(key->name()) + "' that does not verify",
                  "an unchanged note", "fetch the note again; if it stays so, the text or the signature was altered");
    }
    signed_by_known = true;
  }
  if (!signed_by_known)
    return fail("note.unsigned", "a note signed by none of the given keys", "a signature by a known key",
                "check that the verifier key belongs to this log");
  return std::move(note->text);
}

std::string sign_note(std::string_view text, const SigningKey& key) {
  return format_note({std::string(text), {{key.verifier().name(), key.verifier().id(), key.sign(text)}}});
}

}  // namespace policy::base::note
