// Entries a second that the audit log makes durable in a folder, with group commit and fsync, and how long one takes.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <thread>

#include "audit/log/log.h"
#include "audit/store/folder.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/sync_rate.h"
#include "tests/support/process/process.h"

namespace {

using Clock = std::chrono::steady_clock;
using tests::bench::percentile;
using tests::bench::Report;

double since_us(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

audit::event::Record record(std::uint64_t number) {
  audit::event::Pseudonym who{};
  for (std::size_t i = 0; i < sizeof number; ++i) who.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return audit::event::LoginRefused{{who}, audit::event::LoginRefusal::kWrongPassword};
}

// Keeps `under_way` entries waiting for `seconds`.
void bench(Report& report, const std::string& folder, std::size_t under_way, double seconds) {
  const policy::base::SystemClock clock;
  policy::base::SystemRandom random;
  auto objects = audit::store::FolderObjects::open(folder).value();
  auto lock = audit::store::FolderLock::open(folder).value();
  auto key = audit::checkpoint::SigningKey::generate("bench.example/audit/2026", random).value();
  auto log = audit::log::Log::open({*objects, *lock, clock, random}, std::move(key)).value();
  std::atomic<std::size_t> waiting{0};
  std::vector<double> taken_us;  // written by the log's thread until close()
  const auto begin = Clock::now();
  std::uint64_t number = 0;
  while (since_us(begin) < seconds * 1e6) {
    if (waiting >= under_way) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
      continue;
    }
    ++waiting;
    log->append_async(record(number++), [&, sent = Clock::now()](const audit::log::Result<audit::log::Index>& index) {
      if (!index) {
        std::fprintf(stderr, "%s\n", policy::base::to_string(index.error()).c_str());
        std::exit(70);
      }
      taken_us.push_back(since_us(sent));
      --waiting;
    });
  }
  log->close();
  const double took_s = since_us(begin) / 1e6;
  const std::string name = std::to_string(under_way) + " under way: ";
  report.figure(name + "durable entries", static_cast<double>(taken_us.size()) / took_s, "1/s");
  report.figure(name + "to durable p50", percentile(taken_us, 0.5) / 1000, "ms");
  report.figure(name + "to durable p99", percentile(taken_us, 0.99) / 1000, "ms");
}

}  // namespace

int main(int argc, char** argv) {
  std::string csv;
  double seconds = 3;
  CLI::App app("Durable entries of the audit log");
  app.add_option("--csv", csv, "file that figures are appended to");
  app.add_option("--seconds", seconds, "of each figure")->check(CLI::Range(0.05, 600.0));
  CLI11_PARSE(app, argc, argv);
  Report report("audit", csv);
  const tests::support::TemporaryFolder folder("audit-bench");
  report.figure("fdatasync of 4 KiB", tests::bench::syncs_per_second(folder.path(), std::min(seconds, 2.0)), "1/s",
                "one after the other in the same folder");
  for (const std::size_t under_way : {1UL, 64UL, 1024UL, 8192UL})
    bench(report, folder / std::to_string(under_way), under_way, seconds);
  return 0;
}
