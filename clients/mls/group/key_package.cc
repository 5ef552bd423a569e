#include "clients/mls/group/key_package.h"

namespace clients::mls {

OwnKeyPackage make_key_package(const Crypto& crypto, CipherSuite suite, const Member& member, Lifetime lifetime) {
  OwnKeyPackage out{{}, generate_key_pair(crypto), generate_key_pair(crypto), member.signature_key};
  KeyPackage& package = out.package;
  package.suite = static_cast<std::uint16_t>(suite);
  package.init_key = out.init_key.key;
  package.leaf.encryption_key = out.encryption_key.key;
  package.leaf.credential = member.credential;
  package.leaf.capabilities = member.capabilities;
  package.leaf.source = LeafSource::kKeyPackage;
  package.leaf.lifetime = lifetime;
  package.leaf.extensions = member.leaf_extensions;
  sign(crypto, package.leaf, {}, member.signature_key);
  sign(crypto, package, member.signature_key);
  return out;
}

}  // namespace clients::mls
