#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

TEST_F(SmallLog, ShowsRecordsInWords) {
  EXPECT_EQ(checked({"show", folder(), "--lang", "de"}), 0);
  EXPECT_TRUE(says("Anmeldung abgelehnt  Person: aa000000000000000000000000000000; Grund: falscher zweiter Faktor"))
      << said();
  EXPECT_TRUE(says("Datensatz gelöscht")) << said();
  EXPECT_TRUE(says("belegt")) << said();
  call({"show", "--json", folder()});
  const auto all = json().as_array();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at("state").as_string(), "erased");
  EXPECT_EQ(all[1].at("fields").at("reason").as_string(), "wrong-second-factor");
  EXPECT_EQ(all[1].at("at").as_string(), "2026-11-23T09:00:00Z");
}

TEST_F(SmallLog, ShowsAPart) {
  const auto shown = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"show", folder(), "--json"});
    EXPECT_EQ(call(arguments), 0) << said();
    return json().as_array().size();
  };
  EXPECT_EQ(shown({"--type", "login-refused"}), 1U);
  EXPECT_EQ(shown({"--from", "1", "--count", "1"}), 1U);
  EXPECT_EQ(shown({"--from", "9"}), 0U);
  EXPECT_EQ(call({"show", "--type", "nonsense", folder()}), 2);
}

TEST_F(SmallLog, SaysWhatCannotBeOpened) {
  flip("2026/side/keys/000");
  EXPECT_EQ(call({"show", folder(), "--lang", "de"}), 65);
  EXPECT_TRUE(says("(Der Datensatz lässt sich nicht öffnen [event.ciphertext])")) << said();
}

}  // namespace
}  // namespace audit::tool
