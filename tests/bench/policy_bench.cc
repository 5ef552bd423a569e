// Loading and checking the shipped packs, decisions under them with a roster of a whole year, from the facts and looked
// up in a forecast, and all gates of a large authority that open at a change of shifts. One thread; no network. All
// times are processor time of the thread.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "gateway/gates/gate_keeper.h"
#include "policy/check/findings.h"
#include "policy/decide/decide.h"
#include "policy/decide/forecast.h"
#include "tests/bench/kit/allocations.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/stopwatch.h"

namespace {

using gateway::gates::GateKeeper;
using gateway::gates::World;
using policy::base::Instant;
using policy::base::Interval;
using policy::base::kDay;
using policy::base::Seconds;
using policy::decide::Answers;
using policy::decide::Forecast;
using policy::model::MessageClass;
using policy::model::RosterKind;
using tests::bench::percentile;
using tests::bench::Report;
using tests::bench::Stopwatch;

constexpr Instant kYearBegins{1'798'761'600};              // 2027-01-01T00:00:00Z
constexpr Instant kShiftChange{1'811'318'400 + 5 * 3600};  // 2027-05-26 07:00 in Berlin
constexpr int kDays = 365;
constexpr std::size_t kBatch = 100;

using Sources = std::vector<policy::pack::PackSource>;

policy::pack::PackSource source(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {path.string(), {std::istreambuf_iterator<char>(in), {}}};
}

// Whoever is not in the root of the source tree finds none.
Sources shipped_packs() {
  Sources sources;
  if (std::filesystem::is_directory("rules/packs")) {
    for (const auto& folder : std::filesystem::directory_iterator("rules/packs"))
      if (exists(folder.path() / "pack.toml")) sources.push_back(source(folder.path() / "pack.toml"));
  }
  std::ranges::sort(sources, {}, &policy::pack::PackSource::name);
  return sources;
}

std::shared_ptr<const policy::pack::RuleSet> load(const Sources& sources) {
  auto rules = policy::pack::load_packs(sources);
  if (!rules || sources.empty()) {
    std::fprintf(stderr, "%s\nrun this in the root of the source tree\n",
                 rules ? "no packs" : policy::base::to_string(rules.error().front()).c_str());
    std::exit(66);  // EX_NOINPUT
  }
  return *rules;
}

// The packs that decisions have always been measured with here, so that figures stay comparable when others join them.
std::shared_ptr<const policy::pack::RuleSet> rules_of_decisions() {
  Sources sources;
  for (const char* const pack : {"arbzg", "dv-messenger", "loeschfristen", "byod-drei", "zwei-faktor"})
    sources.push_back(source(std::filesystem::path("rules/packs") / pack / "pack.toml"));
  return load(sources);
}

void bench_loading(Report& report, double seconds) {
  const Sources sources = shipped_packs();
  std::vector<double> ms;
  std::size_t findings = 0;
  const Stopwatch all;
  do {
    const Stopwatch one;
    findings = policy::check::findings(*load(sources)).size();
    ms.push_back(one.ns() / 1e6);
  } while (all.ns() < seconds * 1e9);
  const double first_ms = ms.front();
  const std::string note = std::to_string(sources.size()) + " packs; " + std::to_string(findings) + " findings";
  report.figure("all packs loaded and checked, first", first_ms, "ms", note + "; reads the tz database");
  report.figure("all packs loaded and checked p50", percentile(ms, 0.5), "ms", note);
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

// One question, as a bench asks thousands of.
struct Question {
  const policy::model::PersonFacts* facts = nullptr;
  std::size_t person = 0;
  MessageClass message_class = MessageClass::kRoutine;
  Instant at;
};

// `answer(question)` in batches for `seconds`; its results are counted, so that none is left out.
template <typename Ask, typename Answer>
void bench_questions(Report& report, const std::string& name, double seconds, Ask ask, Answer answer) {
  std::vector<double> per_call_ns;
  std::vector<Question> batch(kBatch);
  std::size_t held = 0, count = 0, allocated = 0;
  double spent_ns = 0;
  const Stopwatch all;
  while (all.ns() < seconds * 1e9) {
    for (Question& question : batch) question = ask();
    const std::size_t before = tests::bench::allocations();
    const Stopwatch one;
    for (const Question& question : batch) held += answer(question) == policy::model::Effect::kHold ? 1U : 0U;
    per_call_ns.push_back(one.ns() / kBatch);
    spent_ns += per_call_ns.back() * kBatch;
    allocated += tests::bench::allocations() - before;
    count += kBatch;
  }
  const std::string note = std::to_string(100 * held / count) + " % held";
  report.figure(name + ", a second", static_cast<double>(count) / spent_ns * 1e9, "1/s", note);
  report.figure(name + " p50", percentile(per_call_ns, 0.5), "ns", "mean of batches of 100");
  report.figure(name + " p99", percentile(per_call_ns, 0.99), "ns", "mean of batches of 100");
  report.figure(name + ", allocations", static_cast<double>(allocated) / static_cast<double>(count), "",
                "per decision");
}

void bench_decisions(Report& report, const std::shared_ptr<const policy::pack::RuleSet>& rules, double seconds) {
  std::vector<policy::model::PersonFacts> people;
  for (std::size_t i = 0; i < 600; ++i) people.push_back(worker(i, i));
  std::mt19937_64 dice(20270101);
  const auto ask = [&] {
    const std::size_t person = dice() % people.size();
    const Instant at = kYearBegins + Seconds{static_cast<std::int64_t>(dice() % (kDays * 86'400ULL))};
    return Question{&people[person], person, policy::model::kMessageClasses[dice() % 4], at};
  };
  bench_questions(report, "decision from facts", seconds, ask, [&](const Question& q) {
    return policy::decide::decide(*rules, *q.facts, q.message_class, q.at).effect;
  });
  Answers answers(rules);
  const Stopwatch making;
  std::vector<Forecast> forecasts;
  for (const auto& facts : people)
    forecasts.emplace_back(answers, facts, kYearBegins, Forecast::Extent{100'000, Seconds{kDays * 86'400LL}});
  report.figure("forecast of a year made", making.ns() / 1000 / static_cast<double>(people.size()), "us", "a person");
  report.figure("forecast of a year", static_cast<double>(forecasts.front().size_bytes()) / 1024, "KiB",
                std::to_string(answers.size()) + " answers shared by " + std::to_string(people.size()) + " people");
  bench_questions(report, "decision prepared", seconds, ask,
                  [&](const Question& q) { return forecasts[q.person].at(q.message_class, q.at).effect; });
  bench_questions(report, "decision prepared, one person", seconds / 5, ask,
                  [&](const Question& q) { return forecasts.front().at(q.message_class, q.at).effect; });
}

// Beside peers/policy_peers.mjs: the same policy, one duty from 06:00 to 14:00, minutes of the day after the other.
void bench_beside_peers(Report& report, double seconds) {
  const auto rules = load({source("tests/bench/peers/pack.toml")});
  policy::model::PersonFacts facts{"p1", {"streife"}, {}, {}, {}, {}};
  const Instant midnight = kYearBegins - Seconds{3600};  // in Berlin
  for (std::int64_t day = -2; day < 3; ++day) {
    const Instant begin = midnight + Seconds{day * 86'400 + 6 * 3600};
    facts.roster.push_back({RosterKind::kDuty, {begin, begin + Seconds{8 * 3600}}});
  }
  std::int64_t minute = 0;
  const auto ask = [&] {
    minute = (minute + 7) % 1440;
    return Question{&facts, 0, MessageClass::kRoutine, midnight + Seconds{60 * minute}};
  };
  bench_questions(report, "peers' policy from facts", seconds, ask, [&](const Question& q) {
    return policy::decide::decide(*rules, *q.facts, q.message_class, q.at).effect;
  });
  Answers answers(rules);
  const Forecast forecast(answers, facts, midnight, {64, kDay});
  bench_questions(report, "peers' policy prepared", seconds, ask,
                  [&](const Question& q) { return forecast.at(q.message_class, q.at).effect; });
}

std::shared_ptr<World> early_shift(std::shared_ptr<const policy::pack::RuleSet> rules, std::size_t people) {
  auto world = std::make_shared<World>();
  world->rules = std::move(rules);
  // All in the phase whose early shift begins at kShiftChange, so that every gate opens in the same second.
  const auto day = static_cast<std::size_t>((kShiftChange.unix_s - kYearBegins.unix_s) / 86'400);
  const std::size_t phase = 6 - day % 6;
  for (std::size_t i = 0; i < people; ++i) {
    auto facts = worker(i, phase);
    world->people.emplace(facts.person, std::move(facts));
  }
  return world;
}

void bench_gates(Report& report, std::shared_ptr<const policy::pack::RuleSet> rules, std::size_t people) {
  const auto world = early_shift(std::move(rules), people);
  const auto each = static_cast<double>(people);
  const std::size_t bytes_before = tests::bench::allocated_bytes();
  GateKeeper keeper(world);
  // The last closing of the night ends when duty begins, at six.
  Instant now = kShiftChange - Seconds{2 * 3600};
  const Stopwatch connecting;
  for (const auto& [person, facts] : world->people) keeper.watch(person, now);
  report.figure("gate computed at connect", connecting.ns() / 1000 / each, "us");
  report.figure("memory of a gate", static_cast<double>(tests::bench::allocated_bytes() - bytes_before) / each, "bytes",
                "name, forecast and place in the agenda; as the allocator has it");
  std::vector<double> tick_ms;
  std::size_t opened = 0, most = 0;
  double longest_ms = 0;
  for (; now <= kShiftChange + Seconds{60}; now = now + Seconds{1}) {
    const Stopwatch tick;
    const auto changes = keeper.advance(now);
    tick_ms.push_back(tick.ns() / 1e6);
    opened += changes.size();
    if (changes.size() > most) most = changes.size(), longest_ms = tick_ms.back();
  }
  report.figure("gates changed around the shift change", static_cast<double>(opened), "",
                std::to_string(people) + " people watched");
  report.figure("gates changed in the busiest second", static_cast<double>(most), "");
  report.figure("that second's work", longest_ms, "ms");
  if (most > 0) report.figure("one gate opening", 1000 * longest_ms / static_cast<double>(most), "us");
  report.figure("a second without openings p50", percentile(tick_ms, 0.5) * 1000, "us", "renews forecasts in turn");
  report.figure("a second without openings p99", percentile(tick_ms, 0.99) * 1000, "us");
  const auto next = std::make_shared<World>(*world);
  const Stopwatch replacing;
  keeper.replace(next, now);
  report.figure("all gates under a new roster", replacing.ns() / 1e6, "ms", "every forecast made anew");
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
  bench_loading(report, seconds / 5);
  const auto rules = rules_of_decisions();
  bench_decisions(report, rules, seconds);
  bench_gates(report, rules, people);
  bench_beside_peers(report, seconds / 2);
  return 0;
}
