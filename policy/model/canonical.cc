#include "policy/model/canonical.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>

namespace policy::model {
namespace {

using base::Instant;
using base::Interval;

constexpr std::string_view kHeader = "feierabend-facts 1";
constexpr std::string_view kDigits = "0123456789ABCDEF";

bool plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~@,=+:/").find(c) != std::string_view::npos;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (plain(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::string text_of(Instant instant) {
  if (instant < base::kBeginningOfTime || base::kEndOfTime < instant) return "@" + std::to_string(instant.unix_s);
  return base::format_instant(instant);
}

std::string text_of(Interval span) { return text_of(span.begin) + " " + text_of(span.end); }

template <typename Entries, typename Key>
Entries sorted(Entries entries, Key key) {
  std::ranges::sort(entries, {}, key);
  return entries;
}

// ---- reading. Whether escapes, instants and order are the canonical ones is seen by writing the facts again.

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const std::size_t high = kDigits.find(text[i + 1]), low = kDigits.find(text[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::optional<Instant> instant_of(std::string_view text) {
  if (!text.starts_with('@')) {
    const auto instant = base::parse_instant(text);
    return instant ? std::optional(*instant) : std::nullopt;
  }
  text.remove_prefix(1);
  Instant instant;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), instant.unix_s);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(instant) : std::nullopt;
}

std::optional<Interval> span_of(std::string_view begin, std::string_view end) {
  const auto from = instant_of(begin), to = instant_of(end);
  if (!from || !to) return std::nullopt;
  return Interval{*from, *to};
}

constexpr std::size_t kFieldsMax = 6;

// The fields of a line, or none if there are too many.
struct Fields {
  std::array<std::string_view, kFieldsMax> at;
  std::size_t count = 0;
};

Fields fields_of(std::string_view line) {
  Fields fields;
  while (fields.count < kFieldsMax) {
    const std::size_t space = line.find(' ');
    fields.at[fields.count++] = line.substr(0, space);
    if (space == std::string_view::npos) return fields;
    line.remove_prefix(space + 1);
  }
  return {};
}

bool add_override(const Fields& fields, Interval span, PersonFacts& facts) {
  auto rule = unescaped(fields.at[3]), role = unescaped(fields.at[4]), reason = unescaped(fields.at[5]);
  if (!rule || !role || !reason) return false;
  facts.overrides.push_back({std::move(*rule), std::move(*role), std::move(*reason), span});
  return true;
}

bool add_spanned(const Fields& fields, PersonFacts& facts) {
  const auto span = span_of(fields.at[1], fields.at[2]);
  if (!span) return false;
  const std::string_view what = fields.at[0];
  if (what == "override" && fields.count == 6) return add_override(fields, *span, facts);
  if (what == "roster" && fields.count == 4) {
    const auto kind = parse_roster_kind(fields.at[3]);
    if (kind) facts.roster.push_back({*kind, *span});
    return kind.has_value();
  }
  if (fields.count != 3) return false;
  if (what == "interruption")
    facts.interruptions.push_back({*span});
  else if (what == "self-opening")
    facts.self_openings.push_back({*span});
  else
    return false;
  return true;
}

bool add_line(std::string_view line, PersonFacts& facts) {
  const Fields fields = fields_of(line);
  if (fields.count != 2) return fields.count >= 3 && add_spanned(fields, facts);
  auto text = unescaped(fields.at[1]);
  if (!text) return false;
  if (fields.at[0] == "person")
    facts.person = std::move(*text);
  else if (fields.at[0] == "group")
    facts.groups.push_back(std::move(*text));
  else
    return false;
  return true;
}

std::unexpected<base::Error> bad_line(std::string_view name, std::size_t number, std::string_view line) {
  return base::fail("facts.syntax", "line '" + base::printable(line) + "'", "a line of policy/model/canonical.h", {},
                    std::string(name) + ":" + std::to_string(number));
}

std::size_t first_difference(std::string_view a, std::string_view b) {
  const auto at = std::ranges::mismatch(a, b).in1 - a.begin();
  return static_cast<std::size_t>(std::ranges::count(a.substr(0, static_cast<std::size_t>(at)), '\n')) + 1;
}

}  // namespace

std::string canonical(const PersonFacts& facts) {
  std::string out = std::string(kHeader) + "\nperson " + escaped(facts.person) + "\n";
  for (const std::string& group : sorted(facts.groups, std::identity{})) out += "group " + escaped(group) + "\n";
  for (const auto& entry : sorted(facts.roster, [](const RosterEntry& e) { return std::tuple(e.span, e.kind); }))
    out += "roster " + text_of(entry.span) + " " + std::string(name_of(entry.kind)) + "\n";
  for (const auto& entry : sorted(facts.interruptions, &Interruption::span))
    out += "interruption " + text_of(entry.span) + "\n";
  const auto all = [](const Override& o) { return std::tie(o.span, o.rule, o.role, o.reason); };
  for (const auto& entry : sorted(facts.overrides, all)) {
    out += "override " + text_of(entry.span) + " " + escaped(entry.rule) + " " + escaped(entry.role) + " " +
           escaped(entry.reason) + "\n";
  }
  for (const auto& entry : sorted(facts.self_openings, &SelfOpening::span))
    out += "self-opening " + text_of(entry.span) + "\n";
  return out;
}

base::Result<PersonFacts> parse_canonical(std::string_view name, std::string_view text) {
  if (text.size() > kCanonicalBytesMax) {
    return base::fail("facts.too-large", "facts of " + std::to_string(text.size()) + " bytes",
                      "at most " + std::to_string(kCanonicalBytesMax), {}, std::string(name));
  }
  PersonFacts facts;
  std::size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    ++number;
    const bool good = end != std::string_view::npos && line.size() <= kCanonicalLineBytesMax &&
                      (number == 1 ? line == kHeader : add_line(line, facts));
    if (!good) return bad_line(name, number, line);
    rest.remove_prefix(end + 1);
  }
  const std::string again = canonical(facts);
  if (again == text) return facts;
  return base::fail("facts.order", "facts that are written in another order or form", "what the program itself writes",
                    "do not edit such a file", std::string(name) + ":" + std::to_string(first_difference(text, again)));
}

}  // namespace policy::model
