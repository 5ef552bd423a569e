#include "audit/checkpoint/checkpoint.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "audit/checkpoint/tlog_proof.h"

namespace audit::checkpoint {
namespace {

using policy::base::as_bytes;

// The example of the Go package golang.org/x/mod/sumdb/note, an independent implementation.
constexpr const char* kPeterVerifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr const char* kPeterSigner = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr const char* kPeterText =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
constexpr const char* kPeterNote =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

// The examples of the C2SP documents signed-note and tlog-checkpoint.
constexpr const char* kQuasimodo =
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
constexpr const char* kSofa =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

SigningKey key_named(const char* name) {
  policy::base::SystemRandom random;
  return SigningKey::generate(name, random).value();
}

TEST(Note, IndependentExampleIsReadAndReproduced) {
  const auto verifier = VerifierKey::parse(kPeterVerifier).value();
  EXPECT_EQ(open_note(kPeterNote, std::span(&verifier, 1)).value(), kPeterText);
  EXPECT_EQ(verifier.text(), kPeterVerifier);
  const auto signer = SigningKey::parse(kPeterSigner).value();
  EXPECT_EQ(signer.verifier(), verifier);
  EXPECT_EQ(signer.text(), kPeterSigner);
  EXPECT_EQ(sign_note(kPeterText, signer), kPeterNote);
}

TEST(Note, ExamplesOfTheSpecification) {
  const Note note = parse_note(kQuasimodo).value();
  EXPECT_TRUE(note.text.ends_with("\n\ned è subito sera.\n"));
  EXPECT_EQ(note.signatures.at(0).name, "quasimodo.example/salvatore");
  EXPECT_EQ(note.signatures.at(0).id, 0x367ba04bU);
  EXPECT_EQ(note.signatures.at(0).bytes.size(), 64U);
  EXPECT_EQ(format_note(note), kQuasimodo);
  const auto sofa = parse_checkpoint(parse_note(kSofa)->text).value();
  EXPECT_EQ(sofa.origin, "example.com/behind-the-sofa");
  EXPECT_EQ(sofa.size, 20852163U);
  EXPECT_EQ(format_checkpoint(sofa), parse_note(kSofa)->text);
}

TEST(Note, UnknownKeysAreIgnoredAndKnownOnesMustVerify) {
  const SigningKey log = key_named("log.example"), witness = key_named("witness.example"),
                   other = key_named("x.example");
  Note note = parse_note(sign_note("hello\n", log)).value();
  note.signatures.push_back({"stranger.example", 7, Bytes(64)});
  note.signatures.push_back({"log.example", 7, Bytes(4627)});  // same name, other id: another algorithm
  const std::vector<VerifierKey> known{log.verifier(), witness.verifier()};
  EXPECT_EQ(open_note(format_note(note), known).value(), "hello\n");
  note.signatures.push_back({"witness.example", witness.verifier().id(), Bytes(64)});
  EXPECT_EQ(open_note(format_note(note), known).error().code, "note.signature");
  EXPECT_EQ(open_note(sign_note("hello\n", other), known).error().code, "note.unsigned");
  EXPECT_EQ(open_note(sign_note("hello\n", log), {}).error().code, "note.unsigned");
}

TEST(Note, AcceptsSixteenSignaturesAndBoundsTheirNumber) {
  const SigningKey log = key_named("log.example");
  Note note = parse_note(sign_note("hello\n", log)).value();
  for (unsigned i = 0; i < 15; ++i) note.signatures.push_back({"w" + std::to_string(i), i, Bytes(4627)});
  EXPECT_TRUE(open_note(format_note(note), std::span(&log.verifier(), 1)));
  note.signatures.resize(1);
  for (unsigned i = 0; i < kSignaturesMax; ++i) note.signatures.push_back({"w", i, Bytes(64)});
  EXPECT_EQ(parse_note(format_note(note)).error().code, "note.signatures");
}

TEST(Note, RefusesWhatIsNoNote) {
  for (const char* text : {"", "text\n", "text\n\n", "text\n\n— a", "text\n\n— a AAAA\n", "text\n\n- a AAAAAAAA\n",
                           "text\n\n— a\n", "text\n\n— a =AAAAAAA\n"})
    EXPECT_EQ(parse_note(text).error().code, "note.syntax") << text;
  EXPECT_EQ(parse_note("te\txt\n\n— a AAAAAAAA\n").error().code, "note.utf8");
  EXPECT_EQ(parse_note("te\xC0\xAFxt\n\n— a AAAAAAAA\n").error().code, "note.utf8");
  EXPECT_EQ(parse_note("text\n\n— a\u00a0b AAAAAAAA\n").error().code, "key.name");
  EXPECT_EQ(parse_note(std::string(kNoteSizeMax + 1, 'a')).error().code, "note.size");
}

TEST(Note, AnyChangedBitIsRefused) {
  const SigningKey log = key_named("log.example");
  const std::string good = sign_note("log.example\n0\nabc\n", log);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(open_note(bad, std::span(&log.verifier(), 1))) << bit;
  }
}

TEST(Key, RefusesWhatIsNoKey) {
  EXPECT_EQ(VerifierKey::parse("").error().code, "key.syntax");
  EXPECT_EQ(VerifierKey::parse("name+12345678").error().code, "key.syntax");
  EXPECT_EQ(VerifierKey::parse(kPeterSigner).error().code, "key.syntax");
  EXPECT_EQ(SigningKey::parse(kPeterVerifier).error().code, "key.syntax");
  EXPECT_EQ(VerifierKey::parse("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").error().code,
            "key.id");
  EXPECT_EQ(VerifierKey::parse("PeterNeumann+c74f20a3+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").error().code,
            "key.type");
  EXPECT_EQ(VerifierKey::parse("two words+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").error().code,
            "key.name");
  policy::base::SystemRandom random;
  EXPECT_EQ(SigningKey::generate("a+b", random).error().code, "key.name");
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
