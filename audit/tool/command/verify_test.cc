#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

TEST_F(SmallLog, VerifiesAGoodLog) {
  EXPECT_EQ(checked({"verify", folder(), "--lang", "en"}), 0) << said();
  EXPECT_TRUE(says("Good: authority.example/audit/2026: 3 entries, 2 records read, 1 erased")) << said();
  checked({"verify", folder(), "--lang", "de"});
  EXPECT_TRUE(says("In Ordnung"));
  std::filesystem::copy_file(folder() + "/checkpoint", path("seen"));
  EXPECT_EQ(checked({"verify", folder(), "--since", path("seen")}), 0);
  flip("seen");
  EXPECT_EQ(checked({"verify", folder(), "--since", path("seen")}), 65);
  EXPECT_EQ(call({"verify", folder(), "--key", ""}), 2);
  checked({"verify", "--json", folder()});
  EXPECT_TRUE(json().at("good").as_bool());
  EXPECT_EQ(json().at("size").to_number<int>(), 3);
  EXPECT_EQ(json().at("findings").as_array().size(), 0U);
}

TEST_F(SmallLog, NamesTheEntryThatIsWrong) {
  flip("2026/side/keys/000");
  EXPECT_EQ(checked({"verify", folder(), "--lang", "en"}), 65);
  EXPECT_TRUE(says("WRONG: entry 1: ")) << said();
  checked({"verify", "--json", folder()});
  EXPECT_FALSE(json().at("good").as_bool());
  EXPECT_EQ(json().at("findings").at(0).at("entry").to_number<int>(), 1);
}

TEST_F(SmallLog, FindingsAreGermanThroughout) {
  flip("2026/side/keys/000");
  checked({"verify", folder(), "--lang", "de"});
  EXPECT_TRUE(
      says("FALSCH: Eintrag 1: Ein Datensatz wurde verändert: Schlüssel und Inhalt, die nicht zu diesem Eintrag "
           "gehören; erlaubt: die des Eintrags selbst [event.ciphertext] (side/records/000) [record.altered]"))
      << said();
  file("2026/fremd", "x");
  checked({"verify", folder(), "--lang", "de"});
  EXPECT_TRUE(says("FALSCH: eine Datei, die nicht zu einem Protokoll gehört (fremd)")) << said();
}

}  // namespace
}  // namespace audit::tool
