// One pack file, read and checked by itself. What refers to other packs stays a name and is resolved by the loader.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/pack/rules.h"
#include "policy/pack/table_reader.h"

namespace policy::pack {

struct ExceptionDraft {
  ExceptionRule rule;
  std::vector<TextAt> pierces;
  bool pierces_all = false;  // every rest of its own or a weaker layer
};

// A term of a rest that is written as "$id".
struct UseDraft {
  std::string rule;
  Term term = Term::kMinimum;
  TextAt parameter;
};
using UseDrafts = std::vector<UseDraft>;

struct SetDraft {
  TextAt parameter;
  base::Seconds value{0};
  std::string cite;
  Position at;
};

struct ContentDraft {
  std::vector<TextAt> labels;  // empty: says nothing about labels
  std::vector<ContentMarker> markers;
};

struct PushDraft {
  std::optional<PushPayload> payload;
  std::optional<base::Seconds> jitter;
  std::optional<ClassSet> classes;
  std::string cite;
  Position at;
};

struct LogDraft {
  LogRule rule;
  std::vector<TextAt> records;
};

struct LogAccessDraft {
  std::optional<std::int64_t> smallest_cell;
  std::optional<base::Seconds> told_after;
  std::vector<TextAt> purposes;  // empty: says nothing about them
  Position at;
};

struct AdaptDraft {
  TextAt rule;
  Adaptable values;
  std::string cite;
  Position at;
};

struct DevicesDraft {
  std::int64_t max = 0;
  bool private_needs_consent = false;
  std::string cite;
  Position at;
};

struct SessionsDraft {
  std::optional<base::Seconds> lifetime, idle, lock_for, step_up;
  std::optional<std::int64_t> failures, factors;
  std::string cite;
  Position at;
};

struct ClaimDraft {
  ClaimRule rule;
  std::optional<TextAt> than;
};

struct PackDraft {
  Pack pack;
  Position id_at;
  std::vector<RestRule> rests;
  std::vector<ExceptionDraft> exceptions;
  std::vector<AdaptDraft> adapts;
  std::vector<Parameter> parameters;
  UseDrafts uses;
  std::vector<SetDraft> sets;
  std::vector<RetentionRule> retentions;
  std::vector<AlarmRule> alarms;
  std::vector<ClaimDraft> claims;
  std::optional<DevicesDraft> devices;
  std::optional<SessionsDraft> sessions;
  std::vector<LogDraft> logs;
  std::optional<LogAccessDraft> log_access;
  std::optional<ContentDraft> content;
  std::optional<PushDraft> push;
  std::vector<TextAt> rule_ids;  // of every family, for uniqueness; also of rules that had errors
};

// A zone is read from the tz database once, however many packs name it.
using Zones = std::map<std::string, std::shared_ptr<const time::Zone>, std::less<>>;

constexpr base::Seconds kRestMax{60 * 86400};
constexpr base::Seconds kGraceMax{14 * 86400};  // grace and lead
constexpr base::Seconds kDutyGapMax{86400};
constexpr base::Seconds kOpeningMax{7 * 86400};  // of an override, of an own opening
constexpr std::int64_t kOverridesPerWeekMax = 1000;
constexpr base::Seconds kJitterMax{3600};
constexpr std::int64_t kCellMax = 1000;
constexpr base::Seconds kToldAfterMax{366 * 86400};

// What the pack says by itself, before it is combined with others.
Own own_of(const PackDraft& draft);

PackDraft read_pack(const Value& root, const std::string& source, const Calendars& calendars, Zones& zones,
                    ErrorSink& sink);

}  // namespace policy::pack
