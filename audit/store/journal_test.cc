// The journal of the folder backend: what a torn, rotten or half overwritten file is read as.
#include "audit/store/journal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "audit/log/layout.h"
#include "audit/store/folder.h"

namespace audit::store {
namespace {

using log::Bytes;

std::string note_of(std::uint64_t size) { return "o\n" + std::to_string(size) + "\nroot\n"; }
Bytes carried_by(std::uint64_t size) { return Bytes(5000, static_cast<std::uint8_t>(size)); }

struct Folder {
  std::string path = [] {
    std::string name = (std::filesystem::temp_directory_path() / "audit-journal-XXXXXX").string();
    return std::string(::mkdtemp(name.data()));
  }();
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(int number) const { return path + "/" + std::string(log::kJournalPrefix) + std::to_string(number); }
  Bytes read(int number) const {
    std::ifstream in(file(number), std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
  }
  void change(int number, std::size_t offset, Bytes bytes) const {
    std::fstream out(file(number), std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(offset));
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  // A log of `size` promises; nothing is settled.
  void promise_until(std::uint64_t size) const {
    const auto lock = FolderLock::open(path).value();
    ASSERT_TRUE(lock->replace("", note_of(0)));
    for (std::uint64_t next = 1; next <= size; ++next)
      ASSERT_TRUE(lock->promise(note_of(next - 1), note_of(next), carried_by(next)));
  }
};

constexpr std::size_t kRecordSize = 2 * kJournalBlockSize;  // of carried_by

TEST(Journal, RecordsAreReadBackAndNoChangedOneIs) {
  const Bytes record = encode_record(hash_of_note("before"), "note", {{1, 2, 3}});
  ASSERT_EQ(record.size(), kJournalBlockSize);
  const auto read = scan_journal(record);
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].promise, (log::Promise{"note", {1, 2, 3}}));
  EXPECT_EQ(read[0].previous, hash_of_note("before"));
  const std::size_t used = 22 + 32 + 32 + 4 + 4 + 4 + 3;
  for (std::size_t at = 0; at < used; ++at) {
    Bytes changed = record;
    changed[at] ^= 1;
    EXPECT_TRUE(scan_journal(changed).empty()) << at;
    EXPECT_TRUE(scan_journal(policy::base::ByteView(record).first(at)).empty()) << at;
  }
}

TEST(Journal, ATornLastRecordWasNeverPromised) {
  for (const std::size_t block : {0U, 1U}) {
    const Folder folder;
    folder.promise_until(3);
    folder.change(0, 2 * kRecordSize + block * kJournalBlockSize, Bytes(kJournalBlockSize));
    const auto lock = FolderLock::open(folder.path).value();
    EXPECT_EQ(lock->load().value(), note_of(2));
    ASSERT_TRUE(lock->promise(note_of(2), note_of(7), carried_by(7)));
    ASSERT_TRUE(lock->settle(note_of(7)));
    for (const int number : {0, 1})
      EXPECT_TRUE(std::ranges::all_of(folder.read(number), [](auto b) { return b == 0; }));
  }
}

TEST(Journal, APromiseThatIsGoneFromTheMiddleIsNamed) {
  const Folder folder;
  folder.promise_until(3);
  folder.change(0, kRecordSize + 100, {99});
  EXPECT_EQ(FolderLock::open(folder.path).value()->load().error().code, "store.journal");
}

TEST(Journal, TwoPromisesAfterTheSameCheckpointAreNamed) {
  const Folder folder;
  folder.promise_until(2);
  folder.change(1, 0, encode_record(hash_of_note(note_of(1)), note_of(5), {}));
  EXPECT_EQ(FolderLock::open(folder.path).value()->load().error().code, "store.journal");
}

TEST(Journal, WhatWasSettledMayBeHalfOverwritten) {
  for (const std::size_t gone : {0U, 1U, 2U, 3U}) {
    const Folder folder;
    folder.promise_until(3);
    const Bytes before = folder.read(0);
    {
      const auto lock = FolderLock::open(folder.path).value();
      ASSERT_TRUE(lock->settle(note_of(2)));
    }
    folder.change(0, gone * kJournalBlockSize,
                  {before.begin() + static_cast<std::ptrdiff_t>(gone * kJournalBlockSize),
                   before.begin() + static_cast<std::ptrdiff_t>((gone + 1) * kJournalBlockSize)});
    const auto lock = FolderLock::open(folder.path).value();
    EXPECT_EQ(lock->load().value(), note_of(3)) << gone;
    ASSERT_TRUE(lock->settle(note_of(3)));
    EXPECT_TRUE(std::ranges::all_of(folder.read(0), [](auto b) { return b == 0; })) << gone;
  }
}

TEST(Journal, AFolderWithoutItsCheckpointIsRefused) {
  const Folder folder;
  folder.promise_until(1);
  std::filesystem::remove(folder.path + "/sequencer/checkpoint");
  EXPECT_EQ(FolderLock::open(folder.path).value()->load().error().code, "store.journal");
}

TEST(Journal, GrowsAndIsFullAtLast) {
  const Folder folder;
  const auto lock = FolderLock::open(folder.path).value();
  ASSERT_TRUE(lock->replace("", note_of(0)));
  const Bytes carried(10 * 1024 * 1024, 1);
  std::uint64_t size = 0;
  log::Status last;
  while ((last = lock->promise(note_of(size), note_of(size + 1), carried))) ++size;
  EXPECT_EQ(last.error().code, "store.full");
  EXPECT_EQ(size, 6U);
  EXPECT_EQ(lock->load().value(), note_of(6)) << "the refused one is certainly not there";
  ASSERT_TRUE(lock->settle(note_of(6)));
  EXPECT_TRUE(lock->promise(note_of(6), note_of(7), carried));
}

}  // namespace
}  // namespace audit::store
