#include "policy/match/content.h"

#include <gtest/gtest.h>

namespace policy::match {
namespace {

using Ids = std::vector<std::string>;

Content compiled(const std::vector<ContentMarker>& markers) { return std::move(Content::compile(markers).value()); }

const std::vector<ContentMarker> kSome{{"banner", R"(\bVS\s*-?\s*NfD\b)", {R"(nicht\s+VS-NfD)", "Merkblatt"}, false},
                                       {"file-number", R"(\bAz\.?\s*\d{3,}\b)", {}, true},
                                       {"geheim", R"(\bgeheim\b)", {}, false}};

TEST(Content, StopsAndWarns) {
  const Content content = compiled(kSome);
  EXPECT_EQ(content.judge("Geheim: Az 1234, VS-NfD"), (Verdict{{"banner", "geheim"}, {"file-number"}, false}));
  EXPECT_TRUE(content.judge("vs - nfd").stopped());
  EXPECT_EQ(content.judge("Az. 4711"), (Verdict{{}, {"file-number"}, false}));
  EXPECT_FALSE(content.judge("Az. 4711").stopped());
  EXPECT_EQ(content.judge("Dienstbeginn ist 6 Uhr"), Verdict{});
}

TEST(Content, UnlessLetsItsOwnMarkerPassAndNoOther) {
  const Content content = compiled(kSome);
  EXPECT_EQ(content.judge("Das ist nicht VS-NfD"), Verdict{});
  EXPECT_EQ(content.judge("VS-NfD: siehe merkblatt"), Verdict{});
  EXPECT_EQ(content.judge("Merkblatt, geheim"), (Verdict{{"geheim"}, {}, false}));
}

TEST(Content, WhatCannotBeSearchedIsStopped) {
  const Content content = compiled(kSome);
  for (const std::string& text : {std::string("ok \xFF"), std::string(kTextBytesMax + 1, 'x')}) {
    EXPECT_EQ(content.judge(text), (Verdict{{}, {}, true}));
    EXPECT_TRUE(content.judge(text).stopped());
  }
}

TEST(Content, WithoutMarkersEverythingPasses) { EXPECT_EQ(compiled({}).judge("VS-NfD"), Verdict{}); }

TEST(Content, ExceptionsCountAndAreNamed) {
  const std::vector<ContentMarker> bad{{"m", "x", {"y", "("}, false}};
  EXPECT_NE(Content::compile(bad).error().seen.find("'m unless 2'"), std::string::npos);
  const std::vector<ContentMarker> many{{"m", "x", std::vector<std::string>(kMarkersMax, "y"), false}};
  EXPECT_EQ(Content::compile(many).error().code, "marker.count");
}

TEST(Patterns, AreCheckedAlone) {
  EXPECT_TRUE(check_pattern("m", R"(\bgeheim\b)"));
  EXPECT_EQ(check_pattern("m", "(?=x)").error().code, "marker.pattern");
  EXPECT_EQ(check_pattern("m", "").error().code, "marker.size");
}

}  // namespace
}  // namespace policy::match
