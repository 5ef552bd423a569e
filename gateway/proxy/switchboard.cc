#include "gateway/proxy/switchboard.h"

#include "gateway/proxy/exchange.h"

namespace gateway::proxy {
namespace {

// Private use (RFC 6455 § 7.4.2): a client that reads 4401 logs in again, 4410 deletes its store.
// One that does not know 4411 connects again, and hears it then.
constexpr std::uint16_t kCloseSessionEnded = 4401;
constexpr std::uint16_t kCloseMoved = 4409;
constexpr std::uint16_t kCloseWiped = 4410;
constexpr std::uint16_t kCloseRemoved = 4411;
constexpr std::uint16_t kCloseGoingAway = 1001;

}  // namespace

void Switchboard::replace_world(std::shared_ptr<const gates::World> world) {
  for (const Line line : lines_) line.loop->post([line, world] { line.exchange->replace_world(world); });
}

void Switchboard::interrupt(const std::string& person, policy::model::Interruption interruption) {
  for (const Line line : lines_) {
    line.loop->post([line, person, interruption] { line.exchange->interrupt(person, interruption); });
  }
}

void Switchboard::open(const std::string& person, const gates::Openings& openings) {
  for (const Line line : lines_) {
    line.loop->post([line, person, openings] { line.exchange->open(person, openings); });
  }
}

void Switchboard::close_person(const std::string& person, const std::string& reason) {
  for (const Line line : lines_) {
    line.loop->post([line, person, reason] { line.exchange->close_person(person, kCloseSessionEnded, reason); });
  }
}

void Switchboard::session_closed(const policy::base::DeviceId& device) {
  for (const Line line : lines_) {
    line.loop->post([line, device] { line.exchange->close_device(device, kCloseSessionEnded, "logged out", false); });
  }
}

// One relay, so one of the links is enough to tell it.
void Switchboard::tell_relay(const policy::base::DeviceId& device,
                             const std::optional<policy::base::MailboxId>& mailbox) {
  if (lines_.empty()) return;
  lines_.front().loop->post([line = lines_.front(), device, mailbox] { line.exchange->tell_relay(device, mailbox); });
}

void Switchboard::device_enrolled(const policy::base::DeviceId& device, const policy::base::MailboxId& mailbox) {
  tell_relay(device, mailbox);
}

void Switchboard::device_consented(const policy::base::DeviceId& device, const policy::base::MailboxId& mailbox) {
  tell_relay(device, mailbox);
  for (const Line line : lines_) line.loop->post([line, device] { line.exchange->end_waiting(device); });
}

void Switchboard::device_news(const std::string& person, const pb::DeviceNews& news) {
  for (const Line line : lines_) line.loop->post([line, person, news] { line.exchange->push_news(person, news); });
}

void Switchboard::device_removed(const policy::base::DeviceId& device) {
  tell_relay(device, std::nullopt);
  remove_leaves(device);
  for (const Line line : lines_) {
    line.loop->post([line, device] { line.exchange->close_device(device, kCloseRemoved, "device removed", false); });
  }
}

void Switchboard::device_wiped(const policy::base::DeviceId& device, const std::string& reason) {
  tell_relay(device, std::nullopt);
  remove_leaves(device);
  for (const Line line : lines_) {
    line.loop->post([line, device, reason] { line.exchange->close_device(device, kCloseWiped, reason, true); });
  }
}

void Switchboard::remove_leaves(const policy::base::DeviceId& device) {
  if (lines_.empty()) return;
  lines_.front().loop->post([line = lines_.front(), device] { line.exchange->remove_leaves(device); });
}

void Switchboard::person_gone(const std::string& person) {
  if (lines_.empty()) return;
  lines_.front().loop->post([line = lines_.front(), person] { line.exchange->remove_leaves(person); });
}

void Switchboard::stock_low(const policy::base::DeviceId& device, const groups::Stock& stock) {
  for (const Line line : lines_) line.loop->post([line, device, stock] { line.exchange->push_stock(device, stock); });
}

void Switchboard::device_moved(const policy::base::DeviceId& device, const Exchange& by) {
  for (const Line line : lines_) {
    if (line.exchange == &by) continue;
    line.loop->post([line, device] {
      line.exchange->close_device(device, kCloseMoved, "a newer connection of this device", false);
    });
  }
}

void Switchboard::close_all(const std::string& reason) {
  for (const Line line : lines_) line.loop->post([line, reason] { line.exchange->close_all(kCloseGoingAway, reason); });
}

}  // namespace gateway::proxy
