#include "clients/mls/vectors/json.h"

#include <gtest/gtest.h>

namespace clients::mls {
namespace {

TEST(VectorJson, ReadsEveryKind) {
  const auto json = parse_json(R"( {"a": [1, 18446744073709551615, 0], "b\n": "x\"\\y", "c": {}, "d": [true, null]} )");
  ASSERT_TRUE(json);
  const auto* numbers = json->find("a")->as<Json::Array>();
  ASSERT_EQ(numbers->size(), 3U);
  EXPECT_EQ(*numbers->at(1).as<std::uint64_t>(), 18446744073709551615U);
  EXPECT_EQ(*json->find("b\n")->as<std::string>(), "x\"\\y");
  EXPECT_TRUE(json->find("c")->as<Json::Object>()->empty());
  EXPECT_EQ(*json->find("d")->as<Json::Array>()->at(0).as<bool>(), true);
  EXPECT_EQ(json->find("e"), nullptr);
  EXPECT_EQ(json->find("a")->find("a"), nullptr);
}

TEST(VectorJson, RefusesWhatIsNotJsonOrNoVector) {
  for (const std::string_view text : {"",           " ",
                                      "[",          "]",
                                      "[1",         "[1,]",
                                      "[,1]",       "[1 2]",
                                      "{",          "{\"a\"}",
                                      "{\"a\":}",   "{a:1}",
                                      "{\"a\":1,}", "{\"a\":1,\"a\":2}",
                                      "\"",         "\"a",
                                      "\"\\",       "\"\\x\"",
                                      "\"\n\"",     "tru",
                                      "nul",        "-1",
                                      "1.5",        "01",
                                      "1e3",        "18446744073709551616",
                                      "1 1",        "[]]",
                                      "\"\\\""})
    EXPECT_FALSE(parse_json(text)) << text;
  EXPECT_EQ(parse_json("[1, x]").error(), 4U);
}

TEST(VectorJson, DepthIsBounded) {
  const std::string open(kJsonDepthMax, '['), close(kJsonDepthMax, ']');
  EXPECT_TRUE(parse_json(open + close));
  EXPECT_FALSE(parse_json("[" + open + close + "]"));
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
}

}  // namespace
}  // namespace clients::mls
