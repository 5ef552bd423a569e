#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "gateway/session/factor_key.h"
#include "gateway/session/proof.h"
#include "gateway/session/steps.h"
#include "gateway/session/token.h"
#include "gateway/session/totp.h"

namespace gateway::session {
namespace {

class TickingClock final : public base::Clock {
 public:
  base::Instant now() const override { return {1'800'000'000 + ms / 1000}; }
  std::int64_t now_ms() const override { return now().unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return ms; }
  std::atomic<std::int64_t> ms = 0;
};

TEST(Token, IsRandomTextAndHashedAsText) {
  base::SystemRandom random;
  const std::string token = make_token(random);
  EXPECT_EQ(token.size(), kTokenSize);
  EXPECT_TRUE(looks_like_token(token));
  EXPECT_NE(token, make_token(random));
  // FIPS 180-4 example: SHA-256("abc")
  EXPECT_EQ(base::to_hex(hash_token("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  for (const std::string& text : {std::string(), std::string(42, 'a'), std::string(44, 'a'), std::string(43, '=')})
    EXPECT_FALSE(looks_like_token(text));
}

// RFC 6238 appendix B, SHA-1, cut to six digits.
TEST(Totp, AgreesWithTheVectorsOfRfc6238) {
  TotpSecret secret{};
  const std::string_view text = "12345678901234567890";
  std::ranges::copy(base::as_bytes(text), secret.begin());
  EXPECT_EQ(verify_code(secret, "287082", {59}), 1);
  EXPECT_EQ(verify_code(secret, "081804", {1111111109}), 37037036);
  EXPECT_EQ(verify_code(secret, "005924", {1234567890}), 41152263);
  EXPECT_EQ(verify_code(secret, "353130", {20000000000}), 666666666);
  EXPECT_EQ(verify_code(secret, "287082", {59 + 30}), 1);
  EXPECT_EQ(verify_code(secret, "287082", {59 + 61}), std::nullopt);
}

TEST(Totp, RefusesWhatIsNoCode) {
  const TotpSecret secret{};
  for (const char* code : {"", "12345", "1234567", "12345a", " 12345", "-12345", "１２"})
    EXPECT_EQ(verify_code(secret, code, {1'800'000'000}), std::nullopt) << code;
}

TEST(Totp, UriIsPercentEncoded) {
  const TotpSecret secret{};
  const TotpOffer made = offer(secret, "Polizei Süd", "anna.m");
  EXPECT_EQ(made.secret, std::string(32, 'A'));
  EXPECT_EQ(made.uri, "otpauth://totp/Polizei%20S%C3%BCd:anna.m?secret=" + made.secret +
                          "&issuer=Polizei%20S%C3%BCd&algorithm=SHA1&digits=6&period=30");
}

TEST(FactorKey, IsMadeOnceAndGuardsItsRights) {
  base::SystemRandom random;
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("feierabend_key_" + base::to_hex(random.array<8>()));
  const auto made = FactorKey::load_or_create(path, random);
  ASSERT_TRUE(made);
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  const TotpSecret secret = random.array<20>();
  base::Bytes sealed = made->seal("anna", secret, random);
  EXPECT_EQ(FactorKey::load_or_create(path, random)->open("anna", sealed).value(), secret);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    sealed[i] ^= 1;
    EXPECT_EQ(made->open("anna", sealed).error().code, "factor.sealed");
    sealed[i] ^= 1;
  }
  EXPECT_EQ(made->open("anna", {}).error().code, "factor.sealed");
  std::filesystem::permissions(path, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_EQ(FactorKey::load_or_create(path, random).error().code, "key.rights");
  std::filesystem::permissions(path, std::filesystem::perms::group_read, std::filesystem::perm_options::remove);
  std::ofstream(path, std::ios::app) << "x";
  EXPECT_EQ(FactorKey::load_or_create(path, random).error().code, "key.size");
  std::filesystem::remove(path);
  EXPECT_EQ(FactorKey::load_or_create(path / "missing", random).error().code, "key.file");
}

// The example of gateway/session/README.md, byte for byte.
TEST(Proof, MessageIsAsDocumented) {
  const Proof proof{.method = "GET", .target = "/v1/devices", .unix_s = 1800000000, .nonce = "AAAAAAAAAAAAAAAAAAAAAA"};
  EXPECT_EQ(proof_message(proof, "abc"),
            "feierabend-proof-v1\nGET\n/v1/devices\n1800000000\nAAAAAAAAAAAAAAAAAAAAAA\n"
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Proof, HeaderRoundTrip) {
  EXPECT_TRUE(rc::check("parse and format are inverse", [] {
    base::SystemRandom random;
    Proof proof{.method = "POST", .target = "/v1/x", .unix_s = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000)};
    proof.nonce = base::to_base64url(random.array<16>());
    proof.signature = random.array<64>();
    const auto read = parse_proof(format_proof(proof), "POST", "/v1/x");
    RC_ASSERT(read.has_value());
    RC_ASSERT(format_proof(*read) == format_proof(proof));
  }));
}

TEST(Proof, RefusesWhatCouldBeReadInTwoWays) {
  Proof proof{.method = "GET", .target = "/", .unix_s = 1800000000, .nonce = "AAAAAAAAAAAAAAAAAAAAAA"};
  const std::string good = format_proof(proof);
  ASSERT_TRUE(parse_proof(good, "GET", "/"));
  for (const std::string& header :
       {std::string(), "0" + good, "+" + good, "-" + good, good + ".", good + "=", std::string("1800000000.."),
        good.substr(1, 9), good + std::string(200, 'A'),
        std::string("99999999999999999999.AAAAAAAAAAAAAAAAAAAAAA.") + std::string(86, 'A'),
        "1800000000.AAAAAAAAAAAAAAAAAAAAAB." + std::string(86, 'A')})  // bits that no byte holds
    EXPECT_FALSE(parse_proof(header, "GET", "/")) << header;
  for (const char* target : {"", "/a\nb", "/a b", "/\xC3\xBC"}) EXPECT_FALSE(parse_proof(good, "GET", target));
  for (const char* method : {"", "get", "GET\n", "ABCDEFGHIJKLMNOPQ"}) EXPECT_FALSE(parse_proof(good, method, "/"));
}

TEST(ReplayGuard, RemembersForTwoWindowsAndHasABound) {
  TickingClock clock;
  ReplayGuard guard(clock);
  base::SystemRandom random;
  const store::SessionId one{random.array<16>()}, two{random.array<16>()};
  EXPECT_TRUE(guard.admit(one, "n"));
  EXPECT_TRUE(guard.admit(two, "n"));
  clock.ms = 2 * kProofWindow_s * 1000;
  EXPECT_EQ(guard.admit(one, "n").error().code, "proof.replayed");
  clock.ms += 1000;
  EXPECT_TRUE(guard.admit(one, "n"));
  EXPECT_EQ(guard.size(), 1U);
  for (std::size_t i = 1; i < kNoncesPerSessionMax; ++i) EXPECT_TRUE(guard.admit(one, std::to_string(i)));
  EXPECT_EQ(guard.admit(one, "more").error().code, "proof.too-many");
  EXPECT_TRUE(guard.admit(two, "more"));
}

TEST(Steps, AreBoundedPerPersonAndInAll) {
  TickingClock clock;
  base::SystemRandom random;
  Steps steps(clock, random);
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i <= kStepsPerPersonMax; ++i)
    tokens.push_back(steps.add({.person = "anna", .mailbox = {}}).value());
  EXPECT_EQ(steps.size(), kStepsPerPersonMax);
  EXPECT_FALSE(steps.take(tokens.front()));
  EXPECT_TRUE(steps.take(tokens.back()));
  EXPECT_FALSE(steps.take(tokens.back()));
  for (std::size_t i = 0; steps.size() < kStepsMax; ++i)
    ASSERT_TRUE(steps.add({.person = "p" + std::to_string(i), .mailbox = {}}));
  EXPECT_EQ(steps.add({.person = "late", .mailbox = {}}).error().code, "login.busy");
  clock.ms = kStepLifetime_s * 1000;
  EXPECT_TRUE(steps.add({.person = "late", .mailbox = {}}));
  EXPECT_EQ(steps.size(), 1U);
  steps.drop_person("late");
  EXPECT_EQ(steps.size(), 0U);
}

}  // namespace
}  // namespace gateway::session
