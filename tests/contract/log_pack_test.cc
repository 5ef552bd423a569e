// What the parties sign of the metadata log (rules/packs/protokoll) is what the program declares
// (audit/event/records.def).
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "audit/event/record.h"
#include "policy/pack/rules.h"

namespace tests {
namespace {

using audit::event::Deadline;

policy::pack::LoadedRules protokoll() {
  const std::string path = "rules/packs/protokoll/pack.toml";
  std::ifstream in(path, std::ios::binary);
  const policy::pack::PackSource source{path, std::string(std::istreambuf_iterator<char>(in), {})};
  return policy::pack::load_packs(std::span(&source, 1));
}

std::map<std::string, std::string> kept_by_pack(const policy::pack::RuleSet& rules) {
  std::map<std::string, std::string> kept;
  for (const auto& log : rules.rules().logs)
    for (const std::string& record : log.records) kept[record] = name_of(log.keep);
  return kept;
}

std::string id_of(Deadline deadline) {
  switch (deadline) {
    case Deadline::kThreeMonths: return "three-months";
    case Deadline::kTwoYears: return "two-years";
    case Deadline::kEndOfFollowingYear: break;
  }
  return "end-of-following-year";
}

TEST(LogPack, EveryRecordIsKeptAsLongAsThePartiesSigned) {
  const auto rules = protokoll();
  ASSERT_TRUE(rules) << to_string(rules.error().front());
  auto kept = kept_by_pack(**rules);
  for (const auto& declaration : audit::event::declarations()) {
    const std::string id(declaration.id);
    ASSERT_TRUE(kept.contains(id)) << id << " stands in no [[log]]";
    for (const auto& field : declaration.fields) EXPECT_EQ(kept[id], id_of(field.deadline)) << id << ", " << field.name;
    kept.erase(id);
  }
  EXPECT_TRUE(kept.empty()) << kept.begin()->first << " is no record of the log";
}

TEST(LogPack, ThePurposesOfReadingAreThoseOfTheLog) {
  const auto rules = protokoll();
  ASSERT_TRUE(rules);
  const auto access = log_access_rules(**rules);
  for (const std::string& purpose : access.purposes)
    EXPECT_TRUE(audit::event::from_id<audit::event::ReadPurpose>(purpose)) << purpose;
  EXPECT_EQ(access.smallest_cell, audit::event::CellCount::kSmallest);
}

}  // namespace
}  // namespace tests
