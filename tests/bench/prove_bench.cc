// How long `feierabend-policy prove` takes for every member of a large authority over years, and how much memory: the
// program itself, from its files to its answer. Two ways to say the same roster: a table of every entry, sorted by
// person, and a plan that says the rotation once. Both answers must be the same.
//
// Early, early, late, night, free, on call, seventeen times, then six days of leave; 108 teams, each a day ahead of the
// one before.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "policy/time/zone.h"
#include "tests/bench/kit/report.h"
#include "tests/support/process/process.h"

namespace {

using policy::base::Instant;
using policy::time::LocalDate;
using policy::time::LocalTime;
using policy::time::Zone;

constexpr int kCycle = 108;
constexpr int kPattern = 6;
constexpr int kPatterns = 17;
constexpr int kFirstYear = 2026;

struct Shift {
  std::array<int, 2> days;  // of the pattern, from 0
  const char* kind;
  int from_h, to_h;
};
constexpr std::array kShifts{Shift{{0, 1}, "duty", 6, 14}, Shift{{2, 2}, "duty", 14, 22}, Shift{{3, 3}, "duty", 22, 6},
                             Shift{{4, 4}, "on-call", 12, 0}};

std::string person(std::size_t number) { return "p" + std::to_string(100'000 + number); }

bool on(const Shift& shift, int day) { return day == shift.days[0] || day == shift.days[1]; }

std::string clock_text(int hour) { return (hour < 10 ? "0" : "") + std::to_string(hour) + ":00:00"; }

// The days of the cycle on which a shift begins, from 1.
std::string days_of(const Shift& shift) {
  std::string out;
  for (int day = 0; day < kPatterns * kPattern; ++day)
    if (on(shift, day % kPattern)) out += (out.empty() ? "" : ", ") + std::to_string(day + 1);
  return out;
}

void write_plan(const std::string& path, std::size_t people, int years) {
  std::ofstream out(path, std::ios::binary);
  out << "zone = \"Europe/Berlin\"\n[[rotation]]\ncycle = " << kCycle << "\nstart = " << kFirstYear
      << "-01-01\nuntil = " << kFirstYear + years << "-01-01\n";
  for (const Shift& shift : kShifts) {
    out << "[[rotation.shift]]\ndays = [" << days_of(shift) << "]\nkind = \"" << shift.kind
        << "\"\nfrom = " << clock_text(shift.from_h) << "\nto = " << clock_text(shift.to_h) << '\n';
  }
  out << "[[rotation.shift]]\ndays = [103, 104, 105, 106, 107, 108]\nkind = \"leave\"\nfrom = 00:00:00\nto = "
         "00:00:00\n";
  for (int team = 0; team < kCycle; ++team) {
    std::string members;
    for (auto i = static_cast<std::size_t>(team); i < people; i += kCycle)
      members += (members.empty() ? "\"" : ", \"") + person(i) + "\"";
    if (!members.empty()) out << "[[rotation.team]]\noffset = " << team << "\nmembers = [" << members << "]\n";
  }
}

// What stands behind the name in each line of a team.
std::vector<std::string> lines_of(const Zone& zone, int team, int years) {
  std::vector<std::string> lines;
  const LocalDate first = policy::time::date_of({kFirstYear, 1, 1}),
                  last = policy::time::date_of({kFirstYear + years, 1, 1});
  const auto add = [&](LocalDate date, const char* kind, int from_h, int to_h) {
    const Instant begin = zone.first_reading(date, LocalTime{from_h * 3600}),
                  end = zone.last_reading(date + (to_h <= from_h ? 1 : 0), LocalTime{to_h * 3600});
    lines.push_back(std::string(",") + kind + "," + policy::base::format_instant(begin) + "," +
                    policy::base::format_instant(end) + "\n");
  };
  for (LocalDate date = first; date < last; date = date + 1) {
    const int day = static_cast<int>((date.days - first.days + team) % kCycle);
    if (day >= kPatterns * kPattern) add(date, "leave", 0, 0);
    for (const Shift& shift : kShifts)
      if (day < kPatterns * kPattern && on(shift, day % kPattern)) add(date, shift.kind, shift.from_h, shift.to_h);
  }
  return lines;
}

std::uint64_t write_table(const std::string& path, std::size_t people, int years) {
  const Zone zone = Zone::find("Europe/Berlin").value();
  std::vector<std::vector<std::string>> teams;
  for (int team = 0; team < kCycle; ++team) teams.push_back(lines_of(zone, team, years));
  std::FILE* out = std::fopen(path.c_str(), "wb");
  if (out == nullptr) std::abort();
  std::uint64_t lines = 0;
  std::string text = "person,kind,begin,end\n";
  for (std::size_t i = 0; i < people; ++i) {
    const std::string id = person(i);
    for (const std::string& line : teams[i % kCycle]) text += id + line;
    lines += teams[i % kCycle].size();
    if (std::fwrite(text.data(), 1, text.size(), out) != text.size()) std::abort();
    text.clear();
  }
  if (std::fclose(out) != 0) std::abort();
  return lines;
}

struct Run {
  int exit_code = -1;
  double wall_s = 0, processor_s = 0, resident_MiB = 0;
};

Run run(const std::vector<std::string>& command, const std::string& output) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen(output.c_str(), "wb", stdout) == nullptr) _exit(71);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execv(arguments.front(), arguments.data());
    _exit(71);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || wait4(child, &status, 0, &used) != child) return {};
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          seconds(used.ru_utime) + seconds(used.ru_stime), static_cast<double>(used.ru_maxrss) / 1024};
}

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  std::string csv;
  std::size_t people = 23'000;
  int years = 10;
  CLI::App app("Proofs over rosters of years");
  app.add_option("--csv", csv, "file that figures are appended to");
  app.add_option("--people", people, "on the roster")->check(CLI::Range(1, 100'000));
  app.add_option("--years", years, "of roster")->check(CLI::Range(1, 14));
  CLI11_PARSE(app, argc, argv);
  tests::bench::Report report("prove", csv);
  const tests::support::TemporaryFolder folder("prove_bench");
  const std::string people_csv = folder / "people.csv", table = folder / "roster.csv", plan = folder / "roster.toml";
  {
    std::ofstream out(people_csv, std::ios::binary);
    out << "person,groups\n";
    for (std::size_t i = 0; i < people; ++i) out << person(i) << ",streife\n";
  }
  write_plan(plan, people, years);
  const auto entries = static_cast<double>(write_table(table, people, years));
  report.figure("people", static_cast<double>(people), "", std::to_string(years) + " years");
  report.figure("roster entries", entries, "");
  std::string first;
  for (const auto& [name, roster] : {std::pair<std::string, std::string>{"table", table}, {"plan", plan}}) {
    const std::string output = folder / (name + ".json");
    const auto begin = std::to_string(kFirstYear) + "-01-01T00:00:00Z";
    const auto end = std::to_string(kFirstYear + years) + "-01-01T00:00:00Z";
    const Run ran = run({tests::support::program("feierabend-policy"), "prove", "--pack", "rules/packs/arbzg",
                         "rules/packs/dv-messenger", "--people", people_csv, "--roster", roster, "--from", begin,
                         "--to", end, "--json"},
                        output);
    report.figure("proof from a " + name, ran.wall_s, "s", "exit " + std::to_string(ran.exit_code));
    report.figure("its processor time", ran.processor_s, "s");
    report.figure("its memory", ran.resident_MiB, "MiB", "peak resident set");
    report.figure("its entries a second", entries / ran.wall_s, "1/s");
    const std::string answer = text_of(output);
    if (ran.exit_code != 0 || (!first.empty() && answer != first)) {
      std::fprintf(stderr, "no proof, or another one than from the table:\n%.2000s\n", answer.c_str());
      return 1;
    }
    first = answer;
  }
  return 0;
}
