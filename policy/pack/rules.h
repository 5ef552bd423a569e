// The inside of a RuleSet: what the packs say, validated and resolved. For policy/decide, policy/explain and the tool;
// everybody else uses policy/pack/rule_set.h. Values; immutable once inside a RuleSet.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/base/instant.h"
#include "policy/model/message_class.h"
#include "policy/pack/document.h"
#include "policy/pack/rule_set.h"
#include "policy/time/rest.h"
#include "policy/time/window.h"
#include "policy/time/zone.h"

namespace policy::pack {

// Strongest first. A weaker layer may only protect more.
enum class Layer : std::uint8_t { kLaw, kAgreement, kUnit, kPersonal };
std::string_view name_of(Layer layer);

struct Title {
  std::string de;
  std::string en;
  bool operator==(const Title&) const = default;
};

// Whom a rule is for: everybody, or the members of any of the groups.
struct Applies {
  bool everybody = true;
  std::vector<std::string> groups;
};
bool applies_to(const Applies& applies, std::span<const std::string> groups);

// What every rule has.
struct RuleHead {
  std::string id;
  std::size_t pack = 0;  // index into RuleSet::packs
  Layer layer = Layer::kLaw;
  Title title;  // may be empty
  std::string cite;
  Position at;
};

enum class RestKind : std::uint8_t { kAfterDuty, kOffDuty, kWindow, kAbsence };
std::string_view name_of(RestKind kind);  // "after-duty", …

// How far a weaker layer may change a rule: at least, at most, at most.
struct Adaptable {
  std::optional<base::Seconds> minimum;
  std::optional<base::Seconds> grace;
  std::optional<base::Seconds> lead;
};

// A term that is written as "$id": the value of a parameter.
enum class Term : std::uint8_t { kMinimum, kGrace, kLead, kRestart };
std::string_view name_of(Term term);  // "minimum", "grace", "lead", "restart": its longer-than
struct ParameterUse {
  Term term = Term::kMinimum;
  std::size_t parameter = 0;  // index into Rules::parameters
};

struct RestRule {
  RuleHead head;
  RestKind kind = RestKind::kAfterDuty;
  time::RestTerms terms;     // after-duty all; off-duty grace and lead
  time::RestTerms declared;  // `terms` as the rule's own pack has them, before any [[adapt]]
  time::Window window;       // window
  bool unless_duty = false;
  bool unless_on_call = false;
  std::array<model::Effect, model::kMessageClassCount> effects{model::Effect::kHold, model::Effect::kHold,
                                                               model::Effect::kHold, model::Effect::kHold};
  Applies applies;
  Adaptable adaptable;
  std::string adapted_cite;   // of the [[adapt]] that set a value; empty if none did
  std::size_t duty_view = 0;  // index into RuleSet::duty_views
  std::vector<ParameterUse> uses;
  // Uses a parameter without a value, so it cannot be evaluated: closed always, whatever its kind, and `effects` is
  // kHold for every class that it could ever hold or silence.
  bool unset = false;
};

enum class ExceptionWhen : std::uint8_t { kOnCall, kWindow, kOverride, kSelfOpen };
std::string_view name_of(ExceptionWhen when);  // "on-call", "window", "override", "self-open"

// While it is in force, the closings of `pierces` do not count for `classes`.
struct ExceptionRule {
  RuleHead head;
  ExceptionWhen when = ExceptionWhen::kOnCall;
  std::vector<std::size_t> pierces;  // indices into Rules::rests
  ClassSet classes;
  Applies applies;
  time::Window window;               // kWindow: in zone and holidays of its pack, as time::openings() reads it
  std::string role;                  // kOverride: the directory group that may grant it
  std::vector<std::string> reasons;  // kOverride: closed list, never empty
  base::Seconds longest{0};          // kOverride, kSelfOpen: what lasts longer ends here
  std::uint32_t per_week = 0;        // kOverride: how many count for a person in a calendar week of the pack's zone
};

// Weekly core hours of people who are not rostered; never on public holidays.
struct Schedule {
  std::vector<time::Window> hours;  // within one date each
  Applies applies;
};

struct RetentionRule {
  RuleHead head;
  ClassSet classes;
  std::optional<base::Seconds> floor, ceiling, period;
  bool from_readable = false;
};

struct AlarmRule {
  RuleHead head;
  ClassSet classes;
  std::vector<std::string> senders;  // groups; "*" for everybody
  std::vector<std::string> reasons;  // empty: none is asked for
  std::optional<std::int64_t> limit_count;
  std::optional<base::Seconds> limit_per;
};

// What a message may be labelled, and what stops it on the sender's device before it is encrypted.
struct ContentMarker {
  RuleHead head;
  std::string pattern;              // RE2, compiled by policy/match
  std::vector<std::string> unless;  // patterns: a text that also has one of them passes this marker
  bool warns = false;               // asks instead of stopping
};
struct ContentRules {
  std::vector<std::string> labels;     // allowed by every pack that names any; empty: no pack restricts them
  std::vector<ContentMarker> markers;  // strongest layer first, then by id
};

// A value that only an agreement can set. Until it is set, the rules that use it cannot be evaluated: they hold, and
// such packs cannot be activated.
struct Parameter {
  RuleHead head;
  std::optional<base::Seconds> least, most;  // bounds of the statute
  std::optional<base::Seconds> value;        // of several [[set]] the one that protects most
  std::string set_by;                        // citation of the [[set]]; empty while unset
};

// How long the metadata log keeps records of these types. The ids are those of audit/event/records.def, which policy
// cannot see; a test of the whole house compares both.
enum class LogPeriod : std::uint8_t { kThreeMonths, kTwoYears, kEndOfFollowingYear };
std::string_view name_of(LogPeriod period);  // "three-months", "two-years", "end-of-following-year"
struct LogRule {
  RuleHead head;
  std::vector<std::string> records;
  LogPeriod keep = LogPeriod::kThreeMonths;
};

enum class ClaimKind : std::uint8_t { kRestAfterDuty, kRestPer24h, kRestPerWeek, kNeverDelivers, kAtLeastAsProtective };
std::string_view name_of(ClaimKind kind);  // "rest-after-duty", …

// When nothing of the classes is ever delivered: while the person is on leave or sick, outside duty, at all.
enum class ClaimDuring : std::uint8_t { kAbsence, kOffDuty, kAlways };
std::string_view name_of(ClaimDuring during);  // "absence", "off-duty", "always"

// Exact meaning: policy/prove/claims.h.
struct ClaimRule {
  RuleHead head;
  ClaimKind kind = ClaimKind::kRestAfterDuty;
  std::optional<base::Seconds> minimum;        // the rest kinds
  time::Restart restart;                       // the rest kinds: which interruptions break a rest
  ClaimDuring during = ClaimDuring::kAbsence;  // kNeverDelivers
  ClassSet classes;
  std::string than;  // pack id, for kAtLeastAsProtective
  Applies applies;
  std::size_t duty_view = 0;  // index into Rules::duty_views: how its own pack sees duties
};

// What a pack itself says where all loaded packs together have one value; absent where it says nothing. For texts about
// one pack (policy/render): what counts is the combined value in Rules.
struct OwnDevices {
  std::int64_t max = 0;
  bool private_needs_consent = false;
  std::string cite;
};
struct OwnSessions {
  std::optional<base::Seconds> lifetime, idle, lock_for, step_up;
  std::optional<std::int64_t> failures, factors;
  std::string cite;
};
struct OwnPush {
  std::optional<PushPayload> payload;
  std::optional<base::Seconds> jitter;
  std::optional<ClassSet> classes;
  std::string cite;
};
struct OwnAdapt {
  std::string rule;
  Adaptable values;
  std::string cite;
};
struct OwnSet {
  std::string parameter;
  base::Seconds value{0};
  std::string cite;
};
struct Own {
  std::optional<OwnDevices> devices;
  std::optional<OwnSessions> sessions;
  std::optional<OwnPush> push;
  std::vector<std::string> labels;
  std::vector<OwnAdapt> adapts;
  std::vector<OwnSet> sets;
};

struct Pack {
  std::string id;
  Layer layer = Layer::kLaw;
  std::int64_t version = 1;
  Title title;
  std::vector<std::string> signers;
  std::shared_ptr<const time::Zone> zone;  // absent only where no rule of the pack needs one
  std::string holidays_name;
  std::shared_ptr<const time::Holidays> holidays;  // never null, possibly empty
  base::Seconds duty_gap = base::kHour;
  std::optional<Schedule> schedule;
  Own own;
  std::string source;  // name of the file, for findings
};

// One way to see a person's duties: which entries are one duty, and whose core hours count in empty weeks.
struct DutyView {
  base::Seconds gap = base::kHour;
  std::optional<std::size_t> schedule_pack;
  bool operator==(const DutyView&) const = default;
};

// A setting of [devices] or [sessions] that a pack states and a stricter one of the same layer overrules.
struct Overruled {
  std::string setting;  // "[sessions] idle"
  std::size_t pack = 0, by = 0;
  Position at;
};

struct Rules {
  std::vector<Pack> packs;
  std::vector<RestRule> rests;  // strongest layer first, then by id: the order in which decisions name them
  std::vector<ExceptionRule>
      exceptions;  // in the order of the packs; a [self_open] after the [[exception]]s of its pack
  std::vector<DutyView> duty_views;
  std::vector<RetentionRule> retentions;
  std::vector<AlarmRule> alarms;
  std::vector<ClaimRule> claims;
  std::vector<Parameter> parameters;
  std::vector<LogRule> logs;
  LogAccessRules log_access;
  ContentRules content;
  PushRules push;
  DeviceRules devices;
  SessionRules sessions;
  std::vector<Overruled> overruled;
  std::string digest;
  std::string zone;
  std::shared_ptr<const time::Zone> zone_table;  // of `zone`
};

// retention_rules() over some rules; those marked in `absent` (may be shorter) are left out.
RetentionRules combine_retention(std::span<const RetentionRule> rules, model::MessageClass message_class,
                                 const std::vector<bool>& absent);

class RuleSet {
 public:
  const Rules& rules() const { return rules_; }

 private:
  explicit RuleSet(Rules rules) : rules_(std::move(rules)) {}
  friend class Loader;

  Rules rules_;
};

}  // namespace policy::pack
