// A search that finds nothing must be known to find: every form, in any neighbourhood.
#include "tests/support/marker/marker.h"

#include <gtest/gtest.h>

#include "policy/base/bytes.h"
#include "policy/base/sha256.h"

namespace tests::support {
namespace {

constexpr const char* kMarker = "Grünspecht-4711";

std::string found_in(std::string bytes) {
  Haystack haystack;
  haystack.add("file", std::move(bytes));
  return haystack.found({kMarker});
}

TEST(MarkerSearch, FindsTheTextInAnyCase) {
  EXPECT_TRUE(found_in("xGRüNSPECHT-4711x").contains("file: text of 'Grünspecht-4711'"));
  EXPECT_TRUE(found_in("...1174-thceps").empty()) << "half of it";
  EXPECT_TRUE(found_in({}).empty());
}

TEST(MarkerSearch, FindsOtherEncodings) {
  EXPECT_TRUE(found_in("a4772C3BC6E7370656368742d34373131").contains("hexadecimal"));
  EXPECT_TRUE(found_in(std::string("G\0r\0\xFC\0n\0s\0p\0e\0c\0h\0t\0-\0004\0007\0001\0001\0", 30)).contains("little"));
  EXPECT_TRUE(found_in(std::string("\0G\0r\0\xFC\0n\0s\0p\0e\0c\0h\0t\0-\0004\0007\0001\0001", 30)).contains("big"));
  EXPECT_TRUE(found_in("Gr\xFCnspecht-4711").contains("Latin-1"));
}

TEST(MarkerSearch, FindsBase64WhereverItBegins) {
  // base64 of "Grünspecht-4711", "xGrünspecht-4711x" and "xxGrünspecht-4711".
  for (const char* const encoded : {"R3LDvG5zcGVjaHQtNDcxMQ==", "eEdyw7xuc3BlY2h0LTQ3MTF4", "eHhHcsO8bnNwZWNodC00NzEx"})
    EXPECT_TRUE(found_in(encoded).contains("base64, shifted by")) << encoded;
}

TEST(MarkerSearch, FindsAPlainHash) {
  const auto hash = policy::base::sha256(policy::base::as_bytes(kMarker));
  EXPECT_TRUE(found_in(std::string(hash.begin(), hash.end())).contains("SHA-256"));
}

TEST(MarkerSearch, FindsSecrets) {
  const std::string secret("\0\x01\xFE\xFF secret key", 15);
  Haystack haystack;
  haystack.add("file", "..0001fEff20736563726574206b6579..");
  EXPECT_EQ(haystack.secrets_found({secret, "another secret"}), 1U);
}

}  // namespace
}  // namespace tests::support
