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

double process_us() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// Counts groups, and what of an entry's time is the disk's.
class Watch final : public audit::log::LockedCheckpoint {
 public:
  explicit Watch(audit::log::LockedCheckpoint& below) : below_(below) {}
  audit::log::Result<std::string> load() override { return below_.load(); }
  audit::log::Result<audit::log::Unsettled> unsettled() override { return below_.unsettled(); }
  audit::log::Status replace(std::string_view expected, std::string_view next) override {
    return below_.replace(expected, next);
  }
  audit::log::Status promise(std::string_view expected, std::string_view next,
                             policy::base::ByteView carried) override {
    const auto begin = Clock::now();
    auto promised = below_.promise(expected, next, carried);
    promise_us.push_back(since_us(begin));
    return promised;
  }
  audit::log::Status settle(std::string_view note) override {
    ++settled;
    return below_.settle(note);
  }
  std::vector<double> promise_us;  // written by the log's thread until close()
  std::size_t settled = 0;

 private:
  audit::log::LockedCheckpoint& below_;
};

// Keeps `under_way` entries waiting for `seconds`.
void bench(Report& report, const std::string& folder, std::size_t under_way, double seconds) {
  const policy::base::SystemClock clock;
  policy::base::SystemRandom random;
  auto objects = audit::store::FolderObjects::open(folder).value();
  auto lock = audit::store::FolderLock::open(folder).value();
  Watch watch(*lock);
  auto key = audit::checkpoint::SigningKey::generate("bench.example/audit/2026", random).value();
  auto log = audit::log::Log::open({*objects, watch, clock, random}, std::move(key)).value();
  std::atomic<std::size_t> waiting{0};
  std::vector<double> taken_us;  // written by the log's thread until close()
  taken_us.reserve(4'000'000);
  const auto begin = Clock::now();
  const double cpu_begin_us = process_us();
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
  while (waiting > 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
  const double took_s = since_us(begin) / 1e6;
  log->close();
  const double cpu_us = process_us() - cpu_begin_us, entries = static_cast<double>(taken_us.size());
  const std::string name = std::to_string(under_way) + " under way: ";
  report.figure(name + "durable entries", entries / took_s, "1/s");
  report.figure(name + "to durable p50", percentile(taken_us, 0.5) / 1000, "ms");
  report.figure(name + "to durable p99", percentile(taken_us, 0.99) / 1000, "ms");
  report.figure(name + "of a group's sync p50", percentile(watch.promise_us, 0.5) / 1000, "ms");
  report.figure(name + "of a group's sync p99", percentile(watch.promise_us, 0.99) / 1000, "ms");
  report.figure(name + "entries a sync", entries / static_cast<double>(watch.promise_us.size()), "");
  report.figure(name + "publications", static_cast<double>(watch.settled), "");
  report.figure(name + "processor time an entry", cpu_us / entries, "us", "with publishing, and the one who appends");
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
  auto in_place_us = tests::bench::syncs_in_place_us(folder.path(), std::min(seconds, 2.0));
  report.figure("fdatasync of 4 KiB in place p50", percentile(in_place_us, 0.5) / 1000, "ms");
  report.figure("fdatasync of 4 KiB in place p99", percentile(in_place_us, 0.99) / 1000, "ms");
  for (const std::size_t under_way : {1UL, 64UL, 256UL, 1024UL, 8192UL})
    bench(report, folder / std::to_string(under_way), under_way, seconds);
  return 0;
}
