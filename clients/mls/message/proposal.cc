#include "clients/mls/message/proposal.h"

namespace clients::mls {
namespace {

constexpr std::uint8_t kByValue = 1;
constexpr std::uint8_t kByReference = 2;

void write_body(Writer& out, const Add& value) { write(out, value.package); }
void write_body(Writer& out, const Update& value) { write(out, value.leaf); }
void write_body(Writer& out, const Remove& value) { out.u32(value.removed.value); }
void write_body(Writer& out, const PreSharedKey& value) { write(out, value.psk); }
void write_body(Writer& out, const ExternalInit& value) { out.opaque(value.kem_output); }
void write_body(Writer& out, const GroupContextExtensions& value) { write_vector(out, value.extensions); }
void write_body(Writer& out, const Reinit& value) {
  out.opaque(value.group_id);
  out.u16(value.version);
  out.u16(value.suite);
  write_vector(out, value.extensions);
}

void read_body(Reader& in, Add& value) { read(in, value.package); }
void read_body(Reader& in, Update& value) { read(in, value.leaf); }
void read_body(Reader& in, Remove& value) { value.removed.value = in.u32(); }
void read_body(Reader& in, PreSharedKey& value) { read(in, value.psk); }
void read_body(Reader& in, ExternalInit& value) { in.fixed(value.kem_output); }
void read_body(Reader& in, GroupContextExtensions& value) { read_vector(in, value.extensions, kExtensionsMax); }
void read_body(Reader& in, Reinit& value) {
  value.group_id = copy(in.opaque());
  value.version = in.u16();
  value.suite = in.u16();
  read_vector(in, value.extensions, kExtensionsMax);
}

template <typename T>
void read_as(Reader& in, Proposal& value) {
  read_body(in, value.emplace<T>());
}

}  // namespace

void write(Writer& out, const Proposal& value) {
  out.u16(static_cast<std::uint16_t>(type_of(value)));
  std::visit([&](const auto& body) { write_body(out, body); }, value);
}

void read(Reader& in, Proposal& value) {
  switch (static_cast<ProposalType>(in.u16())) {
    case ProposalType::kAdd: return read_as<Add>(in, value);
    case ProposalType::kUpdate: return read_as<Update>(in, value);
    case ProposalType::kRemove: return read_as<Remove>(in, value);
    case ProposalType::kPsk: return read_as<PreSharedKey>(in, value);
    case ProposalType::kReinit: return read_as<Reinit>(in, value);
    case ProposalType::kExternalInit: return read_as<ExternalInit>(in, value);
    case ProposalType::kGroupContextExtensions: return read_as<GroupContextExtensions>(in, value);
  }
  in.fail(Reason::kUnsupported);
}

void write(Writer& out, const ProposalOrRef& value) {
  if (const auto* proposal = std::get_if<Proposal>(&value)) {
    out.u8(kByValue);
    write(out, *proposal);
  } else {
    out.u8(kByReference);
    out.opaque(std::get<ProposalRef>(value));
  }
}

void read(Reader& in, ProposalOrRef& value) {
  const std::uint8_t form = in.u8();
  if (form == kByValue)
    read(in, value.emplace<Proposal>());
  else if (form == kByReference)
    in.fixed(value.emplace<ProposalRef>());
  else
    in.fail(Reason::kValue);
}

void write(Writer& out, const Commit& value) {
  write_vector(out, value.proposals);
  write_optional(out, value.path);
}

void read(Reader& in, Commit& value) {
  read_vector(in, value.proposals, kCommitProposalsMax);
  read_optional(in, value.path);
}

}  // namespace clients::mls
