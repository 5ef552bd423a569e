// Comma-separated values that a spreadsheet cannot take for a formula (OWASP, "CSV Injection").
//
// RFC 4180: every cell in quotes, quotes doubled, lines end in CR LF. A cell that begins with = + - @, with their
// full-width forms, with a tab or a line break gets an apostrophe in front, which spreadsheets take for "this is text".
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace audit::tool {

std::string csv_cell(std::string_view text);
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace audit::tool
