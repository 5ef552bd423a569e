#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

TEST_F(SmallLog, ProvesOneEntryWithoutTheLog) {
  const std::string proof = path("one.tlog-proof");
  EXPECT_EQ(call({"proof", folder(), "1", "--out", proof}), 0);
  EXPECT_EQ(call({"proof", folder(), "1", "--out", proof}), 73) << "never overwrites";
  EXPECT_EQ(call({"proof", folder(), "3"}), 65);
  EXPECT_EQ(checked({"verify-proof", proof, "--lang", "en"}), 0);
  EXPECT_TRUE(says("#1 login refused")) << said();
  flip("one.tlog-proof");
  EXPECT_EQ(checked({"verify-proof", proof}), 65);
}

TEST_F(SmallLog, PrintsAProofAsItWouldWriteIt) {
  call({"proof", folder(), "1", "--out", path("one.tlog-proof")});
  call({"proof", folder(), "1"});
  EXPECT_EQ(said(), read("one.tlog-proof"));
}

}  // namespace
}  // namespace audit::tool
