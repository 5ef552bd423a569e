#include "policy/roster/roster_file.h"

#include <algorithm>
#include <array>

#include "policy/roster/ical/content_line.h"
#include "policy/roster/ical/import.h"
#include "policy/roster/plan/plan.h"

namespace policy::roster {
namespace {

struct Suffix {
  std::string_view word;
  Format format;
};
constexpr std::array kSuffixes{Suffix{"CSV", Format::kTable}, Suffix{"ICS", Format::kCalendar},
                               Suffix{"TOML", Format::kPlan}};

std::string quoted(std::string_view text) {
  if (text.find_first_of(",\"") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

// A TOML basic string.
std::string basic_string(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += std::string("\\") + c;
    else if (byte < 0x20 || byte == 0x7F)
      out += std::string("\\u00") + kDigits[byte >> 4U] + kDigits[byte & 15U];
    else
      out += c;
  }
  return out + '"';
}

std::string write_table(const model::People& people) {
  std::string out = "person,kind,begin,end\n";
  for (const auto& [id, facts] : people)
    for (const auto& entry : facts.roster)
      out += quoted(id) + ',' + std::string(name_of(entry.kind)) + ',' + format_instant(entry.span.begin) + ',' +
             format_instant(entry.span.end) + '\n';
  return out;
}

std::string write_plan(const model::People& people) {
  std::string out;
  for (const auto& [id, facts] : people)
    for (const auto& entry : facts.roster)
      out += std::string(out.empty() ? "" : "\n") + "[[entry]]\nperson = " + basic_string(id) + "\nkind = \"" +
             std::string(name_of(entry.kind)) + "\"\nbegin = " + format_instant(entry.span.begin) +
             "\nend = " + format_instant(entry.span.end) + "\n";
  return out;
}

}  // namespace

base::Result<Format> parse_format(std::string_view word) {
  const std::string wanted = ical::capitals(word);
  const auto* found = std::ranges::find(kSuffixes, wanted, &Suffix::word);
  if (found != kSuffixes.end()) return found->format;
  return base::fail("roster.format", "roster format '" + base::printable(word) + "'", "csv, ics, toml");
}

base::Result<Format> format_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (auto format = parse_format(dot == std::string_view::npos ? "" : name.substr(dot + 1))) return *format;
  return base::fail("roster.format", "a roster whose name does not say its format",
                    "a name that ends with .csv, .ics or .toml", {}, base::printable(name, 300));
}

std::size_t bytes_max(Format format) {
  if (format == Format::kTable) return kTableBytesMax;
  return format == Format::kCalendar ? ical::kCalendarBytesMax : plan::kPlanBytesMax;
}

std::expected<void, Errors> read_roster_table(std::string_view name, base::ByteSource source, const Options& options,
                                              model::People& people) {
  model::People strangers;
  const auto find = [&](std::string_view id) -> model::PersonFacts* {
    const auto canonical = options.canonical ? options.canonical(id) : std::string(id);
    if (!canonical) return nullptr;
    if (const auto found = people.find(*canonical); found != people.end()) return &found->second;
    if (!options.admit_strangers) return nullptr;
    model::PersonFacts& stranger = strangers[*canonical];
    stranger.person = *canonical;
    return &stranger;
  };
  if (auto read = pack::read_roster(name, std::move(source), find); !read) return read;
  people.merge(strangers);
  return {};
}

std::expected<void, Errors> read_roster_file(std::string_view name, std::string_view bytes, const Options& options,
                                             model::People& people) {
  const auto format = format_of(name);
  if (!format) return std::unexpected(Errors{format.error()});
  if (*format == Format::kCalendar) return ical::read_calendar(name, bytes, options, people);
  if (*format == Format::kPlan) return plan::read_plan(name, bytes, options, people);
  return read_roster_table(name, base::source_of(bytes), options, people);
}

std::string write_roster_file(const model::People& people, Format format, const ical::ExportOptions& calendar) {
  if (format == Format::kCalendar) return ical::write_calendar(people, calendar);
  return format == Format::kPlan ? write_plan(people) : write_table(people);
}

}  // namespace policy::roster
