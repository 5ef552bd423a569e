// Walks that do not begin at the beginning: after an earlier checkpoint, from a position, by several readers; and
// random damage to a log over several tiles, with the entry named.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/log/tile_reader.h"
#include "audit/store/memory.h"
#include "audit/verify/repeats.h"
#include "audit/verify/verify.h"
#include "policy/base/testing/seed.h"
#include "policy/base/words/german.h"

namespace audit::verify {
namespace {

using log::Bytes;

class SteppingClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {1795424400 + step++}; }
  std::int64_t now_ms() const override { return 1795424400000; }
  std::int64_t elapsed_ms() const override { return 0; }
  mutable std::int64_t step = 0;
};

struct Sample {
  store::MemoryObjects objects;
  store::MemoryLock lock;
  SteppingClock clock;
  policy::base::SystemRandom random;
  checkpoint::SigningKey key = checkpoint::SigningKey::generate("authority.example/audit/2026", random).value();

  explicit Sample(std::uint64_t entries) { grow(entries); }
  explicit Sample(checkpoint::SigningKey same) : key(std::move(same)) {}
  void grow(std::uint64_t entries) {
    const auto log = log::Log::open({objects, lock, clock, random}, key).value();
    for (std::uint64_t i = 0; i < entries; ++i)
      log->append_async(event::LoginRefused{{event::Pseudonym{{1}}}, event::LoginRefusal::kWrongPassword},
                        [](const log::Result<log::Index>& index) { ASSERT_TRUE(index.has_value()); });
    log->close();
  }
  void erase(std::uint64_t entry) {
    const auto log = log::Log::open({objects, lock, clock, random}, key).value();
    ASSERT_TRUE(log->erase(log::Index{entry}));
  }
  std::string note() { return std::string(policy::base::as_text(*objects.get(log::kCheckpointPath).value())); }
  checkpoint::Checkpoint checkpoint() { return checkpoint::open_checkpoint(note(), key.verifier()).value(); }
  Result<Report> run(const Options& options = {}) { return verify(objects, key.verifier(), options); }
  Bytes& file(const std::string& path) { return objects.contents().at(path); }
};

std::string all_of(const Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) text += to_string(finding) + "\n";
  return text;
}

bool names(const Report& report, std::uint64_t entry) {
  return std::ranges::any_of(report.findings, [&](const Finding& f) { return f.entry == entry; });
}

Options since(const checkpoint::Checkpoint& earlier) {
  Options options;
  options.earlier = earlier;
  options.only_new = true;
  return options;
}

TEST(Since, ReadsOnlyWhatIsNewAndSeesARewriteOfWhatIsOld) {
  for (const std::uint64_t then : {1U, 255U, 256U, 300U, 512U, 700U}) {
    Sample sample(then);
    const auto earlier = sample.checkpoint();
    sample.grow(then == 700U ? 0 : 400);
    const Report report = sample.run(since(earlier)).value();
    ASSERT_TRUE(report.good()) << then << "\n" << all_of(report);
    EXPECT_EQ(report.first, then / 256 * 256);
    EXPECT_EQ(report.entries_read, report.checkpoint.size - report.first);
    auto forked = earlier;
    forked.root[0] ^= 1;
    EXPECT_NE(all_of(sample.run(since(forked)).value()).find("[checkpoint.forked]"), std::string::npos) << then;
    auto longer = earlier;
    longer.size = 5000;
    EXPECT_NE(all_of(sample.run(since(longer)).value()).find("[checkpoint.shrunk]"), std::string::npos) << then;
  }
}

TEST(Since, NamesWhatIsWrongAmongTheNew) {
  Sample sample(300);
  const auto earlier = sample.checkpoint();
  sample.grow(500);
  sample.file("tile/entries/002")[9] ^= 4;
  EXPECT_TRUE(names(sample.run(since(earlier)).value(), 512));
  sample.file("tile/entries/002")[9] ^= 4;
  sample.file("tile/entries/000")[9] ^= 4;
  EXPECT_TRUE(sample.run(since(earlier))->good()) << "what was there then is not read";
  EXPECT_FALSE(sample.run()->good());
  sample.file("tile/1/000.p/3")[3] ^= 1;  // the hash that stands for the first bundle now
  EXPECT_FALSE(sample.run(since(earlier))->good());
}

// Two logs with one key and one beginning: whoever has seen the one is not shown the other.
TEST(Since, AForkedViewIsFound) {
  Sample one(300);
  Sample other(one.key);
  other.objects.contents() = one.objects.contents();
  ASSERT_TRUE(other.lock.replace("", one.lock.load().value()));
  other.clock.step = one.clock.step;
  one.grow(10);
  other.grow(20);
  const auto seen = one.checkpoint();
  EXPECT_TRUE(other.run()->good()) << "each is good by itself";
  Options whole = since(seen);
  whole.only_new = false;
  for (const Options& options : {whole, since(seen)}) {
    EXPECT_TRUE(one.run(options)->good());
    const Report report = other.run(options).value();
    EXPECT_NE(all_of(report).find("the first 310 entries are not those of the earlier checkpoint"), std::string::npos)
        << all_of(report);
    EXPECT_TRUE(names(report, 309)) << "the last entry that was seen";
  }
}

struct Interrupted {
  std::vector<Position> saved;
  Options options;
  Interrupted() {
    options.save_every = 1;
    options.save = [this](const Position& at) { saved.push_back(at); };
  }
};

TEST(Resume, GoesOnFromEveryPositionToTheSameAnswer) {
  Sample sample(1300);
  sample.erase(3);
  Interrupted first;
  const Report whole = sample.run(first.options).value();
  ASSERT_EQ(first.saved.size(), 5U);
  sample.grow(200);  // it may grow between
  for (const Position& at : first.saved) {
    const Position read = parse_position(format_position(at)).value();
    EXPECT_EQ(format_position(read), format_position(at));
    Options options;
    options.resume = read;
    std::uint64_t read_after = 0;
    options.progress = [&](std::uint64_t, std::uint64_t) { ++read_after; };
    const Report report = sample.run(options).value();
    EXPECT_TRUE(report.good()) << all_of(report);
    EXPECT_EQ(read_after, 6 - at.range.size() / 256);
    EXPECT_EQ(report.entries_read, 1500U);
    EXPECT_EQ(report.records_read, 1499U);
    EXPECT_EQ(report.records_erased, 1U);
    EXPECT_EQ(report.first, 0U);
  }
  EXPECT_EQ(whole.records_read, 1299U);
}

TEST(Resume, AWrongPositionIsRefused) {
  Sample sample(1300);
  Interrupted first;
  ASSERT_TRUE(sample.run(first.options));
  const Position good = first.saved.at(2);
  const auto refused = [&](const Position& position) {
    Options options;
    options.resume = position;
    const auto report = sample.run(options);
    return report ? std::string("accepted") : report.error().code;
  };
  EXPECT_EQ(refused(good), "accepted");
  for (std::size_t i = 0; i < good.range.hashes().size(); ++i) {
    auto hashes = good.range.hashes();
    hashes[i][7] ^= 1;
    Position changed = good;
    changed.range = merkle::CompactRange::from(good.range.size(), hashes).value();
    EXPECT_EQ(refused(changed), "position.log");
  }
  Position changed = good;
  changed.range = merkle::CompactRange::from(256, {good.range.hashes()[0]}).value();
  EXPECT_EQ(refused(changed), "position.log") << "the hashes of another number of entries";
  changed = good;
  changed.records -= 1;
  EXPECT_EQ(refused(changed), "position.log") << "some records were not read";
  changed = good;
  changed.checkpoint[3] = 'x';
  EXPECT_EQ(refused(changed), "position.checkpoint");
  const Sample other(1300);
  changed = good;
  changed.checkpoint = checkpoint::sign_checkpoint({sample.key.verifier().name(), 1300, merkle::Hash{}, {}}, other.key);
  EXPECT_EQ(refused(changed), "position.checkpoint");
  changed.checkpoint =
      checkpoint::sign_checkpoint({sample.key.verifier().name(), 1300, merkle::Hash{}, {}}, sample.key);
  EXPECT_EQ(refused(changed), "position.log") << "a checkpoint that does not lead there";
}

TEST(Resume, APositionIsSavedOnlyAsLongAsNothingIsWrong) {
  Sample sample(1300);
  sample.file("side/keys/002")[40] ^= 1;
  Interrupted first;
  EXPECT_FALSE(sample.run(first.options)->good());
  ASSERT_EQ(first.saved.size(), 2U);
  Options options;
  options.resume = first.saved.back();
  EXPECT_TRUE(names(sample.run(options).value(), 513)) << "found again";
}

TEST(Resume, WhatWasCheckedBeforeIsStillSearchedForRepetitions) {
  Sample sample(1100);
  // The last entry becomes a copy of the first one, and the operator signs again.
  auto& last = sample.file("tile/entries/004.p/76");
  const auto first = merkle::view_bundle(sample.file("tile/entries/000"), 256).entries[0];
  std::ranges::copy(first, last.end() - static_cast<std::ptrdiff_t>(first.size()));
  auto& tile = sample.file("tile/0/004.p/76");
  const merkle::Hash hash = merkle::leaf_hash(first);
  std::ranges::copy(hash, tile.end() - 32);
  log::TileReader reader(sample.objects, 1100);
  const auto root = merkle::tree_root(1100, reader.nodes()).value();
  const std::string note = checkpoint::sign_checkpoint({sample.key.verifier().name(), 1100, root, {}}, sample.key);
  sample.objects.contents()[std::string(log::kCheckpointPath)] = Bytes(note.begin(), note.end());
  Interrupted walk;
  const Report whole = sample.run(walk.options).value();
  EXPECT_NE(all_of(whole).find("entry 1099: the entry is there already as number 0"), std::string::npos)
      << all_of(whole);
  Options options;
  options.resume = walk.saved.at(2);
  EXPECT_NE(all_of(sample.run(options).value()).find("entry 1099: the entry is there already as number 0"),
            std::string::npos);
}

TEST(Position, RefusesWhatIsNone) {
  const std::string good = format_position({});
  for (const std::string& text :
       {std::string(), std::string("feierabend-audit position v2\n"), good.substr(0, good.size() - 1),
        std::string("feierabend-audit position v1\nfirst 1\nentries 0\nlatest 0\nrecords 0\nerased 0\n\n")})
    EXPECT_EQ(parse_position(text).error().code, "position.syntax") << text;
  EXPECT_EQ(parse_position(good)->range.size(), 0U);
}

TEST(Repeats, InPartsAsInOne) {
  for (const std::uint64_t held : {std::uint64_t{1} << 20, std::uint64_t{100}}) {
    Repeats repeats(1000, held);
    std::set<std::uint64_t> found;
    for (std::uint64_t pass = 0; pass < repeats.passes(); ++pass) {
      repeats.begin(pass);
      for (std::uint64_t i = 0; i < 1000; ++i) repeats.add(i % 990 * 0x9E3779B97F4A7C15);
      for (const std::uint64_t twice : repeats.twice(100)) found.insert(twice);
    }
    EXPECT_EQ(found.size(), 10U) << held;
    EXPECT_TRUE(found.contains(9 * 0x9E3779B97F4A7C15));
  }
  EXPECT_EQ(Repeats(1000, 100).passes(), 11U);
}

TEST(Public, ACopyWithoutSideIsCheckedWithoutRecords) {
  Sample sample(300);
  std::erase_if(sample.objects.contents(), [](const auto& object) { return object.first.starts_with("side/"); });
  EXPECT_FALSE(sample.run()->good());
  Options options;
  options.records = false;
  const Report report = sample.run(options).value();
  EXPECT_TRUE(report.good()) << all_of(report);
  EXPECT_EQ(report.records_read, 0U);
  EXPECT_EQ(report.entries_read, 300U);
}

// Which entry a byte of a file belongs to, computed apart from the auditor.
std::optional<std::uint64_t> owner_of(const std::string& path, const Bytes& bytes, std::size_t at) {
  const auto number = [&](std::string_view prefix) -> std::optional<std::uint64_t> {
    if (!path.starts_with(prefix)) return {};
    return std::stoull(path.substr(prefix.size(), 3)) * 256;
  };
  if (const auto first = number("side/keys/")) return *first + at / 32;
  if (const auto first = number("tile/0/")) return *first + at / 32;
  if (path.starts_with("tile/1/")) return at / 32 * 256;
  const auto first = path.starts_with("tile/") ? number("tile/entries/") : number("side/records/");
  if (!first) return {};
  std::uint64_t entry = *first;
  for (std::size_t begin = 0; begin < bytes.size(); ++entry) {
    begin += 2 + (static_cast<std::size_t>(bytes[begin]) << 8 | bytes[begin + 1]);
    if (at < begin) return entry;
  }
  return {};
}

TEST(Damage, RandomBitsOfALargerLogAreFoundAndTheirEntryNamed) {
  Sample sample(1300);
  for (const std::uint64_t entry : {0U, 255U, 256U, 700U, 1299U}) sample.erase(entry);
  ASSERT_TRUE(sample.run()->good());
  std::vector<std::string> paths;
  for (const auto& [path, bytes] : sample.objects.contents()) paths.push_back(path);
  std::mt19937_64 random(policy::base::seed_from_environment("AUDIT_SEED"));
  for (std::uint64_t i = 0; i < policy::base::from_environment("AUDIT_FLIPS", 300); ++i) {
    const std::string& path = paths[random() % paths.size()];
    Bytes& bytes = sample.file(path);
    const std::size_t at = random() % bytes.size();
    const auto owner = owner_of(path, bytes, at);
    const auto bit = static_cast<std::uint8_t>(1 << random() % 8);
    bytes[at] ^= bit;
    const Report report = sample.run().value();
    ASSERT_FALSE(report.good()) << path << " byte " << at;
    // Where the size of an erased record shrinks, the next one is the first that shows it.
    ASSERT_TRUE(!owner || names(report, *owner) || (path.starts_with("side/records/") && names(report, *owner + 1)))
        << path << " byte " << at << "\n"
        << all_of(report);
    bytes[at] ^= bit;
  }
  EXPECT_TRUE(sample.run()->good());
}

TEST(Advice, EveryFindingSaysWhatToDoInBothLanguages) {
  for (const Advice& one : advice()) {
    EXPECT_FALSE(policy::base::words::twin_of(one.remedy).empty()) << one.code;
    EXPECT_FALSE(policy::base::words::lead_of(one.code).empty()) << one.code;
  }
  EXPECT_GE(advice().size(), 26U);
  EXPECT_TRUE(remedy_of("nobody.knows").empty());
}

}  // namespace
}  // namespace audit::verify
