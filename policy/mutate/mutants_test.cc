// What is generated for each kind of value, and that no key of the grammar is forgotten.
#include "policy/mutate/mutants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "policy/pack/reload.h"

namespace policy::mutate {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

pack::Value tree(const std::string& toml) {
  auto parsed = pack::parse_pack({"p", toml});
  if (parsed) return parsed->root;
  ADD_FAILURE() << to_string(parsed.error());
  return {};
}

std::vector<std::string> changes(const std::string& toml, const std::string& about = {}) {
  std::vector<std::string> out;
  for (const Mutant& mutant : mutants(tree(toml)))
    if (mutant.what.find(about) != std::string::npos) out.push_back(mutant.what);
  return out;
}

const std::string kHeader = "[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\nzone = \"Europe/Berlin\"\n";
const std::string kRest =
    "[[rest]]\nid = \"r\"\nkind = \"after-duty\"\nminimum = \"11h\"\nrestart = \"longer-than:15m\"\n"
    "effect = { urgent = \"silent\", alarm = \"deliver\" }\n";

TEST(Mutants, Durations) {
  EXPECT_THAT(changes(kHeader + kRest, "minimum"),
              UnorderedElementsAre("minimum of rule 'r' is 11h1m instead of 11h",
                                   "minimum of rule 'r' is 10h59m instead of 11h"));
  EXPECT_THAT(changes(kHeader + kRest, "restart"),
              UnorderedElementsAre("restart of rule 'r' is longer-than:16m instead of longer-than:15m",
                                   "restart of rule 'r' is longer-than:14m instead of longer-than:15m"));
  // Not below nothing, and not at all where a parameter has the value.
  EXPECT_THAT(
      changes(kHeader + "[[rest]]\nid = \"r\"\nkind = \"off-duty\"\ngrace = \"0m\"\nlead = \"30s\"\n", " instead of 0"),
      testing::SizeIs(1));
  EXPECT_THAT(
      changes(kHeader + "[[rest]]\nid = \"r\"\nkind = \"off-duty\"\nlead = \"30s\"\n", "lead"),
      UnorderedElementsAre("lead of rule 'r' is 1m30s instead of 30s", "lead of rule 'r' is 0m instead of 30s"));
  EXPECT_THAT(changes(kHeader + "[[parameter]]\nid = \"x\"\nleast = \"9h\"\n[[rest]]\nid = \"r\"\nkind = "
                                "\"after-duty\"\nminimum = \"$x\"\n",
                      "minimum"),
              IsEmpty());
}

TEST(Mutants, LocalTimesGoRoundMidnight) {
  const std::string window =
      kHeader + "[[rest]]\nid = \"r\"\nkind = \"window\"\ndays = [\"mon\", \"sun\"]\nfrom = 00:00:00\nto = 23:59:30\n";
  EXPECT_THAT(changes(window, "from"), UnorderedElementsAre("from of rule 'r' is 00:01:00 instead of 00:00:00",
                                                            "from of rule 'r' is 23:59:00 instead of 00:00:00"));
  EXPECT_THAT(changes(window, "to of"), UnorderedElementsAre("to of rule 'r' is 00:00:30 instead of 23:59:30",
                                                             "to of rule 'r' is 23:58:30 instead of 23:59:30"));
  EXPECT_THAT(changes(window, "days"),
              UnorderedElementsAre("days of rule 'r' loses mon", "days of rule 'r' loses sun"));
}

TEST(Mutants, EffectsMoveOneStepAndTheDefaultHolds) {
  EXPECT_THAT(changes(kHeader + kRest, "effect."),
              UnorderedElementsAre("effect.routine of rule 'r' is silent instead of hold",
                                   "effect.shift-notice of rule 'r' is silent instead of hold",
                                   "effect.urgent of rule 'r' is deliver instead of silent",
                                   "effect.urgent of rule 'r' is hold instead of silent",
                                   "effect.alarm of rule 'r' is silent instead of deliver",
                                   "effect.alarm of rule 'r' is gone"));
}

TEST(Mutants, LastEntries) {
  const auto alarm = [](const std::string& senders, const std::string& reasons) {
    return kHeader + "[[alarm]]\nid = \"a\"\nclasses = [\"alarm\"]\nsenders = [" + senders + "]\nreasons = [" +
           reasons + "]\n";
  };
  EXPECT_THAT(changes(alarm("\"x\"", "\"y\"")),
              UnorderedElementsAre("rule 'a' is gone", "senders of rule 'a' loses x", "reasons of rule 'a' is gone"));
  EXPECT_THAT(changes(alarm("\"x\", \"*\"", "\"y\", \"z\"")),
              UnorderedElementsAre("rule 'a' is gone", "senders of rule 'a' loses *", "reasons of rule 'a' loses y",
                                   "reasons of rule 'a' loses z"));
}

// Every edit changes the tree, no two of them in the same way, and each leaves the others' places alone.
TEST(Mutants, EditsAreDistinct) {
  std::ifstream in("rules/packs/dv-messenger/pack.toml");
  const std::string toml{std::istreambuf_iterator<char>(in), {}};
  const pack::Value root = tree(toml);
  const auto printed = [](const auto& self, const pack::Value& value) -> std::string {
    std::string out = value.text + "/" + std::to_string(value.integer) + "/" + std::to_string(value.local_time.second);
    for (const pack::Value& item : value.items) out += "[" + self(self, item) + "]";
    for (const pack::Member& member : value.members) out += "{" + member.key + "=" + self(self, member.value) + "}";
    return out;
  };
  std::set<std::string> seen{printed(printed, root)};
  const auto all = mutants(root);
  EXPECT_GT(all.size(), 60U);
  for (const Mutant& mutant : all) {
    pack::Value changed = root;
    mutant.edit(changed);
    EXPECT_TRUE(seen.insert(printed(printed, changed)).second) << mutant.what;
    EXPECT_GT(mutant.at.line, 1U) << mutant.what;
  }
}

// A rest goes with its mentions, so that it is missed by a case and not by the loader.
TEST(Mutants, ARestTakesItsMentionsAlong) {
  const std::string window = "kind = \"window\"\ndays = [\"mon\"]\nfrom = 20:00:00\nto = 22:00:00\n";
  const std::string toml = kHeader + "[[rest]]\nid = \"a\"\n" + window + "[[rest]]\nid = \"b\"\n" + window +
                           "[[exception]]\nid = \"e\"\nwhen = \"on-call\"\npierces = [\"a\", \"b\"]\nclasses = "
                           "[\"urgent\"]\n[[exception]]\nid = \"f\"\nwhen = \"on-call\"\npierces = [\"a\"]\nclasses = "
                           "[\"alarm\"]\n[self_open]\nmax = \"1h\"\npierces = [\"a\"]\n";
  const pack::Value root = tree(toml);
  pack::Reloader reloader;
  const std::vector<pack::ParsedPack> packs{{"p", root}};
  for (const Mutant& mutant : mutants(root)) {
    pack::Value changed = root;
    mutant.edit(changed);
    EXPECT_TRUE(reloader.load(packs, &changed)) << mutant.what;
  }
}

TEST(Mutants, NotWhereNothingLooks) {
  const std::string gap = kHeader + "duty_gap = \"1h\"\nholidays = \"DE-NI\"\n";
  EXPECT_THAT(changes(gap + "[[rest]]\nid = \"r\"\nkind = \"absence\"\n", "of the pack"), IsEmpty());
  EXPECT_THAT(changes(gap + "[[rest]]\nid = \"r\"\nkind = \"absence\"\n", "[pack]"), IsEmpty());
  EXPECT_THAT(changes(gap + "[[rest]]\nid = \"r\"\nkind = \"absence\"\nunless = [\"duty\"]\n", "duty_gap"),
              testing::SizeIs(2));
  EXPECT_THAT(
      changes(gap + "[[rest]]\nid = \"r\"\nkind = \"window\"\ndays = [\"mon\"]\nfrom = 20:00:00\nto = 22:00:00\n",
              "holidays of [pack] is gone"),
      testing::SizeIs(1));
  EXPECT_THAT(changes(kHeader + "[[claim]]\nid = \"c\"\nkind = \"rest-after-duty\"\nminimum = \"11h\"\n"), IsEmpty());
}

TEST(Mutants, BoundsForOtherPacksAreMarked) {
  for (const Mutant& mutant : mutants(tree(kHeader + kRest + "adaptable = { minimum = \"9h\" }\n")))
    EXPECT_EQ(mutant.about_loading, mutant.what.starts_with("adaptable.minimum")) << mutant.what;
}

// ---- every key of the schema, and with it of the readers (schema_agreement), has a treatment

void collect(const boost::json::value& schema, const boost::json::object& defs, const std::string& prefix,
             std::set<std::string>& keys) {
  if (!schema.is_object()) return;
  const auto& object = schema.as_object();
  if (const auto* ref = object.if_contains("$ref")) {
    const std::string name(ref->as_string().subview(std::string_view("#/$defs/").size()));
    collect(defs.at(name), defs, prefix, keys);
  }
  if (const auto* several = object.if_contains("oneOf"))
    for (const auto& one : several->as_array()) collect(one, defs, prefix, keys);
  if (const auto* items = object.if_contains("items")) collect(*items, defs, prefix, keys);
  if (const auto* properties = object.if_contains("properties")) {
    for (const auto& [key, value] : properties->as_object()) {
      const std::string path = prefix + std::string(key);
      keys.insert(path);
      collect(value, defs, path + "/", keys);
    }
  }
}

TEST(Grammar, NoKeyIsForgotten) {
  std::ifstream in("rules/schema/pack.schema.json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const boost::json::value schema = boost::json::parse(text);
  std::set<std::string> keys;
  collect(schema, schema.at("$defs").as_object(), "", keys);
  ASSERT_GT(keys.size(), 100U);
  const auto known = known_keys();
  EXPECT_EQ(std::vector<std::string>(keys.begin(), keys.end()), known)
      << "give each key its treatment in policy/mutate/grammar.cc";
}

}  // namespace
}  // namespace policy::mutate
