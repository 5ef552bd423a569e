#include "clients/cli/consent.h"

#include <iostream>

#include "audit/certificate/certificate.h"
#include "clients/cli/commands.h"
#include "clients/cli/markers.h"
#include "clients/cli/message_line.h"

namespace clients::cli {

namespace certificate = audit::certificate;

namespace {

constexpr std::string_view kQrPrefix = "feierabend-consent:1:";

bool is_statement(std::string_view statement) {
  return certificate::parse_statement(base::as_bytes(statement)).has_value();
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// The device of the list that waits and has this code, its statement checked. Nothing is said of other codes, so that
// nobody is led to type what the screen says instead of what the other device shows.
base::Result<pb::DeviceRecord> find_waiting(const pb::DeviceList& list, const std::string& typed,
                                            const std::string& person) {
  std::string waiting;
  for (const auto& device : list.devices()) {
    if (!device.waiting()) continue;
    waiting += (waiting.empty() ? "" : ", ") + base::printable(device.name());
    if (!means(typed, device.statement())) continue;
    const auto said = certificate::parse_statement(base::as_bytes(device.statement()));
    if (said && said->device.wire() == device.device() && said->person == person) return device;
    return base::fail("device.certificate-other", "a certificate of another device, key or person",
                      "that of this device", "do not rely on this device");
  }
  if (waiting.empty())
    return base::fail("device.not-waiting", "no device of yours that waits for consent", "one that waits",
                      "log in on the new device first");
  return base::fail("device.code", "a code that none of your waiting devices has: " + waiting,
                    "the code that the new device shows", "compare it once more; if it differs, remove that device");
}

}  // namespace

std::string consent_code(std::string_view statement) {
  return is_statement(statement) ? certificate::code_of(certificate::digest_of(base::as_bytes(statement))) : "";
}

std::string consent_qr_text(std::string_view statement) {
  if (!is_statement(statement)) return {};
  return std::string(kQrPrefix) + base::to_hex(certificate::digest_of(base::as_bytes(statement)).bytes);
}

bool means(std::string_view typed, std::string_view statement) {
  const auto meant = trimmed(typed);
  if (!is_statement(statement)) return false;
  if (meant.starts_with(kQrPrefix)) return meant == consent_qr_text(statement);
  return certificate::is_code_of(meant, certificate::digest_of(base::as_bytes(statement)));
}

namespace {

Notice notice_of(const Screen& screen, const pb::DeviceNews& news, bool this_device) {
  const std::string name = base::printable(news.name()), id = beginning_of(news.device());
  std::string text;
  if (this_device) {
    text = screen.say(Word::kConsentCame);
  } else if (news.what() == pb::DeviceNews::ENROLLED) {
    text = screen.say(Word::kNewsEnrolled, name, id);
  } else {
    text = screen.say(news.what() == pb::DeviceNews::CONSENTED ? Word::kNewsConsented : Word::kNewsRemoved, name, id);
  }
  return {text,
          {{"event", "device"},
           {"what", core::name_of(news.what())},
           {"device", hex(news.device())},
           {"name", name},
           {"this_device", this_device}}};
}

Notice notice_of(const Screen& screen, const trust::Doubt& doubt) {
  const std::string person = base::printable(doubt.person);
  const base::Error why = screen.in_words(doubt.why);
  std::string text = screen.say(doubt.accepted ? Word::kDeviceReplaced : Word::kDeviceDoubted, person,
                                beginning_of(doubt.device.wire()), why.seen);
  if (!why.remedy.empty()) text += "\n" + screen.say(Word::kRemedy, why.remedy);
  return {text,
          {{"event", "device-doubted"},
           {"person", person},
           {"device", doubt.device.text()},
           {"accepted", doubt.accepted},
           {"error", json_of(doubt.why)}}};
}

}  // namespace

std::optional<Notice> notice_of(const Screen& screen, const core::Event& event, const base::DeviceId& own) {
  if (const auto* doubt = std::get_if<core::DeviceDoubted>(&event)) return notice_of(screen, *doubt);
  const auto* changed = std::get_if<core::DevicesChanged>(&event);
  if (changed == nullptr) return std::nullopt;
  return notice_of(screen, changed->news, changed->news.device() == own.wire());
}

void note_waiting(const Screen& screen, std::string_view statement) {
  screen.note(screen.say(Word::kWaitsForConsent, consent_code(statement)));
}

namespace {

// "-" is a line of the input, which a scanner of pictures may write as well as a person.
base::Result<std::string> read_code(const Options& options, Screen& screen) {
  if (!options.code.empty() && options.code != "-") return options.code;
  if (options.code.empty() || screen.interactive())
    return screen.ask(screen.say(Word::kAskConsentCode), "", "CODE", false);
  std::string line;
  std::getline(std::cin, line);
  return line;
}

}  // namespace

// The person compares the code on both devices; this one signs what was compared.
Outcome devices_approve(const Options& options, Screen& screen, Machine& machine) {
  auto typed = read_code(options, screen);
  if (!typed) return std::unexpected(typed.error());
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  auto list = at->api->devices(at->home->credentials());
  if (!list) return std::unexpected(at->home->heed(list.error()));
  auto device = find_waiting(*list, *typed, at->home->account().person());
  if (!device) return std::unexpected(device.error());
  const std::string name = base::printable(device->name());
  if (!options.yes) {
    auto answer =
        screen.ask(screen.say(Word::kAskApprove, name, local_time(device->enrolled_at_s())), "", "--yes", false);
    if (!answer) return std::unexpected(answer.error());
    if (!is_yes(*answer))
      return base::fail("call.confirmation", screen.say(Word::kNotApproved, name), "",
                        screen.say(Word::kRemoveIt, beginning_of(device->device())));
  }
  const auto digest = certificate::digest_of(base::as_bytes(device->statement()));
  const auto signature = at->home->credentials().key.sign(certificate::consent_message(digest));
  pb::ConsentRequest request;
  request.set_device(device->device());
  request.set_signature(signature.data(), signature.size());
  if (auto done = at->api->consent(at->home->credentials(), request); !done)
    return std::unexpected(at->home->heed(done.error()));
  screen.put(screen.say(Word::kApproved, name), {{"approved", hex(device->device())}, {"name", name}});
  return terminal::kDone;
}

}  // namespace clients::cli
