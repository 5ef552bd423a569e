// Pictures and tables are read back: rectangles from the SVG, cells from the tables, and both against the decisions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "policy/chart/person_week.h"
#include "policy/chart/svg.h"
#include "policy/decide/decide.h"

namespace policy::chart {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::shared_ptr<const pack::RuleSet> shipped(const std::string& id) {
  std::ifstream in("rules/packs/" + id + "/pack.toml", std::ios::binary);
  const pack::PackSource source{id, {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}};
  return pack::load_packs(std::span(&source, 1)).value();
}

time::LocalDate on(std::int64_t year, int month, int day) { return time::date_of({year, month, day}); }

std::string attribute(std::string_view element, const std::string& name) {
  const std::size_t at = element.find(" " + name + "=\"");
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + name.size() + 3;
  return std::string(element.substr(begin, element.find('"', begin) - begin));
}

struct Bar {
  double x = 0, y = 0, width = 0, height = 0;
  std::string look, title;
};

std::vector<Bar> bars_of(const std::string& picture) {
  std::vector<Bar> bars;
  for (std::size_t at = picture.find("<rect class=\"piece"); at != std::string::npos;
       at = picture.find("<rect class=\"piece", at + 1)) {
    const std::string element = picture.substr(at, picture.find("</rect>", at) - at);
    const std::size_t title = element.find("<title>") + 7;
    bars.push_back({std::stod(attribute(element, "x")), std::stod(attribute(element, "y")),
                    std::stod(attribute(element, "width")), std::stod(attribute(element, "height")),
                    attribute(element, "class"), element.substr(title, element.find("</title>") - title)});
  }
  return bars;
}

// Row by row: the first cell is the day, then a cell for each panel.
std::vector<std::vector<std::string>> rows_of(const std::string& table) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t at = 0; at < table.size();) {
    const std::size_t end = table.find('\n', at);
    std::vector<std::string> cells;
    const std::string line = table.substr(at, end - at);
    for (std::size_t bar = 0, next; (next = line.find(" |", bar + 1)) != std::string::npos; bar = next + 1)
      cells.push_back(line.substr(bar + 2, next - bar - 2));
    rows.push_back(cells);
    at = end + 1;
  }
  return rows;
}

std::vector<std::string> split(const std::string& cell, const std::string& by) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= cell.size();) {
    const std::size_t end = std::min(cell.find(by, at), cell.size());
    parts.push_back(cell.substr(at, end - at));
    at = end + by.size();
  }
  return parts;
}

std::int32_t seconds(std::string_view clock) {
  return (std::stoi(std::string(clock.substr(0, 2))) * 60 + std::stoi(std::string(clock.substr(3, 2)))) * 60;
}

void expect_twins(const Week& week, Language language) {
  const std::string picture = svg(week, language);
  const auto rows = rows_of(markdown_table(week, language));
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(week.days) + 2);
  std::vector<std::string> told, drawn;
  for (std::size_t panel = 0; panel < week.panels.size(); ++panel)
    for (std::size_t day = 2; day < rows.size(); ++day)
      for (const std::string& piece : split(rows[day][panel + 1], "; "))
        told.push_back(rows[day][0].substr(0, rows[day][0].find(" (")) + ": " + piece);
  for (const Bar& bar : bars_of(picture)) {
    drawn.push_back(bar.title);
    // The geometry says the same as the words: 18 units an hour from 88 on.
    const std::size_t at = bar.title.find(": ") + 2;
    const std::string_view hours = std::string_view(bar.title).substr(at);
    const std::int32_t from = seconds(hours.substr(0, 5)), to = seconds(hours.substr(std::string("00:00–").size(), 5));
    EXPECT_DOUBLE_EQ(bar.x, 88 + from / 200.0) << bar.title;
    EXPECT_DOUBLE_EQ(bar.width, (to - from) / 200.0) << bar.title;
  }
  EXPECT_EQ(told, drawn);
  // And so does the table of the web page.
  std::vector<std::string> cells;
  const std::string html = html_table(week, language);
  for (std::size_t at = html.find("<div>"); at != std::string::npos; at = html.find("<div>", at + 1))
    cells.push_back(html.substr(at + 5, html.find("</div>", at) - at - 5));
  std::vector<std::string> by_day;
  for (std::size_t day = 2; day < rows.size(); ++day)
    for (std::size_t panel = 0; panel < week.panels.size(); ++panel)
      std::ranges::copy(split(rows[day][panel + 1], "; "), std::back_inserter(by_day));
  EXPECT_EQ(cells, by_day);
}

Week week(const pack::RuleSet& rules, Shift shift, time::LocalDate monday) {
  return week_of(rules, sample(rules, shift, monday), monday, words_of(shift));
}

TEST(Chart, PictureAndTableAreTwinsForEveryShiftAndClockChange) {
  const auto rules = shipped("dv-messenger");
  for (const Shift shift : {Shift::kCore, Shift::kEarly, Shift::kLate, Shift::kNight, Shift::kOnCall})
    for (const time::LocalDate monday : {ordinary_week(*rules), on(2026, 3, 23), on(2026, 10, 19), on(2026, 5, 11)})
      for (const Language language : {Language::kGerman, Language::kEnglish})
        expect_twins(week(*rules, shift, monday), language);
}

// The decision, asked minute by minute, is what the table shows.
TEST(Chart, EveryMinuteOfThePicture) {
  const auto rules = shipped("dv-messenger");
  for (const time::LocalDate monday : {on(2026, 3, 23), on(2026, 10, 19)}) {
    const model::PersonFacts facts = sample(*rules, Shift::kOnCall, monday);
    const Week drawn = week_of(*rules, facts, monday, words_of(Shift::kOnCall));
    const time::Zone& zone = *drawn.zone;
    for (std::size_t c = 0; c < model::kMessageClassCount; ++c) {
      for (int day = 0; day < 7; ++day) {
        const time::LocalDate date = monday + day;
        std::int64_t minutes = 0;
        for (const Piece& piece : pieces(drawn, drawn.panels[c + 1], date)) {
          for (std::int32_t second = piece.from; second < piece.to; second += 60) {
            const base::Instant at = piece.reading == Piece::Reading::kSecond ? zone.last_reading(date, {second})
                                                                              : zone.first_reading(date, {second});
            const auto effect = decide::decide(*rules, facts, model::kMessageClasses[c], at).effect;
            ASSERT_EQ(effect == model::Effect::kHold, piece.mark == Mark::kHeld) << piece.words.en;
            ++minutes;
          }
        }
        const base::Seconds length = zone.first_reading(date + 1, {}) - zone.first_reading(date, {});
        EXPECT_EQ(minutes * 60, length.count);
      }
    }
  }
}

TEST(Chart, TheDayOfTwentyThreeHoursHasAGapAndThatOfTwentyFiveAnHourTwice) {
  const auto rules = shipped("dv-messenger");
  const Week spring = week(*rules, Shift::kNight, on(2026, 3, 23));
  std::vector<std::string> words;
  for (const Piece& piece : pieces(spring, spring.panels[1], on(2026, 3, 29))) words.push_back(piece.words.en);
  EXPECT_THAT(words, ElementsAre("00:00–02:00 waits", "03:00–24:00 waits"));
  EXPECT_EQ(clock_changes(spring).at(0).de,
            "Am Sonntag, 29. März 2026, wird die Uhr umgestellt: Der Tag hat 23 Stunden.");
  const Week autumn = week(*rules, Shift::kCore, on(2026, 10, 19));
  words.clear();
  for (const Piece& piece : pieces(autumn, autumn.panels[1], on(2026, 10, 25))) words.push_back(piece.words.de);
  EXPECT_THAT(words, ElementsAre("00:00–02:00 wartet", "02:00–03:00 (CEST) wartet", "02:00–03:00 (CET) wartet",
                                 "03:00–24:00 wartet"));
  EXPECT_THAT(svg(autumn, Language::kEnglish), HasSubstr("the day has 25"));
  std::vector<double> heights;
  for (const Bar& bar : bars_of(svg(autumn, Language::kEnglish)))
    if (bar.title.contains("(CEST) waits") || bar.title.contains("(CET) waits")) heights.push_back(bar.height);
  EXPECT_THAT(heights, testing::Each(7));
  EXPECT_TRUE(clock_changes(week(*rules, Shift::kCore, ordinary_week(*rules))).empty());
}

TEST(Chart, DescriptionCountsTheHoursOfTheWeek) {
  const auto rules = shipped("dv-messenger");
  const std::string picture = svg(week(*rules, Shift::kCore, on(2026, 6, 15)), Language::kEnglish);
  // Core hours of five days, 15 minutes of lead and grace; at night and in the rest urgent messages wait too.
  EXPECT_THAT(picture, HasSubstr("Routine messages: arrives 40 hours, waits 128 hours."));
  EXPECT_THAT(picture, HasSubstr("Alarms: arrives 7 days."));
}

TEST(Chart, HolidaysAreMarkedAndAvoidedByDefault) {
  const auto rules = shipped("dv-messenger");
  const Week ascension = week(*rules, Shift::kCore, on(2026, 5, 11));
  EXPECT_THAT(ascension.holidays, ElementsAre(on(2026, 5, 14)));
  EXPECT_THAT(markdown_table(ascension, Language::kGerman),
              HasSubstr("| Donnerstag, 14. Mai 2026 (Feiertag) | 00:00–24:00 frei |"));
  EXPECT_THAT(svg(ascension, Language::kEnglish), HasSubstr("* public holiday"));
  EXPECT_TRUE(week(*rules, Shift::kCore, ordinary_week(*rules)).holidays.empty());
}

TEST(Chart, EveryMarkHasAPatternOfItsOwn) {
  Week all = week(*shipped("dv-messenger"), Shift::kCore, on(2026, 6, 15));
  all.panels.clear();
  const base::Instant begin = all.zone->first_reading(all.first, {});
  for (int mark = 0; mark <= static_cast<int>(Mark::kAway); ++mark)
    all.panels.push_back({{"p", "p"}, {{{begin, begin + base::kHour}, static_cast<Mark>(mark)}}});
  const std::string picture = svg(all, Language::kEnglish);
  std::vector<std::string> bodies;
  for (std::size_t at = picture.find("<pattern id=\""); at != std::string::npos;
       at = picture.find("<pattern id=\"", at + 1)) {
    const std::size_t body = picture.find('>', at);
    bodies.push_back(picture.substr(body, picture.find("</pattern>", at) - body));
  }
  ASSERT_EQ(bodies.size(), 9U);
  std::ranges::sort(bodies);
  EXPECT_EQ(std::ranges::distance(bodies.begin(), std::ranges::unique(bodies).begin()), 9);
}

TEST(Chart, TextFromPacksCannotBreakOut) {
  Week bad = week(*shipped("dv-messenger"), Shift::kCore, on(2026, 6, 15));
  bad.title = {"</title><script>alert(1)</script>", "\"'&\x01"};
  bad.panels[0].title = {"a|b<script>", "a|b\nc"};
  const std::string german = svg(bad, Language::kGerman);
  EXPECT_THAT(german, Not(HasSubstr("<script>")));
  EXPECT_THAT(german, HasSubstr("&lt;/title&gt;&lt;script&gt;"));
  EXPECT_THAT(svg(bad, Language::kEnglish), HasSubstr("&quot;&#39;&amp;\xEF\xBF\xBD"));
  EXPECT_THAT(html_table(bad, Language::kGerman), Not(HasSubstr("<script>")));
  EXPECT_THAT(markdown_table(bad, Language::kEnglish), HasSubstr("| Day | a\\|b c |"));
}

TEST(Chart, TheSameWeekGivesTheSameBytes) {
  const auto rules = shipped("arbzg");
  EXPECT_EQ(svg(week(*rules, Shift::kLate, on(2026, 6, 15)), Language::kGerman),
            svg(week(*rules, Shift::kLate, on(2026, 6, 15)), Language::kGerman));
}

TEST(Chart, ShiftNames) {
  EXPECT_EQ(parse_shift("on-call").value(), Shift::kOnCall);
  EXPECT_EQ(parse_shift("lunch").error().code, "shift.unknown");
}

}  // namespace
}  // namespace policy::chart
