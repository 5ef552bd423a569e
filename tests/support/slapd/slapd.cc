#include "tests/support/slapd/slapd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "policy/base/bytes.h"
#include "policy/base/random.h"
#include "tests/support/slapd/process.h"

namespace tests::support::slapd {
namespace {

constexpr int kReadyWithin_ms = 20'000;
constexpr const char* kAdminDn = "cn=admin,dc=polizei,dc=example";
constexpr const char* kAdminPassword = "admin-secret";

sockaddr_in address(int port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return to;
}

// A port nobody has now. Somebody may take it before slapd does; start() then fails and can be tried again.
int free_port() {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to = address(0);
  socklen_t size = sizeof to;
  ::bind(file, reinterpret_cast<sockaddr*>(&to), sizeof to);
  ::getsockname(file, reinterpret_cast<sockaddr*>(&to), &size);
  ::close(file);
  return ntohs(to.sin_port);
}

bool answers(int port) {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in to = address(port);
  const bool open = ::connect(file, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  ::close(file);
  return open;
}

std::string person_dn(std::string_view uid) {
  return "uid=" + std::string(uid) + ",ou=people," + std::string(Slapd::kBase);
}

std::string person_ldif(std::string_view uid, std::string_view password, std::string_view unit) {
  const std::string name(uid);
  return "dn: " + person_dn(uid) + "\nobjectClass: inetOrgPerson\nuid: " + name + "\ncn: Name " + name +
         "\nsn: " + name + "\ndisplayName: Angezeigt " + name + "\nou: " + std::string(unit) +
         "\nuserPassword: " + std::string(password) + "\n\n";
}

std::string generated_uid(std::size_t number) {
  const std::string digits = std::to_string(number);
  return "p" + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

}  // namespace

base::Result<std::unique_ptr<Slapd>> Slapd::start(const SlapdOptions& options) {
  base::SystemRandom random;
  const auto folder = std::filesystem::temp_directory_path() / ("feierabend_slapd_" + base::to_hex(random.array<8>()));
  std::filesystem::create_directories(folder / "data");
  std::unique_ptr<Slapd> slapd(new Slapd(folder));
  slapd->ldap_port_ = free_port();
  slapd->ldaps_port_ = free_port();
  auto status = slapd->make_certificates();
  if (status) status = slapd->write_configuration(options);
  if (status) status = slapd->load_people(options.people);
  if (status) status = slapd->start_again();
  if (!status) return std::unexpected(status.error());
  return slapd;
}

Slapd::~Slapd() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Slapd::ldap_url(std::string_view host) const {
  return "ldap://" + std::string(host) + ":" + std::to_string(ldap_port_);
}
std::string Slapd::ldaps_url(std::string_view host) const {
  return "ldaps://" + std::string(host) + ":" + std::to_string(ldaps_port_);
}

base::Status Slapd::make_certificates() const {
  const auto path = [this](const char* name) { return (folder_ / name).string(); };
  for (const std::string name : {"ca", "other-ca"}) {
    auto status = run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                       "-days", "2", "-subj", "/CN=" + name, "-keyout", path((name + ".key").c_str()), "-out",
                       path((name + ".pem").c_str())});
    if (!status) return status;
  }
  std::ofstream(path("san.cnf")) << "subjectAltName=IP:127.0.0.1\n";
  auto status = run({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                     "/CN=slapd", "-keyout", path("server.key"), "-out", path("server.csr")});
  if (status)
    status = run({"openssl", "x509", "-req", "-in", path("server.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
                  "-CAcreateserial", "-days", "2", "-extfile", path("san.cnf"), "-out", path("server.pem")});
  return status;
}

base::Status Slapd::write_configuration(const SlapdOptions& options) const {
  const std::string base(kBase), service(kServiceDn), folder = folder_.string();
  std::ofstream out(folder_ / "slapd.conf");
  for (const char* schema : {"core", "cosine", "inetorgperson"})
    out << "include /etc/ldap/schema/" << schema << ".schema\n";
  out << "modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload syncprov\n"
      << "pidfile " << folder << "/slapd.pid\nloglevel none\nthreads 4\nsizelimit 500\n"
      << "TLSCACertificateFile " << folder << "/ca.pem\nTLSCertificateFile " << folder << "/server.pem\n"
      << "TLSCertificateKeyFile " << folder << "/server.key\n";
  if (options.anonymous_bind_with_dn) out << "allow bind_anon_dn\n";
  out << "database mdb\nmaxsize 1073741824\nsuffix \"" << base << "\"\nrootdn \"" << kAdminDn << "\"\nrootpw "
      << kAdminPassword << "\ndirectory " << folder
      << "/data\ndbnosync\nindex objectClass,uid,member,entryUUID,entryCSN eq\n";
  if (options.service_may_read_everything)
    out << "limits dn.exact=\"" << service << "\" size=unlimited time=unlimited\n";
  out << "access to attrs=userPassword by anonymous auth by * none\n"
      << "access to * by dn.exact=\"" << service << "\" read by self read by * none\n";
  if (options.syncprov) out << "overlay syncprov\nsyncprov-checkpoint 1000 10\n";
  out.close();
  if (!out) return base::fail("slapd.failed", "slapd.conf could not be written");
  return {};
}

base::Status Slapd::load_people(std::size_t people) const {
  const std::string base(kBase);
  const std::string path = folder_ / "people.ldif";
  std::ofstream out(path);
  out << "dn: " << base << "\nobjectClass: dcObject\nobjectClass: organization\ndc: polizei\no: Polizei\n\n"
      << "dn: ou=people," << base << "\nobjectClass: organizationalUnit\nou: people\n\n"
      << "dn: ou=groups," << base << "\nobjectClass: organizationalUnit\nou: groups\n\n"
      << "dn: " << kServiceDn
      << "\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: gateway\nuserPassword: "
      << kServicePassword << "\n\n";
  std::string dispatch, odd;
  for (std::size_t i = 1; i <= people; ++i) {
    const std::string uid = generated_uid(i);
    out << person_ldif(uid, "pw-" + uid, "Dienststelle " + std::to_string(i % 40));
    if (i <= 100) dispatch += "member: " + person_dn(uid) + "\n";
    if (i % 2 == 1) odd += "member: " + person_dn(uid) + "\n";
  }
  for (const auto& [name, members] : {std::pair("dispatch", &dispatch), std::pair("everybody-odd", &odd)})
    if (!members->empty())
      out << "dn: cn=" << name << ",ou=groups," << base << "\nobjectClass: groupOfNames\ncn: " << name << "\n"
          << *members << "\n";
  out.close();
  if (!out) return base::fail("slapd.failed", "people.ldif could not be written");
  return run({"/usr/sbin/slapadd", "-q", "-f", folder_ / "slapd.conf", "-l", path});
}

base::Status Slapd::start_again() {
  const std::string urls =
      ldap_url() + "/ " + ldaps_url() + "/ " + ldap_url("127.0.0.2") + "/ " + ldaps_url("127.0.0.2") + "/";
  const auto process =
      spawn({"/usr/sbin/slapd", "-h", urls, "-f", folder_ / "slapd.conf", "-d", "0"}, folder_ / "slapd.log");
  if (!process) return std::unexpected(process.error());
  process_ = *process;
  for (int waited_ms = 0; waited_ms < kReadyWithin_ms; waited_ms += 20) {
    if (answers(ldap_port_) && answers(ldaps_port_)) return {};
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      return base::fail("slapd.failed", "slapd ended at once; see its log");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return base::fail("slapd.failed", "slapd does not answer");
}

base::Status Slapd::add_person(std::string_view uid, std::string_view password) {
  return run({"ldapadd", "-x", "-H", ldap_url(), "-D", kAdminDn, "-w", kAdminPassword},
             person_ldif(uid, password, "Neu"));
}

base::Status Slapd::delete_person(std::string_view uid) {
  return run({"ldapdelete", "-x", "-H", ldap_url(), "-D", kAdminDn, "-w", kAdminPassword, person_dn(uid)});
}

base::Status Slapd::modify(std::string_view ldif) {
  return run({"ldapmodify", "-x", "-H", ldap_url(), "-D", kAdminDn, "-w", kAdminPassword}, std::string(ldif));
}

void Slapd::pause() {
  if (process_ > 0) ::kill(process_, SIGSTOP);
}

void Slapd::resume() {
  if (process_ > 0) ::kill(process_, SIGCONT);
}

void Slapd::stop() {
  if (process_ <= 0) return;
  ::kill(process_, SIGCONT);
  ::kill(process_, SIGTERM);
  for (int waited_ms = 0; waited_ms < 5000; waited_ms += 20) {
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace tests::support::slapd
