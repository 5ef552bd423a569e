#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

TEST_F(Called, TellsWhatALogHolds) {
  EXPECT_EQ(call({"record", "--lang", "de"}), 0);
  EXPECT_TRUE(says("Rechtsgrundlage"));
  call({"record", "--json"});
  EXPECT_GT(json().as_array().size(), 15U);
}

}  // namespace
}  // namespace audit::tool
