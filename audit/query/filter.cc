#include "audit/query/filter.h"

#include <algorithm>

namespace audit::query {
namespace {

using policy::base::fail;
using policy::base::printable;

constexpr std::int64_t kHourSeconds = 3600;

std::string quoted(std::string_view text) { return "'" + printable(text) + "'"; }

template <typename Value>
std::optional<Value> sixteen_bytes(std::string_view text) {
  const auto bytes = policy::base::from_hex(text);
  Value value{};
  if (!bytes || bytes->size() != value.bytes.size()) return {};
  std::ranges::copy(*bytes, value.bytes.begin());
  return value;
}

Result<event::RecordType> parse_type(std::string_view text) {
  if (const auto type = event::record_type_from(text)) return *type;
  std::string ids;
  for (const auto& declaration : event::declarations()) ids += (ids.empty() ? "" : ", ") + std::string(declaration.id);
  return fail("usage.type", quoted(text), ids);
}

Result<event::MessageClass> parse_class(std::string_view text) {
  if (const auto found = event::from_id<event::MessageClass>(text)) return *found;
  std::string ids;
  for (const auto& word : event::Vocabulary<event::MessageClass>::kWords)
    ids += (ids.empty() ? "" : ", ") + std::string(word.id);
  return fail("usage.class", quoted(text), ids);
}

Result<event::RuleId> parse_id(const char* code, std::string_view text) {
  auto id = event::RuleId::from(text);
  if (!id) return fail(code, quoted(text), id.error().allowed);
  return id;
}

// What the fields of a record say of the parts of a filter.
struct Seen {
  const Filter& filter;
  bool device = false, rule = false, reason = false, message_class = false;

  void operator()(const event::FieldInfo&, const event::DeviceId& value) { device = device || value == filter.device; }
  void operator()(const event::FieldInfo& field, const event::RuleId& value) {
    if (field.name == "reason")
      reason = reason || value == filter.reason;
    else
      rule = rule || value == filter.rule;
  }
  void operator()(const event::FieldInfo&, const event::RuleIds& value) {
    rule = rule || (filter.rule && std::ranges::find(value.ids(), *filter.rule) != value.ids().end());
  }
  void operator()(const event::FieldInfo&, event::MessageClass value) {
    message_class = message_class || value == filter.message_class;
  }
  template <event::ClosedList E>
  void operator()(const event::FieldInfo& field, E value) {
    if (field.name == "reason" && filter.reason) reason = reason || event::word_of(value).id == filter.reason->text();
  }
  template <typename T>
    requires(!event::ClosedList<T>)
  void operator()(const event::FieldInfo&, const T&) {}
};

}  // namespace

Result<Instant> parse_day_or_instant(std::string_view text) {
  constexpr std::size_t kDaySize = 10;
  auto instant =
      policy::base::parse_instant(text.size() == kDaySize ? std::string(text) + "T00:00:00Z" : std::string(text));
  if (!instant)
    return fail("usage.instant", quoted(text), "a day in UTC as 2026-11-23, or an instant as 2026-11-23T09:00:00Z");
  return instant;
}

Result<event::Pseudonym> parse_pseudonym(std::string_view text) {
  if (const auto value = sixteen_bytes<event::Pseudonym>(text)) return *value;
  return fail("usage.subject", quoted(text), "a pseudonym: 32 hexadecimal digits");
}

Result<Filter> parse(const Wording& wording) {
  Filter filter;
  for (const std::string& text : wording.types) {
    const auto type = parse_type(text);
    if (!type) return std::unexpected(type.error());
    filter.types.push_back(*type);
  }
  for (const std::string& text : wording.subjects) {
    const auto subject = parse_pseudonym(text);
    if (!subject) return std::unexpected(subject.error());
    filter.subjects.push_back(*subject);
  }
  const auto bound = [](const std::string& text, Instant& into) -> policy::base::Status {
    if (text.empty()) return {};
    const auto instant = parse_day_or_instant(text);
    if (!instant) return std::unexpected(instant.error());
    into = *instant;
    return {};
  };
  if (auto good = bound(wording.begin, filter.period.begin); !good) return std::unexpected(good.error());
  if (auto good = bound(wording.end, filter.period.end); !good) return std::unexpected(good.error());
  if (!wording.device.empty()) {
    filter.device = sixteen_bytes<event::DeviceId>(wording.device);
    if (!filter.device) return fail("usage.device", quoted(wording.device), "a device: 32 hexadecimal digits");
  }
  const auto id = [](const char* code, const std::string& text, auto& into) -> policy::base::Status {
    if (text.empty()) return {};
    auto parsed = parse_id(code, text);
    if (!parsed) return std::unexpected(parsed.error());
    into = std::move(*parsed);
    return {};
  };
  if (auto good = id("usage.rule", wording.rule, filter.rule); !good) return std::unexpected(good.error());
  if (auto good = id("usage.reason", wording.reason, filter.reason); !good) return std::unexpected(good.error());
  if (!wording.message_class.empty()) {
    const auto found = parse_class(wording.message_class);
    if (!found) return std::unexpected(found.error());
    filter.message_class = *found;
  }
  return filter;
}

bool may_match(const Filter& filter, const event::Leaf& leaf) {
  const Instant hour{static_cast<std::int64_t>(leaf.hour) * kHourSeconds};
  if (hour >= filter.period.end || hour + policy::base::kHour <= filter.period.begin) return false;
  if (!filter.types.empty() && std::ranges::find(filter.types, leaf.type) == filter.types.end()) return false;
  bool named = filter.subjects.empty();
  event::visit_people(leaf, [&](const event::Pseudonym& one, event::Role) {
    named = named || std::ranges::find(filter.subjects, one) != filter.subjects.end();
  });
  return named;
}

bool matches(const Filter& filter, const event::Event& event) {
  if (!filter.period.contains(event.at)) return false;
  Seen seen{filter};
  std::visit([&](const auto& record) { event::visit_fields(record, seen); }, event.record);
  return (!filter.device || seen.device) && (!filter.rule || seen.rule) && (!filter.reason || seen.reason) &&
         (!filter.message_class || seen.message_class);
}

}  // namespace audit::query
