#include "gateway/directory/ldif/password_hash.h"

#include <sodium.h>

#include <array>
#include <cstdlib>

#include "policy/base/bytes.h"

namespace gateway::directory::ldif {
namespace {

constexpr std::string_view kArgon2 = "{ARGON2}$argon2id$";
constexpr std::string_view kArgon2Prefix = "{ARGON2}";
constexpr std::string_view kSsha512 = "{SSHA512}";

void initialise_sodium() {
  if (sodium_init() < 0) std::abort();
}

bool verify_ssha512(std::string_view encoded, std::string_view password) {
  const auto bytes = base::from_base64(encoded);
  if (!bytes || bytes->size() <= crypto_hash_sha512_BYTES) return false;
  const base::ByteView digest = base::ByteView(*bytes).first(crypto_hash_sha512_BYTES);
  const base::ByteView salt = base::ByteView(*bytes).subspan(crypto_hash_sha512_BYTES);
  crypto_hash_sha512_state state;
  std::array<std::uint8_t, crypto_hash_sha512_BYTES> computed{};
  crypto_hash_sha512_init(&state);
  crypto_hash_sha512_update(&state, base::as_bytes(password).data(), password.size());
  crypto_hash_sha512_update(&state, salt.data(), salt.size());
  crypto_hash_sha512_final(&state, computed.data());
  return base::equal_constant_time(computed, digest);
}

}  // namespace

base::Result<std::string> hash_password(std::string_view password, const HashCost& cost) {
  initialise_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str(text.data(), password.data(), password.size(), cost.operations, cost.memory_bytes) != 0)
    return base::fail("password.hash", "a password could not be hashed",
                      std::to_string(cost.memory_bytes) + " bytes of memory");
  return std::string(kArgon2Prefix) + text.data();
}

bool known_scheme(std::string_view stored) { return stored.starts_with(kArgon2) || stored.starts_with(kSsha512); }

bool verify_password(std::string_view stored, std::string_view password) {
  initialise_sodium();
  if (stored.starts_with(kSsha512)) return verify_ssha512(stored.substr(kSsha512.size()), password);
  if (!stored.starts_with(kArgon2)) return false;
  const std::string text(stored.substr(kArgon2Prefix.size()));
  return text.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
}

}  // namespace gateway::directory::ldif
