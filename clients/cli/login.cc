#include <algorithm>
#include <cstdlib>

#include "clients/cli/commands.h"
#include "clients/cli/consent.h"
#include "clients/cli/message_line.h"
#include "clients/store/file.h"
#include "clients/terminal/one_time_code.h"
#include "clients/terminal/qr.h"
#include "clients/trust/devices.h"
#include "clients/trust/logs.h"

namespace clients::cli {

namespace {

constexpr base::Seconds kStepLifetime{300};  // client.proto: a step token is valid for five minutes
constexpr std::int64_t kFirstStream_ms = 10'000;

base::Result<pb::DeviceKind> kind_of(const std::string& name) {
  if (name == "phone") return pb::PHONE;
  if (name == "tablet") return pb::TABLET;
  if (name == "desktop") return pb::DESKTOP;
  return base::fail("call.kind", "kind of device '" + base::printable(name) + "'", "phone, tablet, desktop");
}

// One login under way: the store it fills, the server it talks to.
class Login {
 public:
  Login(const Options& options, Screen& screen, Machine& machine)
      : options_(options), screen_(screen), machine_(machine) {}

  Outcome run();
  Outcome enrol_only();

 private:
  base::Status open();
  base::Status connect();
  base::Result<pb::LoginStep> first_factor();
  base::Result<pb::LoginStep> second_factor(const pb::LoginStep& step);
  base::Status show_secret(const std::string& uri);
  Outcome device_step(const pb::LoginStep& step);
  Outcome prove(const pb::LoginStep& step);
  Outcome enrol(const std::string& step_token, const std::string& challenge, const std::string& name);
  Outcome granted(const pb::SessionGrant& grant);
  base::Status check_trust(const pb::SessionGrant& grant);
  void show_waiting(const std::string& statement);
  void connect_once();
  base::Error heed(const base::Error& error);

  template <typename Call>
  auto with_progress(const Call& call) {
    const Progress progress(screen_, screen_.say(Word::kConnecting, base::printable(account_.server())));
    return call();
  }

  const Options& options_;
  Screen& screen_;
  Machine& machine_;
  std::unique_ptr<store::Store> store_;
  record::Account account_;
  std::unique_ptr<transport::Network> network_;
  std::unique_ptr<transport::Api> api_;
};

base::Status Login::open() {
  if (store::Store::exists(options_.home)) {
    auto store = open_store(options_, screen_, machine_);
    if (!store) return std::unexpected(store.error());
    store_ = std::move(*store);
    auto account = store_->account();
    if (!account) return std::unexpected(account.error());
    if (*account) account_ = std::move(**account);
  }
  if (!options_.server.empty()) account_.set_server(options_.server);
  if (!options_.ca_file.empty()) {
    std::error_code ignored;
    account_.set_ca_file(std::filesystem::absolute(options_.ca_file, ignored).string());
  }
  if (account_.server().empty())
    return base::fail("call.server", "a login without a server", "--server https://HOST[:PORT]",
                      "ask your administration for the address");
  return {};
}

base::Status Login::connect() {
  auto url = transport::parse_server_url(account_.server());
  if (!url) return std::unexpected(url.error());
  auto network = transport::Network::start(machine_.clock, *url, account_.ca_file());
  if (!network) return std::unexpected(network.error());
  network_ = std::move(*network);
  api_ = std::make_unique<transport::Api>(*network_, machine_.random);
  return {};
}

base::Result<pb::LoginStep> Login::first_factor() {
  const std::string user = options_.user.empty() ? account_.person() : options_.user;
  if (user.empty()) return base::fail("call.user", "a login without a user name", "--user NAME");
  const char* fallback = std::getenv("FEIERABEND_PASSWORD_FILE");
  const std::string file = options_.password_file.empty() && fallback != nullptr ? fallback : options_.password_file;
  auto password = screen_.ask(screen_.say(Word::kAskPassword, base::printable(user)), file, "--password-file", true);
  if (!password) return std::unexpected(password.error());
  return with_progress([&] { return api_->password(user, *password); });
}

base::Status Login::show_secret(const std::string& uri) {
  if (!options_.totp_secret_file.empty()) {
    auto secret = terminal::secret_of_uri(uri);
    if (!secret) return std::unexpected(secret.error());
    return store::replace_file(options_.totp_secret_file, base::as_bytes(*secret));
  }
  auto lines = terminal::qr_lines(uri);
  if (!lines) return std::unexpected(lines.error());
  screen_.note(screen_.say(Word::kScanThis));
  for (const auto& line : *lines) screen_.note(line);
  screen_.note(screen_.say(Word::kOrType, base::printable(uri, 1024)));
  return {};
}

base::Result<pb::LoginStep> Login::second_factor(const pb::LoginStep& step) {
  if (step.next() == pb::TOTP_ENROL)
    if (auto status = show_secret(step.totp_uri()); !status) return std::unexpected(status.error());
  auto typed = ask_code(options_, screen_, machine_);
  if (!typed) return std::unexpected(typed.error());
  return with_progress([&] { return api_->totp(step.step_token(), *typed); });
}

Outcome Login::run() {
  if (auto kind = kind_of(options_.device_kind); !kind) return std::unexpected(kind.error());
  if (auto status = open(); !status) return std::unexpected(status.error());
  if (auto status = connect(); !status) return std::unexpected(status.error());
  auto step = first_factor();
  if (!step) return std::unexpected(heed(step.error()));
  if (step->next() != pb::DEVICE) step = second_factor(*step);
  if (!step) return std::unexpected(heed(step.error()));
  if (!store_) {
    // Only now, so that a wrong password leaves no folder behind.
    const char* fallback = std::getenv("FEIERABEND_PIN_FILE");
    const std::string file = options_.pin_file.empty() && fallback != nullptr ? fallback : options_.pin_file;
    auto pin = ask_new_pin(file, "--pin-file", screen_);
    if (!pin) return std::unexpected(pin.error());
    auto created = store::Store::create(options_.home, *pin, machine_.random);
    if (!created) return std::unexpected(created.error());
    store_ = std::move(*created);
  }
  return device_step(*step);
}

Outcome Login::device_step(const pb::LoginStep& step) {
  if (!account_.device().empty()) return prove(step);
  std::string name = options_.device_name;
  if (name.empty() && screen_.interactive()) {
    auto typed = screen_.ask(screen_.say(Word::kAskDeviceName), "", "--device-name", false);
    if (!typed) return std::unexpected(typed.error());
    name = *typed;
  }
  if (!name.empty()) return enrol(step.step_token(), step.challenge(), name);
  record::PendingLogin pending;
  pending.set_user(options_.user);
  pending.set_step_token(step.step_token());
  pending.set_challenge(step.challenge());
  pending.set_expires_at_s((machine_.clock.now() + kStepLifetime).unix_s);
  if (auto status = store_->save(account_); !status) return std::unexpected(status.error());
  if (auto status = store_->save(pending); !status) return std::unexpected(status.error());
  screen_.put(screen_.say(Word::kEnrolNext), {{"step", "enrol"}, {"expires_at", instant_json(pending.expires_at_s())}});
  return terminal::kDone;
}

Outcome Login::prove(const pb::LoginStep& step) {
  auto device = base::DeviceId::from_wire(account_.device());
  if (!device) return std::unexpected(device.error());
  const auto signature = key_of(account_).sign(mls::prove_statement(base::as_bytes(step.challenge()), *device));
  pb::DeviceProofRequest request;
  request.set_step_token(step.step_token());
  request.set_device(account_.device());
  request.set_signature(signature.data(), signature.size());
  auto grant = with_progress([&] { return api_->prove(request); });
  if (grant) return granted(*grant);
  const bool gone = grant.error().code == "device.unknown" || grant.error().code == "device.removed";
  if (gone && !options_.device_name.empty()) {
    // Removed on the server: this folder becomes a new device, with new keys.
    account_.clear_identity_seed();
    return enrol(step.step_token(), step.challenge(), options_.device_name);
  }
  return std::unexpected(heed(grant.error()));
}

Outcome Login::enrol(const std::string& step_token, const std::string& challenge, const std::string& name) {
  auto kind = kind_of(options_.device_kind);
  if (!kind) return std::unexpected(kind.error());
  if (account_.identity_seed().empty()) {
    const auto fresh = mls::DeviceKey::generate(machine_.random);
    account_.set_identity_seed(fresh.identity_seed().data(), fresh.identity_seed().size());
    // Of a device that was here before: nobody has it in a group any more.
    if (auto status = store_->forget_device(); !status) return std::unexpected(status.error());
  }
  account_.set_device_name(name);
  // Before the server knows them: a device whose keys are lost would fill one of three places.
  if (auto status = store_->save(account_); !status) return std::unexpected(status.error());
  const auto key = key_of(account_);
  const auto signature = key.sign(mls::enrol_statement(base::as_bytes(challenge), key.identity_key()));
  pb::EnrolRequest request;
  request.set_step_token(step_token);
  request.set_name(name);
  request.set_kind(*kind);
  request.set_identity_key(key.identity_key().data(), key.identity_key().size());
  request.set_signature(signature.data(), signature.size());
  auto grant = with_progress([&] { return api_->enrol(request); });
  if (!grant) return std::unexpected(heed(grant.error()));
  return granted(*grant);
}

Outcome Login::granted(const pb::SessionGrant& grant) {
  account_.set_token(grant.token());
  account_.set_device(grant.device());
  account_.set_person(grant.person());
  account_.set_display_name(grant.display_name());
  account_.set_token_expires_at_s(grant.expires_at_s());
  account_.set_waiting_statement(grant.waiting() ? grant.statement() : "");
  if (auto status = check_trust(grant); !status) return std::unexpected(status.error());
  if (auto status = store_->save(account_); !status) return std::unexpected(status.error());
  if (auto status = store_->forget_pending_login(); !status) return std::unexpected(status.error());
  connect_once();
  const std::string name = base::printable(grant.display_name().empty() ? grant.person() : grant.display_name());
  boost::json::object out{{"step", "done"},
                          {"person", base::printable(grant.person())},
                          {"display_name", name},
                          {"device", hex(grant.device())},
                          {"device_name", base::printable(account_.device_name())},
                          {"expires_at", instant_json(grant.expires_at_s())},
                          {"waiting", grant.waiting()}};
  if (grant.waiting()) {
    out["code"] = consent_code(grant.statement());
    out["qr"] = consent_qr_text(grant.statement());
  }
  screen_.put(
      screen_.say(Word::kLoggedIn, name, base::printable(account_.device_name()), local_time(grant.expires_at_s())),
      out);
  if (grant.waiting()) show_waiting(grant.statement());
  return terminal::kDone;
}

void Login::show_waiting(const std::string& statement) {
  if (const auto picture = terminal::qr_lines(consent_qr_text(statement)))
    for (const auto& line : *picture) screen_.line(line);
  screen_.line(screen_.say(Word::kWaitsForConsent, screen_.bold(consent_code(statement))));
}

// Before anything is sent or believed in this session.
base::Status Login::check_trust(const pb::SessionGrant& grant) {
  auto device = base::DeviceId::from_wire(grant.device());
  if (!device) return std::unexpected(device.error());
  const trust::Owner self{grant.person(), *device};
  if (auto status = trust::check_own_statement(grant.statement(), self, key_of(account_).identity_key()); !status)
    return status;
  return trust::trust_logs(*store_, grant.logs(), machine_.clock.now());
}

// The relay knows a device from its first stream on, and keeps for it what is accepted later. So the first one is now,
// not when somebody thinks of `listen`. That it fails is no failure of the login.
void Login::connect_once() {
  const transport::Credentials credentials{account_.token(), key_of(account_)};
  const auto device = base::DeviceId::from_wire(account_.device());
  if (!device) return;
  groups::Keeper groups(*device, credentials.key, *store_, machine_.clock, machine_.random);
  core::Engine engine(core::Identity{account_.person(), *device}, *store_, groups, machine_.clock, machine_.random);
  transport::StreamDialer dialer(*network_, credentials, machine_.random);
  core::Driver driver(engine, *store_, dialer, machine_.clock, machine_.random, nap);
  pb::ClientFrame question;
  question.mutable_gate();  // may be asked while the device waits for consent, too
  const auto answer = with_progress([&] { return driver.ask(question, kFirstStream_ms); });
  if (!answer) return screen_.note(screen_.say(Word::kChatOffline, screen_.line_of(answer.error())));
  // Key packages are published now, so that others can add this device before it is there again. The service asks for
  // them when it has looked how many there are, perhaps after it has answered.
  const auto until_ms = machine_.clock.elapsed_ms() + kFirstStream_ms;
  while (!(engine.is_stocked() && engine.idle()) && machine_.clock.elapsed_ms() < until_ms) {
    const auto events = driver.step(core::kLook_ms);
    if (!events) return;
    for (const auto& event : *events)
      if (const auto notice = notice_of(screen_, event, *device)) screen_.note(notice->text);
  }
}

base::Error Login::heed(const base::Error& error) {
  if (error.code != "device.wiped" || !store_) return error;
  store_.reset();
  if (auto wiped = store::Store::wipe(options_.home, machine_.random); !wiped) return wiped.error();
  screen_.note(screen_.say(Word::kDeviceWiped, screen_.in_words(error).seen));
  return error;
}

Outcome Login::enrol_only() {
  auto store = open_store(options_, screen_, machine_);
  if (!store) return std::unexpected(store.error());
  store_ = std::move(*store);
  auto account = store_->account();
  if (!account) return std::unexpected(account.error());
  auto pending = store_->pending_login();
  if (!pending) return std::unexpected(pending.error());
  if (!*account || !*pending || (*pending)->expires_at_s() <= machine_.clock.now().unix_s)
    return base::fail("login.step-unknown", "no login that waits for a device", "a login within the last five minutes",
                      "run: feierabend login");
  account_ = std::move(**account);
  if (auto status = connect(); !status) return std::unexpected(status.error());
  return enrol((*pending)->step_token(), (*pending)->challenge(), options_.device_name);
}

}  // namespace

Outcome login(const Options& options, Screen& screen, Machine& machine) {
  return Login(options, screen, machine).run();
}

Outcome enrol(const Options& options, Screen& screen, Machine& machine) {
  return Login(options, screen, machine).enrol_only();
}

Outcome logout(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  auto api = (*home)->api();
  if (!api) return std::unexpected(api.error());
  auto ended = (*api)->logout((*home)->credentials());
  // A session that the server does not know any more is one that has ended.
  if (!ended && !ended.error().code.starts_with("session.")) return std::unexpected((*home)->heed(ended.error()));
  record::Account account = (*home)->account();
  account.clear_token();
  if (auto status = (*home)->store().save(account); !status) return std::unexpected(status.error());
  screen.put(screen.say(Word::kLoggedOut), {{"step", "logged-out"}});
  return terminal::kDone;
}

}  // namespace clients::cli
