// What an administrator can set, as one table, and as checked values.
#pragma once

#include <string>
#include <vector>

#include "gateway/app/witnesses.h"
#include "gateway/app/world_keeper.h"
#include "gateway/directory/ldap/ldap_directory.h"
#include "gateway/directory/watch/people_watcher.h"
#include "relay/daemon/settings.h"
#include "relay/net/socket.h"
#include "relay/net/tls.h"

namespace gateway::app {

struct Options {
  relay::net::Address listen;
  std::string data;
  relay::net::TlsContext::Files tls;
  relay::net::Address relay;
  relay::net::TlsContext::Files relay_tls;  // all empty: a unix socket
  WorldKeeper::Files rules;
  std::string ldif;  // empty: `ldap`
  directory::ldap::Settings ldap;
  directory::WatchSettings watch;
  std::vector<std::string> origins;  // beside the own address while listening on loopback only
  std::string admin_group;
  std::string tenant;
  std::string officer_key, council_key;
  std::string officer_signer, council_signer;  // both empty: pseudonyms are not opened
  std::string erasures_copy;                   // empty: none
  Witnesses::Options witnesses;
  std::size_t loops = 2;
  std::size_t workers = 4;
  std::uint32_t ping_interval_s = 60;
  std::string log;
  std::string ready_file;
};

std::vector<relay::daemon::Setting> option_table();
// Errors: settings.number, address.syntax, settings.file, settings.missing.
policy::base::Result<Options> read_options(const relay::daemon::Settings& settings);

// What check-config looks at beyond the values: keys, certificates, packs and the directory file as they are now. All
// that is wrong, not only the first.
std::vector<policy::base::Error> check_files(const Options& options);

}  // namespace gateway::app
