#include "clients/cli/news.h"

namespace clients::cli {

namespace {

constexpr std::size_t kBatch = 100;

}  // namespace

base::Status News::step(std::int64_t timeout_ms) {
  auto driver = home_.driver();
  if (!driver) return std::unexpected(driver.error());
  auto events = (*driver)->step(timeout_ms);
  if (!events) return std::unexpected(home_.heed(events.error()));
  for (const auto& event : *events)
    if (auto status = handle(event); !status) return status;
  if (auto status = show_new(); !status) return status;
  return greet(**driver);
}

// The server forgets with every connection that the person has opened the app.
base::Status News::greet(core::Driver& driver) {
  const bool before = std::exchange(connected_, driver.connected() || driver.guest());
  if (connected_ != before) handlers_.on_link(connected_);
  if (!connected_ || before || !foreground_) return {};
  pb::ClientFrame opened;
  opened.mutable_foreground()->set_open(true);
  auto answer = home_.ask(opened);
  if (!answer && !core::is_passing(answer.error().code)) return std::unexpected(answer.error());
  return {};
}

base::Status News::handle(const core::Event& event) {
  if (const auto notice = home_.notice(event)) handlers_.on_notice(*notice);
  if (const auto* gate = std::get_if<core::GateChanged>(&event)) handlers_.on_gate(gate->gates);
  if (const auto* expired = std::get_if<core::Expired>(&event)) handlers_.on_expired(expired->count);
  if (const auto* sent = std::get_if<core::Sent>(&event)) handlers_.on_sent(sent->message);
  if (const auto* refused = std::get_if<core::Refused>(&event)) handlers_.on_refused(refused->outgoing);
  if (const auto* wiped = std::get_if<core::WipeOrdered>(&event)) {
    home_.wipe(wiped->reason);
    return base::fail("device.wiped", "this device was wiped: " + wiped->reason, "",
                      "enrol again if the device is yours");
  }
  return {};
}

base::Status News::show_new() {
  auto waiting = home_.store().unshown(kBatch);
  if (!waiting) return std::unexpected(waiting.error());
  for (const auto& message : *waiting) {
    handlers_.on_message(message);
    if (auto status = home_.store().mark_shown(message); !status) return status;
  }
  return {};
}

}  // namespace clients::cli
