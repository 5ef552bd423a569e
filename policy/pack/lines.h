// Lines of a text or of a source, one by one and bounded: a line that is too long costs no memory, only its reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/base/byte_source.h"

namespace policy::pack {

struct RawLine {
  std::string_view text;     // without its end (LF or CR LF); valid until the next call; empty if it was too long
  std::uint64_t bytes = 0;   // of the whole line
  std::uint64_t number = 0;  // from 1
  bool too_long = false;
};

class LineReader {
 public:
  // `text` must outlive the reader.
  LineReader(std::string_view text, std::size_t line_bytes_max) : rest_(text), line_bytes_max_(line_bytes_max) {}
  LineReader(base::ByteSource source, std::size_t line_bytes_max);

  // Nothing at the end, and after an error of the source.
  std::optional<RawLine> next();
  // The error that ended the reading.
  const std::optional<base::Error>& failed() const { return failed_; }
  void skip_byte_order_mark();
  void stop();

 private:
  bool refill();

  base::ByteSource source_;  // empty where all is in rest_
  std::vector<char> buffer_;
  std::string_view rest_;
  std::size_t line_bytes_max_;
  std::uint64_t lines_ = 0;
  std::optional<base::Error> failed_;
};

}  // namespace policy::pack
