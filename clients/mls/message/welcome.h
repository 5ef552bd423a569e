// How a new member comes in, and the message that is any of them (RFC 9420 §§ 6, 12.4.3).
//
// Values with their codecs.
#pragma once

#include "clients/mls/message/framed.h"

namespace clients::mls {

struct GroupInfo {  // § 12.4.3
  GroupContext context;
  Extensions extensions;
  Hash confirmation_tag{};
  LeafIndex signer;
  Signature signature{};
  bool operator==(const GroupInfo&) const = default;
};
void write(Writer& out, const GroupInfo& value);
void read(Reader& in, GroupInfo& value);
void sign(const Crypto& crypto, GroupInfo& info, const KeyPair& signature_key);
bool verifies(const Crypto& crypto, const GroupInfo& info, const PublicKey& signer_key);

constexpr std::size_t kPsksMax = 0xFFFF;  // as § 8.4 counts them in 16 bits

// § 12.4.3.1. Holds secrets: not kept longer than the join takes.
struct GroupSecrets {
  Secret joiner_secret;
  std::optional<Secret> path_secret;
  std::vector<PskId> psks;
  bool operator==(const GroupSecrets&) const = default;
};
void write(Writer& out, const GroupSecrets& value);
void read(Reader& in, GroupSecrets& value);

struct EncryptedGroupSecrets {  // § 12.4.3.1
  Hash new_member{};            // KeyPackageRef, § 5.2
  HpkeCiphertext secrets;
  bool operator==(const EncryptedGroupSecrets&) const = default;
};
void write(Writer& out, const EncryptedGroupSecrets& value);
void read(Reader& in, EncryptedGroupSecrets& value);

struct Welcome {  // § 12.4.3.1
  CipherSuite suite = kDefaultSuite;
  std::vector<EncryptedGroupSecrets> secrets;
  Bytes encrypted_group_info;
  bool operator==(const Welcome&) const = default;
};
void write(Writer& out, const Welcome& value);
void read(Reader& in, Welcome& value);

// § 6: MLSMessage. Alternatives in the order of WireFormat.
using MlsMessage = std::variant<PublicMessage, PrivateMessage, Welcome, GroupInfo, KeyPackage>;
constexpr WireFormat format_of(const MlsMessage& message) { return static_cast<WireFormat>(message.index() + 1); }
void write(Writer& out, const MlsMessage& value);
void read(Reader& in, MlsMessage& value);
// encode() of one alternative, wrapped.
template <typename T>
Bytes encode_message(T message) {
  return encode(MlsMessage(std::move(message)));
}

}  // namespace clients::mls
