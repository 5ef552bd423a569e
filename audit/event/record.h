// The records of the log. Their types and fields are declared once, in records.def; this header makes structures, the
// variant over them and the walk over fields from it. A field of any type that could hold a text does not compile.
//
// Values; safe from any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "audit/event/values.h"

namespace audit::event {

#define RECORD(number, Name, id, en, de) k##Name = number,
#define FIELD(...)
#define END_RECORD
enum class RecordType : std::uint8_t {
#include "audit/event/records.def"
};
#undef RECORD
#undef FIELD
#undef END_RECORD

#define RECORD(number, Name, id, en, de)                     \
  struct Name {                                              \
    static constexpr RecordType kType = RecordType::k##Name; \
    bool operator==(const Name&) const = default;
#define FIELD(Type, name, en, de, purpose, basis, deadline)                                   \
  static_assert(MetadataValue<Type>, "a field of the log holds metadata only, see values.h"); \
  Type name{};
#define END_RECORD \
  }                \
  ;
#include "audit/event/records.def"
#undef RECORD
#undef FIELD
#undef END_RECORD

namespace detail {
template <typename Nothing, typename... Records>
struct RecordVariant {
  using Type = std::variant<Records...>;
};
#define RECORD(number, Name, id, en, de) , Name
#define FIELD(...)
#define END_RECORD
using AllRecords = RecordVariant<void
#include "audit/event/records.def"
                                 >;
#undef RECORD
#undef FIELD
#undef END_RECORD
}  // namespace detail

using Record = detail::AllRecords::Type;

struct FieldInfo {
  std::string_view name, type, en, de;
  Purpose purpose;
  LegalBasis basis;
  Deadline deadline;

  std::string_view in(Language language) const { return language == Language::kGerman ? de : en; }
};

struct RecordInfo {
  RecordType type;
  std::string_view id, en, de;
  std::vector<FieldInfo> fields;

  std::string_view in(Language language) const { return language == Language::kGerman ? de : en; }
};

// visit_fields(record, f) calls f(FieldInfo, field) for each field in declared order, one overload a record type.
#define RECORD(number, Name, id, en, de)                \
  template <typename R, typename F>                     \
    requires std::same_as<std::remove_const_t<R>, Name> \
  void visit_fields([[maybe_unused]] R& record, [[maybe_unused]] F&& f) {
#define FIELD(Type, name, en, de, purpose, basis, deadline) \
  f(FieldInfo{#name, #Type, en, de, Purpose::purpose, LegalBasis::basis, Deadline::deadline}, record.name);
#define END_RECORD }
#include "audit/event/records.def"
#undef RECORD
#undef FIELD
#undef END_RECORD

// All declarations, by number.
const std::vector<RecordInfo>& declarations();
const RecordInfo& declaration_of(RecordType type);
std::optional<RecordType> record_type_from(std::uint8_t number);
std::optional<RecordType> record_type_from(std::string_view id);

RecordType type_of(const Record& record);
// An empty record of that type, for a decoder to fill.
Record blank_record(RecordType type);
bool has_subject(RecordType type);
Subject subject_of(const Record& record);
void set_subject(Record& record, const Subject& subject);

// Who acts in a record, its fields of type Pseudonym: how many such fields a type has, and who stands in them, in
// declared order. `actors` has as many.
constexpr std::size_t kActorsMax = 4;
std::size_t actors_in(RecordType type);
std::vector<Pseudonym> actors_of(const Record& record);
void set_actors(Record& record, std::span<const Pseudonym> actors);

// What the log holds at one index: the record and when it was appended.
struct Event {
  Instant at;
  Record record;
  bool operator==(const Event&) const = default;
};

}  // namespace audit::event
