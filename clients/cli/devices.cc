#include <signal.h>

#include "clients/cli/commands.h"
#include "clients/cli/message_line.h"
#include "clients/store/file.h"

namespace clients::cli {

namespace {

std::string_view kind_name(pb::DeviceKind kind) {
  return kind == pb::PHONE ? "phone" : kind == pb::TABLET ? "tablet" : kind == pb::DESKTOP ? "desktop" : "?";
}

boost::json::object json_of(const pb::DeviceRecord& device) {
  return {{"device", hex(device.device())},
          {"name", base::printable(device.name())},
          {"kind", kind_name(device.kind())},
          {"enrolled_at", instant_json(device.enrolled_at_s())},
          {"last_seen", instant_json(device.last_seen_s())},
          {"this_device", device.this_device()},
          {"wiped", device.wiped()},
          {"waiting", device.waiting()}};
}

// Whole ids for administrators: wipe wants one.
void show(Screen& screen, const pb::DeviceList& list, bool whole_ids) {
  boost::json::array all;
  std::uint32_t active = 0;
  for (const auto& device : list.devices()) {
    all.push_back(json_of(device));
    active += device.wiped() ? 0U : 1U;
    std::string line = (whole_ids ? hex(device.device()) : beginning_of(device.device())) + "  " +
                       base::printable(device.name()) + " (" + std::string(kind_name(device.kind())) + ")  " +
                       local_time(device.enrolled_at_s());
    if (device.this_device()) line += "  " + screen.say(Word::kThisDevice);
    if (device.wiped()) line += "  " + screen.say(Word::kWiped);
    if (device.waiting()) line += "  " + screen.say(Word::kWaitsMark);
    screen.line(line);
  }
  screen.put(screen.say(Word::kDevicesOf, active, list.devices_max()),
             {{"devices", std::move(all)}, {"devices_max", list.devices_max()}});
}

base::Result<base::DeviceId> pick(const pb::DeviceList& list, const std::string& beginning) {
  std::vector<std::string> found;
  for (const auto& device : list.devices())
    if (!beginning.empty() && !device.wiped() && hex(device.device()).starts_with(beginning))
      found.push_back(device.device());
  if (found.size() == 1) return base::DeviceId::from_wire(found.front());
  return base::fail(found.empty() ? "device.unknown" : "device.ambiguous",
                    "device '" + base::printable(beginning) + "'",
                    found.empty() ? "the id of one of your devices" : "a longer beginning", "run: feierabend devices");
}

}  // namespace

Outcome devices_list(const Options& options, Screen& screen, Machine& machine) {
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  const Progress progress(screen, screen.say(Word::kConnecting, base::printable(at->home->account().server())));
  auto list = at->api->devices(at->home->credentials());
  if (!list) return std::unexpected(at->home->heed(list.error()));
  show(screen, *list, false);
  return terminal::kDone;
}

Outcome devices_remove(const Options& options, Screen& screen, Machine& machine) {
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  const Progress progress(screen, screen.say(Word::kConnecting, base::printable(at->home->account().server())));
  auto list = at->api->devices(at->home->credentials());
  if (!list) return std::unexpected(at->home->heed(list.error()));
  auto device = pick(*list, options.device);
  if (!device) return std::unexpected(device.error());
  if (auto removed = at->api->remove_device(at->home->credentials(), *device); !removed)
    return std::unexpected(at->home->heed(removed.error()));
  screen.put(screen.say(Word::kDeviceRemoved, device->text()), {{"removed", device->text()}});
  return terminal::kDone;
}

Outcome admin_devices(const Options& options, Screen& screen, Machine& machine) {
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  const Progress progress(screen, screen.say(Word::kConnecting, base::printable(at->home->account().server())));
  auto list = at->api->devices_of(at->home->credentials(), options.person);
  if (!list) return std::unexpected(at->home->heed(list.error()));
  show(screen, *list, true);
  return terminal::kDone;
}

Outcome admin_wipe(const Options& options, Screen& screen, Machine& machine) {
  auto device = base::DeviceId::from_text(options.device);
  if (!device)
    return base::fail("device.unknown", "device '" + base::printable(options.device) + "'",
                      "the whole id, 32 hexadecimal digits", "run: feierabend admin devices PERSON");
  if (!options.yes) {
    auto typed = screen.ask(screen.say(Word::kAskWipe, device->text()), "", "--yes", false);
    if (!typed) return std::unexpected(typed.error());
    if (*typed != beginning_of(device->wire()))
      return base::fail("call.confirmation", "another beginning than that of the device", beginning_of(device->wire()));
  }
  auto at = reach(options, screen, machine);
  if (!at) return std::unexpected(at.error());
  const Progress progress(screen, screen.say(Word::kConnecting, base::printable(at->home->account().server())));
  if (auto wiped = at->api->wipe(at->home->credentials(), *device, options.wipe_reason); !wiped)
    return std::unexpected(at->home->heed(wiped.error()));
  screen.put(screen.say(Word::kWipeOrdered, device->text()),
             {{"wiped", device->text()}, {"reason", options.wipe_reason}});
  return terminal::kDone;
}

Outcome change_pin(const Options& options, Screen& screen, Machine& machine) {
  auto store = open_store(options, screen, machine);
  if (!store) return std::unexpected(store.error());
  auto pin = ask_new_pin(options.new_pin_file, "--new-pin-file", screen);
  if (!pin) return std::unexpected(pin.error());
  if (auto changed = (*store)->change_pin(*pin); !changed) return std::unexpected(changed.error());
  screen.put(screen.say(Word::kPinChanged), {{"pin", "changed"}});
  return terminal::kDone;
}

Outcome lock(const Options& options, Screen& screen, Machine&) {
  const auto holder = store::StreamLock::holder(options.home);
  if (!holder || ::kill(*holder, SIGTERM) != 0) {
    screen.put(screen.say(Word::kLockedAlready), {{"locked", true}, {"ended", nullptr}});
    return terminal::kDone;
  }
  screen.put(screen.say(Word::kLocked, *holder), {{"locked", true}, {"ended", *holder}});
  return terminal::kDone;
}

}  // namespace clients::cli
