#include "policy/roster/ical/export.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace policy::roster::ical {
namespace {

using base::Instant;
using model::RosterKind;
using time::Zone;

constexpr std::size_t kLineBytesMax = 75;  // § 3.1

std::string_view german(RosterKind kind) {
  switch (kind) {
    case RosterKind::kDuty: return "Dienst";
    case RosterKind::kStandby: return "Bereitschaftsdienst";
    case RosterKind::kOnCall: return "Rufbereitschaft";
    case RosterKind::kLeave: return "Urlaub";
    case RosterKind::kSick: return "Krank";
    case RosterKind::kTraining: return "Fortbildung";
  }
  return "Dienst";
}

// 20260328T190000Z
std::string utc(Instant instant) {
  std::string out = base::format_instant(instant);
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  return out;
}

// The same without Z, as the zone's clock shows it.
std::string wall(Instant instant, const Zone& zone) {
  std::string out = utc(instant + zone.offset_at(instant));
  out.pop_back();
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (c != '\r')
      out += c;
  }
  return out;
}

class Writer {
 public:
  explicit Writer(const ExportOptions& options) : options_(options) {}

  // Folded between characters, never inside one.
  void line(std::string_view text) {
    std::size_t room = kLineBytesMax;
    while (text.size() > room) {
      std::size_t size = room;
      while (size > 1 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
      out_.append(text.substr(0, size)) += "\r\n ";
      text.remove_prefix(size);
      room = kLineBytesMax - 1;
    }
    out_.append(text) += "\r\n";
  }

  void moment(std::string_view property, Instant instant) {
    const Zone* zone = options_.zone;
    if (zone != nullptr && zone->readings(zone->date_at(instant), zone->time_at(instant)) == 1)
      line(std::string(property) + ";TZID=" + zone->name() + ":" + wall(instant, *zone));
    else
      line(std::string(property) + ":" + utc(instant));
  }

  // `again`: how many equal entries of the person were written before.
  void event(std::string_view person, const model::RosterEntry& entry, std::size_t again) {
    const std::string begin = utc(entry.span.begin), end = utc(entry.span.end);
    line("BEGIN:VEVENT");
    line("UID:" + begin + "-" + end + "-" + std::string(name_of(entry.kind)) + "-" + escaped(person) +
         (again == 0 ? "" : "-" + std::to_string(again)));
    line("DTSTAMP:" + utc(options_.stamp));
    moment("DTSTART", entry.span.begin);
    moment("DTEND", entry.span.end);
    line("SUMMARY:" + std::string(german(entry.kind)));
    line("CATEGORIES:" + std::string(name_of(entry.kind)));
    line("X-FEIERABEND-PERSON:" + escaped(person));
    line("END:VEVENT");
  }

  // Every change of the zone in `span` as an observance of its own, and the state before the first.
  void zone(base::Interval span) {
    const Zone& zone = *options_.zone;
    line("BEGIN:VTIMEZONE");
    line("TZID:" + zone.name());
    base::Seconds before = zone.offset_at(span.begin);
    observance(span.begin, before, before);
    for (Instant day = span.begin; day < span.end; day = day + base::kDay) {
      if (zone.offset_at(day + base::kDay) == before) continue;
      Instant low = day, high = day + base::kDay;
      while (high - low > base::Seconds{1}) {
        const Instant middle{(low.unix_s + high.unix_s) / 2};
        (zone.offset_at(middle) == before ? low : high) = middle;
      }
      observance(high, before, zone.offset_at(high));
      before = zone.offset_at(high);
    }
    line("END:VTIMEZONE");
  }

  std::string take() { return std::move(out_); }

 private:
  static std::string offset_text(base::Seconds offset) {
    const std::int64_t size = std::abs(offset.count);
    const auto two = [](std::int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    return (offset.count < 0 ? "-" : "+") + two(size / 3600) + two(size / 60 % 60) +
           (size % 60 == 0 ? "" : two(size % 60));
  }

  void observance(Instant onset, base::Seconds from, base::Seconds to) {
    const std::string_view kind = to > from ? "DAYLIGHT" : "STANDARD";
    line("BEGIN:" + std::string(kind));
    std::string start = utc(onset + from);
    start.pop_back();
    line("DTSTART:" + start);
    line("TZOFFSETFROM:" + offset_text(from));
    line("TZOFFSETTO:" + offset_text(to));
    line("TZNAME:" + std::string(options_.zone->abbreviation_at(onset)));
    line("END:" + std::string(kind));
  }

  const ExportOptions& options_;
  std::string out_;
};

std::optional<base::Interval> span_of(const model::People& people) {
  std::optional<base::Interval> all;
  for (const auto& [id, facts] : people)
    for (const auto& entry : facts.roster)
      all =
          all ? base::Interval{std::min(all->begin, entry.span.begin), std::max(all->end, entry.span.end)} : entry.span;
  return all;
}

}  // namespace

std::string write_calendar(const model::People& people, const ExportOptions& options) {
  Writer writer(options);
  writer.line("BEGIN:VCALENDAR");
  writer.line("VERSION:2.0");
  writer.line("PRODID:-//Feierabend//feierabend-policy//DE");
  if (const auto span = span_of(people); span && options.zone != nullptr) writer.zone(*span);
  for (const auto& [id, facts] : people)
    for (std::size_t i = 0, again = 0; i < facts.roster.size(); ++i) {
      again = i > 0 && facts.roster[i] == facts.roster[i - 1] ? again + 1 : 0;
      writer.event(id, facts.roster[i], again);
    }
  writer.line("END:VCALENDAR");
  return writer.take();
}

}  // namespace policy::roster::ical
