// kill -9 in the middle of an erasure, of the real program on a real log, at random points and sometimes again while it
// puts right what was left; then once to the end. Nothing of the erased is left in any file, nothing else is touched,
// every proof is whole, and the log has a receipt for each run of the list.
//
// FEIERABEND_ERASE_KILL_SEED repeats a run's choices (not where the program is meanwhile),
// FEIERABEND_ERASE_KILL_ROUNDS lengthens it.
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "audit/erasure/ledger.h"
#include "audit/event/sealed.h"
#include "audit/log/erasing.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/log/tile_reader.h"
#include "audit/store/folder.h"
#include "policy/base/testing/seed.h"
#include "tests/support/marker/marker.h"
#include "tests/support/process/process.h"

namespace {

namespace fs = std::filesystem;
using audit::event::Pseudonym;
using tests::support::program;
using tests::support::TemporaryFolder;

constexpr std::uint64_t kEntries = 20'000;
constexpr std::uint64_t kPeople = 4;  // every fourth entry is the erased one's
constexpr Pseudonym kErased{{1}};

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool is_erased(std::uint64_t index) { return index < kEntries && index % kPeople == kErased.bytes[0]; }

std::set<std::string> files_below(const fs::path& folder) {
  std::set<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) out.insert(fs::relative(entry.path(), folder).string());
  return out;
}

class KilledErasure : public ::testing::Test {
 protected:
  KilledErasure() {
    const auto made = tests::support::run(
        {program("feierabend-audit"), "keygen", "authority.example/audit/2026", "--out", (folder_ / "key").string()});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    verifier_ = made.out.substr(0, made.out.find('\n'));
    tests::support::write_file(folder_ / "people", kErased.text() + "\n");
    write_log();
  }

  void write_log() const {
    policy::base::SystemClock clock;
    policy::base::SystemRandom random;
    std::string key = tests::support::read_file(folder_ / "key");
    key.pop_back();
    const auto lock = audit::store::FolderLock::open(fresh().string()).value();
    const auto objects = audit::store::FolderObjects::open(fresh().string()).value();
    const auto log =
        audit::log::Log::open({*objects, *lock, clock, random}, audit::checkpoint::SigningKey::parse(key).value())
            .value();
    for (std::uint64_t i = 0; i < kEntries; ++i) {
      const Pseudonym who{{static_cast<std::uint8_t>(i % kPeople)}};
      log->append_async(audit::event::LoginRefused{{who}, audit::event::LoginRefusal::kWrongPassword},
                        [](const auto& index) { EXPECT_TRUE(index); });
      if (i % 10'000 == 0) (void)log->settle();
    }
    log->close();
  }

  fs::path fresh() const { return folder_ / "fresh"; }
  fs::path live() const { return folder_ / "2026"; }
  std::vector<std::string> erasing() const {
    return {program("feierabend-audit"),
            "erase",
            live().string(),
            "--people",
            (folder_ / "people").string(),
            "--signing-key",
            (folder_ / "key").string(),
            "--json"};
  }
  void begin_anew() const {
    fs::remove_all(live());
    fs::copy(fresh(), live(), fs::copy_options::recursive);
  }
  // Keys and ciphertexts of some of the erased one's entries, as they were.
  std::vector<std::string> secrets() const {
    const auto objects = audit::store::FolderObjects::open_to_read(fresh().string()).value();
    std::vector<std::string> out;
    for (std::uint64_t i = 0; i < kEntries; ++i) {
      if (i % 2048 != kErased.bytes[0]) continue;  // of every eighth bundle one: the rest is told by what is readable
      const auto keys = objects->get(audit::log::keys_path(i / 256)).value().value();
      const auto records = objects->get(audit::log::records_path(i / 256)).value().value();
      out.emplace_back(reinterpret_cast<const char*>(keys.data()) + i % 256 * 32, 32);
      const auto ciphertext = audit::merkle::read_bundle(records, 256).entries.at(i % 256);
      out.emplace_back(ciphertext.begin(), ciphertext.end());
    }
    return out;
  }
  void expect_done(const std::string& what) const {
    const auto verified =
        tests::support::run({program("feierabend-audit"), "verify", live().string(), "--key", verifier_});
    EXPECT_EQ(verified.exit_code, 0) << what << "\n" << verified.out << verified.err;
    const auto objects = audit::store::FolderObjects::open_to_read(live().string()).value();
    for (std::uint64_t bundle = 0; bundle * 256 < kEntries; ++bundle) {
      const auto readable = audit::log::unerased_entries(*objects, bundle).value();
      for (std::uint64_t i = bundle * 256; i < std::min((bundle + 1) * 256, kEntries); ++i)
        ASSERT_EQ(readable[i % 256], !is_erased(i)) << what << ": entry " << i;
    }
    EXPECT_EQ(receipts(*objects), commitments(*objects)) << what;
  }
  // Of every run of the list, each of which is done.
  static std::set<audit::event::Digest> commitments(const audit::store::FolderObjects& objects) {
    std::set<audit::event::Digest> out;
    const auto text = objects.get(audit::log::kErasuresPath).value().value();
    const auto ledger = audit::erasure::parse_ledger(policy::base::as_text(text)).value();
    for (const auto& run : ledger.runs) {
      EXPECT_TRUE(run.done);
      EXPECT_EQ(run.records, kEntries / kPeople);
      out.insert(audit::erasure::commitment_of(run));
    }
    return out;
  }
  // Of every receipt behind the entries; at most one more than there are runs, if the end was killed.
  static std::set<audit::event::Digest> receipts(const audit::store::FolderObjects& objects) {
    std::set<audit::event::Digest> out;
    const std::uint64_t bundle = kEntries / 256;
    const auto keys = objects.get(audit::log::keys_path(bundle)).value().value();
    const std::uint64_t size = bundle * 256 + keys.size() / 32;
    const auto stored = audit::log::read_tile(objects, std::nullopt, bundle, size).value();
    const auto leaves = audit::merkle::read_bundle(stored.bytes, stored.tile.width).entries;
    const auto records =
        audit::merkle::read_bundle(objects.get(audit::log::records_path(bundle)).value().value(), 256).entries;
    for (std::size_t slot = kEntries % 256; slot < leaves.size(); ++slot) {
      audit::event::EntryKey key{};
      std::copy_n(keys.begin() + static_cast<std::ptrdiff_t>(32 * slot), 32, key.begin());
      const auto event = audit::event::unseal(leaves[slot], key, records.at(slot)).value();
      out.insert(std::get<audit::event::ErasureDone>(event.record).commitment);
    }
    return out;
  }

  TemporaryFolder folder_{"erasure-kill"};
  std::string verifier_;
};

TEST_F(KilledErasure, IsEndedByTheNextRun) {
  const auto hidden = secrets();
  begin_anew();
  const std::int64_t begun = now_us();
  ASSERT_EQ(tests::support::run(erasing()).exit_code, 0);
  const auto whole_us =
      static_cast<std::uint64_t>(now_us() - begun);  // where kills may fall, nothing is asserted of it
  expect_done("undisturbed");
  std::mt19937_64 random(policy::base::seed_from_environment("FEIERABEND_ERASE_KILL_SEED"));
  const std::uint64_t rounds = policy::base::from_environment("FEIERABEND_ERASE_KILL_ROUNDS", 15);
  std::map<std::string, int> killed;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::string what = "round " + std::to_string(round);
    begin_anew();
    for (std::uint64_t kills = 1 + random() % 3; kills > 0; --kills) {
      tests::support::Process erase(erasing(), {});
      std::this_thread::sleep_for(std::chrono::microseconds(random() % (whole_us + whole_us / 8)));
      erase.kill();
    }
    const bool begun_run = fs::exists(live() / "erasures");
    const bool done = begun_run && tests::support::read_file(live() / "erasures").contains("\ndone ");
    ++killed[done ? "after" : begun_run ? "within" : "before"];
    const auto finished = tests::support::run(erasing());
    ASSERT_EQ(finished.exit_code, 0) << what << "\n" << finished.out << finished.err;
    const std::string told = "\"records\":" + std::to_string(done ? 0 : kEntries / kPeople) + ",";
    EXPECT_TRUE(finished.out.contains(told)) << what << ": " << finished.out << " instead of " << told;
    expect_done(what);
    EXPECT_TRUE(files_below(live() / "tmp").empty()) << what;
    tests::support::Haystack all;
    all.add_files(live());
    EXPECT_EQ(all.secrets_found(hidden), 0U) << what;
    const auto again = tests::support::run(erasing());
    EXPECT_TRUE(again.out.contains("\"records\":0")) << what << ": " << again.out;
    if (HasFailure()) return;
  }
  std::printf("killed %d times before the run stood in the list, %d within it, %d behind it\n", killed["before"],
              killed["within"], killed["after"]);
  EXPECT_GT(killed["within"], 0) << "no kill met what this test is about";
}

}  // namespace
