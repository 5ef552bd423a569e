// `feierabend-policy render`: packs in plain words, as a picture of a week, or as a page with both.
#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "policy/chart/person_week.h"
#include "policy/pack/cases.h"
#include "policy/render/markdown.h"
#include "policy/render/page.h"
#include "policy/tool/command/commands.h"
#include "policy/tool/command/klartext.h"
#include "policy/tool/command/report.h"
#include "policy/tool/command/write_file.h"

namespace policy::tool {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using vocabulary::Both;

struct Asked {
  std::vector<std::string> with;
  std::string format = "text", out, shift, person, week;
  bool write = false, check = false;
};

enum class Format : std::uint8_t { kText, kSvg, kHtml };

base::Result<Format> format_of(const Asked& asked) {
  if (asked.format == "text") return Format::kText;
  if (asked.format == "svg") return Format::kSvg;
  if (asked.format == "html") return Format::kHtml;
  return base::fail("format.unknown", "format '" + base::printable(asked.format) + "'", "text, svg, html");
}

base::Result<chart::Shift> shift_of(const Asked& asked) {
  return asked.shift.empty() ? chart::Shift::kCore : chart::parse_shift(asked.shift);
}

// The Monday of the week that a date lies in.
base::Result<std::optional<time::LocalDate>> monday_of(const std::string& date) {
  if (date.empty()) return std::nullopt;
  const auto instant = base::parse_instant(date + "T00:00:00Z");
  if (date.size() == 10 && instant)
    return time::monday_of_week(time::LocalDate{(*instant - base::Instant{}).count / base::kDay.count});
  return base::fail("date.syntax", "date '" + base::printable(date) + "'", "YYYY-MM-DD, years 1 to 9999");
}

Input<model::PersonFacts> person_of_cases(const std::string& pack, const std::string& id) {
  const fs::path path(pack);
  std::error_code error;
  const std::string file = ((fs::is_directory(path, error) ? path : path.parent_path()) / "cases.toml").string();
  const auto text = read_file(file, pack::kPackBytesMax + 1);
  if (!text) return std::unexpected(text.error());
  const auto cases = pack::read_cases(file, *text);
  if (!cases) return std::unexpected(Failure{cases.error(), kDataError});
  const auto found = cases->people.find(id);
  if (found != cases->people.end()) return found->second;
  return std::unexpected(Failure{
      {{"person.unknown", "person '" + base::printable(id) + "'", "a person whom " + file + " names", {}, "--person"}},
      kDataError});
}

// The week in which the roster begins; people of cases have their own dates.
time::LocalDate first_week(const pack::RuleSet& rules, const model::PersonFacts& facts) {
  if (facts.roster.empty()) return chart::ordinary_week(rules);
  return time::monday_of_week(rules.rules().zone_table->date_at(facts.roster.front().span.begin));
}

struct WeekAsked {
  chart::Shift shift = chart::Shift::kCore;
  std::optional<time::LocalDate> monday;
};

Input<chart::Week> week_of(const pack::RuleSet& rules, const Asked& asked, const WeekAsked& wanted,
                           const std::string& first_pack) {
  if (!asked.person.empty()) {
    const auto facts = person_of_cases(first_pack, asked.person);
    if (!facts) return std::unexpected(facts.error());
    const Both who = vocabulary::say("Person {}", "Person {}", base::printable(asked.person));
    return chart::week_of(rules, *facts, wanted.monday.value_or(first_week(rules, *facts)), who);
  }
  const time::LocalDate monday = wanted.monday.value_or(chart::ordinary_week(rules));
  return chart::week_of(rules, chart::sample(rules, wanted.shift, monday), monday, chart::words_of(wanted.shift));
}

json::object json_of(const Both& both) { return {{"de", both.de}, {"en", both.en}}; }

json::object json_of(const render::Document& document) {
  json::array sections;
  for (const render::Section& section : document.sections) {
    json::array blocks;
    for (const render::Block& block : section.blocks) {
      json::array sentences;
      for (const render::Sentence& sentence : block.sentences) {
        json::object one{{"key", sentence.key}, {"de", sentence.text.de}, {"en", sentence.text.en}};
        if (!sentence.verbatim.empty()) one["verbatim"] = sentence.verbatim;
        if (sentence.open) one["open"] = true;
        sentences.emplace_back(std::move(one));
      }
      blocks.emplace_back(json::object{{"number", block.number},
                                       {"title", json_of(block.title)},
                                       {"rule", block.rule},
                                       {"cite", block.cite},
                                       {"sentences", std::move(sentences)}});
    }
    sections.emplace_back(json::object{{"title", json_of(section.title)}, {"blocks", std::move(blocks)}});
  }
  return {{"pack", document.pack}, {"title", json_of(document.title)}, {"sections", std::move(sections)}};
}

json::object json_of(const chart::Week& week) {
  json::array panels;
  for (const chart::Panel& panel : week.panels) {
    json::array days;
    for (int day = 0; day < week.days; ++day) {
      json::array pieces;
      for (const chart::Piece& piece : chart::pieces(week, panel, week.first + day))
        pieces.push_back(json_of(piece.words));
      days.emplace_back(std::move(pieces));
    }
    panels.emplace_back(json::object{{"title", json_of(panel.title)}, {"days", std::move(days)}});
  }
  const std::string first = base::format_instant({week.first.days * base::kDay.count}).substr(0, 10);
  return {{"title", json_of(week.title)},
          {"caption", json_of(week.caption)},
          {"first", first},
          {"panels", std::move(panels)}};
}

std::string text_of(const std::vector<render::Document>& documents, Language language) {
  std::string out;
  for (const render::Document& document : documents)
    out += (out.empty() ? "" : "\n") + render::markdown(document, language);
  return out;
}

std::string rendered(Format format, const std::vector<render::Document>& documents,
                     const std::optional<chart::Week>& week, const Question& question) {
  if (question.json) {
    json::object out;
    if (format != Format::kSvg) {
      json::array all;
      for (const render::Document& document : documents) all.emplace_back(json_of(document));
      out["packs"] = std::move(all);
    }
    if (week) out["week"] = json_of(*week);
    return json::serialize(out) + "\n";
  }
  switch (format) {
    case Format::kText: return text_of(documents, question.language);
    case Format::kSvg: return chart::svg(*week, question.language);
    case Format::kHtml: break;
  }
  return render::page(documents, week, question.language);
}

int show(const Context& context, const Asked& asked, Format format, const WeekAsked& wanted) {
  const std::vector<std::string>& packs = context.question.packs;
  std::vector<std::string> paths = packs;
  paths.insert(paths.end(), asked.with.begin(), asked.with.end());
  const auto rules = read_rules(paths);
  if (!rules) return report(context, rules.error());
  std::vector<render::Document> documents;
  for (std::size_t i = 0; i < packs.size(); ++i) documents.push_back(render::document(**rules, i));
  std::optional<chart::Week> week;
  if (format != Format::kText) {
    auto made = week_of(**rules, asked, wanted, packs.front());
    if (!made) return report(context, made.error());
    week = std::move(*made);
  }
  const std::string text = rendered(format, documents, week, context.question);
  if (asked.out.empty()) {
    context.streams.out << text;
    return kDone;
  }
  const auto written = write_over(asked.out, text);
  return written ? kDone : report(context, written.error());
}

int render_packs(const Context& context, const Asked& asked) {
  const auto format = format_of(asked);
  if (!format) return usage(context, format.error());
  const auto shift = shift_of(asked);
  if (!shift) return usage(context, shift.error());
  const auto monday = monday_of(asked.week);
  if (!monday) return usage(context, monday.error());
  if (asked.write) return write_klartext(context);
  if (asked.check) return check_klartext(context);
  return show(context, asked, *format, {*shift, *monday});
}

}  // namespace

void add_render(Table& table) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub =
      table.command("render", Word::kRender, [asked](const Context& context) { return render_packs(context, *asked); });
  sub.add_option("PACK", table.question().packs, table.word(Word::kPacks))->required();
  sub.add_option("--with", asked->with, table.word(Word::kRenderWith))->type_name("FILE");
  table.option(sub, "--format", asked->format, Word::kRenderFormat, "FORMAT");
  table.option(sub, "--out", asked->out, Word::kRenderOut, "FILE");
  CLI::Option* shift = table.option(sub, "--shift", asked->shift, Word::kRenderShift, "SHIFT");
  table.option(sub, "--person", asked->person, Word::kRenderPerson, "ID")->excludes(shift);
  table.option(sub, "--week", asked->week, Word::kRenderWeek, "DATE");
  CLI::Option* write = sub.add_flag("--write", asked->write, table.word(Word::kRenderWrite));
  sub.add_flag("--check", asked->check, table.word(Word::kRenderCheck))->excludes(write);
  table.add_json(sub);
}

}  // namespace policy::tool
