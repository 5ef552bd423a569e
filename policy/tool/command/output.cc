#include "policy/tool/command/output.h"

#include <algorithm>
#include <boost/json.hpp>

namespace policy::tool {

namespace json = boost::json;

json::array json_of(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

json::array json_of(const pack::Errors& errors) {
  json::array out;
  for (const base::Error& error : errors) {
    json::object object{{"code", error.code}, {"seen", error.seen}};
    if (!error.allowed.empty()) object["allowed"] = error.allowed;
    if (!error.remedy.empty()) object["remedy"] = error.remedy;
    if (!error.where.empty()) object["where"] = error.where;
    out.emplace_back(std::move(object));
  }
  return out;
}

json::object json_of(const model::Decision& decision) {
  json::object out;
  out["effect"] = name_of(decision.effect);
  out["rules"] = json_of(decision.rules);
  out["until"] = nullptr;
  if (decision.until < base::kEndOfTime) out["until"] = base::format_instant(decision.until);
  return out;
}

json::object json_of(const model::Stretch& stretch) {
  json::object out;
  out["begin"] = base::format_instant(stretch.span.begin);
  out["end"] = base::format_instant(stretch.span.end);
  out["effect"] = name_of(stretch.effect);
  out["rules"] = json_of(stretch.rules);
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out.empty() ? "–" : out;
}

// Columns on a terminal: every byte that does not continue a character of UTF-8.
static std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + (i + 1 < row.size() ? std::string(widths[i] - columns(row[i]) + 2, ' ') : "");
    out << line << '\n';
  }
}

}  // namespace policy::tool
