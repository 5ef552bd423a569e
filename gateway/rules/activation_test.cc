#include "gateway/rules/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/bundle/testing/sample.h"

namespace gateway::rules {
namespace {

using audit::event::BundleRefusal;
using audit::event::BundleRefused;
using audit::event::RulesBundleActivated;
using base::Instant;
using base::Seconds;
using bundle::Key;

const Instant kHour = base::parse_instant("2026-06-01T00:00:00Z").value();  // sample_terms() begin then

// How a durable step can go wrong: not at all, refused, or refused although it was done.
enum class Fault { kNone, kLost, kKept };

// Memory and log that survive the gateway, and fail when they are told to.
struct Disk final : Memory {
  std::optional<Remembered> kept;
  std::vector<audit::event::Record> log;
  Fault memory_fault = Fault::kNone, log_fault = Fault::kNone;

  base::Result<std::optional<Remembered>> remembered() override { return kept; }
  base::Status remember(const Remembered& next) override {
    const Fault fault = std::exchange(memory_fault, Fault::kNone);
    if (fault != Fault::kLost) {
      EXPECT_TRUE(!kept || kept->revision < next.revision || *kept == next) << "an older revision";
      kept = next;
    }
    if (fault == Fault::kNone) return {};
    return base::fail("store.failed", "disk");
  }
  Log writer() {
    return [this](audit::event::Record record) -> base::Status {
      const Fault fault = std::exchange(log_fault, Fault::kNone);
      if (fault != Fault::kLost) log.push_back(std::move(record));
      if (fault == Fault::kNone) return {};
      return base::fail("audit.failed", "disk");
    };
  }
};

class Rules : public testing::Test {
 protected:
  SignedFiles files(std::uint64_t revision, std::vector<const Key*> signers = {}) const {
    const std::string bytes = format_bundle(bundle::sample_bundle(revision));
    if (signers.empty()) signers = {&administration_, &council_};
    std::string note;
    for (const Key* const key : signers)
      note = add_signature(note, bundle::sample_terms(revision), base::sha256(bytes), *key).value();
    return {bytes, note, trust_};
  }

  // One look at the files, as the gateway does it; the revision that gates then follow, or 0.
  std::uint64_t look(Activation& activation, const base::Result<SignedFiles>& files, Instant now,
                     const base::Sha256& roster = {}) {
    error_.clear();
    const auto choice = activation.choose(files, now);
    if (!choice) {
      error_ = choice.error().front().code;
      return 0;
    }
    if (auto put = activation.put_in_force(*choice, roster, now); !put) {
      error_ = put.error().code;
      const auto state = activation.state();
      return state.in_force ? state.in_force->revision : 0;
    }
    return (*choice)->verified.bundle.terms.revision;
  }

  // What the log says is in force.
  std::uint64_t logged() const {
    for (std::size_t i = disk_.log.size(); i-- > 0;) {
      if (const auto* activated = std::get_if<RulesBundleActivated>(&disk_.log[i])) return activated->revision.value;
    }
    return 0;
  }
  std::optional<BundleRefusal> refused() const {
    if (disk_.log.empty()) return {};
    const auto* const last = std::get_if<BundleRefused>(&disk_.log.back());
    return last == nullptr ? std::nullopt : std::optional(last->reason);
  }

  const Key administration_ = bundle::key_of("administration"), second_ = bundle::key_of("administration"),
            council_ = bundle::key_of("staff-council"), stranger_ = bundle::key_of("staff-council");
  const std::string trust_ =
      administration_.verifier().text() + "\n" + second_.verifier().text() + "\n" + council_.verifier().text() + "\n";
  Disk disk_;
  std::string error_;
};

TEST_F(Rules, ComeIntoForceLoggedFirstThenStored) {
  Activation activation(disk_, disk_.writer(), bundle::kTenant);
  EXPECT_EQ(look(activation, files(7), kHour, {9}), 7U);
  ASSERT_EQ(disk_.log.size(), 1U);
  const auto& record = std::get<RulesBundleActivated>(disk_.log[0]);
  EXPECT_EQ(record.bundle.bytes, base::sha256(files(7).bundle));
  EXPECT_EQ(record.revision.value, 7U);
  EXPECT_EQ(record.not_before, kHour);
  EXPECT_EQ(record.signatures.value, 2U);
  EXPECT_EQ(record.roster.bytes, (base::Sha256{9}));
  EXPECT_EQ(disk_.kept->revision, 7U);
  EXPECT_EQ(look(activation, files(7), kHour, {9}), 7U);
  EXPECT_EQ(disk_.log.size(), 1U);  // the same again is no news
  EXPECT_EQ(look(activation, files(7), kHour, {8}), 7U);
  EXPECT_EQ(disk_.log.size(), 2U);  // another roster is
}

TEST_F(Rules, WithoutAPermitWhatWasInForceStaysAndTheNewIsOfferedAgain) {
  base::Status permit = base::fail("quorum.missing", "council: Connection refused");
  int asked = 0;
  Activation activation(disk_, disk_.writer(), bundle::kTenant, [&](Instant) {
    ++asked;
    return permit;
  });
  // The first rules of all: nothing is in force, and there is no service.
  EXPECT_EQ(look(activation, files(7), kHour), 0U);
  EXPECT_EQ(error_, "quorum.missing");
  EXPECT_EQ(refused(), BundleRefusal::kNotWitnessed);
  EXPECT_FALSE(disk_.kept);
  permit = {};
  EXPECT_EQ(look(activation, files(7), kHour), 7U);

  permit = base::fail("witness.contradicts", "status 409");
  const auto logged_before = disk_.log.size();
  EXPECT_EQ(look(activation, files(8), kHour), 7U);
  EXPECT_EQ(logged(), 7U);
  EXPECT_EQ(refused(), BundleRefusal::kNotWitnessed);
  EXPECT_EQ(activation.state().waiting->revision, 8U);
  EXPECT_EQ(activation.warnings(kHour).back().code, "witness.contradicts");
  // Another roster comes into force meanwhile, and the refusal is logged once.
  EXPECT_EQ(look(activation, files(8), kHour, {9}), 7U);
  permit = base::fail("quorum.old", "a quorum of yesterday");
  EXPECT_EQ(look(activation, files(8), kHour, {9}), 7U);
  EXPECT_EQ(disk_.log.size(), logged_before + 2) << "one refusal, one roster";
  EXPECT_FALSE(activation.due(kHour + Seconds{9})) << "not every second";
  EXPECT_TRUE(activation.due(kHour + kRetryAfter));
  const int before = asked;
  permit = {};
  EXPECT_EQ(look(activation, files(8), kHour + kRetryAfter, {9}), 8U);
  EXPECT_EQ(asked, before + 1);
  EXPECT_EQ(logged(), 8U);
  EXPECT_FALSE(activation.state().waiting);
  EXPECT_TRUE(activation.warnings(kHour).empty());
}

TEST_F(Rules, WhatWasInForceNeedsNoPermitAfterARestart) {
  {
    Activation activation(disk_, disk_.writer(), bundle::kTenant);
    EXPECT_EQ(look(activation, files(7), kHour), 7U);
  }
  Activation activation(disk_, disk_.writer(), bundle::kTenant,
                        [](Instant) { return base::fail("quorum.missing", "nobody is there"); });
  EXPECT_EQ(look(activation, files(7), kHour), 7U);
  EXPECT_EQ(look(activation, files(8), kHour), 7U);
  EXPECT_EQ(logged(), 7U);
}

TEST_F(Rules, WaitForTheirVerySecond) {
  Activation activation(disk_, disk_.writer(), bundle::kTenant);
  EXPECT_EQ(look(activation, files(7), kHour - Seconds{2}), 0U);
  EXPECT_EQ(error_, "bundle.not-yet");
  EXPECT_FALSE(activation.due(kHour - Seconds{1}));
  EXPECT_TRUE(activation.due(kHour));
  activation.postpone(kHour);
  EXPECT_FALSE(activation.due(kHour + Seconds{9}));
  EXPECT_TRUE(activation.due(kHour + kRetryAfter));
  EXPECT_TRUE(disk_.log.empty());
  EXPECT_EQ(activation.state().waiting->revision, 7U);
  EXPECT_EQ(look(activation, files(7), kHour), 7U);
  EXPECT_FALSE(activation.due(kHour));
  EXPECT_FALSE(activation.state().waiting);
}

TEST_F(Rules, RefusedLeavesInForceWhatIsAndIsLoggedOnce) {
  Activation activation(disk_, disk_.writer(), bundle::kTenant);
  ASSERT_EQ(look(activation, files(7), kHour), 7U);
  SignedFiles altered = files(8);
  altered.bundle.back() = ' ';
  struct Case {
    SignedFiles files;
    BundleRefusal reason;
  };
  const std::vector<Case> cases{{files(8, {&administration_}), BundleRefusal::kUnsigned},
                                {files(9, {&administration_, &second_}), BundleRefusal::kUnsigned},
                                {files(10, {&administration_, &stranger_}), BundleRefusal::kUnknownSigner},
                                {altered, BundleRefusal::kAltered},
                                {files(6), BundleRefusal::kRollback},
                                {{"junk", "", trust_}, BundleRefusal::kUnreadable},
                                {{files(11).bundle, "", trust_}, BundleRefusal::kUnsigned}};
  for (const Case& one : cases) {
    const std::size_t before = disk_.log.size();
    EXPECT_EQ(look(activation, one.files, kHour), 7U);
    EXPECT_EQ(refused(), one.reason);
    EXPECT_EQ(look(activation, one.files, kHour), 7U);
    EXPECT_EQ(disk_.log.size(), before + 1);
    EXPECT_EQ(activation.warnings(kHour).size(), 1U);
    EXPECT_EQ(disk_.kept->revision, 7U);
  }
  EXPECT_EQ(look(activation, files(8), kHour), 8U);
  EXPECT_TRUE(activation.warnings(kHour).empty());
}

TEST_F(Rules, NothingInForceAndRefusedIsNoStart) {
  Activation activation(disk_, disk_.writer(), bundle::kTenant);
  EXPECT_EQ(look(activation, files(7, {&council_}), kHour), 0U);
  EXPECT_EQ(error_, "bundle.parties");
  EXPECT_EQ(look(activation, files(7), kHour + Seconds{400LL * 86400}), 0U);
  EXPECT_EQ(error_, "bundle.expired");
  EXPECT_EQ(look(activation, base::fail("settings.file", "no file"), kHour), 0U);
  EXPECT_EQ(error_, "settings.file");
}

TEST_F(Rules, ARestartTakesTheStoredOneAndNeverAnOlder) {
  {
    Activation activation(disk_, disk_.writer(), bundle::kTenant);
    ASSERT_EQ(look(activation, files(8), kHour), 8U);
  }
  Activation again(disk_, disk_.writer(), bundle::kTenant);
  EXPECT_EQ(look(again, files(7), kHour), 8U);  // somebody put the old file back
  EXPECT_EQ(logged(), 8U);
  Activation third(disk_, disk_.writer(), bundle::kTenant);
  EXPECT_EQ(look(third, SignedFiles{"", "", trust_}, kHour), 8U);  // or removed it
}

TEST_F(Rules, StoredRulesMustStillBeSigned) {
  {
    Activation activation(disk_, disk_.writer(), bundle::kTenant);
    ASSERT_EQ(look(activation, files(8), kHour), 8U);
  }
  SignedFiles next = files(9);
  next.trust = administration_.verifier().text() + "\n" + stranger_.verifier().text() + "\n";  // the council's key went
  Activation again(disk_, disk_.writer(), bundle::kTenant);
  EXPECT_EQ(look(again, next, kHour), 0U);
  EXPECT_EQ(error_, "bundle.unknown-signer");
  disk_.kept->bundle += " ";  // or somebody wrote into the store
  Activation third(disk_, disk_.writer(), bundle::kTenant);
  EXPECT_EQ(look(third, files(9), kHour), 0U);
}

TEST_F(Rules, ExpiredStaysInForceAndSaysSo) {
  const Instant end = bundle::sample_terms(7).expires;
  Activation activation(disk_, disk_.writer(), bundle::kTenant);
  ASSERT_EQ(look(activation, files(7), kHour), 7U);
  EXPECT_TRUE(activation.warnings(end - Seconds{1}).empty());
  EXPECT_EQ(activation.warnings(end).at(0).code, "bundle.expired");
  EXPECT_EQ(look(activation, files(7), end), 7U);
  Activation again(disk_, disk_.writer(), bundle::kTenant);
  EXPECT_EQ(look(again, files(7), end), 7U);
  EXPECT_EQ(again.warnings(end).at(0).code, "bundle.expired");
  EXPECT_EQ(look(again, files(8), end), 7U);  // but no other expired one
  EXPECT_EQ(refused(), BundleRefusal::kExpired);
}

// Every durable step, failed and lost or failed and kept, then tried again or stopped and started again: gates follow
// the old revision or the new one, never an older; the log ends with what they follow.
TEST_F(Rules, EveryStepMayFailAndTheGatewayMayStop) {
  for (const auto& [log_fault, memory_fault] :
       {std::pair(Fault::kLost, Fault::kNone), std::pair(Fault::kKept, Fault::kNone),
        std::pair(Fault::kNone, Fault::kLost), std::pair(Fault::kNone, Fault::kKept)}) {
    for (const bool restart : {false, true}) {
      disk_ = {};
      auto activation = std::make_unique<Activation>(disk_, disk_.writer(), bundle::kTenant);
      ASSERT_EQ(look(*activation, files(7), kHour), 7U);
      disk_.log_fault = log_fault;
      disk_.memory_fault = memory_fault;
      EXPECT_EQ(look(*activation, files(8), kHour), 7U);
      EXPECT_NE(error_, "");
      EXPECT_FALSE(activation->due(kHour));
      EXPECT_TRUE(activation->due(kHour + kRetryAfter));
      if (memory_fault != Fault::kNone) {
        EXPECT_EQ(refused(), BundleRefusal::kNotStored);
      }
      if (restart) activation = std::make_unique<Activation>(disk_, disk_.writer(), bundle::kTenant);
      EXPECT_EQ(look(*activation, files(8), kHour + kRetryAfter), 8U);
      EXPECT_EQ(error_, "");
      EXPECT_EQ(logged(), 8U);
      EXPECT_EQ(disk_.kept->revision, 8U);
      EXPECT_FALSE(refused());
    }
  }
}

// What could not be stored is withdrawn: the log says again what gates follow.
TEST_F(Rules, TheLogEndsWithWhatIsTrueAfterAFailure) {
  Activation activation(disk_, disk_.writer(), bundle::kTenant);
  ASSERT_EQ(look(activation, files(7), kHour), 7U);
  disk_.memory_fault = Fault::kLost;
  ASSERT_EQ(look(activation, files(8), kHour), 7U);
  EXPECT_EQ(logged(), 8U);
  EXPECT_EQ(look(activation, files(7), kHour), 7U);
  EXPECT_EQ(logged(), 7U);
}

// The new files are gone at the restart after a failure: the older one goes on, unless the new one was stored.
TEST_F(Rules, AStopBetweenLogAndStoreLeavesTheOldOneInForce) {
  for (const auto& [fault, revision] : {std::pair(Fault::kLost, 7U), std::pair(Fault::kKept, 8U)}) {
    disk_ = {};
    {
      Activation activation(disk_, disk_.writer(), bundle::kTenant);
      ASSERT_EQ(look(activation, files(7), kHour), 7U);
      disk_.memory_fault = fault;
      ASSERT_EQ(look(activation, files(8), kHour), 7U);
    }
    Activation again(disk_, disk_.writer(), bundle::kTenant);
    EXPECT_EQ(look(again, files(7), kHour), revision);
    EXPECT_EQ(logged(), revision);
  }
}

}  // namespace
}  // namespace gateway::rules
