#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

event::Pseudonym name(int number) { return event::Pseudonym{{static_cast<std::uint8_t>(number), 7}}; }

class Reported : public Called {
 protected:
  Reported() {
    const Open open = open_log();
    for (int i = 0; i < 8; ++i) open.append(event::LoginRefused{{name(i)}, event::LoginRefusal::kWrongPassword});
    for (int i = 0; i < 2; ++i) open.append(event::DeviceWiped{{name(i)}, {}, {}, event::WipeReason::kStolen});
    for (int i = 0; i < 14; ++i)
      open.append(event::MessageHeld{{name(i)},
                                     event::MessageClass::kRoutine,
                                     event::RuleIds::from({event::RuleId::from("rest.daily").value()}).value(),
                                     clock_.now()});
    clock_.set("2026-12-01T10:00:30Z");
    open.append(event::BucketDestroyed{
        {1795424400}, policy::base::parse_instant("2026-12-01T10:00:00Z").value(), {40}, {2}, {}});
    open.append(event::LogRead{{}, event::ReadPurpose::kIncident});
    EXPECT_TRUE(open.log->erase(log::Index{0}));
  }
  int reports(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"report", folder()});
    return asks(arguments);
  }
  boost::json::object counts(const std::string& kind) {
    const auto all = json();
    for (const auto& one : all.at("counts").as_array())
      if (one.at("kind").as_string() == kind) return one.as_object();
    return {};
  }
};

TEST_F(Reported, TellsNumbersNeverBelowFive) {
  EXPECT_EQ(reports({"--json"}), 0) << said();
  EXPECT_EQ(counts("messages-held").at("reasons").at("total").to_number<int>(), 14);
  EXPECT_EQ(counts("logins-refused").at("reasons").at("total").to_number<int>(), 8);
  EXPECT_TRUE(counts("devices-wiped").at("reasons").at("total").is_null()) << "two";
  EXPECT_TRUE(counts("devices-wiped").at("units").is_null()) << "no list of units";
  EXPECT_EQ(counts("alarms").at("reasons").at("total").to_number<int>(), 0);
  EXPECT_TRUE(json().at("good").as_bool());
}

TEST_F(Reported, CountsEachUnitOfTheList) {
  std::string list = "pseudonym,unit,person\n";
  for (int i = 0; i < 14; ++i) list += name(i).text() + (i < 4 ? ",K 11,p" : ",K 12,p") + std::to_string(i) + "\n";
  file("units.csv", list);
  EXPECT_EQ(reports({"--json", "--units", path("units.csv")}), 0) << said();
  const auto units = counts("messages-held").at("units").as_object();
  EXPECT_EQ(units.at("total").to_number<int>(), 14);
  for (const auto& cell : units.at("cells").as_array())
    EXPECT_TRUE(cell.at("count").is_null()) << "four of one unit would follow from ten of the other";
  file("units.csv", "pseudonym,unit\nanna,K 11\n");
  EXPECT_EQ(reports({"--units", path("units.csv")}), 65);
  EXPECT_TRUE(says("units.csv:2: ")) << said();
}

TEST_F(Reported, TellsTheDeletionCalendar) {
  EXPECT_EQ(reports({"--json"}), 0);
  const auto all = json();
  ASSERT_EQ(all.at("buckets").as_array().size(), 1U);
  const auto& bucket = all.at("buckets").at(0);
  EXPECT_EQ(bucket.at("due").as_string(), "2026-12-01T10:00:00Z");
  EXPECT_EQ(bucket.at("late_s").to_number<int>(), 30);
  EXPECT_EQ(bucket.at("messages").to_number<int>(), 40);
  EXPECT_TRUE(bucket.at("expired_unread").is_null()) << "two";
  clock_.set("2027-06-01T00:00:00Z");
  reports({"--lang", "de"});
  EXPECT_TRUE(says("ÜBERFÄLLIG")) << said();
}

TEST_F(Reported, TellsErasuresAndOpenings) {
  {
    const Open open = open_log();
    open.append(event::ErasureDone{event::ErasureReason::kPerson, {}, {}, {}, {3}, {}});
    open.append(
        event::PseudonymsOpened{event::OpeningParties::kBoth, event::OpeningPurpose::kIncident, {}, {}, {1}, {}});
  }
  EXPECT_EQ(reports({"--json"}), 0) << said();
  const auto all = json();
  ASSERT_EQ(all.at("receipts").as_array().size(), 2U);
  EXPECT_TRUE(all.at("receipts").at(0).at("fields").at("records").is_null()) << "three";
  EXPECT_EQ(all.at("receipts").at(1).at("fields").at("parties").as_string(), "both");
  reports({"--lang", "de"});
  EXPECT_TRUE(says("== Pseudonyme aufgedeckt")) << said();
  EXPECT_TRUE(says("Datenschutz und Personalrat")) << said();
}

TEST_F(Reported, TellsWhoReadTheLog) {
  asks({"show", folder()});
  EXPECT_EQ(reports({"--json", "--lang", "en"}), 0);
  const auto all = json();
  const auto& readings = all.at("readings").as_array();
  ASSERT_EQ(readings.size(), 3U) << said();
  EXPECT_EQ(readings[0].at("noted").as_string(), "gateway");
  EXPECT_EQ(readings[1].at("how").as_string(), "show");
  EXPECT_EQ(readings[2].at("how").as_string(), "report") << "this one, too";
}

TEST_F(Reported, KeepsToWholeMonths) {
  EXPECT_EQ(reports({"--json", "--from", "2026-12"}), 0) << said();
  EXPECT_EQ(json().at("entries").to_number<int>(), 2);
  EXPECT_EQ(reports({"--json", "--to", "2026-11"}), 0);
  EXPECT_EQ(json().at("entries").to_number<int>(), 24);
  EXPECT_EQ(reports({"--from", "2026-11-20"}), 2);
  EXPECT_EQ(reports({"--from", "2026-12", "--to", "2026-11"}), 2);
}

TEST_F(Reported, SaysFirstThatALogIsNotGood) {
  flip("2026/tile/entries/000.p/26", 100);
  EXPECT_EQ(reports({"--lang", "de"}), 65) << said();
}

TEST_F(Reported, PrintsCsvAndAPage) {
  EXPECT_EQ(reports({"--csv", "--lang", "en"}), 0);
  EXPECT_TRUE(says("\"Messages held\",\"by reason or rule\",\"rest.daily\",\"14\"\r\n")) << said();
  EXPECT_EQ(reports({"--html", "--lang", "de"}), 0);
  EXPECT_TRUE(says("<h2>Löschkalender: Nachrichten</h2>")) << said();
}

}  // namespace
}  // namespace audit::tool
