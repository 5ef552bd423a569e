#include "clients/groups/safety_number.h"

#include <gtest/gtest.h>

namespace clients::groups {
namespace {

mls::IdentityKey key(std::uint8_t fill) {
  mls::IdentityKey out{};
  out.fill(fill);
  return out;
}

TEST(SafetyNumberTest, TheSameOnBothSidesInWhateverOrder) {
  const PersonKeys anna{"anna", {key(1), key(2)}}, swapped{"anna", {key(2), key(1)}}, bert{"bert", {key(3)}};
  const auto number = safety_number(anna, bert);
  EXPECT_EQ(number.size(), 60U);
  EXPECT_EQ(number.find_first_not_of("0123456789"), std::string::npos);
  EXPECT_EQ(safety_number(bert, anna), number);
  EXPECT_EQ(safety_number(swapped, bert), number);
}

TEST(SafetyNumberTest, AnotherNumberForAnotherDeviceOrPerson) {
  const PersonKeys anna{"anna", {key(1)}}, bert{"bert", {key(3)}};
  const auto number = safety_number(anna, bert);
  EXPECT_NE(safety_number({"anna", {key(1), key(2)}}, bert), number);
  EXPECT_NE(safety_number({"anna", {key(4)}}, bert), number);
  EXPECT_NE(safety_number({"anja", {key(1)}}, bert), number);
  EXPECT_NE(safety_number({"anna", {key(3)}}, {"bert", {key(1)}}), number);
}

TEST(SafetyNumberTest, LinesForTheEye) {
  const auto lines = in_lines("123456789012345678901234567890123456789012345678901234567890");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "12345 67890 12345 67890");
}

}  // namespace
}  // namespace clients::groups
