// feierabend-relay: reads its settings, locks its data folder, and runs until SIGTERM.
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>

#include "relay/app/relay.h"
#include "relay/daemon/daemon.h"
#include "relay/daemon/settings.h"
#include "relay/wire/codec.h"

namespace relay::app {
namespace {

using policy::base::Result;

constexpr std::uint64_t kMebibyte = 1024 * 1024;

std::vector<daemon::Setting> settings_table() {
  return {
      {"listen", "ADDRESS",
       "where gateways connect: unix:PATH, or tcp:HOST:PORT with mutual TLS; port 0 takes a free one", "", true},
      {"data", "FOLDER", "the data folder; made if it is missing", "", true},
      {"tls-cert", "FILE", "certificate chain of the relay, PEM", ""},
      {"tls-key", "FILE", "its private key, PEM", ""},
      {"tls-trust", "FILE", "authority that the gateways' certificates must chain to, PEM", ""},
      {"store-mib-max", "NUMBER", "largest size of the store in MiB; full, it refuses and keeps serving reads",
       "65536"},
      {"log", "FORM", "json or text, to stderr", "json"},
      {"ready-file", "FILE", "written with the bound address once the relay listens", ""},
  };
}

void log_line(server::LogLevel level, std::string_view event, const std::string& detail) {
  const auto to = level == server::LogLevel::kError     ? spdlog::level::err
                  : level == server::LogLevel::kWarning ? spdlog::level::warn
                                                        : spdlog::level::info;
  spdlog::log(to, "{}: {}", event, detail);
}

Result<Relay::Options> options_of(const daemon::Settings& settings) {
  Relay::Options out;
  auto listen = net::parse_address(settings.text("listen"));
  if (!listen) return std::unexpected(listen.error());
  const auto mebibytes = settings.number("store-mib-max", 1, 16 * kMebibyte);
  if (!mebibytes) return std::unexpected(mebibytes.error());
  out.listen = std::move(*listen);
  out.folder = settings.text("data");
  out.store_bytes_max = *mebibytes * kMebibyte;
  out.tls = {settings.text("tls-cert"), settings.text("tls-key"), settings.text("tls-trust")};
  return out;
}

int serve(const daemon::Settings& settings, const Relay::Options& options) {
  ::umask(0077);
  if (auto status = daemon::start_log(settings.text("log"), "feierabend-relay"); !status)
    return daemon::report(status.error());
  const auto lock = daemon::FolderLock::acquire(options.folder);
  if (!lock) return daemon::report(lock.error());
  // Blocked before any thread starts, so that a stop during start-up waits until there is something to stop.
  sigset_t stopping;
  sigemptyset(&stopping);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&stopping, number);
  ::pthread_sigmask(SIG_BLOCK, &stopping, nullptr);
  const policy::base::SystemClock clock;
  policy::base::SystemRandom random;
  auto relay = Relay::open(options, clock, random, log_line);
  if (!relay) return daemon::report(relay.error());
  Relay* const running = relay->get();
  daemon::watch_signals([running] { running->stop(); }, [] {});
  if (auto status = daemon::announce_ready(running->bound().text(), settings.text("ready-file")); !status)
    return daemon::report(status.error());
  spdlog::info("relay.ready: {}", running->bound().text());
  running->run();
  spdlog::info("relay.stopped: everything is written");
  return 0;
}

int start(int argc, char** argv) {
  daemon::Settings settings(
      "feierabend-relay",
      "Carries sealed messages between gateways and keeps them until their deadline.\n"
      "Exit codes: 0 stopped in order, 2 usage, 69 address in use, 73 data folder, 74 store, 78 settings.",
      FEIERABEND_VERSION, "FEIERABEND_RELAY", settings_table());
  const auto command = settings.read(argc, argv);
  if (!command) return daemon::report(command.error());
  if (*command == daemon::Command::kExit) return settings.exit_code();
  if (*command == daemon::Command::kConfigShow) {
    std::fputs((settings.json() ? settings.show_json() + "\n" : settings.show()).c_str(), stdout);
    return 0;
  }
  const auto options = options_of(settings);
  if (!options) return daemon::report(options.error());
  if (*command == daemon::Command::kRun) return serve(settings, *options);
  if (const auto tls = Relay::load_tls(*options); !tls) return daemon::report(tls.error());
  std::puts("settings are in order");
  return 0;
}

}  // namespace
}  // namespace relay::app

int main(int argc, char** argv) {
  relay::wire::silence_protobuf();
  return relay::app::start(argc, argv);
}
