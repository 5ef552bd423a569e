// One connection to the server, encrypted before it is handed out. For this room only.
//
// Not for several threads at once. Every exchange is bounded by the settings' times. Errors: directory.unavailable,
// directory.misconfigured; bind() also login.refused.
#pragma once

#include <ldap.h>

#include <memory>
#include <string>
#include <vector>

#include "gateway/directory/ldap/ldap_directory.h"

namespace gateway::directory::ldap {

struct Found {
  std::string dn;
  // By the index of the attribute asked for: its values.
  std::vector<std::vector<std::string>> values;

  std::string_view first(std::size_t attribute) const {
    return values[attribute].empty() ? std::string_view() : std::string_view(values[attribute].front());
  }
};

struct Query {
  std::string base;
  int scope = LDAP_SCOPE_SUBTREE;
  std::string filter;
  std::vector<std::string> attributes;
  int entries_max = 0;  // 0: no bound of ours; the server's still holds
};

class Connection {
 public:
  static base::Result<std::unique_ptr<Connection>> open(const Settings& settings);

  base::Status bind(const std::string& dn, std::string_view password);
  // The DN that the server has bound this connection to, normalised; empty if anonymous.
  base::Result<std::string> who_am_i();

  // All entries, or at most `entries_max`, then with the error directory.ambiguous if there are more.
  base::Result<std::vector<Found>> search(const Query& query);
  // All entries, page by page, at most `bound`; beyond it directory.misconfigured.
  base::Result<std::vector<Found>> search_paged(const Query& query, std::size_t bound);

  // Starts a search that stays open (RFC 4533, refreshAndPersist) and returns its message id.
  base::Result<int> start_sync(const std::string& base, const std::string& filter);

  LDAP* handle() const { return handle_.get(); }
  base::Error error(int code, const std::string& doing) const;

 private:
  struct Unbind {
    void operator()(LDAP* handle) const { ldap_unbind_ext_s(handle, nullptr, nullptr); }
  };
  Connection(LDAP* handle, timeval timeout) : handle_(handle), timeout_(timeout) {}
  base::Result<std::vector<Found>> page(const Query& query, LDAPControl** controls, struct berval* cookie);
  Found read_entry(LDAPMessage* entry, const std::vector<std::string>& attributes) const;

  std::unique_ptr<LDAP, Unbind> handle_;
  timeval timeout_;
};

// As the server compares names: libldap's own form, in ASCII lower case. Empty if it is no DN.
std::string normalised_dn(const std::string& dn);

}  // namespace gateway::directory::ldap
