#include "policy/model/canonical.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

namespace policy::model {
namespace {

using base::Instant;

Instant at(const char* text) { return base::parse_instant(text).value(); }

PersonFacts example() {
  PersonFacts facts;
  facts.person = "uid=anna,ou=Wache Süd";
  facts.groups = {"wache", "stab"};
  facts.roster = {{RosterKind::kOnCall, {at("2026-06-02T06:00:00Z"), at("2026-06-02T14:00:00Z")}},
                  {RosterKind::kDuty, {at("2026-06-01T06:00:00Z"), at("2026-06-01T14:00:00Z")}}};
  facts.interruptions = {{{at("2026-06-01T22:00:00Z"), at("2026-06-01T22:10:00Z")}}};
  facts.overrides = {
      {"exception.einsatz", "einsatzleitung", "groß lage%", {at("2026-06-01T22:00:00Z"), at("2026-06-02T00:00:00Z")}}};
  facts.self_openings = {{{at("2026-06-02T18:00:00Z"), at("2026-06-02T19:00:00Z")}}};
  return facts;
}

const std::string kExample =
    "feierabend-facts 1\n"
    "person uid=anna,ou=Wache%20S%C3%BCd\n"
    "group stab\n"
    "group wache\n"
    "roster 2026-06-01T06:00:00Z 2026-06-01T14:00:00Z duty\n"
    "roster 2026-06-02T06:00:00Z 2026-06-02T14:00:00Z on-call\n"
    "interruption 2026-06-01T22:00:00Z 2026-06-01T22:10:00Z\n"
    "override 2026-06-01T22:00:00Z 2026-06-02T00:00:00Z exception.einsatz einsatzleitung gro%C3%9F%20lage%25\n"
    "self-opening 2026-06-02T18:00:00Z 2026-06-02T19:00:00Z\n";

TEST(Canonical, HasOneLineAFact) {
  EXPECT_EQ(canonical(example()), kExample);
  EXPECT_EQ(canonical({}), "feierabend-facts 1\nperson \n");
}

TEST(Canonical, IsReadBackSorted) {
  const auto facts = parse_canonical("f", kExample);
  ASSERT_TRUE(facts) << to_string(facts.error());
  PersonFacts wanted = example();
  std::ranges::reverse(wanted.groups);
  std::ranges::reverse(wanted.roster);
  EXPECT_EQ(*facts, wanted);
}

std::string code_of(std::string text) {
  const auto facts = parse_canonical("f", text);
  return facts ? "good" : facts.error().code + " " + facts.error().where;
}

std::string edited(std::string_view from, std::string_view to) {
  std::string text = kExample;
  return text.replace(text.find(from), from.size(), to);
}

TEST(Canonical, OnlyItsOwnBytesAreRead) {
  EXPECT_EQ(code_of(""), "facts.order f:1");
  EXPECT_EQ(code_of("feierabend-facts 2\nperson a\n"), "facts.syntax f:1");
  EXPECT_EQ(code_of(edited("group stab\n", "group stab")), "facts.syntax f:3");  // "stabgroup wache": three fields
  EXPECT_EQ(code_of(kExample + "self-opening 2026-06-02T18:00:00Z 2026-06-02T19:00:00Z"), "facts.syntax f:10");
  EXPECT_EQ(code_of(edited("group stab\ngroup wache\n", "group wache\ngroup stab\n")), "facts.order f:3");
  EXPECT_EQ(code_of(edited("%C3%BC", "ü")), "facts.order f:2");
  EXPECT_EQ(code_of(edited("%C3%BC", "%c3%bc")), "facts.syntax f:2");
  EXPECT_EQ(code_of(edited("lage%25", "lage%2")), "facts.syntax f:8");
  EXPECT_EQ(code_of(edited("lage%25", "lage%61")), "facts.order f:8");
  EXPECT_EQ(code_of(edited("lage%25", "lage more")), "facts.syntax f:8");
  EXPECT_EQ(code_of(edited("duty", "dutty")), "facts.syntax f:5");
  EXPECT_EQ(code_of(edited("14:00:00Z duty", "16:00:00+02:00 duty")), "facts.order f:5");
  EXPECT_EQ(code_of(edited("roster 2026-06-01T06:00:00Z", "roster @1780293600")), "facts.order f:5");
  EXPECT_EQ(code_of(edited("person ", "person a\nperson ")), "facts.order f:2");
  EXPECT_EQ(code_of(edited("self-opening", "opening")), "facts.syntax f:9");
  EXPECT_EQ(code_of("feierabend-facts 1\nperson " + std::string(kCanonicalLineBytesMax, 'a') + "\n"),
            "facts.syntax f:2");
  EXPECT_EQ(code_of(std::string(kCanonicalBytesMax + 1, '\n')), "facts.too-large f");
}

TEST(Canonical, InstantsOutsideTheCalendarAreKept) {
  PersonFacts facts;
  facts.interruptions = {{{Instant{std::numeric_limits<std::int64_t>::min()}, base::kEndOfTime + base::Seconds{1}}}};
  const std::string text = canonical(facts);
  EXPECT_NE(text.find("interruption @-9223372036854775808 @253402300800\n"), std::string::npos);
  EXPECT_EQ(parse_canonical("f", text).value(), facts);
}

RC_GTEST_PROP(Canonical, DoesNotDependOnTheOrderAndLosesNothing, ()) {
  const auto span = [] {
    const Instant begin{*rc::gen::inRange<std::int64_t>(0, 5)};
    return base::Interval{begin, begin + base::Seconds{*rc::gen::inRange<std::int64_t>(0, 3)}};
  };
  PersonFacts facts;
  facts.person = *rc::gen::arbitrary<std::string>();
  facts.groups = *rc::gen::container<std::vector<std::string>>(rc::gen::arbitrary<std::string>());
  for (int n = *rc::gen::inRange(0, 5); n > 0; --n) {
    facts.roster.push_back({static_cast<RosterKind>(*rc::gen::inRange(0, 6)), span()});
    facts.interruptions.push_back({span()});
    facts.overrides.push_back({*rc::gen::arbitrary<std::string>(), "r", *rc::gen::arbitrary<std::string>(), span()});
    facts.self_openings.push_back({span()});
  }
  const std::string text = canonical(facts);
  PersonFacts other = facts;
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  std::ranges::shuffle(other.groups, random);
  std::ranges::shuffle(other.roster, random);
  std::ranges::shuffle(other.interruptions, random);
  std::ranges::shuffle(other.overrides, random);
  std::ranges::shuffle(other.self_openings, random);
  RC_ASSERT(canonical(other) == text);
  const auto back = parse_canonical("f", text);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->person == facts.person);
  RC_ASSERT(std::ranges::is_permutation(back->groups, facts.groups));
  RC_ASSERT(std::ranges::is_permutation(back->roster, facts.roster));
  RC_ASSERT(std::ranges::is_permutation(back->interruptions, facts.interruptions));
  RC_ASSERT(std::ranges::is_permutation(back->overrides, facts.overrides));
  RC_ASSERT(std::ranges::is_permutation(back->self_openings, facts.self_openings));
}

}  // namespace
}  // namespace policy::model
