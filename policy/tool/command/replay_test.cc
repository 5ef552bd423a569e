// facts and replay as an auditor calls them, on an entry in the form of feierabend-audit show --json.
#include "policy/replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "policy/decide/decide.h"
#include "policy/model/canonical.h"
#include "policy/tool/command/bundle_file.h"
#include "policy/tool/command/testing/called.h"

namespace policy::tool {
namespace {

using testing::HasSubstr;

class Replay : public Called {
 protected:
  Replay() {
    file("people.csv", "person,groups\nanna,wache\n");
    file("roster.csv", "person,kind,begin,end\nanna,duty,2026-06-01T06:00:00+02:00,2026-06-01T14:00:00+02:00\n");
    file("key", base::to_hex(kKey) + "\n");
    EXPECT_EQ(call({"bundle", "--out", path("rules"), "--tenant", "muster.example", "--revision", "3", "--not-before",
                    "2026-06-01T00:00:00Z", "--expires", "2027-06-01T00:00:00Z", "rules/packs/arbzg",
                    "rules/packs/dv-messenger"}),
              kDone);
    EXPECT_EQ(call({"facts", "--people", path("people.csv"), "--roster", path("roster.csv"), "--person", "anna"}),
              kDone);
    file("facts", out());
    file("entry", entry());
  }
  int replay(std::vector<std::string> more = {"--json"}) {
    std::vector<std::string> all{"replay",  "--entry",     path("entry"), "--bundle", path("rules"),
                                 "--facts", path("facts"), "--input-key", path("key")};
    all.insert(all.end(), more.begin(), more.end());
    return call(all);
  }

  // What a gateway logs about a routine message to Anna in the evening.
  std::string entry(const std::string& effect = "hold") {
    const auto file = read_bundle(path("rules")).value();
    std::ifstream in(folder_ / "facts", std::ios::binary);
    const auto facts = model::parse_canonical("facts", std::string(std::istreambuf_iterator<char>(in), {})).value();
    const auto now = base::parse_instant("2026-06-01T18:00:00Z").value();
    const auto decision = decide::decide(*file.rules, facts, model::MessageClass::kRoutine, now);
    const auto held =
        replay::entry_of(decision, model::MessageClass::kRoutine, now, bundle::pins_of(*file.rules, file.digest),
                         replay::committed(kKey, replay::input_of(facts)));
    std::string rules;
    for (const auto& id : held.rules) rules += (rules.empty() ? "" : ", ") + id;
    return R"([{"entry":4,"type":"service-started","fields":{}},{"entry":5,"type":"message-held-by","hour":"x",)"
           R"("state":"readable","subject":"00","at":"2026-06-01T18:00:00Z","fields":{"recipient":"00",)"
           R"("message_class":"routine","effect":")" +
           effect + R"(","rules":")" + rules + R"(","until":")" + base::format_instant(held.until) +
           R"(","decided_at":"2026-06-01T18:00:00Z","bundle":")" + base::to_hex(held.pins.rules) +
           R"(","roster":"00",)" + R"("tzdata":")" + base::to_hex(held.pins.tzdata) + R"(","holidays":")" +
           base::to_hex(held.pins.holidays) + R"(","input":")" + base::to_hex(held.input) + "\"}}]\n";
  }

  static constexpr base::Sha256 kKey{1, 2, 3};
};

TEST_F(Replay, TheSameByteForByte) {
  ASSERT_EQ(replay(), kDone) << err() << out();
  EXPECT_THAT(
      out(),
      HasSubstr(
          R"({"same":true,"differences":[],"logged":"decided_at 2026-06-01T18:00:00Z\nmessage_class )"
          R"(routine\neffect hold\nrules arbzg.rest, dv.night, dv.off-duty, dv.rest\nuntil 2026-06-08T06:00:00Z)"));
  ASSERT_EQ(replay({"--lang", "de"}), kDone);
  EXPECT_THAT(out(), HasSubstr("Byte für Byte dieselbe Entscheidung."));
}

TEST_F(Replay, WhatDiffersIsNamed) {
  file("entry", entry("silent"));
  EXPECT_EQ(replay(), kDataError);
  EXPECT_THAT(out(), HasSubstr(R"("differences":[{"part":"decision")"));
  file("entry", entry());
  file("key", std::string(64, '0'));
  EXPECT_EQ(replay(), kDataError);
  EXPECT_THAT(out(), HasSubstr(R"("differences":[{"part":"input")"));
  file("key", base::to_hex(kKey));
  ASSERT_EQ(replay(), kDone);
  const auto packs = call({"replay", "--entry", path("entry"), "--pack", "rules/packs/arbzg",
                           "rules/packs/dv-messenger", "--facts", path("facts"), "--input-key", path("key"), "--json"});
  EXPECT_EQ(packs, kDataError);  // the same rules, but not the signed bundle
  EXPECT_THAT(out(), HasSubstr(R"("differences":[{"part":"bundle")"));
  EXPECT_EQ(replay({"--lang", "en", "--pack", "rules/packs/arbzg"}), kUsage);
}

TEST_F(Replay, HostileFiles) {
  for (const char* text : {"", "[", "{}", "[]", "7", R"({"type":"message-held-by"})",
                           R"({"type":"message-held-by","fields":{"message_class":3}})"}) {
    file("entry", text);
    EXPECT_EQ(replay(), kDataError) << text;
    EXPECT_THAT(err(), HasSubstr("held.")) << text;
  }
  file("entry", std::string(100'000, '['));
  EXPECT_EQ(replay(), kDataError);
  file("entry", entry());
  file("facts", "anna\n");
  EXPECT_EQ(replay(), kDataError);
  EXPECT_THAT(err(), HasSubstr("facts.syntax"));
  file("key", "abc");
  EXPECT_EQ(call({"facts", "--people", path("people.csv"), "--roster", path("roster.csv"), "--person", "otto"}),
            kDataError);
}

}  // namespace
}  // namespace policy::tool
