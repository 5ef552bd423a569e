#include <map>

#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

TEST_F(SmallLog, ShowsRecordsInWords) {
  EXPECT_EQ(asks({"show", folder(), "--lang", "de"}), 0);
  EXPECT_TRUE(says("Anmeldung abgelehnt  Person: aa000000000000000000000000000000; Grund: falscher zweiter Faktor"))
      << said();
  EXPECT_TRUE(says("Datensatz gelöscht")) << said();
  EXPECT_TRUE(says("belegt")) << said();
  reads({"show", "--json", folder()});
  const auto all = json().as_array();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at("state").as_string(), "erased");
  EXPECT_EQ(all[1].at("fields").at("reason").as_string(), "wrong-second-factor");
  EXPECT_EQ(all[1].at("at").as_string(), "2026-11-23T09:00:00Z");
}

TEST_F(SmallLog, ShowsAPart) {
  const auto shown = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"show", folder(), "--json"});
    EXPECT_EQ(reads(arguments), 0) << said();
    return json().as_array().size();
  };
  EXPECT_EQ(shown({"--type", "login-refused"}), 1U);
  EXPECT_EQ(shown({"--from", "1", "--count", "1"}), 1U);
  EXPECT_EQ(shown({"--from", "9"}), 0U);
  EXPECT_EQ(shown({"--type", "login-refused", "--type", "service-stopped"}), 2U);
  EXPECT_EQ(reads({"show", "--type", "nonsense", folder()}), 2);
}

TEST_F(SmallLog, SaysWhatCannotBeOpened) {
  flip("2026/side/keys/000");
  EXPECT_EQ(reads({"show", folder(), "--lang", "de"}), 65);
  EXPECT_TRUE(says("(Der Datensatz lässt sich nicht öffnen [event.ciphertext])")) << said();
}

// The form in which feierabend-policy replay takes an entry, and the rules under which it was made.
TEST_F(Called, ShowsTheChainOfRules) {
  const event::Digest bundle{{1}}, other{{9}}, roster{{2}}, zones{{3}}, holidays{{4}}, input{{5}};
  {
    const Open open = open_log();
    open.append(event::RulesBundleActivated{bundle, {7}, {}, {}, zones, holidays, roster, {2}});
    open.append(event::RulesBundleActivated{other, {8}, {}, {}, zones, holidays, roster, {2}});
    open.append(event::MessageHeldBy{{event::Pseudonym{{0xAA}}},
                                     event::MessageClass::kUrgent,
                                     event::HeldEffect::kHold,
                                     event::RuleIds::from({event::RuleId::from("rest.daily").value()}).value(),
                                     clock_.now(),
                                     clock_.now(),
                                     bundle,
                                     roster,
                                     zones,
                                     holidays,
                                     input});
    open.append(event::MessageHeldBy{{},
                                     event::MessageClass::kRoutine,
                                     event::HeldEffect::kHold,
                                     {},
                                     {},
                                     {},
                                     input,
                                     roster,
                                     zones,
                                     holidays,
                                     input});
  }
  EXPECT_EQ(asks({"show", folder(), "--type", "message-held-by", "--json"}), 0) << said();
  const auto all = json().as_array();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("rules_entry").to_number<int>(), 0);
  EXPECT_FALSE(all[1].as_object().contains("rules_entry")) << "rules that never came into force";
  const auto& fields = all[0].at("fields").as_object();
  for (const auto& [name, digest] : std::map<std::string, event::Digest>{
           {"bundle", bundle}, {"roster", roster}, {"tzdata", zones}, {"holidays", holidays}, {"input", input}})
    EXPECT_EQ(fields.at(name).as_string(), policy::base::to_hex(digest.bytes)) << name;
  asks({"show", folder(), "--type", "message-held-by", "--lang", "de"});
  EXPECT_TRUE(says("; Regeln in Kraft seit #0")) << said();
}

}  // namespace
}  // namespace audit::tool
