#include "gateway/directory/ldif/parse.h"

#include <algorithm>
#include <optional>

#include "policy/base/bytes.h"

namespace gateway::directory::ldif {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

struct Line {
  std::string text;  // unfolded
  std::size_t number = 0;
};

// Hands out unfolded lines; blank ones too, comments not.
class Lines {
 public:
  Lines(std::string_view text, std::string_view name) : rest_(text), name_(name) {}

  std::unexpected<base::Error> fail(std::string code, std::size_t line, std::size_t column, std::string seen,
                                    std::string allowed) const {
    return base::fail(std::move(code), std::move(seen), std::move(allowed), {},
                      std::string(name_) + ":" + std::to_string(line) + ":" + std::to_string(column));
  }

  base::Result<std::optional<Line>> next() {
    while (!rest_.empty()) {
      const bool comment = rest_.front() == '#';
      Line line{.text = {}, .number = number_ + 1};
      if (rest_.front() == ' ')
        return fail("ldif.syntax", line.number, 1, "a continuation of nothing", "a line that begins with a name");
      do {
        std::string_view part = cut_line();
        if (!line.text.empty()) part.remove_prefix(1);
        if (line.text.size() + part.size() > kLineSizeMax)
          return fail("ldif.too-large", line.number, 1, "a line beyond the bound",
                      std::to_string(kLineSizeMax) + " bytes");
        line.text += part;
      } while (!line.text.empty() && !rest_.empty() && rest_.front() == ' ');
      if (!comment) return line;
    }
    return std::nullopt;
  }

 private:
  std::string_view cut_line() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  std::string_view rest_;
  std::string_view name_;
  std::size_t number_ = 0;
};

base::Result<Attribute> read_attribute(const Lines& lines, const Line& line) {
  const std::string_view text = line.text;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return lines.fail("ldif.syntax", line.number, 1, "'" + base::printable(text) + "' without a colon", "name: value");
  Attribute attribute{.name = lower_case(text.substr(0, colon)), .value = {}};
  if (attribute.name.contains(';'))
    return lines.fail("ldif.unsupported", line.number, 1,
                      "the attribute options of '" + base::printable(attribute.name) + "'", "plain names");
  if (attribute.name.empty() || !std::ranges::all_of(attribute.name, is_name_character))
    return lines.fail("ldif.syntax", line.number, 1, "an attribute name '" + base::printable(attribute.name) + "'",
                      "letters, digits, '-' and '.'");
  std::string_view value = text.substr(colon + 1);
  const bool encoded = value.starts_with(':');
  if (value.starts_with('<'))
    return lines.fail("ldif.unsupported", line.number, colon + 2, "a value by URL",
                      "the value itself, or '::' and base64");
  if (encoded) value.remove_prefix(1);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  const std::size_t column = text.size() - value.size() + 1;
  if (encoded) {
    const auto bytes = base::from_base64(value);
    if (!bytes)
      return lines.fail("ldif.syntax", line.number, column, "a value that is no base64", "RFC 4648 § 4, with padding");
    attribute.value = base::as_text(*bytes);
  } else {
    if (base::printable(value, value.size() + 1) != value)
      return lines.fail("ldif.syntax", line.number, column, "control characters or broken UTF-8",
                        "plain text, or '::' and base64");
    attribute.value = value;
  }
  return attribute;
}

base::Status take(const Lines& lines, const Line& line, Attribute attribute, std::vector<Entry>& entries, bool& open) {
  if (attribute.name == "changetype")
    return lines.fail("ldif.unsupported", line.number, 1, "a change record", "entries with their content");
  if (attribute.name == "dn") {
    if (open)
      return lines.fail("ldif.syntax", line.number, 1, "a second dn in one entry", "a blank line between entries");
    if (attribute.value.empty())
      return lines.fail("ldif.syntax", line.number, 4, "an empty dn", "a distinguished name");
    if (entries.size() == kEntriesMax)
      return lines.fail("ldif.too-large", line.number, 1, "one entry too many",
                        std::to_string(kEntriesMax) + " entries");
    entries.push_back({.dn = std::move(attribute.value), .line = line.number, .attributes = {}});
    open = true;
    return {};
  }
  if (!open)
    return lines.fail("ldif.syntax", line.number, 1, "'" + base::printable(attribute.name) + "' outside an entry",
                      "dn: … first");
  if (entries.back().attributes.size() == kValuesPerEntryMax)
    return lines.fail("ldif.too-large", line.number, 1, "one value too many",
                      std::to_string(kValuesPerEntryMax) + " an entry");
  entries.back().attributes.push_back(std::move(attribute));
  return {};
}

}  // namespace

std::vector<std::string_view> Entry::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Attribute& attribute : attributes)
    if (attribute.name == name) values.push_back(attribute.value);
  return values;
}

std::string_view Entry::first(std::string_view name) const {
  const auto at = std::ranges::find(attributes, name, &Attribute::name);
  return at == attributes.end() ? std::string_view() : std::string_view(at->value);
}

bool Entry::has(std::string_view name, std::string_view value) const {
  return std::ranges::any_of(attributes, [&](const Attribute& attribute) {
    return attribute.name == name && std::ranges::equal(attribute.value, value, {}, lower, lower);
  });
}

base::Result<std::vector<Entry>> parse(std::string_view text, std::string_view name) {
  Lines lines(text, name);
  if (text.size() > kFileSizeMax)
    return lines.fail("ldif.too-large", 1, 1, "a file of " + std::to_string(text.size()) + " bytes",
                      std::to_string(kFileSizeMax));
  std::vector<Entry> entries;
  bool open = false, first = true;
  for (;;) {
    const auto line = lines.next();
    if (!line) return std::unexpected(line.error());
    if (!*line) return entries;
    if ((*line)->text.empty()) {
      open = false;
      continue;
    }
    auto attribute = read_attribute(lines, **line);
    if (!attribute) return std::unexpected(attribute.error());
    if (std::exchange(first, false) && attribute->name == "version") {
      if (attribute->value == "1") continue;
      return lines.fail("ldif.unsupported", (*line)->number, 1,
                        "LDIF version '" + base::printable(attribute->value) + "'", "version: 1");
    }
    if (auto status = take(lines, **line, *std::move(attribute), entries, open); !status)
      return std::unexpected(status.error());
  }
}

std::string normalised_dn(std::string_view dn) {
  std::string out;
  bool skip_blanks = true;
  std::size_t kept = 0;  // what an escape protected, up to here, is never trimmed
  for (std::size_t i = 0; i < dn.size(); ++i) {
    const char c = dn[i];
    if (c == ' ' && skip_blanks) continue;
    skip_blanks = c == ',' || c == '+' || c == '=';
    if (skip_blanks)
      while (out.size() > kept && out.back() == ' ') out.pop_back();
    out += lower(c);
    if (c == '\\' && i + 1 < dn.size()) {
      out += lower(dn[++i]);
      kept = out.size();
      skip_blanks = false;
    }
  }
  while (out.size() > kept && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace gateway::directory::ldif
