// The promise as a whole: one share opens nothing, the right pair opens just the slice, both attempts are in the log.
#include "audit/opening/desk.h"

#include <gtest/gtest.h>

#include "audit/store/memory.h"

namespace audit::opening {
namespace {

using event::OpeningParties;
using event::OpeningRefusal;
using policy::base::fail;
using policy::base::Status;
using policy::base::note::SigningKey;
using pseudonym::DayKey;
using pseudonym::Party;

Day day(const char* text) { return pseudonym::parse_day(text).value(); }
Instant at(const char* text) { return policy::base::parse_instant(text).value(); }

class DeskTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* one : {"2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"})
      keys_.push_back(days_.key_for(day(one)).value());
  }
  Request request() const {
    return {
        "a.example", day("2026-11-03"), day("2026-11-04"), event::OpeningPurpose::kIncident, at("2026-12-01T00:00:00Z"),
        {7}};
  }
  std::string by(std::vector<const SigningKey*> keys) const {
    std::string note = policy::base::note::sign_note(format_request(request()), *keys.front());
    for (const SigningKey* key : keys) note = add_signature(note, *key).value();
    return note;
  }
  Desk desk() {
    return {{officer_.verifier(), council_.verifier()},
            "a.example",
            days_,
            {[this](event::Record record) -> Result<Desk::Entry> {
               if (log_broken_) return fail("log.not-written", "no");
               log_.push_back(std::move(record));
               return Desk::Entry{"a.example/feierabend/2026", log_.size() - 1};
             },
             [this](const Request&, const event::Digest&) -> Status {
               if (store_broken_) return fail("store.failed", "no");
               return ++noted_, Status{};
             }}};
  }
  Desk::Outcome taken(const std::string& note) { return desk().take(note, at("2026-11-20T00:00:00Z")).value(); }
  // What both parties can make of an answer.
  Result<DayKey> opened(Day of, const Answer& answer) {
    const auto text = objects_.get(pseudonym::day_text(of) + ".sealed").value().value();
    const auto sealed = pseudonym::parse_sealed_day(policy::base::as_text(text)).value();
    const auto one =
        open_share(sealed, Party::kDataProtectionOfficer, officer_pair_.public_key, officer_pair_.secret_key).value();
    const auto two =
        open_share(sealed, Party::kStaffCouncil, council_pair_.public_key, council_pair_.secret_key).value();
    Result<DayKey> last = fail("epoch.part", "no part");
    for (const auto& part : answer.parts) {
      last = combine(one, two, part);
      if (last) return last;
    }
    return last;
  }

  policy::base::SystemRandom random_;
  SigningKey officer_ = SigningKey::generate("a.example/dpo", random_).value();
  SigningKey council_ = SigningKey::generate("a.example/council", random_).value();
  pseudonym::KeyPair officer_pair_ = pseudonym::generate_pair(random_),
                     council_pair_ = pseudonym::generate_pair(random_);
  store::MemoryObjects objects_;
  DayKeeper days_{objects_, {officer_pair_.public_key, council_pair_.public_key}, random_};
  std::vector<DayKey> keys_;
  std::vector<event::Record> log_;
  int noted_ = 0;
  bool log_broken_ = false, store_broken_ = false;
};

TEST_F(DeskTest, TheRightPairOpensJustTheSlice) {
  const auto outcome = taken(by({&officer_, &council_}));
  ASSERT_TRUE(outcome.answer);
  const Answer answer = parse_answer(format_answer(*outcome.answer)).value();
  EXPECT_EQ(answer.parts.size(), 2U);
  EXPECT_EQ(opened(day("2026-11-03"), answer).value(), keys_[1]);
  EXPECT_EQ(opened(day("2026-11-04"), answer).value(), keys_[2]);
  EXPECT_FALSE(opened(day("2026-11-02"), answer)) << "the day before";
  EXPECT_FALSE(opened(day("2026-11-05"), answer)) << "the day after";
  EXPECT_EQ(keys_[1].of("anna"), opened(day("2026-11-03"), answer)->of("anna"));
}

TEST_F(DeskTest, OneOfThemOpensNothingAndBothAttemptsAreInTheLog) {
  for (const auto& one : {by({&officer_}), by({&council_})}) {
    const auto refused = taken(one);
    EXPECT_FALSE(refused.answer);
    EXPECT_EQ(refused.judged.refusal, OpeningRefusal::kSignatureMissing);
  }
  EXPECT_TRUE(taken(by({&officer_, &council_})).answer);
  ASSERT_EQ(log_.size(), 3U);
  EXPECT_EQ(std::get<event::OpeningRefused>(log_[0]).parties, OpeningParties::kOfficer);
  EXPECT_EQ(std::get<event::OpeningRefused>(log_[1]).parties, OpeningParties::kCouncil);
  const auto& opened = std::get<event::PseudonymsOpened>(log_[2]);
  EXPECT_EQ(opened.parties, OpeningParties::kBoth);
  EXPECT_EQ(opened.purpose, event::OpeningPurpose::kIncident);
  EXPECT_EQ(opened.begin, at("2026-11-03T00:00:00Z"));
  EXPECT_EQ(opened.end, at("2026-11-05T00:00:00Z"));
  EXPECT_EQ(opened.days.value, 2U);
  EXPECT_EQ(noted_, 1);
}

TEST_F(DeskTest, NothingIsReleasedThatIsNotLoggedAndNoted) {
  log_broken_ = true;
  EXPECT_EQ(desk().take(by({&officer_, &council_}), at("2026-11-20T00:00:00Z")).error().code, "log.not-written");
  log_broken_ = false;
  store_broken_ = true;
  EXPECT_EQ(desk().take(by({&officer_, &council_}), at("2026-11-20T00:00:00Z")).error().code, "store.failed");
  EXPECT_EQ(log_.size(), 1U) << "the log comes first";
  store_broken_ = false;
  EXPECT_TRUE(taken(by({&officer_, &council_})).answer);
}

TEST_F(DeskTest, DaysWhosePartsAreGoneAreRefused) {
  EXPECT_EQ(days_.destroy_due(at("2029-01-01T00:00:00Z")).value(), 4U);
  const auto outcome = taken(by({&officer_, &council_}));
  EXPECT_FALSE(outcome.answer);
  EXPECT_EQ(std::get<event::OpeningRefused>(log_.at(0)).reason, OpeningRefusal::kKeyGone);
}

}  // namespace
}  // namespace audit::opening
