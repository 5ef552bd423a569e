// What the store holds for the delivery service of MLS (RFC 9420 § 3.2): key packages that wait for somebody, the
// public state of groups, and what is on its way to the relay. No secret of any group, and nothing that people wrote.
#pragma once

#include <optional>
#include <vector>

#include "gateway/store/records.h"

namespace gateway::store {

// That wait for one device.
constexpr std::uint32_t kKeyPackagesMax = 100;

struct KeyPackage {
  Hash reference{};  // RFC 9420 § 5.2
  base::Bytes package;
  base::Instant not_after;
};

struct KeyPackageStock {
  std::uint32_t left = 0;
  struct LastResort {
    base::Instant published, not_after;
    std::uint64_t handed_out = 0;
  };
  std::optional<LastResort> last_resort;
};

struct HandedOut {
  base::Bytes package;
  bool last_resort = false;
  std::uint32_t left = 0;
};

// The commit with which the present epoch began, for the device that lost the answer and repeats it.
struct LastCommit {
  base::ClientMessageId message;
  base::DeviceId device;
  std::uint64_t sequence = 0;
  base::Instant accepted, deadline;

  bool operator==(const LastCommit&) const = default;
};

struct Group {
  base::ConversationId conversation;
  std::uint64_t epoch = 0;
  base::Bytes state;  // of clients::mls::PublicGroup
  base::Bytes info;   // the epoch's GroupInfo, as its committer sent it
  std::optional<LastCommit> last;

  bool operator==(const Group&) const = default;
};

struct GroupStanding {
  std::uint64_t epoch = 0;
  bool removal_pending = false;
  bool removal_owed = false;  // a leaf has to go, and the group has another external sender than us

  bool operator==(const GroupStanding&) const = default;
};

// A commit that was found good and is on its way to the relay, which may have accepted it or not. One a conversation.
struct Candidate {
  base::ConversationId conversation;
  base::ClientMessageId message;
  base::DeviceId device;    // of the committer
  base::MailboxId mailbox;  // of its person
  std::uint64_t epoch = 0;  // that ends with it
  base::Bytes commit, welcome;
  std::vector<base::DeviceId> joined, left;  // who is in both begins anew
  base::Bytes state, info;                   // of the epoch that begins

  bool operator==(const Candidate&) const = default;
};

// A removal that the gateway proposed in the present epoch.
struct Removal {
  base::ConversationId conversation;
  std::uint64_t epoch = 0;
  Hash reference{};  // RFC 9420 § 5.2
  base::Bytes message;
  bool told = false;  // the relay has it

  bool operator==(const Removal&) const = default;
};

}  // namespace gateway::store
