#include "clients/cli/home.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "clients/trust/logs.h"

namespace clients::cli {

namespace {

constexpr std::int64_t kAskTimeout_ms = 20'000;
constexpr std::size_t kShortDigits = 8;

volatile sig_atomic_t signalled = 0;

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool interrupted() {
  static const bool installed = [] {
    struct sigaction action{};
    action.sa_handler = [](int) { signalled = 1; };
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    return true;
  }();
  return installed && signalled != 0;
}

void nap(std::int64_t ms) { ::poll(nullptr, 0, static_cast<int>(ms)); }

std::string hex(std::string_view bytes) { return base::to_hex(base::as_bytes(bytes)); }

std::string beginning_of(std::string_view id) { return hex(id).substr(0, kShortDigits); }

std::string short_id(std::string_view conversation, std::uint64_t sequence) {
  return beginning_of(conversation) + ":" + std::to_string(sequence);
}

mls::DeviceKey key_of(const record::Account& account) {
  mls::Seed identity{};
  std::copy_n(account.identity_seed().begin(), std::min(identity.size(), account.identity_seed().size()),
              identity.begin());
  return mls::DeviceKey::from_seed(identity);
}

base::Result<std::string> ask_pin(const Options& options, Screen& screen) {
  const std::string file = options.pin_file.empty() ? from_environment("FEIERABEND_PIN_FILE") : options.pin_file;
  return screen.ask(screen.say(Word::kAskPin), file, "--pin-file", true);
}

base::Result<std::string> ask_new_pin(const std::string& file, const std::string& option, Screen& screen) {
  auto pin = screen.ask(screen.say(Word::kAskNewPin), file, option, true);
  if (!pin || !file.empty()) return pin;
  auto again = screen.ask(screen.say(Word::kAskPinAgain), "", option, true);
  if (!again) return again;
  if (*again != *pin) return base::fail("call.pin", screen.say(Word::kPinsDiffer), "");
  return pin;
}

base::Result<std::unique_ptr<store::Store>> open_store(const Options& options, Screen& screen, Machine& machine) {
  if (!store::Store::exists(options.home))
    return base::fail("store.absent", "no device is set up here", "a folder in which somebody logged in",
                      "run: feierabend login --server … --user …", base::printable(options.home.string(), 400));
  auto pin = ask_pin(options, screen);
  if (!pin) return std::unexpected(pin.error());
  const Progress progress(screen, screen.say(Word::kUnlocking));
  return store::Store::open(options.home, *pin, machine.random);
}

Home::Home(std::unique_ptr<store::Store> store, record::Account account, Screen& screen, Machine& machine)
    : screen_(screen),
      machine_(machine),
      store_(std::move(store)),
      account_(std::move(account)),
      credentials_(
          std::make_unique<transport::Credentials>(transport::Credentials{account_.token(), key_of(account_)})) {}

base::Result<std::unique_ptr<Home>> Home::open(const Options& options, Screen& screen, Machine& machine) {
  auto store = open_store(options, screen, machine);
  if (!store) return std::unexpected(store.error());
  auto account = (*store)->account();
  if (!account) return std::unexpected(account.error());
  if (!*account || (*account)->device().empty() || (*account)->token().empty())
    return base::fail("session.none", "nobody is logged in here", "a session", "run: feierabend login",
                      base::printable(options.home.string(), 400));
  return std::unique_ptr<Home>(new Home(std::move(*store), std::move(**account), screen, machine));
}

Home::~Home() {
  if (!driver_) return;
  for (const auto& event : driver_->take_events())
    if (const auto found = notice(event)) screen_.note(found->text);
}

core::Identity Home::self() const {
  return {account_.person(), base::DeviceId::from_wire(account_.device()).value_or(base::DeviceId{})};
}

base::Status Home::refresh_logs() {
  auto reached = api();
  if (!reached) return std::unexpected(reached.error());
  const auto keys = (*reached)->log_keys(*credentials_);
  if (!keys) return std::unexpected(heed(keys.error()));
  return trust::trust_logs(*store_, keys->logs(), machine_.clock.now());
}

std::optional<Notice> Home::notice(const core::Event& event) {
  if (std::holds_alternative<core::LogsWanted>(event)) {
    const auto status = refresh_logs();
    if (status) engine_->logs_refreshed();
    if (!status) screen_.error(status.error());
  }
  const auto* changed = std::get_if<core::DevicesChanged>(&event);
  if (changed != nullptr && changed->news.device() == account_.device() &&
      changed->news.what() == pb::DeviceNews::CONSENTED)
    if (auto status = end_waiting(); !status) screen_.error(status.error());
  if (const auto* left = std::get_if<core::DeviceLeft>(&event)) return notice_of_left(*left);
  return notice_of(screen_, event, self().device);
}

Notice Home::notice_of_left(const core::DeviceLeft& left) {
  const auto pin = store_->pinned(left.device);
  const std::string person = pin && *pin ? base::printable((*pin)->person()) : "?";
  const auto word = left.by_service ? Word::kDeviceLeftByService : Word::kDeviceLeft;
  return {screen_.say(word, beginning_of(left.device.wire()), person),
          {{"event", "device-left"},
           {"conversation", left.conversation.text()},
           {"person", person},
           {"device", left.device.text()},
           {"by_service", left.by_service}}};
}

bool Home::waits_for_consent() {
  if (account_.waiting_statement().empty()) return false;
  auto reached = api();
  if (!reached) return true;
  const auto list = (*reached)->devices(*credentials_);
  // Who is refused waits for nothing any more; whatever is asked next hears why.
  if (!list) return !core::is_final(list.error());
  const auto over = [](const pb::DeviceRecord& device) { return device.this_device() && !device.waiting(); };
  if (std::ranges::none_of(list->devices(), over)) return true;
  if (auto status = end_waiting(); !status) screen_.error(status.error());
  screen_.note(screen_.say(Word::kConsentCame));
  return false;
}

base::Status Home::end_waiting() {
  account_.clear_waiting_statement();
  return store_->save(account_);
}

base::Result<transport::Network*> Home::network() {
  if (!network_) {
    auto url = transport::parse_server_url(account_.server());
    if (!url) return std::unexpected(url.error());
    auto network = transport::Network::start(machine_.clock, *url, account_.ca_file());
    if (!network) return std::unexpected(network.error());
    network_ = std::move(*network);
  }
  return network_.get();
}

base::Result<std::unique_ptr<transport::Api>> Home::api() {
  auto reached = network();
  if (!reached) return std::unexpected(reached.error());
  return std::make_unique<transport::Api>(**reached, machine_.random);
}

base::Result<core::Driver*> Home::driver() {
  if (driver_) return driver_.get();
  auto reached = network();
  if (!reached) return std::unexpected(reached.error());
  auto device = base::DeviceId::from_wire(account_.device());
  if (!device) return std::unexpected(device.error());
  groups_ = std::make_unique<groups::Keeper>(*device, credentials_->key, *store_, machine_.clock, machine_.random);
  engine_ = std::make_unique<core::Engine>(core::Identity{account_.person(), *device}, *store_, *groups_,
                                           machine_.clock, machine_.random);
  dialer_ = std::make_unique<transport::StreamDialer>(**reached, *credentials_, machine_.random);
  driver_ = std::make_unique<core::Driver>(*engine_, *store_, *dialer_, machine_.clock, machine_.random, nap);
  return driver_.get();
}

base::Result<pb::ServerFrame> Home::ask(const pb::ClientFrame& question) {
  auto running = driver();
  if (!running) return std::unexpected(running.error());
  const Progress progress(screen_, screen_.say(Word::kConnecting, base::printable(account_.server())));
  auto answer = (*running)->ask(question, kAskTimeout_ms);
  if (!answer) return std::unexpected(heed(answer.error()));
  return answer;
}

base::Error Home::heed(const base::Error& error) {
  if (error.code == "device.wiped") wipe(error.seen);
  if (error.code == "device.waiting") note_waiting(screen_, account_.waiting_statement());
  return error;
}

void Home::wipe(const std::string& reason) {
  driver_.reset();
  if (auto wiped = store::Store::wipe(store_->folder(), machine_.random); !wiped) return screen_.error(wiped.error());
  screen_.note(
      screen_.say(Word::kDeviceWiped, screen_.in_words({"device.wiped", base::printable(reason), "", "", ""}).seen));
}

std::string Home::name_of(const std::string& conversation, const std::string& person) {
  const auto id = base::ConversationId::from_wire(conversation);
  if (!id) return base::printable(person);
  const auto known = store_->conversation(*id);
  if (!known || !*known) return base::printable(person);
  for (const auto& member : (*known)->members())
    if (member.person() == person && !member.display_name().empty()) return base::printable(member.display_name());
  return base::printable(person);
}

base::Result<record::KnownConversation> Home::find_conversation(const std::string& text) {
  auto all = store_->conversations();
  if (!all) return std::unexpected(all.error());
  std::vector<record::KnownConversation> found;
  for (auto& one : *all)
    if (!text.empty() && hex(one.conversation()).starts_with(text)) found.push_back(std::move(one));
  if (found.empty())
    return base::fail("conversation.unknown", "conversation '" + base::printable(text) + "'",
                      "one that this device knows", "run: feierabend conversations");
  if (found.size() > 1)
    return base::fail("conversation.ambiguous", "'" + base::printable(text) + "' begins several conversations",
                      "a longer beginning");
  return std::move(found.front());
}

base::Result<record::Message> Home::find_message(const std::string& text) {
  const auto colon = text.find(':');
  std::uint64_t sequence = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = colon == std::string::npos ? std::from_chars_result{nullptr, std::errc::invalid_argument}
                                                 : std::from_chars(text.data() + colon + 1, end, sequence);
  if (parsed.ec != std::errc{} || parsed.ptr != end || sequence == 0)
    return base::fail("call.message", "message '" + base::printable(text) + "'", "ID:NUMBER, such as 1a2b3c4d:17",
                      "listen and send print it at the beginning of each line");
  auto conversation = find_conversation(text.substr(0, colon));
  if (!conversation) return std::unexpected(conversation.error());
  auto message = store_->message(
      base::ConversationId::from_wire(conversation->conversation()).value_or(base::ConversationId{}), sequence);
  if (!message) return std::unexpected(message.error());
  if (!*message)
    return base::fail("message.unknown", "message " + base::printable(text), "one that this device holds",
                      "it may have passed its deadline; feierabend history shows what is left");
  return std::move(**message);
}

base::Result<Reached> reach(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  auto api = (*home)->api();
  if (!api) return std::unexpected(api.error());
  return Reached{std::move(*home), std::move(*api)};
}

}  // namespace clients::cli
