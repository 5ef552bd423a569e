#include "audit/log/erasing.h"
#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

class Erase : public Called {
 protected:
  Erase() {
    const Open open = open_log();
    for (std::uint8_t i = 0; i < 4; ++i)
      open.append(event::LoginRefused{{event::Pseudonym{{i}}}, event::LoginRefusal::kWrongPassword});
  }
  std::string readable() const {
    const auto objects = store::FolderObjects::open_to_read(folder()).value();
    return log::unerased_entries(*objects, 0).value().to_string().substr(252);
  }
};

TEST_F(Erase, WhatIsDueGoesWithAReceipt) {
  EXPECT_EQ(call({"erase", folder(), "--due", "--signing-key", path("key")}), 0) << said();
  EXPECT_EQ(said(), "0 records erased\n");
  clock_.set("2027-02-23T10:00:00Z");
  EXPECT_EQ(call({"erase", folder(), "--due", "--signing-key", path("key")}, "de_DE.UTF-8"), 0) << said();
  EXPECT_EQ(said(), "4 Datensätze gelöscht\n");
  EXPECT_EQ(readable(), "0000");
  EXPECT_EQ(asks({"show", folder(), "--type", "erasure-done"}), 0);
  EXPECT_TRUE(says("three-months")) << said();
  EXPECT_EQ(checked({"verify", folder()}), 0) << said();
}

TEST_F(Erase, APersonsEntriesAndAPeriod) {
  const auto people = file("people", event::Pseudonym{{1}}.text() + " anna\n\n" + event::Pseudonym{{3}}.text() + "\n");
  EXPECT_EQ(call({"erase", folder(), "--people", people, "--signing-key", path("key"), "--json"}), 0) << said();
  EXPECT_EQ(json().at("records").as_int64(), 2);
  EXPECT_EQ(readable(), "0101");
  EXPECT_EQ(call({"erase", folder(), "--from", "2026-11-23", "--to", "2026-11-23", "--ground", "test", "--signing-key",
                  path("key"), "--json"}),
            0)
      << said();
  EXPECT_EQ(json().at("records").as_int64(), 3) << "two and the first receipt";
  EXPECT_EQ(checked({"verify", folder()}), 0) << said();
}

TEST_F(Erase, ABackupLosesWhatWasErasedSince) {
  std::filesystem::copy(folder(), path("backup"), std::filesystem::copy_options::recursive);
  const auto people = file("people", event::Pseudonym{{1}}.text() + "\n");
  ASSERT_EQ(call({"erase", folder(), "--people", people, "--signing-key", path("key")}), 0) << said();
  EXPECT_EQ(call({"erase", path("backup"), "--reapply", "--signing-key", path("key")}), 0);
  EXPECT_EQ(said(), "0 records erased\n") << "it has only its own, old list";
  EXPECT_EQ(
      call({"erase", path("backup"), "--reapply", "--signing-key", path("key"), "--ledger", folder() + "/erasures"}), 0)
      << said();
  EXPECT_EQ(said(), "1 records erased\n");
  const auto objects = store::FolderObjects::open_to_read(path("backup")).value();
  EXPECT_EQ(log::unerased_entries(*objects, 0).value().to_string().substr(252), "1101");
  EXPECT_EQ(checked({"verify", path("backup")}), 0) << said();
}

TEST_F(Erase, RefusesWhatIsNotClear) {
  EXPECT_EQ(call({"erase", folder()}), 2);
  EXPECT_EQ(call({"erase", folder(), "--due"}), 2);
  EXPECT_EQ(call({"erase", folder(), "--due", "--reapply", "--signing-key", path("key")}), 2);
  EXPECT_EQ(call({"erase", folder(), "--from", "2026-11-23", "--signing-key", path("key")}), 2);
  EXPECT_EQ(call({"erase", folder(), "--from", "2026-11-31", "--to", "2026-12-01", "--signing-key", path("key")}), 65);
  EXPECT_EQ(call({"erase", path("none"), "--due", "--signing-key", path("key")}), 66);
  EXPECT_EQ(call({"erase", folder(), "--people", file("people", "anna\n"), "--signing-key", path("key")}), 65);
  EXPECT_TRUE(says("line 1")) << said();
  EXPECT_EQ(
      call({"erase", folder(), "--reapply", "--signing-key", path("key"), "--ledger", file("ledger", "nonsense\n")}),
      65);
  const Open open = open_log();
  EXPECT_EQ(call({"erase", folder(), "--due", "--signing-key", path("key"), "--lang", "de"}), 65);
  EXPECT_TRUE(says("store.locked")) << said();
  EXPECT_EQ(readable(), "1111");
}

}  // namespace
}  // namespace audit::tool
