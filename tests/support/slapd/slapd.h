// A real OpenLDAP server for tests: Debian's slapd in a temporary folder, on free ports of 127.0.0.1 and 127.0.0.2,
// with TLS under a certificate authority of its own. The certificate names 127.0.0.1 only, so that 127.0.0.2 is the
// same server under a wrong name.
//
// The tree: ou=people with generated people p00001, p00002 … (password "pw-" + uid, unit "Dienststelle N"), ou=groups
// with groupOfNames "dispatch" (the first 100) and "everybody-odd". A service account that may read all of it.
//
// Owner: one test; not for several threads. The destructor ends the server and removes the folder. Errors: slapd.failed
// with the output of the program that failed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace tests::support::slapd {

namespace base = policy::base;

struct SlapdOptions {
  std::size_t people = 20;
  bool syncprov = true;                     // offers RFC 4533
  bool anonymous_bind_with_dn = false;      // `allow bind_anon_dn`: an empty password binds as nobody, with success
  bool service_may_read_everything = true;  // false: the usual limit of 500 entries holds for the service account
};

class Slapd {
 public:
  static base::Result<std::unique_ptr<Slapd>> start(const SlapdOptions& options);
  ~Slapd();
  Slapd(const Slapd&) = delete;
  Slapd& operator=(const Slapd&) = delete;

  std::string ldap_url(std::string_view host = "127.0.0.1") const;
  std::string ldaps_url(std::string_view host = "127.0.0.1") const;
  std::string ca_file() const { return folder_ / "ca.pem"; }
  std::string other_ca_file() const { return folder_ / "other-ca.pem"; }  // a stranger's
  static constexpr std::string_view kBase = "dc=polizei,dc=example";
  static constexpr std::string_view kServiceDn = "cn=gateway,dc=polizei,dc=example";
  static constexpr std::string_view kServicePassword = "service-secret";

  base::Status add_person(std::string_view uid, std::string_view password);
  base::Status delete_person(std::string_view uid);
  base::Status modify(std::string_view ldif);  // change records

  void pause();   // SIGSTOP: the port answers, the server does not
  void resume();  // SIGCONT
  void stop();
  base::Status start_again();  // after stop(), with the same data and ports

 private:
  explicit Slapd(std::filesystem::path folder) : folder_(std::move(folder)) {}
  base::Status make_certificates() const;
  base::Status write_configuration(const SlapdOptions& options) const;
  base::Status load_people(std::size_t people) const;

  std::filesystem::path folder_;
  int ldap_port_ = 0;
  int ldaps_port_ = 0;
  pid_t process_ = -1;
};

}  // namespace tests::support::slapd
