#include "audit/event/record.h"

#include <algorithm>

namespace audit::event {
namespace {

std::vector<RecordInfo> collect_declarations() {
  std::vector<RecordInfo> all;
#define RECORD(number, Name, id, en, de) all.push_back({RecordType::k##Name, id, en, de, {}});
#define FIELD(Type, name, en, de, purpose, basis, deadline) \
  all.back().fields.push_back({#name, #Type, en, de, Purpose::purpose, LegalBasis::basis, Deadline::deadline});
#define END_RECORD
#include "audit/event/records.def"
#undef RECORD
#undef FIELD
#undef END_RECORD
  return all;
}

}  // namespace

const std::vector<RecordInfo>& declarations() {
  static const std::vector<RecordInfo> all = collect_declarations();
  return all;
}

const RecordInfo& declaration_of(RecordType type) {
  return *std::ranges::find(declarations(), type, &RecordInfo::type);
}

std::optional<RecordType> record_type_from(std::uint8_t number) {
  const auto type = static_cast<RecordType>(number);
  const auto found = std::ranges::find(declarations(), type, &RecordInfo::type);
  return found == declarations().end() ? std::nullopt : std::optional(type);
}

std::optional<RecordType> record_type_from(std::string_view id) {
  const auto found = std::ranges::find(declarations(), id, &RecordInfo::id);
  return found == declarations().end() ? std::nullopt : std::optional(found->type);
}

RecordType type_of(const Record& record) {
  return std::visit([](const auto& r) { return std::remove_cvref_t<decltype(r)>::kType; }, record);
}

Record blank_record(RecordType type) {
  switch (type) {
#define RECORD(number, Name, id, en, de) \
  case RecordType::k##Name: return Name{};
#define FIELD(...)
#define END_RECORD
#include "audit/event/records.def"
#undef RECORD
#undef FIELD
#undef END_RECORD
  }
  return ServiceStopped{};
}

bool has_subject(RecordType type) {
  return std::ranges::any_of(declaration_of(type).fields, [](const FieldInfo& f) { return f.type == "Subject"; });
}

Subject subject_of(const Record& record) {
  Subject found;
  std::visit(
      [&](const auto& r) {
        visit_fields(r, [&](const FieldInfo&, const auto& value) {
          if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, Subject>) found = value;
        });
      },
      record);
  return found;
}

void set_subject(Record& record, const Subject& subject) {
  std::visit(
      [&](auto& r) {
        visit_fields(r, [&](const FieldInfo&, auto& value) {
          if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, Subject>) value = subject;
        });
      },
      record);
}

namespace {

// By number of the type: asked for every leaf of a log.
std::array<std::size_t, 256> count_actors() {
  std::array<std::size_t, 256> counts{};
  for (const RecordInfo& info : declarations())
    counts[static_cast<std::uint8_t>(info.type)] =
        static_cast<std::size_t>(std::ranges::count(info.fields, std::string_view("Pseudonym"), &FieldInfo::type));
  return counts;
}

}  // namespace

std::size_t actors_in(RecordType type) {
  static const auto counts = count_actors();
  return counts[static_cast<std::uint8_t>(type)];
}

std::vector<Pseudonym> actors_of(const Record& record) {
  std::vector<Pseudonym> actors;
  std::visit(
      [&](const auto& r) {
        visit_fields(r, [&](const FieldInfo&, const auto& value) {
          if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, Pseudonym>) actors.push_back(value);
        });
      },
      record);
  return actors;
}

void set_actors(Record& record, std::span<const Pseudonym> actors) {
  std::visit(
      [&](auto& r) {
        visit_fields(r, [&](const FieldInfo&, auto& value) {
          if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, Pseudonym>) {
            if (actors.empty()) return;
            value = actors.front();
            actors = actors.subspan(1);
          }
        });
      },
      record);
}

}  // namespace audit::event
