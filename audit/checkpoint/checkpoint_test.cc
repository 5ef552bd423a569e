#include "audit/checkpoint/checkpoint.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "audit/checkpoint/tlog_proof.h"

namespace audit::checkpoint {
namespace {

using policy::base::as_bytes;
using policy::base::note::parse_note;
using policy::base::note::sign_note;

// The example of the C2SP document tlog-checkpoint.
constexpr const char* kSofa =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

SigningKey key_named(const char* name) {
  policy::base::SystemRandom random;
  return SigningKey::generate(name, random).value();
}

TEST(Checkpoint, ExampleOfTheSpecification) {
  const std::string text = parse_note(kSofa)->text;
  const auto sofa = parse_checkpoint(text).value();
  EXPECT_EQ(sofa.origin, "example.com/behind-the-sofa");
  EXPECT_EQ(sofa.size, 20852163U);
  EXPECT_EQ(format_checkpoint(sofa), text);
}

TEST(Checkpoint, RoundTripAndOrigin) {
  const SigningKey key = key_named("authority.example/audit/2026");
  const Checkpoint good{"authority.example/audit/2026", 70000, merkle::empty_root(), {}};
  EXPECT_EQ(open_checkpoint(sign_checkpoint(good, key), key.verifier()).value(), good);
  Checkpoint foreign = good;
  foreign.origin = "authority.example/audit/2027";
  EXPECT_EQ(open_checkpoint(sign_checkpoint(foreign, key), key.verifier()).error().code, "checkpoint.origin");
  Checkpoint extended = good;
  extended.extensions = {"one", "two"};
  EXPECT_EQ(parse_checkpoint(format_checkpoint(extended)).value(), extended);
}

TEST(Checkpoint, RefusesWhatIsNone) {
  const std::string root = policy::base::to_base64(merkle::empty_root());
  for (const std::string& text : {std::string(), std::string("o\n"), "o\n1\n" + root, "o\n1\n" + root + "=\n",
                                  "\n1\n" + root + "\n", "o\n1\n" + root + "\n\n", std::string("o\n1\nAAAA\n")})
    EXPECT_EQ(parse_checkpoint(text).error().code, "checkpoint.syntax") << text;
  for (const char* size : {"01", "-1", "+1", "1 ", "18446744073709551616", "0x1"})
    EXPECT_EQ(parse_checkpoint("o\n" + std::string(size) + "\n" + root + "\n").error().code, "checkpoint.number")
        << size;
}

TEST(TlogProof, RoundTripAndVerification) {
  const SigningKey key = key_named("log.example");
  const merkle::Hash a = merkle::leaf_hash(as_bytes("a")), b = merkle::leaf_hash(as_bytes("b"));
  const std::string note = sign_checkpoint({"log.example", 2, merkle::node_hash(a, b), {}}, key);
  TlogProof proof{std::nullopt, 1, {a}, note};
  EXPECT_EQ(parse_tlog_proof(format_tlog_proof(proof)).value(), proof);
  EXPECT_EQ(verify_tlog_proof(proof, as_bytes("b"), key.verifier())->size, 2U);
  EXPECT_EQ(verify_tlog_proof(proof, as_bytes("c"), key.verifier()).error().code, "proof.root");
  proof.extra = Bytes{1, 2, 3};
  EXPECT_EQ(parse_tlog_proof(format_tlog_proof(proof)).value(), proof);
  proof.index = 0;
  EXPECT_EQ(verify_tlog_proof(proof, as_bytes("b"), key.verifier()).error().code, "proof.root");
  proof.hashes.clear();
  EXPECT_EQ(verify_tlog_proof(proof, as_bytes("b"), key.verifier()).error().code, "proof.length");
  const TlogProof single{std::nullopt, 0, {}, sign_checkpoint({"log.example", 1, b, {}}, key)};
  EXPECT_TRUE(verify_tlog_proof(parse_tlog_proof(format_tlog_proof(single)).value(), as_bytes("b"), key.verifier()));
}

// The example of the C2SP document tlog-proof; what it elides with "[...]", extra data and signatures, is ours.
TEST(TlogProof, ExampleOfTheSpecification) {
  const std::string hashes =
      "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
      "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\nRoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n"
      "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n";
  const SigningKey key = key_named("example.com/fancylog");
  const std::string note =
      sign_note("example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n", key);
  const std::string text = "c2sp.org/tlog-proof@v1\nextra YWdl\nindex 73894\n" + hashes + "\n" + note;
  const TlogProof proof = parse_tlog_proof(text).value();
  EXPECT_EQ(proof.index, 73894U);
  EXPECT_EQ(proof.hashes.size(), 5U);
  EXPECT_EQ(policy::base::to_base64(proof.hashes[1]), "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=");
  EXPECT_EQ(format_tlog_proof(proof), text);
  EXPECT_EQ(verify_tlog_proof(proof, as_bytes("age"), key.verifier()).error().code, "proof.length")
      << "a tree of 109,482 has longer paths: the example shows the form only";
}

TEST(TlogProof, RefusesWhatIsNone) {
  const std::string note = sign_note("log.example\n", key_named("log.example"));
  const std::string head = "c2sp.org/tlog-proof@v1\n";
  for (const std::string& text :
       {std::string(), head, head + "index 1\n", head + "index 01\n\n" + note, head + "extra ?\nindex 1\n\n" + note,
        head + "index 1\nAAAA\n\n" + note, "c2sp.org/tlog-proof@v2\nindex 1\n\n" + note})
    EXPECT_EQ(parse_tlog_proof(text).error().code, "tlog-proof.syntax") << text;
  EXPECT_EQ(parse_tlog_proof(head + "index 1\n\nnot a note").error().code, "note.syntax");
}

}  // namespace
}  // namespace audit::checkpoint
