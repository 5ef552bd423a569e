#include "policy/base/note/note.h"

#include <gtest/gtest.h>

namespace policy::base::note {
namespace {

// The example of the Go package golang.org/x/mod/sumdb/note, an independent implementation.
constexpr const char* kPeterVerifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr const char* kPeterSigner = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr const char* kPeterText =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
constexpr const char* kPeterNote =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

// The example of the C2SP document signed-note.
constexpr const char* kQuasimodo =
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
SigningKey key_named(const char* name) {
  SystemRandom random;
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

TEST(Note, ExampleOfTheSpecification) {
  const Note note = parse_note(kQuasimodo).value();
  EXPECT_TRUE(note.text.ends_with("\n\ned è subito sera.\n"));
  EXPECT_EQ(note.signatures.at(0).name, "quasimodo.example/salvatore");
  EXPECT_EQ(note.signatures.at(0).id, 0x367ba04bU);
  EXPECT_EQ(note.signatures.at(0).bytes.size(), 64U);
  EXPECT_EQ(format_note(note), kQuasimodo);
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
  SystemRandom random;
  EXPECT_EQ(SigningKey::generate("a+b", random).error().code, "key.name");
}

}  // namespace
}  // namespace policy::base::note
