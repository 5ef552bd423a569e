#include "clients/mls/schedule/key_schedule.h"

#include <gtest/gtest.h>

#include "clients/mls/crypto/native/native.h"

namespace clients::mls {
namespace {

const NativeCrypto kCrypto;

// The official vectors say that the values are right; here: that each input counts.
TEST(KeySchedule, EachInputCounts) {
  const Secret zeros, ones(std::array<std::uint8_t, 32>{1});
  const Bytes context(300, 1), other(300, 2);
  const Secret joiner = joiner_secret(kCrypto, zeros, zeros, context);
  EXPECT_NE(joiner, joiner_secret(kCrypto, ones, zeros, context));
  EXPECT_NE(joiner, joiner_secret(kCrypto, zeros, ones, context));
  EXPECT_NE(joiner, joiner_secret(kCrypto, zeros, zeros, other));
  const EpochSecrets secrets = epoch_secrets(kCrypto, joiner, zeros, context);
  EXPECT_EQ(secrets, epoch_secrets(kCrypto, joiner, zeros, context));
  EXPECT_NE(secrets, epoch_secrets(kCrypto, zeros, zeros, context));
  EXPECT_NE(secrets, epoch_secrets(kCrypto, joiner, ones, context));
  EXPECT_NE(secrets, epoch_secrets(kCrypto, joiner, zeros, other));
  EXPECT_NE(welcome_secret(kCrypto, joiner, zeros), welcome_secret(kCrypto, joiner, ones));
}

TEST(KeySchedule, ExportsAnySizeForLabelAndContext) {
  const Secret exporter;
  const SecretBytes secret = export_secret(kCrypto, exporter, "audit", as_bytes("room"), 100);
  EXPECT_EQ(secret.view().size(), 100U);
  EXPECT_EQ(secret, export_secret(kCrypto, exporter, "audit", as_bytes("room"), 100));
  EXPECT_FALSE(secret == export_secret(kCrypto, exporter, "audits", as_bytes("room"), 100));
  EXPECT_FALSE(secret == export_secret(kCrypto, exporter, "audit", as_bytes("rooms"), 100));
  EXPECT_TRUE(export_secret(kCrypto, exporter, "audit", {}, 0).view().empty());
}

TEST(KeySchedule, TheFirstCommitBeginsTheTranscript) {
  const Hash first = confirmed_transcript_hash(kCrypto, {}, as_bytes("commit"));
  EXPECT_EQ(first, kCrypto.sha256(as_bytes("commit")));
  const Hash tag = confirmation_tag(kCrypto, Secret(), first);
  EXPECT_NE(interim_transcript_hash(kCrypto, first, tag), interim_transcript_hash(kCrypto, {}, tag));
}

}  // namespace
}  // namespace clients::mls
