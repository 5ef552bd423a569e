// An opened home: store, account and, when needed, everything that talks to the server. Built by the command that needs
// it.
//
// One thread. Errors: the store's; call.no-terminal (no PIN can be asked); session.none (nobody is logged in here).
#pragma once

#include <memory>

#include "clients/cli/consent.h"
#include "clients/cli/screen.h"
#include "clients/core/driver.h"
#include "clients/transport/api.h"
#include "clients/transport/stream.h"

namespace clients::cli {

namespace pb = relay::wire::pb;
namespace record = store::record;

// What lives as long as the process.
struct Machine {
  base::SystemClock clock;
  base::SystemRandom random;
};

// Asks for the PIN and opens the store.
base::Result<std::unique_ptr<store::Store>> open_store(const Options& options, Screen& screen, Machine& machine);
base::Result<std::string> ask_pin(const Options& options, Screen& screen);
// Twice when typed; must be the same.
base::Result<std::string> ask_new_pin(const std::string& file, const std::string& option, Screen& screen);

class Home {
 public:
  // Errors besides: session.none without an enrolled device or a token.
  static base::Result<std::unique_ptr<Home>> open(const Options& options, Screen& screen, Machine& machine);

  store::Store& store() { return *store_; }
  const record::Account& account() const { return account_; }
  const transport::Credentials& credentials() const { return *credentials_; }
  Screen& screen() { return screen_; }
  Machine& machine() { return machine_; }

  base::Result<transport::Network*> network();
  base::Result<core::Driver*> driver();
  groups::Keeper& groups() { return *groups_; }  // once there is a driver
  core::Identity self() const;
  base::Result<std::unique_ptr<transport::Api>> api();

  ~Home();  // notes what has happened to devices and no command has shown

  // The notice of an event that is about a device: for the commands that show events. Keeps in mind that this device
  // waits no longer.
  std::optional<Notice> notice(const core::Event& event);
  // Asks the server for its logs and relies on those of years that are new here. Error: those of trust_logs().
  base::Status refresh_logs();
  // Asks the server where this device waited when it was last heard of: whoever was away when consent came is not told
  // of it. Without an answer: as before. Blocks as long as a request may.
  bool waits_for_consent();

  // A question over the stream, with progress. Wipes the store when the server says so.
  base::Result<pb::ServerFrame> ask(const pb::ClientFrame& question);
  // Passes an error on; when it says that this device was wiped, destroys the store first.
  base::Error heed(const base::Error& error);
  void wipe(const std::string& reason);

  // "anna (Anna Ahlers)" as last seen; just the id when the name is not known.
  std::string name_of(const std::string& conversation, const std::string& person);
  // By id or the beginning of one. Errors: conversation.unknown, conversation.ambiguous.
  base::Result<record::KnownConversation> find_conversation(const std::string& text);
  // "CONV8:SEQUENCE". Errors: call.message, message.unknown and those of find_conversation.
  base::Result<record::Message> find_message(const std::string& text);

 private:
  Home(std::unique_ptr<store::Store> store, record::Account account, Screen& screen, Machine& machine);
  base::Status end_waiting();
  Notice notice_of_left(const core::DeviceLeft& left);

  Screen& screen_;
  Machine& machine_;
  std::unique_ptr<store::Store> store_;
  record::Account account_;
  std::unique_ptr<transport::Credentials> credentials_;
  std::unique_ptr<transport::Network> network_;
  std::unique_ptr<groups::Keeper> groups_;
  std::unique_ptr<core::Engine> engine_;
  std::unique_ptr<transport::StreamDialer> dialer_;
  std::unique_ptr<core::Driver> driver_;
};

// An opened home and the way to its gateway, for commands that ask over HTTPS and need no stream.
struct Reached {
  std::unique_ptr<Home> home;
  std::unique_ptr<transport::Api> api;
};

// Errors: those of Home::open() and Home::api().
base::Result<Reached> reach(const Options& options, Screen& screen, Machine& machine);

mls::DeviceKey key_of(const record::Account& account);
std::string short_id(std::string_view conversation, std::uint64_t sequence);
std::string hex(std::string_view bytes);
// By which a person calls a device or conversation: enough hexadecimal digits to tell one's own apart.
std::string beginning_of(std::string_view id);

// Sleeps; returns early at a signal.
void nap(std::int64_t ms);
// SIGINT or SIGTERM has come; asking for it the first time installs the handler.
bool interrupted();

}  // namespace clients::cli
