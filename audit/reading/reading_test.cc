#include <gtest/gtest.h>

#include "audit/reading/desk.h"
#include "policy/base/random.h"

namespace audit::reading {
namespace {

using event::ReadPurpose;
using policy::base::note::SigningKey;

constexpr Instant kNow{1795424400};  // 2026-11-23T09:00:00Z

class AReading : public ::testing::Test {
 protected:
  std::string announced(const SigningKey& key, Announcement announcement) const {
    return policy::base::note::sign_note(format_announcement(announcement), key);
  }
  Announcement announcement() {
    return {"authority.example/feierabend/2026", ReadPurpose::kIncident, kNow + Seconds{600}, random_.array<16>()};
  }
  std::optional<Refusal> refusal(std::string_view note, Instant now = kNow) {
    return desk_.take(note, now)->judged.refusal;
  }

  policy::base::SystemRandom random_;
  SigningKey officer_ = SigningKey::generate("authority.example/dpo", random_).value();
  SigningKey council_ = SigningKey::generate("authority.example/council", random_).value();
  SigningKey stranger_ = SigningKey::generate("authority.example/dpo", random_).value();
  std::vector<event::Record> logged_;
  bool broken_ = false;
  Desk desk_{{officer_.verifier(), council_.verifier()},
             "authority.example",
             {[](std::string_view name) {
                event::Pseudonym one{};
                std::copy_n(name.rbegin(), 3, one.bytes.begin());
                return event::Subject{one};
              },
              [this](event::Record record) -> Result<Desk::Entry> {
                if (broken_) return policy::base::fail("log.not-written", "");
                logged_.push_back(std::move(record));
                return Desk::Entry{"authority.example/feierabend/2026", 40 + logged_.size()};
              }}};
};

TEST_F(AReading, IsLoggedWithPurposeAndReaderAndThenAnswered) {
  const auto note = announced(council_, announcement());
  const auto outcome = desk_.take(note, kNow);
  ASSERT_TRUE(outcome && outcome->answer);
  EXPECT_EQ(outcome->answer->entry, 41U);
  EXPECT_EQ(outcome->answer->request, outcome->judged.digest);
  EXPECT_EQ(parse_answer(format_answer(*outcome->answer)).value(), *outcome->answer);
  event::Pseudonym council{};
  std::copy_n("lic", 3, council.bytes.begin());
  ASSERT_EQ(logged_.size(), 1U);
  EXPECT_EQ(logged_[0], event::Record(event::LogRead{{council}, ReadPurpose::kIncident}));
}

TEST_F(AReading, IsNotAnsweredIfItCouldNotBeLogged) {
  broken_ = true;
  EXPECT_EQ(desk_.take(announced(officer_, announcement()), kNow).error().code, "log.not-written");
  broken_ = false;
  EXPECT_FALSE(refusal(announced(officer_, announcement()))) << "it may be handed in again";
}

TEST_F(AReading, IsRefusedForAReason) {
  EXPECT_EQ(refusal("nonsense"), Refusal::kUnreadable);
  EXPECT_EQ(refusal(std::string(kAnnouncementBytesMax + 1, 'x')), Refusal::kUnreadable);
  EXPECT_EQ(refusal(policy::base::note::sign_note("feierabend-opening v1\n", officer_)), Refusal::kUnreadable);
  EXPECT_EQ(refusal(announced(stranger_, announcement())), Refusal::kSignatureMissing) << "a name is not a key";
  auto other = announcement();
  other.origin = "authority.example.org/feierabend/2026";
  EXPECT_EQ(refusal(announced(officer_, other)), Refusal::kOtherLog);
  const auto note = announced(officer_, announcement());
  EXPECT_EQ(refusal(note, kNow + Seconds{600}), Refusal::kExpired);
  EXPECT_EQ(refusal(note, kNow + Seconds{-3001}), Refusal::kTooFarAhead);
  EXPECT_TRUE(logged_.empty());
  std::string altered = note;
  altered[altered.find("incident")] = 'I';
  EXPECT_NE(refusal(altered), std::nullopt);
  EXPECT_FALSE(refusal(note));
}

TEST_F(AReading, CannotFillTheLog) {
  for (std::size_t i = 0; i < Desk::kPerHourMax; ++i) ASSERT_FALSE(refusal(announced(officer_, announcement())));
  EXPECT_EQ(refusal(announced(council_, announcement())), Refusal::kTooMany);
  auto later = announcement();
  later.until = kNow + Seconds{4000};
  EXPECT_EQ(refusal(announced(officer_, later), kNow + Seconds{3599}), Refusal::kTooMany);
  EXPECT_FALSE(refusal(announced(officer_, later), kNow + Seconds{3600}));
  EXPECT_EQ(logged_.size(), Desk::kPerHourMax + 1);
}

TEST(ReadingTexts, AreStrict) {
  const Announcement one{"a.example/feierabend/2026", ReadPurpose::kLawfulness, kNow, {}};
  const std::string text = format_announcement(one);
  EXPECT_EQ(parse_announcement(text).value(), one);
  for (std::size_t cut = 0; cut < text.size(); ++cut) EXPECT_FALSE(parse_announcement(text.substr(0, cut))) << cut;
  EXPECT_EQ(parse_announcement(text + "x\n").error().seen, "text after the end");
  EXPECT_EQ(parse_announcement("feierabend-reading v1\n\n").error().where, "line 2");
  const Answer answer{{}, "a.example/feierabend/2026", 0};
  const std::string answered = format_answer(answer);
  for (std::size_t cut = 0; cut < answered.size(); ++cut) EXPECT_FALSE(parse_answer(answered.substr(0, cut))) << cut;
  EXPECT_EQ(parse_answer(answered).value(), answer);
}

}  // namespace
}  // namespace audit::reading
