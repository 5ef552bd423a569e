// What a commit is made of (RFC 9420 §§ 12.1, 12.4).
//
// Values with their codecs. A proposal of an unknown type cannot be read, for nothing tells its length (kUnsupported).
#pragma once

#include <variant>

#include "clients/mls/message/group_context.h"
#include "clients/mls/message/leaf_node.h"

namespace clients::mls {

enum class ProposalType : std::uint16_t {  // §§ 12.1, 17.4
  kAdd = 1,
  kUpdate = 2,
  kRemove = 3,
  kPsk = 4,
  kReinit = 5,
  kExternalInit = 6,
  kGroupContextExtensions = 7,
};

struct Add {  // § 12.1.1
  KeyPackage package;
  bool operator==(const Add&) const = default;
};
struct Update {  // § 12.1.2
  LeafNode leaf;
  bool operator==(const Update&) const = default;
};
struct Remove {  // § 12.1.3
  LeafIndex removed;
  bool operator==(const Remove&) const = default;
};
struct PreSharedKey {  // § 12.1.4
  PskId psk;
  bool operator==(const PreSharedKey&) const = default;
};
struct Reinit {  // § 12.1.5
  Bytes group_id;
  std::uint16_t version = kVersion;
  std::uint16_t suite = 0;
  Extensions extensions;
  bool operator==(const Reinit&) const = default;
};
struct ExternalInit {  // § 12.1.6
  PublicKey kem_output{};
  bool operator==(const ExternalInit&) const = default;
};
struct GroupContextExtensions {  // § 12.1.7
  Extensions extensions;
  bool operator==(const GroupContextExtensions&) const = default;
};

// § 12.1. Alternatives in the order of ProposalType.
using Proposal = std::variant<Add, Update, Remove, PreSharedKey, Reinit, ExternalInit, GroupContextExtensions>;
constexpr ProposalType type_of(const Proposal& proposal) { return static_cast<ProposalType>(proposal.index() + 1); }
void write(Writer& out, const Proposal& value);
void read(Reader& in, Proposal& value);

// ProposalRef (§ 5.2): the hash of the AuthenticatedContent that carried the proposal.
using ProposalRef = Hash;
using ProposalOrRef = std::variant<Proposal, ProposalRef>;  // § 12.4
void write(Writer& out, const ProposalOrRef& value);
void read(Reader& in, ProposalOrRef& value);

// § 12.4: more than any group takes at once. Bounded because a Remove of seven octets takes several hundred in memory.
constexpr std::size_t kCommitProposalsMax = 1U << 16;

struct Commit {  // § 12.4
  std::vector<ProposalOrRef> proposals;
  std::optional<UpdatePath> path;
  bool operator==(const Commit&) const = default;
};
void write(Writer& out, const Commit& value);
void read(Reader& in, Commit& value);

}  // namespace clients::mls
