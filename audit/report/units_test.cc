#include "audit/report/units.h"

#include <gtest/gtest.h>

namespace audit::report {
namespace {

const std::string kAnna = event::Pseudonym{{0xAA}}.text(), kBernd = event::Pseudonym{{0xBB}}.text();

TEST(Units, ReadsUnitsWithAndWithoutPeople) {
  EXPECT_EQ(parse_units("pseudonym,unit\n" + kAnna + ",K 11\r\n\n" + kBernd + ",Wache Süd\n").value(),
            (Units{{event::Pseudonym{{0xAA}}, {"K 11", ""}}, {event::Pseudonym{{0xBB}}, {"Wache Süd", ""}}}));
  EXPECT_EQ(parse_units("pseudonym,unit,person\n" + kAnna + ",K 11,p7")->begin()->second, (Member{"K 11", "p7"}));
  EXPECT_TRUE(parse_units("pseudonym,unit\n")->empty());
}

TEST(Units, NamesTheLineThatIsWrong) {
  const auto where = [](const std::string& text) {
    const auto units = parse_units(text);
    return units ? "" : units.error().where;
  };
  EXPECT_EQ(where(""), "1");
  EXPECT_EQ(where("unit,pseudonym\n"), "1");
  EXPECT_EQ(where("pseudonym,unit\nanna,K 11\n"), "2");
  EXPECT_EQ(where("pseudonym,unit\n" + kAnna + ",K 11\n" + kAnna + ",K 12\n"), "3") << "in two units";
  EXPECT_EQ(where("pseudonym,unit\n" + kAnna + "\n"), "2");
  EXPECT_EQ(where("pseudonym,unit\n" + kAnna + ",\n"), "2");
  EXPECT_EQ(where("pseudonym,unit\n" + kAnna + "," + std::string(65, 'x') + "\n"), "2");
  EXPECT_EQ(where("pseudonym,unit\n" + kAnna + ",a\tb\n"), "2");
  EXPECT_EQ(where("pseudonym,unit\n" + kAnna + ",\"K 11\"\n"), "2");
  EXPECT_EQ(where("pseudonym,unit,person\n" + kAnna + ",K,7,8\n"), "2");
}

}  // namespace
}  // namespace audit::report
