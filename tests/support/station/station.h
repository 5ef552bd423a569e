// A whole installation for a test: the real feierabend-relay and feierabend-gateway on free ports, with TLS, a
// directory file, the shipped packs and a roster. Everything lives in one folder and dies with the object.
//
// One thread. Aborts the test program when something cannot even be started; what is under test is returned.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "policy/base/instant.h"
#include "tests/support/certificates/certificates.h"
#include "tests/support/process/process.h"
#include "tests/support/station/movable_clock.h"

namespace tests::support {

struct PersonSpec {
  std::string id;
  std::string name = id;
  std::string unit = "wache";
  std::vector<std::string> groups = {};
};

// Everybody's password in tests.
inline constexpr const char* kPassword = "Mond-über-Lüneburg-7";

class Station {
 public:
  struct Options {
    std::vector<PersonSpec> people;
    std::string roster;                   // CSV with header; empty: nobody is rostered
    std::vector<std::string> packs = {};  // empty: the shipped ones
    std::vector<std::string> gateway_arguments = {};
    std::vector<std::string> directory_arguments = {};  // instead of the LDIF file
    std::map<std::string, std::string> environment = {};
    bool relay_over_tls = false;  // mutual TLS over TCP instead of a unix socket
    bool no_packs = false;        // gateway_arguments name a signed bundle
    bool movable_clock = false;   // the daemons run under libfaketime; see move_clock()
  };

  explicit Station(const std::string& name, Options options);

  void start_relay();
  void start_gateway();
  // The port stays, so that clients come back.
  void restart_gateway();
  // The same program under the same settings, for what it does besides running and for starts that must fail.
  std::vector<std::string> gateway_command(std::vector<std::string> words = {}) const;
  // With Options::movable_clock: sets the daemons' civil time, and clock(), so far ahead of the system's. They notice
  // within a second.
  void move_clock(policy::base::Seconds ahead);
  const policy::base::Clock& clock() const { return clock_; }
  policy::base::Seconds clock_ahead() const { return clock_.ahead(); }
  void write_directory(const std::vector<PersonSpec>& people);
  void write_roster(const std::string& csv);

  Process& relay() { return relay_; }
  Process& gateway() { return gateway_; }
  std::uint16_t port() const { return port_; }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  std::string ca() const { return certificates_.ca.string(); }
  const TemporaryFolder& folder() const { return folder_; }
  std::filesystem::path relay_data() const { return folder_ / "relay"; }
  std::filesystem::path gateway_data() const { return folder_ / "gateway"; }
  std::string logs() const;

 private:
  std::map<std::string, std::string> environment() const;

  Options options_;
  std::string relay_address_;
  TemporaryFolder folder_;
  MovableClock clock_;
  Certificates certificates_;
  Process relay_, gateway_;
  std::uint16_t port_ = 0;
};

// CSV lines for rosters around now.
std::string roster_header();
std::string roster_line(const std::string& person, const std::string& kind, policy::base::Instant begin,
                        policy::base::Instant end);
// On duty since an hour and for eight more, after a long rest.
std::string on_duty_now(const std::string& person);

}  // namespace tests::support
