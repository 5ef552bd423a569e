#include "clients/mls/message/framed.h"

namespace clients::mls {
namespace {

ContentType read_content_type(Reader& in) {
  const std::uint8_t type = in.u8();
  if (type < 1 || type > 3) in.fail(Reason::kValue);
  return static_cast<ContentType>(type);
}

}  // namespace

void write(Writer& out, const Sender& value) {
  out.u8(static_cast<std::uint8_t>(value.type));
  if (value.type == SenderType::kMember || value.type == SenderType::kExternal) out.u32(value.index);
}

void read(Reader& in, Sender& value) {
  const std::uint8_t type = in.u8();
  if (type < 1 || type > 4) return in.fail(Reason::kValue);
  value.type = static_cast<SenderType>(type);
  if (value.type == SenderType::kMember || value.type == SenderType::kExternal) value.index = in.u32();
}

void write_content(Writer& out, const Content& content) {
  if (const auto* application = std::get_if<Application>(&content))
    out.opaque(application->data);
  else if (const auto* proposal = std::get_if<Proposal>(&content))
    write(out, *proposal);
  else
    write(out, std::get<Commit>(content));
}

void read_content(Reader& in, ContentType type, Content& content) {
  if (type == ContentType::kApplication)
    content.emplace<Application>().data = copy(in.opaque());
  else if (type == ContentType::kProposal)
    read(in, content.emplace<Proposal>());
  else
    read(in, content.emplace<Commit>());
}

void write(Writer& out, const FramedContent& value) {
  out.opaque(value.group_id);
  out.u64(value.epoch);
  write(out, value.sender);
  out.opaque(value.authenticated_data);
  out.u8(static_cast<std::uint8_t>(type_of(value.content)));
  write_content(out, value.content);
}

void read(Reader& in, FramedContent& value) {
  value.group_id = copy(in.opaque());
  value.epoch = in.u64();
  read(in, value.sender);
  value.authenticated_data = copy(in.opaque());
  read_content(in, read_content_type(in), value.content);
}

void write(Writer& out, const ContentAuth& value) {
  out.opaque(value.signature);
  if (value.confirmation_tag) out.opaque(*value.confirmation_tag);
}

void read(Reader& in, ContentType type, ContentAuth& value) {
  in.fixed(value.signature);
  if (type == ContentType::kCommit) in.fixed(value.confirmation_tag.emplace());
}

void write(Writer& out, const AuthenticatedContent& value) {
  out.u16(static_cast<std::uint16_t>(value.wire_format));
  write(out, value.content);
  write(out, value.auth);
}

void read(Reader& in, AuthenticatedContent& value) {
  const std::uint16_t format = in.u16();
  if (format < 1 || format > 2) in.fail(Reason::kValue);
  value.wire_format = static_cast<WireFormat>(format);
  read(in, value.content);
  read(in, type_of(value.content.content), value.auth);
}

ProposalRef reference(const Crypto& crypto, const AuthenticatedContent& proposal) {
  return ref_hash(crypto, "MLS 1.0 Proposal Reference", encode(proposal));
}

Bytes confirmed_transcript_input(const AuthenticatedContent& commit) {
  Writer out;
  out.u16(static_cast<std::uint16_t>(commit.wire_format));
  write(out, commit.content);
  out.opaque(commit.auth.signature);
  return out.take();
}

void write(Writer& out, const PublicMessage& value) {
  write(out, value.content);
  write(out, value.auth);
  if (value.membership_tag) out.opaque(*value.membership_tag);
}

void read(Reader& in, PublicMessage& value) {
  read(in, value.content);
  read(in, type_of(value.content.content), value.auth);
  if (value.content.sender.type == SenderType::kMember) in.fixed(value.membership_tag.emplace());
}

void write(Writer& out, const PrivateMessage& value) {
  out.opaque(value.group_id);
  out.u64(value.epoch);
  out.u8(static_cast<std::uint8_t>(value.content_type));
  out.opaque(value.authenticated_data);
  out.opaque(value.encrypted_sender_data);
  out.opaque(value.ciphertext);
}

void read(Reader& in, PrivateMessage& value) {
  value.group_id = copy(in.opaque());
  value.epoch = in.u64();
  value.content_type = read_content_type(in);
  value.authenticated_data = copy(in.opaque());
  value.encrypted_sender_data = copy(in.opaque());
  value.ciphertext = copy(in.opaque());
}

}  // namespace clients::mls
