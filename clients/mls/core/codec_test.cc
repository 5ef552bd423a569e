#include "clients/mls/core/codec.h"

#include <gtest/gtest.h>

namespace clients::mls {
namespace {

Bytes opaque_of(std::size_t size) {
  Writer out;
  out.opaque(Bytes(size, 7));
  return out.take();
}

Error error_of(ByteView bytes) {
  Reader in(bytes);
  in.opaque();
  return in.done().error();
}

// RFC 9420 § 2.1.2: 63 fits in one byte, 16,383 in two.
TEST(Codec, TheHeaderIsTheShortestOne) {
  EXPECT_EQ(opaque_of(63).size(), 64U);
  EXPECT_EQ(opaque_of(64).size(), 66U);
  EXPECT_EQ(opaque_of(16383).size(), 16385U);
  EXPECT_EQ(opaque_of(16384).size(), 16388U);
  for (const std::size_t size : {0U, 1U, 63U, 64U, 16383U, 16384U, 100000U}) {
    const Bytes bytes = opaque_of(size);
    Reader in(bytes);
    EXPECT_EQ(in.opaque().size(), size);
    EXPECT_TRUE(in.done());
  }
}

TEST(Codec, ALongerHeaderThanNeededIsRefused) {
  EXPECT_EQ(error_of(Bytes{0x40, 0x01, 0xAA}), (Error{Reason::kLengthForm, 0}));
  EXPECT_EQ(error_of(Bytes{0x80, 0, 0, 1, 0xAA}).reason, Reason::kLengthForm);
  EXPECT_EQ(error_of(Bytes{0xC0, 0, 0, 0, 0, 0, 0, 0}).reason, Reason::kLengthForm);
}

TEST(Codec, TheFirstFailureStaysAndNamesItsPlace) {
  const Bytes bytes{0x01, 0xAA, 0x05, 0xBB};
  Reader in(bytes);
  EXPECT_EQ(in.opaque().size(), 1U);
  EXPECT_TRUE(in.opaque().empty());
  EXPECT_EQ(in.u64(), 0U);
  in.fail(Reason::kValue);
  EXPECT_EQ(in.done().error(), (Error{Reason::kTruncated, 3}));
}

TEST(Codec, AnElementThatOverrunsItsVectorFailsTheWhole) {
  const Bytes bytes{0x03, 0x00, 0x01, 0x00, 0x02};  // two bytes wanted, one left in the vector
  Reader in(bytes);
  std::vector<std::uint16_t> values;
  read_vector(in, values);
  EXPECT_EQ(in.done().error().reason, Reason::kTruncated);
}

TEST(Codec, WhatIsLeftOverIsRefused) {
  EXPECT_EQ(parse<std::uint16_t>(Bytes{0, 1, 2}).error(), (Error{Reason::kTrailing, 2}));
}

TEST(Codec, PresenceIsZeroOrOne) {
  const Bytes bytes{0x02};
  Reader in(bytes);
  EXPECT_FALSE(read_presence(in));
  EXPECT_EQ(in.done().error().reason, Reason::kValue);
}

TEST(Codec, TheFirstErrorOfAPartIsThatOfTheWhole) {
  const Bytes bytes{0x02, 0x05, 0x01, 0x07};
  Reader in(bytes);
  in.vector([](Reader& body) { body.fail(Reason::kUnsupported); });
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.done().error().reason, Reason::kUnsupported);
}

}  // namespace
}  // namespace clients::mls
