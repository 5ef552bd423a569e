// Content lines of iCalendar (RFC 5545 § 3.1): unfolded, taken apart, and each byte still known by its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"
#include "policy/pack/document.h"

namespace policy::roster::ical {

using pack::Position;

constexpr std::size_t kContentLineBytesMax = 256 * 1024;  // unfolded
constexpr std::size_t kParametersMax = 64;                // of a line

struct Parameter {
  std::string name;                 // in capitals
  std::vector<std::string> values;  // without quotes
};

struct ContentLine {
  std::string name;  // in capitals
  std::vector<Parameter> parameters;
  std::string value;  // raw: TEXT escapes are still in it
  Position at;        // of the name; columns count bytes

  // The place of value[offset], through the folds.
  Position place(std::size_t offset) const;
  // The first value of a parameter, or empty.
  std::string_view parameter(std::string_view wanted) const;

  struct Fold {
    std::size_t offset;  // in the unfolded line
    Position at;
  };
  std::vector<Fold> folds;
  std::size_t value_offset = 0;  // in the unfolded line
};

class ContentReader {
 public:
  // `text` must outlive the reader.
  explicit ContentReader(std::string_view text);

  // Nothing at the end. A broken line is an error with its place in `at`; the next call goes on behind it.
  // Errors: ical.syntax, ical.line-too-long.
  std::expected<std::optional<ContentLine>, std::pair<Position, base::Error>> next();

 private:
  std::string_view physical_line();

  std::string_view rest_;
  std::uint32_t line_ = 0;
};

// A list of TEXT values (§ 3.3.11): split at bare commas, escapes resolved.
std::vector<std::string> text_list(std::string_view value);
std::string text_of(std::string_view value);

std::string capitals(std::string_view text);  // ASCII only

}  // namespace policy::roster::ical
