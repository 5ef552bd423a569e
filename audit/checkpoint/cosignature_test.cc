#include "audit/checkpoint/cosignature.h"

#include <gtest/gtest.h>

namespace audit::checkpoint {
namespace {

using policy::base::note::NoteSignature;
using policy::base::note::parse_note;

constexpr const char* kSofaText =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

// Made with Python's cryptography from the key of RFC 8032 § 7.1, test 1.
constexpr const char* kSecret = "PRIVATE+KEY+w.example+4a98ebc3+BJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
constexpr const char* kKey = "w.example+4a98ebc3+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
constexpr const char* kLine =
    "— w.example "
    "SpjrwwAAAABkGFDL+TPmh4BYuAjsYRoqMJCWb/gWJaeRF/kmm5tlCr9sJ57DLErur7K0yDXc2ArN+TIuotuB/HbuL3AJsp3bv/aNCQ==\n";
constexpr Instant kWhen{1679315147};

// The example of the C2SP document tlog-cosignature.
constexpr const char* kSofaCosigned =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

TEST(Cosignature, IndependentExampleIsReadAndReproduced) {
  const auto secret = CosigningKey::parse(kSecret).value();
  EXPECT_EQ(secret.text(), kSecret);
  EXPECT_EQ(secret.verifier().text(), kKey);
  const NoteSignature line = secret.cosign(kSofaText, kWhen);
  EXPECT_EQ(format_signature_lines(std::span(&line, 1)), kLine);
  const auto read = parse_signature_lines(kLine).value();
  EXPECT_EQ(read, std::vector{line});
  EXPECT_EQ(CosignerKey::parse(kKey)->verified(kSofaText, read[0]), kWhen);
}

TEST(Cosignature, ExampleOfTheSpecificationHasItsTime) {
  const auto note = parse_note(kSofaCosigned).value();
  ASSERT_EQ(note.signatures.size(), 2U);
  ASSERT_EQ(note.signatures[1].bytes.size(), 72U);
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < 8; ++i) time = time << 8 | note.signatures[1].bytes[i];
  EXPECT_EQ(time, 1679315147U);
}

TEST(Cosignature, SaysNothingOfAnotherTextTimeOrName) {
  const auto key = CosignerKey::parse(kKey).value();
  const NoteSignature good = parse_signature_lines(kLine).value().front();
  EXPECT_EQ(key.verified("example.com/behind-the-sofa\n20852162\n", good), std::nullopt);
  for (std::size_t i = 0; i < good.bytes.size(); ++i) {
    NoteSignature bad = good;
    bad.bytes[i] ^= 1;
    EXPECT_EQ(key.verified(kSofaText, bad), std::nullopt) << i;
  }
  for (const std::size_t size : {0U, 7U, 8U, 64U, 71U, 73U}) {
    NoteSignature bad = good;
    bad.bytes.resize(size);
    EXPECT_EQ(key.verified(kSofaText, bad), std::nullopt) << size;
  }
  NoteSignature renamed = good;
  renamed.name = "v.example";
  EXPECT_FALSE(key.made(renamed));
  EXPECT_EQ(key.verified(kSofaText, renamed), std::nullopt);
}

// The far end of the years that the house can speak of: a signature that would verify, but names no instant.
TEST(Cosignature, NoTimeAfterTheYear9999) {
  const auto secret = CosigningKey::parse(kSecret).value();
  const auto late = secret.cosign(kSofaText, policy::base::kEndOfTime);
  EXPECT_EQ(secret.verifier().verified(kSofaText, late), policy::base::kEndOfTime);
  const auto later = secret.cosign(kSofaText, policy::base::kEndOfTime + policy::base::Seconds{1});
  EXPECT_EQ(secret.verifier().verified(kSofaText, later), std::nullopt);
}

TEST(Cosignature, KeysOfLogsAndWitnessesAreNeverTakenForEachOther) {
  policy::base::SystemRandom random;
  const auto log = SigningKey::generate("log.example", random).value();
  const auto witness = CosigningKey::generate("w.example", random).value();
  EXPECT_EQ(CosignerKey::parse(log.verifier().text()).error().code, "key.type");
  EXPECT_EQ(CosigningKey::parse(log.text()).error().code, "key.type");
  EXPECT_EQ(VerifierKey::parse(witness.verifier().text()).error().code, "key.type");
  EXPECT_EQ(SigningKey::parse(witness.text()).error().code, "key.type");
  EXPECT_EQ(CosignerKey::parse(witness.text()).error().code, "key.syntax") << "a secret is no public key";
  // Even a key of the other type that got here opens no note.
  const auto raw = VerifierKey::parse(kKey, policy::base::note::KeyType::kCosignature).value();
  const std::string note = std::string(kSofaText) + "\n" + kLine;
  EXPECT_EQ(policy::base::note::open_note(note, std::span(&raw, 1)).error().code, "note.unsigned");
}

TEST(Cosignature, TheLatestOfAKeyCountsAndABadOneRefusesAll) {
  policy::base::SystemRandom random;
  const auto first = CosigningKey::generate("one.example", random).value();
  const auto second = CosigningKey::generate("two.example", random).value();
  const std::vector keys{first.verifier(), second.verifier()};
  policy::base::note::Note note{kSofaText, {first.cosign(kSofaText, {20}), first.cosign(kSofaText, {10})}};
  EXPECT_EQ(cosigned_by(note, keys).value(), (std::vector<std::optional<Instant>>{Instant{20}, std::nullopt}));
  note.signatures.push_back(second.cosign("another text\n", {30}));
  EXPECT_EQ(cosigned_by(note, keys).error().code, "note.signature");
  EXPECT_TRUE(cosigned_by(note, std::span(keys).first(1))) << "lines of unknown keys are passed over";
}

TEST(Cosignature, LinesAreNothingElse) {
  for (const std::string& text : {std::string(), std::string("\n"), std::string("x\n"), std::string(kLine) + "\n",
                                  "text\n\n" + std::string(kLine), std::string(kLine) + "\n" + kLine})
    EXPECT_FALSE(parse_signature_lines(text)) << text;
  EXPECT_EQ(parse_signature_lines(std::string(kLine) + kLine)->size(), 2U);
}

}  // namespace
}  // namespace audit::checkpoint
