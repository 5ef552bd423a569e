#include "audit/report/report.h"

#include <algorithm>

#include "audit/prune/retention.h"

namespace audit::report {
namespace {

constexpr std::int64_t kHourSeconds = 3600;
constexpr std::uint32_t kHoursADay = 24;

// The id of a record's reason: a word of a closed list or a rule; of a held message the strongest rule.
std::string reason_of(const event::Record& record) {
  std::string reason;
  std::visit(
      [&](const auto& one) {
        event::visit_fields(one, [&](const event::FieldInfo& field, const auto& value) {
          using Value = std::remove_cvref_t<decltype(value)>;
          if constexpr (event::ClosedList<Value>) {
            if (field.name == "reason") reason = event::word_of(value).id;
          } else if constexpr (std::same_as<Value, event::RuleId>) {
            if (field.name == "reason") reason = value.text();
          } else if constexpr (std::same_as<Value, event::RuleIds>) {
            if (!value.ids().empty()) reason = value.ids().front().text();
          }
        });
      },
      record);
  return reason;
}

// The first of its fields that is due: the record goes as a whole.
Instant due_of(event::RecordType type, std::uint32_t hour) {
  Instant due = policy::base::kEndOfTime;
  for (const auto& field : event::declaration_of(type).fields) due = std::min(due, prune::end_of(field.deadline, hour));
  return due;
}

// Nobody knows whose the messages of a bucket are: as many people as messages.
BucketLine line_of(std::uint64_t entry, Instant at, const event::BucketDestroyed& bucket) {
  const std::uint64_t all = bucket.messages.value, unread = std::min(bucket.expired_unread.value, all);
  const Column column = protect({{"unread", unread, unread}, {"read", all - unread, all - unread}}, Overlap::kApart);
  return {entry, bucket.end, at, column.total, column.cells.front().count};
}

}  // namespace

std::optional<Kind> kind_of(event::RecordType type) {
  using enum event::RecordType;
  switch (type) {
    case kLoginRefused: return Kind::kLoginsRefused;
    case kDeviceRefused: return Kind::kDevicesRefused;
    case kMessageRefused: return Kind::kMessagesRefused;
    case kOverrideGranted: return Kind::kOverridesGranted;
    case kOverrideRefused: return Kind::kOverridesRefused;
    case kDeviceWiped: return Kind::kDevicesWiped;
    case kMessageHeld:
    case kMessageHeldBy: return Kind::kMessagesHeld;
    case kAlarmSent: return Kind::kAlarms;
    default: return {};
  }
}

bool is_receipt(event::RecordType type) {
  using enum event::RecordType;
  return type == kErasureDone || type == kPseudonymsOpened || type == kOpeningRefused;
}

void Collector::People::add(const event::Pseudonym& pseudonym, const std::string& person, std::uint32_t on_day) {
  if (!person.empty()) {
    named.insert(person);
    return;
  }
  if (on_day != day) today.clear();
  day = on_day;
  today.insert(pseudonym);
  most = std::max<std::uint64_t>(most, today.size());
}

// Those without a word of their own may be the same as those with one.
std::uint64_t Collector::People::at_least() const { return std::max<std::uint64_t>(named.size(), most); }

void Collector::count(Kind kind, const event::Leaf& leaf, const std::optional<event::Event>& event) {
  const std::uint32_t day = leaf.hour / kHoursADay;
  const auto place = static_cast<std::size_t>(kind);
  const Member* member = nullptr;
  if (units_ != nullptr && leaf.subject.pseudonym) {
    const auto found = units_->find(*leaf.subject.pseudonym);
    if (found != units_->end()) member = &found->second;
  }
  const auto add_to = [&](Part& part) {
    ++part.count;
    if (leaf.subject.pseudonym) part.people.add(*leaf.subject.pseudonym, member ? member->person : "", day);
  };
  add_to(reasons_[place][event ? reason_of(event->record) : ""]);
  if (units_ != nullptr) add_to(of_units_[place][member ? member->unit : ""]);
}

void Collector::note_deadline(const event::Leaf& leaf, bool is_erased) {
  const Instant at{static_cast<std::int64_t>(leaf.hour) * kHourSeconds};
  const Instant due = due_of(leaf.type, leaf.hour);
  if (due > now_ && !is_erased) return;
  const auto month = pseudonym::epoch_of(at);
  RecordLine& line = lines_[{leaf.type, month}];
  line.type = leaf.type;
  line.month = month;
  line.due = std::max(line.due, due);
  if (is_erased)
    ++line.erased;
  else
    ++line.overdue;
}

void Collector::add(std::uint64_t entry, const event::Leaf& leaf, const std::optional<event::Event>& event) {
  const Instant hour{static_cast<std::int64_t>(leaf.hour) * kHourSeconds};
  if (!period_.contains(hour)) return;
  ++report_.entries;
  note_deadline(leaf, !event);
  if (const auto kind = kind_of(leaf.type)) count(*kind, leaf, event);
  if (!event) return;
  if (is_receipt(leaf.type)) report_.receipts.push_back({entry, *event});
  if (const auto* bucket = std::get_if<event::BucketDestroyed>(&event->record))
    report_.buckets.push_back(line_of(entry, event->at, *bucket));
  if (const auto* read = std::get_if<event::LogRead>(&event->record)) ++report_.readings[read->purpose];
}

std::vector<Tally> Collector::tallies(const Parts& parts) {
  std::vector<Tally> out;
  for (const auto& [label, part] : parts) out.push_back({label, part.count, part.people.at_least()});
  return out;
}

Report Collector::finish() const {
  Report report = report_;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    KindLine line{static_cast<Kind>(i), protect(tallies(reasons_[i]), Overlap::kShared), {}};
    if (units_ != nullptr) line.units = protect(tallies(of_units_[i]), Overlap::kApart);
    report.kinds.push_back(std::move(line));
  }
  for (const auto& [key, line] : lines_) report.records.push_back(line);
  return report;
}

}  // namespace audit::report
