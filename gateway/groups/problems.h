// What the delivery service answers instead of doing what it was asked (relay/wire/client.proto, "groups"). Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "clients/mls/core/result.h"
#include "policy/base/result.h"

namespace gateway::groups {

namespace base = policy::base;
namespace mls = clients::mls;

base::Error no_group();                                               // group.none
base::Error group_exists();                                           // group.exists
base::Error other_epoch(std::uint64_t seen, std::uint64_t expected);  // group.epoch
base::Error removal_waits();                                          // group.removal-pending
base::Error group_busy();                                             // group.busy

// group.refused and key-package.refused: `why` is one of our sentences, never a text from outside.
std::unexpected<base::Error> refused(std::string_view why);
std::unexpected<base::Error> refused(const mls::Error& error);
std::unexpected<base::Error> package_refused(std::string_view why);

// What the relay says of epochs, in the words of this service; everything else stays as it is.
base::Error as_of_group(const base::Error& of_relay);

}  // namespace gateway::groups
