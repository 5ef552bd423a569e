// TOML text as a plain tree with positions: the only place of the house that sees toml++.
//
// Bounded before the parser sees the text: size, bracket depth and dots a line, so that no input can exhaust the stack.
// Values; a Document owns everything it holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/instant.h"
#include "policy/base/result.h"
#include "policy/time/civil.h"

namespace policy::pack {

constexpr std::size_t kPackBytesMax = 1024 * 1024;
constexpr std::size_t kNestingMax = 16;      // open [ and { at one place
constexpr std::size_t kDotsPerLineMax = 64;  // outside strings: parts of a dotted key

struct Position {
  std::uint32_t line = 1;  // both from 1; the column counts code points
  std::uint32_t column = 1;
  auto operator<=>(const Position&) const = default;
};

struct Member;

struct Value {
  // kOther: what no pack uses (floats, local dates with time, fractions of a second); `text` then names it.
  enum class Kind : std::uint8_t { kText, kInteger, kBoolean, kLocalTime, kLocalDate, kInstant, kList, kTable, kOther };

  Kind kind = Kind::kOther;
  Position at;
  std::string text;
  std::int64_t integer = 0;
  bool boolean = false;
  time::LocalTime local_time;
  time::LocalDate local_date;
  base::Instant instant;
  std::vector<Value> items;     // kList
  std::vector<Member> members;  // kTable, by key
};

struct Member {
  std::string key;
  Position at;
  Value value;
};

// "a string", "a table": for errors.
std::string_view name_of(Value::Kind kind);

// `where` of an error: "name:line:column".
std::string where(std::string_view name, Position at);

// The root table. Errors: pack.too-large, pack.too-deep, pack.syntax.
base::Result<Value> parse_document(std::string_view name, std::string_view toml, std::size_t bytes_max = kPackBytesMax);

}  // namespace policy::pack
