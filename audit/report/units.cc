#include "audit/report/units.h"

#include <algorithm>
#include <optional>

namespace audit::report {
namespace {

using policy::base::fail;

constexpr std::string_view kHead = "pseudonym,unit";

std::unexpected<policy::base::Error> refuse(std::size_t line, std::string_view seen) {
  return fail("units.syntax", "'" + policy::base::printable(seen) + "'", "pseudonym,unit or pseudonym,unit,person", {},
              std::to_string(line));
}

bool is_word(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return text.size() <= kUnitBytesMax && std::ranges::none_of(text, control) && !text.contains(',') &&
         !text.contains('"');
}

std::optional<event::Pseudonym> pseudonym_from(std::string_view text) {
  const auto bytes = policy::base::from_hex(text);
  event::Pseudonym pseudonym;
  if (!bytes || bytes->size() != pseudonym.bytes.size()) return {};
  std::ranges::copy(*bytes, pseudonym.bytes.begin());
  return pseudonym;
}

std::string_view cut_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

policy::base::Result<Units> parse_units(std::string_view text) {
  Units units;
  std::size_t number = 1;
  const std::string_view head = cut_line(text);
  if (head != kHead && head != std::string(kHead) + ",person") return refuse(number, head);
  while (!text.empty()) {
    ++number;
    const std::string_view line = cut_line(text);
    if (line.empty()) continue;
    const std::size_t first = std::min(line.find(','), line.size());
    const std::string_view rest = line.substr(std::min(first + 1, line.size()));
    const std::size_t second = std::min(rest.find(','), rest.size());
    const std::string_view unit = rest.substr(0, second), person = rest.substr(std::min(second + 1, rest.size()));
    const auto pseudonym = pseudonym_from(line.substr(0, first));
    if (!pseudonym || unit.empty() || !is_word(unit) || !is_word(person) || number > kUnitsMax + 1)
      return refuse(number, line);
    if (!units.emplace(*pseudonym, Member{std::string(unit), std::string(person)}).second) return refuse(number, line);
  }
  return units;
}

}  // namespace audit::report
