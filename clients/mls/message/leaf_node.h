// Nodes of the ratchet tree, update paths and key packages (RFC 9420 §§ 7.1, 7.2, 7.6, 10).
//
// Values with their codecs and what their signatures cover. Reading checks form only; whether a leaf is valid is asked
// of tree/validation.h, for which the whole group is needed.
#pragma once

#include <variant>

#include "clients/mls/core/index.h"
#include "clients/mls/crypto/hpke.h"
#include "clients/mls/message/extension.h"

namespace clients::mls {

// § 7.2: whole seconds since 1970, both ends included.
struct Lifetime {
  std::uint64_t not_before = 0;
  std::uint64_t not_after = 0;
  bool operator==(const Lifetime&) const = default;
};

// § 7.2 asks for a bound: 84 days, as Wire's core-crypto refuses longer ones.
constexpr std::uint64_t kLifetimeMax_s = 84ULL * 24 * 3600;
// Clocks of phones differ (§ 7.2): a package is valid from an hour before it was made.
constexpr std::uint64_t kClockSkew_s = 3600;

enum class LeafSource : std::uint8_t { kKeyPackage = 1, kUpdate = 2, kCommit = 3 };  // § 7.2

struct LeafNode {  // § 7.2
  PublicKey encryption_key{};
  PublicKey signature_key{};
  Credential credential;
  Capabilities capabilities;
  LeafSource source = LeafSource::kKeyPackage;
  Lifetime lifetime;  // source key_package
  Bytes parent_hash;  // source commit; empty where nothing is hashed
  Extensions extensions;
  Signature signature{};
  bool operator==(const LeafNode&) const = default;
};
void write(Writer& out, const LeafNode& value);
void read(Reader& in, LeafNode& value);

// § 7.2: where a leaf that was not made for a key package stands; such a leaf is signed for one place only.
struct LeafPlace {
  ByteView group_id;
  LeafIndex leaf;
};
// LeafNodeTBS, signed under "LeafNodeTBS". `place` is ignored for the source key_package.
Bytes to_be_signed(const LeafNode& leaf, const LeafPlace& place);
void sign(const Crypto& crypto, LeafNode& leaf, const LeafPlace& place, const KeyPair& signature_key);
bool verifies(const Crypto& crypto, const LeafNode& leaf, const LeafPlace& place);

// § 7.1. `unmerged_leaves` rises strictly.
struct ParentNode {
  PublicKey encryption_key{};
  Bytes parent_hash;
  std::vector<LeafIndex> unmerged_leaves;
  bool operator==(const ParentNode&) const = default;
};
void write(Writer& out, const ParentNode& value);
void read(Reader& in, ParentNode& value);

// § 7.6.
struct UpdatePathNode {
  PublicKey encryption_key{};
  std::vector<HpkeCiphertext> encrypted_path_secrets;
  bool operator==(const UpdatePathNode&) const = default;
};
struct UpdatePath {
  LeafNode leaf;
  std::vector<UpdatePathNode> nodes;
  bool operator==(const UpdatePath&) const = default;
};
void write(Writer& out, const UpdatePathNode& value);
void read(Reader& in, UpdatePathNode& value);
void write(Writer& out, const UpdatePath& value);
void read(Reader& in, UpdatePath& value);

// § 10.
struct KeyPackage {
  std::uint16_t version = kVersion;
  std::uint16_t suite = 0;
  PublicKey init_key{};
  LeafNode leaf;
  Extensions extensions;
  Signature signature{};
  bool operator==(const KeyPackage&) const = default;
};
void write(Writer& out, const KeyPackage& value);
void read(Reader& in, KeyPackage& value);
Bytes to_be_signed(const KeyPackage& package);
void sign(const Crypto& crypto, KeyPackage& package, const KeyPair& signature_key);
bool verifies(const Crypto& crypto, const KeyPackage& package);
// KeyPackageRef (§ 5.2).
Hash reference(const Crypto& crypto, const KeyPackage& package);

}  // namespace clients::mls
