#include "gateway/console/api.h"

namespace gateway::console {

// The process runs and answers. Says nothing about what it depends on.
Api::Json Api::healthz(const ApiRequest&) { return std::string(R"({"status":"ok"})"); }

// Everything that a message needs is there: relay, directory, store.
Api::Json Api::readyz(const ApiRequest&) {
  if (!services_.relay_up)
    return policy::base::fail("relay.unavailable", "the relay cannot be reached", "",
                              "start feierabend-relay or check its address");
  if (auto there = directory_.probe(); !there) return std::unexpected(there.error());
  if (auto there = services_.store.checkpoint(); !there) return std::unexpected(there.error());
  return std::string(R"({"status":"ready"})");
}

}  // namespace gateway::console
