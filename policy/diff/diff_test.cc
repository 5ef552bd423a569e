#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/diff/canon.h"
#include "policy/diff/entries.h"
#include "policy/diff/gates.h"
#include "policy/diff/picture.h"

namespace policy::diff {
namespace {

using model::MessageClass;
using testing::ElementsAre;
using testing::IsEmpty;
using RulesPtr = std::shared_ptr<const pack::RuleSet>;

RulesPtr rules(const std::string& lines, const std::string& id = "p") {
  const std::vector<pack::PackSource> sources{
      {"p", "[pack]\nid = \"" + id + "\"\nlayer = \"agreement\"\nversion = 1\nzone = \"Europe/Berlin\"\n" +
                "holidays = \"DE-NI\"\n" + lines}};
  auto loaded = pack::load_packs(sources);
  if (!loaded) throw std::runtime_error(to_string(loaded.error().front()));
  return *loaded;
}

std::string window(const std::string& id, const std::string& days, const std::string& more = {}) {
  return "[[rest]]\nid = \"" + id + "\"\nkind = \"window\"\ndays = [" + days + "]\nfrom = 20:00:00\nto = 06:00:00\n" +
         more;
}

base::Interval year() {
  return {base::parse_instant("2025-12-31T23:00:00Z").value(), base::parse_instant("2026-12-31T23:00:00Z").value()};
}

std::vector<Verdict> verdicts(const RulesPtr& before, const RulesPtr& after) {
  const auto found = diff_rules(*before, *after, year()).verdicts;
  return {found.begin(), found.end()};
}
const std::vector<Verdict> kAllSame(4, Verdict::kSame), kAllDiffer(4, Verdict::kDiffers);

TEST(Canon, OtherWordsForTheSame) {
  const auto one = rules(window("a", "\"mon\", \"tue\", \"wed\""));
  EXPECT_EQ(verdicts(one, rules(window("x", "\"mon\", \"wed\"") + window("y", "\"tue\""), "q")), kAllSame);
  const auto with_weaker = rules(window("a", "\"mon\", \"tue\", \"wed\"") +
                                 window("b", "\"mon\", \"tue\", \"wed\"", "effect = { routine = \"silent\" }\n"));
  EXPECT_EQ(verdicts(one, with_weaker), kAllSame);
  const auto every_day = window("a", "\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", \"holiday\"");
  const auto elsewhere = [&] {
    const std::vector<pack::PackSource> sources{
        {"p", "[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\nzone = \"Europe/Berlin\"\n" + every_day}};
    return pack::load_packs(sources).value();
  }();
  EXPECT_EQ(verdicts(rules(every_day), elsewhere), kAllSame);  // holidays do not matter
}

TEST(Canon, WhatIsNotTheSame) {
  const auto one = rules(window("a", "\"mon\""));
  EXPECT_EQ(verdicts(one, rules(window("a", "\"mon\", \"holiday\""))), kAllDiffer);
  EXPECT_EQ(verdicts(one, rules(window("a", "\"mon\"", "unless = [\"duty\"]\n"))), kAllDiffer);
  EXPECT_EQ(verdicts(one, rules(window("a", "\"mon\"") + "[[exception]]\nid = \"e\"\nwhen = \"on-call\"\npierces = " +
                                "[\"a\"]\nclasses = [\"alarm\"]\n")),
            (std::vector{Verdict::kSame, Verdict::kSame, Verdict::kSame, Verdict::kDiffers}));
  EXPECT_EQ(verdicts(rules("[[rest]]\nid = \"a\"\nkind = \"after-duty\"\nminimum = \"11h\"\n"),
                     rules("[[rest]]\nid = \"a\"\nkind = \"after-duty\"\nminimum = \"11h\"\nrestart = \"never\"\n")),
            kAllDiffer);
}

// No value of a rule may be missing from the spelling: two sets that differ in it alone would be called the same.
TEST(Canon, EveryValueCounts) {
  const std::string all =
      "duty_gap = \"1h\"\n"
      "[schedule]\ndays = [\"mon\"]\nfrom = 08:00:00\nto = 16:00:00\n"
      "[[rest]]\nid = \"a\"\nkind = \"after-duty\"\nminimum = \"11h\"\ngrace = \"10m\"\nlead = \"20m\"\n"
      "restart = \"longer-than:15m\"\napplies = { groups = [\"*\"] }\n"
      "[[rest]]\nid = \"b\"\nkind = \"off-duty\"\ngrace = \"11m\"\nlead = \"21m\"\n"
      "[[rest]]\nid = \"c\"\nkind = \"window\"\ndays = [\"wed\", \"holiday\"]\nfrom = 20:00:00\nto = 06:00:00\n"
      "unless = [\"duty\", \"on-call\"]\neffect = { routine = \"silent\" }\n"
      "[[exception]]\nid = \"e\"\nwhen = \"window\"\ndays = [\"fri\"]\nfrom = 07:00:00\nto = 09:00:00\n"
      "pierces = [\"c\"]\nclasses = [\"routine\"]\n"
      "[[exception]]\nid = \"o\"\nwhen = \"override\"\nrole = \"leitung\"\nreasons = [\"lage\"]\nlongest = \"4h\"\n"
      "limit = { count = 2, per = \"week\" }\npierces = [\"a\", \"b\"]\nclasses = [\"routine\", \"urgent\"]\n"
      "[self_open]\nmax = \"2h\"\ncite = \"x\"\n";
  const auto canon = [](const RulesPtr& set) { return canon_of(set->rules(), {}, MessageClass::kRoutine); };
  const std::string before = canon(rules(all));
  for (const auto& [was, is] : std::initializer_list<std::pair<std::string, std::string>>{
           {"duty_gap = \"1h\"", "duty_gap = \"2h\""},
           {"[\"mon\"]", "[\"tue\"]"},
           {"16:00:00", "17:00:00"},
           {"\"11h\"", "\"12h\""},
           {"\"10m\"", "\"12m\""},
           {"\"20m\"", "\"25m\""},
           {"longer-than:15m", "longer-than:16m"},
           {"\"*\"", "\"wache\""},
           {"\"11m\"", "\"12m\""},
           {"\"21m\"", "\"22m\""},
           {"\"wed\", ", "\"thu\", "},
           {"20:00:00", "20:05:00"},
           {"06:00:00", "06:05:00"},
           {"\"duty\", ", ""},
           {", \"on-call\"]", "]"},
           {"\"silent\"", "\"hold\""},
           {"\"fri\"", "\"sat\""},
           {"09:00:00", "09:05:00"},
           {"pierces = [\"c\"]", "pierces = [\"b\"]"},
           {"classes = [\"routine\"]", "classes = [\"urgent\"]"},
           {"leitung", "stab"},
           {"\"lage\"", "\"einsatz\""},
           {"\"4h\"", "\"5h\""},
           {"count = 2", "count = 3"},
           {"[\"a\", \"b\"]", "[\"a\"]"},
           {"[\"routine\", \"urgent\"]", "[\"urgent\"]"},
           {"id = \"o\"", "id = \"p\""},  // facts name an override by its id
           {"max = \"2h\"", "max = \"3h\""}}) {
    std::string lines = all;
    ASSERT_NE(lines.find(was), std::string::npos) << was;
    EXPECT_NE(canon(rules(lines.replace(lines.find(was), was.size(), is))), before) << was;
  }
  const auto in = [&](const std::string& zone, const std::string& holidays) {
    const std::vector<pack::PackSource> sources{
        {"p", "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\nzone = \"" + zone + "\"\nholidays = \"" +
                  holidays + "\"\n" + all}};
    return canon(pack::load_packs(sources).value());
  };
  EXPECT_EQ(in("Europe/Berlin", "DE-NI"), before);
  EXPECT_NE(in("Europe/Berlin", "DE-BY"), before);
  EXPECT_NE(in("Europe/Lisbon", "DE-NI"), before);
}

// What a stronger closing hides cannot be told apart, and is not claimed to be the same.
TEST(DiffRules, SaysWhenItFindsNothing) {
  const std::string always =
      "[[rest]]\nid = \"always\"\nkind = \"window\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", "
      "\"fri\", \"sat\", \"sun\", \"holiday\"]\nfrom = 00:00:00\nto = 00:00:00\n";
  const auto diff = diff_rules(*rules(always), *rules(always + window("a", "\"mon\"")), year());
  for (const Verdict verdict : diff.verdicts) EXPECT_EQ(verdict, Verdict::kNotFound);
  EXPECT_THAT(diff.cases, IsEmpty());
  EXPECT_THAT(diff.lives, testing::Contains(Life::kMixed));
}

TEST(DiffRules, OverridesAndOwnOpenings) {
  const auto with = [](const std::string& longest, const std::string& per_week) {
    return rules(
        window("a", "\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", \"holiday\"") +
        "[[exception]]\nid = \"o\"\nwhen = \"override\"\nrole = \"leitung\"\nreasons = [\"lage\"]\nlongest = \"" +
        longest + "\"\nlimit = { count = " + per_week +
        ", per = \"week\" }\npierces = [\"a\"]\nclasses = [\"urgent\"]\n");
  };
  const std::vector urgent{Verdict::kSame, Verdict::kSame, Verdict::kDiffers, Verdict::kSame};
  EXPECT_EQ(verdicts(with("4h", "2"), with("4h", "2")), kAllSame);
  EXPECT_EQ(verdicts(with("4h", "2"), with("5h", "2")), urgent);
  EXPECT_EQ(verdicts(with("4h", "2"), with("4h", "3")), urgent);
  const auto own = [](const std::string& max) {
    return rules(window("a", "\"mon\", \"holiday\"") + "[self_open]\nmax = \"" + max + "\"\ncite = \"x\"\n");
  };
  EXPECT_EQ(verdicts(own("1h"), own("2h")), kAllDiffer);
}

TEST(Audiences, OnlyWhatRulesTellApart) {
  const auto set = rules(window("a", "\"mon\"", "applies = { groups = [\"x\", \"y\"] }\n") +
                         window("b", "\"tue\"", "applies = { groups = [\"z\"] }\n"));
  const Audiences all = audiences_of(set->rules(), set->rules());
  EXPECT_FALSE(all.cut);
  EXPECT_THAT(all.all, testing::UnorderedElementsAre(Audience{{}, {"z", "x", "y"}}, Audience{{"z"}, {"x", "y"}},
                                                     Audience{{"x", "y"}, {"z"}}, Audience{{"z", "x", "y"}, {}}));
  std::string many;
  for (int i = 0; i < 12; ++i) {
    const std::string n = std::to_string(i);
    many += window("r" + n, "\"mon\"", "applies = { groups = [\"g" + n + "\"] }\n");
  }
  const auto large = rules(many);
  const Audiences cut = audiences_of(large->rules(), large->rules());
  EXPECT_TRUE(cut.cut);
  EXPECT_EQ(cut.all.size(), 1U + 12U + 66U + 1U);
}

TEST(Entries, DirectionsOfChanges) {
  const std::string rest = "[[rest]]\nid = \"r\"\nkind = \"after-duty\"\ncite = \"§ 1\"\nminimum = ";
  const auto before = rules(rest + "\"9h\"\nlead = \"15m\"\n");
  const auto direction = [&](const std::string& lines) {
    const auto found = diff_entries(*before, *rules(lines));
    return found.gates.empty() ? Direction::kNone : found.gates.front().direction;
  };
  EXPECT_EQ(direction(rest + "\"11h\"\nlead = \"15m\"\n"), Direction::kMore);
  EXPECT_EQ(direction(rest + "\"9h\"\nlead = \"30m\"\n"), Direction::kLess);
  EXPECT_EQ(direction(rest + "\"11h\"\nlead = \"30m\"\n"), Direction::kBoth);
  EXPECT_EQ(direction(rest + "\"9h\"\nlead = \"15m\"\nrestart = \"longer-than:5m\"\n"), Direction::kLess);
  EXPECT_EQ(direction(rest + "\"9h\"\nlead = \"15m\"\napplies = { groups = [\"x\"] }\n"), Direction::kLess);
  const auto worded =
      diff_entries(*before, *rules(std::string(rest).replace(rest.find("§ 1"), 4, "§ 2") + "\"9h\"\nlead = \"15m\"\n"));
  EXPECT_THAT(worded.gates, IsEmpty());
  ASSERT_EQ(worded.wording.size(), 1U);
  EXPECT_THAT(worded.wording[0].facets, ElementsAre(Facet{"cite", "§ 1", "§ 2", Direction::kNone}));
}

TEST(Entries, PermissionsAndContent) {
  const auto found = diff_entries(
      *rules("[[alarm]]\nid = \"al\"\nclasses = [\"alarm\"]\nsenders = [\"a\"]\nreasons = [\"x\"]\n"
             "[content]\nlabels = [\"offen\"]\n[push]\npayload = \"nothing\"\n"),
      *rules("[[alarm]]\nid = \"al\"\nclasses = [\"alarm\"]\nsenders = [\"a\", \"b\"]\nreasons = [\"x\"]\n"));
  const auto one = [&](const std::string& family) {
    const auto at = std::ranges::find(found.settings, family, &EntryChange::family);
    return at == found.settings.end() ? Direction::kNone : at->direction;
  };
  EXPECT_EQ(one("alarm"), Direction::kLess);
  EXPECT_EQ(one("content"), Direction::kLess);
  EXPECT_EQ(one("push"), Direction::kLess);
  EXPECT_EQ(found.settings.size(), 3U);
}

TEST(Picture, MarksWhatIsNew) {
  const auto before = rules(window("a", "\"mon\"")), after = rules(window("a", "\"tue\""));
  const RulesDiff diff = diff_rules(*before, *after, year());
  ASSERT_FALSE(diff.cases.empty());
  const time::LocalDate monday = week_to_show(*after, diff.cases[0].changes);
  EXPECT_EQ(monday, time::date_of({2026, 6, 15}));
  const chart::Week week = picture_of(*before, *after, person_of(diff.cases[0]), monday, vocabulary::same("x"));
  ASSERT_EQ(week.panels.size(), 9U);  // the roster, and each class twice
  std::vector<chart::Mark> marks;
  for (const chart::Stretch& stretch : week.panels[2].line) marks.push_back(stretch.mark);
  EXPECT_THAT(marks, ElementsAre(chart::Mark::kOpen, chart::Mark::kNewlyOpen, chart::Mark::kOpen,
                                 chart::Mark::kNewlyHeld, chart::Mark::kOpen));
  EXPECT_EQ(week.panels[2].line.front().span.begin, week.panels[1].line.front().span.begin);
}

}  // namespace
}  // namespace policy::diff
