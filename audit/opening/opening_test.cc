#include "audit/opening/opening.h"

#include <gtest/gtest.h>

#include "policy/base/sha256.h"

namespace audit::opening {
namespace {

using event::OpeningParties;
using event::OpeningPurpose;
using event::OpeningRefusal;
using policy::base::note::SigningKey;

policy::base::SystemRandom system_random;

class Opening : public testing::Test {
 protected:
  static Request request() {
    return {"polizei-muster.example",
            pseudonym::parse_day("2026-11-03").value(),
            pseudonym::parse_day("2026-11-04").value(),
            OpeningPurpose::kIncident,
            at("2026-12-01T00:00:00Z"),
            {1, 2, 3}};
  }
  static Instant at(const char* text) { return policy::base::parse_instant(text).value(); }
  std::string signed_by(const Request& what, std::vector<const SigningKey*> keys) const {
    std::string note = policy::base::note::sign_note(format_request(what), *keys.front());
    for (const SigningKey* key : keys) note = add_signature(note, *key).value();
    return note;
  }
  Judged judged(std::string_view note, const char* now = "2026-11-20T00:00:00Z") const {
    return judge(note, {officer_.verifier(), council_.verifier()}, "polizei-muster.example", at(now));
  }

  SigningKey officer_ = SigningKey::generate("polizei-muster.example/dpo", system_random).value();
  SigningKey council_ = SigningKey::generate("polizei-muster.example/council", system_random).value();
  SigningKey other_ = SigningKey::generate("polizei-muster.example/council", system_random).value();
};

TEST_F(Opening, ARequestLooksLikeThis) {
  const std::string text =
      "feierabend-opening v1\npolizei-muster.example\ndays 2026-11-03 2026-11-04\npurpose incident\n"
      "until 2026-12-01T00:00:00Z\nnonce 01020300000000000000000000000000\n";
  EXPECT_EQ(format_request(request()), text);
  EXPECT_EQ(parse_request(text).value(), request());
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(parse_request(text.substr(0, size)).error().code, "opening.request") << size;
  const auto line_of = [&](std::string_view old_part, std::string_view new_part) {
    std::string bad = text;
    bad.replace(bad.find(old_part), old_part.size(), new_part);
    const auto read = parse_request(bad);
    return read ? std::string("accepted") : read.error().where;
  };
  EXPECT_EQ(line_of("v1", "v2"), "line 1");
  EXPECT_EQ(line_of("polizei-muster.example", "a b"), "line 2");
  EXPECT_EQ(line_of("2026-11-04", "2026-11-02"), "line 3");
  EXPECT_EQ(line_of("2026-11-04", "2028-11-04"), "line 3");
  EXPECT_EQ(line_of("incident", "curiosity"), "line 4");
  EXPECT_EQ(line_of("incident", "not-stated"), "line 4");
  EXPECT_EQ(line_of("00:00:00Z", "00:00:00+00:00"), "line 5");
  EXPECT_EQ(line_of("0102", "01"), "line 6");
}

TEST_F(Opening, NeedsBothParties) {
  const std::string both = signed_by(request(), {&officer_, &council_});
  EXPECT_FALSE(judged(both).refusal);
  EXPECT_EQ(judged(both).parties, OpeningParties::kBoth);
  EXPECT_EQ(judged(both).request, request());
  EXPECT_EQ(judged(both).digest.bytes, policy::base::sha256(format_request(request())));
  for (const auto& [note, parties] : {std::pair{signed_by(request(), {&officer_}), OpeningParties::kOfficer},
                                      {signed_by(request(), {&council_}), OpeningParties::kCouncil},
                                      {signed_by(request(), {&officer_, &other_}), OpeningParties::kOfficer},
                                      {signed_by(request(), {&other_}), OpeningParties::kNobody}}) {
    EXPECT_EQ(judged(note).refusal, OpeningRefusal::kSignatureMissing);
    EXPECT_EQ(judged(note).parties, parties);
  }
  std::string changed = both;
  changed.replace(changed.find("2026-11-04"), 10, "2026-11-05");
  EXPECT_EQ(judged(changed).parties, OpeningParties::kNobody) << "other days than were signed";
}

TEST_F(Opening, RefusesByReason) {
  const auto reason = [&](auto&& change, const char* now = "2026-11-20T00:00:00Z") {
    Request other = request();
    change(other);
    return judged(signed_by(other, {&officer_, &council_}), now).refusal;
  };
  const auto nothing = [](Request&) {};
  EXPECT_EQ(reason([](Request& r) { r.tenant = "other.example"; }), OpeningRefusal::kOtherLog);
  EXPECT_EQ(reason(nothing, "2026-12-01T00:00:00Z"), OpeningRefusal::kExpired);
  EXPECT_EQ(reason(nothing, "2026-11-30T23:59:59Z"), std::nullopt);
  EXPECT_EQ(reason(nothing, "2026-11-04T23:59:59Z"), OpeningRefusal::kNotOver);
  EXPECT_EQ(reason(nothing, "2026-11-05T00:00:00Z"), std::nullopt);
  EXPECT_EQ(judged("").refusal, OpeningRefusal::kUnreadable);
  EXPECT_EQ(judged(std::string(kRequestBytesMax + 1, 'a')).refusal, OpeningRefusal::kUnreadable);
  EXPECT_EQ(judged(policy::base::note::sign_note("something else\n", officer_)).refusal, OpeningRefusal::kUnreadable);
}

TEST_F(Opening, BothOutcomesAreRecords) {
  const auto opened = judged(signed_by(request(), {&officer_, &council_}));
  EXPECT_EQ(record_of(opened), event::Record(event::PseudonymsOpened{OpeningParties::kBoth,
                                                                     OpeningPurpose::kIncident,
                                                                     at("2026-11-03T00:00:00Z"),
                                                                     at("2026-11-05T00:00:00Z"),
                                                                     {2},
                                                                     opened.digest}));
  const auto refused = judged(signed_by(request(), {&officer_}));
  EXPECT_EQ(record_of(refused),
            event::Record(event::OpeningRefused{OpeningParties::kOfficer, OpeningRefusal::kSignatureMissing,
                                                OpeningPurpose::kIncident, at("2026-11-03T00:00:00Z"),
                                                at("2026-11-05T00:00:00Z"), refused.digest}));
  const auto nothing = judged("nonsense");
  EXPECT_EQ(record_of(nothing),
            event::Record(event::OpeningRefused{OpeningParties::kNobody, OpeningRefusal::kUnreadable,
                                                OpeningPurpose::kNotStated, Instant{0}, Instant{0}, nothing.digest}));
}

TEST_F(Opening, AnAnswerReadsAsItWasWritten) {
  const Answer answer{{{9}}, "polizei-muster.example/feierabend/2026", 4711, {{{20760}, {1}}, {{20761}, {2}}}};
  const std::string text = format_answer(answer);
  EXPECT_EQ(parse_answer(text).value(), answer);
  EXPECT_EQ(parse_answer(text + text.substr(text.rfind("part"))).error().where, "line 6");
  EXPECT_EQ(parse_answer("").error().code, "opening.answer");
  EXPECT_EQ(parse_answer(text.substr(0, text.size() - 1)).error().code, "opening.answer");
}

}  // namespace
}  // namespace audit::opening
