// What the gateway's store holds, as plain values. Nothing here is a message or could hold one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/base/bytes.h"
#include "policy/base/instant.h"
#include "policy/base/result.h"

namespace gateway::store {

namespace base = policy::base;

using SessionId = base::Id<struct SessionTag>;
using Hash = std::array<std::uint8_t, 32>;       // of a token: SHA-256
using PublicKey = std::array<std::uint8_t, 32>;  // Ed25519 (sign) or X25519 (box)

// No rule set may allow more devices for a person than this: the schema's CHECK ends here.
constexpr std::uint32_t kDevicesPerPersonMax = 8;
constexpr std::size_t kMembersMax = 500;
constexpr std::size_t kFailureRowsMax = 100'000;

struct PersonRecord {
  std::string person;     // canonical uid
  std::string stable_id;  // entryUUID or empty
  base::MailboxId mailbox;

  bool operator==(const PersonRecord&) const = default;
};

// A bundle and the note with its signatures, as bytes (policy/bundle).
struct RulesInForce {
  std::uint64_t revision = 0;
  std::string bundle, note;

  bool operator==(const RulesInForce&) const = default;
};

struct Factor {
  base::Bytes sealed_secret;
  std::int64_t last_counter = 0;  // RFC 6238 time step of the last accepted code
};

struct Attempt {
  bool allowed = false;
  base::Instant locked_until;  // meaningful if not allowed
};

enum class DeviceKind { phone = 1, tablet = 2, desktop = 3 };
enum class DeviceState { active = 1, removed = 2, wiped = 3 };

struct Device {
  base::DeviceId id;
  std::string person;
  std::string name;
  DeviceKind kind = DeviceKind::phone;
  DeviceState state = DeviceState::active;
  PublicKey sign_key{};
  base::Instant enrolled;
  base::Instant ended;   // of a device that is not active
  bool waiting = false;  // active, but another device of the person has to consent first

  bool usable() const { return state == DeviceState::active && !waiting; }

  bool operator==(const Device&) const = default;
};

// What is known of a device's certificate (audit/certificate).
struct Certificate {
  base::Bytes statement;
  struct Consent {
    base::DeviceId by;
    PublicKey key{};
    std::array<std::uint8_t, 64> signature{};
    bool operator==(const Consent&) const = default;
  };
  std::optional<Consent> consent;  // none: the person had no other device
  struct Entry {
    std::string origin;
    std::uint64_t number = 0;
    base::Instant logged;
    bool operator==(const Entry&) const = default;
  };
  std::optional<Entry> entry;  // of the log

  bool operator==(const Certificate&) const = default;
};

struct DeviceOwner {
  base::DeviceId device;
  std::string person;
};

struct Interruption {
  std::string person;
  base::Interval span;
};

// No rest that a rule can ask for lasts longer (weekly rest, ArbZG § 11: 35 h; leave is no rest that restarts).
constexpr std::int64_t kInterruptionsKept_s = 14 * 86400;

// Somebody in a role opened this person's gate, as it was granted: never longer than the rule admits.
struct Override {
  std::string person;
  std::string rule, role, reason;
  std::string granted_by;  // person
  base::Interval span;

  bool operator==(const Override&) const = default;
};

// The person opened the own gate.
struct SelfOpening {
  std::string person;
  base::Interval span;

  bool operator==(const SelfOpening&) const = default;
};

// Messages that passed their deadline unread, told on that day.
struct Expiry {
  base::Instant day;  // midnight UTC
  std::uint64_t count = 0;

  bool operator==(const Expiry&) const = default;
};

// An override counts in the calendar week in which it begins, so it matters for eight days at most after its end; two
// weeks are what people see of their own ledger. All three tables are kept so long.
constexpr std::int64_t kOpeningsKept_s = 14 * 86400;
// Within that time, of one person; more are refused.
constexpr std::int64_t kOpeningsPerPersonMax = 200;

base::Error too_many_openings();  // opening.too-many

// Days whose pseudonyms in the log two parties opened. Says nothing of whom they looked for: the gateway does not know.
struct PseudonymOpening {
  Hash request{};       // SHA-256 of what they signed
  base::Interval span;  // whole days, UTC
  std::string purpose;  // id
  base::Instant opened, told;

  bool operator==(const PseudonymOpening&) const = default;
};
// After people began to be told of it.
constexpr std::int64_t kPseudonymOpeningsKept_s = 365 * 86400;

struct Session {
  SessionId id;
  std::string person;
  base::DeviceId device;
  base::Instant logged_in;
  base::Instant expires;
  base::Instant last_seen;
  bool wiped = false;       // or removed: kept until `expires` only to tell the device so
  bool by_pending = false;  // found by the token that is to replace the current one
};

enum class ConversationKind { direct = 1, group = 2 };

struct Conversation {
  base::ConversationId id;
  ConversationKind kind = ConversationKind::direct;
  std::vector<std::string> members;  // sorted

  bool operator==(const Conversation&) const = default;
};

}  // namespace gateway::store
