// Each rule of the linter, on a sample that breaks it and on one that does not: a rule that cannot fail finds nothing.
#include "tests/tidy/lint.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tests::tidy {
namespace {

std::string rules_of(const std::string& path, const std::string& text) {
  std::string out;
  for (const Finding& finding : lint({path, text})) out += (out.empty() ? "" : " ") + finding.rule;
  return out;
}

TEST(Lint, TimeComesFromTheClockThatWasPassedIn) {
  const std::string text = "auto t = std::chrono::system_clock::now();\nauto u = std::chrono::steady_clock::now();\n";
  EXPECT_EQ(rules_of("relay/core/x.cc", text), "clock clock");
  EXPECT_EQ(rules_of("policy/base/clock.cc", text), "");
  EXPECT_EQ(rules_of("relay/core/x_test.cc", text), "");
}

TEST(Lint, NobodySleeps) {
  const std::string text = "std::this_thread::sleep_for(kStep);\n";
  EXPECT_EQ(rules_of("gateway/app/x.cc", text), "sleep");
  EXPECT_EQ(rules_of("tests/integration/x.cc", text), "");
}

TEST(Lint, NoRegexOfTheStandardLibraryAnywhere) {
  EXPECT_EQ(rules_of("tests/support/x.cc", "std::regex pattern;\n"), "regex");
  EXPECT_EQ(rules_of("policy/match/x.cc", "re2::RE2 pattern;\n"), "");
}

TEST(Lint, RandomnessIsPassedIn) {
  EXPECT_EQ(rules_of("clients/mls/x.cc", "int x = rand();\n"), "random");
  EXPECT_EQ(rules_of("clients/mls/x.cc", "int x = operand(3);\n"), "");
  EXPECT_EQ(rules_of("clients/mls/x.cc", "std::random_device source;\n"), "random");
  EXPECT_EQ(rules_of("policy/base/random.cc", "std::random_device source;\n"), "");
}

TEST(Lint, CommentsAndLiteralsAreNoCode) {
  EXPECT_EQ(rules_of("relay/core/x.cc", "// never rand() here\nlog(\"rand()\");\n/* sleep_for */ char c = '\"';\n"),
            "");
  EXPECT_EQ(rules_of("relay/core/x.cc", "auto s = R\"sql(rand() \" )sql\"; rand();\n"), "random");
  EXPECT_EQ(rules_of("relay/core/x.cc", "int n = 1'000; rand(); int m = 2'000;\n"), "random");
  EXPECT_EQ(rules_of("relay/core/x.cc", "log(\"a \\\" b\"); rand();\n"), "random");
}

TEST(Lint, TheLineIsNamedAndWhatBelongsThere) {
  const auto found = lint({"relay/core/x.cc", "// one\n\nint x = rand();\n"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text(), "relay/core/x.cc:3: random: rand(; instead: the Random passed in (policy/base/random.h)");
}

TEST(Lint, SomebodyLooksAtTheVerdictOfAProperty) {
  EXPECT_EQ(rules_of("audit/merkle/x_test.cc", "  rc::check(\"name\", [] {});\n"), "property");
  EXPECT_EQ(rules_of("audit/merkle/x_test.cc", "  EXPECT_TRUE(rc::check(\"name\", [] {}));\n"), "");
  EXPECT_EQ(rules_of("audit/merkle/x_test.cc", "  ASSERT_TRUE(\n      rc::check(\"name\", [] {}));\n"), "");
}

TEST(Lint, AThirdPartyHeaderHasOneFolder) {
  const std::vector<std::pair<std::string, std::string>> homes{
      {"toml++/toml.h", "policy/pack/x.cc"},      {"re2/re2.h", "policy/match/x.cc"},
      {"date/tz.h", "policy/time/x.cc"},          {"openssl/ssl.h", "relay/net/x.cc"},
      {"boost/beast/http.hpp", "relay/net/x.cc"}, {"ldap.h", "gateway/directory/ldap/x.cc"},
      {"sqlite3.h", "clients/store/x.cc"}};
  for (const auto& [header, home] : homes) {
    const std::string text = "#include <" + header + ">\n";
    EXPECT_EQ(rules_of(home, text), "") << header;
    EXPECT_EQ(rules_of("gateway/app/x.cc", text), "include.third-party") << header;
    EXPECT_EQ(rules_of("relay/core/x.h", text), "include.third-party") << header;
  }
  EXPECT_EQ(rules_of("tests/integration/x.cc", "#include <sqlite3.h>\n"), "");
  EXPECT_EQ(rules_of("tests/integration/x.cc", "#include <openssl/ssl.h>\n"), "include.third-party");
}

TEST(Lint, HousesIncludeOnlyWhatStandsBelow) {
  const auto verdict = [](const std::string& path, const std::string& header) {
    return rules_of(path, "#include \"" + header + "\"\n") == "include.house" ? "refused" : "allowed";
  };
  EXPECT_STREQ(verdict("policy/decide/x.cc", "policy/time/zone.h"), "allowed");
  EXPECT_STREQ(verdict("policy/decide/x.cc", "relay/server/hub.h"), "refused");
  EXPECT_STREQ(verdict("audit/log/x.cc", "policy/base/clock.h"), "allowed");
  EXPECT_STREQ(verdict("audit/log/x.cc", "policy/model/facts.h"), "refused");
  EXPECT_STREQ(verdict("relay/core/x.cc", "policy/base/result.h"), "allowed");
  EXPECT_STREQ(verdict("relay/core/x.cc", "audit/event/record.h"), "refused");
  EXPECT_STREQ(verdict("relay/core/x.cc", "gateway/http/strict.h"), "refused");
  EXPECT_STREQ(verdict("gateway/proxy/x.cc", "relay/client/link.h"), "allowed");
  for (const char* const header : {"relay/core/change.h", "relay/store/port/store.h", "relay/server/hub.h"})
    EXPECT_STREQ(verdict("gateway/proxy/x.cc", header), "refused") << header;
  EXPECT_STREQ(verdict("gateway/proxy/x.cc", "clients/mls/device_key.h"), "refused");
  EXPECT_STREQ(verdict("gateway/groups/x.cc", "clients/mls/group/public_group.h"), "allowed");
  EXPECT_STREQ(verdict("clients/cli/x.cc", "gateway/session/totp.h"), "refused");
  EXPECT_STREQ(verdict("clients/core/x.cc", "relay/wire/codec.h"), "allowed");
  EXPECT_STREQ(verdict("clients/trust/x.cc", "audit/certificate/certificate.h"), "allowed");
  EXPECT_STREQ(verdict("clients/trust/x.cc", "audit/log/log.h"), "refused");
  EXPECT_STREQ(verdict("clients/trust/testing/x.h", "audit/log/log.h"), "allowed");
  EXPECT_STREQ(verdict("relay/core/x_test.cc", "audit/log/log.h"), "refused");
  EXPECT_STREQ(verdict("gateway/directory/ldap/x_test.cc", "tests/support/slapd/slapd.h"), "allowed");
  EXPECT_STREQ(verdict("gateway/directory/ldap/x.cc", "tests/support/slapd/slapd.h"), "refused");
}

TEST(Lint, ClangTidyIsSilencedForOneCheckAndAReason) {
  const auto verdict = [](const std::string& form) {
    return rules_of("relay/core/x.cc", std::string("f();  // NO") + "LINT" + form + "\n");
  };
  for (const char* const form : {"", "(*)", "()", "(bugprone-x)", ": no check named"})
    EXPECT_EQ(verdict(form), "nolint");
  EXPECT_EQ(verdict("(bugprone-x): the library wants it so"), "");
  EXPECT_EQ(verdict("NEXTLINE(bugprone-x): the library wants it so"), "");
}

TEST(Lint, NothingIsLeftForLater) {
  const std::string word = std::string("TO") + "DO";
  EXPECT_EQ(rules_of("relay/core/x.cc", "// " + word + ": finish\n"), "unfinished");
  EXPECT_EQ(rules_of("README.md", "- " + word + "\n"), "unfinished");
  EXPECT_EQ(rules_of("relay/core/x.cc", "// METHO" + word + "S\n"), "");
}

TEST(Lint, NoPathOfAMachine) {
  const std::string folder = std::string("/t") + "mp/";
  EXPECT_EQ(rules_of("relay/app/x.cc", "open(\"" + folder + "x\");\n"), "machine-path");
  EXPECT_EQ(rules_of("script/x", "cd " + folder + "x\n"), "machine-path");
  EXPECT_EQ(rules_of("relay/app/x.cc", "open(root + \"" + folder + "\");\n"), "") << "a folder below another one";
  EXPECT_EQ(rules_of("tests/support/x.cc", "open(\"" + folder + "x\");\n"), "");
}

TEST(Lint, APublicDeclarationOfTheMlsRoomsNamesItsSection) {
  const auto verdict = [](const std::string& body, const std::string& path = "clients/mls/tree/x.h") {
    return rules_of(path, "#pragma once\n\nnamespace clients::mls {\n\n" + body + "\n}  // namespace clients::mls\n");
  };
  EXPECT_EQ(verdict("int size(int leaves);\n"), "rfc-section");
  EXPECT_EQ(verdict("using Ref = int;\n"), "rfc-section");
  EXPECT_EQ(verdict("int size(int leaves);"), "rfc-section") << "no blank line before the end";
  for (const char* const section : {"§ 7.2", "§§ 11, 12", "RFC 9180 § 5.1"}) {
    EXPECT_EQ(verdict("int size(int leaves);  // " + std::string(section) + "\n"), "") << section;
    EXPECT_EQ(verdict("// " + std::string(section) + ": its size.\nint size(int leaves);\n"), "") << section;
  }
  for (const char* const no_section : {"its size", "§ above", "§", "RFC 9420", "7.2"})
    EXPECT_EQ(verdict("int size(int leaves);  // " + std::string(no_section) + "\n"), "rfc-section") << no_section;
  EXPECT_EQ(verdict("int a();  // § 7.2\nint b();\n\nint c();\n\n// § 7.3\n\nint d();\n"), "rfc-section rfc-section")
      << "a blank line parts blocks";
  for (const char* const path : {"clients/mls/tree/x.cc", "clients/mls/tree/testing/x.h", "clients/mls/vectors/x.h",
                                 "clients/mls/wasm/x.h", "clients/mls/core/bytes.h", "clients/core/x.h"})
    EXPECT_EQ(verdict("int size(int leaves);\n", path), "") << path;
}

TEST(Lint, WhatIsHiddenOrOnlyNamedNeedsNoSection) {
  const auto lines_of = [](const std::string& text) {
    std::vector<std::size_t> out;
    for (const Finding& finding : lint({"clients/mls/tree/x.h", text})) out.push_back(finding.line);
    return out;
  };
  EXPECT_TRUE(lines_of("#define X 1\n\nnamespace n {\n\nclass A;\nstruct B;\n\n}  // namespace n\n").empty());
  const std::string text =
      "namespace n {\n\nclass A {  // § 7\n public:\n  A();\n\n  int b();\n\n private:\n  int c_;\n\n  int d_;\n};\n\n"
      "struct E {\n  int f;\n};\n\n}  // namespace n\n";
  EXPECT_EQ(lines_of(text), (std::vector<std::size_t>{7, 15})) << "b and E; not c_ and d_";
}

TEST(Lint, AFileFitsAReader) {
  std::string text;
  for (std::size_t i = 0; i < kLinesMax; ++i) text += "int x;\n";
  EXPECT_EQ(rules_of("relay/core/x.cc", text), "");
  EXPECT_EQ(rules_of("relay/core/x.cc", text + "int x;\n"), "size");
}

TEST(Lint, EverySourceIsBuiltBySomebody) {
  const std::string built = R"([{"file": "/src/relay/core/x.cc"}])";
  EXPECT_TRUE(unbuilt({"relay/core/x.cc"}, built).empty());
  EXPECT_EQ(unbuilt({"relay/core/x.cc", "core/x.c"}, built).size(), 1U);
}

}  // namespace
}  // namespace tests::tidy
