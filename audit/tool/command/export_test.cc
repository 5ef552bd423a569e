#include "audit/subject/stretch.h"
#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

const event::Pseudonym kAnna{{0xAA}}, kBernd{{0xBB}};

class Exported : public Called {
 protected:
  Exported() {
    {
      const Open open = open_log();
      open.append(event::SessionOpened{{kAnna}, {}});
      open.append(event::SessionOpened{{kBernd}, {}});
      open.append(event::LoginRefused{{kAnna}, event::LoginRefusal::kWrongPassword});
    }
    const auto index = subject::next_index(*store::FolderObjects::open_to_read(folder()).value()).value();
    const Open open = open_log();
    open.append(*index);
    open.append(event::SessionOpened{{kAnna}, {}});
    EXPECT_TRUE(open.log->erase(log::Index{0}));
  }
  int exports(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"export", folder()});
    return asks(arguments);
  }
};

TEST_F(Exported, EverythingOfOnePersonInWords) {
  EXPECT_EQ(exports({"--pseudonym", kAnna.text(), "--lang", "de"}), 0) << said();
  EXPECT_TRUE(says("Auskunft aus dem Protokoll"));
  EXPECT_TRUE(says("Grund: falsches Passwort")) << said();
  EXPECT_TRUE(says("Datensatz gelöscht")) << said();
  EXPECT_TRUE(says("Für die Einträge 0 bis vor 3 ist belegt, dass keiner fehlt")) << said();
  EXPECT_TRUE(says("Für die Einträge 0 bis vor 3 gilt das auch, wo die Person nur gehandelt hat")) << said();
  EXPECT_TRUE(says("Ab Eintrag 3 gibt es noch kein Verzeichnis")) << said();
  EXPECT_TRUE(says("Sicherheit der Verarbeitung")) << said();
  EXPECT_FALSE(says(kBernd.text()));
}

TEST_F(Exported, TheFileIsCheckedWithoutTheLog) {
  EXPECT_EQ(exports({"--pseudonym", kAnna.text(), "--out", path("anna.json"), "--json"}), 0) << said();
  const auto told = json();
  EXPECT_EQ(told.at("entries").as_array().size(), 3U);
  EXPECT_EQ(std::filesystem::status(path("anna.json")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::remove_all(folder());
  EXPECT_EQ(checked({"verify-export", path("anna.json"), "--json"}), 0) << said();
  EXPECT_EQ(json(), told) << "the person reads what the officer read";
  EXPECT_EQ(checked({"verify-export", path("anna.json"), "--html", "--lang", "de"}), 0);
  EXPECT_TRUE(says("<html lang=\"de\">"));
  const std::string whole = read("anna.json");
  std::string left_out = whole;
  left_out.replace(left_out.find("{\"entry\":2,"), 11, "{\"entry\":4,");
  file("altered.json", left_out);
  EXPECT_EQ(checked({"verify-export", path("altered.json")}), 65) << said();
  EXPECT_EQ(checked({"verify-export", file("none.json", "{}")}), 65);
  EXPECT_TRUE(says("access.syntax")) << said();
}

TEST_F(Exported, SaysOfAnEntryThatThePersonOnlyActed) {
  {
    const Open open = open_log();
    open.append(event::DeviceWiped{{kAnna}, {}, kBernd, event::WipeReason::kLost});
  }
  EXPECT_EQ(exports({"--pseudonym", kBernd.text()}), 0) << said();
  EXPECT_TRUE(says("only acted; person: ")) << said();
  EXPECT_EQ(exports({"--pseudonym", kBernd.text(), "--json"}), 0) << said();
  const auto told = json();
  EXPECT_EQ(told.at("acts"), told.at("covered"));
  EXPECT_EQ(told.at("entries").as_array().back().at("actors").as_array().at(0).as_string(), kBernd.text());
}

TEST_F(Exported, TakesPseudonymsFromAFile) {
  file("list", "# of K 11\n2026-10 " + kBernd.text() + "\n\n" + kAnna.text() + " anna\r\n");
  EXPECT_EQ(exports({"--pseudonyms", path("list"), "--json"}), 0) << said();
  EXPECT_EQ(json().at("entries").as_array().size(), 4U);
  EXPECT_EQ(call({"readings", folder(), "--readings", path("readings"), "--json"}), 0);
  EXPECT_EQ(json().as_array().size(), 2U) << "one reading for each pseudonym";
}

TEST_F(Exported, RefusesALineWithoutAPseudonym) {
  file("list", kAnna.text() + "\nanna berger\n");
  EXPECT_EQ(exports({"--pseudonyms", path("list")}), 2);
  EXPECT_TRUE(says("'anna'")) << said();
}

TEST_F(Exported, RefusesWithoutAPseudonymOrWithoutAPurpose) {
  EXPECT_EQ(exports({}), 2);
  EXPECT_EQ(exports({"--pseudonym", "anna"}), 2);
  EXPECT_EQ(checked({"export", folder(), "--pseudonym", kAnna.text()}), 2);
}

TEST_F(Exported, NothingOfALogThatDoesNotProveIt) {
  flip("2026/side/keys/000", 70);  // the key of #2
  EXPECT_EQ(exports({"--pseudonym", kAnna.text(), "--out", path("anna.json")}), 65) << said();
  EXPECT_FALSE(std::filesystem::exists(path("anna.json")));
}

}  // namespace
}  // namespace audit::tool
