#include "audit/access/access.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "audit/access/collect.h"
#include "audit/access/file.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/store/memory.h"
#include "audit/subject/check.h"
#include "audit/subject/stretch.h"

namespace audit::access {
namespace {

const pseudonym::Pseudonym kAnna{{0xAA}}, kBernd{{0xBB}}, kClara{{0xCC}}, kNobody{{0x11}};

class FixedClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {1795424400}; }
  std::int64_t now_ms() const override { return 1795424400000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

class Access : public testing::Test {
 protected:
  // #0 … #4, index #5 over [0, 5), #6 … #8, index #9 over [5, 9), #10 that no index covers yet.
  Access() {
    append(event::SessionOpened{{kAnna}, {}});
    append(event::SessionOpened{{kBernd}, {}});
    append(event::SessionOpened{{kAnna}, {}});
    append(event::ServiceStarted{});
    append(event::LoginRefused{{kClara}, event::LoginRefusal::kWrongPassword});
    close_day();
    append(event::DeviceWiped{{kBernd}, {}, kAnna, event::WipeReason::kLost});
    append(event::SessionOpened{{kAnna}, {}});
    append(event::ServiceStopped{});
    close_day();
    append(event::SessionOpened{{kAnna}, {}});
    close();
  }
  void append(event::Record record) {
    if (!log_) log_ = log::Log::open({objects_, lock_, clock_, random_}, key_).value();
    (void)log_->append(std::move(record)).value();
  }
  void close() { log_.reset(); }
  void close_day() {
    close();
    append(*subject::next_index(objects_).value());
  }
  std::string note() const { return std::string(policy::base::as_text(*objects_.get(log::kCheckpointPath).value())); }
  Export of(std::vector<pseudonym::Pseudonym> who) const {
    const auto checkpoint = checkpoint::open_checkpoint(note(), key_.verifier()).value();
    return collect(objects_, note(), checkpoint, std::move(who)).value();
  }
  // The code of the refusal, empty if it passes.
  std::string code(const Export& given) const {
    const auto checked = verify(given, key_.verifier());
    return checked ? "" : checked.error().code;
  }
  std::string altered(const std::function<void(Export&)>& alter) const {
    Export given = of({kAnna});
    alter(given);
    return code(given);
  }

  store::MemoryObjects objects_;
  store::MemoryLock lock_;
  FixedClock clock_;
  policy::base::SystemRandom random_;
  checkpoint::SigningKey key_ = checkpoint::SigningKey::generate("authority.example/audit/2026", random_).value();
  std::unique_ptr<log::Log> log_;
};

std::vector<std::uint64_t> acting(const Checked& checked) {
  std::vector<std::uint64_t> out;
  for (const auto& entry : checked.entries)
    if (entry.only_acted) out.push_back(entry.index);
  return out;
}

std::vector<std::uint64_t> numbers(const Checked& checked) {
  std::vector<std::uint64_t> out;
  for (const auto& entry : checked.entries) out.push_back(entry.index);
  return out;
}

TEST_F(Access, EverythingOfOnePersonAndNothingElse) {
  const auto anna = verify(of({kAnna}), key_.verifier());
  ASSERT_TRUE(anna) << policy::base::to_string(anna.error());
  EXPECT_EQ(numbers(*anna), (std::vector<std::uint64_t>{0, 2, 6, 7, 10})) << "#6: whom she wiped";
  EXPECT_EQ(acting(*anna), (std::vector<std::uint64_t>{6}));
  EXPECT_EQ(anna->covered, (subject::Stretch{0, 9}));
  EXPECT_EQ(anna->acts, (subject::Stretch{0, 9}));
  EXPECT_EQ(numbers(verify(of({kClara}), key_.verifier()).value()), (std::vector<std::uint64_t>{4}));
  EXPECT_EQ(numbers(verify(of({kClara, kBernd}), key_.verifier()).value()), (std::vector<std::uint64_t>{1, 4, 6}));
  EXPECT_TRUE(verify(of({kNobody}), key_.verifier())->entries.empty());
}

TEST_F(Access, ErasedRecordsAreListedAsErased) {
  append(event::ServiceStarted{});
  ASSERT_TRUE(log_->erase(log::Index{2}));
  close();
  const auto anna = verify(of({kAnna}), key_.verifier()).value();
  EXPECT_EQ(numbers(anna), (std::vector<std::uint64_t>{0, 2, 6, 7, 10}));
  EXPECT_FALSE(anna.entries[1].event);
}

TEST_F(Access, AnEntryLeftOutIsFound) {
  EXPECT_EQ(altered([](Export&) {}), "");
  EXPECT_EQ(altered([](Export& e) { e.entries.erase(e.entries.begin()); }), "access.incomplete");
  EXPECT_EQ(altered([](Export& e) { e.entries.erase(e.entries.begin() + 3); }), "access.incomplete");
  EXPECT_EQ(altered([](Export& e) { e.indexes[0].subjects[0].entries.pop_back(); }), "proof.root");
  EXPECT_EQ(altered([](Export& e) { e.indexes.erase(e.indexes.begin() + 1); }), "") << "then the rest is not covered";
  EXPECT_EQ(altered([](Export& e) {
              e.entries.erase(e.entries.begin());
              e.indexes.erase(e.indexes.begin());
            }),
            "")
      << "nor what was before the first index that is given";
  EXPECT_EQ(altered([&](Export& e) { e.indexes[0].subjects[0] = of({kNobody}).indexes[0].subjects[0]; }),
            "subject.range");
}

TEST_F(Access, AnEntryInWhichSomebodyOnlyActedCannotBeLeftOut) {
  EXPECT_EQ(altered([](Export& e) { e.entries.erase(e.entries.begin() + 2); }), "access.incomplete");
  EXPECT_EQ(altered([](Export& e) {
              e.entries.erase(e.entries.begin() + 2);
              auto& listed = e.indexes[1].subjects[0].entries;
              listed.erase(listed.begin());
            }),
            "proof.root");
  EXPECT_EQ(altered([](Export& e) { e.indexes[1].subjects[0].acts.reset(); }), "subject.digest");
  EXPECT_EQ(altered([](Export& e) { e.indexes[1].subjects[0].acts = 7; }), "subject.digest");
  EXPECT_EQ(altered([](Export& e) { e.indexes[1].subjects[0].acts = 4; }), "subject.range");
  EXPECT_EQ(altered([](Export& e) { e.indexes[1].subjects[0].acts = 10; }), "subject.range");
}

// The act stands in the leaf: the person is told of it although the record is gone.
TEST_F(Access, AnErasedActIsListedToo) {
  append(event::ServiceStarted{});
  ASSERT_TRUE(log_->erase(log::Index{6}));
  close();
  const Export given = of({kAnna});
  const auto anna = verify(given, key_.verifier()).value();
  EXPECT_EQ(acting(anna), (std::vector<std::uint64_t>{6}));
  EXPECT_FALSE(anna.entries[2].event);
  EXPECT_EQ(altered([](Export& e) { e.entries.erase(e.entries.begin() + 2); }), "access.incomplete");
}

TEST_F(Access, WhoWipesTheirOwnDeviceIsListedOnce) {
  append(event::DeviceWiped{{kClara}, {}, kClara, event::WipeReason::kLost});
  append(event::OverrideGranted{{}, kClara, {}, {}, {}, {}});
  close_day();
  close();
  const Export given = of({kClara});
  const auto clara = verify(given, key_.verifier()).value();
  EXPECT_EQ(numbers(clara), (std::vector<std::uint64_t>{4, 11, 12}));
  EXPECT_EQ(acting(clara), (std::vector<std::uint64_t>{12}));
  EXPECT_EQ(given.indexes[2].subjects[0].entries.size(), 2U);
}

TEST_F(Access, AnAlteredEntryIsFound) {
  EXPECT_EQ(altered([](Export& e) { e.entries[0].leaf.back() ^= 1; }), "proof.root");
  EXPECT_EQ(altered([](Export& e) { e.entries[0].index = 1; }), "proof.root");
  EXPECT_EQ(altered([](Export& e) { e.entries[0].ciphertext.back() ^= 1; }), "event.ciphertext");
  EXPECT_EQ(altered([](Export& e) { e.entries.insert(e.entries.begin(), e.entries[0]); }), "access.entry");
  EXPECT_EQ(altered([&](Export& e) { e.entries.insert(e.entries.begin() + 1, of({kBernd}).entries[0]); }),
            "access.entry");
  EXPECT_EQ(altered([](Export& e) { e.pseudonyms = {kBernd}; }), "access.entry");
  EXPECT_EQ(altered([](Export& e) { std::swap(e.indexes[0], e.indexes[1]); }), "access.index");
  EXPECT_EQ(altered([](Export& e) { e.indexes[0].subjects.clear(); }), "access.index");
  EXPECT_EQ(altered([](Export& e) { e.indexes[0].record = e.entries[0]; }), "access.index");
  EXPECT_EQ(altered([](Export& e) { e.indexes[0].subjects[0].stretch.end = 4; }), "access.index");
  EXPECT_EQ(altered([](Export& e) {
              auto& c = e.checkpoint[e.checkpoint.size() - 6];
              c = c == 'A' ? 'B' : 'A';
            }),
            "note.signature");
}

// Whoever keeps the log cannot leave somebody out of an index: the officer's program makes it anew.
TEST_F(Access, AnIndexThatLeavesSomebodyOutIsFound) {
  append(event::SessionOpened{{kBernd}, {}});
  append(event::SubjectsIndexed{{9}, {12}, subject::Index({9, 12}, {}).digest()});
  close();
  const auto checkpoint = checkpoint::open_checkpoint(note(), key_.verifier()).value();
  EXPECT_EQ(collect(objects_, note(), checkpoint, {kClara}).error().code, "access.index");
}

// A log as the program wrote it before leaves named who acted: the entries #0 … #10 of above, #11 that Bernd
// granted an override to Clara, #12 that Clara wiped a device of her own.
class LogOfBefore : public Access {
 protected:
  LogOfBefore() {
    objects_.contents().clear();
    std::ifstream in("audit/access/testing/log_without_actors.txt");
    for (std::string path, hex; in >> path >> hex;) objects_.contents()[path] = policy::base::from_hex(hex).value();
    (void)before_lock_.replace("", note());
    key_ = checkpoint::SigningKey::generate("authority.example/audit/2026", counting_).value();
  }
  void append_now(event::Record record) {
    (void)log::Log::open({objects_, before_lock_, clock_, random_}, key_).value()->append(std::move(record)).value();
  }
  Export without(std::vector<pseudonym::Pseudonym> who, std::uint64_t entry) const {
    Export given = of(std::move(who));
    std::erase_if(given.entries, [&](const ProvenEntry& one) { return one.index == entry; });
    return given;
  }

  struct Counting final : policy::base::Random {
    void fill(std::span<std::uint8_t> bytes) override {
      for (auto& byte : bytes) byte = ++last;
    }
    std::uint8_t last = 0;
  };
  Counting counting_;
  store::MemoryLock before_lock_;
};

TEST_F(LogOfBefore, VerifiesAsEver) {
  const auto anna = verify(of({kAnna}), key_.verifier());
  ASSERT_TRUE(anna) << policy::base::to_string(anna.error());
  EXPECT_EQ(numbers(*anna), (std::vector<std::uint64_t>{0, 2, 6, 7, 10}));
  EXPECT_EQ(anna->covered, (subject::Stretch{0, 9}));
  EXPECT_EQ(anna->acts, subject::Stretch{}) << "no index lists who acted";
  EXPECT_EQ(numbers(verify(of({kBernd}), key_.verifier()).value()), (std::vector<std::uint64_t>{1, 6, 11}));
  EXPECT_EQ(code(without({kAnna}, 6)), "") << "the promise of before: found by search, not proven";
  EXPECT_EQ(code(without({kAnna}, 7)), "access.incomplete");
  EXPECT_TRUE(subject::wrong_indexes(objects_, 13)->empty());
  EXPECT_TRUE(format(of({kAnna})).starts_with("{\"format\":\"feierabend-export/1\""));
  EXPECT_EQ(parse(format(of({kAnna}))).value(), of({kAnna}));
}

TEST_F(LogOfBefore, ProvesActsFromTheFirstEntryThatAllOfItsFollowersName) {
  append_now(event::DeviceWiped{{kClara}, {}, kBernd, event::WipeReason::kLost});  // #13
  append_now(*subject::next_index(objects_).value());                              // #14 over [9, 14)
  append_now(event::DeviceWiped{{kAnna}, {}, kBernd, event::WipeReason::kLost});   // #15
  append_now(*subject::next_index(objects_).value());                              // #16 over [14, 16)
  const auto bernd = verify(of({kBernd}), key_.verifier());
  ASSERT_TRUE(bernd) << policy::base::to_string(bernd.error());
  EXPECT_EQ(numbers(*bernd), (std::vector<std::uint64_t>{1, 6, 11, 13, 15}));
  EXPECT_EQ(acting(*bernd), (std::vector<std::uint64_t>{11, 13, 15}));
  EXPECT_EQ(bernd->covered, (subject::Stretch{0, 16}));
  EXPECT_EQ(bernd->acts, (subject::Stretch{13, 16})) << "#12 is the last whose leaf hides who acted";
  EXPECT_EQ(code(without({kBernd}, 11)), "");
  EXPECT_EQ(code(without({kBernd}, 13)), "access.incomplete");
  EXPECT_EQ(code(without({kBernd}, 15)), "access.incomplete");
  EXPECT_TRUE(subject::wrong_indexes(objects_, 17)->empty());
  EXPECT_EQ(parse(format(of({kBernd}))).value(), of({kBernd}));

  // Without the newest index, what it covers is not: an export says so, and says no more.
  Export given = of({kBernd});
  given.indexes.pop_back();
  EXPECT_EQ(verify(given, key_.verifier())->acts, (subject::Stretch{13, 14}));
}

TEST_F(LogOfBefore, AnIndexThatListsSubjectsOnlyAgainIsFoundAndEndsTheProof) {
  append_now(*subject::next_index(objects_).value());                             // #13 over [9, 13)
  append_now(event::DeviceWiped{{kAnna}, {}, kBernd, event::WipeReason::kLost});  // #14
  const auto gathered = subject::gather(objects_, 15, {13, 15}).value();
  append_now(event::SubjectsIndexed{{13}, {15}, subject::Index({13, 15}, gathered.named).digest()});
  EXPECT_EQ(subject::wrong_indexes(objects_, 16).value(),
            (std::vector<subject::WrongIndex>{{15, subject::Fault::kActs}}));
  EXPECT_EQ(verify(of({kBernd}), key_.verifier())->acts, subject::Stretch{});
}

// A log in which leaves of the older version come back, although indexes have listed who acted.
TEST_F(LogOfBefore, LeavesThatHideActorsAgainAreFound) {
  const auto hidden = subject::gather(objects_, 13, {9, 13}).value();
  EXPECT_EQ(hidden.hiding, (std::vector<std::uint64_t>{11, 12}));
  append_now(event::SubjectsIndexed{{9}, {10}, subject::read_index(objects_, 13, {9, 10})->digest()});
  append_now(event::SubjectsIndexed{{10}, {14}, subject::read_index(objects_, 14, {10, 14})->digest()});
  EXPECT_EQ(subject::wrong_indexes(objects_, 15).value(),
            (std::vector<subject::WrongIndex>{{14, subject::Fault::kActs}}));
}

TEST_F(Access, TheFileIsReadAsItWasWritten) {
  const Export given = of({kAnna, kNobody});
  const std::string text = format(given);
  EXPECT_EQ(parse(text).value(), given);
  EXPECT_EQ(format(parse(text).value()), text);
}

TEST_F(Access, EveryChangedByteOfTheFileIsRefusedOrChangesNothing) {
  const std::string text = format(of({kClara}));
  const Export given = parse(text).value();
  for (std::size_t at = 0; at < text.size(); at += 7) {
    std::string bad = text;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    const auto read = parse(bad);
    if (!read || *read == given) continue;
    EXPECT_NE(code(*read), "") << at << ": " << text.substr(at > 20 ? at - 20 : 0, 40);
  }
}

TEST(ExportFile, RefusesWhatIsNoExport) {
  const auto code = [](std::string_view text) {
    const auto read = parse(text);
    return read ? "" : read.error().code + " " + read.error().where;
  };
  EXPECT_EQ(code(""), "access.syntax ");
  EXPECT_EQ(code("[]"), "access.syntax document");
  EXPECT_EQ(code(R"({"format":"feierabend-export/1"})"), "access.syntax document");
  EXPECT_EQ(code(R"({"format":"feierabend-export/2","checkpoint":"","pseudonyms":[],"entries":[],"indexes":[]})"),
            "access.syntax format")
      << "there is nothing in it that the older form does not have";
  EXPECT_EQ(code(R"({"format":"2","checkpoint":"","pseudonyms":[],"entries":[],"indexes":[]})"),
            "access.syntax format");
  EXPECT_EQ(code(R"({"format":"feierabend-export/1","checkpoint":"","pseudonyms":["aa"],"entries":[],"indexes":[]})"),
            "access.syntax pseudonyms");
  EXPECT_EQ(code(R"({"format":"feierabend-export/1","checkpoint":"","pseudonyms":[],"entries":[{}],"indexes":[]})"),
            "access.syntax entry");
  EXPECT_EQ(code(std::string(kExportBytesMax + 1, ' ')), "access.size ");
  EXPECT_EQ(code(std::string(1000, '[')), "access.syntax ");
}

}  // namespace
}  // namespace audit::access
