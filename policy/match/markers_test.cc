#include "policy/match/markers.h"

#include <gtest/gtest.h>

namespace policy::match {
namespace {

Markers compiled(const std::vector<Marker>& markers) { return std::move(Markers::compile(markers).value()); }

const std::vector<Marker> kSome{{"vs-nfd", R"(\bVS\s*-?\s*(NfD|nur für den Dienstgebrauch)\b)"},
                                {"geheim", R"(\bgeheim\b)"}};

TEST(Markers, FindsInOrderWithoutRegardToCase) {
  const auto markers = compiled(kSome);
  EXPECT_EQ(markers.found_in("Geheim, sogar VS-NFD").value(), (std::vector<std::string>{"vs-nfd", "geheim"}));
  EXPECT_EQ(markers.found_in("VS - Nur FÜR den Dienstgebrauch").value(), std::vector<std::string>{"vs-nfd"});
  EXPECT_TRUE(markers.found_in("Geheimnisse des Kantinenplans").value().empty());
  EXPECT_TRUE(markers.found_in("").value().empty());
}

TEST(Markers, WhatCannotBeSearchedIsAnErrorAndNoMiss) {
  const auto markers = compiled(kSome);
  EXPECT_EQ(markers.found_in("geheim\xFF").error().code, "marker.text");
  EXPECT_EQ(markers.found_in(std::string(kTextBytesMax + 1, 'x')).error().code, "marker.text");
}

TEST(Markers, BadPatternsAreNamed) {
  const auto error_of = [](const std::string& pattern) {
    const std::vector<Marker> one{{"m", pattern}};
    const auto result = Markers::compile(one);
    return result ? std::string("ok") : result.error().code;
  };
  EXPECT_EQ(error_of("("), "marker.pattern");
  EXPECT_EQ(error_of("(?=x)"), "marker.pattern");
  EXPECT_EQ(error_of(R"((a)\1)"), "marker.pattern");
  EXPECT_EQ(error_of(""), "marker.size");
  EXPECT_EQ(error_of(std::string(kPatternBytesMax + 1, 'x')), "marker.size");
  EXPECT_EQ(Markers::compile(std::vector<Marker>(kMarkersMax + 1, {"m", "x"})).error().code, "marker.count");
}

// Reference security A7: a pattern that makes a backtracking engine run for ever is searched in linear time.
TEST(Markers, EvilPatternsStayLinear) {
  const auto markers = compiled({{"evil", "(a+)+$"}, {"nested", "(x+x+)+y"}});
  EXPECT_TRUE(markers.found_in(std::string(500'000, 'a') + "!").has_value());
  EXPECT_TRUE(markers.found_in(std::string(500'000, 'x')).has_value());
}

}  // namespace
}  // namespace policy::match
