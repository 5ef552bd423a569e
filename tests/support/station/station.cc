#include "tests/support/station/station.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "gateway/directory/ldif/password_hash.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"

namespace tests::support {
namespace {

// X25519 public keys of the two parties; tests that open pseudonyms make their own.
constexpr const char* kOfficerKey = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
constexpr const char* kCouncilKey = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

std::string ldif_of(const std::vector<PersonSpec>& people, const std::string& hash) {
  std::string out = "version: 1\n\n";
  std::map<std::string, std::vector<std::string>> groups;
  for (const auto& person : people) {
    out += "dn: uid=" + person.id + ",ou=people,dc=test\nobjectClass: inetOrgPerson\nuid: " + person.id +
           "\ncn: " + person.name + "\nsn: " + person.name + "\nou: " + person.unit + "\nuserPassword: " + hash +
           "\n\n";
    for (const auto& group : person.groups) groups[group].push_back(person.id);
  }
  for (const auto& [group, members] : groups) {
    out += "dn: cn=" + group + ",ou=groups,dc=test\nobjectClass: groupOfNames\ncn: " + group + "\n";
    for (const auto& member : members) out += "member: uid=" + member + ",ou=people,dc=test\n";
    out += "\n";
  }
  return out;
}

}  // namespace

Station::Station(const std::string& name, Options options)
    : options_(std::move(options)), folder_(name), certificates_(make_certificates(folder_ / "tls")) {
  move_clock({});
  write_roster(options_.roster.empty() ? roster_header() : options_.roster);
  if (options_.directory_arguments.empty()) write_directory(options_.people);
  if (options_.packs.empty() && !options_.no_packs) {
    for (const char* const pack : {"arbzg", "dv-messenger", "loeschfristen", "byod-drei", "zwei-faktor"}) {
      options_.packs.push_back(std::string("rules/packs/") + pack + "/pack.toml");
    }
  }
}

void Station::move_clock(policy::base::Seconds ahead) {
  write_file(folder_ / "clock.new", "+" + std::to_string(ahead.count) + "\n");
  std::filesystem::rename(folder_ / "clock.new", folder_ / "clock");
  clock_.set_ahead(ahead);
}

std::map<std::string, std::string> Station::environment() const {
  auto out = options_.environment;
  if (!options_.movable_clock) return out;
  // Debian's place. Steady time stays true: condition variables hang on a faked one (libfaketime issue 469).
  out.insert({{"LD_PRELOAD", "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"},
              {"FAKETIME_TIMESTAMP_FILE", (folder_ / "clock").string()},
              {"FAKETIME_NO_CACHE", "1"},
              {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
              {"NO_FAKE_STAT", "1"}});
  return out;
}

void Station::write_directory(const std::vector<PersonSpec>& people) {
  // The cheapest that Argon2id allows: tests log in by the hundred.
  static const std::string hash = gateway::directory::ldif::hash_password(kPassword, {1, 8192}).value();
  write_file(folder_ / "people.new", ldif_of(people, hash));
  std::filesystem::rename(folder_ / "people.new", folder_ / "people.ldif");
}

void Station::write_roster(const std::string& csv) {
  write_file(folder_ / "roster.new", csv);
  std::filesystem::rename(folder_ / "roster.new", folder_ / "roster.csv");
}

void Station::start_relay() {
  std::filesystem::remove(folder_ / "relay.ready");
  std::vector<std::string> command{program("feierabend-relay"),
                                   "--data",
                                   relay_data().string(),
                                   "--ready-file",
                                   (folder_ / "relay.ready").string(),
                                   "--log",
                                   "text"};
  if (options_.relay_over_tls) {
    command.insert(command.end(), {"--listen", "tcp:127.0.0.1:0", "--tls-cert", certificates_.certificate.string(),
                                   "--tls-key", certificates_.key.string(), "--tls-trust", certificates_.ca.string()});
  } else {
    command.insert(command.end(), {"--listen", "unix:" + (folder_ / "relay.sock").string()});
  }
  relay_ = Process(command, {environment(), folder_ / "relay.log"});
  const auto address = wait_for_file(folder_ / "relay.ready");
  if (!address) give_up("the relay does not start:\n" + logs());
  relay_address_ = *address;
}

std::vector<std::string> Station::gateway_command(std::vector<std::string> words) const {
  std::vector<std::string> command{
      program("feierabend-gateway"),
      "--listen",
      "tcp:127.0.0.1:" + std::to_string(port_),
      "--data",
      gateway_data().string(),
      "--tls-cert",
      certificates_.certificate.string(),
      "--tls-key",
      certificates_.key.string(),
      "--relay",
      relay_address_.empty() ? "unix:" + (folder_ / "relay.sock").string() : relay_address_,
      "--roster",
      (folder_ / "roster.csv").string(),
      "--audit-officer-key",
      kOfficerKey,
      "--audit-council-key",
      kCouncilKey,
      "--tenant",
      "polizei-test.example",
      "--log",
      "text",
      "--ready-file",
      (folder_ / "gateway.ready").string()};
  if (options_.relay_over_tls) {
    command.insert(command.end(), {"--relay-tls-cert", certificates_.certificate.string(), "--relay-tls-key",
                                   certificates_.key.string(), "--relay-tls-trust", certificates_.ca.string()});
  }
  for (const auto& pack : options_.packs) command.insert(command.end(), {"--pack", pack});
  if (options_.directory_arguments.empty())
    command.insert(command.end(), {"--directory", "ldif", "--ldif-file", (folder_ / "people.ldif").string()});
  for (const auto* const more : {&options_.directory_arguments, &options_.gateway_arguments})
    command.insert(command.end(), more->begin(), more->end());
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

void Station::start_gateway() {
  std::filesystem::remove(folder_ / "gateway.ready");
  gateway_ = Process(gateway_command(), {environment(), folder_ / "gateway.log"});
  const auto address = wait_for_file(folder_ / "gateway.ready");
  if (!address) give_up("the gateway does not start:\n" + logs());
  port_ = static_cast<std::uint16_t>(std::stoi(address->substr(address->rfind(':') + 1)));
}

void Station::restart_gateway() {
  gateway_.kill();
  start_gateway();
}

std::string Station::logs() const { return read_file(folder_ / "relay.log") + read_file(folder_ / "gateway.log"); }

std::string roster_header() { return "person,kind,begin,end\n"; }

std::string roster_line(const std::string& person, const std::string& kind, policy::base::Instant begin,
                        policy::base::Instant end) {
  return person + "," + kind + "," + policy::base::format_instant(begin) + "," + policy::base::format_instant(end) +
         "\n";
}

std::string on_duty_now(const std::string& person) {
  const auto now = policy::base::SystemClock().now();
  return roster_line(person, "duty", now - policy::base::kHour, now + policy::base::Seconds{8 * 3600});
}

}  // namespace tests::support
