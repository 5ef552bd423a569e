#include "clients/mls/message/welcome.h"

namespace clients::mls {
namespace {

constexpr std::string_view kInfoLabel = "GroupInfoTBS";

void write_unsigned(Writer& out, const GroupInfo& value) {
  write(out, value.context);
  write_vector(out, value.extensions);
  out.opaque(value.confirmation_tag);
  out.u32(value.signer.value);
}

Bytes to_be_signed(const GroupInfo& info) {
  Writer out;
  write_unsigned(out, info);
  return out.take();
}

void read_secret(Reader& in, Secret& value) {
  const std::size_t at = in.offset();
  const ByteView bytes = in.opaque();
  if (bytes.size() != value.view().size()) return in.fail(Reason::kValue, at);
  std::ranges::copy(bytes, value.writable().begin());
}

template <typename T>
void read_as(Reader& in, MlsMessage& value) {
  read(in, value.emplace<T>());
}

}  // namespace

void write(Writer& out, const GroupInfo& value) {
  write_unsigned(out, value);
  out.opaque(value.signature);
}

void read(Reader& in, GroupInfo& value) {
  read(in, value.context);
  read_vector(in, value.extensions, kExtensionsMax);
  in.fixed(value.confirmation_tag);
  value.signer.value = in.u32();
  in.fixed(value.signature);
}

void sign(const Crypto& crypto, GroupInfo& info, const KeyPair& signature_key) {
  info.signature = sign_with_label(crypto, signature_key, kInfoLabel, to_be_signed(info));
}

bool verifies(const Crypto& crypto, const GroupInfo& info, const PublicKey& signer_key) {
  return verify_with_label(crypto, signer_key, kInfoLabel, to_be_signed(info), info.signature).has_value();
}

void write(Writer& out, const GroupSecrets& value) {
  out.opaque(value.joiner_secret.view());
  out.u8(value.path_secret ? 1 : 0);
  if (value.path_secret) out.opaque(value.path_secret->view());
  write_vector(out, value.psks);
}

void read(Reader& in, GroupSecrets& value) {
  read_secret(in, value.joiner_secret);
  if (read_presence(in)) read_secret(in, value.path_secret.emplace());
  read_vector(in, value.psks, kPsksMax);
}

void write(Writer& out, const EncryptedGroupSecrets& value) {
  out.opaque(value.new_member);
  write(out, value.secrets);
}

void read(Reader& in, EncryptedGroupSecrets& value) {
  in.fixed(value.new_member);
  read(in, value.secrets);
}

void write(Writer& out, const Welcome& value) {
  out.u16(static_cast<std::uint16_t>(value.suite));
  write_vector(out, value.secrets);
  out.opaque(value.encrypted_group_info);
}

void read(Reader& in, Welcome& value) {
  const std::uint16_t suite = in.u16();
  if (!is_supported(suite)) in.fail(Reason::kUnsupported);
  value.suite = static_cast<CipherSuite>(suite);
  read_vector(in, value.secrets);
  value.encrypted_group_info = copy(in.opaque());
}

void write(Writer& out, const MlsMessage& value) {
  out.u16(kVersion);
  out.u16(static_cast<std::uint16_t>(format_of(value)));
  std::visit([&](const auto& body) { write(out, body); }, value);
}

void read(Reader& in, MlsMessage& value) {
  if (in.u16() != kVersion) in.fail(Reason::kUnsupported);
  switch (static_cast<WireFormat>(in.u16())) {
    case WireFormat::kPublicMessage: return read_as<PublicMessage>(in, value);
    case WireFormat::kPrivateMessage: return read_as<PrivateMessage>(in, value);
    case WireFormat::kWelcome: return read_as<Welcome>(in, value);
    case WireFormat::kGroupInfo: return read_as<GroupInfo>(in, value);
    case WireFormat::kKeyPackage: return read_as<KeyPackage>(in, value);
  }
  in.fail(Reason::kUnsupported);
}

}  // namespace clients::mls
