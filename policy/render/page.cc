#include "policy/render/page.h"

#include "policy/chart/svg.h"
#include "policy/render/source_words.h"

namespace policy::render {
namespace {

using chart::Markup;

// Dark on white in every mode, because the page is made to be printed and signed.
constexpr std::string_view kStyle = R"(
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; background: #fff; color: #1a1a1a;
       font: 1rem/1.5 system-ui, "DejaVu Sans", "Segoe UI", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; }
h2 { font-size: 1.3rem; margin-top: 2rem; border-bottom: 2px solid #1a1a1a; }
h3 { font-size: 1.05rem; margin-bottom: .3rem; }
ol { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 3.2rem 1fr; margin: .2rem 0; }
li > span:first-child { color: #424242; font-variant-numeric: tabular-nums; }
code { overflow-wrap: anywhere; background: #f2f2f2; padding: 0 .2em; }
.open { border-left: .4rem solid #1a1a1a; padding-left: .5rem; font-weight: bold; }
.source { color: #424242; margin: .3rem 0 0 3.2rem; font-size: .9rem; }
figure { margin: 1rem 0; }
svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border: 1px solid #6b6b6b; padding: .25rem .4rem; text-align: left; vertical-align: top; }
td div { white-space: nowrap; }
@media (max-width: 30rem) { li { grid-template-columns: 2.6rem 1fr; } .source { margin-left: 2.6rem; } }
@media print {
  @page { size: A4; margin: 18mm 16mm; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2, h3 { break-after: avoid; }
  section section { break-inside: avoid; }
  section.week, .table { break-before: page; }
  figure svg { width: 100%; max-height: 232mm; }
  table { font-size: 8pt; }
  .scroll { overflow: visible; }
}
)";

// `pack` begins the ids of the elements, so that they are unique on the page.
void write_block(Markup& out, const Block& block, const std::string& pack, Language language) {
  const std::string name = pack + "-" + std::to_string(block.number);
  out.open("section", {{"aria-labelledby", name}});
  out.text("h3", {{"id", name}}, std::to_string(block.number) + " " + block.title.in(language));
  out.open("ol", {{"role", "list"}});
  for (std::size_t i = 0; i < block.sentences.size(); ++i) {
    const Sentence& sentence = block.sentences[i];
    out.open("li", {{"id", pack + "-" + sentence_number(block, i)}});
    out.text("span", {}, sentence_number(block, i));
    if (sentence.open) {
      out.text("strong", {{"class", "open"}}, sentence.text.in(language));
    } else if (sentence.verbatim.empty()) {
      out.text("span", {}, sentence.text.in(language));
    } else {
      out.open("span").text("span", {}, sentence.text.in(language)).text("code", {}, sentence.verbatim).close("span");
    }
    out.close("li");
  }
  out.close("ol");
  if (block.sourced) out.text("p", {{"class", "source"}}, source_words(block).in(language));
  out.close("section");
}

void write_section(Markup& out, const Section& section, const std::string& pack, Language language) {
  out.open("section").text("h2", {}, section.title.in(language));
  for (const Block& block : section.blocks) write_block(out, block, pack, language);
  out.close("section");
}

void write_week(Markup& out, const chart::Week& week, Language language) {
  const Both title{"Die Regeln an einer Woche gezeigt", "The rules shown on a week"};
  out.open("section", {{"class", "week"}}).text("h2", {}, title.in(language));
  out.open("figure").raw(chart::svg(week, language)).close("figure");
  const Both table{"Dasselbe als Tabelle", "The same as a table"};
  out.text("h3", {{"class", "table"}}, table.in(language));
  for (const Both& change : chart::clock_changes(week)) out.text("p", {}, change.in(language));
  out.open("div", {{"class", "scroll"}, {"role", "region"}, {"tabindex", "0"}, {"aria-label", table.in(language)}});
  out.raw(chart::html_table(week, language)).close("div").close("section");
}

}  // namespace

std::string page(std::span<const Document> documents, const std::optional<chart::Week>& week, Language language) {
  std::vector<Both> titles;
  for (const Document& document : documents) titles.push_back(document.title);
  Markup out;
  out.raw("<!DOCTYPE html>\n");
  out.open("html", {{"lang", language == Language::kGerman ? "de" : "en"}}).open("head");
  out.raw("<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  out.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
  out.text("title", {}, vocabulary::list_and(titles).in(language));
  out.raw("<style>" + std::string(kStyle) + "</style>\n").close("head").open("body").open("main");
  for (const Document& document : documents) {
    out.text("h1", {}, document.title.in(language));
    for (const Both& sentence : document.preface) out.text("p", {}, sentence.in(language));
    for (const Section& section : document.sections) write_section(out, section, document.pack, language);
  }
  if (week) write_week(out, *week, language);
  return out.close("main").close("body").close("html").take();
}

}  // namespace policy::render
