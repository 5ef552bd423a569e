// The table beside the picture: the same pieces, in words.
#include <algorithm>

#include "policy/chart/svg.h"
#include "policy/chart/week.h"
#include "policy/vocabulary/calendar_words.h"

namespace policy::chart {
namespace {

const Both kDay{"Tag", "Day"};
const Both kHoliday{"Feiertag", "public holiday"};

Both label(const Week& week, time::LocalDate date) {
  const Both day = vocabulary::day_and_date(date);
  const bool holiday = std::ranges::find(week.holidays, date) != week.holidays.end();
  return holiday ? vocabulary::say("{} ({})", "{} ({})", day, kHoliday) : day;
}

std::vector<std::string> cell(const Week& week, const Panel& panel, time::LocalDate date, Language language) {
  std::vector<std::string> lines;
  for (const Piece& piece : pieces(week, panel, date)) lines.push_back(piece.words.in(language));
  if (lines.empty()) lines.emplace_back("–");
  return lines;
}

// What would end a cell or begin markup. Titles may come from a pack.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '<' || c == '`' || c == '*' || c == '_' || c == '[') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string markdown_table(const Week& week, Language language) {
  std::string head = "| " + kDay.in(language) + " |", rule = "|---|", body;
  for (const Panel& panel : week.panels) {
    head += " " + plain(panel.title.in(language)) + " |";
    rule += "---|";
  }
  for (int day = 0; day < week.days; ++day) {
    body += "| " + label(week, week.first + day).in(language) + " |";
    for (const Panel& panel : week.panels) {
      std::string text;
      for (const std::string& line : cell(week, panel, week.first + day, language))
        text += (text.empty() ? "" : "; ") + line;
      body += " " + text + " |";
    }
    body += "\n";
  }
  return head + "\n" + rule + "\n" + body;
}

std::string html_table(const Week& week, Language language) {
  Markup out;
  out.open("table", {{"class", "week"}});
  out.text("caption", {}, week.title.in(language) + ". " + week.caption.in(language));
  out.open("thead").open("tr").text("th", {{"scope", "col"}}, kDay.in(language));
  for (const Panel& panel : week.panels) out.text("th", {{"scope", "col"}}, panel.title.in(language));
  out.close("tr").close("thead").open("tbody");
  for (int day = 0; day < week.days; ++day) {
    out.open("tr").text("th", {{"scope", "row"}}, label(week, week.first + day).in(language));
    for (const Panel& panel : week.panels) {
      out.open("td");
      for (const std::string& line : cell(week, panel, week.first + day, language)) out.text("div", {}, line);
      out.close("td");
    }
    out.close("tr");
  }
  return out.close("tbody").close("table").take();
}

}  // namespace policy::chart
