#include "audit/verify/verify.h"

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

TEST_F(SmallLog, SaysWhatWasCheckedAndWhatToDo) {
  checked({"verify", folder(), "--lang", "de"});
  EXPECT_TRUE(says("jeder lesbare Datensatz gegen seinen Eintrag")) << said();
  checked({"verify", folder(), "--public", "--lang", "en"});
  EXPECT_TRUE(says("0 records read")) << said();
  EXPECT_TRUE(says("Not checked: the records.")) << said();
  flip("2026/side/keys/000");
  EXPECT_EQ(checked({"verify", folder(), "--public"}), 0);
  checked({"verify", folder(), "--lang", "en"});
  EXPECT_TRUE(says("What to do: [record.altered]: keep this folder as it is and ask for a backup")) << said();
  checked({"verify", folder(), "--lang", "de"});
  EXPECT_TRUE(says("Was zu tun ist: [record.altered]: Lassen Sie diesen Ordner, wie er ist")) << said();
  checked({"verify", "--json", folder()});
  EXPECT_TRUE(json().at("findings").at(0).at("remedy").as_string().starts_with("keep this folder"));
  EXPECT_TRUE(json().at("records_checked").as_bool());
}

// A log over several bundles, so that a walk can begin later.
class LargeLog : public Called {
 protected:
  LargeLog() { grow(600); }
  void grow(int entries) {
    const Open open = open_log();
    for (int i = 1; i < entries; ++i)
      open.log->append_async(event::ServiceStopped{}, [](const log::Result<log::Index>&) {});
    open.append(event::ServiceStopped{});
    EXPECT_TRUE(open.log->settle());
  }
};

TEST_F(LargeLog, ReadsWhatIsNewSinceACheckpointOrAll) {
  std::filesystem::copy_file(folder() + "/checkpoint", path("seen"));
  grow(100);
  EXPECT_EQ(checked({"verify", "--json", folder(), "--since", path("seen")}), 0) << said();
  EXPECT_EQ(json().at("first").to_number<int>(), 512);
  EXPECT_EQ(json().at("entries").to_number<int>(), 188);
  EXPECT_EQ(checked({"verify", "--json", folder(), "--since", path("seen"), "--all"}), 0);
  EXPECT_EQ(json().at("entries").to_number<int>(), 700);
  checked({"verify", folder(), "--since", path("seen"), "--lang", "en"});
  EXPECT_TRUE(says("Checked from entry 512 on")) << said();
  EXPECT_EQ(checked({"verify", folder(), "--all"}), 2) << "only with --since";
}

TEST_F(LargeLog, GoesOnFromAPositionAndRefusesAWrongOne) {
  verify::Options options;
  std::string position;
  options.save_every = 1;
  options.save = [&](const verify::Position& at) { position = verify::format_position(at); };
  const auto objects = store::FolderObjects::open_to_read(folder()).value();
  ASSERT_TRUE(verify::verify(*objects, checkpoint::VerifierKey::parse(verifier_).value(), options)->good());
  ASSERT_TRUE(position.contains("\nentries 512\n")) << position;
  const std::string at = file("position", position);
  EXPECT_EQ(checked({"verify", "--json", folder(), "--resume", at}), 0) << said();
  EXPECT_EQ(json().at("entries").to_number<int>(), 600);
  EXPECT_FALSE(std::filesystem::exists(at)) << "done";
  EXPECT_EQ(checked({"verify", folder(), "--resume", at}), 0) << "there is none: from the beginning";
  file("position", position);
  flip("position", static_cast<std::streamoff>(position.find("erased 0\n") + 9));  // the first hash
  EXPECT_EQ(checked({"verify", folder(), "--resume", at, "--lang", "de"}), 65);
  EXPECT_TRUE(says("Entfernen Sie die Datei, dann prüfen Sie von vorn.")) << said();
  file("position", "nothing");
  EXPECT_EQ(checked({"verify", folder(), "--resume", at}), 65);
  EXPECT_TRUE(says("[position.syntax]")) << said();
}

TEST_F(LargeLog, AsManyReadersAsAskedGiveTheSameAnswer) {
  checked({"verify", "--json", folder(), "--threads", "1"});
  const std::string one = out_.str();
  for (const char* threads : {"2", "3", "16"}) {
    checked({"verify", "--json", folder(), "--threads", threads});
    EXPECT_EQ(out_.str(), one);
  }
  flip("2026/tile/entries/001", 8);
  checked({"verify", "--json", folder(), "--threads", "1"});
  const std::string wrong = out_.str();
  EXPECT_NE(wrong, one);
  checked({"verify", "--json", folder(), "--threads", "3"});
  EXPECT_EQ(out_.str(), wrong);
}

TEST_F(LargeLog, IsPrunedWhenItsDeadlinesHavePassed) {
  const std::vector<std::string> prune{"prune", folder(), "--signing-key", path("key"), "--lang", "en"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), prune.begin(), prune.end());
    return call(more);
  };
  EXPECT_EQ(with({}), 0) << said();
  EXPECT_TRUE(says("Nothing to prune")) << said();
  EXPECT_EQ(with({"--before", "512"}), 65);
  EXPECT_TRUE(says("[prune.early]")) << said();
  clock_.set("2029-01-02T00:00:00Z");
  EXPECT_EQ(with({"--dry-run"}), 0);
  EXPECT_TRUE(says("Entries 0 to before 512 would go, in 8 files.")) << said();
  EXPECT_TRUE(std::filesystem::exists(folder() + "/tile/entries/000"));
  EXPECT_EQ(with({}), 0) << said();
  EXPECT_FALSE(std::filesystem::exists(folder() + "/tile/entries/000"));
  EXPECT_EQ(checked({"verify", folder(), "--lang", "de"}), 0) << said();
  EXPECT_TRUE(says("Einträge vor Nummer 512 wurden nach Ablauf ihrer Fristen entfernt.")) << said();
  grow(10);
  EXPECT_EQ(checked({"verify", "--json", folder()}), 0) << said();
  EXPECT_EQ(json().at("minimum").to_number<int>(), 512);

  // Who asks for an entry that is gone is told when and by which statement.
  EXPECT_EQ(checked({"proof", folder(), "12"}), 66);
  EXPECT_EQ(said(),
            "feierabend-audit: minimum-index: entry 12 was pruned at 2029-01-02T00:00:00Z; allowed: "
            "entries from 512; the minimum index that says so is signed by the log; nothing can bring the entry back "
            "[log.pruned]\n");
  EXPECT_EQ(call({"proof", folder(), "12", "--lang", "de"}), 66);
  EXPECT_TRUE(says("Eintrag 12 wurde am 2029-01-02T00:00:00Z entfernt")) << said();
  EXPECT_TRUE(says("damit die Unterschrift des Mindestindex geprüft wird")) << said();
  EXPECT_EQ(checked({"proof", folder(), "512"}), 0) << said();
  EXPECT_EQ(asks({"show", folder(), "--from", "12", "--count", "1", "--json"}), 66);
  EXPECT_EQ(json().at("error").at("code").as_string(), "log.pruned");
  EXPECT_EQ(asks({"show", folder(), "--count", "1"}), 0) << said();
  EXPECT_EQ(err_.str().substr(err_.str().find('\n') + 1),
            "Entries before number 512 were pruned at 2029-01-02T00:00:00Z; so says the minimum index, "
            "signed by authority.example/audit/2026.\n");
  EXPECT_EQ(reads({"show", folder(), "--count", "1", "--lang", "de"}), 0) << said();
  EXPECT_TRUE(says("Unterschrift nicht geprüft")) << said();
  flip("2026/minimum-index", 100);
  EXPECT_EQ(checked({"proof", folder(), "12"}), 65) << said();
  flip("2026/minimum-index", 100);
  const Open running = open_log();
  EXPECT_EQ(with({}), 65);
  EXPECT_TRUE(says("[store.locked]")) << said();
}

TEST_F(SmallLog, FindsAnIndexThatLeavesSomebodyOut) {
  open_log().append(event::SubjectsIndexed{{0}, {3}, {}});
  EXPECT_EQ(checked({"verify", folder(), "--lang", "de"}), 65);
  EXPECT_TRUE(says("FALSCH: Eintrag 3: das Verzeichnis ist nicht das der Einträge davor [index.altered]")) << said();
}

}  // namespace
}  // namespace audit::tool
