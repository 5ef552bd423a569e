#include "audit/verify/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "audit/event/sealed.h"
#include "audit/log/edge.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/store/memory.h"

namespace audit::verify {
namespace {

using log::Bytes;

class FixedClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {1795424400}; }
  std::int64_t now_ms() const override { return 1795424400000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

event::Record some_record(std::size_t i) {
  if (i % 3 == 0) return event::ServiceStopped{};
  if (i % 3 == 1) return event::LoginRefused{{event::Pseudonym{{1}}}, event::LoginRefusal::kWrongPassword};
  return event::BucketDestroyed{{1}, {2}, {3}, {4}, {}};
}

struct Sample {
  store::MemoryObjects objects;
  store::MemoryLock lock;
  FixedClock clock;
  policy::base::SystemRandom random;
  checkpoint::SigningKey key = checkpoint::SigningKey::generate("authority.example/audit/2026", random).value();

  explicit Sample(std::size_t entries, std::size_t group = 7) {
    auto log = log::Log::open({objects, lock, clock, random}, key).value();
    for (std::size_t i = 0; i < entries; ++i) {
      if (i % group == 0)
        (void)log->append(some_record(i)).value();
      else
        log->append_async(some_record(i), [](const log::Result<log::Index>&) {});
    }
    log->close();
    const std::string note = lock.load().value();
    objects.contents()[std::string(log::kLockedCheckpointPath)] = Bytes(note.begin(), note.end());
  }
  Report report() { return verify(objects, key.verifier()).value(); }
  // Signs what stands there, as an operator who holds the key could.
  void sign_again(const std::vector<Bytes>& leaves) {
    merkle::CompactRange range;
    std::vector<merkle::Hash> hashes;
    Bytes bundle;
    for (const Bytes& leaf : leaves) {
      hashes.push_back(merkle::leaf_hash(leaf));
      range.append(hashes.back());
      merkle::append_entry(bundle, leaf);
    }
    const auto width = static_cast<unsigned>(leaves.size());
    std::erase_if(objects.contents(), [](const auto& o) { return o.first.starts_with("tile/"); });
    objects.contents()[merkle::tile_path({0, 0, width})] = merkle::format_tile(hashes);
    objects.contents()[merkle::tile_path({std::nullopt, 0, width})] = bundle;
    const std::string note = checkpoint::sign_checkpoint({key.verifier().name(), leaves.size(), range.root(), {}}, key);
    for (const auto path : {log::kCheckpointPath, log::kLockedCheckpointPath})
      objects.contents()[std::string(path)] = Bytes(note.begin(), note.end());
  }
  std::vector<Bytes> leaves(unsigned width) {
    return merkle::read_bundle(objects.contents().at(merkle::tile_path({std::nullopt, 0, width})), width).entries;
  }
};

std::set<std::uint64_t> named(const Report& report) {
  std::set<std::uint64_t> entries;
  for (const Finding& finding : report.findings)
    if (finding.severity == Severity::kWrong && finding.entry) entries.insert(*finding.entry);
  return entries;
}

std::string all_of(const Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) text += to_string(finding) + "\n";
  return text;
}

TEST(Verify, AWholeLogIsGood) {
  for (const std::size_t entries : {0U, 1U, 20U, 256U, 257U, 600U}) {
    Sample sample(entries);
    std::uint64_t told = 0;
    const Report report =
        verify(sample.objects, sample.key.verifier(), [&](std::uint64_t done, std::uint64_t) { told = done; }).value();
    EXPECT_TRUE(report.good()) << all_of(report);
    EXPECT_EQ(report.findings.size(), 0U) << all_of(report);
    EXPECT_EQ(report.records_read, entries);
    EXPECT_EQ(told, entries);
  }
}

// Which entry a byte of a file belongs to, computed apart from the auditor.
std::optional<std::uint64_t> owner_of(const std::string& path, const Bytes& bytes, std::size_t at) {
  if (path.starts_with("side/keys/")) return at / 32;
  const auto tile = merkle::parse_tile_path(path);
  if (tile && tile->level) return at / 32;
  if (!tile && !path.starts_with("side/records/")) return {};
  std::size_t entry = 0;
  for (std::size_t begin = 0; begin < bytes.size(); ++entry) {
    begin += 2 + (static_cast<std::size_t>(bytes[begin]) << 8 | bytes[begin + 1]);
    if (at < begin) return entry;
  }
  return {};
}

TEST(Verify, EveryBitOfEveryFileIsFoundAndItsEntryNamed) {
  Sample sample(23);
  std::size_t flips = 0;
  for (auto& [path, bytes] : sample.objects.contents()) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      const auto owner = owner_of(path, bytes, at);
      for (int bit = 0; bit < 8; ++bit, ++flips) {
        bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1 << bit));
        const Report report = sample.report();
        ASSERT_FALSE(report.good()) << path << " byte " << at << " bit " << bit;
        ASSERT_TRUE(!owner || named(report).contains(*owner)) << path << " byte " << at << "\n" << all_of(report);
        bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1 << bit));
      }
    }
  }
  EXPECT_GT(flips, 23U * 8 * 100);  // a hundred bytes an entry and more
  EXPECT_TRUE(sample.report().good());
}

TEST(Verify, BytesOfALogOverSeveralTilesAreFound) {
  Sample sample(600, 100);
  for (auto& [path, bytes] : sample.objects.contents()) {
    for (std::size_t at = 0; at < bytes.size(); at += 211) {
      bytes[at] ^= 0x40;
      ASSERT_FALSE(sample.report().good()) << path << " byte " << at;
      bytes[at] ^= 0x40;
    }
  }
}

TEST(Verify, EachFileThatIsMissingCutOrAddedIsFound) {
  Sample sample(300, 50);
  const auto whole = sample.objects.contents();
  for (const auto& [path, bytes] : whole) {
    const auto tile = merkle::parse_tile_path(path);
    const bool superseded =
        tile && tile->width != merkle::width_of(tile->level.value_or(0), tile->index, 300);  // may be pruned at will
    sample.objects.contents().erase(path);
    EXPECT_EQ(sample.report().good(), superseded || path == log::kLockedCheckpointPath) << "without " << path;
    sample.objects.contents()[path] = Bytes(bytes.begin(), bytes.end() - 1);
    EXPECT_FALSE(sample.report().good()) << "cut " << path;
    sample.objects.contents() = whole;
  }
  sample.objects.contents()["notes.txt"] = {1};
  EXPECT_FALSE(sample.report().good());
}

TEST(Verify, DroppedSwappedAndRepeatedEntriesAreNamed) {
  Sample sample(10);
  const auto whole = sample.objects.contents();
  const auto leaves = sample.leaves(10);
  const auto with = [&](const std::vector<Bytes>& changed) {
    Bytes bundle;
    for (const Bytes& leaf : changed) merkle::append_entry(bundle, leaf);
    sample.objects.contents() = whole;
    sample.objects.contents()[merkle::tile_path({std::nullopt, 0, 10})] = bundle;
    return named(sample.report());
  };
  auto dropped = leaves;
  dropped.erase(dropped.begin() + 4);
  EXPECT_TRUE(with(dropped).contains(4));
  auto swapped = leaves;
  std::swap(swapped[2], swapped[7]);
  EXPECT_TRUE(with(swapped).contains(2));
  EXPECT_TRUE(with(swapped).contains(7));
  auto repeated = leaves;
  repeated.insert(repeated.begin() + 5, leaves[4]);
  EXPECT_TRUE(with(repeated).contains(5));
  auto replaced = leaves;
  replaced[6] = leaves[5];
  EXPECT_EQ(*with(replaced).begin(), 6U);
}

TEST(Verify, AnOperatorWhoSignsAgainIsStillFound) {
  Sample sample(10);
  auto leaves = sample.leaves(10);
  // Only an earlier checkpoint (or a witness) shows a consistent rewrite; these rewrites are inconsistent in
  // themselves.
  auto repeated = leaves;
  repeated[6] = leaves[5];
  sample.sign_again(repeated);
  EXPECT_TRUE(named(sample.report()).contains(6)) << all_of(sample.report());
  auto backdated = leaves;
  backdated[8][5] = static_cast<std::uint8_t>(backdated[8][5] - 1);  // the hour
  sample.sign_again(backdated);
  EXPECT_TRUE(named(sample.report()).contains(8)) << all_of(sample.report());
  auto swapped = leaves;
  std::swap(swapped[1], swapped[3]);
  sample.sign_again(swapped);
  EXPECT_TRUE(named(sample.report()).contains(1) && named(sample.report()).contains(3)) << all_of(sample.report());
}

TEST(Verify, AnEarlierCheckpointShowsARewrite) {
  Sample sample(10);
  const auto before = sample.report().checkpoint;
  auto leaves = sample.leaves(10);
  const auto check = [&] { return verify(sample.objects, sample.key.verifier(), {}, before).value(); };
  EXPECT_TRUE(check().good());
  auto shorter = leaves;
  shorter.pop_back();
  sample.sign_again(shorter);
  EXPECT_NE(all_of(check()).find("checkpoint.shrunk"), std::string::npos) << all_of(check());
  auto replaced = leaves;
  replaced[9] = event::seal({{1795424400}, event::ServiceStopped{}}, event::EntryKey{7}).leaf;
  sample.sign_again(replaced);
  EXPECT_NE(all_of(check()).find("checkpoint.forked"), std::string::npos) << all_of(check());
}

TEST(Verify, ErasedRecordsAreCountedAndStayProvable) {
  Sample sample(300, 50);
  auto log = log::Log::open({sample.objects, sample.lock, sample.clock, sample.random}, sample.key).value();
  for (const std::uint64_t index : {0U, 255U, 256U, 299U}) ASSERT_TRUE(log->erase(log::Index{index}));
  log->close();
  const Report report = sample.report();
  EXPECT_TRUE(report.good()) << all_of(report);
  EXPECT_EQ(report.records_erased, 4U);
  EXPECT_EQ(report.records_read, 296U);
  sample.objects.contents()[log::records_path(0)][2] ^= 1;
  EXPECT_TRUE(named(sample.report()).contains(0));
}

TEST(Verify, WhatIsUnderWayIsANoteOnly) {
  Sample sample(10);
  sample.objects.contents()[std::string(log::kStagePath)] = {1, 2, 3};
  sample.objects.contents()["tmp/0"] = {1};
  auto& keys = sample.objects.contents()[log::keys_path(0)];
  keys.resize(keys.size() + 32, 7);
  const Report report = sample.report();
  EXPECT_TRUE(report.good()) << all_of(report);
  EXPECT_EQ(report.findings.size(), 3U) << all_of(report);
}

TEST(Verify, AnotherKeyOpensNothing) {
  Sample sample(3);
  const auto other = checkpoint::SigningKey::generate("authority.example/audit/2026", sample.random).value();
  const Report report = verify(sample.objects, other.verifier()).value();
  EXPECT_FALSE(report.good());
  EXPECT_EQ(report.findings.at(0).code, "checkpoint.invalid");
}

}  // namespace
}  // namespace audit::verify
