#include "clients/mls/group/key_package.h"

namespace clients::mls {
namespace {

constexpr std::uint8_t kFormat = 1;

void put(Writer& out, const KeyPair& pair) {
  out.raw(pair.secret.view());
  out.raw(pair.key);
}

void get(Reader& in, KeyPair& pair) {
  read_raw(in, pair.secret.writable());
  read_raw(in, pair.key);
}

}  // namespace

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

SecretBytes save(const OwnKeyPackage& own) {
  Writer out;
  out.u8(kFormat);
  write(out, own.package);
  for (const KeyPair* pair : {&own.init_key, &own.encryption_key, &own.signature_key}) put(out, *pair);
  return SecretBytes(out.take());
}

Result<OwnKeyPackage> load_key_package(ByteView saved) {
  Reader in(saved);
  OwnKeyPackage out;
  const bool known = in.u8() == kFormat;
  read(in, out.package);
  for (KeyPair* pair : {&out.init_key, &out.encryption_key, &out.signature_key}) get(in, *pair);
  if (!known || !in.done()) return refuse(Reason::kStorage, in.offset());
  return out;
}

}  // namespace clients::mls
