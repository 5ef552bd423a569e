#include "clients/mls/vectors/run.h"

#include <gtest/gtest.h>

#include "clients/mls/crypto/native/native.h"

namespace clients::mls {
namespace {

Tally run(std::string_view name, std::string_view text) { return run_vectors(NativeCrypto(), name, text); }

TEST(Vectors, CountsAndNamesWhatDiffers) {
  const Tally tally = run("deserialization", R"([{"vlbytes_header": "00", "length": 0},
                                                 {"vlbytes_header": "01", "length": 2}, {"length": 0},
                                                 {"vlbytes_header": "0g", "length": 0}])");
  EXPECT_EQ(tally.passed, 1U);
  EXPECT_EQ(tally.total, 4U);
  EXPECT_EQ(tally.misses, (std::vector<std::string>{"entry 1: vlbytes_header", "entry 2: vlbytes_header",
                                                    "entry 3: vlbytes_header"}));
}

TEST(Vectors, OtherSuitesDoNotCount) {
  const Tally tally = run("crypto-basics", R"([{"cipher_suite": 2}, {"cipher_suite": 65537}, {"cipher_suite": 1}])");
  EXPECT_EQ(tally.total, 1U);
  EXPECT_EQ(tally.passed, 0U);
}

TEST(Vectors, TellsUnknownFormatsFromOtherFiles) {
  EXPECT_EQ(run("tomorrow", R"([{"cipher_suite": 1}])").kind, Tally::Kind::kUnknown);
  EXPECT_EQ(run("README.md", "# Vectors").kind, Tally::Kind::kNoVectors);
  EXPECT_EQ(run("package", R"({"name": "x"})").kind, Tally::Kind::kNoVectors);
  EXPECT_EQ(run("crypto-basicsx", R"([{"cipher_suite": 1}])").kind, Tally::Kind::kUnknown);
}

TEST(Vectors, ADamagedFileIsAMiss) {
  for (const std::string_view text : {"", "[", "[]", "{}", "[1]"}) {
    const Tally tally = run("crypto-basics-short", text);
    EXPECT_EQ(tally.total, 1U);
    EXPECT_EQ(tally.passed, 0U);
  }
}

}  // namespace
}  // namespace clients::mls
