#include "audit/certificate/certificate.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include "audit/certificate/collect.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/store/memory.h"

namespace audit::certificate {
namespace {

class FixedClock final : public policy::base::Clock {
 public:
  Instant now() const override { return {1795424400}; }
  std::int64_t now_ms() const override { return 1795424400000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

Statement sample() {
  Statement out;
  out.device.bytes.fill(0xD1);
  out.sign_key.fill(0x5A);
  out.enrolled = {1795424000};
  out.salt.fill(0x77);
  out.person = "anna.kranz";
  return out;
}

class CertificateTest : public testing::Test {
 protected:
  CertificateTest() {
    auto log = log::Log::open({objects_, lock_, clock_, random_}, key_).value();
    (void)log->append(event::ServiceStarted{});
    (void)log->append(event::DeviceCertified{sample().device, digest_of(encode(sample()))});
    (void)log->append(event::DeviceCertified{DeviceId{}, digest_of(encode(sample()))});
    (void)log->append(event::ServiceStopped{});
    log->close();
  }
  Result<Certificate> collected(std::uint64_t index = 1) const {
    const std::string note(policy::base::as_text(*objects_.get(log::kCheckpointPath).value()));
    return collect(objects_, note, checkpoint::open_checkpoint(note, key_.verifier()).value(), index, encode(sample()));
  }
  std::string code(const Certificate& given) const {
    const std::vector<checkpoint::VerifierKey> logs{other_.verifier(), key_.verifier()};
    const auto checked = verify(given, logs);
    return checked ? "" : checked.error().code;
  }
  std::string altered(const std::function<void(Certificate&)>& alter) const {
    Certificate given = collected().value();
    alter(given);
    return code(given);
  }

  store::MemoryObjects objects_;
  store::MemoryLock lock_;
  FixedClock clock_;
  policy::base::SystemRandom random_;
  const checkpoint::SigningKey key_ =
      checkpoint::SigningKey::generate("authority.example/feierabend/2026", random_).value();
  const checkpoint::SigningKey other_ =
      checkpoint::SigningKey::generate("authority.example/feierabend/2025", random_).value();
};

TEST_F(CertificateTest, OfTheLogsEntryVerifies) {
  const std::vector<checkpoint::VerifierKey> logs{other_.verifier(), key_.verifier()};
  const auto checked = verify(collected().value(), logs);
  ASSERT_TRUE(checked) << checked.error().seen;
  EXPECT_EQ(checked->statement, sample());
  EXPECT_EQ(checked->logged, clock_.now());
  EXPECT_EQ(checked->checkpoint.size, 4U);
  EXPECT_EQ(checked->index, 1U);
}

TEST_F(CertificateTest, NothingOfItCanBeChanged) {
  EXPECT_EQ(altered([](auto& c) { c.statement[1] ^= 1; }), "certificate.entry");      // another device
  EXPECT_EQ(altered([](auto& c) { c.statement[20] ^= 1; }), "certificate.entry");     // another key
  EXPECT_EQ(altered([](auto& c) { c.statement.back() ^= 1; }), "certificate.entry");  // another person
  EXPECT_EQ(altered([](auto& c) { c.statement.pop_back(); }), "certificate.syntax");
  EXPECT_EQ(altered([](auto& c) { c.statement[0] = 2; }), "certificate.syntax");
  EXPECT_EQ(altered([](auto& c) { c.leaf[10] ^= 1; }), "proof.root");
  EXPECT_EQ(altered([](auto& c) { c.key[0] ^= 1; }), "event.ciphertext");
  EXPECT_EQ(altered([](auto& c) { c.ciphertext[0] ^= 1; }), "event.ciphertext");
  EXPECT_EQ(altered([](auto& c) { c.proof.replace(c.proof.find("index 1"), 7, "index 2"); }), "proof.root");
  EXPECT_EQ(altered([](auto& c) { c.proof.clear(); }), "tlog-proof.syntax");
}

TEST_F(CertificateTest, AnotherEntryOrAnotherLogProvesNothing) {
  EXPECT_EQ(code(collected(2).value()), "certificate.entry");  // the digest, but of another device
  EXPECT_EQ(code(collected(0).value()), "certificate.entry");
  EXPECT_EQ(collected(4).error().code, "certificate.entry");
  const std::vector<checkpoint::VerifierKey> logs{other_.verifier()};
  EXPECT_EQ(verify(collected().value(), logs).error().code, "certificate.log");
}

TEST_F(CertificateTest, AnErasedEntryIsSaidToBeErased) {
  auto log = log::Log::open({objects_, lock_, clock_, random_}, key_).value();
  ASSERT_TRUE(log->erase({1}));
  log->close();
  EXPECT_EQ(collected().error().code, "certificate.entry");
}

TEST(Statement, ReadsBackAndRefusesOtherSizes) {
  const Bytes bytes = encode(sample());
  EXPECT_EQ(parse_statement(bytes), sample());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(parse_statement(ByteView(bytes).first(size)).error().code, "certificate.syntax");
  Bytes longer = bytes;
  longer.push_back('x');
  EXPECT_FALSE(parse_statement(longer));
}

TEST(Consent, IsOfOneKeyForOneCertificate) {
  PublicKey key{};
  std::array<std::uint8_t, 64> secret{};
  crypto_sign_keypair(key.data(), secret.data());
  const event::Digest digest = digest_of(encode(sample()));
  const Bytes message = consent_message(digest);
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret.data());
  EXPECT_TRUE(consents(key, digest, signature));
  event::Digest other = digest;
  other.bytes[31] ^= 1;
  EXPECT_FALSE(consents(key, other, signature));
  EXPECT_FALSE(consents(sample().sign_key, digest, signature));
}

TEST(Code, IsReadAloudAndTypedAsItSounds) {
  event::Digest digest;
  digest.bytes = {0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x40};  // fives of bits that are all 1
  EXPECT_EQ(code_of(digest), "11111-11111");
  EXPECT_TRUE(is_code_of("lI1il 11111", digest));
  EXPECT_FALSE(is_code_of("11111-1111", digest));
  EXPECT_FALSE(is_code_of("", digest));
  const event::Digest real = digest_of(encode(sample()));
  EXPECT_TRUE(is_code_of(code_of(real), real));
  EXPECT_FALSE(is_code_of(code_of(real), digest));
}

}  // namespace
}  // namespace audit::certificate
