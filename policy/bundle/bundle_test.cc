#include "policy/bundle/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/bundle/pins.h"
#include "policy/bundle/testing/sample.h"
#include "policy/bundle/verify.h"
#include "policy/pack/rules.h"

namespace policy::bundle {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string code_of(const std::expected<Verified, std::vector<base::Error>>& verdict) {
  return verdict ? "accepted" : verdict.error().front().code;
}

class Bundles : public testing::Test {
 protected:
  // Signed by whoever is named; the same party may be named twice and then uses its second key.
  std::string note_of(const std::string& bytes, const std::vector<const Key*>& signers) const {
    std::string note;
    const Terms terms = parse_bundle(bytes)->terms;
    for (const Key* const signer : signers) note = add_signature(note, terms, base::sha256(bytes), *signer).value();
    return note;
  }
  std::string both(const std::string& bytes) const { return note_of(bytes, {&administration_, &council_}); }

  std::expected<Verified, std::vector<base::Error>> ask(const std::string& bytes, const std::string& note,
                                                        std::optional<InForce> in_force = {},
                                                        const char* now = "2026-06-01T12:00:00Z") const {
    return verify(bytes, note, {trust_, kTenant, std::move(in_force), base::parse_instant(now).value()});
  }

  const Key administration_ = key_of("administration"), council_ = key_of("staff-council"),
            second_ = key_of("administration"), stranger_ = key_of("staff-council");
  const Trust trust_ = trust_in({&administration_, &council_, &second_});
  const std::string bytes_ = format_bundle(sample_bundle(7));
};

TEST_F(Bundles, TheFormOfTheHeader) {
  const std::string pack = sample_pack("sample", "20:00:00");
  const auto rules = pack::load_packs(std::vector{pack::PackSource{"sample", pack}}).value();
  EXPECT_EQ(bytes_,
            "feierabend bundle v1\ntenant polizei-muster.example\nrevision 7\n"
            "not-before 2026-06-01T00:00:00Z\nexpires 2027-06-01T00:00:00Z\n"
            "signer administration\nsigner staff-council\nzone " +
                base::to_hex(zone_pins(*rules).front().digest) + " Europe/Berlin\npack " + std::to_string(pack.size()) +
                " sample\n\n" + pack);
  EXPECT_EQ(format_bundle(parse_bundle(bytes_).value()), bytes_);
}

TEST_F(Bundles, CarryTheHolidaysThatTheyAreJudgedBy) {
  const std::string pack = sample_pack("sample", "20:00:00", "holidays = \"DE-XX\"\n");
  const std::vector<pack::CalendarSource> own{
      {"rules/calendars/own.csv", "when,places,first,last,de,en,cite\n03-07,DE-XX,,,Tag,Day,test\n"}};
  const auto made = make_bundle(sample_terms(1), std::vector{pack::PackSource{"p", pack}}, own);
  ASSERT_TRUE(made) << base::to_string(made.error().front());
  const auto read = parse_bundle(format_bundle(*made)).value();
  EXPECT_EQ(read.calendars.at(0).name, "own.csv");
  const auto rules = load_rules(read).value();
  EXPECT_EQ(rules->rules().packs.at(0).holidays->dates().size(), 101U);
  Bundle without = read;
  without.calendars.clear();
  EXPECT_FALSE(load_rules(without));
}

TEST_F(Bundles, AnotherSpellingIsRefused) {
  const auto with = [this](const std::string& from, const std::string& to) {
    std::string bad = bytes_;
    bad.replace(bad.find(from), from.size(), to);
    return parse_bundle(bad);
  };
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"bundle v1", "bundle v2"},
           {"revision 7", "revision 07"},
           {"revision 7", "revision -7"},
           {"revision 7", "revision 99999999999"},
           {"tenant polizei", "tenant polizei muster"},
           {"2026-06-01T00:00:00Z", "2026-06-01T02:00:00+02:00"},
           {"signer administration\n", "signer administration\nsigner administration\n"},
           {"signer administration\nsigner staff-council\n", "signer staff-council\nsigner administration\n"},
           {"signer staff-council\n", "signer Staff-council\n"},
           {"zone ", "zone  "},
           {" sample\n\n", " sample\n\n\n"},
           {" sample\n", " sample\nsigner x\n"},
           {"pack ", "pack 1"}}) {
    const auto read = with(from, to);
    ASSERT_FALSE(read) << to;
    EXPECT_EQ(read.error().code, "bundle.syntax") << to;
  }
  EXPECT_EQ(parse_bundle("").error().code, "bundle.syntax");
  EXPECT_EQ(parse_bundle(std::string(kBundleBytesMax + 1, 'x')).error().code, "bundle.size");
  EXPECT_EQ(with("revision 7", "revision x").error().where, "bundle:3");
  for (std::size_t size = 0; size < bytes_.size(); size += 7)
    EXPECT_FALSE(parse_bundle(std::string_view(bytes_).substr(0, size))) << size;
}

TEST_F(Bundles, NobodyMakesOneThatNobodyShouldSign) {
  const auto code = [](const Terms& terms, const std::string& pack) {
    const auto made = make_bundle(terms, std::vector{pack::PackSource{"p", pack}}, pack::shipped_calendars());
    return made ? "made" : made.error().front().code;
  };
  const std::string good = sample_pack("sample", "20:00:00");
  const auto signed_by = [&](const std::string& signers) {
    std::string pack = good;
    const std::string from = R"(["administration", "staff-council"])";
    return pack.replace(pack.find(from), from.size(), signers);
  };
  EXPECT_EQ(code(sample_terms(1), good), "made");
  EXPECT_EQ(code(sample_terms(0), good), "bundle.terms");
  Terms turned = sample_terms(1);
  std::swap(turned.not_before, turned.expires);
  EXPECT_EQ(code(turned, good), "bundle.terms");
  Terms spaced = sample_terms(1);
  spaced.tenant = "two words";
  EXPECT_EQ(code(spaced, good), "bundle.tenant");
  EXPECT_EQ(code(sample_terms(1), signed_by("[]")), "bundle.signers");
  EXPECT_EQ(code(sample_terms(1), signed_by(R"(["administration"])")), "bundle.signers");
  EXPECT_EQ(code(sample_terms(1), signed_by(R"(["administration", "Staff Council"])")), "bundle.party");
  EXPECT_EQ(code(sample_terms(1), good + "x = 1\n"), "pack.unknown-key");
}

// A parameter is a value that only the agreement can set; until it has, there is nothing to agree to.
TEST_F(Bundles, AParameterWithoutAValueIsNotSigned) {
  const std::string pack = sample_pack("sample", "20:00:00") +
                           "[[parameter]]\nid = \"p.rest\"\nleast = \"9h\"\n[[rest]]\nid = \"rest.daily\"\n"
                           "kind = \"after-duty\"\nminimum = \"$p.rest\"\n";
  const std::string set = "[[set]]\nparameter = \"p.rest\"\nvalue = \"10h\"\ncite = \"§ 4\"\n";
  const auto refused = make_bundle(sample_terms(7), std::vector{pack::PackSource{"p", pack}}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "bundle.unset-parameter");
  const auto made = make_bundle(sample_terms(7), std::vector{pack::PackSource{"p", pack + set}}, {});
  ASSERT_TRUE(made) << base::to_string(made.error().front());
  Bundle by_hand = *made;
  by_hand.packs.at(0).bytes = pack;
  const std::string bytes = format_bundle(by_hand);
  EXPECT_EQ(code_of(ask(bytes, both(bytes))), "bundle.unset-parameter");
}

TEST_F(Bundles, AcceptedWithAllSignatures) {
  const auto verdict = ask(bytes_, both(bytes_));
  ASSERT_TRUE(verdict) << base::to_string(verdict.error().front());
  EXPECT_THAT(verdict->parties, ElementsAre("administration", "staff-council"));
  EXPECT_EQ(verdict->signatures, 2U);
  EXPECT_TRUE(verdict->due);
  EXPECT_FALSE(verdict->in_force);
  EXPECT_TRUE(verdict->findings.empty());
  EXPECT_EQ(verdict->rules->rules().rests.at(0).head.id, "rest.night");
  EXPECT_EQ(verdict->pins.rules, base::sha256(bytes_));
}

TEST_F(Bundles, OneSignatureIsNotEnoughAndTwoOfOnePartyAreOne) {
  EXPECT_EQ(code_of(ask(bytes_, note_of(bytes_, {&administration_}))), "bundle.parties");
  const auto twice = ask(bytes_, note_of(bytes_, {&administration_, &second_}));
  EXPECT_EQ(code_of(twice), "bundle.parties");
  EXPECT_THAT(twice.error().front().seen, HasSubstr("signed by administration (2 signatures); missing: staff-council"));
  EXPECT_EQ(code_of(ask(bytes_, note_of(bytes_, {&council_}))), "bundle.parties");
}

TEST_F(Bundles, StrangersDoNotCount) {
  EXPECT_EQ(code_of(ask(bytes_, note_of(bytes_, {&administration_, &stranger_}))), "bundle.unknown-signer");
  const auto verdict = ask(bytes_, note_of(bytes_, {&administration_, &stranger_, &council_}));
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->findings.at(0).code, "bundle.unknown-signer");
  const Key other = base::note::SigningKey::parse(stranger_.text()).value();
  EXPECT_EQ(add_signature(note_of(bytes_, {&stranger_}), parse_bundle(bytes_)->terms, base::sha256(bytes_), other)
                .error()
                .code,
            "bundle.signed");
}

TEST_F(Bundles, NobodyKnownHasSigned) {
  const Trust others = trust_in({&stranger_});
  const std::string note = both(bytes_);
  const auto verdict = verify(bytes_, note, {others, kTenant, {}, base::Instant{1780315200}});
  EXPECT_EQ(code_of(verdict), "bundle.unknown-signer");
  EXPECT_EQ(code_of(ask(bytes_, "")), "bundle.unsigned");
}

// One bit of the bundle or of the note: refused, whatever bit it is.
TEST_F(Bundles, AnyChangedByteIsRefused) {
  const std::string note = both(bytes_);
  ASSERT_TRUE(ask(bytes_, note));
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    std::string bad = bytes_;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    ASSERT_FALSE(ask(bad, note)) << i;
  }
  for (std::size_t i = 0; i < note.size(); ++i) {
    std::string bad = note;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    ASSERT_FALSE(ask(bytes_, bad)) << i;
  }
}

TEST_F(Bundles, SignaturesForAnotherBundleDoNotCount) {
  const std::string other = format_bundle(sample_bundle(8));
  EXPECT_EQ(code_of(ask(bytes_, both(other))), "bundle.statement");
}

TEST_F(Bundles, NeverAnOlderRevision) {
  const std::string note = both(bytes_);
  const InForce older{6, {}, {"administration"}}, same{7, {}, {}}, newer{8, {}, {}};
  EXPECT_TRUE(ask(bytes_, note, older));
  EXPECT_EQ(code_of(ask(bytes_, note, same)), "bundle.rollback");  // the same number with other bytes
  EXPECT_EQ(code_of(ask(bytes_, note, newer)), "bundle.rollback");
}

TEST_F(Bundles, WhoHasSignedSoFarMustAgreeToBeDropped) {
  const InForce three{6, {}, {"administration", "officer", "staff-council"}};
  EXPECT_EQ(code_of(ask(bytes_, both(bytes_), three)), "bundle.parties");
  const Key officer = key_of("officer");
  const Trust trust = trust_in({&administration_, &council_, &officer});
  const std::string note = note_of(bytes_, {&administration_, &council_, &officer});
  const auto verdict = verify(bytes_, note, {trust, kTenant, three, base::Instant{1780315200}});
  ASSERT_TRUE(verdict);
  EXPECT_THAT(verdict->terms_for_successor().parties, ElementsAre("administration", "staff-council"));
}

TEST_F(Bundles, TheTrustFileMayRequireMore) {
  Trust trust = trust_;
  trust.required = {"officer"};
  const std::string note = both(bytes_);
  EXPECT_EQ(code_of(verify(bytes_, note, {trust, kTenant, {}, base::Instant{1780315200}})), "bundle.parties");
}

TEST_F(Bundles, ExpiredIsRefusedUnlessInForce) {
  const std::string note = both(bytes_);
  const InForce itself{7, base::sha256(bytes_), {"administration", "staff-council"}};
  EXPECT_TRUE(ask(bytes_, note, {}, "2027-05-31T23:59:59Z"));
  EXPECT_EQ(code_of(ask(bytes_, note, {}, "2027-06-01T00:00:00Z")), "bundle.expired");
  const auto verdict = ask(bytes_, note, itself, "2027-06-01T00:00:00Z");
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->in_force);
  EXPECT_EQ(verdict->findings.at(0).code, "bundle.expired");
}

TEST_F(Bundles, DueAtItsVerySecond) {
  const std::string note = both(bytes_);
  for (const auto& [now, due] : {std::pair("2026-05-31T23:59:59Z", false), std::pair("2026-06-01T00:00:00Z", true)}) {
    const auto verdict = ask(bytes_, note, {}, now);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->due, due);
    EXPECT_EQ(check_due(*verdict, base::parse_instant(now).value()).has_value(), due);
  }
}

// A bundle whose zone says something else, signed by all: refused as a newcomer, a finding once it is in force.
TEST_F(Bundles, OtherTimeZoneDataAreRefusedUnlessInForce) {
  Bundle other = sample_bundle(7);
  other.zones.at(0).digest[5] ^= 1;
  const std::string bytes = format_bundle(other), note = both(bytes);
  EXPECT_EQ(code_of(ask(bytes, note)), "bundle.tz-data");
  const auto verdict = ask(bytes, note, InForce{7, base::sha256(bytes), {}});
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->findings.at(0).code, "bundle.tz-data");
  other.zones.push_back({"Europe/Paris", {}});
  const std::string more = format_bundle(other);
  EXPECT_EQ(code_of(ask(more, both(more))), "bundle.tz-data");
}

// Whoever writes a bundle by hand and leaves a signer out of its head gains nothing.
TEST_F(Bundles, SignersOfTheHeadAreThoseOfThePacks) {
  Bundle fewer = sample_bundle(7);
  fewer.signers = {"administration"};
  const std::string bytes = format_bundle(fewer);
  EXPECT_EQ(code_of(ask(bytes, note_of(bytes, {&administration_}))), "bundle.signers");
}

TEST_F(Bundles, RulesThatDoNotLoadAreRefused) {
  Bundle broken = sample_bundle(7);
  broken.packs.at(0).bytes += "[[rest]]\nkind = \"never\"\n";
  const std::string bytes = format_bundle(broken);
  EXPECT_THAT(code_of(ask(bytes, both(bytes))), testing::StartsWith("pack."));
}

TEST_F(Bundles, OfAnotherTenant) {
  const std::string note = both(bytes_);
  const auto verdict = verify(bytes_, note, {trust_, "other.example", {}, base::Instant{1780315200}});
  EXPECT_EQ(code_of(verdict), "bundle.tenant");
  base::SystemRandom random;
  const Key foreign = Key::generate("staff-council@other.example", random).value();
  EXPECT_EQ(add_signature("", parse_bundle(bytes_)->terms, base::sha256(bytes_), foreign).error().code,
            "bundle.tenant");
}

TEST_F(Bundles, TrustFiles) {
  const std::string vkey = administration_.verifier().text();
  const auto trust = parse_trust("t", "# who signs\n\n" + vkey + "  # first key\n" + council_.verifier().text() +
                                          "\nrequire staff-council administration\n");
  ASSERT_TRUE(trust);
  EXPECT_EQ(trust->keys.size(), 2U);
  EXPECT_THAT(trust->required, ElementsAre("administration", "staff-council"));
  EXPECT_EQ(parse_trust("t", "# nobody\n").error().code, "trust.keys");
  EXPECT_EQ(parse_trust("t", "\n" + vkey + "\n" + vkey + "\n").error(),
            parse_trust("t", "\n" + vkey + "\n" + vkey).error());
  EXPECT_EQ(parse_trust("t", "\n" + vkey + "\n" + vkey + "\n").error().where, "t:3");
  EXPECT_EQ(parse_trust("t", "require Staff\n" + vkey).error().code, "bundle.party");
  EXPECT_EQ(parse_trust("t", "no key\n").error().code, "key.syntax");
  EXPECT_EQ(parse_trust("t", std::string(kTrustBytesMax + 1, '#')).error().code, "trust.syntax");
  const std::string secret = administration_.text();
  const auto refused = parse_trust("t", secret + "\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(base::to_string(refused.error()).find(secret.substr(secret.size() - 20)), std::string::npos);
}

// One key under two names would be one person who signs for two parties.
TEST_F(Bundles, OneKeyIsNotTwoParties) {
  const Key renamed = rename(administration_, "staff-council@" + std::string(kTenant));
  EXPECT_EQ(parse_trust("t", administration_.verifier().text() + "\n" + renamed.verifier().text() + "\n").error().code,
            "trust.same-key");
}

TEST_F(Bundles, PinsNameWhatRulesUseAndNothingElse) {
  const auto rules_of = [](const std::string& pack) {
    return pack::load_packs(std::vector{pack::PackSource{"p", pack}}).value();
  };
  const auto one = rules_of(sample_pack("sample", "20:00:00")), other = rules_of(sample_pack("sample", "21:00:00"));
  const auto holidays = rules_of(sample_pack("sample", "20:00:00", "holidays = \"DE-NI\"\n"));
  EXPECT_NE(pins_of(*one).rules, pins_of(*other).rules);
  EXPECT_EQ(pins_of(*one).tzdata, pins_of(*other).tzdata);
  EXPECT_EQ(pins_of(*one).holidays, pins_of(*other).holidays);
  EXPECT_NE(pins_of(*one).holidays, pins_of(*holidays).holidays);
  const auto paris = rules_of(sample_pack("sample", "20:00:00", "", "Europe/Lisbon"));
  EXPECT_NE(pins_of(*one).tzdata, pins_of(*paris).tzdata);
}

}  // namespace
}  // namespace policy::bundle
