#include <algorithm>

#include "audit/pseudonym/pseudonym.h"
#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

// What both parties open together is the key under which the gateway committed to facts; one of them twice opens
// nothing.
TEST_F(Called, BothPartiesOpenTheKeyToFacts) {
  const auto public_half = [&](const std::string& name) {
    EXPECT_EQ(call({"party-key", "--out", path(name)}), 0) << said();
    pseudonym::PublicKey key{};
    std::ranges::copy(policy::base::from_hex(said().substr(0, 64)).value(), key.begin());
    return key;
  };
  const auto month = pseudonym::EpochKey::generate({24323}, random_);
  const auto sealed = pseudonym::seal(month, {public_half("officer"), public_half("council")}, random_).value();
  file("month.sealed", pseudonym::format_sealed(sealed));
  const auto open = [&](const std::string& officer, const std::string& council, const std::string& out) {
    return call({"input-key", path("month.sealed"), "--officer", path(officer), "--council", path(council), "--out",
                 path(out)});
  };
  EXPECT_EQ(open("officer", "council", "input"), 0);
  EXPECT_EQ(read("input"), policy::base::to_hex(month.input_key()) + "\n");
  EXPECT_EQ(std::filesystem::status(path("input")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(open("officer", "council", "input"), 73);  // never over another file
  EXPECT_EQ(open("officer", "officer", "none"), 65);
  EXPECT_EQ(open("council", "officer", "none"), 65);
  EXPECT_EQ(open("key", "council", "none"), 65);
  EXPECT_FALSE(std::filesystem::exists(path("none")));
}

}  // namespace
}  // namespace audit::tool
