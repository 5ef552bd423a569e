// The picture. All lengths are tenths of a user unit, so that a minute is exactly three of them.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "policy/chart/svg.h"
#include "policy/chart/week.h"
#include "policy/vocabulary/calendar_words.h"

namespace policy::chart {
namespace {

using vocabulary::say;

constexpr std::int64_t kWidth = 5420, kMargin = 100, kLeft = 880, kMinute = 3, kPlot = 24 * 60 * kMinute;
constexpr std::int64_t kRow = 165, kBar = 140, kPanelTitle = 200, kAxis = 160, kGap = 110;
constexpr std::int64_t kLine = 170, kLegendRow = 210, kSwatch = 280;
constexpr std::size_t kColumns = 68;  // of text below the title
constexpr const char* kInk = "#1a1a1a";
constexpr const char* kFont = "system-ui, 'DejaVu Sans', 'Segoe UI', Arial, sans-serif";

// Fill and hatching. The colours by their names in Okabe and Ito's palette.
struct Look {
  const char* name;
  const char* ground;
  const char* ink;
  const char* path;  // in a tile of 8 by 8
  const char* width;
};
Look look_of(Mark mark) {
  switch (mark) {
    case Mark::kOpen: return {"open", "#ffffff", "none", "", "0"};
    case Mark::kSilent: return {"silent", "#56b4e9", "#1a1a1a", "M2 2h1.6v1.6h-1.6zM6 6h1.6v1.6h-1.6z", "0"};
    case Mark::kHeld: return {"held", "#0072b2", "#ffffff", "M-2 2l4-4M0 8l8-8M6 10l4-4", "1.4"};
    case Mark::kNewlyOpen: return {"newly-open", "#f0e442", "#1a1a1a", "M4 0v8", "1.2"};
    case Mark::kNewlyHeld: return {"newly-held", "#d55e00", "#ffffff", "M-2 6l4 4M0 0l8 8M6 -2l4 4", "2"};
    case Mark::kFree: return {"free", "#e4e4e4", "none", "", "0"};
    case Mark::kDuty: return {"duty", "#1a1a1a", "none", "", "0"};
    case Mark::kOnCall: return {"on-call", "#e69f00", "#1a1a1a", "M0 2h8M0 6h8", "1"};
    case Mark::kAway: break;
  }
  return {"away", "#cc79a7", "#1a1a1a", "M1 1l3 3M4 1l-3 3M5 5l3 3M8 5l-3 3", "0.8"};
}

std::int64_t x_of(std::int32_t second) { return kLeft + second * kMinute / 60; }

std::vector<std::string> wrapped(const std::string& text) {
  std::vector<std::string> lines(1);
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    const auto columns =
        static_cast<std::size_t>(std::ranges::count_if(word, [](char c) { return (c & 0xC0) != 0x80; }));
    if (used > 0 && used + 1 + columns > kColumns) {
      lines.emplace_back();
      used = 0;
    }
    lines.back() += (used > 0 ? " " : "") + word;
    used += columns + (used > 0 ? 1 : 0);
    at = end + 1;
  }
  return lines;
}

class Picture {
 public:
  Picture(const Week& week, Language language) : week_(week), language_(language) {}

  std::string draw() {
    head();
    for (const Panel& panel : week_.panels) draw_panel(panel);
    legend();
    const std::string body = body_.take();
    const std::string height = tenths(y_ + kMargin), width = tenths(kWidth), name = week_.id + "-title ", d = "-desc";
    Markup out;
    out.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                     {"viewBox", "0 0 " + width + " " + height},
                     {"width", width},
                     {"height", height},
                     {"role", "img"},
                     {"aria-labelledby", name + week_.id + d},
                     {"font-family", kFont},
                     {"font-size", "12"},
                     {"fill", kInk}});
    out.text("title", {{"id", week_.id + "-title"}}, said(week_.title));
    out.text("desc", {{"id", week_.id + d}}, description());
    patterns(out);
    out.leaf("rect", {{"width", width}, {"height", height}, {"fill", "#ffffff"}});
    return out.raw(body).close("svg").take();
  }

 private:
  const std::string& said(const Both& both) const { return both.in(language_); }

  void write(std::int64_t x, const std::string& text, const char* size, const char* anchor = "start",
             const char* weight = "normal") {
    body_.text(
        "text",
        {{"x", tenths(x)}, {"y", tenths(y_)}, {"font-size", size}, {"text-anchor", anchor}, {"font-weight", weight}},
        text);
  }

  void head() {
    y_ = kMargin + 130;
    write(kMargin, said(week_.title), "17", "start", "bold");
    for (const std::string& line : wrapped(said(week_.caption))) {
      y_ += kLine + 10;
      write(kMargin, line, "13");
    }
    y_ += kGap;
  }

  void draw_panel(const Panel& panel) {
    y_ += kPanelTitle - 50;
    write(kMargin, said(panel.title), "14.5", "start", "bold");
    y_ += 50;
    const std::int64_t top = y_;
    for (int day = 0; day < week_.days; ++day) draw_row(panel, week_.first + day);
    axis(top);
    y_ += kGap;
  }

  void draw_row(const Panel& panel, time::LocalDate date) {
    const std::int64_t top = y_;
    y_ = top + 125;
    const bool holiday = std::ranges::find(week_.holidays, date) != week_.holidays.end();
    holiday_ = holiday_ || holiday;
    const std::string day = said(vocabulary::weekday_short(time::weekday_of(date)));
    const time::YearMonthDay civil = time::civil_of(date);
    write(kMargin,
          day + " " + std::to_string(civil.day) + "." + std::to_string(civil.month) + "." + (holiday ? " *" : ""),
          "12.5");
    y_ = top;
    body_.leaf("rect", {{"x", tenths(kLeft)},
                        {"y", tenths(top + 15)},
                        {"width", tenths(kPlot)},
                        {"height", tenths(kBar)},
                        {"fill", "none"},
                        {"stroke", "#888888"},
                        {"stroke-width", "0.6"},
                        {"stroke-dasharray", "2 2"}});
    for (const Piece& piece : pieces(week_, panel, date)) draw_piece(piece);
    y_ = top + kRow;
  }

  void draw_piece(const Piece& piece) {
    const Look look = look_of(piece.mark);
    used_.insert(piece.mark);
    const bool whole = piece.reading == Piece::Reading::kOnly;
    const std::int64_t lower = piece.reading == Piece::Reading::kSecond ? kBar / 2 : 0;
    body_.open("rect", {{"class", std::string("piece ") + look.name},
                        {"x", tenths(x_of(piece.from))},
                        {"y", tenths(y_ + 15 + lower)},
                        {"width", tenths(x_of(piece.to) - x_of(piece.from))},
                        {"height", tenths(whole ? kBar : kBar / 2)},
                        {"fill", "url(#" + week_.id + "-" + look.name + ")"},
                        {"stroke", kInk},
                        {"stroke-width", "0.6"}});
    body_.text("title", {}, said(vocabulary::day_and_date(piece.date)) + ": " + said(piece.words));
    body_.close("rect");
  }

  void axis(std::int64_t top) {
    for (std::int32_t hour = 0; hour <= 24; hour += 3) {
      const std::string x = tenths(x_of(hour * 3600));
      body_.leaf("line", {{"x1", x},
                          {"x2", x},
                          {"y1", tenths(top)},
                          {"y2", tenths(y_ + 30)},
                          {"stroke", "#555555"},
                          {"stroke-width", hour % 12 == 0 ? "0.9" : "0.4"}});
    }
    y_ += kAxis - 15;
    for (std::int32_t hour = 0; hour <= 24; hour += 3) write(x_of(hour * 3600), std::to_string(hour), "12", "middle");
    y_ += 15;
  }

  void legend() {
    std::int64_t x = kMargin;
    y_ += kLegendRow;
    for (const Mark mark : used_) {
      if (x > kMargin + 2 * (kWidth - 2 * kMargin) / 3) {
        x = kMargin;
        y_ += kLegendRow;
      }
      body_.leaf("rect", {{"x", tenths(x)},
                          {"y", tenths(y_ - 110)},
                          {"width", tenths(kSwatch)},
                          {"height", "13"},
                          {"fill", "url(#" + week_.id + "-" + look_of(mark).name + ")"},
                          {"stroke", kInk},
                          {"stroke-width", "0.6"}});
      write(x + kSwatch + 70, said(words_of(mark)), "13.5");
      x += (kWidth - 2 * kMargin) / 3;
    }
    note(
        say("Uhrzeiten von 0 bis 24 Uhr, Zeitzone {}.", "Times from 0 to 24 hours, time zone {}.", week_.zone->name()));
    if (holiday_) note({"* Feiertag", "* public holiday"});
    for (const Both& change : clock_changes(week_)) note(change);
  }

  void note(const Both& text) {
    for (const std::string& line : wrapped(said(text))) {
      y_ += kLine + 20;
      write(kMargin, line, "12.5");
    }
  }

  void patterns(Markup& out) const {
    out.open("defs");
    for (const Mark mark : used_) {
      const Look look = look_of(mark);
      out.open(
          "pattern",
          {{"id", week_.id + "-" + look.name}, {"width", "8"}, {"height", "8"}, {"patternUnits", "userSpaceOnUse"}});
      out.leaf("rect", {{"width", "8"}, {"height", "8"}, {"fill", look.ground}});
      const bool filled = std::string_view(look.width) == "0";
      if (*look.path != '\0')
        out.leaf("path", {{"d", look.path},
                          {"stroke", filled ? "none" : look.ink},
                          {"stroke-width", look.width},
                          {"fill", filled ? look.ink : "none"}});
      out.close("pattern");
    }
    out.close("defs");
  }

  // Hours by panel and mark: "Gewöhnliche Nachrichten: wartet 128 Stunden, kommt an 40 Stunden."
  std::string description() const {
    std::string out = said(week_.caption);
    for (const Panel& panel : week_.panels) {
      std::map<Mark, base::Seconds> sums;
      const base::Interval all{week_.zone->first_reading(week_.first, {}),
                               week_.zone->first_reading(week_.first + week_.days, {})};
      for (const Stretch& stretch : panel.line) {
        const base::Interval in{std::max(all.begin, stretch.span.begin), std::min(all.end, stretch.span.end)};
        if (!in.empty()) sums[stretch.mark] = sums[stretch.mark] + (in.end - in.begin);
      }
      std::string text;
      for (const auto& [mark, sum] : sums)
        text += (text.empty() ? "" : ", ") + said(words_of(mark)) + " " + said(vocabulary::duration(sum));
      out += " " + said(panel.title) + ": " + text + ".";
    }
    return out;
  }

  const Week& week_;
  Language language_;
  Markup body_;
  std::int64_t y_ = 0;
  std::set<Mark> used_;
  bool holiday_ = false;
};

}  // namespace

std::string svg(const Week& week, Language language) { return Picture(week, language).draw(); }

}  // namespace policy::chart
