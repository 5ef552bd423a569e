// The only types a field of the log can have. None of them can hold a text that a person wrote.
//
// Values; safe from any thread.
#pragma once

#include <array>
#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/event/vocabulary.h"
#include "audit/pseudonym/pseudonym.h"
#include "policy/base/bytes.h"
#include "policy/base/instant.h"

namespace audit::event {

using policy::base::DeviceId;
using policy::base::Instant;
using policy::base::Result;
using pseudonym::Pseudonym;

struct Count {
  std::uint64_t value = 0;
  auto operator<=>(const Count&) const = default;
};

// A count of people or messages that is never told below five (k-anonymity): such a value cannot be made.
class CellCount {
 public:
  static constexpr std::uint64_t kSmallest = 5;
  CellCount() = default;
  static std::optional<CellCount> from(std::uint64_t value) {
    if (value < kSmallest) return {};
    CellCount count;
    count.value_ = value;
    return count;
  }
  std::uint64_t value() const { return value_; }
  auto operator<=>(const CellCount&) const = default;

 private:
  std::uint64_t value_ = kSmallest;
};

// SHA-256 or BLAKE2b-256 of something that stays elsewhere.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Digest&) const = default;
};

// "rest.daily": 1 to 64 of a-z, 0-9, '.', '-'. Rule ids are written by council and administration, not by staff.
class RuleId {
 public:
  static constexpr std::size_t kSizeMax = 64;
  RuleId() = default;                                 // "unknown"
  static Result<RuleId> from(std::string_view text);  // error: event.rule-id
  const std::string& text() const { return text_; }
  auto operator<=>(const RuleId&) const = default;

 private:
  std::string text_ = "unknown";
};

// The rules of one decision, strongest first; at most 16.
class RuleIds {
 public:
  static constexpr std::size_t kCountMax = 16;
  RuleIds() = default;
  static Result<RuleIds> from(std::vector<RuleId> ids);  // error: event.rule-ids
  const std::vector<RuleId>& ids() const { return ids_; }
  auto operator<=>(const RuleIds&) const = default;

 private:
  std::vector<RuleId> ids_;
};

// The person a record is about, if the log may know one. Stands in the leaf itself, so that a person's entries can be
// found and erased without opening any other.
struct Subject {
  std::optional<Pseudonym> pseudonym;
  auto operator<=>(const Subject&) const = default;
};

template <typename T>
concept MetadataValue =
    ClosedList<T> || std::same_as<T, Count> || std::same_as<T, CellCount> || std::same_as<T, Digest> ||
    std::same_as<T, RuleId> || std::same_as<T, RuleIds> || std::same_as<T, Subject> || std::same_as<T, Pseudonym> ||
    std::same_as<T, DeviceId> || std::same_as<T, Instant>;

}  // namespace audit::event
