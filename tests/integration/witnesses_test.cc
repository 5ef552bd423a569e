// Data protection officer and staff council as witnesses, on the real programs: rules come into force only while both
// have cosigned the log; the gateway says who is missing; a log that was rolled back or replaced gets no quorum.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <map>
#include <optional>
#include <thread>

#include "audit/pseudonym/pseudonym.h"
#include "tests/support/station/off_duty_pack.h"
#include "tests/support/station/station.h"

namespace {

using policy::base::Instant;
using policy::base::kHour;
using policy::base::Seconds;
using testing::HasSubstr;
using tests::support::Process;
using tests::support::program;
using tests::support::read_file;
using tests::support::run;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::wait_for_file;
using tests::support::write_file;

namespace fs = std::filesystem;

constexpr const char* kTenant = "polizei-test.example";
constexpr int kPatience_ms = 30'000;
constexpr int kMaxAge_s = 2;

Instant now() { return policy::base::SystemClock().now(); }
void sleep_ms(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

std::string without_newline(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

class Witnesses : public ::testing::Test {
 protected:
  Witnesses() {
    for (const char* const party : {"administration", "staff-council"})
      trust_ +=
          rules({"keygen", "--party", party, "--tenant", kTenant, "--out", path(std::string(party) + ".key")}).out;
    write_file(folder_ / "trust", trust_);
    write_file(folder_ / "closed.toml", tests::support::kOffDutyPack);
    // The log's key is made before the gateway's first start, so that the witnesses can know it.
    log_key_ =
        without_newline(audit({"keygen", std::string(kTenant) + "/feierabend/" + year_, "--out", path("log.key")}).out);
    std::string policy;
    for (const char* const name : {"officer", "council"}) {
      const auto made = audit({"witness", "keygen", std::string(name) + ".example", "--out", path(name)});
      EXPECT_EQ(made.exit_code, 0) << made.err;
      start_witness(name);
      policy +=
          std::string("witness ") + name + " " + without_newline(made.out) + " http://127.0.0.1:" + ports_[name] + "\n";
    }
    write_file(folder_ / "policy", "log " + log_key_ + "\n" + policy + "group both all officer council\nquorum both\n");
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static tests::support::Finished called(const char* name, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program(name));
    return run(arguments);
  }
  static tests::support::Finished rules(std::vector<std::string> arguments) {
    return called("feierabend-policy", std::move(arguments));
  }
  static tests::support::Finished audit(std::vector<std::string> arguments) {
    return called("feierabend-audit", std::move(arguments));
  }

  // The port stays over a restart.
  void start_witness(const std::string& name) {
    fs::remove(folder_ / (name + ".out"));
    const std::string port = ports_.contains(name) ? ports_[name] : "0";
    processes_[name] = Process({program("feierabend-audit"), "witness", "serve", "--key", path(name), "--folder",
                                path(name + ".witness"), "--log", log_key_, "--listen", "tcp:127.0.0.1:" + port},
                               {.environment = {}, .output = folder_ / (name + ".out")});
    const auto said = wait_for_file(folder_ / (name + ".out"));
    ASSERT_TRUE(said && said->contains("waits at tcp:127.0.0.1:")) << said.value_or("nothing");
    ports_[name] = said->substr(said->rfind(':') + 1);
  }

  void put(int revision) const {
    const std::string file = path("revision-" + std::to_string(revision));
    const auto made = rules({"bundle", "--out", file, "--tenant", kTenant, "--revision", std::to_string(revision),
                             "--not-before", format_instant(now() - kHour), "--expires",
                             format_instant(now() + Seconds{3 * 86400}), path("closed.toml")});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    for (const char* const key : {"administration.key", "staff-council.key"})
      ASSERT_EQ(rules({"sign", file, "--key", path(key)}).exit_code, 0);
    for (const char* const suffix : {".note", ""}) fs::rename(file + suffix, path("rules") + suffix);
  }

  void start() {
    station_.emplace("witnesses",
                     Station::Options{.people = {{"anna"}},
                                      .roster = {},
                                      .packs = {},
                                      .gateway_arguments = {"--bundle", path("rules"), "--bundle-trust", path("trust"),
                                                            "--witness-policy", path("policy"), "--witness-max-age",
                                                            std::to_string(kMaxAge_s), "--witness-interval", "1"},
                                      .directory_arguments = {},
                                      .environment = {},
                                      .no_packs = true});
    fs::create_directories(station_->gateway_data() / "audit");
    fs::copy_file(folder_ / "log.key", station_->gateway_data() / "audit" / (year_ + ".key"));
    write_file(station_->gateway_data() / "audit" / (year_ + ".vkey"), log_key_ + "\n");
    station_->start_relay();
    station_->start_gateway();
  }

  fs::path log_folder() const { return station_->gateway_data() / "audit" / year_; }
  std::string log_of(const std::string& type) const {
    return audit({"show", log_folder().string(), "--type", type, "--json", "--purpose", "lawfulness", "--readings",
                  path("readings")})
        .out;
  }
  template <typename Found>
  static bool comes(const Found& found) {
    for (int waited = 0; waited < kPatience_ms; waited += 200, sleep_ms(200))
      if (found()) return true;
    return false;
  }
  bool logged(const std::string& type, const std::string& text) const {
    return comes([&] { return log_of(type).contains(text); });
  }
  bool gateway_says(const std::string& text) const {
    return comes([&] { return station_->logs().contains(text); });
  }
  bool in_force(int revision) const {
    return log_of("rules-bundle-activated").contains(R"("revision":")" + std::to_string(revision) + "\"");
  }

  const std::string year_ = std::to_string(audit::pseudonym::year_of(now()));
  TemporaryFolder folder_{"witnesses"};
  std::string trust_, log_key_;
  std::map<std::string, std::string> ports_;
  std::map<std::string, Process> processes_;
  std::optional<Station> station_;
};

TEST_F(Witnesses, RulesComeIntoForceOnlyWhileBothCosign) {
  put(1);
  start();
  ASSERT_TRUE(logged("rules-bundle-activated", R"("revision":"1")"));
  const std::string cosigned = (station_->gateway_data() / "audit" / "witness" / (year_ + ".cosigned")).string();
  const auto good = audit({"witness", "check", cosigned, "--policy", path("policy")});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("   council: "));
  const auto whole = audit({"verify", log_folder().string(), "--key", log_key_, "--since", cosigned});
  EXPECT_EQ(whole.exit_code, 0) << whole.out << whole.err;

  EXPECT_EQ(processes_["council"].stop(), 0);
  ASSERT_TRUE(gateway_says("no quorum of witnesses: council: ")) << "it says who is missing";
  sleep_ms((kMaxAge_s + 2) * 1000);  // the quorum of before has to become too old
  put(2);
  EXPECT_TRUE(logged("bundle-refused", "not-witnessed"));
  EXPECT_FALSE(in_force(2));

  start_witness("council");
  EXPECT_TRUE(logged("rules-bundle-activated", R"("revision":"2")")) << "offered again once both are there";
}

TEST_F(Witnesses, ALogThatWasPutBackGetsNoQuorum) {
  put(1);
  start();
  ASSERT_TRUE(logged("rules-bundle-activated", R"("revision":"1")"));
  station_->gateway().stop();
  fs::copy(log_folder(), folder_ / "copy", fs::copy_options::recursive);
  station_->start_gateway();
  put(2);
  ASSERT_TRUE(logged("rules-bundle-activated", R"("revision":"2")"));
  const auto cosigned = station_->gateway_data() / "audit" / "witness";
  const auto cosigned_size = [&] {
    const std::string note = read_file(cosigned / (year_ + ".cosigned"));
    return std::stoi(note.substr(note.find('\n') + 1));
  };
  const auto logged_size = [&] {
    const std::string note = read_file(log_folder() / "checkpoint");
    return std::stoi(note.substr(note.find('\n') + 1));
  };
  ASSERT_TRUE(comes([&] { return cosigned_size() == logged_size(); })) << "the activation is cosigned, too";

  // The operator puts the copy back, without what happened since, and lets the gateway go on from there.
  station_->gateway().stop();
  fs::remove_all(log_folder());
  fs::remove_all(cosigned);
  fs::copy(folder_ / "copy", log_folder(), fs::copy_options::recursive);
  station_->start_gateway();  // what is in force needs no permit
  put(3);
  EXPECT_TRUE(logged("bundle-refused", "not-witnessed"));
  EXPECT_FALSE(in_force(3));
  EXPECT_FALSE(fs::exists(cosigned / (year_ + ".cosigned"))) << "no quorum";
  EXPECT_TRUE(comes([&] {
    const std::string said = station_->logs();
    return said.contains("[witness.ahead]") || said.contains("[witness.contradicts]");
  }));
}

}  // namespace
