// Resident memory of one idle session: our gateway with real people, mosquitto, HAProxy and a bare OpenSSL loop, one
// after the other, each with the same clients, certificate and number of connections.
//
// Everybody logs in first (password, one-time code, key). Then the gateway starts anew, so that no memory freed by the
// logins hides what sessions take, and only the streams are opened. A figure is the growth of the resident set divided
// by the sessions; "second half" counts only the growth from half of them to all, which no free memory at the start can
// flatter.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <optional>

#include "tests/bench/kit/crowd.h"
#include "tests/bench/kit/fleet.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/resident.h"
#include "tests/support/station/station.h"

namespace {

using policy::base::Status;
using tests::bench::Crowd;
using tests::bench::Fleet;
using tests::bench::Lane;
using tests::bench::Report;
using tests::bench::Resident;
using tests::bench::settled_resident;
using tests::support::Certificates;
using tests::support::Process;
using tests::support::TemporaryFolder;

struct Options {
  std::size_t sessions = 5000;
  std::string csv, only;
  bool keep = false;
};

struct Cost {
  double whole_KiB = 0, second_half_KiB = 0, private_KiB = 0;
};

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(70);
}
void must(const Status& status) {
  if (!status) give_up(policy::base::to_string(status.error()));
}

// grow_to(n) opens connections until there are n.
Cost measure(Report& report, const std::string& name, pid_t pid, std::size_t sessions,
             const std::function<Status(std::size_t)>& grow_to) {
  // A few first, so that what is made once (buffers, tables, code pages) is not divided among sessions.
  const std::size_t first = std::min<std::size_t>(sessions / 10 + 1, 100);
  must(grow_to(first));
  const Resident before = settled_resident(pid);
  const std::size_t middle = first + (sessions - first) / 2;
  must(grow_to(middle));
  const Resident half = settled_resident(pid);
  must(grow_to(sessions));
  const Resident after = settled_resident(pid);
  const auto count = static_cast<double>(sessions - first);
  const Cost cost{(after.rss_KiB - before.rss_KiB) / count,
                  (after.rss_KiB - half.rss_KiB) / static_cast<double>(sessions - middle),
                  (after.private_KiB - before.private_KiB) / count};
  report.figure(name + ": KiB per session", cost.whole_KiB, "KiB", "of " + std::to_string(sessions) + " sessions");
  report.figure(name + ": KiB per session; second half", cost.second_half_KiB, "KiB");
  report.figure(name + ": private KiB per session", cost.private_KiB, "KiB");
  report.figure(name + ": resident before", before.rss_KiB / 1024, "MiB",
                "with " + std::to_string(first) + " sessions");
  report.figure(name + ": resident after", after.rss_KiB / 1024, "MiB");
  return cost;
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0) give_up("no free port");
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

void wait_for_port(std::uint16_t port, const std::string& log) {
  for (int i = 0; i < 100; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool open = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (open) return;
    ::usleep(100'000);
  }
  give_up("a peer does not start:\n" + tests::support::read_file(log));
}

std::optional<std::string> installed(const std::string& name) {
  for (const char* const folder : {"/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"}) {
    if (std::filesystem::exists(folder + name)) return folder + name;
  }
  return std::nullopt;
}

// MQTT 3.1.1 § 3.1: CONNECT with a clean session and without keep-alive; answered with four bytes of CONNACK.
std::string mqtt_connect(std::size_t number) {
  const std::string client = "bench-" + std::to_string(number);
  std::string body = {'\0', '\4', 'M', 'Q', 'T', 'T', '\4', '\2', '\0', '\0', '\0', static_cast<char>(client.size())};
  body += client;
  return std::string{'\x10', static_cast<char>(body.size())} + body;
}

// As long as what a device sends to open a stream.
std::string request_sized(std::size_t) { return std::string(600, 'x'); }

Cost bare(Report& report, const Options& options, const TemporaryFolder& folder, const Certificates& tls) {
  const auto ready = folder / "bare.ready";
  Process server({tests::support::program("bare_tls_server"), tls.certificate, tls.key, ready},
                 {{}, folder / "bare.log"});
  const auto port = tests::support::wait_for_file(ready);
  if (!port) give_up("bare_tls_server does not start:\n" + tests::support::read_file(folder / "bare.log"));
  Lane lane(static_cast<std::uint16_t>(std::stoi(*port)), tls.ca);
  Crowd crowd(lane, request_sized, 2);
  const auto cost = measure(report, "bare OpenSSL", server.pid(), options.sessions,
                            [&](std::size_t count) { return crowd.grow_to(count); });
  lane.stop();
  return cost;
}

std::optional<Cost> mosquitto(Report& report, const Options& options, const TemporaryFolder& folder,
                              const Certificates& tls) {
  const auto path = installed("mosquitto");
  if (!path) return std::nullopt;
  const auto port = free_port();
  std::ofstream(folder / "mosquitto.conf")
      << "user root\nallow_anonymous true\npersistence false\nlog_dest stderr\nlog_type error\nlistener " << port
      << " 127.0.0.1\ncertfile " << tls.certificate.string() << "\nkeyfile " << tls.key.string()
      << "\ntls_version tlsv1.3\nmax_connections -1\n";
  const auto log = folder / "mosquitto.log";
  Process server({*path, "-c", folder / "mosquitto.conf"}, {{}, log});
  wait_for_port(port, log);
  Lane lane(port, tls.ca);
  Crowd crowd(lane, mqtt_connect, 4);
  const auto cost = measure(report, "mosquitto", server.pid(), options.sessions,
                            [&](std::size_t count) { return crowd.grow_to(count); });
  lane.stop();
  return cost;
}

// In TCP mode towards a backend that accepts and stays silent: what a proxied stream costs that nobody uses.
std::optional<Cost> haproxy(Report& report, const Options& options, const TemporaryFolder& folder,
                            const Certificates& tls) {
  const auto path = installed("haproxy");
  if (!path) return std::nullopt;
  const int backend = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(backend, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(backend, 4096) != 0)
    give_up("no backend for haproxy");
  ::getsockname(backend, reinterpret_cast<sockaddr*>(&address), &size);
  std::vector<int> accepted;
  std::thread accepting([&] {
    for (int fd = 0; (fd = ::accept4(backend, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      if (::send(fd, "ok", 2, MSG_NOSIGNAL) == 2) accepted.push_back(fd);
    }
  });
  const auto port = free_port();
  const auto pem = folder / "haproxy.pem";
  std::ofstream(pem) << tests::support::read_file(tls.certificate) << tests::support::read_file(tls.key);
  std::ofstream(folder / "haproxy.cfg") << "global\n  maxconn " << options.sessions + 100
                                        << "\n  ssl-default-bind-options ssl-min-ver TLSv1.3 no-tls-tickets\n"
                                           "defaults\n  mode tcp\n  timeout connect 10s\n  timeout client 1h\n  "
                                           "timeout server 1h\nfrontend clients\n  bind 127.0.0.1:"
                                        << port << " ssl crt " << pem.string()
                                        << "\n  default_backend idle\nbackend idle\n  server one 127.0.0.1:"
                                        << ntohs(address.sin_port) << "\n";
  const auto log = folder / "haproxy.log";
  Process server({*path, "-db", "-f", folder / "haproxy.cfg"}, {{}, log});
  wait_for_port(port, log);
  Lane lane(port, tls.ca);
  Crowd crowd(lane, request_sized, 2);
  const auto cost = measure(report, "haproxy", server.pid(), options.sessions,
                            [&](std::size_t count) { return crowd.grow_to(count); });
  lane.stop();
  ::shutdown(backend, SHUT_RDWR);
  accepting.join();
  for (const int fd : accepted) ::close(fd);
  ::close(backend);
  return cost;
}

Cost gateway(Report& report, const Options& options) {
  std::vector<tests::support::PersonSpec> people;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < options.sessions; ++i) {
    names.push_back("p" + std::to_string(100'000 + i));
    people.push_back({names.back()});
  }
  std::string roster = tests::support::roster_header();
  for (const auto& name : names) roster += tests::support::on_duty_now(name);
  tests::support::Station station(
      "sessions",
      {.people = std::move(people), .roster = std::move(roster), .gateway_arguments = {"--ping-interval", "86400"}});
  station.start_relay();
  station.start_gateway();
  Lane lane(station.port(), station.ca());
  Fleet fleet(lane, names, tests::support::kPassword);
  const auto begin = lane.clock().elapsed_ms();
  must(fleet.log_in());
  const auto seconds = static_cast<double>(lane.clock().elapsed_ms() - begin) / 1000;
  report.figure("gateway: logins per second", static_cast<double>(options.sessions) / seconds, "1/s",
                "password and code and enrolment; each audited");
  station.gateway().stop();
  station.start_gateway();
  std::size_t connected = 0;
  const auto cost =
      measure(report, "gateway", station.gateway().pid(), options.sessions, [&](std::size_t count) -> Status {
        auto status = fleet.connect(connected, count);
        connected = count;
        return status;
      });
  if (options.keep) {
    std::fprintf(stderr, "gateway %d stands with %zu sessions; Enter ends it\n", station.gateway().pid(), connected);
    (void)std::getchar();
  }
  // Before its clients: a memory profile of the gateway then ends with all sessions standing.
  station.gateway().kill();
  lane.stop();
  return cost;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Resident memory of an idle session");
  app.add_option("--sessions", options.sessions, "how many")->check(CLI::Range(20, 9000));
  app.add_option("--csv", options.csv, "file that figures are appended to");
  app.add_option("--only", options.only, "gateway, bare, mosquitto or haproxy");
  app.add_flag("--keep", options.keep, "let the gateway stand until Enter, to look into it");
  CLI11_PARSE(app, argc, argv);
  Report report("sessions", options.csv);
  const TemporaryFolder folder("session-bench");
  const auto tls = tests::support::make_certificates(folder / "tls");
  const auto wanted = [&](const char* name) { return options.only.empty() || options.only == name; };

  std::optional<Cost> ours, floor, mqtt, proxy;
  if (wanted("bare")) floor = bare(report, options, folder, tls);
  if (wanted("mosquitto")) mqtt = mosquitto(report, options, folder, tls);
  if (wanted("haproxy")) proxy = haproxy(report, options, folder, tls);
  if (wanted("gateway")) ours = gateway(report, options);
  if (ours && floor) {
    report.figure("gateway above bare OpenSSL", ours->whole_KiB - floor->whole_KiB, "KiB", "goal: at most 2");
    report.figure("gateway above bare OpenSSL; second half", ours->second_half_KiB - floor->second_half_KiB, "KiB");
    report.figure("gateway / bare OpenSSL", ours->whole_KiB / floor->whole_KiB, "ratio");
  }
  if (ours && mqtt) report.figure("gateway / mosquitto", ours->whole_KiB / mqtt->whole_KiB, "ratio");
  if (ours && proxy) report.figure("gateway / haproxy", ours->whole_KiB / proxy->whole_KiB, "ratio");
  return 0;
}
