#include "audit/tool/command/csv.h"
#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

const event::Pseudonym kAnna{{0xAA}}, kBernd{{0xBB}};

class Asked : public Called {
 protected:
  Asked() {
    const Open open = open_log();
    open.append(event::LoginRefused{{kAnna}, event::LoginRefusal::kWrongPassword});
    open.append(event::LoginRefused{{kBernd}, event::LoginRefusal::kRateLimited});
    open.append(event::SessionOpened{{kAnna}, event::DeviceId{{1}}});
    clock_.set("2026-11-24T10:30:00Z");
    open.append(event::AlarmSent{{kBernd}, event::RuleId::from("amok").value(), {7}});
    open.append(event::LoginRefused{{kAnna}, event::LoginRefusal::kRateLimited});
    EXPECT_TRUE(open.log->erase(log::Index{4}));
  }
  // The numbers of the entries found.
  std::vector<int> found(std::vector<std::string> question) {
    question.insert(question.begin(), {"query", folder(), "--json"});
    EXPECT_EQ(asks(question), 0) << said();
    std::vector<int> entries;
    const auto all = json();
    for (const auto& one : all.as_array()) {
      EXPECT_TRUE(one.at("proven").as_bool());
      entries.push_back(one.at("entry").to_number<int>());
    }
    return entries;
  }
};

using Entries = std::vector<int>;

TEST_F(Asked, FindsWhatFits) {
  EXPECT_EQ(found({}), (Entries{0, 1, 2, 3, 4}));
  EXPECT_EQ(found({"--type", "login-refused"}), (Entries{0, 1, 4}));
  EXPECT_EQ(found({"--subject", kAnna.text()}), (Entries{0, 2, 4}));
  EXPECT_EQ(found({"--subject", kAnna.text(), "--subject", kBernd.text()}), (Entries{0, 1, 2, 3, 4}));
  EXPECT_EQ(found({"--from", "2026-11-24"}), (Entries{3, 4}));
  EXPECT_EQ(found({"--to", "2026-11-24"}), (Entries{0, 1, 2}));
  EXPECT_EQ(found({"--device", event::DeviceId{{1}}.text()}), (Entries{2}));
  EXPECT_EQ(found({"--reason", "amok"}), (Entries{3}));
  EXPECT_EQ(found({"--reason", "wrong-password", "--subject", kBernd.text()}), (Entries{}));
}

TEST_F(Asked, SaysWhatErasedEntriesHide) {
  asks({"query", folder(), "--reason", "rate-limited", "--lang", "en"});
  EXPECT_TRUE(says("1 erased entries lie within what was asked")) << said();
  asks({"query", folder(), "--type", "login-refused", "--lang", "en"});
  EXPECT_FALSE(says("cannot be told any more")) << said();
}

TEST_F(Asked, SaysThatNothingFits) {
  EXPECT_EQ(asks({"query", folder(), "--type", "device-wiped", "--lang", "de"}), 0);
  EXPECT_TRUE(says("Kein Eintrag.")) << said();
}

TEST_F(Asked, RefusesAQuestionWithoutPurposeOrWithAnUnknownWord) {
  EXPECT_EQ(checked({"query", folder()}), 2);
  EXPECT_EQ(checked({"query", folder(), "--purpose", "curiosity", "--readings", path("r")}), 2);
  EXPECT_FALSE(std::filesystem::exists(path("r")));
  EXPECT_EQ(checked({"query", folder(), "--purpose", "lawfulness"}), 2);
  EXPECT_TRUE(says("usage.readings")) << said();
  EXPECT_EQ(checked({"show", folder()}), 2);
  EXPECT_EQ(asks({"query", folder(), "--class", "private"}), 2);
  EXPECT_EQ(asks({"query", folder(), "--subject", "anna"}), 2);
  EXPECT_EQ(reads({"query", folder()}), 2) << "without a key nothing is proven";
}

TEST_F(Asked, EachReadingIsNotedBeforeAnythingIsShown) {
  found({"--subject", kAnna.text(), "--subject", kBernd.text(), "--from", "2026-11-23"});
  reads({"show", folder()});
  EXPECT_EQ(call({"readings", folder(), "--readings", path("readings"), "--json"}), 0) << said();
  const auto noted = json().as_array();
  ASSERT_EQ(noted.size(), 3U);
  EXPECT_EQ(noted[0].at("fields").at("kind").as_string(), "query");
  EXPECT_EQ(noted[0].at("fields").at("purpose").as_string(), "lawfulness");
  EXPECT_EQ(noted[0].at("subject").as_string(), kAnna.text());
  EXPECT_EQ(noted[0].at("fields").at("begin").as_string(), "2026-11-23T00:00:00Z");
  EXPECT_EQ(noted[1].at("subject").as_string(), kBernd.text());
  EXPECT_EQ(noted[2].at("fields").at("kind").as_string(), "show");
  EXPECT_EQ(noted[2].at("fields").at("size").as_string(), "5");
  EXPECT_EQ(call({"readings", folder(), "--readings", path("readings"), "--lang", "de"}), 0);
  EXPECT_TRUE(says("Protokoll von einer prüfenden Stelle eingesehen")) << said();
}

// The readings are a log like the other: whole, signed, and checked by the same command.
TEST_F(Asked, TheReadingsAreALogThatVerifies) {
  found({});
  EXPECT_EQ(call({"verify", path("readings/2026"), "--key", path("readings/2026.vkey")}), 0) << said();
  EXPECT_TRUE(says("authority.example/audit/2026/readings")) << said();
  EXPECT_EQ(std::filesystem::status(path("readings/2026.key")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Asked, NothingIsShownThatCouldNotBeNoted) {
  file("readings", "in the way");
  EXPECT_EQ(asks({"query", folder(), "--type", "login-refused"}), 73);
  EXPECT_EQ(out_.str(), "");
  std::filesystem::remove(path("readings"));
  found({});
  flip("readings/2026/sequencer/checkpoint");
  EXPECT_NE(asks({"query", folder(), "--type", "login-refused"}), 0);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(Asked, TheReadingsOfAnotherLogAreNotMixedIn) {
  found({});
  std::filesystem::rename(path("readings/2026.key"), path("readings/2026.other"));
  EXPECT_EQ(call({"keygen", "other.example/audit/2026/readings", "--out", path("readings/2026.key")}), 0);
  EXPECT_EQ(asks({"query", folder()}), 65);
  EXPECT_TRUE(says("reading.other-log")) << said();
}

TEST_F(Asked, PrintsCsv) {
  EXPECT_EQ(asks({"query", folder(), "--csv", "--type", "alarm-sent", "--lang", "en"}), 0);
  EXPECT_EQ(out_.str(),
            "\"entry\",\"at\",\"type\",\"record\",\"state\",\"proven\",\"subject\",\"details\",\"rules_entry\"\r\n"
            "\"3\",\"2026-11-24T10:30:00Z\",\"alarm-sent\",\"alarm sent\",\"readable\",\"yes\",\"" +
                kBernd.text() + "\",\"sender: " + kBernd.text() + "; reason: amok; recipients: 7\",\"\"\r\n");
}

TEST(Csv, NoCellIsAFormula) {
  for (const std::string active :
       {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"}) {
    const std::string cell = csv_cell(active);
    EXPECT_EQ(cell, "\"'" + active + "\"") << active;
  }
  EXPECT_EQ(csv_cell("=\"x\",1"), "\"'=\"\"x\"\",1\"") << "quotes and separators end no cell";
  EXPECT_EQ(csv_cell("Datenschutz, 7"), "\"Datenschutz, 7\"");
  EXPECT_EQ(csv_cell(""), "\"\"");
  EXPECT_EQ(csv_line({"a", "b"}), "\"a\",\"b\"\r\n");
}

}  // namespace
}  // namespace audit::tool
