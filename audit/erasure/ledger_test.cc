#include "audit/erasure/ledger.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "policy/base/sha256.h"

namespace audit::erasure {
namespace {

using event::ErasureReason;

Run sample() {
  Run run{ErasureReason::kDeadline,
          event::RuleId::from("three-months").value(),
          policy::base::parse_instant("2026-11-23T09:00:00Z").value(),
          policy::base::parse_instant("2026-11-23T11:00:00Z").value(),
          3,
          700,
          {},
          false};
  run.bundles = {{0, Slots("1001"), {}}, {2, Slots().set(255), {}}};
  run.bundles[0].leaves.bytes.fill(0xAB);
  return run;
}

TEST(Ledger, LooksLikeThis) {
  Ledger ledger{"authority.example/feierabend/2026", {sample()}};
  ledger.runs[0].bundles.pop_back();
  const std::string ab = "abababababababababababababababababababababababababababababababab";
  const std::string lines =
      "run deadline three-months 2026-11-23T09:00:00Z 2026-11-23T11:00:00Z 3 700\n"
      "bundle 0 0000000000000000000000000000000000000000000000000000000000000009 " +
      ab + "\n";
  EXPECT_EQ(format_ledger(ledger), "feierabend-erasures v1\nauthority.example/feierabend/2026\n" + lines);
  ledger.runs[0].done = true;
  EXPECT_EQ(receipt_of(ledger.runs[0]).commitment, event::Digest{policy::base::sha256(lines)});
  EXPECT_EQ(format_ledger(ledger), "feierabend-erasures v1\nauthority.example/feierabend/2026\n" + lines + "done " +
                                       policy::base::to_hex(policy::base::sha256(lines)) + "\n");
}

TEST(Ledger, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check("any ledger", [] {
    Ledger ledger{"a.example/x", {}};
    for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
      auto run = sample();
      run.reason = *rc::gen::element(ErasureReason::kPerson, ErasureReason::kPeriod, ErasureReason::kRestored);
      run.records = *rc::gen::arbitrary<std::uint64_t>();
      for (auto& one : run.bundles)
        for (std::size_t i = 0; i < 256; ++i) one.slots[i] = *rc::gen::arbitrary<bool>();
      run.done = n > 1 || *rc::gen::arbitrary<bool>();
      ledger.runs.push_back(run);
    }
    RC_ASSERT(parse_ledger(format_ledger(ledger)).value() == ledger);
  }));
}

TEST(Ledger, AnyChangedByteIsNoticedOnceARunIsDone) {
  Ledger ledger{"a.example/x", {sample()}};
  ledger.runs[0].done = true;
  const std::string good = format_ledger(ledger);
  const std::size_t begin = good.find("run ");
  for (std::size_t i = begin; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_EQ(parse_ledger(bad).error().code, "erasures.syntax") << i;
  }
  for (std::size_t size = 1; size < good.size() - begin; ++size) {
    const auto cut = parse_ledger(good.substr(0, good.size() - size));
    EXPECT_TRUE(!cut || cut->runs.empty() || !cut->runs[0].done) << size;
  }
}

TEST(Ledger, RefusesWithTheLine) {
  const std::string head = "feierabend-erasures v1\na.example/x\n";
  const std::string run = "run deadline three-months 2026-11-23T09:00:00Z 2026-11-23T11:00:00Z 3 700\n";
  const std::string zeros(64, '0');
  for (const auto& [text, line] :
       {std::pair<std::string, const char*>{"", "line 1"},
        {"feierabend-erasures v2\na\n", "line 1"},
        {"feierabend-erasures v1\n\n", "line 2"},
        {head + "bundle 0 " + zeros + " " + zeros + "\n", "line 3"},
        {head + run + run, "line 4"},
        {head + run + "bundle 1 " + zeros + " " + zeros + "\nbundle 1 " + zeros + " " + zeros + "\n", "line 5"},
        {head + run + "bundle 01 " + zeros + " " + zeros + "\n", "line 4"},
        {head + run + "bundle 1 " + zeros + " " + std::string(64, 'A') + "\n", "line 4"},
        {head + run + "done " + zeros + "\n", "line 4"},
        {head + "run because three-months 2026-11-23T09:00:00Z 2026-11-23T11:00:00Z 3 700\n", "line 3"},
        {head + "run deadline Anna 2026-11-23T09:00:00Z 2026-11-23T11:00:00Z 3 700\n", "line 3"},
        {head + run.substr(0, run.size() - 1), "line 3"}}) {
    const auto read = parse_ledger(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, "erasures.syntax") << text;
    EXPECT_EQ(read.error().where, line) << text;
  }
}

}  // namespace
}  // namespace audit::erasure
