#include <algorithm>
#include <charconv>

#include "clients/cli/commands.h"
#include "clients/store/file.h"
#include "clients/terminal/one_time_code.h"

namespace clients::cli {

namespace {

constexpr std::size_t kStepBytesMax = 512;

// A code works once. The file remembers the last step it gave a code for, so that a second login within the same half
// minute takes the next step's code, which the server admits, and a third one waits.
base::Result<std::string> code_of_file(const std::string& file, Screen& screen, Machine& machine) {
  screen.note(screen.say(Word::kSecretBesideWarning, base::printable(file, 400)));
  auto secret = screen.ask("", file, "--totp-secret-file", true);
  if (!secret) return secret;
  const std::string beside = file + ".last";
  std::int64_t last = 0;
  auto remembered = store::read_file(beside, kStepBytesMax);
  if (!remembered) return std::unexpected(remembered.error());
  if (*remembered) {
    const auto text = base::as_text(**remembered);
    std::from_chars(text.data(), text.data() + text.size(), last);
  }
  std::int64_t now = terminal::step_at(machine.clock.now());
  const std::int64_t step = std::max(now, last + 1);
  while (step > now + 1 && !interrupted()) {
    const auto wait_s = (step - 1) * terminal::kCodeStep_s - machine.clock.now().unix_s;
    screen.note(screen.say(Word::kWaitingForCode, wait_s));
    nap(std::max<std::int64_t>(wait_s, 1) * 1000);
    now = terminal::step_at(machine.clock.now());
  }
  if (auto kept = store::replace_file(beside, base::as_bytes(std::to_string(step))); !kept)
    return std::unexpected(kept.error());
  return terminal::one_time_code(*secret, step);
}

}  // namespace

base::Result<std::string> ask_code(const Options& options, Screen& screen, Machine& machine) {
  if (!options.code.empty()) return options.code;
  if (!options.totp_secret_file.empty()) return code_of_file(options.totp_secret_file, screen, machine);
  return screen.ask(screen.say(Word::kAskCode), "", "--code", false);
}

}  // namespace clients::cli
