#include <algorithm>

#include "clients/cli/commands.h"
#include "clients/core/pins.h"
#include "clients/groups/safety_number.h"
#include "clients/terminal/qr.h"

namespace clients::cli {

namespace {

groups::PersonKeys keys_of(const pb::Conversation& conversation, const std::string& person) {
  groups::PersonKeys out{person, {}};
  for (const auto& member : conversation.members()) {
    if (member.person() != person) continue;
    for (const auto& device : member.devices()) {
      mls::IdentityKey key{};
      if (device.identity_key().size() != key.size()) continue;
      std::ranges::copy(base::as_bytes(device.identity_key()), key.begin());
      out.keys.push_back(key);
    }
  }
  return out;
}

void show(Screen& screen, const std::string& name, const std::string& number) {
  for (const auto& line : groups::in_lines(number)) screen.line(line);
  if (const auto picture = terminal::qr_lines(number))
    for (const auto& line : *picture) screen.line(line);
  screen.put(screen.say(Word::kSafetyNumber, name), {{"person", name}, {"safety_number", number}});
}

}  // namespace

// The devices are those that the next message would be encrypted for, each held against the key that was seen first.
Outcome verify(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  pb::ClientFrame question;
  question.mutable_open()->add_persons(options.person);
  auto answer = (*home)->ask(question);
  if (!answer) return std::unexpected(answer.error());
  auto& store = (*home)->store();
  if (auto status = core::pin_keys(store, answer->conversation()); !status) return std::unexpected(status.error());
  if (auto status = core::check_keys(store, answer->conversation()); !status) return std::unexpected(status.error());
  const auto theirs = keys_of(answer->conversation(), options.person);
  const auto ours = keys_of(answer->conversation(), (*home)->account().person());
  if (theirs.keys.empty())
    return base::fail("device.unknown", screen.say(Word::kNoDevices, base::printable(options.person)), "");
  if (std::ranges::count(ours.keys, (*home)->credentials().key.identity_key()) == 0)
    return base::fail("device.unknown", screen.say(Word::kNotListed), "");
  show(screen, base::printable(options.person), groups::safety_number(ours, theirs));
  return terminal::kDone;
}

}  // namespace clients::cli
