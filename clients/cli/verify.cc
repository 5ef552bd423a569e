#include <algorithm>

#include "clients/cli/commands.h"
#include "clients/cli/markers.h"
#include "clients/core/pins.h"
#include "clients/groups/safety_number.h"
#include "clients/terminal/qr.h"

namespace clients::cli {

namespace {

constexpr int kCertifyTries = 5;
constexpr std::int64_t kCertifyAgain_ms = 400;

class Verification {
 public:
  Verification(Home& home, const Options& options) : home_(home), options_(options), screen_(home.screen()) {}

  Outcome run() {
    pb::ClientFrame question;
    question.mutable_open()->add_persons(options_.person);
    if (auto status = ask(question); !status) return std::unexpected(status.error());
    if (auto status = certify(); !status) return std::unexpected(status.error());
    if (auto status = check_leaves(); !status) return std::unexpected(status.error());
    return show();
  }

 private:
  base::Status ask(const pb::ClientFrame& question) {
    auto answer = home_.ask(question);
    if (!answer) return std::unexpected(answer.error());
    conversation_ = answer->conversation();
    if (auto status = core::pin_keys(home_.store(), conversation_); !status) return status;
    return core::check_keys(home_.store(), conversation_);
  }

  // What the log proves of the devices, as before a message is sent.
  base::Status certify() {
    if (auto status = home_.refresh_logs(); !status) return status;
    for (int i = 0;; ++i) {
      auto certified = trust::certify(home_.store(), home_.self(), conversation_);
      if (!certified) return std::unexpected(certified.error());
      for (const auto& doubt : certified->doubts)
        if (const auto notice = home_.notice(core::Event(doubt))) screen_.note(notice->text);
      if (certified->missing.empty() || i == kCertifyTries) return {};
      if (i > 1) nap(kCertifyAgain_ms);
      pb::ClientFrame question;
      auto& open = *question.mutable_open();
      open.set_conversation(conversation_.conversation());
      certified->missing.resize(std::min(certified->missing.size(), core::kCertifyMax));
      for (const auto& device : certified->missing) open.add_devices(device.wire());
      if (auto status = ask(question); !status) return status;
    }
  }

  // Whoever has a leaf reads along, whatever the server lists.
  base::Status check_leaves() {
    const auto id = base::ConversationId::from_wire(conversation_.conversation());
    if (!id) return {};
    auto group = home_.groups().group(*id);
    if (!group) return std::unexpected(group.error());
    if (*group == nullptr) return {};
    for (const auto& member : (*group)->members()) {
      if (leaves(**group, member.leaf)) continue;
      const std::string device(base::as_text(member.credential.identity));
      const std::string name = beginning_of(device);
      const auto listed = key_of(device);
      if (!listed) return unequal(screen_.say(Word::kLeafUnlisted, name, owner_of(device)));
      if (*listed != base::as_text(member.signature_key))
        return unequal(screen_.say(Word::kLeafOtherKey, name, owner_of(device)));
    }
    return {};
  }
  static bool leaves(const mls::Group& group, mls::LeafIndex leaf) {
    return std::ranges::any_of(group.pending(), [&](const mls::PendingProposal& one) {
      const auto* const remove = std::get_if<mls::Remove>(&one.proposal);
      return remove != nullptr && remove->removed == leaf;
    });
  }
  static base::Status unequal(const std::string& seen) {
    return base::fail("device.leaf", seen, "", "write to nobody in this conversation and tell your administrator");
  }
  std::optional<std::string> key_of(const std::string& device) const {
    for (const auto& member : conversation_.members())
      for (const auto& one : member.devices())
        if (one.device() == device) return one.identity_key();
    return std::nullopt;
  }
  std::string owner_of(const std::string& device) {
    const auto id = base::DeviceId::from_wire(device);
    const auto pin = id ? home_.store().pinned(*id) : std::optional<record::PinnedDevice>();
    return pin && *pin ? base::printable((*pin)->person()) : "?";
  }

  groups::PersonKeys keys_of(const std::string& person) const {
    groups::PersonKeys out{person, {}};
    for (const auto& device : devices_of(person)) {
      mls::IdentityKey key{};
      std::ranges::copy(base::as_bytes(device.identity_key()), key.begin());  // of 32 bytes: check_keys
      out.keys.push_back(key);
    }
    return out;
  }
  std::vector<pb::Device> devices_of(const std::string& person) const {
    for (const auto& member : conversation_.members())
      if (member.person() == person) return {member.devices().begin(), member.devices().end()};
    return {};
  }

  Outcome show() {
    const auto& own = home_.account().person();
    const auto theirs = keys_of(options_.person), ours = keys_of(own);
    const std::string name = base::printable(options_.person);
    if (theirs.keys.empty()) return base::fail("device.unknown", screen_.say(Word::kNoDevices, name), "");
    if (std::ranges::count(ours.keys, home_.credentials().key.identity_key()) == 0)
      return base::fail("device.unknown", screen_.say(Word::kNotListed), "");
    auto doubted = doubted_of(options_.person);
    if (!doubted) return std::unexpected(doubted.error());
    const auto number = groups::safety_number(ours, theirs);
    for (const auto& line : groups::in_lines(number)) screen_.line(line);
    if (const auto picture = terminal::qr_lines(number))
      for (const auto& line : *picture) screen_.line(line);
    boost::json::array names(doubted->begin(), doubted->end());
    for (const auto& one : *doubted) screen_.line(screen_.say(Word::kDoubtedDevice, one));
    screen_.put(screen_.say(Word::kSafetyNumber, name),
                {{"person", name}, {"safety_number", number}, {"doubted", std::move(names)}});
    return options_.confirm ? confirm(name) : Outcome(terminal::kDone);
  }

  base::Result<std::vector<std::string>> doubted_of(const std::string& person) {
    std::vector<std::string> out;
    for (const auto& device : devices_of(person)) {
      auto pin = home_.store().pinned(base::DeviceId::from_wire(device.device()).value_or(base::DeviceId{}));
      if (!pin) return std::unexpected(pin.error());
      if (*pin && !trust::is_certified(**pin)) out.push_back(beginning_of(device.device()));
    }
    return out;
  }

  Outcome confirm(const std::string& name) {
    if (!options_.yes) {
      const auto answer = screen_.ask(screen_.say(Word::kAskCompared, name), "", "--yes", false);
      if (!answer) return std::unexpected(answer.error());
      if (!is_yes(*answer)) return base::fail("call.confirmation", screen_.say(Word::kNotCompared), "");
    }
    std::vector<base::DeviceId> compared;
    for (const auto& device : devices_of(options_.person))
      compared.push_back(base::DeviceId::from_wire(device.device()).value_or(base::DeviceId{}));
    const auto count = trust::confirm(home_.store(), options_.person, compared);
    if (!count) return std::unexpected(count.error());
    screen_.put(screen_.say(Word::kConfirmed, name, *count), {{"person", name}, {"confirmed", *count}});
    return terminal::kDone;
  }

  Home& home_;
  const Options& options_;
  Screen& screen_;
  pb::Conversation conversation_;
};

}  // namespace

// The devices are those that the next message would be encrypted for, each held against the key that was seen first.
Outcome verify(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  return Verification(**home, options).run();
}

}  // namespace clients::cli
