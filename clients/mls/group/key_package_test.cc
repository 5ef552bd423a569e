#include "clients/mls/group/key_package.h"

#include <gtest/gtest.h>

#include "clients/mls/crypto/native/native.h"

namespace clients::mls {
namespace {

TEST(OwnKeyPackage, ComesBackFromTheStoreWhole) {
  const NativeCrypto crypto;
  Member member;
  member.credential.identity = copy(as_bytes("anna"));
  member.signature_key = generate_signature_key_pair(crypto);
  const OwnKeyPackage own = make_key_package(crypto, kDefaultSuite, member, {1, 2});
  const SecretBytes saved = save(own);
  const auto loaded = load_key_package(saved.view());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->package, own.package);
  EXPECT_EQ(loaded->init_key, own.init_key);
  EXPECT_EQ(loaded->encryption_key, own.encryption_key);
  EXPECT_EQ(loaded->signature_key, own.signature_key);
  for (std::size_t size = 0; size < saved.view().size(); ++size)
    EXPECT_EQ(load_key_package(saved.view().first(size)).error().reason, Reason::kStorage);
  Bytes other = copy(saved.view());
  other.front() = 2;
  EXPECT_EQ(load_key_package(other).error().reason, Reason::kStorage);
  other.front() = 1;
  other.push_back(0);
  EXPECT_EQ(load_key_package(other).error().reason, Reason::kStorage);
}

}  // namespace
}  // namespace clients::mls
