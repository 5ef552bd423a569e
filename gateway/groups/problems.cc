#include "gateway/groups/problems.h"

#include <string>

namespace gateway::groups {

base::Error no_group() {
  return {"group.none", "a conversation whose group nobody has started", "", "start it first", ""};
}

base::Error group_exists() {
  return {"group.exists", "a group that somebody else has started", "", "take what arrives, or enter by yourself", ""};
}

base::Error other_epoch(std::uint64_t seen, std::uint64_t expected) {
  return {"group.epoch", "something made in epoch " + std::to_string(seen), "epoch " + std::to_string(expected),
          "take what arrives, then make it anew", ""};
}

base::Error removal_waits() {
  return {"group.removal-pending", "a removal by the service waits in this group", "a commit that takes it up",
          "commit what waits, then send in the new epoch", ""};
}

base::Error group_busy() {
  return {"group.busy", "another handshake of this group is on its way", "", "try again in a moment", ""};
}

std::unexpected<base::Error> refused(std::string_view why) {
  return base::fail("group.refused", std::string(why), "", "update this program, or tell your administrator");
}

std::unexpected<base::Error> refused(const mls::Error& error) { return refused(mls::sentence(error.reason)); }

base::Error as_of_group(const base::Error& of_relay) {
  if (of_relay.code == "epoch.removal-pending") return removal_waits();
  base::Error out = of_relay;
  if (out.code == "epoch.lost") out.code = "group.epoch";
  return out;
}

std::unexpected<base::Error> package_refused(std::string_view why) {
  return base::fail("key-package.refused", std::string(why), "", "make new key packages on this device");
}

}  // namespace gateway::groups
