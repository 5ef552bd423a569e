// The contract of audit/log/ports.h, for every backend.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include "audit/store/folder.h"
#include "audit/store/memory.h"
#include "audit/store/sqlite/sqlite.h"

namespace audit::store {
namespace {

using log::Bytes;
using log::Object;

struct Backend {
  virtual ~Backend() = default;
  virtual log::Objects& objects() = 0;
  virtual log::LockedCheckpoint& lock() = 0;
  virtual void reopen() {}
};

struct MemoryBackend final : Backend {
  MemoryObjects objects_;
  MemoryLock lock_;
  log::Objects& objects() override { return objects_; }
  log::LockedCheckpoint& lock() override { return lock_; }
};

struct FolderBackend final : Backend {
  std::string folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "audit-store-XXXXXX").string();
    return std::string(::mkdtemp(name.data()));
  }();
  std::unique_ptr<FolderLock> lock_ = FolderLock::open(folder).value();
  std::unique_ptr<FolderObjects> objects_ = FolderObjects::open(folder).value();
  ~FolderBackend() override { std::filesystem::remove_all(folder); }
  log::Objects& objects() override { return *objects_; }
  log::LockedCheckpoint& lock() override { return *lock_; }
  void reopen() override {
    lock_.reset();
    lock_ = FolderLock::open(folder).value();
    objects_ = FolderObjects::open(folder).value();
  }
};

struct SqliteBackend final : Backend {
  std::string folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "audit-sqlite-XXXXXX").string();
    return std::string(::mkdtemp(name.data()));
  }();
  std::unique_ptr<SqliteLock> lock_ = SqliteLock::open(folder).value();
  std::unique_ptr<SqliteObjects> objects_ = SqliteObjects::open(folder).value();
  ~SqliteBackend() override { std::filesystem::remove_all(folder); }
  log::Objects& objects() override { return *objects_; }
  log::LockedCheckpoint& lock() override { return *lock_; }
  void reopen() override {
    lock_.reset(), objects_.reset();
    lock_ = SqliteLock::open(folder).value();
    objects_ = SqliteObjects::open(folder).value();
  }
};

class Contract : public testing::TestWithParam<std::function<std::unique_ptr<Backend>()>> {
 protected:
  std::unique_ptr<Backend> backend_ = GetParam()();
};

TEST_P(Contract, PutsGetsAndReplaces) {
  auto& objects = backend_->objects();
  EXPECT_EQ(objects.get("tile/0/000.p/1").value(), std::nullopt);
  const std::vector<Object> some{
      {"tile/0/000.p/1", {1, 2}}, {"tile/entries/x001/000", {}}, {"checkpoint", Bytes(100000, 7)}};
  ASSERT_TRUE(objects.put_all(some));
  ASSERT_TRUE(objects.put_all(some));
  backend_->reopen();
  for (const Object& object : some) EXPECT_EQ(backend_->objects().get(object.path).value(), object.bytes);
  const Object shorter{"checkpoint", {9}};
  ASSERT_TRUE(backend_->objects().put_all(std::span(&shorter, 1)));
  EXPECT_EQ(backend_->objects().get("checkpoint").value(), Bytes{9});
}

TEST_P(Contract, ListsByPrefixInOrder) {
  auto& objects = backend_->objects();
  EXPECT_TRUE(objects.list("tile/").value().empty());
  ASSERT_TRUE(objects.put_all(std::vector<Object>{
      {"tile/0/001", {1}}, {"tile/0/000.p/2", {1}}, {"tile/0/000.p/10", {1}}, {"side/keys/000", {1}}}));
  EXPECT_EQ(objects.list("tile/0/000.p/").value(), (std::vector<std::string>{"tile/0/000.p/10", "tile/0/000.p/2"}));
  EXPECT_EQ(objects.list("tile/0/00").value().size(), 3U);
  EXPECT_EQ(objects.list("").value().size(), 4U);
}

TEST_P(Contract, RemovesWhatIsThereAndWhatIsNot) {
  auto& objects = backend_->objects();
  ASSERT_TRUE(objects.put_all(std::vector<Object>{{"tile/0/000.p/1", {1}}, {"tile/0/000.p/2", {1}}}));
  const std::vector<std::string> paths{"tile/0/000.p/1", "tile/0/000.p/3"};
  EXPECT_TRUE(objects.remove(paths));
  EXPECT_TRUE(objects.remove(paths));
  EXPECT_EQ(objects.list("").value(), std::vector<std::string>{"tile/0/000.p/2"});
}

TEST_P(Contract, ZeroesInPlace) {
  auto& objects = backend_->objects();
  ASSERT_TRUE(objects.put_all(std::vector<Object>{{"side/keys/000", {1, 2, 3, 4, 5}}}));
  EXPECT_TRUE(objects.zero("side/keys/000", 1, 3));
  EXPECT_EQ(objects.get("side/keys/000").value(), (Bytes{1, 0, 0, 0, 5}));
  EXPECT_FALSE(objects.zero("side/keys/000", 3, 3));
  EXPECT_FALSE(objects.zero("side/keys/001", 0, 1));
  EXPECT_EQ(objects.get("side/keys/000").value(), (Bytes{1, 0, 0, 0, 5}));
}

TEST_P(Contract, ZeroesManyStretchesOfFewAndOfManyObjects) {
  auto& objects = backend_->objects();
  std::vector<Object> some;
  std::vector<log::Stretch> stretches;
  for (int i = 0; i < 9; ++i) {
    const std::string path = "side/keys/00" + std::to_string(i);
    some.push_back({path, {1, 2, 3, 4, 5, 6}});
    stretches.push_back({path, 0, 1});
    stretches.push_back({path, 3, 2});
  }
  ASSERT_TRUE(objects.put_all(some));
  EXPECT_TRUE(objects.zero_all(std::span(stretches).first(2)));
  EXPECT_EQ(objects.get("side/keys/000").value(), (Bytes{0, 2, 3, 0, 0, 6}));
  EXPECT_EQ(objects.get("side/keys/001").value(), (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(objects.zero_all(stretches));
  for (const Object& one : some) EXPECT_EQ(objects.get(one.path).value(), (Bytes{0, 2, 3, 0, 0, 6})) << one.path;
  EXPECT_TRUE(objects.zero_all({}));
  stretches.push_back({"side/keys/009", 0, 1});
  EXPECT_FALSE(objects.zero_all(stretches));
}

TEST_P(Contract, LockComparesAndSwaps) {
  EXPECT_EQ(backend_->lock().load().value(), "");
  EXPECT_EQ(backend_->lock().replace("x", "one").error().code, "store.conflict");
  EXPECT_TRUE(backend_->lock().replace("", "one"));
  EXPECT_EQ(backend_->lock().replace("", "two").error().code, "store.conflict");
  EXPECT_TRUE(backend_->lock().replace("one", "two"));
  backend_->reopen();
  EXPECT_EQ(backend_->lock().load().value(), "two");
}

std::string note_of(std::uint64_t size) { return "o\n" + std::to_string(size) + "\nroot\n"; }

log::Promise promise_of(std::uint64_t size) {
  return {note_of(size), Bytes(static_cast<std::size_t>(size) * 1000, static_cast<std::uint8_t>(size))};
}

TEST_P(Contract, PromisesFollowEachOtherUntilTheyAreSettled) {
  ASSERT_TRUE(backend_->lock().replace("", note_of(0)));
  const auto promise = [&](std::uint64_t from, std::uint64_t to) {
    return backend_->lock().promise(note_of(from), note_of(to), promise_of(to).carried);
  };
  ASSERT_TRUE(promise(0, 1));
  EXPECT_EQ(promise(0, 2).error().code, "store.conflict");
  ASSERT_TRUE(promise(1, 3));
  ASSERT_TRUE(promise(3, 4));
  EXPECT_EQ(backend_->lock().replace(note_of(4), note_of(9)).error().code, "store.conflict") << "three are waiting";
  backend_->reopen();
  EXPECT_EQ(backend_->lock().load().value(), note_of(4));
  EXPECT_EQ(backend_->lock().unsettled().value(),
            (log::Unsettled{note_of(0), {promise_of(1), promise_of(3), promise_of(4)}}));
  EXPECT_EQ(backend_->lock().settle(note_of(2)).error().code, "store.conflict");
  ASSERT_TRUE(backend_->lock().settle(note_of(3)));
  ASSERT_TRUE(backend_->lock().settle(note_of(3))) << "may be repeated";
  EXPECT_EQ(backend_->lock().unsettled().value(), (log::Unsettled{note_of(3), {promise_of(4)}}));
  ASSERT_TRUE(promise(4, 6));
  backend_->reopen();
  EXPECT_EQ(backend_->lock().unsettled().value(), (log::Unsettled{note_of(3), {promise_of(4), promise_of(6)}}));
  ASSERT_TRUE(backend_->lock().settle(note_of(6)));
  backend_->reopen();
  EXPECT_EQ(backend_->lock().unsettled().value(), (log::Unsettled{note_of(6), {}}));
}

TEST_P(Contract, ManyLapsOfPromisesWithSettlingInBetween) {
  ASSERT_TRUE(backend_->lock().replace("", note_of(0)));
  for (std::uint64_t size = 1; size < 60; ++size) {
    ASSERT_TRUE(backend_->lock().promise(note_of(size - 1), note_of(size), promise_of(size).carried));
    if (size % 7 == 0) {
      ASSERT_TRUE(backend_->lock().settle(note_of(size - size % 3)));
    }
    if (size % 11 == 0) backend_->reopen();
    ASSERT_EQ(backend_->lock().load().value(), note_of(size));
  }
  const auto state = backend_->lock().unsettled().value();
  EXPECT_EQ(state.settled, note_of(54));
  ASSERT_EQ(state.promises.size(), 5U);
  EXPECT_EQ(state.promises.back(), promise_of(59));
}

template <typename Some>
std::unique_ptr<Backend> make() {
  return std::make_unique<Some>();
}

constexpr std::array<const char*, 3> kBackends{"Memory", "Folder", "Sqlite"};

INSTANTIATE_TEST_SUITE_P(Backends, Contract,
                         testing::Values(make<MemoryBackend>, make<FolderBackend>, make<SqliteBackend>),
                         [](const auto& chosen) { return kBackends.at(chosen.index); });

// Every file below a folder, as one text.
std::string all_bytes(const std::string& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  return all;
}

// What is overwritten is in no file any more: not in a journal, a WAL, a freed page or a temporary file.
template <typename Some>
void check_nothing_stays() {
  Some backend;
  const std::string secret = "a key that nobody may find again";
  const Bytes key(secret.begin(), secret.end());
  Bytes big(20000, 1);
  std::ranges::copy(key, big.begin() + 9000);
  ASSERT_TRUE(backend.objects().put_all(std::vector<Object>{{"side/keys/000", key}, {"side/records/000", big}}));
  ASSERT_TRUE(backend.lock().replace("", note_of(0)));
  ASSERT_TRUE(backend.lock().promise(note_of(0), note_of(1), big));
  ASSERT_TRUE(all_bytes(backend.folder).contains(secret)) << "or this test shows nothing";
  ASSERT_TRUE(backend.objects().zero("side/keys/000", 0, key.size()));
  ASSERT_TRUE(backend.objects().zero("side/records/000", 9000, key.size()));
  EXPECT_TRUE(all_bytes(backend.folder).contains(secret)) << "in the journal";
  ASSERT_TRUE(backend.lock().settle(note_of(1)));
  EXPECT_FALSE(all_bytes(backend.folder).contains(secret));
}

TEST(Folder, WhatIsOverwrittenIsInNoFile) { check_nothing_stays<FolderBackend>(); }
TEST(Sqlite, WhatIsOverwrittenIsInNoFile) { check_nothing_stays<SqliteBackend>(); }

TEST(Sqlite, ASecondSequencerIsRefusedAndReadersAreNot) {
  SqliteBackend backend;
  ASSERT_TRUE(backend.objects().put_all(std::vector<Object>{{"checkpoint", {1}}}));
  EXPECT_EQ(SqliteLock::open(backend.folder).error().code, "store.locked");
  const auto reader = SqliteObjects::open_to_read(backend.folder).value();
  EXPECT_EQ(reader->get("checkpoint").value(), Bytes{1});
  EXPECT_FALSE(reader->put_all(std::vector<Object>{{"checkpoint", {2}}}));
  EXPECT_EQ(SqliteObjects::open_to_read(backend.folder + "/none").error().code, "store.io");
}

TEST(Folder, ASecondSequencerIsRefused) {
  FolderBackend backend;
  const Object unfinished{"tmp/7", {1}};
  ASSERT_TRUE(backend.objects().put_all(std::span(&unfinished, 1)));
  EXPECT_EQ(FolderLock::open(backend.folder).error().code, "store.locked");
  EXPECT_TRUE(backend.objects().get("tmp/7").value()) << "and it has not touched the writes of the first";
}

TEST(Folder, NothingOutsideIsTouched) {
  FolderBackend backend;
  for (const char* path : {"", "/etc/passwd", "../x", "tile/../../x", "a//b", "a/", ".", "A", "a b"}) {
    const Object object{path, {1}};
    EXPECT_EQ(backend.objects().put_all(std::span(&object, 1)).error().code, "store.path") << path;
    EXPECT_EQ(backend.objects().get(path).error().code, "store.path") << path;
  }
}

TEST(Folder, OnlyTheOwnerReadsAndUnfinishedWritesGo) {
  FolderBackend backend;
  const Object object{"side/keys/000", {1}};
  ASSERT_TRUE(backend.objects().put_all(std::span(&object, 1)));
  struct stat info{};
  ASSERT_EQ(::stat((backend.folder + "/side/keys/000").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat((backend.folder + "/side").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  const Object unfinished{"tmp/7", {1}};
  ASSERT_TRUE(backend.objects().put_all(std::span(&unfinished, 1)));
  backend.reopen();
  EXPECT_EQ(backend.objects().list("").value(), std::vector<std::string>{"side/keys/000"});
  EXPECT_EQ(FolderObjects::open_to_read(backend.folder + "/none").error().code, "store.io");
}

}  // namespace
}  // namespace audit::store
