// Mutants live exactly where no case looks, and the hint is a case that kills.
#include "policy/mutate/survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/decide/decide.h"
#include "policy/mutate/typical.h"

namespace policy::mutate {
namespace {

using testing::HasSubstr;

const std::string kPack =
    "[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\nzone = \"Europe/Berlin\"\n"
    "[[rest]]\nid = \"r\"\nkind = \"window\"\ndays = [\"mon\"]\nfrom = 20:00:00\nto = 22:00:00\n"
    "effect = { shift-notice = \"deliver\", urgent = \"deliver\", alarm = \"deliver\" }\n";

std::string decision(const std::string& at, const std::string& effect, const std::string& rules,
                     const std::string& until) {
  return "[[case]]\nname = \"c\"\nperson = \"anna\"\nclass = \"routine\"\nat = " + at + "\neffect = \"" + effect +
         "\"\nrules = [" + rules + "]\nuntil = " + until + "\n";
}

trial::Trial trial_of(const std::string& pack, const std::string& cases) {
  auto parsed = pack::parse_pack({"pack.toml", pack});
  auto read = pack::read_cases("cases.toml", "[[person]]\nid = \"anna\"\n" + cases);
  if (!parsed) throw std::runtime_error(to_string(parsed.error()));
  if (!read) throw std::runtime_error(to_string(read.error().front()));
  return {{std::move(*parsed)}, std::move(*read)};
}

std::vector<Mutant> living(trial::Trial& trial) {
  std::vector<Mutant> out;
  for (Mutant& mutant : mutants(trial.pack().root))
    if (survives(trial, mutant)) out.push_back(std::move(mutant));
  return out;
}

TEST(Survey, CasesKill) {
  // 2026-06-01 is a Monday. This case sees the end and the effect on routine messages, not the begin.
  trial::Trial trial =
      trial_of(kPack, decision("2026-06-01T21:00:00+02:00", "hold", "\"r\"", "2026-06-01T22:00:00+02:00"));
  ASSERT_FALSE(trial.fails(**trial.load()));
  std::vector<std::string> what;
  for (const Mutant& mutant : living(trial)) what.push_back(mutant.what);
  EXPECT_THAT(
      what,
      testing::UnorderedElementsAre(
          "from of rule 'r' is 20:01:00 instead of 20:00:00", "from of rule 'r' is 19:59:00 instead of 20:00:00",
          "effect.shift-notice of rule 'r' is silent instead of deliver", "effect.shift-notice of rule 'r' is gone",
          "effect.urgent of rule 'r' is silent instead of deliver", "effect.urgent of rule 'r' is gone",
          "effect.alarm of rule 'r' is silent instead of deliver", "effect.alarm of rule 'r' is gone"));
}

// What a hint says is true of the rules, and false of the mutant.
TEST(Survey, HintsAreCasesThatKill) {
  trial::Trial trial =
      trial_of(kPack, decision("2026-06-01T21:00:00+02:00", "hold", "\"r\"", "2026-06-01T22:00:00+02:00"));
  const auto rules = trial.load();
  ASSERT_TRUE(rules);
  std::size_t seen = 0;
  for (const Mutant& mutant : living(trial)) {
    const Hint hint = hint_for(trial, mutant);
    ASSERT_EQ(hint.family, "case") << mutant.what;
    pack::Value root = trial.pack().root;
    mutant.edit(root);
    const auto other = trial.load(&root);
    ASSERT_TRUE(other) << mutant.what;
    const model::PersonFacts& facts = trial.cases().people.at("anna");
    const auto is = decide::decide(**rules, facts, hint.message_class, hint.at);
    EXPECT_EQ(is, hint.decision);
    EXPECT_NE(is, decide::decide(**other, facts, hint.message_class, hint.at)) << mutant.what;
    ++seen;
  }
  EXPECT_EQ(seen, 8U);
}

TEST(Survey, TypicalPeopleFindWhatTheCasesLack) {
  const std::string pack =
      "[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\nzone = \"Europe/Berlin\"\nduty_gap = \"1h\"\n"
      "[[rest]]\nid = \"r\"\nkind = \"after-duty\"\nminimum = \"11h\"\nrestart = \"longer-than:15m\"\n"
      "applies = { groups = [\"wache\", \"stab\"] }\n"
      "[[exception]]\nid = \"e\"\nwhen = \"override\"\nrole = \"leitung\"\nreasons = [\"x\", \"y\"]\nlongest = \"4h\"\n"
      "limit = { count = 2, per = \"week\" }\npierces = [\"r\"]\nclasses = [\"urgent\"]\n"
      "[self_open]\nmax = \"2h\"\n";
  trial::Trial trial = trial_of(pack, decision("2026-06-01T21:00:00+02:00", "deliver", "", "9999-12-31T23:59:59Z"));
  ASSERT_FALSE(trial.fails(**trial.load()));
  std::size_t seen = 0, hinted = 0;
  for (const Mutant& mutant : living(trial)) {
    ++seen;
    const Hint hint = hint_for(trial, mutant);
    EXPECT_EQ(hint.family, "case") << mutant.what;
    hinted += hint.family == "case" ? 1U : 0U;
  }
  EXPECT_GT(seen, 15U);
  EXPECT_EQ(hinted, seen);
}

TEST(Survey, SettingsSendersAndBounds) {
  const std::string pack =
      "[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\nzone = \"Europe/Berlin\"\n[devices]\nmax = 3\n"
      "[[alarm]]\nid = \"a\"\nclasses = [\"alarm\"]\nsenders = [\"x\"]\nreasons = [\"fire\"]\nlimit = { count = 3, per "
      "= "
      "\"24h\" }\n[[rest]]\nid = \"r\"\nkind = \"absence\"\nadaptable = {}\n[content]\nlabels = [\"open\"]\n"
      "[push]\njitter = \"30s\"\n[sessions]\nidle = \"7d\"\n[[retention]]\nid = \"m\"\nperiod = \"7d\"\n";
  trial::Trial trial = trial_of(pack, "[[devices]]\nname = \"d\"\nprivate = \"allowed\"\n");
  std::map<std::string, std::set<std::string>> families;
  for (const Mutant& mutant : living(trial)) families[hint_for(trial, mutant).family].insert(mutant.what);
  EXPECT_TRUE(families["devices"].contains("max of [devices] is 4 instead of 3"));
  EXPECT_TRUE(families["sessions"].contains("idle of [sessions] is 167h59m instead of 7d"));
  EXPECT_TRUE(families["push"].contains("jitter of [push] is 0m instead of 30s"));
  EXPECT_TRUE(families["retention"].contains("period of rule 'm' is 168h1m instead of 7d"));
  EXPECT_TRUE(families["content"].contains("labels of [content] is gone"));
  EXPECT_TRUE(families["send"].contains("reasons of rule 'a' is gone"));
  EXPECT_TRUE(families["limit"].contains("limit.count of rule 'a' is 4 instead of 3"));
  EXPECT_FALSE(families.contains("")) << testing::PrintToString(families[""]);
}

// An effect that another rest always outdoes is no change; one that shows anywhere is.
TEST(Survey, HiddenEffectsAreNoMutants) {
  const auto pack = [](const std::string& outer) {
    return "[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\nzone = \"Europe/Berlin\"\n"
           "[[rest]]\nid = \"a\"\nkind = \"window\"\ndays = [\"mon\"]\nfrom = 20:00:00\nto = " +
           outer +
           "\n[[rest]]\nid = \"b\"\nkind = \"window\"\ndays = [\"mon\"]\nfrom = 20:00:00\nto = 22:00:00\n"
           "effect = { alarm = \"deliver\" }\n";
  };
  const auto lives = [&](const std::string& outer) {
    trial::Trial trial = trial_of(pack(outer), "[[devices]]\nname = \"d\"\nprivate = \"allowed\"\n");
    return std::ranges::any_of(living(trial), [](const Mutant& mutant) {
      return mutant.what == "effect.alarm of rule 'b' is silent instead of deliver";
    });
  };
  EXPECT_FALSE(lives("22:00:00"));
  EXPECT_TRUE(lives("21:59:00"));
}

// A case that expects the pack of its [[load]] to load counts for the changed pack.
TEST(Survey, LoadCasesSeeTheChangedPack) {
  const std::string pack =
      "[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\n[[rest]]\nid = \"r\"\nkind = \"after-duty\"\nminimum = "
      "\"11h\"\n"
      "adaptable = { minimum = \"9h\" }\n";
  const auto load = [](const std::string& minimum, bool loads) {
    return "[[load]]\nname = \"l\"\nloads = " + std::string(loads ? "true" : "false") +
           "\npack = \"\"\"\n[pack]\nid = \"q\"\nlayer = \"agreement\"\nversion = 1\n[[adapt]]\nrule = \"r\"\nminimum "
           "= "
           "\"" +
           minimum + "\"\ncite = \"x\"\n\"\"\"\n";
  };
  const auto bounds_living = [&](const std::string& cases) {
    trial::Trial trial = trial_of(pack, cases);
    EXPECT_FALSE(trial.fails(**trial.load()));
    std::size_t living_bounds = 0;
    for (const Mutant& mutant : living(trial))
      if (mutant.about_loading) {
        ++living_bounds;
        EXPECT_EQ(hint_for(trial, mutant).family, "load");
      }
    return living_bounds;
  };
  EXPECT_EQ(bounds_living(load("10h", true)), 2U);
  EXPECT_EQ(bounds_living(load("9h", true)), 1U);
  EXPECT_EQ(bounds_living(load("9h", true) + load("8h59m", false)), 0U);
}

}  // namespace
}  // namespace policy::mutate
