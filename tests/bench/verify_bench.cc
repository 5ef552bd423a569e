// What verifying a large log takes: time, processor time and memory of `feierabend-audit verify` over the whole log and
// over what is new since a checkpoint, and the time of proofs from tiles that are kept.
//
// The log is written by the real edge (audit/log/edge.h) and codec, without the group commits and fsyncs that only
// cost time here; at the end the real sequencer opens it and appends to it.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

#include "audit/log/edge.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/store/folder.h"
#include "policy/base/sha256.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/stopwatch.h"
#include "tests/support/process/process.h"

namespace {

namespace event = audit::event;
using tests::bench::Report;

constexpr std::int64_t kBegin = 1767225600;  // 2026-01-01
constexpr std::int64_t kYear = 365 * 86400;

class SetClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {kBegin + kYear}; }
  std::int64_t now_ms() const override { return now().unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

// A cheap generator: what it makes need not be secret, only different.
std::uint64_t mixed(std::uint64_t number) {
  number += 0x9E3779B97F4A7C15;
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
  return number ^ (number >> 31);
}

template <typename Array>
Array array_of(std::uint64_t number) {
  Array array{};
  for (std::size_t i = 0; i < array.size(); i += 8) {
    const std::uint64_t word = mixed(number + i);
    for (std::size_t j = 0; j < 8 && i + j < array.size(); ++j)
      array[i + j] = static_cast<std::uint8_t>(word >> (8 * j));
  }
  return array;
}

// What a year of an authority is made of: half of it messages held with their decision, the other half sessions.
event::Record record(std::uint64_t number, policy::base::Instant at) {
  const event::Subject who{event::Pseudonym{array_of<decltype(event::Pseudonym::bytes)>(mixed(number) % 23000)}};
  const policy::base::DeviceId device{array_of<decltype(policy::base::DeviceId::bytes)>(mixed(number) % 60000)};
  const auto digest = [](std::uint64_t of) { return event::Digest{array_of<decltype(event::Digest::bytes)>(of)}; };
  if (number % 4 == 0) return event::SessionOpened{who, device};
  if (number % 4 == 1) return event::SessionClosed{who, device, event::SessionEnd::kIdle};
  static const auto kRules = event::RuleIds::from({event::RuleId::from("rest.daily").value()}).value();
  return event::MessageHeldBy{who,
                              event::MessageClass::kRoutine,
                              event::HeldEffect::kHold,
                              kRules,
                              at + policy::base::kHour,
                              at,
                              digest(1),
                              digest(2),
                              digest(3),
                              digest(4),
                              digest(number)};
}

void write_file(const std::string& path, policy::base::ByteView bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || ::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    std::perror(path.c_str());
    std::exit(74);
  }
  ::close(file);
}

class Writer {
 public:
  explicit Writer(std::string folder) : folder_(std::move(folder)) {}

  void write(const std::vector<audit::log::Object>& objects) {
    for (const auto& object : objects) {
      const std::string path = folder_ + "/" + object.path, parent = path.substr(0, path.rfind('/'));
      if (parents_.insert(parent).second) std::filesystem::create_directories(parent);
      write_file(path, object.bytes);
    }
  }

 private:
  std::string folder_;
  std::set<std::string> parents_;
};

// A log of that many entries over a year; gives the checkpoint it had at `earlier` entries.
std::string write_log(const std::string& folder, const audit::checkpoint::SigningKey& key, std::uint64_t entries,
                      std::uint64_t earlier) {
  Writer writer(folder);
  audit::log::Edge edge;
  const auto note = [&] {
    return audit::checkpoint::sign_checkpoint({key.verifier().name(), edge.size(), edge.root(), {}}, key);
  };
  std::string then;
  for (std::uint64_t number = 0; number < entries; ++number) {
    const policy::base::Instant at{kBegin + static_cast<std::int64_t>(number * kYear / entries)};
    const auto secret = array_of<event::EntryKey>(number << 8);
    edge.append(event::seal({at, record(number, at)}, secret), secret);
    if (edge.size() == earlier) then = note();
    if (edge.size() % (64 * 256) != 0 && edge.size() != entries) continue;
    auto growth = edge.take_growth();
    std::erase_if(growth.tiles, [&](const auto& object) {  // what the next round supersedes
      return edge.size() != entries && object.path.contains(".p/") &&
             (object.path.starts_with("tile/0/") || object.path.starts_with("tile/entries/"));
    });
    writer.write(growth.tiles);
    writer.write(growth.side);
  }
  const std::string newest = note();
  const audit::log::Bytes bytes(newest.begin(), newest.end());
  writer.write(
      {{std::string(audit::log::kCheckpointPath), bytes}, {std::string(audit::log::kLockedCheckpointPath), bytes}});
  return then;
}

struct Run {
  int code = -1;
  double wall_s = 0, processor_s = 0, peak_MiB = 0;
};

// The parent must be small: what a child takes before exec counts, too.
Run run(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stdout) == nullptr || std::freopen("/dev/null", "w", stderr) == nullptr)
      _exit(70);
    ::execv(arguments.front(), arguments.data());
    _exit(71);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || ::wait4(child, &status, 0, &used) != child) return {};
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          seconds(used.ru_utime) + seconds(used.ru_stime), static_cast<double>(used.ru_maxrss) / 1024};
}

// What no verifier can do without, on one thread: leaf, node and the commitment to a record of middling size.
double hashing_us() {
  audit::merkle::Hash hash{};
  const std::array<std::uint8_t, 55> leaf{};
  std::array<std::uint8_t, 110> payload{};
  constexpr int kRounds = 200'000;
  const tests::bench::Stopwatch watch;
  for (int i = 0; i < kRounds; ++i) {
    hash = audit::merkle::node_hash(hash, audit::merkle::leaf_hash(leaf));
    std::ranges::copy(policy::base::hmac_sha256(hash, payload), payload.begin());
  }
  return watch.ns() / kRounds / 1000;
}

void told(Report& report, const std::string& name, const Run& run, std::uint64_t entries) {
  if (run.code != 0) {
    std::fprintf(stderr, "%s: exit code %d\n", name.c_str(), run.code);
    std::exit(70);
  }
  report.figure(name + ": wall", run.wall_s, "s");
  report.figure(name + ": processor", run.processor_s, "s");
  report.figure(name + ": processor an entry", run.processor_s / static_cast<double>(entries) * 1e6, "us");
  report.figure(name + ": x its hashes alone", run.processor_s / static_cast<double>(entries) * 1e6 / hashing_us(), "",
                "processor time; leaf, node, commitment");
  report.figure(name + ": peak", run.peak_MiB, "MiB", "resident set");
}

// Random entries of the log's last tile of level 0, so that every tile is kept after the first round.
void proofs(Report& report, const std::string& folder, std::uint64_t entries) {
  const auto objects = audit::store::FolderObjects::open_to_read(folder).value();
  audit::log::TileReader reader(*objects, entries);
  const auto nodes = reader.nodes();
  constexpr std::uint64_t kRounds = 20000;
  const std::uint64_t first = entries > 4096 ? entries - 4096 : 0;
  double inclusion_ns = 0, consistency_ns = 0;
  std::size_t hashes = 0;
  for (int round = 0; round < 2; ++round) {  // the first one fills the cache
    const tests::bench::Stopwatch inclusion;
    for (std::uint64_t i = 0; i < kRounds; ++i)
      hashes += audit::merkle::inclusion_proof(first + mixed(i) % (entries - first), entries, nodes)->size();
    inclusion_ns = inclusion.ns() / kRounds;
    const tests::bench::Stopwatch consistency;
    for (std::uint64_t i = 0; i < kRounds; ++i)
      hashes += audit::merkle::consistency_proof(first + 1 + mixed(i) % (entries - first), entries, nodes)->size();
    consistency_ns = consistency.ns() / kRounds;
  }
  report.figure("inclusion proof, tiles kept", inclusion_ns / 1000, "us", "processor time");
  report.figure("consistency proof, tiles kept", consistency_ns / 1000, "us", "processor time");
  report.figure("hashes a proof", static_cast<double>(hashes) / (4.0 * kRounds), "");
}

// The sequencer takes the log for its own and goes on.
void accepted(const std::string& folder, const audit::checkpoint::SigningKey& key, std::uint64_t entries) {
  const SetClock clock;
  policy::base::SystemRandom random;
  const auto lock = audit::store::FolderLock::open(folder).value();
  const auto objects = audit::store::FolderObjects::open(folder).value();
  const auto log = audit::log::Log::open({*objects, *lock, clock, random}, key).value();
  if (log->append(event::ServiceStopped{}).value().value != entries) std::exit(70);
}

}  // namespace

int main(int argc, char** argv) {
  std::string csv, keep;
  std::uint64_t entries = 10'000'000;
  CLI::App app("Verification of a large audit log");
  app.add_option("--csv", csv, "file that figures are appended to");
  app.add_option("--entries", entries, "of the log")->check(CLI::Range(1024ULL, 1'000'000'000ULL));
  app.add_option("--keep", keep, "write the log into this new folder and leave it there");
  CLI11_PARSE(app, argc, argv);
  Report report("verify", csv);
  const tests::support::TemporaryFolder temporary("verify_bench");
  const std::string folder = keep.empty() ? (temporary / "log").string() : keep;
  policy::base::SystemRandom random;
  const auto key = audit::checkpoint::SigningKey::generate("bench.example/audit/2026", random).value();
  const std::uint64_t earlier = entries - entries / 100;
  const tests::bench::Stopwatch writing;
  const std::string seen = write_log(folder, key, entries, earlier);
  report.figure("entries", static_cast<double>(entries), "");
  report.figure("written in", writing.ns() / 1e9, "s", "processor time");
  const std::string since = temporary / "seen", vkey = key.verifier().text();
  std::ofstream(since) << seen;
  if (!keep.empty()) std::ofstream(keep + ".vkey") << vkey << '\n';
  const std::string program = std::filesystem::path(argv[0]).parent_path() / "feierabend-audit";
  const std::vector<std::string> verify{program, "verify", folder, "--key", vkey};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> command = verify;
    command.insert(command.end(), more.begin(), more.end());
    return run(std::move(command));
  };
  told(report, "whole log", with({}), entries);
  told(report, "whole log, one thread", with({"--threads", "1"}), entries);
  told(report, "without records", with({"--public"}), entries);
  told(report, "the last hundredth", with({"--since", since}), entries / 100);
  proofs(report, folder, entries);
  accepted(folder, key, entries);
  return 0;
}
