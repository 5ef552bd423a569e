// feierabend-gateway: the policy gateway in front of the relay.
#include <spdlog/spdlog.h>

#include <cstdio>

#include "gateway/app/gateway.h"
#include "gateway/app/groups_key.h"
#include "gateway/app/options.h"
#include "relay/daemon/daemon.h"
#include "relay/daemon/settings.h"
#include "relay/wire/codec.h"

namespace {

int run(relay::daemon::Settings& settings) {
  auto options = gateway::app::read_options(settings);
  if (!options) return relay::daemon::report(options.error());
  if (auto log = relay::daemon::start_log(options->log, "feierabend-gateway"); !log)
    return relay::daemon::report(log.error());
  gateway::app::Gateway* running = nullptr;
  relay::daemon::watch_signals(
      [&running] {
        if (running != nullptr) running->stop();
      },
      [&running] {
        if (running != nullptr) running->reload();
      });
  const std::string ready_file = options->ready_file;
  auto gateway = gateway::app::Gateway::start(std::move(*options));
  if (!gateway) return relay::daemon::report(gateway.error());
  running = gateway->get();
  if (auto ready = relay::daemon::announce_ready((*gateway)->address(), ready_file); !ready)
    return relay::daemon::report(ready.error());
  spdlog::info("clients can connect at {}", (*gateway)->address());
  (*gateway)->run();
  spdlog::info("stopped");
  return 0;
}

// The way on after `key.lost`, and the way to change a key that somebody may have read.
int renew_groups_key(const gateway::app::Options& options) {
  const auto folder = relay::daemon::FolderLock::acquire(options.data);
  if (!folder) return relay::daemon::report(folder.error());
  auto store = gateway::store::Store::open(options.data + "/gateway.db");
  if (!store) return relay::daemon::report(store.error());
  const clients::mls::NativeCrypto crypto;
  policy::base::SystemRandom random;
  if (auto made = gateway::app::GroupsKey(options.data, **store, crypto, random).renew(); !made)
    return relay::daemon::report(made.error());
  std::puts("a new key is in place; each group is changed over to it when somebody writes there");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  relay::wire::silence_protobuf();
  relay::daemon::Settings settings(
      "feierabend-gateway", "Holds delivery at the server while people are off duty: sessions, devices, gates, audit.",
      "0.1.0", "FEIERABEND_GATEWAY", gateway::app::option_table(),
      {{"new-groups-key",
        "make a new key with which the gateway proposes removals in groups, when DATA/mls.key is lost or known to "
        "others, then exit; the gateway must be stopped"}});
  const auto command = settings.read(argc, argv);
  if (!command) return relay::daemon::report(command.error());
  switch (*command) {
    case relay::daemon::Command::kExit: return settings.exit_code();
    case relay::daemon::Command::kConfigShow:
      std::fputs((settings.json() ? settings.show_json() : settings.show()).c_str(), stdout);
      return 0;
    case relay::daemon::Command::kCheckConfig: {
      const auto options = gateway::app::read_options(settings);
      if (!options) return relay::daemon::report(options.error());
      const auto wrong = gateway::app::check_files(*options);
      int code = 0;
      for (const auto& error : wrong) code = relay::daemon::report(error);
      if (!wrong.empty()) return code;
      std::puts("configuration is sound");
      return 0;
    }
    case relay::daemon::Command::kAction: {
      const auto options = gateway::app::read_options(settings);
      return options ? renew_groups_key(*options) : relay::daemon::report(options.error());
    }
    case relay::daemon::Command::kRun: return run(settings);
  }
  return 70;
}
