#include "gateway/directory/ldap/ldap_directory.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <unordered_map>

#include "gateway/directory/ldap/change_feed.h"
#include "gateway/directory/ldap/connection.h"

namespace gateway::directory::ldap {
namespace {

constexpr std::size_t kGroupsMax = 20'000;
constexpr std::size_t kNameSizeMax = 256;

// Places in the attribute list of people_attributes().
enum PersonAttribute : std::size_t { kUid, kName, kCommonName, kUnit, kEntryUuid, kMemberOf };

std::vector<std::string> person_attributes(const Settings& settings) {
  return {settings.uid_attribute, settings.name_attribute, "cn", settings.unit_attribute, "entryUUID", "memberOf"};
}

const std::string& people_base(const Settings& settings) {
  return settings.people_base.empty() ? settings.base : settings.people_base;
}
const std::string& groups_base(const Settings& settings) {
  return settings.groups_base.empty() ? settings.base : settings.groups_base;
}

// libldap writes to a connection that the server has closed, and a process that did not decide otherwise dies of it.
void outlive_broken_pipes() {
  struct sigaction now{};
  if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) ::signal(SIGPIPE, SIG_IGN);
}

std::unexpected<base::Error> misconfigured(std::string seen, std::string remedy) {
  return base::fail("directory.misconfigured", std::move(seen), {}, std::move(remedy));
}

// "cn=dispatch,ou=groups,…" → "dispatch"; empty if it is no DN.
std::string first_value(const std::string& dn) {
  LDAPDN parsed = nullptr;
  if (ldap_str2dn(dn.c_str(), &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS || !parsed) return {};
  const LDAPRDN rdn = parsed[0];
  const std::string value =
      rdn && rdn[0] ? std::string(rdn[0]->la_value.bv_val, rdn[0]->la_value.bv_len) : std::string();
  ldap_dnfree(parsed);
  return value;
}

// Nothing if the entry has no uid, several, or one outside the alphabet.
std::optional<Person> read_person(const Found& found) {
  if (found.values[kUid].size() != 1) return std::nullopt;
  auto uid = canonical_uid(found.first(kUid));
  if (!uid) return std::nullopt;
  const std::string_view shown = found.first(kName).empty() ? found.first(kCommonName) : found.first(kName);
  Person person{.id = *std::move(uid),
                .stable_id = std::string(found.first(kEntryUuid)),
                .display_name = base::printable(shown, kNameSizeMax),
                .unit = base::printable(found.first(kUnit), kNameSizeMax),
                .groups = {}};
  for (const std::string& group : found.values[kMemberOf])
    if (std::string name = first_value(group); !name.empty()) person.groups.push_back(std::move(name));
  return person;
}

using PlaceByDn = std::unordered_map<std::string, std::size_t>;

base::Status add_groups(Connection& connection, const Settings& settings, const PlaceByDn& places,
                        std::vector<Person>& people) {
  const auto groups = connection.search_paged(
      {.base = groups_base(settings), .filter = settings.groups_filter, .attributes = {"cn", "member"}}, kGroupsMax);
  if (!groups) return std::unexpected(groups.error());
  for (const Found& group : *groups) {
    if (group.first(0).empty()) continue;
    for (const std::string& member : group.values[1])
      if (const auto place = places.find(normalised_dn(member)); place != places.end())
        people[place->second].groups.emplace_back(group.first(0));
  }
  return {};
}

base::Status add_own_groups(Connection& connection, const Settings& settings, const std::string& dn, Person& person) {
  const auto groups =
      connection.search({.base = groups_base(settings),
                         .filter = "(&" + settings.groups_filter + "(member=" + escape_filter(dn) + "))",
                         .attributes = {"cn"}});
  if (!groups) return std::unexpected(groups.error());
  for (const Found& group : *groups)
    if (!group.first(0).empty()) person.groups.emplace_back(group.first(0));
  tidy_groups(person.groups);
  return {};
}

}  // namespace

std::string escape_filter(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '*' || c == '(' || c == ')' || c == '\\' || byte < 0x20 || byte >= 0x7F)
      (out += '\\').append({kDigits[byte >> 4], kDigits[byte & 15]});
    else
      out += c;
  }
  return out;
}

LdapDirectory::LdapDirectory(Settings settings) : settings_(std::move(settings)) {}
LdapDirectory::~LdapDirectory() = default;

base::Result<std::unique_ptr<LdapDirectory>> LdapDirectory::create(Settings settings) {
  if (!settings.url.starts_with("ldaps://") && !settings.url.starts_with("ldap://"))
    return misconfigured("a directory URL '" + base::printable(settings.url) + "'",
                         "write ldaps://host, or ldap://host for StartTLS");
  if (settings.ca_file.empty())
    return misconfigured("no ca_file", "name the PEM file of the authority that signs the server's certificate");
  if (settings.base.empty()) return misconfigured("no base", "name the subtree of the staff");
  if (settings.service_dn.empty() || settings.service_password.empty())
    return misconfigured("a service account without name or password",
                         "an empty password would bind as nobody (RFC 4513 § 5.1.2)");
  outlive_broken_pipes();
  return std::unique_ptr<LdapDirectory>(new LdapDirectory(std::move(settings)));
}

base::Result<std::unique_ptr<Connection>> LdapDirectory::service_connection() {
  for (;;) {
    std::unique_ptr<Connection> idle;
    {
      const std::scoped_lock lock(mutex_);
      if (idle_.empty()) break;
      idle = std::move(idle_.back());
      idle_.pop_back();
    }
    // The server may have closed it meanwhile, and the next exchange would fail for no reason of its own.
    if (const auto who = idle->who_am_i(); who && !who->empty()) return idle;
  }
  auto connection = Connection::open(settings_);
  if (!connection) return std::unexpected(connection.error());
  if (const auto status = (*connection)->bind(settings_.service_dn, settings_.service_password); !status) {
    if (status.error().code == "login.refused")
      return misconfigured("the service account was refused", "check directory.service_dn and its password");
    return std::unexpected(status.error());
  }
  return connection;
}

void LdapDirectory::keep(std::unique_ptr<Connection> connection) {
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < kIdleConnectionsMax) idle_.push_back(std::move(connection));
}

base::Status LdapDirectory::bind_as(const std::string& dn, std::string_view password) {
  auto connection = Connection::open(settings_);
  if (!connection) return std::unexpected(connection.error());
  if (auto status = (*connection)->bind(dn, password); !status) return status;
  const auto bound = (*connection)->who_am_i();
  if (!bound) return std::unexpected(bound.error());
  if (bound->empty() || *bound != normalised_dn(dn)) return std::unexpected(login_refused());
  return {};
}

base::Result<LdapDirectory::Entry> LdapDirectory::look_up(Connection& service, const std::string& uid) const {
  const auto found = service.search(
      {.base = people_base(settings_),
       .filter = "(&" + settings_.people_filter + "(" + settings_.uid_attribute + "=" + escape_filter(uid) + "))",
       .attributes = person_attributes(settings_),
       .entries_max = 1});
  if (!found && found.error().code == "directory.ambiguous") return Entry{};
  if (!found) return std::unexpected(found.error());
  if (found->size() != 1) return Entry{};
  auto person = read_person(found->front());
  if (!person || person->id != uid) return Entry{};
  return Entry{.dn = found->front().dn, .person = std::move(person)};
}

base::Result<Person> LdapDirectory::authenticate(std::string_view uid, std::string_view password) {
  const auto name = canonical_uid(uid);
  if (!name) return std::unexpected(name.error());
  if (const auto status = check_password(password); !status) return std::unexpected(status.error());
  auto service = service_connection();
  if (!service) return std::unexpected(service.error());
  auto entry = look_up(**service, *name);
  if (!entry) return std::unexpected(entry.error());
  const std::string nobody =
      settings_.decoy_dn.empty() ? settings_.uid_attribute + "=.," + people_base(settings_) : settings_.decoy_dn;
  auto judged = bind_as(entry->person ? entry->dn : nobody, password);
  if (judged && !entry->person) judged = std::unexpected(login_refused());
  if (judged) {
    if (auto status = add_own_groups(**service, settings_, entry->dn, *entry->person); !status)
      return std::unexpected(status.error());
  }
  keep(*std::move(service));
  if (!judged) return std::unexpected(judged.error());
  return *std::move(entry->person);
}

base::Result<Person> LdapDirectory::find(std::string_view uid) {
  auto service = service_connection();
  if (!service) return std::unexpected(service.error());
  auto entry = look_up(**service, std::string(uid));
  if (!entry) return std::unexpected(entry.error());
  keep(*std::move(service));
  if (!entry->person) return std::unexpected(login_refused());
  return *std::move(entry->person);
}

base::Result<Snapshot> LdapDirectory::snapshot() {
  auto service = service_connection();
  if (!service) return std::unexpected(service.error());
  const auto entries = (*service)->search_paged(
      {.base = people_base(settings_), .filter = settings_.people_filter, .attributes = person_attributes(settings_)},
      kPeopleMax);
  if (!entries) return std::unexpected(entries.error());
  std::vector<Person> people;
  PlaceByDn places;
  for (const Found& entry : *entries) {
    auto person = read_person(entry);
    if (!person) continue;
    places.emplace(normalised_dn(entry.dn), people.size());
    people.push_back(*std::move(person));
  }
  if (people.empty())
    return misconfigured("nobody below '" + base::printable(people_base(settings_)) + "'",
                         "check base, filter and what the service account may read");
  if (const auto status = add_groups(**service, settings_, places, people); !status)
    return std::unexpected(status.error());
  keep(*std::move(service));
  for (Person& person : people) tidy_groups(person.groups);
  const std::size_t skipped = entries->size() - people.size();
  return make_snapshot(std::move(people), skipped);
}

base::Status LdapDirectory::probe() {
  auto service = service_connection();
  if (!service) return std::unexpected(service.error());
  const auto found = (*service)->search({.base = people_base(settings_),
                                         .scope = LDAP_SCOPE_BASE,
                                         .filter = "(objectClass=*)",
                                         .attributes = {LDAP_NO_ATTRS}});
  if (!found) return std::unexpected(found.error());
  keep(*std::move(service));
  return {};
}

base::Result<std::unique_ptr<ChangeFeed>> LdapDirectory::changes() {
  auto service = service_connection();
  if (!service) return std::unexpected(service.error());
  return make_change_feed(*std::move(service), settings_.base,
                          "(|" + settings_.people_filter + settings_.groups_filter + ")");
}

}  // namespace gateway::directory::ldap
