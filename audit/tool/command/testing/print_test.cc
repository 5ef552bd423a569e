// The pages on paper: printed by a browser, read back as text. Fails where the browser is missing: script/setup
// installs it, and what nobody has printed is not known to print.
#include <cstdio>
#include <cstdlib>

#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

class Printed : public SmallLog {
 protected:
  void SetUp() override {
    if (std::string_view(AUDIT_BROWSER).empty() || std::string_view(AUDIT_PDFTOTEXT).empty())
      FAIL() << "chromium or pdftotext is missing: run script/setup, then configure again";
  }
  // What stands on the printed page that was just told.
  std::string printed() {
    file("page.html", out_.str());
    const std::string pdf = path("page.pdf"), quiet = " >" + path("printer.log") + " 2>&1";
    // A home of its own, too: the browser leaves folders in ~/.cache. `timeout`: one that hangs is an answer.
    const std::string print = "HOME=" + path("home") + " timeout --kill-after=5 90 " + std::string(AUDIT_BROWSER) +
                              " --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-pdf-header-footer" +
                              " --user-data-dir=" + path("browser") + " --print-to-pdf=" + pdf + " file://" +
                              path("page.html") + quiet;
    EXPECT_EQ(std::system(print.c_str()), 0) << read("printer.log");
    EXPECT_EQ(std::system((std::string(AUDIT_PDFTOTEXT) + " -layout " + pdf + " " + path("page.txt")).c_str()), 0);
    return read("page.txt");
  }
};

TEST_F(Printed, TheReportIsWholeOnPaper) {
  ASSERT_EQ(asks({"report", folder(), "--html", "--lang", "de"}), 0) << said();
  const std::string text = printed();
  for (const char* const part : {"Bericht über das Protokoll der Metadaten", "Löschkalender: Nachrichten",
                                 "Abgelehnte Anmeldungen", "Einsichten in das Protokoll"})
    EXPECT_TRUE(text.contains(part)) << part << "\n" << text;
}

TEST_F(Printed, TheRecordOfProcessingIsWholeOnPaper) {
  for (const char* const language : {"de", "en"}) {
    ASSERT_EQ(call({"record", "--html", "--lang", language}), 0);
    const std::string text = printed();
    const bool german = std::string_view(language) == "de";
    EXPECT_TRUE(text.contains(german ? "Löschfristen" : "Deadlines for erasure")) << text;
    EXPECT_TRUE(text.contains(german ? "Verzeichnis der" : "index of the")) << "the last record";
  }
}

}  // namespace
}  // namespace audit::tool
