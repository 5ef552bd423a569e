#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/terminal/exit_code.h"
#include "clients/terminal/line_editor.h"
#include "clients/terminal/one_time_code.h"
#include "clients/terminal/qr.h"
#include "clients/terminal/words.h"

namespace clients::terminal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::size_t gaps(std::string_view text) {
  std::size_t found = 0;
  for (std::size_t at = text.find("{}"); at != std::string_view::npos; at = text.find("{}", at + 2)) ++found;
  return found;
}

TEST(WordsTest, BothLanguagesSayTheSameThing) {
  for (const auto& [german, english] : kSentences) {
    EXPECT_FALSE(german.empty());
    EXPECT_FALSE(english.empty());
    EXPECT_EQ(gaps(german), gaps(english)) << english;
  }
}

TEST(WordsTest, LanguageComesFromTheOptionThenTheEnvironment) {
  EXPECT_EQ(language_of("", "de_DE.UTF-8"), Language::kGerman);
  EXPECT_EQ(language_of("", "C"), Language::kEnglish);
  EXPECT_EQ(language_of("en", "de_DE.UTF-8"), Language::kEnglish);
  EXPECT_EQ(say(Language::kGerman, Word::kWhyReadable, "morgen"), "Lesbar ab morgen.");
}

TEST(ExitCodeTest, TheLongestPrefixDecides) {
  EXPECT_EQ(exit_code_of("store.pin"), kRefused);
  EXPECT_EQ(exit_code_of("store.pin-short"), kUsage);
  EXPECT_EQ(exit_code_of("store.unavailable"), kInputOutput);
  EXPECT_EQ(exit_code_of("store.too-new"), kDataError);
  EXPECT_EQ(exit_code_of("stream.lost"), kUnavailable);
  EXPECT_EQ(exit_code_of("stream.timeout"), kTryAgain);
  EXPECT_EQ(exit_code_of("nobody.knows"), kSoftware);
}

TEST(QrTest, ACodeIsSquareAndHasItsFinders) {
  const auto lines = qr_lines("otpauth://totp/Feierabend:anna?secret=JBSWY3DPEHPK3PXP");
  ASSERT_TRUE(lines);
  const auto width = columns((*lines)[0]);
  for (const auto& line : *lines) EXPECT_EQ(columns(line), width);
  EXPECT_NEAR(static_cast<double>(lines->size()) * 2, static_cast<double>(width), 1.0);
  // Quiet zone, then the finder's black edge and white ring: light, light, 7 dark …
  EXPECT_EQ((*lines)[0].substr(0, 6), "██");
  EXPECT_TRUE((*lines)[1].starts_with("██ ▄▄▄▄▄ "));
  EXPECT_EQ(qr_lines("").error().code, "qr.too-long");
  EXPECT_EQ(qr_lines(std::string(2000, 'x')).error().code, "qr.too-long");
}

// RFC 6238 appendix B, SHA-1, the last six digits.
TEST(OneTimeCodeTest, TheVectorsOfRfc6238) {
  const std::string secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  const std::pair<std::int64_t, const char*> vectors[] = {
      {59, "287082"}, {1111111109, "081804"}, {1234567890, "005924"}, {20000000000, "353130"}};
  for (const auto& [time, code] : vectors) EXPECT_EQ(one_time_code(secret, step_at({time})), code);
  EXPECT_EQ(one_time_code("not base32!", 1).error().code, "totp.secret");
  EXPECT_EQ(one_time_code("", 1).error().code, "totp.secret");
}

TEST(OneTimeCodeTest, TheSecretOfAnAddress) {
  EXPECT_EQ(secret_of_uri("otpauth://totp/F:anna?issuer=F&secret=ABC&digits=6"), "ABC");
  for (const auto* bad :
       {"", "otpauth://totp/x", "otpauth://totp/x?secret=", "https://x?secret=ABC", "otpauth://totp/x?xsecret=A"}) {
    const auto secret = secret_of_uri(bad);
    ASSERT_FALSE(secret) << bad;
    EXPECT_EQ(secret.error().code, "totp.uri") << bad;
  }
}

TEST(LineEditorTest, TypesAndEdits) {
  LineEditor editor;
  EXPECT_THAT(editor.feed("Grüße\r").lines, ElementsAre("Grüße"));
  EXPECT_THAT(editor
                  .feed("aü\x7f\x7f"
                        "b\r")
                  .lines,
              ElementsAre("b"));
  EXPECT_THAT(editor.feed("ac\x1b[Db\r").lines, ElementsAre("abc"));
  EXPECT_THAT(editor.feed("one two\x17three\r").lines, ElementsAre("one three"));
  EXPECT_THAT(editor
                  .feed("weg\x15"
                        "da\r")
                  .lines,
              ElementsAre("da"));
  EXPECT_THAT(editor
                  .feed("bc\x01"
                        "a\x05"
                        "d\r")
                  .lines,
              ElementsAre("abcd"));
  EXPECT_THAT(editor.feed("ax\x1b[D\x1b[3~b\r").lines, ElementsAre("ab"));
}

TEST(LineEditorTest, RemembersLines) {
  LineEditor editor;
  editor.feed("eins\rzwei\r");
  EXPECT_THAT(editor.feed("\x1b[A\x1b[A\r").lines, ElementsAre("eins"));
  EXPECT_THAT(editor.feed("\x1b[A\x1b[B\r").lines, ElementsAre(""));
}

TEST(LineEditorTest, BrokenBytesAndSequencesDoNoHarm) {
  LineEditor editor;
  EXPECT_THAT(editor.feed("a\xff\xc3\x28\x1b[999999999999999999zb\x1bxc\r").lines, ElementsAre("a(bc"));
  editor.feed(std::string(3 * kLineBytesMax, 'x'));
  EXPECT_EQ(editor.line().size(), kLineBytesMax);
}

TEST(LineEditorTest, EndsOnRequest) {
  LineEditor editor;
  EXPECT_FALSE(editor.feed("a\x04").end) << "not while something is typed";
  EXPECT_TRUE(editor.feed("\x03").end);
  EXPECT_TRUE(LineEditor().feed("\x04").end);
}

TEST(LineEditorTest, DrawsWithTheCursorInPlace) {
  LineEditor editor;
  editor.feed("äbc\x1b[D");
  EXPECT_EQ(editor.draw("> "), "\r\x1b[K> äbc\x1b[1D");
  EXPECT_EQ(columns("ä漢😀"), 5U);
}

}  // namespace
}  // namespace clients::terminal
