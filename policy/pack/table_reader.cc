#include "policy/pack/table_reader.h"

#include <algorithm>

namespace policy::pack {

using base::printable;

void ErrorSink::add(std::string code, Position at, std::string seen, std::string allowed, std::string remedy) {
  add(base::Error{std::move(code), std::move(seen), std::move(allowed), std::move(remedy), where(name_, at)});
}

void ErrorSink::add(base::Error error) {
  if (errors_.size() < kErrorsMax) errors_.push_back(std::move(error));
}

TableReader::TableReader(const Value& table, std::string place, ErrorSink& sink)
    : table_(table), place_(std::move(place)), sink_(sink) {}

std::string TableReader::key_in_place(std::string_view key) const { return "'" + printable(key) + "' in " + place_; }

const Value* TableReader::find(std::string_view key, Need need) {
  if (std::ranges::find(known_, key) == known_.end()) known_.push_back(key);
  const auto member = std::ranges::find(table_.members, key, &Member::key);
  if (member != table_.members.end()) return &member->value;
  if (need == Need::kRequired) sink_.add("pack.missing-key", table_.at, "no key " + key_in_place(key));
  return nullptr;
}

const Value* TableReader::find(std::string_view key, Value::Kind kind, Need need) {
  const Value* value = find(key, need);
  if (value == nullptr || value->kind == kind) return value;
  const std::string seen = value->kind == Value::Kind::kOther ? value->text : std::string(name_of(value->kind));
  sink_.add("pack.type", value->at, "key " + key_in_place(key) + " is " + seen, std::string(name_of(kind)));
  return nullptr;
}

std::optional<TextAt> TableReader::text_at(std::string_view key, Need need) {
  const Value* value = find(key, Value::Kind::kText, need);
  if (value == nullptr) return std::nullopt;
  if (value->text.empty() || value->text.size() > kTextBytesMax) {
    sink_.add("pack.value", value->at,
              "key " + key_in_place(key) + " is a string of " + std::to_string(value->text.size()) + " bytes",
              "1 to " + std::to_string(kTextBytesMax) + " bytes");
    return std::nullopt;
  }
  return TextAt{value->text, value->at};
}

std::optional<std::string> TableReader::text(std::string_view key, Need need) {
  auto found = text_at(key, need);
  if (!found) return std::nullopt;
  return std::move(found->text);
}

std::optional<base::Seconds> TableReader::duration(std::string_view key, Need need) {
  const auto found = text_at(key, need);
  if (!found) return std::nullopt;
  const auto parsed = base::parse_duration(found->text);
  if (parsed) return *parsed;
  sink_.add("pack.value", found->at, "key " + key_in_place(key) + " is '" + printable(found->text) + "'",
            parsed.error().allowed);
  return std::nullopt;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, Need need, std::int64_t min, std::int64_t max) {
  const Value* value = find(key, Value::Kind::kInteger, need);
  if (value == nullptr) return std::nullopt;
  if (value->integer >= min && value->integer <= max) return value->integer;
  sink_.add("pack.value", value->at, "key " + key_in_place(key) + " is " + std::to_string(value->integer),
            std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

std::optional<bool> TableReader::boolean(std::string_view key, Need need) {
  const Value* value = find(key, Value::Kind::kBoolean, need);
  if (value == nullptr) return std::nullopt;
  return value->boolean;
}

std::optional<time::LocalTime> TableReader::local_time(std::string_view key, Need need) {
  const Value* value = find(key, Value::Kind::kLocalTime, need);
  if (value == nullptr) return std::nullopt;
  return value->local_time;
}

std::optional<time::LocalDate> TableReader::local_date(std::string_view key, Need need) {
  const Value* value = find(key, Value::Kind::kLocalDate, need);
  if (value == nullptr) return std::nullopt;
  return value->local_date;
}

std::optional<base::Instant> TableReader::instant(std::string_view key, Need need) {
  const Value* value = find(key, Value::Kind::kInstant, need);
  if (value == nullptr) return std::nullopt;
  return value->instant;
}

bool TableReader::names_nothing(std::string_view key) {
  const Value* value = find(key, Need::kOptional);
  return value != nullptr && value->kind == Value::Kind::kList && value->items.empty();
}

std::vector<TextAt> TableReader::texts(std::string_view key, Need need) {
  const Value* value = find(key, Value::Kind::kList, need);
  std::vector<TextAt> found;
  if (value == nullptr) return found;
  if (value->items.empty() || value->items.size() > kListItemsMax) {
    sink_.add("pack.value", value->at,
              "key " + key_in_place(key) + " is a list of " + std::to_string(value->items.size()) + " items",
              "1 to " + std::to_string(kListItemsMax) + " items");
    return found;
  }
  for (const Value& item : value->items) {
    if (item.kind == Value::Kind::kText && !item.text.empty() && item.text.size() <= kTextBytesMax) {
      found.push_back({item.text, item.at});
    } else if (item.kind != Value::Kind::kText) {
      sink_.add("pack.type", item.at, "an item of " + key_in_place(key) + " is " + std::string(name_of(item.kind)),
                "a string");
    } else {
      sink_.add("pack.value", item.at, "an item of " + key_in_place(key) + " is empty or too long",
                "1 to " + std::to_string(kTextBytesMax) + " bytes");
    }
  }
  return found;
}

std::optional<std::size_t> TableReader::choice(std::string_view key, Need need,
                                               std::span<const std::string_view> names) {
  const auto found = text_at(key, need);
  if (!found) return std::nullopt;
  const auto match = std::ranges::find(names, std::string_view(found->text));
  if (match != names.end()) return static_cast<std::size_t>(match - names.begin());
  sink_.add("pack.value", found->at, "key " + key_in_place(key) + " is '" + printable(found->text) + "'", joined(names),
            did_you_mean(found->text, names));
  return std::nullopt;
}

std::vector<std::size_t> TableReader::choices(std::string_view key, Need need,
                                              std::span<const std::string_view> names) {
  std::vector<std::size_t> chosen;
  for (const TextAt& item : texts(key, need)) {
    const auto match = std::ranges::find(names, std::string_view(item.text));
    if (match != names.end()) {
      chosen.push_back(static_cast<std::size_t>(match - names.begin()));
    } else {
      sink_.add("pack.value", item.at, "an item of " + key_in_place(key) + " is '" + printable(item.text) + "'",
                joined(names), did_you_mean(item.text, names));
    }
  }
  return chosen;
}

std::vector<const Value*> TableReader::tables(std::string_view key) {
  std::vector<const Value*> found;
  const Value* list = find(key, Need::kOptional);
  if (list == nullptr) return found;
  if (list->kind != Value::Kind::kList) {
    sink_.add("pack.type", list->at, "key " + key_in_place(key) + " is " + std::string(name_of(list->kind)),
              "tables, each headed [[" + std::string(key) + "]]");
    return found;
  }
  for (const Value& item : list->items) {
    if (item.kind == Value::Kind::kTable) {
      found.push_back(&item);
    } else {
      sink_.add("pack.type", item.at, "an item of " + key_in_place(key) + " is " + std::string(name_of(item.kind)),
                "a table");
    }
  }
  return found;
}

void TableReader::done() {
  for (const Member& member : table_.members) {
    if (std::ranges::find(known_, std::string_view(member.key)) != known_.end()) continue;
    sink_.add("pack.unknown-key", member.at, "key " + key_in_place(member.key), joined(known_),
              did_you_mean(member.key, known_));
  }
}

}  // namespace policy::pack
