// The key of the local store and what is sealed under it.
//
// A random 32-byte data key seals every record (XChaCha20-Poly1305, fresh nonce, the record's place as associated data)
// and turns ids into row keys (keyed BLAKE2b), so that the database names no conversation, person or device. The data
// key lies in the file `key`, wrapped under a key that Argon2id makes of the PIN. Changing the PIN wraps the same data
// key anew.
//
//     offset  size  file `key` (integers big-endian)
//     0       4     "FSK1"
//     4       4     Argon2id passes
//     8       8     Argon2id memory in bytes
//     16      16    salt
//     32      24    nonce
//     56      48    data key, wrapped (XChaCha20-Poly1305, the first 56 bytes as associated data)
//
// Passes and memory are 3 and 64 MiB, the second choice of RFC 9106 § 4. A PIN is short: whoever copies the file can
// try PINs offline at the price of one Argon2id each, so the length of the PIN is what counts.
//
// Owned by Store; single thread. Errors: store.pin (wrong PIN or a damaged file: the same answer), store.pin-short,
// store.absent, store.exists, store.damaged, store.unavailable (the file system refused).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "policy/base/bytes.h"
#include "policy/base/random.h"
#include "policy/base/result.h"

namespace clients::store {

constexpr std::size_t kPinBytesMin = 6;
constexpr std::size_t kPinBytesMax = 256;

// The work of one PIN attempt.
struct PinWork {
  std::uint32_t passes = 3;
  std::uint64_t memory_bytes = 64ULL * 1024 * 1024;
};

class Vault {
 public:
  // Writes a new key file. Durable when it returns.
  static policy::base::Result<Vault> create(const std::filesystem::path& file, std::string_view pin,
                                            policy::base::Random& random, const PinWork& work = {});
  static policy::base::Result<Vault> open(const std::filesystem::path& file, std::string_view pin,
                                          policy::base::Random& random);
  // Replaces the key file in one step: after a crash either the old or the new PIN opens it.
  policy::base::Status change_pin(std::string_view pin, const PinWork& work = {});

  // Overwrites the key file, then removes it. Needs no PIN. A file that is not there is no error.
  static policy::base::Status destroy(const std::filesystem::path& file, policy::base::Random& random);

  policy::base::Bytes seal(std::string_view record, std::string_view place) const;
  policy::base::Result<std::string> open_sealed(policy::base::ByteView sealed, std::string_view place) const;

  // 16 bytes that name `id` within `kind` and tell nothing without the data key.
  policy::base::Bytes row_key(std::string_view kind, policy::base::ByteView id) const;

  ~Vault();
  Vault(Vault&&) noexcept;
  Vault& operator=(Vault&&) = delete;
  Vault(const Vault&) = delete;

 private:
  using Key = std::array<std::uint8_t, 32>;
  Vault(std::filesystem::path file, const Key& data_key, policy::base::Random& random);

  std::filesystem::path file_;
  Key data_key_{};
  Key record_key_{};
  Key index_key_{};
  policy::base::Random* random_;
};

}  // namespace clients::store
