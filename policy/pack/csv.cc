#include "policy/pack/csv.h"

#include <algorithm>

#include "policy/pack/spelling.h"

namespace policy::pack {
void CsvReader::add(Position at, base::Error error) {
  if (full()) return;
  error.where = where(name_, at);
  errors_.push_back(std::move(error));
}

std::optional<std::string_view> CsvReader::line() {
  while (const auto raw = lines_.next()) {
    line_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(raw->number, UINT32_MAX));
    if (raw->number > lines_max_) {
      add({line_, 1}, {"csv.too-many-lines", "more lines", std::to_string(lines_max_) + " lines", "split it", {}});
      lines_.stop();
      return std::nullopt;
    }
    if (raw->too_long) {
      add({line_, 1}, {"csv.line-too-long",
                       "a line of " + std::to_string(raw->bytes) + " bytes",
                       "at most " + std::to_string(kCsvLineBytesMax) + " bytes",
                       {},
                       {}});
      continue;
    }
    const bool remark = remarks_ == Remarks::kAllowed && raw->text.starts_with('#');
    if (!raw->text.empty() && !remark) return raw->text;
  }
  if (lines_.failed() && !full()) errors_.push_back(*lines_.failed());
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
  lines_.skip_byte_order_mark();
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

std::optional<CsvRecord> CsvReader::fields(std::string_view text) {
  auto record = split(text);
  if (!record || record->size() == columns_) return record;
  add({line_, 1}, {"csv.columns",
                   std::to_string(record->size()) + " fields",
                   std::to_string(columns_) + " fields",
                   "fields that hold a comma are quoted",
                   {}});
  return std::nullopt;
}

std::optional<CsvRecord> CsvReader::next() {
  while (!full()) {
    const auto text = line();
    if (!text) return std::nullopt;
    if (auto record = fields(*text)) return record;
  }
  return std::nullopt;
}

}  // namespace policy::pack
