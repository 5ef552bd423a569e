#include "policy/chart/week.h"

#include <algorithm>

#include "policy/vocabulary/calendar_words.h"

namespace policy::chart {
namespace {

using base::Instant;
using base::Interval;

constexpr std::int32_t kDaySeconds = 86400;

// A part of one date between two changes of the clock: what the clock shows at its begin and its end.
struct Part {
  Interval span;
  std::int32_t from = 0, to = 0;
};

Interval span_of(const Week& week, time::LocalDate date) {
  return {week.zone->first_reading(date, {}), week.zone->first_reading(date + 1, {})};
}

std::vector<Part> parts_of(const Week& week, time::LocalDate date) {
  const Interval day = span_of(week, date);
  std::vector<Instant> cuts = week.zone->changes_in(day);
  cuts.insert(cuts.begin(), day.begin);
  cuts.push_back(day.end);
  std::vector<Part> parts;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    const std::int64_t midnight = date.days * kDaySeconds - week.zone->offset_at(cuts[i]).count;
    const auto reading = [&](Instant t) {
      return static_cast<std::int32_t>(std::clamp<std::int64_t>(t.unix_s - midnight, 0, kDaySeconds));
    };
    parts.push_back({{cuts[i], cuts[i + 1]}, reading(cuts[i]), reading(cuts[i + 1])});
  }
  return parts;
}

// Which of the readings of [from, to) the part is; between the cuts below every moment has the same number of them.
Piece::Reading reading_in(const std::vector<Part>& parts, std::size_t own, std::int32_t from) {
  const auto shows = [from](const Part& part) { return part.from <= from && from < part.to; };
  const auto mine = parts.begin() + static_cast<std::ptrdiff_t>(own);
  if (std::any_of(parts.begin(), mine, shows)) return Piece::Reading::kSecond;
  return std::any_of(mine + 1, parts.end(), shows) ? Piece::Reading::kFirst : Piece::Reading::kOnly;
}

std::vector<std::int32_t> cuts_within(const std::vector<Part>& parts, std::int32_t from, std::int32_t to) {
  std::vector<std::int32_t> cuts{from, to};
  for (const Part& part : parts)
    for (const std::int32_t cut : {part.from, part.to})
      if (cut > from && cut < to) cuts.push_back(cut);
  std::ranges::sort(cuts);
  const auto same = std::ranges::unique(cuts);
  cuts.erase(same.begin(), same.end());
  return cuts;
}

void say_words(Piece& piece, const time::Zone& zone, Instant inside) {
  const std::string hours = vocabulary::clock(piece.from) + "–" + vocabulary::clock(piece.to);
  const bool twice = piece.reading != Piece::Reading::kOnly;
  const std::string which = twice ? " (" + std::string(zone.abbreviation_at(inside)) + ")" : "";
  piece.words = vocabulary::say("{}{} {}", "{}{} {}", hours, which, words_of(piece.mark));
}

}  // namespace

Both words_of(Mark mark) {
  switch (mark) {
    case Mark::kOpen: return {"kommt an", "arrives"};
    case Mark::kSilent: return {"kommt still an", "arrives silently"};
    case Mark::kHeld: return {"wartet", "waits"};
    case Mark::kNewlyOpen: return {"kommt neu an", "newly arrives"};
    case Mark::kNewlyHeld: return {"wartet neu", "newly waits"};
    case Mark::kFree: return {"frei", "free"};
    case Mark::kDuty: return {"Dienst", "duty"};
    case Mark::kOnCall: return {"Rufbereitschaft", "on call"};
    case Mark::kAway: break;
  }
  return {"abwesend", "away"};
}

std::vector<Piece> pieces(const Week& week, const Panel& panel, time::LocalDate date) {
  const std::vector<Part> parts = parts_of(week, date);
  std::vector<Piece> found;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    for (std::size_t s = 0; s < panel.line.size(); ++s) {
      const Mark mark = panel.line[s].mark;
      Interval span = panel.line[s].span;
      while (s + 1 < panel.line.size() && panel.line[s + 1].mark == mark && panel.line[s + 1].span.begin == span.end)
        span.end = panel.line[++s].span.end;
      const Interval shown{std::max(span.begin, part.span.begin), std::min(span.end, part.span.end)};
      if (shown.empty()) continue;
      const auto reading = [&](Instant t) {
        return part.from + static_cast<std::int32_t>((t - part.span.begin).count);
      };
      const auto cuts = cuts_within(parts, reading(shown.begin), reading(shown.end));
      for (std::size_t c = 0; c + 1 < cuts.size(); ++c) {
        Piece piece{date, cuts[c], cuts[c + 1], reading_in(parts, i, cuts[c]), mark, {}};
        say_words(piece, *week.zone, part.span.begin);
        found.push_back(std::move(piece));
      }
    }
  }
  return found;
}

std::vector<Both> clock_changes(const Week& week) {
  std::vector<Both> found;
  for (int day = 0; day < week.days; ++day) {
    const time::LocalDate date = week.first + day;
    const Interval span = span_of(week, date);
    if (week.zone->changes_in(span).empty()) continue;
    found.push_back(vocabulary::say("Am {}, wird die Uhr umgestellt: Der Tag hat {}.",
                                    "On {} the clock is changed: the day has {}.", vocabulary::day_and_date(date),
                                    vocabulary::duration(span.end - span.begin)));
  }
  return found;
}

}  // namespace policy::chart
