#include "policy/pack/lines.h"

#include <algorithm>
#include <cstring>

namespace policy::pack {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kReadBytes = 64 * 1024;

}  // namespace

LineReader::LineReader(base::ByteSource source, std::size_t line_bytes_max)
    : source_(std::move(source)), buffer_(line_bytes_max + kReadBytes), line_bytes_max_(line_bytes_max) {}

void LineReader::stop() {
  rest_ = {};
  source_ = nullptr;
}

// More behind what is left, which moves to the front. False when there is no more, or no room.
bool LineReader::refill() {
  if (!source_ || rest_.size() == buffer_.size()) return false;
  if (!rest_.empty()) std::memmove(buffer_.data(), rest_.data(), rest_.size());
  auto got = source_(std::span(buffer_).subspan(rest_.size()));
  if (!got) {
    failed_ = std::move(got.error());
    stop();
    return false;
  }
  rest_ = {buffer_.data(), rest_.size() + *got};
  if (*got == 0) source_ = nullptr;
  return *got > 0;
}

void LineReader::skip_byte_order_mark() {
  while (rest_.size() < kByteOrderMark.size() && refill()) {
  }
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

std::optional<RawLine> LineReader::next() {
  std::size_t searched = 0;
  std::uint64_t dropped = 0;  // of a line that is too long for the buffer
  while (true) {
    const auto* end = static_cast<const char*>(
        rest_.size() > searched ? std::memchr(rest_.data() + searched, '\n', rest_.size() - searched) : nullptr);
    const std::size_t size = end == nullptr ? rest_.size() : static_cast<std::size_t>(end - rest_.data());
    searched = size;
    if (end == nullptr) {
      if (source_ && size > line_bytes_max_ + 1) {
        dropped += size;
        rest_ = {};
        searched = 0;
      }
      if (refill()) continue;
      if (failed_ || (rest_.empty() && dropped == 0)) return std::nullopt;
    }
    std::string_view text = rest_.substr(0, std::min(size, rest_.size()));
    rest_.remove_prefix(std::min(size + 1, rest_.size()));
    if (text.ends_with('\r')) text.remove_suffix(1);
    const std::uint64_t bytes = dropped + text.size();
    if (bytes > line_bytes_max_) return RawLine{{}, bytes, ++lines_, true};
    return RawLine{text, bytes, ++lines_, false};
  }
}

}  // namespace policy::pack
