// A document for people, made once and given as text, as one HTML page for the screen and the printer, or as CSV.
//
// The page is self-contained: no script, no font, no picture, nothing that is fetched; a policy in its head forbids it.
// Every value is escaped. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/tool/command/words.h"

namespace audit::tool {

struct DocumentTable {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // as many cells as the head
};

struct Section {
  std::string heading;
  std::vector<std::string> paragraphs = {};
  DocumentTable table = {};  // no head: none
};

struct Document {
  Language language = Language::kEnglish;
  std::string title, subtitle;
  std::vector<Section> sections = {};
};

std::string to_text(const Document& document);
std::string to_html(const Document& document);
// The tables, one after the other, each with its heading as the first cell of every line.
std::string to_csv(const Document& document);

}  // namespace audit::tool
