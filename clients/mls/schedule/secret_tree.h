// Keys of messages: one use each, derived down from the epoch's encryption secret, erased when used (RFC 9420 § 9).
//
// Each leaf has two ratchets. A sender takes the next key of its own. A receiver asks for a generation: keys of
// messages that have not come yet are kept, up to a bound, for messages that overtake each other. A key is erased only
// by `spend`, after its ciphertext has opened: forged messages burn nothing.
//
// A value; copying costs what has been derived so far. Errors: kGeneration (too far ahead, detail: the generation),
// kSpent (used, or older than what is kept), kLeaf.
#pragma once

#include <map>

#include "clients/mls/core/index.h"
#include "clients/mls/schedule/hash_ratchet.h"

namespace clients::mls {

enum class Ratchet : std::uint8_t { kHandshake = 0, kApplication = 1 };  // § 9

class SecretTree {  // § 9
 public:
  // Takes `encryption_secret` into the root; the caller wipes its own. `leaves` is the width of the ratchet tree, a
  // power of two.
  SecretTree(CipherSuite suite, std::uint32_t leaves, const Secret& encryption_secret);

  // § 9.1. The next key to send with; it is spent at once. Error: kGeneration after 2^32 − 1.
  Result<MessageKey> next(const Crypto& crypto, LeafIndex leaf, Ratchet ratchet);
  // The key of a generation, to try a ciphertext with. Ratchets forward in a scratch copy only: calling it changes
  // nothing.
  Result<MessageKey> find(const Crypto& crypto, LeafIndex leaf, Ratchet ratchet, std::uint32_t generation) const;
  // § 9.2, after success: moves the ratchet, keeps the keys in between, erases this one.
  Status spend(const Crypto& crypto, LeafIndex leaf, Ratchet ratchet, std::uint32_t generation);

  // For the client's store (§ 9.2: unused keys). Bounded when read. The format is this file's own: version octet first.
  friend void write(Writer& out, const SecretTree& value);
  friend Result<SecretTree> parse_secret_tree(ByteView bytes);

 private:
  using Ratchets = std::array<HashRatchet, 2>;  // by the value of Ratchet
  // What takes the place of the node `from` when a leaf below it is used for the first time.
  struct Unfolded {
    NodeIndex from;
    std::map<NodeIndex, Secret> beside;  // siblings of the nodes between `from` and the leaf
    Ratchets ratchets;
  };

  SecretTree() = default;  // to be read into
  Result<Unfolded> unfold(const Crypto& crypto, LeafIndex leaf) const;
  template <typename Use>
  auto change(const Crypto& crypto, LeafIndex leaf, Ratchet ratchet, Use&& use);

  CipherSuite suite_ = kDefaultSuite;
  std::uint32_t leaves_ = 0;
  std::map<NodeIndex, Secret> nodes_;  // the roots of subtrees in which no leaf was used
  std::map<LeafIndex, Ratchets> ratchets_;
};

Result<SecretTree> parse_secret_tree(ByteView bytes);  // § 9

// § 6.3.2: key and nonce of the sender data, from a sample of the ciphertext (its first 32 bytes, or all of it).
AeadKey sender_data_key(const Crypto& crypto, CipherSuite suite, const Secret& sender_data, ByteView ciphertext);
// § 6.3.1: the first four bytes of the nonce XOR the guard.
void apply_reuse_guard(std::array<std::uint8_t, kAeadNonceBytes>& nonce, const std::array<std::uint8_t, 4>& guard);

}  // namespace clients::mls
