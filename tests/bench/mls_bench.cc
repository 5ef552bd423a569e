// What a large MLS group costs: making one, joining it, changing its keys, talking in it, and how the cost of adding
// grows with its size. Suite 0x0001, as the peers were measured with it.
//
// Signatures and seals of one commit run on all cores, as in the client; messages on one. Wall time, the best of some
// rounds, with the processor time of the same round beside it: on a machine that does other things, too, the second
// one is the steadier.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <string>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/group/group.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/stopwatch.h"

namespace {

using namespace clients::mls;
using tests::bench::Report;

constexpr CipherSuite kSuite = CipherSuite::kX25519Aes128GcmSha256Ed25519;
constexpr std::uint64_t kNow_s = 1'800'000'000;
constexpr Lifetime kLifetime{kNow_s - 3600, kNow_s + 3600};
constexpr std::size_t kMessageBytes = 1024;

[[noreturn]] void end_because(const Error& error) {
  std::fprintf(stderr, "%s (%llu)\n", std::string(code(error.reason)).c_str(),
               static_cast<unsigned long long>(error.detail));
  std::exit(70);
}

template <typename T>
T must(Result<T> result) {
  if (!result) end_because(result.error());
  return std::move(*result);
}

struct Cost {
  double wall_ms = 1e12;
  double processor_ms = 0;
};

double processor_ms() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(used.ru_utime) + ms(used.ru_stime);
}

double peak_MiB() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

// The round that was the quickest on the wall.
template <typename Work>
Cost best_of(int rounds, Work&& work) {
  Cost best;
  for (int i = 0; i < rounds; ++i) {
    const double processor = processor_ms();
    const auto begin = std::chrono::steady_clock::now();
    work();
    const double wall = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    if (wall < best.wall_ms) best = {wall, processor_ms() - processor};
  }
  return best;
}

void told(Report& report, const std::string& what, const Cost& cost) {
  report.figure(what, cost.wall_ms, "ms");
  report.figure(what + ": processor", cost.processor_ms, "ms");
}

class Crowd {
 public:
  explicit Crowd(std::size_t members) {
    environment.crypto = &crypto;
    environment.now_s = kNow_s;
    group = must(Group::create(environment, kSuite, {1}, member(0), kLifetime, {}));
    for (std::size_t i = 1; i < members; ++i) {
      packages.push_back(make_key_package(crypto, kSuite, member(i), kLifetime));
      plan.proposals.emplace_back(Add{packages.back().package});
    }
  }
  Cost make(int rounds) {
    std::optional<Group::Staged> made;
    const Cost cost = best_of(rounds, [&] { made = must(group->commit(environment, plan)); });
    group = std::move(made->group);
    commit = std::move(made->commit);
    welcome = std::move(made->welcome);
    return cost;
  }
  Member member(std::size_t number) const {
    Member out;
    out.credential.identity = copy(as_bytes("uuid:" + std::to_string(number) + "@bench.example"));
    out.signature_key = generate_signature_key_pair(crypto);
    return out;
  }
  Group join(std::size_t number) const { return must(Group::join(environment, *welcome, packages[number])); }

  NativeCrypto crypto;
  Environment environment;
  std::optional<Group> group;
  std::vector<OwnKeyPackage> packages;
  CommitPlan plan;
  std::optional<PublicMessage> commit;
  std::optional<Welcome> welcome;
};

// Makes it `rounds` times from the same group and has the other member take it as often.
void change(Report& report, const std::string& what, const Crowd& crowd, const Group& by, const Group& other,
            const CommitPlan& plan, int rounds) {
  std::optional<Group::Staged> staged;
  told(report, what + ": made", best_of(rounds, [&] { staged = must(by.commit(crowd.environment, plan)); }));
  told(report, what + ": taken", best_of(rounds, [&] {
         if (!other.receive(crowd.environment, staged->commit)) std::exit(70);
       }));
  report.figure(what + ": commit", static_cast<double>(encode_message(staged->commit).size()) / 1000, "kB");
}

void talk(Report& report, const Crowd& crowd, Group from, Group to, double seconds) {
  std::vector<PrivateMessage> said;
  constexpr std::size_t kBatch = 200;
  double encrypting_ns = 1e18, decrypting_ns = 1e18;
  const tests::bench::Stopwatch watch;
  while (watch.ns() < seconds * 1e9) {
    said.clear();
    const tests::bench::Stopwatch encrypting;
    for (std::size_t i = 0; i < kBatch; ++i) said.push_back(must(from.protect(crowd.crypto, Bytes(kMessageBytes, 7))));
    encrypting_ns = std::min(encrypting_ns, encrypting.ns());
    const tests::bench::Stopwatch decrypting;
    for (const PrivateMessage& message : said)
      if (must(to.open(crowd.crypto, message)).data.size() != kMessageBytes) std::exit(70);
    decrypting_ns = std::min(decrypting_ns, decrypting.ns());
  }
  report.figure("1 KiB encrypted", kBatch * 1e9 / encrypting_ns, "/s", "processor time of one thread");
  report.figure("1 KiB decrypted", kBatch * 1e9 / decrypting_ns, "/s", "processor time of one thread");
  report.figure("state a message changes", static_cast<double>(to.save_keys().view().size()), "bytes",
                "keys only; one sender spoke");
}

void thousand(Report& report, std::size_t members, int rounds, double seconds) {
  Crowd crowd(members);
  const std::string adds = std::to_string(members - 1) + " adds in one commit";
  told(report, adds, crowd.make(rounds));
  report.figure(adds + ": commit", static_cast<double>(encode_message(*crowd.commit).size()) / 1000, "kB");
  report.figure(adds + ": Welcome", static_cast<double>(encode_message(*crowd.welcome).size()) / 1000, "kB");
  told(report, "join", best_of(rounds, [&] { crowd.join(members / 2); }));
  const Group other = crowd.join(members / 2), &by = *crowd.group;
  CommitPlan path;
  path.path = true;
  change(report, "first path commit of a cold tree", crowd, by, other, path, rounds);
  CommitPlan removal;
  removal.proposals = {Remove{LeafIndex{static_cast<std::uint32_t>(members / 4)}}};
  change(report, "removal in a cold tree", crowd, by, other, removal, rounds);
  CommitPlan add;
  add.proposals = {Add{make_key_package(crowd.crypto, kSuite, crowd.member(members), kLifetime).package}};
  change(report, "add 1", crowd, by, other, add, rounds);
  talk(report, crowd, by, other, seconds);
  report.figure("state of a member", static_cast<double>(other.save().view().size()) / 1000, "kB", "whole");
  told(report, "state written", best_of(rounds, [&] { (void)other.save(); }));
}

// Processor time over the number of adds, both logarithmic, beside n log n from the first size on.
class Curve {
 public:
  void add(std::size_t size, double ms, double n_log_n_ms) { points_.push_back({size, ms, n_log_n_ms}); }

  std::string svg() const {
    std::string out =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 680 400\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n<rect width=\"680\" height=\"400\" fill=\"white\"/>\n"
        "<text x=\"60\" y=\"20\">Adds in one commit: processor time (solid), n log n (dashed)</text>\n";
    out += line(&Point::ms, "") + line(&Point::n_log_n_ms, " stroke-dasharray=\"4 4\"");
    for (const Point& point : points_) {
      const double x = across(point), y = up(point.ms);
      out += label(x, 390, "middle", std::to_string(point.size)) +
             label(x + 6, y + 14, "start", std::to_string(std::lround(point.ms)) + " ms");
    }
    return out + "</svg>\n";
  }

 private:
  struct Point {
    std::size_t size;
    double ms, n_log_n_ms;
  };
  double across(const Point& point) const {
    return 80 + 520 * std::log(static_cast<double>(point.size) / static_cast<double>(points_.front().size)) /
                    std::log(static_cast<double>(points_.back().size) / static_cast<double>(points_.front().size));
  }
  double up(double ms) const {
    const double most = std::max(points_.back().ms, points_.back().n_log_n_ms);
    return 370 - 320 * std::log(ms / points_.front().ms) / std::log(most / points_.front().ms);
  }
  std::string line(double Point::* value, const std::string& style) const {
    std::string out = "<polyline fill=\"none\" stroke=\"black\"" + style + " points=\"";
    for (const Point& point : points_)
      out += std::to_string(across(point)) + "," + std::to_string(up(point.*value)) + " ";
    return out + "\"/>\n";
  }
  static std::string label(double x, double y, const std::string& anchor, const std::string& text) {
    return "<text text-anchor=\"" + anchor + "\" x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\">" +
           text + "</text>\n";
  }

  std::vector<Point> points_;
};

// Rows of a chart: the time of each size, drawn against the time that n log n would give it from the first one.
void growth(Report& report, const std::vector<std::size_t>& sizes, int rounds, const std::string& file) {
  Curve curve;
  double unit = 0;
  std::string chart;
  for (const std::size_t size : sizes) {
    Crowd crowd(size + 1);
    const Cost cost = crowd.make(size > 4000 ? 1 : rounds);
    const double n_log_n = static_cast<double>(size) * std::log2(static_cast<double>(size));
    if (unit == 0) unit = cost.processor_ms / n_log_n;
    curve.add(size, cost.processor_ms, unit * n_log_n);
    const double ratio = cost.processor_ms / n_log_n / unit;
    told(report, std::to_string(size) + " adds", cost);
    report.figure(std::to_string(size) + " adds: processor time x n log n", ratio, "", "1: as from the first size");
    char row[160];
    std::snprintf(row, sizeof row, "  %6zu %9.0f ms  %-40s %.2f\n", size, cost.processor_ms,
                  std::string(static_cast<std::size_t>(std::min(40.0, std::round(ratio * 20))), '#').c_str(), ratio);
    chart += row;
    if (size == sizes.back()) {
      told(report, "join among " + std::to_string(size + 1), best_of(1, [&] { crowd.join(size / 2); }));
      report.figure("state among " + std::to_string(size + 1),
                    static_cast<double>(crowd.group->save().view().size()) / 1000, "kB");
    }
  }
  std::printf("\n  adds   processor time over n log n (20 # is the first one's; more would be worse)\n%s",
              chart.c_str());
  if (!file.empty() && sizes.size() > 1) std::ofstream(file) << curve.svg();
}

}  // namespace

int main(int argc, char** argv) {
  std::string csv, curve;
  std::size_t members = 1000, most = 23000;
  int rounds = 5;
  double seconds = 5;
  CLI::App app("A large MLS group");
  app.add_option("--csv", csv, "file that figures are appended to");
  app.add_option("--curve", curve, "SVG file that the curve of adds is drawn into");
  app.add_option("--members", members, "of the group that is measured in full")->check(CLI::Range(8, 100'000));
  app.add_option("--most", most, "adds at the end of the curve; 0 leaves it out")->check(CLI::Range(0, 100'000));
  app.add_option("--rounds", rounds, "of which the best counts")->check(CLI::Range(1, 100));
  app.add_option("--seconds", seconds, "of talking")->check(CLI::Range(0.01, 600.0));
  CLI11_PARSE(app, argc, argv);
  Report report("mls", csv);
  thousand(report, members, rounds, seconds);
  std::vector<std::size_t> sizes;
  for (const std::size_t size : {1000U, 2000U, 3000U, 4000U, 8000U, 16000U})
    if (size < most) sizes.push_back(size);
  if (most > 0) {
    sizes.push_back(most);
    growth(report, sizes, rounds, curve);
  }
  report.figure("peak", peak_MiB(), "MiB", "resident set");
  return 0;
}
