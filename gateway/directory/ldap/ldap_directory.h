// A directory behind LDAP: OpenLDAP and its relatives.
//
// Always TLS: ldaps://, or ldap:// and StartTLS before anything else is said. The server's certificate must come from
// `ca_file` and name the host of the URL. Referrals are not followed. Each login searches with the service account's
// connection and binds with a connection of its own, asks the server who it is (RFC 4532) and closes it. People come in
// pages (RFC 2696); changes ring through content synchronisation (RFC 4533) where the server offers it.
//
// Debian's libldap uses GnuTLS; its asynchronous connect hangs with ldaps, so everything here blocks, for
// `connect_timeout_ms` and `operation_timeout_ms` at most per exchange.
//
// Threads: any. Up to kIdleConnectionsMax service connections are kept between calls.
// Lifetime: see gateway/directory/port/directory.h.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/directory/port/directory.h"

namespace gateway::directory::ldap {

constexpr std::size_t kIdleConnectionsMax = 4;
constexpr int kPageSize = 1000;

struct Settings {
  std::string url;      // "ldaps://ldap.example.org" or "ldap://…": then StartTLS
  std::string ca_file;  // PEM
  std::string service_dn;
  std::string service_password;
  std::string base;         // everything below is watched for changes
  std::string people_base;  // empty: `base`
  std::string groups_base;  // empty: `base`
  std::string people_filter = "(objectClass=inetOrgPerson)";
  std::string groups_filter = "(objectClass=groupOfNames)";
  std::string uid_attribute = "uid";
  std::string name_attribute = "displayName";  // cn where it is missing
  std::string unit_attribute = "ou";
  // An entry with a password that nobody knows. The password given for an unknown uid is tried on it, so that the
  // server hashes as long as for a known one. Empty: an entry that does not exist.
  std::string decoy_dn;
  int connect_timeout_ms = 5000;
  int operation_timeout_ms = 10000;
};

// RFC 4515 § 3: the value's '*', '(', ')', '\', NUL and every byte outside ASCII as \XX.
std::string escape_filter(std::string_view value);

class Connection;

class LdapDirectory final : public Directory {
 public:
  // Sets SIGPIPE to ignored if the process left it at its default: a server that goes away must not end the gateway.
  // Looks at the settings only; connects at the first use. Error: directory.misconfigured.
  static base::Result<std::unique_ptr<LdapDirectory>> create(Settings settings);
  ~LdapDirectory() override;

  base::Result<Person> authenticate(std::string_view uid, std::string_view password) override;
  base::Result<Person> find(std::string_view uid) override;  // without groups from groups_filter
  base::Result<Snapshot> snapshot() override;
  base::Status probe() override;
  base::Result<std::unique_ptr<ChangeFeed>> changes() override;

 private:
  explicit LdapDirectory(Settings settings);
  base::Result<std::unique_ptr<Connection>> service_connection();
  void keep(std::unique_ptr<Connection> connection);
  struct Entry {
    std::string dn;
    std::optional<Person> person;  // nothing if nobody, or more than one, has this uid
  };
  base::Result<Entry> look_up(Connection& service, const std::string& uid) const;
  base::Status bind_as(const std::string& dn, std::string_view password);

  const Settings settings_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
};

}  // namespace gateway::directory::ldap
