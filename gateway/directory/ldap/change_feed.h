// A search that stays open (RFC 4533) as a bell: every message of it means "something changed". What the messages say
// is not read at all; the answer to a ring is a whole snapshot.
#pragma once

#include <memory>
#include <string>

#include "gateway/directory/ldap/connection.h"

namespace gateway::directory::ldap {

// Error: directory.no-feed is found only in wait(), when the server has answered.
base::Result<std::unique_ptr<ChangeFeed>> make_change_feed(std::unique_ptr<Connection> connection,
                                                           const std::string& base, const std::string& filter);

}  // namespace gateway::directory::ldap
