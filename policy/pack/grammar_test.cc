// Exceptions of every kind, parameters, content and push: what is read, what is refused, what the gateway is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/pack/cases.h"
#include "policy/pack/rules.h"

namespace policy::pack {
namespace {

using base::Seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Groups = std::vector<std::string>;

std::string header(const std::string& id, const std::string& layer, const std::string& zone = "Europe/Berlin") {
  return "[pack]\nid = \"" + id + "\"\nlayer = \"" + layer + "\"\nversion = 1\n" +
         (zone.empty() ? "" : "zone = \"" + zone + "\"\n");
}

std::string rest(const std::string& id, const std::string& lines = "kind = \"absence\"\n") {
  return "[[rest]]\nid = \"" + id + "\"\n" + lines;
}

const std::string kOverride = R"toml(
[[exception]]
id = "exception.einsatz"
when = "override"
role = "einsatzleitung"
reasons = ["grosslage", "ausfall"]
longest = "4h"
limit = { count = 2, per = "week" }
pierces = ["r"]
classes = ["urgent", "alarm"]
applies = { groups = ["wache"] }
cite = "DV § 7"
)toml";

LoadedRules load(std::initializer_list<std::string> packs) {
  std::vector<PackSource> sources;
  for (const std::string& pack : packs) sources.push_back({"pack" + std::to_string(sources.size() + 1), pack});
  return load_packs(sources);
}

std::shared_ptr<const RuleSet> good(std::initializer_list<std::string> packs) {
  auto loaded = load(packs);
  if (!loaded) throw std::runtime_error(to_string(loaded.error().front()));
  return *loaded;
}

std::string errors_of(std::initializer_list<std::string> packs) {
  const auto loaded = load(packs);
  if (loaded) return "loaded";
  std::string out;
  for (const auto& error : loaded.error()) out += to_string(error) + "\n";
  return out;
}

std::string without(std::string text, const std::string& line_begin) {
  const std::size_t at = text.find("\n" + line_begin) + 1;
  return text.erase(at, text.find('\n', at) - at + 1);
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string code_of(const base::Status& status) { return status ? "allowed" : status.error().code; }

TEST(Exceptions, AWindowIsReadLikeThatOfARest) {
  const auto rules = good({header("a", "agreement") + rest("r") +
                           "[[exception]]\nid = \"e\"\nwhen = \"window\"\ndays = [\"mon\", \"holiday\"]\nfrom = "
                           "06:00:00\nto = 20:00:00\npierces = [\"r\"]\nclasses = [\"shift-notice\"]\n"});
  ASSERT_THAT(rules->rules().exceptions, SizeIs(1));
  const ExceptionRule& rule = rules->rules().exceptions[0];
  EXPECT_EQ(rule.when, ExceptionWhen::kWindow);
  EXPECT_EQ(rule.window.from, (time::LocalTime{6 * 3600}));
  EXPECT_EQ(rule.window.to, (time::LocalTime{20 * 3600}));
  EXPECT_TRUE(rule.window.days[time::kHolidayBit]);
  EXPECT_EQ(rule.window.days.count(), 2U);
}

TEST(Exceptions, EveryKeyOfAnOverrideIsRequiredAndBelongsToItAlone) {
  const std::string pack = header("a", "agreement") + rest("r");
  for (const char* key : {"role", "reasons", "longest", "limit", "pierces", "classes", "when"}) {
    EXPECT_THAT(errors_of({pack + without(kOverride, key)}), HasSubstr("no key '" + std::string(key) + "'")) << key;
  }
  const auto fails = [&](const std::string& from, const std::string& to, const std::string& saying) {
    EXPECT_THAT(errors_of({pack + with(kOverride, from, to)}), HasSubstr(saying)) << to;
  };
  fails("\"4h\"", "\"8d\"", "at most 7d");
  fails("\"4h\"", "\"0s\"", "longer than 0");
  fails("count = 2", "count = 0", "1 to 1000");
  fails("\"week\"", "\"month\"", "is 'month'; allowed: week");
  fails("[\"grosslage\", \"ausfall\"]", "[]", "a list of 0 items");
  fails("\"override\"", "\"self-open\"", "allowed: on-call, window, override");
  fails("\"override\"", "\"on-call\"", "key 'role' in [[exception]] 'exception.einsatz' when on-call");
  fails("cite =", "from = 06:00:00\ncite =", "key 'from' in [[exception]] 'exception.einsatz' when override");
}

TEST(Exceptions, WeeksAndWindowsNeedAZone) {
  EXPECT_THAT(errors_of({header("a", "agreement", "") + rest("r") + kOverride}),
              HasSubstr("no key 'zone' in [pack], but a limit per calendar week"));
  EXPECT_THAT(errors_of({header("a", "agreement", "") + rest("r") +
                         "[[exception]]\nid = \"e\"\nwhen = \"window\"\ndays = [\"mon\"]\nfrom = 06:00:00\nto = "
                         "20:00:00\npierces = [\"r\"]\nclasses = [\"alarm\"]\n"}),
              HasSubstr("no key 'zone' in [pack], but local times"));
}

TEST(Overrides, AreToldToTheGateway) {
  const auto rules = good({header("a", "agreement") + rest("r") + kOverride});
  const auto all = overrides_for(*rules, Groups{"wache"});
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].id, "exception.einsatz");
  EXPECT_EQ(all[0].role, "einsatzleitung");
  EXPECT_THAT(all[0].reasons, ElementsAre("grosslage", "ausfall"));
  EXPECT_EQ(all[0].longest, Seconds{4 * 3600});
  EXPECT_EQ(all[0].per_week, 2U);
  EXPECT_EQ(all[0].classes.count(), 2U);
  EXPECT_EQ(all[0].cite, "DV § 7");
  EXPECT_THAT(overrides_for(*rules, Groups{"stab"}), IsEmpty());

  const auto may = [&](const char* id, const Groups& roles, const char* reason) {
    return code_of(may_override(*rules, id, roles, reason));
  };
  EXPECT_EQ(may("exception.einsatz", {"x", "einsatzleitung"}, "ausfall"), "allowed");
  EXPECT_EQ(may("exception.einsatz", {"x"}, "ausfall"), "override.not-permitted");
  EXPECT_EQ(may("exception.einsatz", {"einsatzleitung"}, "langeweile"), "override.unknown-reason");
  EXPECT_EQ(may("exception.einsatz", {"einsatzleitung"}, ""), "override.unknown-reason");
  EXPECT_EQ(may("exception.einsaz", {"einsatzleitung"}, "ausfall"), "override.unknown");
  EXPECT_EQ(may("r", {"einsatzleitung"}, "ausfall"), "override.unknown");
}

TEST(SelfOpen, PiercesItsOwnAndWeakerLayersUnlessItSaysWhich) {
  const auto rules = good({header("law", "law") + rest("r.law"),
                           header("dv", "agreement") + rest("r.dv") + "[self_open]\nmax = \"2h\"\ncite = \"DV § 8\"\n",
                           header("unit", "unit") + rest("r.unit") +
                               "[self_open]\nid = \"own\"\nmax = \"3h\"\nclasses = [\"routine\"]\npierces = "
                               "[\"r.unit\"]\napplies = { groups = [\"wache\"] }\n"});
  const Rules& all = rules->rules();
  ASSERT_THAT(all.exceptions, SizeIs(2));
  EXPECT_EQ(all.exceptions[0].head.id, "dv.self-open");
  EXPECT_EQ(all.exceptions[0].when, ExceptionWhen::kSelfOpen);
  EXPECT_TRUE(all.exceptions[0].classes.all());
  std::vector<std::string> pierced;
  for (const std::size_t i : all.exceptions[0].pierces) pierced.push_back(all.rests[i].head.id);
  EXPECT_THAT(pierced, ElementsAre("r.dv", "r.unit"));
  EXPECT_THAT(all.exceptions[1].pierces, SizeIs(1));
  EXPECT_EQ(self_open_max(*rules, Groups{}), Seconds{2 * 3600});
  EXPECT_EQ(self_open_max(*rules, Groups{"wache"}), Seconds{3 * 3600});
  EXPECT_EQ(self_open_max(*good({header("a", "law")}), Groups{}), std::nullopt);
}

TEST(SelfOpen, StaysBelowStrongerLayers) {
  const std::string law = header("law", "law") + rest("r.law");
  EXPECT_THAT(errors_of({law, header("dv", "agreement") + "[self_open]\nmax = \"2h\"\npierces = [\"r.law\"]\n"}),
              HasSubstr("rule 'r.law' of layer law pierced by layer agreement"));
  EXPECT_THAT(errors_of({law + "[self_open]\nclasses = [\"routine\"]\n"}), HasSubstr("no key 'max' in [self_open]"));
  EXPECT_THAT(errors_of({law + "[self_open]\nmax = \"2h\"\n[[alarm]]\nid = \"law.self-open\"\nclasses = "
                               "[\"alarm\"]\nsenders = [\"*\"]\n"}),
              HasSubstr("rule id 'law.self-open' again"));
}

const std::string kParameter = "[[parameter]]\nid = \"p\"\nleast = \"9h\"\nmost = \"12h\"\n";
const std::string kAfterDuty =
    "[[rest]]\nid = \"r\"\nkind = \"after-duty\"\nminimum = \"$p\"\neffect = { routine = \"silent\", alarm = "
    "\"deliver\" }\n";
std::string set_to(const std::string& value, const std::string& parameter = "p") {
  return "[[set]]\nparameter = \"" + parameter + "\"\nvalue = \"" + value + "\"\ncite = \"TV " + value + "\"\n";
}

TEST(Parameters, AnUnsetOneHolds) {
  const auto rules = good({header("a", "law") + kParameter + kAfterDuty});
  const RestRule& rule = rules->rules().rests[0];
  EXPECT_TRUE(rule.unset);
  ASSERT_THAT(rule.uses, SizeIs(1));
  EXPECT_EQ(rule.uses[0].term, Term::kMinimum);
  EXPECT_EQ(rule.effects[0], model::Effect::kHold);     // silent, were it set
  EXPECT_EQ(rule.effects[3], model::Effect::kDeliver);  // whatever the value
  EXPECT_EQ(rules->rules().parameters[0].value, std::nullopt);
}

TEST(Parameters, TheMostProtectiveSetCounts) {
  const std::string law = header("a", "law") + kParameter + kAfterDuty;
  const auto rules = good({law, header("b", "agreement") + set_to("10h"), header("c", "unit") + set_to("11h"),
                           header("d", "personal") + set_to("9h")});
  const RestRule& rule = rules->rules().rests[0];
  EXPECT_FALSE(rule.unset);
  EXPECT_EQ(rule.terms.minimum, Seconds{11 * 3600});
  EXPECT_EQ(rule.effects[0], model::Effect::kSilent);
  EXPECT_EQ(rules->rules().parameters[0].set_by, "TV 11h");
  // Less grace protects more.
  const std::string grace =
      header("a", "law") + "[[parameter]]\nid = \"p\"\n[[rest]]\nid = \"r\"\nkind = \"off-duty\"\ngrace = \"$p\"\n";
  const auto shorter = good({grace, header("b", "agreement") + set_to("1h"), header("c", "unit") + set_to("30m")});
  EXPECT_EQ(shorter->rules().rests[0].terms.grace, Seconds{1800});
}

TEST(Parameters, StayWithinBoundsLayersAndOneDirection) {
  const std::string law = header("a", "law") + kParameter + kAfterDuty;
  const auto set = [&](const std::string& value) { return errors_of({law, header("b", "unit") + set_to(value)}); };
  EXPECT_THAT(set("8h59m"), HasSubstr("parameter 'p' set to 8h59m; allowed: 9h to 12h [pack.parameter]"));
  EXPECT_THAT(set("12h1s"), HasSubstr("[pack.parameter]"));
  EXPECT_EQ(set("9h"), "loaded");
  EXPECT_EQ(set("12h"), "loaded");
  EXPECT_EQ(errors_of({law + set_to("10h")}), "loaded");  // by its own layer
  EXPECT_THAT(errors_of({law, header("b", "unit") + set_to("10h", "q")}), HasSubstr("parameter 'q'"));
  const std::string unit = header("b", "unit") + kParameter;
  EXPECT_THAT(errors_of({header("a", "law") + kAfterDuty, unit}),
              HasSubstr("parameter 'p' of layer unit used by layer law"));
  EXPECT_THAT(errors_of({header("a", "law") + set_to("10h"), unit}),
              HasSubstr("parameter 'p' of layer unit set by layer law"));
  EXPECT_THAT(errors_of({header("a", "law") + kAfterDuty}), HasSubstr("pack1:9:11: parameter 'p'"));
  EXPECT_THAT(errors_of({law + rest("s", "kind = \"off-duty\"\nlead = \"$p\"\n")}),
              HasSubstr("parameter 'p' used as minimum and as lead"));
  EXPECT_THAT(errors_of({with(law, "effect =", "adaptable = { minimum = \"9h\" }\neffect =")}),
              HasSubstr("both adaptable and a parameter"));
  EXPECT_THAT(errors_of({with(law, "\"12h\"", "\"8h\"")}), HasSubstr("least above most"));
  EXPECT_THAT(errors_of({header("a", "law") + "[[parameter]]\nid = \"p\"\n" +
                         rest("s", "kind = \"off-duty\"\ngrace = \"$p\"\n") + set_to("15d")}),
              HasSubstr("0m to 14d"));
}

TEST(Content, LabelsAreThoseThatAllPacksAllow) {
  const auto labels = [](const std::string& id, const std::string& layer, const std::string& list) {
    return header(id, layer) + "[content]\nlabels = [" + list + "]\n";
  };
  const auto rules = good({labels("a", "law", "\"offen\", \"intern\", \"vs-nfd\""), header("x", "unit"),
                           labels("b", "agreement", "\"intern\", \"offen\"")});
  EXPECT_THAT(content_rules(*rules).labels, ElementsAre("offen", "intern"));
  EXPECT_THAT(errors_of({labels("a", "law", "\"offen\""), labels("b", "unit", "\"offen\", \"intern\"")}),
              HasSubstr("label 'intern' that pack 'a' does not allow"));
  EXPECT_THAT(errors_of({labels("a", "unit", "\"offen\""), labels("b", "unit", "\"intern\"")}),
              HasSubstr("of which none is in all packs"));
  EXPECT_THAT(errors_of({labels("a", "law", "\"Offen\"")}), HasSubstr("label 'Offen'"));
}

TEST(Content, MarkersAreCompiledWhenTheyAreLoaded) {
  const auto marker = [](const std::string& id, const std::string& lines) {
    return "[[content.marker]]\nid = \"" + id + "\"\naction = \"stop\"\n" + lines;
  };
  const auto rules =
      good({header("a", "unit") + marker("m.z", "pattern = 'geheim'\nunless = ['nicht geheim']\n"),
            header("b", "law") + "[[content.marker]]\nid = \"m.a\"\npattern = '\\d'\naction = \"warn\"\n"});
  const ContentSettings settings = content_rules(*rules);
  EXPECT_THAT(settings.labels, IsEmpty());
  EXPECT_THAT(settings.markers, ElementsAre(match::ContentMarker{"m.a", "\\d", {}, true},
                                            match::ContentMarker{"m.z", "geheim", {"nicht geheim"}, false}));
  const auto errors = errors_of({header("a", "law") + marker("m", "pattern = '('\nunless = ['x', '(?=y)']\n")});
  EXPECT_THAT(errors, HasSubstr("pack1:9:11: marker 'm':"));
  EXPECT_THAT(errors, HasSubstr("pack1:10:16: marker 'm':"));
  std::string many = header("a", "law");
  for (std::size_t i = 0; i <= match::kMarkersMax; ++i) many += marker("m" + std::to_string(i), "pattern = 'x'\n");
  EXPECT_THAT(errors_of({many}), HasSubstr("[marker.count]"));
}

TEST(Push, TheStrictestCounts) {
  const auto push = [](const std::string& id, const std::string& layer, const std::string& lines) {
    return header(id, layer) + "[push]\n" + lines;
  };
  const auto rules = good({push("a", "law", "jitter = \"30s\"\nclasses = [\"urgent\", \"alarm\"]\n"),
                           push("b", "unit", "payload = \"nothing\"\njitter = \"1m\"\nclasses = [\"alarm\"]\n")});
  const PushRules is = push_rules(*rules);
  EXPECT_EQ(is.payload, PushPayload::kNothing);
  EXPECT_EQ(is.jitter, Seconds{60});
  EXPECT_EQ(is.classes, ClassSet().set(index_of(model::MessageClass::kAlarm)));
  EXPECT_EQ(is.cite, "a/push");
  EXPECT_TRUE(push_rules(*good({push("a", "law", "classes = []\n")})).classes.none());
  EXPECT_TRUE(push_rules(*good({})).classes.all());
  const std::string law = push("a", "law", "payload = \"nothing\"\njitter = \"30s\"\nclasses = [\"alarm\"]\n");
  const auto weak = [&](const std::string& lines) { return errors_of({law, push("b", "unit", lines)}); };
  EXPECT_THAT(weak("payload = \"class\"\n"), HasSubstr("[push] payload looser than in pack 'a'"));
  EXPECT_THAT(weak("jitter = \"29s\"\n"), HasSubstr("[push] jitter looser"));
  EXPECT_THAT(weak("classes = [\"alarm\", \"urgent\"]\n"), HasSubstr("[push] classes looser"));
  EXPECT_EQ(weak("classes = []\n"), "loaded");
}

TEST(Cases, OverridesAndOpeningsAreFacts) {
  const auto cases = read_cases("c", R"toml(
[[person]]
id = "p"
overrides = [
  { rule = "e", role = "x", reason = "y", begin = 2026-06-02T00:00:00Z, end = 2026-06-02T01:00:00Z },
  { rule = "e", role = "x", reason = "z", begin = 2026-06-01T00:00:00Z, end = 2026-06-01T01:00:00Z },
]
self_openings = [{ begin = 2026-06-01T00:00:00Z, end = 2026-06-01T02:00:00Z }]
[[content]]
name = "n"
text = ""
)toml");
  ASSERT_TRUE(cases) << to_string(cases.error().front());
  const model::PersonFacts& facts = cases->people.at("p");
  ASSERT_THAT(facts.overrides, SizeIs(2));
  EXPECT_EQ(facts.overrides[0].reason, "z");  // sorted
  ASSERT_THAT(facts.self_openings, SizeIs(1));
  const auto bad = read_cases("c", "[[person]]\nid = \"p\"\noverrides = [{ rule = \"e\" }]\n");
  ASSERT_FALSE(bad);
  EXPECT_THAT(to_string(bad.error().front()), HasSubstr("no key 'role' in overrides of 'p'"));
}

TEST(Cases, ContentAndPushAreCompared) {
  const auto rules =
      good({header("a", "law") + "[content]\nlabels = [\"offen\"]\n[[content.marker]]\nid = \"m\"\npattern = "
                                 "'geheim'\naction = \"stop\"\n[push]\nclasses = [\"alarm\"]\n"});
  const auto cases = read_cases("c", R"toml(
[[content]]
name = "good"
text = "sehr geheim"
stops = ["m"]
label = "offen"
[[content]]
name = "bad"
text = "harmlos"
stops = ["m"]
warns = ["n"]
label = "intern"
[[push]]
name = "good"
classes = ["alarm"]
payload = "class"
[[push]]
name = "bad"
classes = ["routine", "alarm"]
)toml");
  ASSERT_TRUE(cases) << to_string(cases.error().front());
  EXPECT_EQ(mismatch(cases->contents[0], *rules), "");
  EXPECT_EQ(mismatch(cases->contents[1], *rules),
            "stops is [] and not [m], warns is [] and not [n], label is refused and not allowed");
  EXPECT_EQ(mismatch(cases->settings[0], *rules), "");
  EXPECT_EQ(mismatch(cases->settings[1], *rules), "classes is alarm and not routine, alarm");
}

}  // namespace
}  // namespace policy::pack
