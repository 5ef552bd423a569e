#include <set>

#include "clients/cli/commands.h"
#include "clients/cli/consent.h"
#include "clients/cli/message_line.h"
#include "clients/trust/devices.h"

namespace clients::cli {

namespace {

// One line a check: what was looked at, what is wrong, what to do. The first fault gives the exit code.
class Examination {
 public:
  explicit Examination(Screen& screen) : screen_(screen) {}

  void good(Word what, const char* name, const std::string& seen) {
    screen_.put(screen_.say(what) + ": " + screen_.say(Word::kDoctorOk) + (seen.empty() ? "" : " – " + seen),
                {{"check", name}, {"state", "ok"}, {"seen", seen}});
  }
  void fault(Word what, const char* name, const base::Error& original) {
    const base::Error error = screen_.in_words(original);
    if (code_ == terminal::kDone) code_ = terminal::exit_code_of(error.code);
    std::string line = screen_.say(what) + ": " + screen_.bold(screen_.say(Word::kDoctorFault)) + " – " + error.seen +
                       " [" + error.code + "]";
    if (!error.remedy.empty()) line += "\n    " + screen_.say(Word::kRemedy, error.remedy);
    screen_.put(line, {{"check", name}, {"state", "fault"}, {"error", cli::json_of(original)}});
  }
  int code() const { return code_; }

 private:
  Screen& screen_;
  int code_ = terminal::kDone;
};

// A doubted device may be gone long ago, so that it is no fault.
base::Status examine_devices(Home& home, const std::set<std::string>& people, Examination& out) {
  const auto pins = home.store().all_pinned();
  if (!pins) return std::unexpected(pins.error());
  std::size_t proven = 0;
  std::set<std::string> whose;
  for (const auto& pin : *pins) {
    if (!people.contains(pin.person())) continue;
    proven += trust::is_certified(pin) ? 1U : 0U;
    if (trust::why_not(pin)) whose.insert(pin.person());
  }
  std::string doubted;
  for (const auto& person : whose) doubted += (doubted.empty() ? "" : ", ") + base::printable(person);
  out.good(Word::kDoctorDevices, "devices",
           doubted.empty() ? home.screen().say(Word::kDoctorDevicesOk, proven)
                           : home.screen().say(Word::kDoctorDevicesDoubted, proven, doubted));
  return {};
}

// What this device holds of its groups, without asking anybody.
base::Status examine_groups(Home& home, Examination& out) {
  const auto conversations = home.store().conversations();
  if (!conversations) return std::unexpected(conversations.error());
  std::size_t entered = 0;
  std::set<std::string> people;
  for (const auto& conversation : *conversations) {
    const auto id = base::ConversationId::from_wire(conversation.conversation());
    if (!id) continue;
    const auto group = home.store().group(*id);
    if (!group) return std::unexpected(group.error());
    entered += *group ? 1U : 0U;
    for (const auto& member : conversation.members()) people.insert(member.person());
  }
  const auto packages = home.store().key_package_count();
  if (!packages) return std::unexpected(packages.error());
  out.good(Word::kDoctorGroups, "groups",
           home.screen().say(Word::kDoctorGroupsOk, entered, conversations->size(), *packages));
  return examine_devices(home, people, out);
}

void examine_server(Home& home, Examination& out) {
  auto api = home.api();
  if (!api) return out.fault(Word::kDoctorTls, "tls", api.error());
  const Progress progress(home.screen(),
                          home.screen().say(Word::kConnecting, base::printable(home.account().server())));
  const auto health = (*api)->health();
  const bool tls = !health && health.error().code.starts_with("tls.");
  if (tls) return out.fault(Word::kDoctorTls, "tls", health.error());
  if (!health) return out.fault(Word::kDoctorServer, "server", health.error());
  out.good(Word::kDoctorServer, "server", base::printable(home.account().server()));
  out.good(Word::kDoctorTls, "tls", "TLS 1.3");
  const auto devices = (*api)->devices(home.credentials());
  const bool clock = !devices && devices.error().code == "proof.stale";
  if (clock) return out.fault(Word::kDoctorClock, "clock", devices.error());
  if (devices) out.good(Word::kDoctorClock, "clock", home.screen().say(Word::kDoctorClockOk));
  if (!devices) return out.fault(Word::kDoctorSession, "session", home.heed(devices.error()));
  out.good(Word::kDoctorSession, "session", local_time(home.account().token_expires_at_s()));
  for (const auto& device : devices->devices()) {
    if (!device.this_device()) continue;
    if (!device.waiting()) {
      out.good(Word::kDoctorConsent, "consent", "");
      continue;
    }
    out.fault(Word::kDoctorConsent, "consent",
              {"device.waiting", "a device that waits for the consent of another one",
               "devices that the person has confirmed", "confirm it on another of your devices", ""});
    note_waiting(home.screen(), device.statement());
  }
  pb::ClientFrame question;
  question.mutable_gate();
  if (auto answer = home.ask(question); !answer) return out.fault(Word::kDoctorStream, "stream", answer.error());
  out.good(Word::kDoctorStream, "stream", "feierabend.v1");
}

}  // namespace

Outcome doctor(const Options& options, Screen& screen, Machine& machine) {
  Examination out(screen);
  if (!store::Store::exists(options.home)) {
    out.fault(Word::kDoctorFolder, "folder",
              {"store.absent", "no device is set up in " + base::printable(options.home.string(), 400), "",
               "run: feierabend login", ""});
    return out.code();
  }
  out.good(Word::kDoctorFolder, "folder", base::printable(options.home.string(), 400));
  auto home = Home::open(options, screen, machine);
  if (!home) {
    const bool session = home.error().code == "session.none";
    out.fault(session ? Word::kDoctorSession : Word::kDoctorStore, session ? "session" : "store", home.error());
    return out.code();
  }
  auto outbox = (*home)->store().outbox();
  if (!outbox) {
    out.fault(Word::kDoctorStore, "store", outbox.error());
    return out.code();
  }
  out.good(Word::kDoctorStore, "store", "");
  out.good(Word::kDoctorOutbox, "outbox", screen.say(Word::kDoctorUnsent, outbox->size()));
  if (auto groups = examine_groups(**home, out); !groups) {
    out.fault(Word::kDoctorStore, "store", groups.error());
    return out.code();
  }
  examine_server(**home, out);
  return out.code();
}

}  // namespace clients::cli
