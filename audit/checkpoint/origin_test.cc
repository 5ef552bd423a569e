#include "audit/checkpoint/origin.h"

#include <gtest/gtest.h>

namespace audit::checkpoint {
namespace {

TEST(OriginTest, ReadsBackWhatItWrites) {
  const Origin origin{"authority.example", 2026};
  EXPECT_EQ(format_origin(origin), "authority.example/feierabend/2026");
  EXPECT_EQ(parse_origin(format_origin(origin)), origin);
  EXPECT_EQ(parse_origin("a/feierabend/feierabend/7"), (Origin{"a/feierabend", 7}));
}

TEST(OriginTest, RefusesOtherNames) {
  for (const char* const text : {"", "2026", "authority.example", "authority.example/2026", "/feierabend/2026",
                                 "authority.example/feierabend/", "authority.example/feierabend/2026x",
                                 "authority.example/feierabend/-1", "authority.example/feierabend/99999999999"})
    EXPECT_FALSE(parse_origin(text)) << text;
}

}  // namespace
}  // namespace audit::checkpoint
