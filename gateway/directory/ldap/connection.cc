#include "gateway/directory/ldap/connection.h"

#include <algorithm>
#include <array>

namespace gateway::directory::ldap {
namespace {

timeval as_timeval(int milliseconds) {
  return {.tv_sec = milliseconds / 1000, .tv_usec = (milliseconds % 1000) * 1000};
}

struct FreeMemory {
  void operator()(void* memory) const { ldap_memfree(memory); }
};
struct FreeMessage {
  void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};
struct FreeValues {
  void operator()(berval** values) const { ldap_value_free_len(values); }
};
struct FreeControl {
  void operator()(LDAPControl* control) const { ldap_control_free(control); }
};
struct FreeControls {
  void operator()(LDAPControl** controls) const { ldap_controls_free(controls); }
};
using Text = std::unique_ptr<char, FreeMemory>;
using Message = std::unique_ptr<LDAPMessage, FreeMessage>;

// The whole of what keeps a connection private. NEWCTX comes last: it builds the TLS context from the others.
int set_options(LDAP* handle, const Settings& settings) {
  const int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2,
            client = 0;
  const int keepalive_idle_s = 60, keepalive_probes = 3, keepalive_interval_s = 10;
  const timeval connect = as_timeval(settings.connect_timeout_ms),
                operation = as_timeval(settings.operation_timeout_ms);
  const std::array<std::pair<int, const void*>, 11> options{{{LDAP_OPT_PROTOCOL_VERSION, &version},
                                                             {LDAP_OPT_REFERRALS, LDAP_OPT_OFF},
                                                             {LDAP_OPT_NETWORK_TIMEOUT, &connect},
                                                             {LDAP_OPT_TIMEOUT, &operation},
                                                             {LDAP_OPT_X_KEEPALIVE_IDLE, &keepalive_idle_s},
                                                             {LDAP_OPT_X_KEEPALIVE_PROBES, &keepalive_probes},
                                                             {LDAP_OPT_X_KEEPALIVE_INTERVAL, &keepalive_interval_s},
                                                             {LDAP_OPT_X_TLS_CACERTFILE, settings.ca_file.c_str()},
                                                             {LDAP_OPT_X_TLS_REQUIRE_CERT, &demand},
                                                             {LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest},
                                                             {LDAP_OPT_X_TLS_NEWCTX, &client}}};
  for (const auto& [option, value] : options)
    if (const int code = ldap_set_option(handle, option, value); code != LDAP_OPT_SUCCESS) return code;
  return LDAP_SUCCESS;
}

bool is_refusal(int code) {
  return code == LDAP_INVALID_CREDENTIALS || code == LDAP_INAPPROPRIATE_AUTH || code == LDAP_UNWILLING_TO_PERFORM ||
         code == LDAP_INSUFFICIENT_ACCESS || code == LDAP_CONSTRAINT_VIOLATION || code == LDAP_NO_SUCH_OBJECT;
}

bool is_ours_to_mend(int code) {
  return is_refusal(code) || code == LDAP_SIZELIMIT_EXCEEDED || code == LDAP_ADMINLIMIT_EXCEEDED ||
         code == LDAP_FILTER_ERROR || code == LDAP_INVALID_DN_SYNTAX || code == LDAP_UNDEFINED_TYPE ||
         code == LDAP_PARAM_ERROR || code == LDAP_STRONG_AUTH_REQUIRED || code == LDAP_CONFIDENTIALITY_REQUIRED;
}

}  // namespace

base::Result<std::unique_ptr<Connection>> Connection::open(const Settings& settings) {
  LDAP* raw = nullptr;
  if (const int code = ldap_initialize(&raw, settings.url.c_str()); code != LDAP_SUCCESS)
    return base::fail("directory.misconfigured", "an LDAP URL '" + base::printable(settings.url) + "'",
                      "ldaps://host or ldap://host");
  std::unique_ptr<Connection> connection(new Connection(raw, as_timeval(settings.operation_timeout_ms)));
  if (const int code = set_options(raw, settings); code != LDAP_SUCCESS)
    return base::fail("directory.misconfigured",
                      "TLS could not be set up with '" + base::printable(settings.ca_file) + "'",
                      "a readable file of PEM certificates", "check directory.ca_file");
  if (!settings.url.starts_with("ldaps://")) {
    if (const int code = ldap_start_tls_s(raw, nullptr, nullptr); code != LDAP_SUCCESS)
      return std::unexpected(connection->error(code, "StartTLS"));
  } else if (const int code = ldap_connect(raw); code != LDAP_SUCCESS) {
    return std::unexpected(connection->error(code, "connecting"));
  }
  return connection;
}

base::Error Connection::error(int code, const std::string& doing) const {
  char* raw = nullptr;
  ldap_get_option(handle_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &raw);
  const Text words(raw);
  std::string seen = doing + ": " + ldap_err2string(code);
  if (words && *words) seen += " (" + base::printable(words.get(), 200) + ")";
  if (is_ours_to_mend(code))
    return {.code = "directory.misconfigured",
            .seen = seen,
            .allowed = {},
            .remedy = code == LDAP_SIZELIMIT_EXCEEDED ? "give the service account unlimited size (slapd.conf: limits)"
                                                      : "check the service account and the bases in [directory]",
            .where = {}};
  return {.code = "directory.unavailable",
          .seen = seen,
          .allowed = {},
          .remedy = "check that the server runs, and its certificate against directory.ca_file and the host of the URL",
          .where = {}};
}

base::Status Connection::bind(const std::string& dn, std::string_view password) {
  // The port refuses empty passwords long before; an anonymous bind must not be one careless caller away.
  if (dn.empty() || password.empty()) return std::unexpected(login_refused());
  std::string copy(password);
  berval credentials{.bv_len = copy.size(), .bv_val = copy.data()};
  const int code =
      ldap_sasl_bind_s(handle_.get(), dn.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr, nullptr, nullptr);
  if (code == LDAP_SUCCESS) return {};
  if (is_refusal(code)) return std::unexpected(login_refused());
  return std::unexpected(error(code, "binding"));
}

base::Result<std::string> Connection::who_am_i() {
  berval* raw = nullptr;
  const int code = ldap_whoami_s(handle_.get(), &raw, nullptr, nullptr);
  const std::string id = raw && raw->bv_val ? std::string(raw->bv_val, raw->bv_len) : std::string();
  ber_bvfree(raw);
  if (code != LDAP_SUCCESS) return std::unexpected(error(code, "asking who is bound"));
  if (!id.starts_with("dn:")) return std::string();
  return normalised_dn(id.substr(3));
}

Found Connection::read_entry(LDAPMessage* entry, const std::vector<std::string>& attributes) const {
  Found found;
  const Text dn(ldap_get_dn(handle_.get(), entry));
  if (dn) found.dn = dn.get();
  for (const std::string& attribute : attributes) {
    auto& into = found.values.emplace_back();
    const std::unique_ptr<berval*, FreeValues> values(ldap_get_values_len(handle_.get(), entry, attribute.c_str()));
    for (berval** value = values.get(); value && *value; ++value) into.emplace_back((*value)->bv_val, (*value)->bv_len);
  }
  return found;
}

base::Result<std::vector<Found>> Connection::page(const Query& query, LDAPControl** controls, berval* cookie) {
  std::vector<char*> attributes;
  for (const std::string& attribute : query.attributes) attributes.push_back(const_cast<char*>(attribute.c_str()));
  attributes.push_back(nullptr);
  LDAPMessage* raw = nullptr;
  timeval timeout = timeout_;
  const int code = ldap_search_ext_s(handle_.get(), query.base.c_str(), query.scope, query.filter.c_str(),
                                     attributes.data(), 0, controls, nullptr, &timeout, query.entries_max, &raw);
  const Message result(raw);
  if (code == LDAP_SIZELIMIT_EXCEEDED && query.entries_max > 0)
    return base::fail("directory.ambiguous", "more entries than there may be", std::to_string(query.entries_max));
  if (code != LDAP_SUCCESS) return std::unexpected(error(code, "searching"));
  std::vector<Found> found;
  for (LDAPMessage* entry = ldap_first_entry(handle_.get(), raw); entry; entry = ldap_next_entry(handle_.get(), entry))
    found.push_back(read_entry(entry, query.attributes));
  if (!cookie) return found;
  int answer = LDAP_SUCCESS;
  LDAPControl** raw_controls = nullptr;
  ldap_parse_result(handle_.get(), raw, &answer, nullptr, nullptr, nullptr, &raw_controls, 0);
  const std::unique_ptr<LDAPControl*, FreeControls> answers(raw_controls);
  LDAPControl* paged = raw_controls ? ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, raw_controls, nullptr) : nullptr;
  ber_int_t estimate = 0;
  if (!paged || ldap_parse_pageresponse_control(handle_.get(), paged, &estimate, cookie) != LDAP_SUCCESS)
    return base::fail("directory.misconfigured", "a server without paged results (RFC 2696)", {},
                      "enable them on the server");
  return found;
}

base::Result<std::vector<Found>> Connection::search(const Query& query) { return page(query, nullptr, nullptr); }

base::Result<std::vector<Found>> Connection::search_paged(const Query& query, std::size_t bound) {
  std::vector<Found> all;
  berval cookie{.bv_len = 0, .bv_val = nullptr};
  base::Status status;
  do {
    LDAPControl* raw = nullptr;
    const int code = ldap_create_page_control(handle_.get(), kPageSize, &cookie, 1, &raw);
    const std::unique_ptr<LDAPControl, FreeControl> control(raw);
    ber_memfree(cookie.bv_val);
    cookie = {.bv_len = 0, .bv_val = nullptr};
    if (code != LDAP_SUCCESS) return std::unexpected(error(code, "asking for pages"));
    std::array<LDAPControl*, 2> controls{control.get(), nullptr};
    auto found = page(query, controls.data(), &cookie);
    if (!found)
      status = std::unexpected(found.error());
    else if (all.size() + found->size() > bound)
      status = base::fail("directory.misconfigured", "more than " + std::to_string(bound) + " entries", {},
                          "narrow the bases or filters");
    else
      std::ranges::move(*found, std::back_inserter(all));
  } while (status && cookie.bv_len > 0);
  ber_memfree(cookie.bv_val);
  if (!status) return std::unexpected(status.error());
  return all;
}

base::Result<int> Connection::start_sync(const std::string& base, const std::string& filter) {
  // syncRequestValue (RFC 4533 § 2.2): SEQUENCE { ENUMERATED refreshAndPersist(3) }, no cookie.
  std::array<char, 5> value{0x30, 0x03, 0x0A, 0x01, 0x03};
  std::string oid = LDAP_CONTROL_SYNC;
  LDAPControl control{
      .ldctl_oid = oid.data(), .ldctl_value = {.bv_len = value.size(), .bv_val = value.data()}, .ldctl_iscritical = 1};
  std::array<LDAPControl*, 2> controls{&control, nullptr};
  std::string none = LDAP_NO_ATTRS;
  std::array<char*, 2> attributes{none.data(), nullptr};
  int message = 0;
  const int code = ldap_search_ext(handle_.get(), base.c_str(), LDAP_SCOPE_SUBTREE, filter.c_str(), attributes.data(),
                                   0, controls.data(), nullptr, nullptr, 0, &message);
  if (code != LDAP_SUCCESS) return std::unexpected(error(code, "asking for changes"));
  return message;
}

std::string normalised_dn(const std::string& dn) {
  LDAPDN parsed = nullptr;
  if (ldap_str2dn(dn.c_str(), &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) return {};
  char* raw = nullptr;
  const int code = ldap_dn2str(parsed, &raw, LDAP_DN_FORMAT_LDAPV3);
  ldap_dnfree(parsed);
  const Text text(raw);
  if (code != LDAP_SUCCESS || !text) return {};
  std::string out(text.get());
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

}  // namespace gateway::directory::ldap
