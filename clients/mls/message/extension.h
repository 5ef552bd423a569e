// Extensions, capabilities and credentials: what a leaf, a key package and a group say about themselves (RFC 9420
// §§ 5.3, 7.2, 11.1, 13).
//
// Values with their codecs. Unknown types are kept as they are: whoever forwards a leaf forwards all of it.
#pragma once

#include "clients/mls/core/codec.h"
#include "clients/mls/crypto/suite.h"

namespace clients::mls {

constexpr std::uint16_t kVersion = 1;  // mls10, § 6

// Bounds of lists that are compared entry by entry, or whose entries take much more room than on the wire (kTooLarge).
constexpr std::size_t kExtensionsMax = 64;     // § 13.4
constexpr std::size_t kCapabilitiesMax = 256;  // of each kind, § 7.2
constexpr std::size_t kCertificatesMax = 16;   // of one credential, § 5.3

// § 17.3.
enum class ExtensionType : std::uint16_t {
  kApplicationId = 1,
  kRatchetTree = 2,
  kRequiredCapabilities = 3,
  kExternalPub = 4,
  kExternalSenders = 5,
};

struct Extension {  // §§ 7.2, 13.4
  std::uint16_t type = 0;
  Bytes data;
  bool operator==(const Extension&) const = default;
};
using Extensions = std::vector<Extension>;
void write(Writer& out, const Extension& value);
void read(Reader& in, Extension& value);

// The data of the extension of that type, or nothing.
const Bytes* find(const Extensions& extensions, ExtensionType type);
// § 13.4: no type twice. Error: kValue with the type.
Status check_unique(const Extensions& extensions);

// § 5.3. Types: 1 basic, 2 x509. Others cannot be read: their length is unknown (kUnsupported).
enum class CredentialType : std::uint16_t { kBasic = 1, kX509 = 2 };
struct Credential {
  CredentialType type = CredentialType::kBasic;
  Bytes identity;                   // basic
  std::vector<Bytes> certificates;  // x509, the end entity's first
  bool operator==(const Credential&) const = default;
};
void write(Writer& out, const Credential& value);
void read(Reader& in, Credential& value);

// § 7.2. Default types (proposals 1–7, extensions 1–5, GREASE aside) need not be listed.
struct Capabilities {
  std::vector<std::uint16_t> versions, suites, extensions, proposals, credentials;
  bool operator==(const Capabilities&) const = default;
};
void write(Writer& out, const Capabilities& value);
void read(Reader& in, Capabilities& value);
// What this client can: mls10, both suites, credentials basic and x509.
Capabilities own_capabilities();

// § 11.1.
struct RequiredCapabilities {
  std::vector<std::uint16_t> extensions, proposals, credentials;
  bool operator==(const RequiredCapabilities&) const = default;
};
void write(Writer& out, const RequiredCapabilities& value);
void read(Reader& in, RequiredCapabilities& value);

// § 12.1.8.1.
struct ExternalSender {
  PublicKey signature_key{};
  Credential credential;
  bool operator==(const ExternalSender&) const = default;
};
void write(Writer& out, const ExternalSender& value);
void read(Reader& in, ExternalSender& value);

// The extension's content, parsed; nothing if there is none. Errors: those of decoding.
Result<std::optional<RequiredCapabilities>> required_capabilities(const Extensions& extensions);  // § 11.1
Result<std::vector<ExternalSender>> external_senders(const Extensions& extensions);               // § 12.1.8.1
Extension external_senders_extension(const std::vector<ExternalSender>& senders);                 // § 12.1.8.1
Result<std::optional<PublicKey>> external_pub(const Extensions& extensions);                      // § 12.4.3.2
Extension external_pub_extension(const PublicKey& key);                                           // § 12.4.3.2

}  // namespace clients::mls
