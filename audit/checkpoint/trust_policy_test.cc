#include "audit/checkpoint/trust_policy.h"

#include <gtest/gtest.h>

namespace audit::checkpoint {
namespace {

using Times = std::vector<std::optional<Instant>>;

class Policy : public ::testing::Test {
 protected:
  Policy() {
    for (const char* name : {"x1", "x2", "x3", "y1", "y2", "y3"}) {
      witnesses_.push_back(CosigningKey::generate(std::string(name) + ".example", random_).value());
      lines_ += std::string("witness ") + name + " " + witnesses_.back().verifier().text() + "\n";
    }
  }
  // The example of the C2SP document tlog-policy.
  std::string example() const {
    return "log " + log_.verifier().text() + " https://log.example/\n\n" + lines_ +
           "# two levels\n\tgroup  X 2 x1 x2 x3 \ngroup Y any y1 y2 y3\ngroup X-and-Y all X Y\nquorum X-and-Y\n";
  }
  static std::string code(const std::string& text) {
    const auto parsed = TrustPolicy::parse("file", text);
    return parsed ? "" : parsed.error().code + "@" + parsed.error().where;
  }
  std::string signed_note(std::span<const std::size_t> cosigners, Instant now) const {
    auto note = policy::base::note::parse_note(sign_checkpoint(checkpoint_, log_)).value();
    for (const std::size_t i : cosigners) note.signatures.push_back(witnesses_[i].cosign(note.text, now));
    return format_note(note);
  }

  policy::base::SystemRandom random_;
  SigningKey log_ = SigningKey::generate("log.example", random_).value();
  std::vector<CosigningKey> witnesses_;
  std::string lines_;
  Checkpoint checkpoint_{"log.example", 7, merkle::leaf_hash({}), {}};
};

TEST_F(Policy, ExampleOfTheSpecification) {
  const auto policy = TrustPolicy::parse("file", example()).value();
  EXPECT_EQ(policy.logs().at(0).url, "https://log.example/");
  EXPECT_EQ(policy.witnesses().size(), 6U);
  EXPECT_EQ(TrustPolicy::parse("file", policy.text()).value(), policy);
  const Instant a{10}, b{20}, c{30};
  const std::nullopt_t no = std::nullopt;
  EXPECT_EQ(policy.quorum_since(Times{a, b, c, no, c, no}), b) << "the two youngest of X, the youngest of Y";
  EXPECT_EQ(policy.quorum_since(Times{c, no, b, a, no, no}), a);
  EXPECT_EQ(policy.quorum_since(Times{c, no, no, a, a, a}), no);
  EXPECT_EQ(policy.missing(Times{c, no, no, a, no, no}), "x2, x3");
  EXPECT_EQ(policy.missing(Times{c, no, c, no, no, no}), "y1, y2, y3");
  EXPECT_EQ(policy.missing(Times{c, no, c, c, no, no}), "");
  EXPECT_EQ(policy.quorum_since(Times{}), no);
}

// Against counting by hand over all sets of witnesses.
TEST_F(Policy, AgreesWithCountingForEverySetOfWitnesses) {
  const auto policy = TrustPolicy::parse("file", example()).value();
  for (unsigned set = 0; set < 64; ++set) {
    Times times(6);
    int x = 0, y = 0;
    for (unsigned i = 0; i < 6; ++i) {
      if ((set >> i & 1) == 0) continue;
      times[i] = Instant{1};
      (i < 3 ? x : y) += 1;
    }
    const bool quorum = x >= 2 && y >= 1;
    EXPECT_EQ(policy.quorum_since(times).has_value(), quorum) << set;
    EXPECT_EQ(policy.missing(times).empty(), quorum) << set;
  }
}

TEST_F(Policy, QuorumOfOneOrOfNone) {
  EXPECT_EQ(TrustPolicy::parse("f", lines_ + "quorum y3\n")->missing(Times(6)), "y3");
  const auto none = TrustPolicy::parse("f", "quorum none\n").value();
  EXPECT_EQ(none.quorum_since({}), policy::base::kEndOfTime);
  EXPECT_EQ(none.missing({}), "");
}

TEST_F(Policy, RefusesWhatIsNone) {
  const std::string one = "witness a " + witnesses_[0].verifier().text() + "\n";
  const std::string two = "witness b " + witnesses_[1].verifier().text() + "\n";
  EXPECT_EQ(code(""), "policy-file.quorum@file");
  EXPECT_EQ(code("quorum none"), "policy-file.syntax@file:1");
  EXPECT_EQ(code("quorum none\nquorum none\n"), "policy-file.quorum@file:2");
  EXPECT_EQ(code("quorum none x\n"), "policy-file.syntax@file:1");
  EXPECT_EQ(code("quorum a\n" + one), "policy-file.name@file:1");
  EXPECT_EQ(code(one + one), "policy-file.name@file:2");
  EXPECT_EQ(code(one + "witness b " + witnesses_[0].verifier().text() + "\n"), "policy-file.key-twice@file:2");
  EXPECT_EQ(code("witness none " + witnesses_[0].verifier().text() + "\n"), "policy-file.name@file:1");
  EXPECT_EQ(code("witness a " + log_.verifier().text() + "\n"), "key.type@file:1");
  EXPECT_EQ(code("log " + witnesses_[0].verifier().text() + "\n"), "key.type@file:1");
  EXPECT_EQ(code("log " + log_.verifier().text() + "\nlog " + log_.verifier().text() + "\n"),
            "policy-file.key-twice@file:2");
  for (const char* k : {"0", "3", "-1", "01", "some"})
    EXPECT_EQ(code(one + two + "group g " + k + " a b\n"), "policy-file.syntax@file:3") << k;
  EXPECT_EQ(code(one + "group g any\n"), "policy-file.syntax@file:2");
  EXPECT_EQ(code(one + "group g any a a\n"), "policy-file.name@file:2");
  EXPECT_EQ(code(one + "group g any g\n"), "policy-file.name@file:2");
  EXPECT_EQ(code(one + "group g any none\n"), "policy-file.name@file:2");
  EXPECT_EQ(code(one + two + "group g any a\ngroup h any a b\n"), "policy-file.name@file:4");
  EXPECT_EQ(code(one + "group a any a\n"), "policy-file.name@file:2");
  EXPECT_EQ(code("quorum\rnone\n"), "policy-file.syntax@file:1");
  EXPECT_EQ(code("quorum none\n" + std::string(kPolicySizeMax, '#')), "policy-file.size@file");
  EXPECT_EQ(code("# \xE2\x84\xAA\n  \t\nquorum none\n"), "");
}

TEST_F(Policy, TakesThirtyTwoOfEachAndNotOneMore) {
  std::string logs, witnesses, groups;
  for (int i = 0; i < 33; ++i) {
    const std::string n = std::to_string(i), name = "n" + n;
    if (i == 32) {
      EXPECT_EQ(code(logs + witnesses + groups + "quorum none\n"), "");
    }
    logs += "log " + SigningKey::generate(name, random_)->verifier().text() + "\n";
    witnesses += "witness w" + n + " " + CosigningKey::generate(name, random_)->verifier().text() + "\n";
    groups += "group g" + n + " any " + (i < 32 ? "w" + n : "g0") + "\n";
  }
  EXPECT_EQ(code(logs), "policy-file.many@file:33");
  EXPECT_EQ(code(witnesses), "policy-file.many@file:33");
  const std::string first = witnesses.substr(0, witnesses.rfind("witness"));
  EXPECT_EQ(code(first + groups), "policy-file.many@file:65");
}

TEST_F(Policy, ACheckpointNeedsItsLogAndAQuorum) {
  const auto policy = TrustPolicy::parse("file", example()).value();
  const Instant now{1000};
  const auto opened = [&](std::vector<std::size_t> cosigners, Instant at = Instant{1000}) {
    return open_witnessed(signed_note(cosigners, at), policy, {}, now);
  };
  const auto good = opened({0, 2, 4});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->checkpoint, checkpoint_);
  EXPECT_EQ(good->since, now);
  EXPECT_EQ(good->times[1], std::nullopt);
  const auto missing = opened({0, 4});
  EXPECT_EQ(missing.error().code, "quorum.missing");
  EXPECT_TRUE(missing.error().seen.contains("x2, x3")) << missing.error().seen;
  EXPECT_EQ(opened({0, 2, 4}, now + policy::base::Seconds{1}).error().code, "quorum.missing") << "from the future";

  const auto other = SigningKey::generate("log.example", random_).value();
  EXPECT_EQ(open_witnessed(sign_checkpoint(checkpoint_, other), policy, {}, now).error().code, "note.unsigned");
  EXPECT_TRUE(open_witnessed(signed_note(std::vector<std::size_t>{0, 2, 4}, now), policy,
                             std::vector{other.verifier(), log_.verifier()}, now));
  EXPECT_EQ(
      open_witnessed(signed_note(std::vector<std::size_t>{0, 2, 4}, now), policy, std::vector{other.verifier()}, now)
          .error()
          .code,
      "note.unsigned");
  checkpoint_.origin = "elsewhere.example";
  EXPECT_EQ(opened({0, 2, 4}).error().code, "checkpoint.origin");
}

}  // namespace
}  // namespace audit::checkpoint
