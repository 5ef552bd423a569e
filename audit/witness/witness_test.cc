// The conformance suite of tlog-witness, status by status, and what a witness may never do.
#include "audit/witness/witness.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "audit/store/faulty.h"
#include "audit/store/folder.h"
#include "audit/store/memory.h"
#include "audit/witness/testing/small_log.h"

namespace audit::witness {
namespace {

using checkpoint::CosigningKey;
using policy::base::note::parse_note;

constexpr const char* kOrigin = "authority.example/feierabend/2026";

class Conformance : public ::testing::Test {
 protected:
  Conformance() { witness_.add_log(log_.key().verifier(), lock_, objects_); }

  Answer ask(std::uint64_t from) { return witness_.add_checkpoint(log_.request(from)); }
  // The answer is a cosignature of just this checkpoint, now.
  void expect_cosigned(const Answer& answer) {
    ASSERT_EQ(answer.status, 200U) << answer.body;
    const auto lines = checkpoint::parse_signature_lines(answer.body);
    ASSERT_TRUE(lines) << answer.body;
    ASSERT_EQ(lines->size(), 1U);
    EXPECT_EQ(witness_.verifier().verified(parse_note(log_.note())->text, lines->front()), clock_.at.load());
  }
  void expect_conflict(const Answer& answer, std::uint64_t size) {
    EXPECT_EQ(answer.status, 409U) << answer.body;
    EXPECT_EQ(answer.content_type, "text/x.tlog.size");
    EXPECT_EQ(answer.body, std::to_string(size) + "\n");
  }
  std::size_t doubts() const { return objects_.list(kDoubtsPrefix)->size(); }

  policy::base::SystemRandom random_;
  SetClock clock_;
  SmallLog log_{kOrigin};
  store::MemoryLock lock_;
  store::MemoryObjects objects_;
  Witness witness_{CosigningKey::generate("dpo.example", random_).value(), clock_};
};

TEST_F(Conformance, CosignsWhatContinues) {
  log_.grow(5);
  expect_cosigned(ask(0));
  for (const std::size_t size : {6U, 8U, 13U, 300U}) {
    const auto from = log_.size();
    log_.grow(size);
    clock_.at = clock_.at.load() + policy::base::kHour;
    expect_cosigned(ask(from));
  }
  expect_cosigned(ask(300));  // once more, at a later time
  EXPECT_EQ(doubts(), 0U);
}

TEST_F(Conformance, BeginsWithAnEmptyTreeOrAnyOther) {
  expect_cosigned(ask(0));
  expect_cosigned(ask(0));
  log_.grow(7);
  expect_cosigned(ask(0));
}

TEST_F(Conformance, Status400) {
  log_.grow(5);
  const std::string note = log_.note();
  const std::string hash = policy::base::to_base64(merkle::empty_root());
  std::string many = "old 1\n";
  for (int i = 0; i < 64; ++i) many += hash + "\n";
  for (const std::string& body :
       {std::string(), "\n" + note, "old\n\n" + note, "old 01\n\n" + note, "old -1\n\n" + note, "old  1\n\n" + note,
        "Old 1\n\n" + note, "old 1\nAAAA\n\n" + note, "old 1\n" + hash.substr(1) + "\n\n" + note, "old 1\n" + note,
        "old 1\n" + hash, many + "\n" + note, "old 1\n\n" + note.substr(0, note.size() - 1), std::string("old 1\n\n"),
        "old 1\n\n" + std::string(kRequestSizeMax, 'x'), "old 18446744073709551616\n\n" + note})
    EXPECT_EQ(witness_.add_checkpoint(body).status, 400U) << body.substr(0, 100);
  EXPECT_EQ(witness_.add_checkpoint("old 0\n\n" + sign_note("no checkpoint\n", log_.key())).status, 400U);
  EXPECT_EQ(witness_.add_checkpoint("old 6\n\n" + note).status, 400U) << "old > size";
  expect_cosigned(ask(0));
}

TEST_F(Conformance, Status404) {
  SmallLog stranger("stranger.example");
  EXPECT_EQ(witness_.add_checkpoint(stranger.request(0)).status, 404U);
  EXPECT_EQ(witness_.latest(origin_hash("stranger.example")).status, 404U);
  EXPECT_EQ(witness_.latest(origin_hash(kOrigin)).status, 404U) << "nothing cosigned yet";
}

TEST_F(Conformance, Status403) {
  log_.grow(5);
  SmallLog impostor(kOrigin);  // the same name, another key
  impostor.grow(5);
  EXPECT_EQ(witness_.add_checkpoint(impostor.request(0)).status, 403U);
  auto altered = log_.checkpoint();
  ++altered.size;
  auto note = parse_note(log_.note()).value();
  note.text = format_checkpoint(altered);
  EXPECT_EQ(witness_.add_checkpoint("old 0\n\n" + format_note(note)).status, 403U);
  // Before it says anything about sizes: they are nobody else's business.
  EXPECT_EQ(witness_.add_checkpoint("old 9\n\n" + impostor.note()).status, 403U);
  EXPECT_EQ(doubts(), 0U) << "what nobody signed proves nothing";
}

TEST_F(Conformance, UnknownKeysBesideTheLogsArePassedOver) {
  log_.grow(5);
  auto note = parse_note(log_.note()).value();
  note.signatures.push_back({"stranger.example", 7, policy::base::Bytes(2420)});
  expect_cosigned(witness_.add_checkpoint("old 0\n\n" + format_note(note)));
  const auto kept = parse_note(witness_.latest(origin_hash(kOrigin)).body).value();
  ASSERT_EQ(kept.signatures.size(), 2U) << "the log's and ours";
  EXPECT_EQ(kept.signatures[0].name, kOrigin);
}

TEST_F(Conformance, EitherKeyOfAnOriginMaySign) {
  const auto second = checkpoint::SigningKey::generate(kOrigin, random_).value();
  witness_.add_log(second.verifier(), lock_, objects_);
  log_.grow(5);
  EXPECT_EQ(witness_.add_checkpoint("old 0\n\n" + sign_checkpoint(log_.checkpoint(), second)).status, 200U);
  expect_cosigned(ask(5));
}

TEST_F(Conformance, Status409WithTheSizeCosignedLast) {
  log_.grow(5);
  expect_conflict(ask(3), 0);
  expect_cosigned(ask(0));
  log_.grow(9);
  expect_conflict(ask(0), 5);
  expect_conflict(ask(4), 5);
  expect_conflict(ask(9), 5);
  expect_cosigned(ask(5));
}

TEST_F(Conformance, Status409ForAnotherTreeOfTheSameSize) {
  log_.grow(5);
  expect_cosigned(ask(0));
  log_.roll_back(4);
  log_.grow(5, "another ");
  expect_conflict(ask(5), 5);
  EXPECT_EQ(doubts(), 1U) << "two signed views are kept";
  expect_conflict(ask(5), 5);
  EXPECT_EQ(doubts(), 1U);
}

TEST_F(Conformance, Status422) {
  log_.grow(5);
  auto with_hash = log_.request(0);
  with_hash.insert(6, policy::base::to_base64(merkle::empty_root()) + "\n");
  EXPECT_EQ(witness_.add_checkpoint(with_hash).status, 422U) << "a proof from nothing";
  expect_cosigned(ask(0));
  log_.grow(9);
  auto proof = log_.proof(5);
  const auto asked = [&](const merkle::Proof& hashes) {
    return witness_.add_checkpoint(format_add_checkpoint({5, hashes, log_.note()})).status;
  };
  for (std::size_t i = 0; i < proof.size(); ++i) {
    auto bad = proof;
    bad[i][0] ^= 1;
    EXPECT_EQ(asked(bad), 422U);
  }
  EXPECT_EQ(asked({}), 422U);
  EXPECT_EQ(asked(std::vector(proof.begin(), proof.end() - 1)), 422U);
  proof.push_back(merkle::empty_root());
  EXPECT_EQ(asked(proof), 422U);
  expect_cosigned(ask(5));
}

TEST_F(Conformance, ARolledBackOrForkedLogGetsNoCosignature) {
  log_.grow(10);
  expect_cosigned(ask(0));
  // Rolled back: whatever old size it names, there is none that fits.
  log_.roll_back(7);
  for (std::uint64_t from = 0; from <= 12; ++from) {
    const auto answer = ask(from);
    EXPECT_TRUE(answer.status == 409 || answer.status == 400) << from << ": " << answer.status;
  }
  // Grown again along another way: its own proofs are true, but not of what was cosigned.
  log_.grow(15, "another ");
  for (std::uint64_t from = 0; from <= 15; ++from) EXPECT_EQ(ask(from).status, from == 10 ? 422U : 409U) << from;
  EXPECT_EQ(doubts(), 1U);
  // The first way goes on.
  log_.roll_back(7);
  log_.grow(15);
  expect_cosigned(ask(10));
}

TEST_F(Conformance, DoubtsAreBounded) {
  log_.grow(5);
  expect_cosigned(ask(0));
  for (int i = 0; i < 40; ++i) {
    log_.roll_back(4);
    log_.grow(5, "view " + std::to_string(i));
    expect_conflict(ask(5), 5);
  }
  EXPECT_EQ(doubts(), kDoubtsMax);
}

TEST_F(Conformance, ServesTheLastCosignedCheckpoint) {
  log_.grow(5);
  expect_cosigned(ask(0));
  const auto served = witness_.latest(origin_hash(kOrigin));
  EXPECT_EQ(served.status, 200U);
  const auto own = witness_.verifier();
  EXPECT_EQ(checkpoint::cosigned_by(parse_note(served.body).value(), std::span(&own, 1))->front(), clock_.at.load());
  EXPECT_EQ(checkpoint::open_checkpoint(served.body, log_.key().verifier()).value(), log_.checkpoint());
  EXPECT_EQ(origin_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") << "FIPS 180-2";
}

TEST_F(Conformance, ARecordThatItDidNotSignIsRefused) {
  log_.grow(5);
  ASSERT_TRUE(lock_.replace("", log_.note()));
  const auto answer = ask(5);
  EXPECT_EQ(answer.status, 500U);
  EXPECT_EQ(answer.why->code, "witness.state");
  ASSERT_TRUE(lock_.replace(log_.note(), "junk"));
  EXPECT_EQ(ask(5).why->code, "witness.state");
  EXPECT_EQ(witness_.latest(origin_hash(kOrigin)).status, 500U);
}

TEST_F(Conformance, NoTimeNoCosignature) {
  clock_.at = policy::base::Instant{-1};
  EXPECT_EQ(ask(0).why->code, "witness.clock");
  EXPECT_EQ(lock_.load().value(), "");
}

// ---- the one durable step: nobody sees a cosignature that the record does not hold

class Failing : public Conformance, public testing::WithParamInterface<store::Fault> {};

TEST_P(Failing, NothingIsAnsweredAndTheRecordStaysTrue) {
  log_.grow(9);
  store::FaultPlan plan(0, GetParam(), false);
  store::FaultyLock failing(lock_, plan);
  Witness other(CosigningKey::generate("council.example", random_).value(), clock_);
  other.add_log(log_.key().verifier(), failing, objects_);
  const auto failed = other.add_checkpoint(log_.request(0));
  EXPECT_EQ(failed.status, 500U);
  EXPECT_FALSE(failed.body.contains("— "));
  ASSERT_TRUE(plan.reached());
  // The log has forked meanwhile. If the write happened all the same, the other view gets nothing.
  const std::string before = log_.request(0), again = log_.request(9);
  log_.roll_back(8);
  log_.grow(9, "another ");
  const auto second = other.add_checkpoint(log_.request(0));
  if (GetParam() == store::Fault::kPersisted) {
    expect_conflict(second, 9);
    expect_conflict(other.add_checkpoint(log_.request(9)), 9);
    EXPECT_EQ(other.add_checkpoint(again).status, 200U);
  } else {
    EXPECT_EQ(second.status, 200U) << "nobody has seen a cosignature of the first view";
    expect_conflict(other.add_checkpoint(before), 9);
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, Failing, testing::Values(store::Fault::kNotPersisted, store::Fault::kPersisted),
                         [](const auto& fault) {
                           return fault.param == store::Fault::kPersisted ? "Persisted" : "NotPersisted";
                         });

TEST_F(Conformance, ARecordInAFolderOutlivesTheWitness) {
  std::string folder = (std::filesystem::temp_directory_path() / "audit-witness-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto key = CosigningKey::generate("council.example", random_).value();
  log_.grow(5);
  for (int run = 0; run < 2; ++run) {
    const auto lock = store::FolderLock::open(folder).value();
    const auto objects = store::FolderObjects::open(folder).value();
    Witness witness(key, clock_);
    witness.add_log(log_.key().verifier(), *lock, *objects);
    EXPECT_EQ(store::FolderLock::open(folder).error().code, "store.locked");
    if (run == 0) {
      EXPECT_EQ(witness.add_checkpoint(log_.request(0)).status, 200U);
    } else {
      log_.roll_back(4);
      log_.grow(6, "another ");
      expect_conflict(witness.add_checkpoint(log_.request(0)), 5);
      EXPECT_EQ(witness.add_checkpoint(log_.request(5)).status, 422U);
    }
  }
  std::filesystem::remove_all(folder);
}

// The race of tlog-witness: two requests from the same size; only one of them can be the next.
TEST_F(Conformance, ConcurrentRequestsNeverRollBack) {
  log_.grow(8);
  expect_cosigned(ask(0));
  std::vector<std::string> requests;
  for (std::size_t size = 9; size <= 24; ++size) {
    log_.grow(size);
    requests.push_back(log_.request(8));
  }
  std::atomic<int> cosigned = 0;
  std::vector<std::thread> threads;
  for (const std::string& request : requests)
    threads.emplace_back([&, request] { cosigned += witness_.add_checkpoint(request).status == 200 ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(cosigned, 1);
}

}  // namespace
}  // namespace audit::witness
