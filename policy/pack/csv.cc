#include "policy/pack/csv.h"

#include <algorithm>

#include "policy/pack/spelling.h"

namespace policy::pack {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

void CsvReader::add(Position at, base::Error error) {
  if (full()) return;
  error.where = where(name_, at);
  errors_.push_back(std::move(error));
}

std::optional<std::string_view> CsvReader::line() {
  while (!rest_.empty()) {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (++line_ > kCsvLinesMax) {
      add({line_, 1}, {"csv.too-many-lines", "more lines", std::to_string(kCsvLinesMax) + " lines", "split it", {}});
      rest_ = {};
      return std::nullopt;
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > kCsvLineBytesMax) {
      add({line_, 1}, {"csv.line-too-long",
                       "a line of " + std::to_string(line.size()) + " bytes",
                       "at most " + std::to_string(kCsvLineBytesMax) + " bytes",
                       {},
                       {}});
      continue;
    }
    const bool remark = remarks_ == Remarks::kAllowed && line.starts_with('#');
    if (!line.empty() && !remark) return line;
  }
  return std::nullopt;
}

std::optional<CsvRecord> CsvReader::split(std::string_view line) {
  CsvRecord record;
  std::size_t at = 0;
  const auto bad_quote = [&](std::string_view what) {
    add({line_, static_cast<std::uint32_t>(at + 1)},
        {"csv.quote", std::string(what), "a quoted field \"…\" with \"\" for a quote, on one line", {}, {}});
    return std::nullopt;
  };
  while (true) {
    CsvField field{{}, {line_, static_cast<std::uint32_t>(at + 1)}};
    if (at < line.size() && line[at] == '"') {
      for (++at;; ++at) {
        if (at >= line.size()) return bad_quote("a quoted field without end");
        if (line[at] == '"' && !(at + 1 < line.size() && line[at + 1] == '"')) break;
        if (line[at] == '"') ++at;
        field.text += line[at];
      }
      ++at;
      if (at < line.size() && line[at] != ',') return bad_quote("text after a quoted field");
    } else {
      const std::size_t end = std::min(line.find(',', at), line.size());
      field.text = line.substr(at, end - at);
      if (field.text.find('"') != std::string::npos) return bad_quote("a quote inside an unquoted field");
      at = end;
    }
    record.push_back(std::move(field));
    if (at >= line.size()) return record;
    ++at;
  }
}

bool CsvReader::header(const std::vector<std::string_view>& columns) {
  columns_ = columns.size();
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  const auto first = line();
  const std::string wanted = [&] {
    std::string all;
    for (const auto column : columns) all += (all.empty() ? "" : ",") + std::string(column);
    return all;
  }();
  if (first && *first == wanted) return true;
  add({std::max(line_, 1U), 1},
      {"csv.header", first ? "header '" + base::printable(*first) + "'" : "no header line", wanted, {}, {}});
  return false;
}

std::optional<CsvRecord> CsvReader::next() {
  while (!full()) {
    const auto text = line();
    if (!text) return std::nullopt;
    auto record = split(*text);
    if (!record) continue;
    if (record->size() == columns_) return record;
    add({line_, 1}, {"csv.columns",
                     std::to_string(record->size()) + " fields",
                     std::to_string(columns_) + " fields",
                     "fields that hold a comma are quoted",
                     {}});
  }
  return std::nullopt;
}

}  // namespace policy::pack
