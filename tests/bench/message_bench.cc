// Durable messages a second, one to one, through the real gateway and relay with the shipped rules and the audit log:
// pairs of devices, one sends, the other reads and acknowledges, a fixed number of sends of each pair under way.
//
// Latencies are seen from the client: from the send to Accepted (which means: on disk), and from the send to the
// delivery at the other device. The clients run on the same machine and take their share of its processors. What the
// disk allows is measured in the same folder before and after; how many messages share one fsync is counted.
//
// A message is a PrivateMessage of the group that the sender has started, encrypted once a pair and sent again under
// other ids: services cannot tell, and what encryption costs is mls_bench's to say.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstring>
#include <future>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/group/group.h"
#include "policy/base/clock.h"
#include "tests/bench/kit/fleet.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/resident.h"
#include "tests/bench/kit/sync_rate.h"
#include "tests/support/station/station.h"

namespace {

using Clock = std::chrono::steady_clock;
using policy::base::Status;
using tests::bench::Fleet;
using tests::bench::Lane;
using tests::bench::percentile;
using tests::bench::processor_s;
using tests::bench::Report;
using tests::support::Station;
namespace mls = clients::mls;
namespace pb = feierabend::v1;

constexpr std::size_t kTextBytes = 1024;

struct Options {
  std::string csv;
  std::size_t pairs = 64;
  double seconds = 5;
  bool count_syncs = true;
};

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(70);
}
policy::base::Bytes bytes_of(const std::string& field) {
  return {policy::base::as_bytes(field).begin(), policy::base::as_bytes(field).end()};
}
std::string wire(const policy::base::Bytes& bytes) { return std::string(policy::base::as_text(bytes)); }
void must(const Status& status) {
  if (!status) give_up(policy::base::to_string(status.error()));
}
double since_us(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

// Device 2i writes to device 2i + 1. All on the lane's thread but run().
class Load {
 public:
  Load(Lane& lane, Fleet& fleet)
      : lane_(lane), fleet_(fleet), conversations_(fleet.size() / 2), bodies_(fleet.size() / 2) {
    fleet_.on_frame([this](std::size_t device, const pb::ServerFrame& frame) { on_frame(device, frame); });
  }

  Status open_conversations() {
    return lane_.for_each(0, conversations_.size(), 16, "conversations", [this](std::size_t pair, Lane::Done done) {
      opening_[2 * pair] = std::move(done);
      pb::ClientFrame frame;
      frame.set_request(kOpening);
      frame.mutable_open()->add_persons(fleet_.person(2 * pair + 1));
      fleet_.send(2 * pair, frame);
    });
  }

  // Pairs first … last − 1 for so long, then until everything has arrived. `delivers`: the readers' gates are open.
  void run(std::size_t first, std::size_t last, std::size_t window, double seconds, bool delivers) {
    ended_ = std::promise<void>();
    lane_.run([&] {
      sent_.clear();
      accepted_us_.clear();
      delivered_us_.clear();
      base_ = next_base_++ << 32;
      under_way_ = arrived_ = 0;
      delivers_ = delivers;
      begin_ = Clock::now();
      end_ = begin_ + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
      running_ = true;
      for (std::size_t pair = first; pair < last; ++pair) {
        for (std::size_t i = 0; i < window; ++i) send(pair);
      }
    });
    if (ended_.get_future().wait_for(std::chrono::seconds(60)) != std::future_status::ready)
      give_up("messages have not arrived within a minute");
  }

  double per_second() const { return static_cast<double>(sent_.size()) / took_s_; }
  std::size_t count() const { return sent_.size(); }
  std::vector<double>& accepted_us() { return accepted_us_; }
  std::vector<double>& delivered_us() { return delivered_us_; }

 private:
  static constexpr std::uint64_t kOpening = 1, kStarting = 2;

  void send(std::size_t pair) {
    const std::uint64_t number = base_ + sent_.size();
    sent_.push_back(Clock::now());
    ++under_way_;
    std::string id(16, '\0');
    std::memcpy(id.data(), &number, sizeof number);
    pb::ClientFrame frame;
    frame.set_request(number);
    auto* const envelope = frame.mutable_send()->mutable_envelope();
    envelope->set_conversation(conversations_[pair]);
    envelope->set_kind(pb::APPLICATION);
    envelope->set_message_class(pb::ROUTINE);
    envelope->set_client_message_id(id);
    envelope->set_ciphertext(bodies_[pair]);
    fleet_.send(2 * pair, frame);
  }
  void on_frame(std::size_t device, const pb::ServerFrame& frame) {
    if (frame.has_problem()) give_up(policy::base::to_string(relay::wire::to_error(frame.problem())));
    if (frame.request() == kOpening && frame.has_conversation()) {
      conversations_[device / 2] = frame.conversation().conversation();
      return start_group(device, frame.conversation());
    }
    if (frame.request() == kStarting && frame.has_done()) return std::exchange(opening_[device], nullptr)({});
    if (frame.has_accepted()) return on_accepted(device, frame);
    if (frame.has_delivery()) on_delivery(device, frame.delivery().stored());
  }
  void start_group(std::size_t device, const pb::Conversation& conversation) {
    const auto now_s = static_cast<std::uint64_t>(policy::base::SystemClock().now().unix_s);
    mls::Member member;
    member.credential.identity.assign(fleet_.id(device).bytes.begin(), fleet_.id(device).bytes.end());
    member.signature_key = {mls::PrivateKey(fleet_.key(device).identity_seed()), fleet_.key(device).identity_key()};
    auto group = mls::Group::create({.crypto = &crypto_, .now_s = now_s}, mls::kDefaultSuite,
                                    bytes_of(conversation.conversation()), member, {now_s - 3600, now_s + 86400},
                                    {{static_cast<std::uint16_t>(mls::ExtensionType::kExternalSenders),
                                      bytes_of(conversation.external_senders())}});
    if (!group) give_up(std::string(mls::sentence(group.error().reason)));
    pb::ClientFrame frame;
    frame.set_request(kStarting);
    frame.mutable_start_group()->set_conversation(conversation.conversation());
    frame.mutable_start_group()->set_group_info(wire(mls::encode_message(*group->group_info(crypto_, true))));
    bodies_[device / 2] = wire(mls::encode_message(*group->protect(crypto_, policy::base::Bytes(kTextBytes, 'x'))));
    fleet_.send(device, frame);
  }
  void on_accepted(std::size_t device, const pb::ServerFrame& frame) {
    accepted_us_.push_back(since_us(sent_[frame.request() - base_]));
    --under_way_;
    if (Clock::now() < end_) return send(device / 2);
    finish();
  }
  void on_delivery(std::size_t device, const pb::StoredEnvelope& stored) {
    std::uint64_t number = 0;
    std::memcpy(&number, stored.envelope().client_message_id().data(), sizeof number);
    delivered_us_.push_back(since_us(sent_[number - base_]));
    ++arrived_;
    pb::ClientFrame ack;
    ack.set_request(number);
    ack.mutable_ack()->set_conversation(stored.envelope().conversation());
    ack.mutable_ack()->set_message_class(stored.envelope().message_class());
    ack.mutable_ack()->set_sequence(stored.sequence());
    fleet_.send(device, ack);
    if (Clock::now() >= end_) finish();
  }
  void finish() {
    if (!running_ || under_way_ > 0 || (delivers_ && arrived_ < sent_.size())) return;
    running_ = false;
    took_s_ = since_us(begin_) / 1e6;
    ended_.set_value();
  }

  Lane& lane_;
  Fleet& fleet_;
  std::vector<std::string> conversations_;
  std::map<std::size_t, Lane::Done> opening_;
  std::vector<Clock::time_point> sent_;
  std::vector<double> accepted_us_, delivered_us_;
  std::uint64_t base_ = 0, next_base_ = 1;
  std::size_t under_way_ = 0, arrived_ = 0;
  Clock::time_point begin_, end_;
  double took_s_ = 0;
  bool delivers_ = true, running_ = false;
  std::promise<void> ended_;
  mls::NativeCrypto crypto_;
  std::vector<std::string> bodies_;
};

double syncs_of(const std::string& prefix, pid_t pid) {
  const std::string bytes = tests::support::read_file(prefix + "." + std::to_string(pid));
  std::uint64_t count = 0;
  if (bytes.size() == sizeof count) std::memcpy(&count, bytes.data(), sizeof count);
  return static_cast<double>(count);
}

struct Scene {
  std::string name;
  std::size_t first, last, window;
  bool delivers;
};

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options), report_("messages", options.csv), station_("messages", station_options(options)) {}

  void run() {
    station_.start_relay();
    station_.start_gateway();
    Lane lane(station_.port(), station_.ca());
    Fleet fleet(lane, people(options_), tests::support::kPassword);
    must(fleet.log_in());
    Load load(lane, fleet);
    must(fleet.connect(0, fleet.size()));
    must(load.open_conversations());
    const std::size_t open = options_.pairs, all = 2 * options_.pairs;
    for (const Scene& scene :
         {Scene{"1 pair; 1 under way", 0, 1, 1, true}, Scene{"all pairs; 1 under way", 0, open, 1, true},
          Scene{"all pairs; 8 under way", 0, open, 8, true},
          Scene{"readers at rest; 1 under way", open, all, 1, false}}) {
      play(load, scene);
    }
    lane.stop();
  }

 private:
  static std::string reader_at_rest(const std::string& person) {
    const auto now = policy::base::SystemClock().now();
    return tests::support::roster_line(person, "leave", now - policy::base::kHour,
                                       now + policy::base::Seconds{8 * 3600});
  }
  static std::vector<std::string> people(const Options& options) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < 4 * options.pairs; ++i) out.push_back("p" + std::to_string(1000 + i));
    return out;
  }
  // Of the second half of the pairs the readers are on leave: their gates hold.
  static Station::Options station_options(const Options& options) {
    Station::Options out;
    out.roster = tests::support::roster_header();
    const auto names = people(options);
    for (std::size_t i = 0; i < names.size(); ++i) {
      out.people.push_back({names[i]});
      const bool rests = i >= 2 * options.pairs && i % 2 == 1;
      out.roster += rests ? reader_at_rest(names[i]) : tests::support::on_duty_now(names[i]);
    }
    out.gateway_arguments = {"--ping-interval", "3600"};
    if (options.count_syncs) {
      const auto library = std::filesystem::path(tests::support::program("message_bench")).parent_path();
      out.environment = {{"LD_PRELOAD", library / "libsync_counter.so"}, {"FEIERABEND_SYNC_COUNT", sync_file()}};
    }
    return out;
  }
  static std::string sync_file() {
    return (std::filesystem::temp_directory_path() / ("feierabend-syncs-" + std::to_string(::getpid()))).string();
  }

  void play(Load& load, const Scene& scene) {
    Report::progress(scene.name);
    const pid_t relay = station_.relay().pid(), gateway = station_.gateway().pid();
    const double disk = tests::bench::syncs_per_second(station_.folder().path(), std::min(1.0, options_.seconds));
    const double relay_s = processor_s(relay), gateway_s = processor_s(gateway);
    const double relay_before = syncs_of(sync_file(), relay), gateway_before = syncs_of(sync_file(), gateway);
    load.run(scene.first, scene.last, scene.window, options_.seconds, scene.delivers);
    const auto figure = [&](const std::string& what, double value, std::string_view unit, std::string_view note = "") {
      report_.figure(scene.name + ": " + what, value, unit, note);
    };
    figure("durable messages", load.per_second(), "1/s");
    figure("to Accepted p50", percentile(load.accepted_us(), 0.5) / 1000, "ms");
    figure("to Accepted p99", percentile(load.accepted_us(), 0.99) / 1000, "ms");
    if (scene.delivers) {
      figure("to delivery p50", percentile(load.delivered_us(), 0.5) / 1000, "ms");
      figure("to delivery p99", percentile(load.delivered_us(), 0.99) / 1000, "ms");
    }
    const auto count = static_cast<double>(load.count());
    figure("processor time of the gateway per message", 1e6 * (processor_s(gateway) - gateway_s) / count, "us");
    figure("processor time of the relay per message", 1e6 * (processor_s(relay) - relay_s) / count, "us");
    figure("fdatasync of 4 KiB just before", disk, "1/s", "in the same folder; one after the other");
    figure("messages / fdatasync rate of the disk", load.per_second() / disk, "ratio");
    if (!options_.count_syncs) return;
    const double relay_syncs = syncs_of(sync_file(), relay) - relay_before;
    const double gateway_syncs = syncs_of(sync_file(), gateway) - gateway_before;
    if (relay_syncs > 0) figure("messages per fsync of the relay", count / relay_syncs, "");
    if (!scene.delivers && gateway_syncs > 0)
      figure("audit entries per fsync of the gateway", count / gateway_syncs, "");
  }

  Options options_;
  Report report_;
  Station station_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Durable messages one to one, through gateway and relay");
  app.add_option("--csv", options.csv, "file that figures are appended to");
  app.add_option("--pairs", options.pairs, "pairs of devices, and as many with readers at rest")
      ->check(CLI::Range(1, 2000));
  app.add_option("--seconds", options.seconds, "of each scene")->check(CLI::Range(0.05, 600.0));
  app.add_flag("!--no-sync-count", options.count_syncs, "do not count fsync calls (no LD_PRELOAD)");
  CLI11_PARSE(app, argc, argv);
  Bench(options).run();
  return 0;
}
