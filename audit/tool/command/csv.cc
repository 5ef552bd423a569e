#include "audit/tool/command/csv.h"

#include <algorithm>
#include <array>

namespace audit::tool {

std::string csv_cell(std::string_view text) {
  constexpr std::array<std::string_view, 11> kActive{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};
  std::string out = "\"";
  if (std::ranges::any_of(kActive, [&](std::string_view begin) { return text.starts_with(begin); })) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : ",") + csv_cell(cell);
  return line + "\r\n";
}

}  // namespace audit::tool
