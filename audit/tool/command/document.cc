#include "audit/tool/command/document.h"

#include <algorithm>

#include "audit/tool/command/csv.h"

namespace audit::tool {
namespace {

constexpr std::string_view kStyle = R"(
@page { size: A4; margin: 20mm 18mm; }
body { font: 10.5pt/1.45 "Liberation Sans", Arial, sans-serif; color: #1a1a1a; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 18pt; margin: 0 0 .2rem; }
h2 { font-size: 13pt; margin: 1.6rem 0 .4rem; break-after: avoid; border-bottom: 1px solid #999; }
p.subtitle { color: #444; margin: 0 0 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #ccc; hyphens: auto; }
th { background: #f0f0f0; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
@media print { body { margin: 0; max-width: none; padding: 0; } th { background: none; border-bottom: 1.5px solid #000; } }
)";

bool is_ascii(char c) { return (static_cast<unsigned char>(c) & 0x80) == 0; }

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

// Hashes may be broken, words not: a place to break after every sixteenth character of what has no space in it.
std::string breakable(std::string_view text) {
  constexpr std::size_t kLongestWord = 28, kStep = 16;
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    for (; word.size() > kLongestWord && std::ranges::all_of(word.substr(0, kStep), is_ascii);
         word.remove_prefix(kStep))
      out += escaped(word.substr(0, kStep)) + "<wbr>";
    out += escaped(word);
    if (end < text.size()) out += ' ';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string row_html(const std::vector<std::string>& cells, std::string_view tag) {
  std::string out = "<tr>";
  for (const std::string& cell : cells)
    out += "<" + std::string(tag) + (tag == "th" ? " scope=\"col\">" : ">") + breakable(cell) + "</" +
           std::string(tag) + ">";
  return out + "</tr>\n";
}

std::string table_html(const DocumentTable& table) {
  if (table.head.empty()) return {};
  std::string out = "<table>\n<thead>\n" + row_html(table.head, "th") + "</thead>\n<tbody>\n";
  for (const auto& row : table.rows) out += row_html(row, "td");
  return out + "</tbody>\n</table>\n";
}

// In characters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string table_text(const DocumentTable& table) {
  if (table.head.empty()) return {};
  std::vector<std::size_t> widths(table.head.size(), 0);
  const auto measure = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));
  };
  measure(table.head);
  for (const auto& row : table.rows) measure(row);
  std::string out;
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
      line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add(table.head);
  for (const auto& row : table.rows) add(row);
  return out;
}

}  // namespace

std::string to_text(const Document& document) {
  std::string out = document.title + "\n" + document.subtitle + "\n";
  for (const Section& section : document.sections) {
    out += "\n== " + section.heading + "\n";
    for (const std::string& paragraph : section.paragraphs) out += paragraph + "\n";
    out += table_text(section.table);
  }
  return out;
}

std::string to_html(const Document& document) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"";
  out += document.language == Language::kGerman ? "de" : "en";
  out +=
      "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; style-src 'unsafe-inline'\">\n<title>" +
      escaped(document.title) + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n<h1>" +
      escaped(document.title) + "</h1>\n<p class=\"subtitle\">" + escaped(document.subtitle) + "</p>\n";
  for (const Section& section : document.sections) {
    out += "<h2>" + escaped(section.heading) + "</h2>\n";
    for (const std::string& paragraph : section.paragraphs) out += "<p>" + escaped(paragraph) + "</p>\n";
    out += table_html(section.table);
  }
  return out + "</body>\n</html>\n";
}

std::string to_csv(const Document& document) {
  std::string out;
  for (const Section& section : document.sections) {
    if (section.table.head.empty()) continue;
    const auto add = [&](std::vector<std::string> row) {
      row.insert(row.begin(), section.heading);
      out += csv_line(row);
    };
    add(section.table.head);
    for (const auto& row : section.table.rows) add(row);
  }
  return out;
}

}  // namespace audit::tool
