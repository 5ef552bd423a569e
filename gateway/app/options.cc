#include "gateway/app/options.h"

#include "gateway/app/durable_file.h"
#include "gateway/app/epochs.h"
#include "gateway/app/request_folder.h"
#include "gateway/directory/ldif/ldif_directory.h"

namespace gateway::app {

using policy::base::fail;
using policy::base::Result;

std::vector<relay::daemon::Setting> option_table() {
  return {
      {"listen", "ADDRESS", "where clients connect: tcp:HOST:PORT; port 0 takes a free one", "tcp:127.0.0.1:8443"},
      {"data", "FOLDER", "store, keys and audit log", "", true},
      {"tls-cert", "FILE", "certificate chain shown to clients, PEM", "", true},
      {"tls-key", "FILE", "its key, PEM", "", true},
      {"relay", "ADDRESS", "the relay: unix:PATH or tcp:HOST:PORT", "", true},
      {"relay-tls-cert", "FILE", "client certificate for the relay, PEM"},
      {"relay-tls-key", "FILE", "its key, PEM"},
      {"relay-tls-trust", "FILE", "authority of the relay's certificate, PEM"},
      {"bundle", "FILE",
       "signed rules, their signatures beside them in FILE.note; looked at when they change, in force at their hour"},
      {"bundle-trust", "FILE",
       "keys of the parties that sign rules, one a line, as feierabend-policy keygen prints them"},
      {"pack", "FILE", "instead of bundle, for trying out: a rule pack that nobody has signed; give one or more", "",
       false, true},
      {"roster", "FILE", "roster: CSV person,kind,begin,end, iCalendar (.ics) or TOML; read again when it changes"},
      {"interruptions", "FILE", "call-outs as CSV person,begin,end"},
      {"directory", "ldif|ldap", "where people come from", "ldap"},
      {"ldif-file", "FILE", "people and groups, for small sites and the demo"},
      {"ldap-url", "URL", "ldaps://HOST[:PORT], or ldap://HOST[:PORT] with StartTLS"},
      {"ldap-ca", "FILE", "authority of the directory's certificate, PEM"},
      {"ldap-bind-dn", "DN", "service account that searches"},
      {"ldap-password-file", "FILE", "file with its password"},
      {"ldap-base", "DN", "subtree with people and groups"},
      {"ldap-people-base", "DN", "subtree of people, if narrower"},
      {"ldap-groups-base", "DN", "subtree of groups, if narrower"},
      {"ldap-people-filter", "FILTER", "who is staff", "(objectClass=inetOrgPerson)"},
      {"ldap-decoy-dn", "DN", "entry whose password nobody knows, so that unknown names take as long as known ones"},
      {"directory-poll", "SECONDS", "how often people are read again where the server offers no change feed", "15"},
      {"origin", "URL",
       "an Origin that may open a stream, as https://messenger.example; give one or more (on a loopback address its "
       "own are added)",
       "", false, true},
      {"admin-group", "GROUP", "directory group of the administrators", "messenger-admins"},
      {"tenant", "NAME", "name of this authority in the audit log's origin", "feierabend.invalid"},
      {"audit-officer-key", "HEX", "X25519 public key of the data protection officer", "", true},
      {"audit-council-key", "HEX", "X25519 public key of the staff council", "", true},
      {"audit-officer-signer", "KEY",
       "verifier key with which the data protection officer signs requests to open pseudonyms, as feierabend-audit "
       "keygen prints it; with audit-council-signer"},
      {"audit-council-signer", "KEY", "the staff council's"},
      {"audit-erasures-copy", "FOLDER",
       "where the lists of what was erased from the log are kept a second time, so that it is erased again after a "
       "restore; on no volume that is restored with the data"},
      {"witness-policy", "FILE",
       "witnesses that cosign the audit log, and their quorum (C2SP tlog-policy, each witness with its URL): without "
       "it "
       "no new rules come into force"},
      {"witness-trust", "FILE", "authority of the witnesses' certificates, PEM, if it is not one of the system's"},
      {"witness-max-age", "SECONDS", "how old the newest quorum may be for new rules to come into force", "3600"},
      {"witness-interval", "SECONDS", "how often the witnesses are asked", "60"},
      {"loops", "COUNT", "event loops, one thread each", "2"},
      {"workers", "COUNT", "threads for directory and store", "4"},
      {"ping-interval", "SECONDS", "silence after which a client is asked whether it is still there", "60"},
      {"log", "json|text", "form of the log on stderr", "json"},
      {"ready-file", "FILE", "written with the bound address once clients can connect"},
  };
}

namespace {

policy::base::Status check_rule_source(const WorldKeeper::Files& rules) {
  if (rules.bundle.empty() == rules.packs.empty()) {
    return fail("settings.missing", rules.packs.empty() ? "neither bundle nor pack" : "both bundle and pack",
                "bundle with bundle-trust, or pack", "give --bundle FILE --bundle-trust FILE");
  }
  if (rules.bundle.empty() == rules.trust.empty()) return {};
  return fail("settings.missing", "bundle without bundle-trust, or the other way round", "both",
              "give --bundle FILE --bundle-trust FILE");
}

policy::base::Status read_numbers(const relay::daemon::Settings& settings, Options& out) {
  const auto loops = settings.number("loops", 1, 64);
  const auto workers = settings.number("workers", 1, 64);
  const auto ping = settings.number("ping-interval", 1, 86400);
  const auto poll = settings.number("directory-poll", 1, 3600);
  for (const auto* number : {&loops, &workers, &ping, &poll}) {
    if (!*number) return std::unexpected(number->error());
  }
  out.loops = *loops;
  out.workers = *workers;
  out.ping_interval_s = static_cast<std::uint32_t>(*ping);
  out.watch.poll_ms = static_cast<int>(*poll) * 1000;
  return {};
}

policy::base::Status read_witnesses(const relay::daemon::Settings& settings, Options& out) {
  const auto age = settings.number("witness-max-age", 1, 30 * 86400);
  const auto interval = settings.number("witness-interval", 1, 86400);
  for (const auto* number : {&age, &interval}) {
    if (!*number) return std::unexpected(number->error());
  }
  out.witnesses = {settings.text("witness-policy"),
                   settings.text("witness-trust"),
                   {policy::base::Seconds{static_cast<std::int64_t>(*age)},
                    policy::base::Seconds{static_cast<std::int64_t>(*interval)}}};
  if (out.witnesses.policy.empty() || !out.rules.bundle.empty()) return {};
  return fail("settings.value", "witness-policy with packs that nobody has signed", "witness-policy with bundle",
              "give --bundle FILE --bundle-trust FILE");
}

policy::base::Status read_directory(const relay::daemon::Settings& settings, Options& out) {
  if (settings.text("directory") == "ldif") {
    out.ldif = settings.text("ldif-file");
    if (out.ldif.empty())
      return fail("settings.missing", "directory = ldif without ldif-file", "the path of an LDIF file",
                  "give --ldif-file FILE");
    return {};
  }
  if (settings.text("directory") != "ldap")
    return fail("settings.value", "directory = '" + policy::base::printable(settings.text("directory")) + "'",
                "ldif, ldap");
  out.ldap.url = settings.text("ldap-url");
  out.ldap.ca_file = settings.text("ldap-ca");
  out.ldap.service_dn = settings.text("ldap-bind-dn");
  out.ldap.base = settings.text("ldap-base");
  out.ldap.people_base = settings.text("ldap-people-base");
  out.ldap.groups_base = settings.text("ldap-groups-base");
  out.ldap.people_filter = settings.text("ldap-people-filter");
  out.ldap.decoy_dn = settings.text("ldap-decoy-dn");
  auto password = read_whole(settings.text("ldap-password-file"), 1024);
  if (!password) return std::unexpected(password.error());
  if (!*password)
    return fail("settings.missing", "no file with the service account's password", "a file",
                "give --ldap-password-file FILE");
  out.ldap.service_password = **password;
  while (out.ldap.service_password.ends_with('\n')) out.ldap.service_password.pop_back();
  return {};
}

}  // namespace

Result<Options> read_options(const relay::daemon::Settings& settings) {
  Options out;
  auto listen = relay::net::parse_address(settings.text("listen"));
  if (!listen) return std::unexpected(listen.error());
  auto relay_address = relay::net::parse_address(settings.text("relay"));
  if (!relay_address) return std::unexpected(relay_address.error());
  out.listen = *listen;
  out.relay = *relay_address;
  out.data = settings.text("data");
  out.tls = {settings.text("tls-cert"), settings.text("tls-key"), ""};
  out.relay_tls = {settings.text("relay-tls-cert"), settings.text("relay-tls-key"), settings.text("relay-tls-trust")};
  if (!out.relay.unix_socket && (out.relay_tls.certificate.empty() || out.relay_tls.trust.empty())) {
    return fail("settings.missing", "a relay over TCP without relay-tls-cert, relay-tls-key and relay-tls-trust",
                "mutual TLS", "give all three, or use unix:PATH");
  }
  out.rules = {settings.texts("pack"), settings.text("bundle"), settings.text("bundle-trust"), settings.text("roster"),
               settings.text("interruptions")};
  if (auto given = check_rule_source(out.rules); !given) return std::unexpected(given.error());
  out.origins = settings.texts("origin");
  out.admin_group = settings.text("admin-group");
  out.tenant = settings.text("tenant");
  out.officer_key = settings.text("audit-officer-key");
  out.council_key = settings.text("audit-council-key");
  out.officer_signer = settings.text("audit-officer-signer");
  out.council_signer = settings.text("audit-council-signer");
  if (out.officer_signer.empty() != out.council_signer.empty())
    return fail("settings.missing", "one of audit-officer-signer and audit-council-signer", "both, or none",
                "give --audit-officer-signer KEY --audit-council-signer KEY");
  out.erasures_copy = settings.text("audit-erasures-copy");
  out.log = settings.text("log");
  out.ready_file = settings.text("ready-file");
  if (auto status = read_numbers(settings, out); !status) return std::unexpected(status.error());
  if (auto status = read_witnesses(settings, out); !status) return std::unexpected(status.error());
  if (auto status = read_directory(settings, out); !status) return std::unexpected(status.error());
  return out;
}

std::vector<policy::base::Error> check_files(const Options& options) {
  std::vector<policy::base::Error> out;
  const auto note = [&out](const auto& result) {
    if (!result) out.push_back(result.error());
  };
  note(parse_parties(options.officer_key, options.council_key));
  if (!options.officer_signer.empty()) note(parse_signers(options.officer_signer, options.council_signer));
  note(relay::net::TlsContext::server(options.tls));
  if (!options.relay.unix_socket) note(relay::net::TlsContext::client(options.relay_tls));
  if (options.ldif.empty()) {
    note(directory::ldap::LdapDirectory::create(options.ldap));
  } else {
    note(directory::ldif::LdifDirectory(options.ldif).snapshot());
  }
  if (!options.witnesses.policy.empty()) note(Witnesses::read_policy(options.witnesses));
  const auto wrong = WorldKeeper::check_rules(options.rules, options.tenant, policy::base::SystemClock().now());
  out.insert(out.end(), wrong.begin(), wrong.end());
  return out;
}

}  // namespace gateway::app
