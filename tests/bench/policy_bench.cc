// Decisions a second on the shipped rules with a roster of a whole year, and how long it takes until every gate of a
// large authority has opened at a change of shifts. One thread; no network.
#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <random>

#include "gateway/gates/gate_keeper.h"
#include "policy/decide/decide.h"
#include "tests/bench/kit/report.h"

namespace {

using Clock = std::chrono::steady_clock;
using gateway::gates::GateKeeper;
using gateway::gates::World;
using policy::base::Instant;
using policy::base::Interval;
using policy::base::kDay;
using policy::base::Seconds;
using policy::model::RosterKind;
using tests::bench::percentile;
using tests::bench::Report;

constexpr Instant kYearBegins{1'798'761'600};              // 2027-01-01T00:00:00Z
constexpr Instant kShiftChange{1'811'318'400 + 5 * 3600};  // 2027-05-26 07:00 in Berlin
constexpr int kDays = 365;
constexpr std::size_t kBatch = 100;

double since_ns(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

std::shared_ptr<const policy::pack::RuleSet> shipped_rules() {
  std::vector<policy::pack::PackSource> sources;
  for (const char* const pack : {"arbzg", "dv-messenger", "loeschfristen", "byod-drei", "zwei-faktor"}) {
    const std::string path = std::string("rules/packs/") + pack + "/pack.toml";
    std::ifstream in(path, std::ios::binary);
    sources.push_back({path, {std::istreambuf_iterator<char>(in), {}}});
  }
  auto rules = policy::pack::load_packs(sources);
  if (!rules) {
    std::fprintf(stderr, "%s\nrun this in the root of the source tree\n",
                 policy::base::to_string(rules.error().front()).c_str());
    std::exit(66);  // EX_NOINPUT
  }
  return *rules;
}

// Early, early, late, night, free, free; leave for three weeks; on call before some nights. `phase` moves the cycle.
policy::model::PersonFacts worker(std::size_t number, std::size_t phase) {
  policy::model::PersonFacts out{"p" + std::to_string(100'000 + number), {"streife"}, {}, {}, {}, {}};
  constexpr Seconds kShift{8 * 3600};
  for (std::size_t day = 0; day < kDays; ++day) {
    const Instant midnight = kYearBegins + Seconds{static_cast<std::int64_t>(day) * 86'400};
    const auto add = [&](RosterKind kind, std::int64_t hour, Seconds length) {
      const Instant begin = midnight + Seconds{hour * 3600};
      out.roster.push_back({kind, {begin, begin + length}});
    };
    if (day / 21 == 10) {
      add(RosterKind::kLeave, 0, kDay);
      continue;
    }
    switch ((day + phase) % 6) {
      case 0:
      case 1: add(RosterKind::kDuty, 5, kShift); break;
      case 2: add(RosterKind::kDuty, 13, kShift); break;
      case 3: add(RosterKind::kDuty, 21, kShift); break;
      case 5: add(RosterKind::kOnCall, 16, kShift); break;
      default: break;
    }
  }
  return out;
}

void bench_decisions(Report& report, const policy::pack::RuleSet& rules, double seconds) {
  std::vector<policy::model::PersonFacts> people;
  for (std::size_t i = 0; i < 600; ++i) people.push_back(worker(i, i));
  std::mt19937_64 dice(20270101);
  std::vector<double> per_decision_ns;
  std::size_t held = 0, count = 0;
  const auto begin = Clock::now();
  while (since_ns(begin) < seconds * 1e9) {
    const auto batch = Clock::now();
    for (std::size_t i = 0; i < kBatch; ++i) {
      const auto& facts = people[dice() % people.size()];
      const Instant at = kYearBegins + Seconds{static_cast<std::int64_t>(dice() % (kDays * 86'400ULL))};
      const auto message_class = policy::model::kMessageClasses[dice() % policy::model::kMessageClassCount];
      held += policy::decide::decide(rules, facts, message_class, at).effect == policy::model::Effect::kHold ? 1U : 0U;
    }
    per_decision_ns.push_back(since_ns(batch) / kBatch);
    count += kBatch;
  }
  const double took_s = since_ns(begin) / 1e9;
  report.figure("decisions", static_cast<double>(count) / took_s, "1/s", "random people and instants and classes");
  report.figure("decision p50", percentile(per_decision_ns, 0.5), "ns", "mean of batches of 100");
  report.figure("decision p99", percentile(per_decision_ns, 0.99), "ns", "mean of batches of 100");
  report.figure("of them held", 100 * static_cast<double>(held) / static_cast<double>(count), "%");
}

void bench_gates(Report& report, std::shared_ptr<const policy::pack::RuleSet> rules, std::size_t people) {
  auto world = std::make_shared<World>();
  world->rules = std::move(rules);
  // All in the phase whose early shift begins at kShiftChange, so that every gate opens in the same second.
  const auto day = static_cast<std::size_t>((kShiftChange.unix_s - kYearBegins.unix_s) / 86'400);
  const std::size_t phase = 6 - day % 6;
  for (std::size_t i = 0; i < people; ++i) {
    auto facts = worker(i, phase);
    world->people.emplace(facts.person, std::move(facts));
  }
  GateKeeper keeper(world);
  // dv-messenger opens gates 15 minutes before duty; the last closing of the night ends then or at six.
  Instant now = kShiftChange - Seconds{2 * 3600};
  auto begin = Clock::now();
  for (const auto& [person, facts] : world->people) keeper.watch(person, now);
  report.figure("gate computed at connect", since_ns(begin) / 1000 / static_cast<double>(people), "us");
  std::vector<double> tick_ms;
  std::size_t opened = 0, most = 0;
  double longest_ms = 0;
  for (; now <= kShiftChange + Seconds{60}; now = now + Seconds{1}) {
    begin = Clock::now();
    const auto changes = keeper.advance(now);
    tick_ms.push_back(since_ns(begin) / 1e6);
    opened += changes.size();
    if (changes.size() > most) most = changes.size(), longest_ms = tick_ms.back();
  }
  report.figure("gates changed around the shift change", static_cast<double>(opened), "",
                std::to_string(people) + " people watched");
  report.figure("gates changed in the busiest second", static_cast<double>(most), "");
  report.figure("that second's work", longest_ms, "ms");
  if (most > 0) report.figure("one gate opening", 1000 * longest_ms / static_cast<double>(most), "us");
  report.figure("a second without changes p50", percentile(tick_ms, 0.5) * 1000, "us");
}

}  // namespace

int main(int argc, char** argv) {
  std::string csv;
  double seconds = 3;
  std::size_t people = 23'000;
  CLI::App app("Decisions a second, and gates at a change of shifts");
  app.add_option("--csv", csv, "file that figures are appended to");
  app.add_option("--seconds", seconds, "of decisions")->check(CLI::Range(0.05, 600.0));
  app.add_option("--people", people, "whose gates are watched")->check(CLI::Range(1, 1'000'000));
  CLI11_PARSE(app, argc, argv);
  Report report("policy", csv);
  auto rules = shipped_rules();
  bench_decisions(report, *rules, seconds);
  bench_gates(report, std::move(rules), people);
  return 0;
}
