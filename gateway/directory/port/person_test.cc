#include "gateway/directory/port/person.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

namespace gateway::directory {
namespace {

Person person(std::string id, std::string stable_id = "s", std::string unit = "u") {
  return {.id = std::move(id),
          .stable_id = std::move(stable_id),
          .display_name = "n",
          .unit = std::move(unit),
          .groups = {}};
}

TEST(Uid, IsMadeLowerCaseSoThatOnePersonHasOneName) {
  EXPECT_EQ(canonical_uid("Anna.Meier-2").value(), "anna.meier-2");
  EXPECT_EQ(canonical_uid("a").value(), "a");
  EXPECT_EQ(canonical_uid(std::string(64, 'x')).value().size(), 64U);
}

TEST(Uid, RefusesEverythingOutsideTheAlphabetInTheSameWords) {
  const std::string nul("an\0na", 5);
  for (const std::string& text : {std::string(), std::string(65, 'x'), std::string("*"), std::string("*)(uid=*"),
                                  std::string(".anna"), std::string("anna meier"), std::string("grün"), nul,
                                  std::string("anna\n"), std::string("a,b"), std::string("a\\2a")}) {
    const auto uid = canonical_uid(text);
    ASSERT_FALSE(uid) << text;
    EXPECT_EQ(uid.error(), login_refused()) << text;
  }
}

TEST(Password, EmptyBlankNulAndOverlongNeverReachABind) {
  EXPECT_FALSE(check_password(""));
  EXPECT_FALSE(check_password("   "));
  EXPECT_FALSE(check_password(std::string_view("a\0b", 3)));
  EXPECT_FALSE(check_password(std::string_view("\0", 1)));
  EXPECT_FALSE(check_password(std::string(257, 'x')));
  EXPECT_TRUE(check_password(std::string(256, 'x')));
  EXPECT_TRUE(check_password(" a "));
}

TEST(Snapshot, LeavesOutUidsThatTwoEntriesShare) {
  const Snapshot snapshot = make_snapshot({person("b"), person("a"), person("b", "other")}, 2);
  ASSERT_EQ(snapshot.people.size(), 1U);
  EXPECT_EQ(snapshot.skipped, 4U);
  EXPECT_NE(snapshot.find("a"), nullptr);
  EXPECT_EQ(snapshot.find("b"), nullptr);
}

TEST(Diff, AUidGivenToSomebodyElseIsGoneAndJoined) {
  const Changes changes = diff(make_snapshot({person("a", "1")}, 0), make_snapshot({person("a", "2")}, 0));
  EXPECT_EQ(changes.gone, std::vector<std::string>{"a"});
  EXPECT_EQ(changes.joined, std::vector<std::string>{"a"});
  EXPECT_TRUE(changes.changed.empty());
}

TEST(Diff, AgreesWithSets) {
  EXPECT_TRUE(rc::check("diff agrees with a slow reading over sets",
                        [](const std::map<std::uint8_t, bool>& one, const std::map<std::uint8_t, bool>& two) {
                          const auto people = [](const std::map<std::uint8_t, bool>& from) {
                            std::vector<Person> all;
                            for (const auto& [number, flag] : from)
                              all.push_back(person("p" + std::to_string(number), "s", flag ? "x" : "y"));
                            return make_snapshot(std::move(all), 0);
                          };
                          std::set<std::string> joined, gone, changed;
                          for (const auto& [number, flag] : two)
                            if (!one.contains(number)) joined.insert("p" + std::to_string(number));
                          for (const auto& [number, flag] : one) {
                            if (!two.contains(number))
                              gone.insert("p" + std::to_string(number));
                            else if (two.at(number) != flag)
                              changed.insert("p" + std::to_string(number));
                          }
                          const Changes changes = diff(people(one), people(two));
                          RC_ASSERT(changes.joined == std::vector<std::string>(joined.begin(), joined.end()));
                          RC_ASSERT(changes.gone == std::vector<std::string>(gone.begin(), gone.end()));
                          RC_ASSERT(changes.changed == std::vector<std::string>(changed.begin(), changed.end()));
                        }));
}

}  // namespace
}  // namespace gateway::directory
