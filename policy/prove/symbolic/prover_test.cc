#include "policy/prove/symbolic/prover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace policy::prove::symbolic {
namespace {

using testing::Contains;
using testing::ElementsAre;

const std::string kPack =
    "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\n";

std::shared_ptr<const pack::RuleSet> load(const std::vector<std::string>& packs) {
  std::vector<pack::PackSource> sources;
  for (const std::string& toml : packs) sources.push_back({"pack" + std::to_string(sources.size() + 1), toml});
  const auto loaded = pack::load_packs(sources);
  if (loaded) return *loaded;
  ADD_FAILURE() << to_string(loaded.error().front());
  return nullptr;
}

std::string shipped(const std::string& pack) {
  std::ifstream in("rules/packs/" + pack + "/pack.toml", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string rest(const std::string& lines) { return "[[rest]]\nid = \"rest\"\n" + lines; }
std::string claim(const std::string& lines) { return "[[claim]]\nid = \"claim\"\n" + lines; }
const std::string kEleven = claim("kind = \"rest-after-duty\"\nminimum = \"11h\"\nclasses = [\"routine\"]\n");

ClaimReport proved(const std::vector<std::string>& packs) {
  const auto report = prove(load(packs), "claim");
  if (!report) {
    ADD_FAILURE() << to_string(report.error());
    return {};
  }
  const ClaimReport& one = report->claims.front();
  EXPECT_EQ(one.verdict == Verdict::kFails, !one.counterexamples.empty());
  return one;
}

TEST(Symbolic, TheShippedPacksKeepWhatTheyClaim) {
  for (const auto& packs :
       {std::vector{shipped("arbzg")}, {shipped("dv-messenger")}, {shipped("arbzg"), shipped("dv-messenger")}}) {
    const auto report = prove(load(packs), "");
    ASSERT_TRUE(report);
    for (const ClaimReport& one : report->claims)
      EXPECT_EQ(one.verdict, Verdict::kHolds) << one.id << " " << to_string(one.reason);
    EXPECT_TRUE(report->ok());
  }
}

TEST(Symbolic, AWindowIsNoRestOfElevenHours) {
  const ClaimReport one = proved({kPack +
                                  rest("kind = \"window\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", "
                                       "\"sat\", \"sun\", \"holiday\"]\nfrom = 20:00:00\nto = 07:00:00\n") +
                                  kEleven});
  EXPECT_EQ(one.verdict, Verdict::kFails);
}

}  // namespace
}  // namespace policy::prove::symbolic
