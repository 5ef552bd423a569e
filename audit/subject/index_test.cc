#include "audit/subject/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "policy/base/testing/seed.h"

namespace audit::subject {
namespace {

Pseudonym name(std::uint8_t number) { return Pseudonym{{number, 7, 7}}; }

Hash hash_of(std::uint64_t entry) {
  Hash hash{};
  hash[0] = static_cast<std::uint8_t>(entry);
  hash[1] = static_cast<std::uint8_t>(entry >> 8);
  return hash;
}

std::vector<Index::Named> some(std::mt19937_64& random, std::uint64_t begin, std::uint64_t end, unsigned people) {
  std::vector<Index::Named> named;
  for (std::uint64_t entry = begin; entry < end; ++entry)
    if (people > 0 && random() % 3 != 0)
      named.push_back({name(static_cast<std::uint8_t>(1 + random() % people)), {entry, hash_of(entry)}});
  return named;
}

TEST(Index, ProvesEveryPseudonymCompletelyAndEveryOtherAbsent) {
  std::mt19937_64 random(policy::base::seed_from_environment("SUBJECT_SEED"));
  for (unsigned people = 0; people <= 40; ++people) {
    const Stretch stretch{100, 100 + people * 3};
    const auto named = some(random, stretch.begin, stretch.end, people);
    const Index index(stretch, named);
    std::map<Pseudonym, std::vector<Listed>> lists;
    for (const auto& one : named) lists[one.pseudonym].push_back(one.listed);
    EXPECT_EQ(index.subjects(), lists.size());
    for (std::uint8_t number = 0; number < 60; ++number) {
      const SubjectProof proof = index.prove(name(number));
      EXPECT_TRUE(verify_subject(proof, name(number), index.digest())) << people << ", " << int{number};
      EXPECT_EQ(proof.entries, lists[name(number)]);
      EXPECT_EQ(proof.position.has_value(), !lists[name(number)].empty());
    }
  }
}

class Altered : public testing::Test {
 protected:
  Altered() {
    std::mt19937_64 random(policy::base::seed_from_environment("SUBJECT_SEED"));
    named_ = some(random, 0, 60, 9);
    index_.emplace(Stretch{0, 60}, named_);
  }
  // The code of the refusal, empty if the altered proof passes.
  std::string code(std::uint8_t who, const std::function<void(SubjectProof&)>& alter) const {
    SubjectProof proof = index_->prove(name(who));
    alter(proof);
    const auto verdict = verify_subject(proof, name(who), index_->digest());
    return verdict ? "" : verdict.error().code;
  }
  std::vector<Index::Named> named_;
  std::optional<Index> index_;
};

TEST_F(Altered, AnEntryLeftOutAddedOrExchangedIsFound) {
  EXPECT_EQ(code(3, [](SubjectProof&) {}), "");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.entries.pop_back(); }), "proof.root");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.entries.erase(proof.entries.begin()); }), "proof.root");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.entries.clear(); }), "subject.range");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.entries.push_back(proof.entries.back()); }), "subject.range");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.entries.push_back({60, {}}); }), "subject.range");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.entries.back().leaf_hash[5] ^= 1; }), "proof.root");
}

TEST_F(Altered, NumbersRootsAndPathsOfAnotherIndexAreFound) {
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.subjects += 1; }), "subject.digest");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.root[0] ^= 1; }), "subject.digest");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.stretch.end -= 1; }), "subject.digest");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.stretch = {5, 4}; }), "subject.range");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { *proof.position += 100; }), "proof.range");
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.path.pop_back(); }), "proof.length");
}

// Who stands in the index cannot be made absent by neighbours that leave it out.
TEST_F(Altered, NobodyWhoIsThereIsProvenAbsent) {
  const auto absent = [&](std::vector<Neighbour> neighbours) {
    return code(3, [&](SubjectProof& proof) {
      proof.position.reset();
      proof.entries.clear();
      proof.path.clear();
      proof.neighbours = std::move(neighbours);
    });
  };
  // Every pair and every single of true leaves.
  std::vector<Neighbour> leaves;
  for (int who = 0; who < 256; ++who)
    for (const Neighbour& one : index_->prove(name(static_cast<std::uint8_t>(who))).neighbours)
      if (std::ranges::find(leaves, one) == leaves.end()) leaves.push_back(one);
  ASSERT_EQ(leaves.size(), index_->subjects());
  EXPECT_EQ(absent({}), "subject.range");
  for (const Neighbour& left : leaves) {
    EXPECT_NE(absent({left}), "");
    for (const Neighbour& right : leaves) EXPECT_NE(absent({left, right}), "");
  }
  EXPECT_EQ(code(3, [](SubjectProof& proof) { proof.position.reset(); }), "subject.range");
}

TEST(Index, AnEmptyIndexProvesAbsenceOnly) {
  const Index index({4, 9}, {});
  SubjectProof proof = index.prove(name(1));
  EXPECT_TRUE(verify_subject(proof, name(1), index.digest()));
  proof.neighbours.push_back({});
  EXPECT_EQ(verify_subject(proof, name(1), index.digest()).error().code, "subject.range");
}

// The bytes, so that another program can be held against them.
TEST(Index, Example) {
  const Index index({0, 2}, {{Pseudonym{{1}}, {0, Hash{}}}, {Pseudonym{{2}}, {1, Hash{}}}});
  EXPECT_EQ(policy::base::to_hex(index.digest().bytes),
            "125af7c73d0b7e7af9643c7ae931fc260e94f8dd251e0054ac039b130518e90e");
}

}  // namespace
}  // namespace audit::subject
