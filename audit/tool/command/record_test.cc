#include "audit/event/record.h"
#include "audit/event/words.h"
#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

TEST_F(Called, TellsWhatALogHoldsWhyForHowLongAndForWhom) {
  EXPECT_EQ(call({"record", "--lang", "de"}), 0);
  for (const char* const heading :
       {"== Zwecke", "== Betroffene Personen", "== Empfänger", "== Drittländer", "== Löschfristen",
        "== Technische und organisatorische Maßnahmen", "== Kategorien personenbezogener Daten"})
    EXPECT_TRUE(says(heading)) << heading;
  call({"record", "--lang", "en"});
  EXPECT_TRUE(says("proof that rest times are kept")) << said();
  call({"record", "--html", "--lang", "de"});
  EXPECT_TRUE(says("<html lang=\"de\">"));
}

TEST_F(Called, NoDeclaredRecordIsMissing) {
  call({"record", "--json"});
  const auto all = json();
  EXPECT_EQ(all.at("records").as_array().size(), event::declarations().size());
  std::size_t kept = 0, with_fields = 0;
  for (const auto& [deadline, ids] : all.at("retention").as_object()) kept += ids.as_array().size();
  for (const auto& declaration : event::declarations()) with_fields += declaration.fields.empty() ? 0U : 1U;
  EXPECT_EQ(kept, with_fields);
  EXPECT_GT(all.at("measures").as_array().size(), 5U);
  EXPECT_GT(all.at("recipients").as_array().size(), 3U);
}

TEST_F(Called, PrintsTheTableOfTheDocuments) {
  call({"record", "--table", "--lang", "de"});
  EXPECT_EQ(said(), event::declaration_table(event::Language::kGerman));
}

}  // namespace
}  // namespace audit::tool
