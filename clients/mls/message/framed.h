// Messages of a group as they travel, and what is signed and tagged in them (RFC 9420 § 6).
//
// Values with their codecs. How they are protected and opened: framing/.
#pragma once

#include "clients/mls/message/proposal.h"

namespace clients::mls {

enum class WireFormat : std::uint16_t {  // §§ 6, 17.2
  kPublicMessage = 1,
  kPrivateMessage = 2,
  kWelcome = 3,
  kGroupInfo = 4,
  kKeyPackage = 5,
};
enum class ContentType : std::uint8_t { kApplication = 1, kProposal = 2, kCommit = 3 };  // § 6
enum class SenderType : std::uint8_t { kMember = 1, kExternal = 2, kNewMemberProposal = 3, kNewMemberCommit = 4 };

// § 6. `index` is a leaf for a member, the place in external_senders for an external sender, else 0.
struct Sender {
  SenderType type = SenderType::kMember;
  std::uint32_t index = 0;
  bool operator==(const Sender&) const = default;
};
void write(Writer& out, const Sender& value);
void read(Reader& in, Sender& value);

struct Application {  // § 6
  Bytes data;
  bool operator==(const Application&) const = default;
};
// Alternatives in the order of ContentType.
using Content = std::variant<Application, Proposal, Commit>;
constexpr ContentType type_of(const Content& content) { return static_cast<ContentType>(content.index() + 1); }

struct FramedContent {  // § 6
  Bytes group_id;
  std::uint64_t epoch = 0;
  Sender sender;
  Bytes authenticated_data;
  Content content;
  bool operator==(const FramedContent&) const = default;
};
void write(Writer& out, const FramedContent& value);
void read(Reader& in, FramedContent& value);
// The content without its type: what a PrivateMessage holds (§ 6.3.1).
void write_content(Writer& out, const Content& content);
void read_content(Reader& in, ContentType type, Content& content);

// § 6.1. `confirmation_tag` is there for a commit and for nothing else.
struct ContentAuth {
  Signature signature{};
  std::optional<Hash> confirmation_tag;
  bool operator==(const ContentAuth&) const = default;
};
void write(Writer& out, const ContentAuth& value);
void read(Reader& in, ContentType type, ContentAuth& value);

struct AuthenticatedContent {  // § 6
  WireFormat wire_format = WireFormat::kPublicMessage;
  FramedContent content;
  ContentAuth auth;
  bool operator==(const AuthenticatedContent&) const = default;
};
void write(Writer& out, const AuthenticatedContent& value);
void read(Reader& in, AuthenticatedContent& value);
// § 5.2.
ProposalRef reference(const Crypto& crypto, const AuthenticatedContent& proposal);
// § 8.2: wire format, content, signature.
Bytes confirmed_transcript_input(const AuthenticatedContent& commit);

// § 6.2. `membership_tag` is there for members and for nobody else.
struct PublicMessage {
  FramedContent content;
  ContentAuth auth;
  std::optional<Hash> membership_tag;
  bool operator==(const PublicMessage&) const = default;
};
void write(Writer& out, const PublicMessage& value);
void read(Reader& in, PublicMessage& value);

// § 6.3.
struct PrivateMessage {
  Bytes group_id;
  std::uint64_t epoch = 0;
  ContentType content_type = ContentType::kApplication;
  Bytes authenticated_data;
  Bytes encrypted_sender_data;
  Bytes ciphertext;
  bool operator==(const PrivateMessage&) const = default;
};
void write(Writer& out, const PrivateMessage& value);
void read(Reader& in, PrivateMessage& value);

}  // namespace clients::mls
