#include "audit/tool/command/document.h"

#include <gtest/gtest.h>

namespace audit::tool {
namespace {

const Document kDocument{
    Language::kGerman,
    "Bericht",
    "für <wen>",
    {{"Löschung", {"Ein Satz & noch einer."}, {{"Fällig", "Anzahl"}, {{"=1+1", "<script>"}, {"ü", "7"}}}},
     {"Schluss", {"Ende."}}}};

TEST(Document, TextAlignsByCharacters) {
  EXPECT_EQ(
      to_text(kDocument),
      "Bericht\nfür <wen>\n\n== Löschung\nEin Satz & noch einer.\nFällig  Anzahl\n=1+1    <script>\nü       7\n\n== "
      "Schluss\nEnde.\n");
}

TEST(Document, ThePageEscapesEverythingAndFetchesNothing) {
  const std::string page = to_html(kDocument);
  EXPECT_TRUE(page.contains("<html lang=\"de\">"));
  EXPECT_TRUE(page.contains("<td>&lt;script&gt;</td>")) << page;
  EXPECT_TRUE(page.contains("<p>Ein Satz &amp; noch einer.</p>"));
  for (const char* const fetched : {"<script>", "http:", "https:", "src=", "url(", "@import", "<link"})
    EXPECT_FALSE(page.contains(fetched)) << fetched;
  EXPECT_TRUE(page.contains("@media print"));
}

TEST(Document, HashesMayBeBrokenAndWordsNot) {
  const std::string hash(64, 'a'), part(16, 'a');
  const Document document{Language::kEnglish, "t", "s", {{"h", {}, {{"c"}, {{"x: " + hash}, {"Lebensarbeitszeit"}}}}}};
  const std::string page = to_html(document);
  EXPECT_TRUE(page.contains("<td>x: " + part + "<wbr>" + part + "<wbr>" + part + "<wbr>" + part + "</td>")) << page;
  EXPECT_TRUE(page.contains("<td>Lebensarbeitszeit</td>"));
}

TEST(Document, CsvHoldsTheTablesAndNoFormula) {
  EXPECT_EQ(
      to_csv(kDocument),
      "\"Löschung\",\"Fällig\",\"Anzahl\"\r\n\"Löschung\",\"'=1+1\",\"<script>\"\r\n\"Löschung\",\"ü\",\"7\"\r\n");
}

}  // namespace
}  // namespace audit::tool
