#include "policy/roster/ical/content_line.h"

#include <algorithm>

namespace policy::roster::ical {
namespace {

using Fault = std::pair<Position, base::Error>;

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

// The unfolded text of one content line, while it is taken apart.
class Scanner {
 public:
  Scanner(std::string_view text, ContentLine& line) : text_(text), line_(line) {}

  std::expected<void, Fault> scan() {
    line_.name = name();
    if (line_.name.empty()) return bad("a line without a property name");
    while (peek() == ';') {
      ++at_;
      if (line_.parameters.size() == kParametersMax) return bad("more parameters of one property");
      if (auto read = parameter(); !read) return read;
    }
    if (peek() != ':') return bad("a property without ':' and value");
    line_.value_offset = at_ + 1;
    line_.value = text_.substr(at_ + 1);
    return {};
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::string name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && name_char(text_[at_])) ++at_;
    return capitals(text_.substr(begin, at_ - begin));
  }

  std::expected<void, Fault> parameter() {
    Parameter parameter{name(), {}};
    if (parameter.name.empty() || peek() != '=') return bad("a parameter without name and '='");
    do {
      ++at_;
      const bool quoted = peek() == '"';
      if (quoted) ++at_;
      const std::size_t end = std::min(text_.find_first_of(quoted ? "\"" : ",;:\"", at_), text_.size());
      parameter.values.emplace_back(text_.substr(at_, end - at_));
      at_ = end;
      if (quoted && peek() != '"') return bad("a quoted parameter without end");
      if (quoted) ++at_;
    } while (peek() == ',');
    line_.parameters.push_back(std::move(parameter));
    return {};
  }

  std::expected<void, Fault> bad(std::string_view seen) const {
    return std::unexpected(Fault{
        line_.place(at_), {"ical.syntax", std::string(seen), "NAME;PARAMETER=VALUE:VALUE, see RFC 5545", {}, {}}});
  }

  std::string_view text_;
  ContentLine& line_;
  std::size_t at_ = 0;
};

}  // namespace

std::string capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

Position ContentLine::place(std::size_t offset) const {
  const std::size_t wanted = value_offset + offset;
  Fold last{0, at};
  for (const Fold& fold : folds)
    if (fold.offset <= wanted) last = fold;
  return {last.at.line, last.at.column + static_cast<std::uint32_t>(wanted - last.offset)};
}

std::string_view ContentLine::parameter(std::string_view wanted) const {
  const auto found = std::ranges::find(parameters, wanted, &Parameter::name);
  return found == parameters.end() || found->values.empty() ? std::string_view() : found->values.front();
}

ContentReader::ContentReader(std::string_view text) : rest_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

std::string_view ContentReader::physical_line() {
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  ++line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::expected<std::optional<ContentLine>, Fault> ContentReader::next() {
  std::string_view first;
  while (first.empty()) {
    if (rest_.empty()) return std::nullopt;
    first = physical_line();
  }
  ContentLine line;
  line.at = {line_, 1};
  std::string unfolded;
  std::size_t bytes = first.size();
  if (bytes <= kContentLineBytesMax) unfolded = first;
  while (rest_.starts_with(' ') || rest_.starts_with('\t')) {
    const std::string_view more = physical_line().substr(1);
    bytes += more.size();
    if (bytes > kContentLineBytesMax) continue;
    line.folds.push_back({unfolded.size(), {line_, 2}});
    unfolded += more;
  }
  if (bytes > kContentLineBytesMax) {
    return std::unexpected(Fault{line.at,
                                 {"ical.line-too-long",
                                  "a line of " + std::to_string(bytes) + " bytes",
                                  "at most " + std::to_string(kContentLineBytesMax) + " bytes",
                                  {},
                                  {}}});
  }
  if (auto scanned = Scanner(unfolded, line).scan(); !scanned) return std::unexpected(scanned.error());
  return line;
}

std::vector<std::string> text_list(std::string_view value) {
  std::vector<std::string> items(1);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ',') {
      items.emplace_back();
    } else if (value[i] == '\\' && i + 1 < value.size()) {
      ++i;
      items.back() += value[i] == 'n' || value[i] == 'N' ? '\n' : value[i];
    } else {
      items.back() += value[i];
    }
  }
  return items;
}

std::string text_of(std::string_view value) {
  std::string all;
  for (std::string& item : text_list(value)) {
    if (!all.empty()) all += ',';
    all += item;
  }
  return all;
}

}  // namespace policy::roster::ical
