#include "clients/mls/message/group_context.h"

namespace clients::mls {

void write(Writer& out, const GroupContext& value) {
  out.u16(kVersion);
  out.u16(static_cast<std::uint16_t>(value.suite));
  out.opaque(value.group_id);
  out.u64(value.epoch);
  out.opaque(value.tree_hash);
  out.opaque(value.confirmed_transcript_hash);
  write_vector(out, value.extensions);
}

void read(Reader& in, GroupContext& value) {
  const std::uint16_t version = in.u16();
  const std::uint16_t suite = in.u16();
  if (version != kVersion || !is_supported(suite)) in.fail(Reason::kUnsupported);
  value.suite = static_cast<CipherSuite>(suite);
  value.group_id = copy(in.opaque());
  value.epoch = in.u64();
  in.fixed(value.tree_hash);
  value.confirmed_transcript_hash = copy(in.opaque());
  read_vector(in, value.extensions, kExtensionsMax);
}

void write(Writer& out, const PskId& value) {
  out.u8(static_cast<std::uint8_t>(value.type));
  if (value.type == PskType::kExternal) {
    out.opaque(value.external_id);
  } else {
    out.u8(static_cast<std::uint8_t>(value.usage));
    out.opaque(value.group_id);
    out.u64(value.epoch);
  }
  out.opaque(value.nonce);
}

void read(Reader& in, PskId& value) {
  value.type = static_cast<PskType>(in.u8());
  if (value.type == PskType::kExternal) {
    value.external_id = copy(in.opaque());
  } else if (value.type == PskType::kResumption) {
    const std::uint8_t usage = in.u8();
    if (usage < 1 || usage > 3) in.fail(Reason::kValue);
    value.usage = static_cast<ResumptionUsage>(usage);
    value.group_id = copy(in.opaque());
    value.epoch = in.u64();
  } else {
    in.fail(Reason::kValue);
  }
  value.nonce = copy(in.opaque());
}

}  // namespace clients::mls
