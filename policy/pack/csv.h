// CSV records (RFC 4180, UTF-8) one by one, bounded. A quoted field ends on its own line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/pack/document.h"
#include "policy/pack/lines.h"
#include "policy/pack/roster_csv.h"

namespace policy::pack {

struct CsvField {
  std::string text;
  Position at;  // the column counts bytes
};
using CsvRecord = std::vector<CsvField>;

// Reads `csv` while it lives. Errors go to `errors` with `where`; a broken line is skipped, the next one is read.
class CsvReader {
 public:
  // Remarks are lines that begin with '#'. Tables of people have none, so that nobody is skipped for an odd id.
  enum class Remarks : std::uint8_t { kNone, kAllowed };
  CsvReader(std::string_view name, std::string_view csv, Errors& errors, Remarks remarks = Remarks::kNone)
      : name_(name), lines_(csv, kCsvLineBytesMax), errors_(errors), remarks_(remarks) {}
  // From a source, in a buffer of about 70 KiB. At most `lines_max` lines.
  CsvReader(std::string_view name, base::ByteSource source, Errors& errors, std::uint64_t lines_max = kCsvLinesMax)
      : name_(name), lines_(std::move(source), kCsvLineBytesMax), errors_(errors), lines_max_(lines_max) {}

  // Reads the header line, which must be exactly this. Error: csv.header.
  bool header(const std::vector<std::string_view>& columns);
  // The next record with as many fields as the header; nothing at the end. Blank lines are skipped.
  std::optional<CsvRecord> next();

  // In two steps: the next line that is not blank, valid until the next call, and its fields. For readers that
  // understand most lines without taking them apart.
  std::optional<std::string_view> line();
  std::optional<CsvRecord> fields(std::string_view line);
  Position at() const { return {line_, 1}; }  // of the line

  void add(Position at, base::Error error);
  bool full() const { return errors_.size() >= kErrorsMax; }

 private:
  std::optional<CsvRecord> split(std::string_view line);

  std::string name_;
  LineReader lines_;
  Errors& errors_;
  Remarks remarks_ = Remarks::kNone;
  std::uint64_t lines_max_ = kCsvLinesMax;
  std::size_t columns_ = 0;
  std::uint32_t line_ = 0;
};

}  // namespace policy::pack
