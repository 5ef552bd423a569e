// What a device leaves with the service so that others can add it (RFC 9420 § 10).
//
// A key package is used once, but for a last resort, which the service marks and this document does not
// (../README.md, interoperability profile).
#pragma once

#include "clients/mls/message/welcome.h"

namespace clients::mls {

// Who a device is and how it signs (§§ 5.3, 7.2).
struct Member {
  Credential credential;
  KeyPair signature_key;
  Capabilities capabilities = own_capabilities();
  Extensions leaf_extensions;  // their types are listed in `capabilities`
};

// § 10. The package and the secrets that stay on the device until it is used.
struct OwnKeyPackage {
  KeyPackage package;
  KeyPair init_key;
  KeyPair encryption_key;
  KeyPair signature_key;
};
OwnKeyPackage make_key_package(const Crypto& crypto, CipherSuite suite, const Member& member, Lifetime lifetime);

// For the client's encrypted store, until it is used: version octet 1, the package, then secret and public key of each
// pair in the order of the struct. Error: kStorage.
SecretBytes save(const OwnKeyPackage& own);  // § 10
Result<OwnKeyPackage> load_key_package(ByteView saved);

}  // namespace clients::mls
