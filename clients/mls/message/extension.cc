#include "clients/mls/message/extension.h"

namespace clients::mls {
namespace {

template <typename T>
Result<std::vector<T>> parse_vector(ByteView bytes) {
  std::vector<T> out;
  Reader in(bytes);
  read_vector(in, out);
  if (const Status done = in.done(); !done) return std::unexpected(done.error());
  return out;
}

}  // namespace

void write(Writer& out, const Extension& value) {
  out.u16(value.type);
  out.opaque(value.data);
}

void read(Reader& in, Extension& value) {
  value.type = in.u16();
  value.data = copy(in.opaque());
}

const Bytes* find(const Extensions& extensions, ExtensionType type) {
  const auto found = std::ranges::find(extensions, static_cast<std::uint16_t>(type), &Extension::type);
  return found == extensions.end() ? nullptr : &found->data;
}

Status check_unique(const Extensions& extensions) {
  for (std::size_t i = 0; i < extensions.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (extensions[i].type == extensions[j].type) return refuse(Reason::kValue, extensions[i].type);
  return {};
}

void write(Writer& out, const Credential& value) {
  out.u16(static_cast<std::uint16_t>(value.type));
  if (value.type == CredentialType::kBasic) return out.opaque(value.identity);
  out.vector([&](Writer& body) {
    for (const Bytes& certificate : value.certificates) body.opaque(certificate);
  });
}

void read(Reader& in, Credential& value) {
  const std::uint16_t type = in.u16();
  value.type = static_cast<CredentialType>(type);
  if (value.type == CredentialType::kBasic)
    value.identity = copy(in.opaque());
  else if (value.type == CredentialType::kX509)
    in.vector([&](Reader& body) {
      if (value.certificates.size() == kCertificatesMax) return body.fail(Reason::kTooLarge);
      value.certificates.push_back(copy(body.opaque()));
    });
  else
    in.fail(Reason::kUnsupported);
}

void write(Writer& out, const Capabilities& value) {
  write_vector(out, value.versions);
  write_vector(out, value.suites);
  write_vector(out, value.extensions);
  write_vector(out, value.proposals);
  write_vector(out, value.credentials);
}

void read(Reader& in, Capabilities& value) {
  read_vector(in, value.versions, kCapabilitiesMax);
  read_vector(in, value.suites, kCapabilitiesMax);
  read_vector(in, value.extensions, kCapabilitiesMax);
  read_vector(in, value.proposals, kCapabilitiesMax);
  read_vector(in, value.credentials, kCapabilitiesMax);
}

Capabilities own_capabilities() {
  Capabilities out;
  out.versions = {kVersion};
  out.suites = {static_cast<std::uint16_t>(CipherSuite::kX25519Aes128GcmSha256Ed25519),
                static_cast<std::uint16_t>(CipherSuite::kX25519ChaCha20Poly1305Sha256Ed25519)};
  out.credentials = {static_cast<std::uint16_t>(CredentialType::kBasic),
                     static_cast<std::uint16_t>(CredentialType::kX509)};
  return out;
}

void write(Writer& out, const RequiredCapabilities& value) {
  write_vector(out, value.extensions);
  write_vector(out, value.proposals);
  write_vector(out, value.credentials);
}

void read(Reader& in, RequiredCapabilities& value) {
  read_vector(in, value.extensions, kCapabilitiesMax);
  read_vector(in, value.proposals, kCapabilitiesMax);
  read_vector(in, value.credentials, kCapabilitiesMax);
}

void write(Writer& out, const ExternalSender& value) {
  out.opaque(value.signature_key);
  write(out, value.credential);
}

void read(Reader& in, ExternalSender& value) {
  in.fixed(value.signature_key);
  read(in, value.credential);
}

Result<std::optional<RequiredCapabilities>> required_capabilities(const Extensions& extensions) {
  const Bytes* data = find(extensions, ExtensionType::kRequiredCapabilities);
  if (data == nullptr) return std::nullopt;
  auto parsed = parse<RequiredCapabilities>(*data);
  if (!parsed) return std::unexpected(parsed.error());
  return std::move(*parsed);
}

Result<std::vector<ExternalSender>> external_senders(const Extensions& extensions) {
  const Bytes* data = find(extensions, ExtensionType::kExternalSenders);
  if (data == nullptr) return std::vector<ExternalSender>{};
  return parse_vector<ExternalSender>(*data);
}

Extension external_senders_extension(const std::vector<ExternalSender>& senders) {
  Writer out;
  write_vector(out, senders);
  return {static_cast<std::uint16_t>(ExtensionType::kExternalSenders), out.take()};
}

Result<std::optional<PublicKey>> external_pub(const Extensions& extensions) {
  const Bytes* data = find(extensions, ExtensionType::kExternalPub);
  if (data == nullptr) return std::nullopt;
  Reader in(*data);
  PublicKey key{};
  in.fixed(key);
  if (const Status done = in.done(); !done) return std::unexpected(done.error());
  return key;
}

Extension external_pub_extension(const PublicKey& key) {
  Writer out;
  out.opaque(key);
  return {static_cast<std::uint16_t>(ExtensionType::kExternalPub), out.take()};
}

}  // namespace clients::mls
