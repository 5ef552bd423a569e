// The directory as it will be: a real slapd with 23,000 people over TLS. Gone there is gone here; a directory that
// cannot be reached ends nobody's session and lets nobody new in.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "clients/transport/https.h"
#include "policy/base/clock.h"
#include "tests/support/slapd/slapd.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

using tests::support::Station;
using tests::support::TestDevice;
using tests::support::slapd::Slapd;
namespace pb = feierabend::v1;

constexpr std::size_t kPeople = 23'000;
// What the README promises.
constexpr int kGoneWithin_s = 20;

class Ldap : public ::testing::Test {
 protected:
  void SetUp() override {
    auto slapd = Slapd::start({.people = kPeople, .syncprov = true});
    ASSERT_TRUE(slapd) << policy::base::to_string(slapd.error());
    slapd_ = std::move(*slapd);
    tests::support::write_file(secrets_ / "service", std::string(Slapd::kServicePassword) + "\n");
    station_.emplace("ldap", Station::Options{.people = {},
                                              .roster = {},
                                              .directory_arguments = {
                                                  "--directory", "ldap", "--ldap-url", slapd_->ldap_url(), "--ldap-ca",
                                                  slapd_->ca_file(), "--ldap-bind-dn", std::string(Slapd::kServiceDn),
                                                  "--ldap-password-file", secrets_ / "service", "--ldap-base",
                                                  std::string(Slapd::kBase)}});
    station_->start_relay();
    station_->start_gateway();
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }
  std::unique_ptr<TestDevice> device() { return std::make_unique<TestDevice>(station_->url(), station_->ca()); }
  static policy::base::Result<pb::LoginStep> login(TestDevice& device, const std::string& person, std::string& secret) {
    return device.login(person, secret, 0, "pw-" + person);
  }
  unsigned password_status(const std::string& person) {
    const policy::base::SystemClock clock;
    const auto network =
        std::move(clients::transport::Network::start(
                      clock, clients::transport::parse_server_url(station_->url()).value(), station_->ca())
                      .value());
    pb::PasswordRequest request;
    request.set_user(person);
    request.set_password("pw-" + person);
    return clients::transport::https(*network, {"POST", "/v1/login/password", {}, relay::wire::to_json(request)})
        .value()
        .status;
  }
  static void log_in(TestDevice& device, const std::string& person, std::string& secret) {
    const auto step = login(device, person, secret);
    ASSERT_TRUE(step) << policy::base::to_string(step.error());
    const auto grant = device.enrol(*step);
    ASSERT_TRUE(grant) << policy::base::to_string(grant.error());
  }

  tests::support::TemporaryFolder secrets_{"ldap-secrets"};
  std::unique_ptr<Slapd> slapd_;
  std::optional<Station> station_;
  std::string secret_, other_secret_;
};

TEST_F(Ldap, SomebodyDeletedThereIsLoggedOutHere) {
  auto stays = device();
  auto goes = device();
  log_in(*stays, "p00001", secret_);
  log_in(*goes, "p22999", other_secret_);
  ASSERT_TRUE(stays->connect());
  ASSERT_TRUE(goes->connect());
  const auto conversation = stays->open({"p22999"});
  EXPECT_EQ(conversation.members_size(), 2);

  const policy::base::SystemClock clock;
  ASSERT_TRUE(slapd_->delete_person("p22999"));
  const auto deleted_ms = clock.elapsed_ms();
  (void)goes->next([](const pb::ServerFrame&) { return false; }, kGoneWithin_s * 1000);
  const auto took_ms = clock.elapsed_ms() - deleted_ms;
  EXPECT_FALSE(goes->connected()) << "the stream is still open after " << took_ms << " ms";
  EXPECT_EQ(goes->lost(), "session.expired");
  std::printf("logged out %lld ms after the deletion\n", static_cast<long long>(took_ms));
  const auto again = goes->connect();
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().code.starts_with("session.")) << again.error().code;
  auto back = device();
  const auto refused = login(*back, "p22999", other_secret_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "login.refused");
  const auto unknown = stays->ask([] {
    pb::ClientFrame open;
    open.mutable_open()->add_persons("p22999");
    return open;
  }());
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "person.unknown");
  EXPECT_TRUE(stays->connected());
}

TEST_F(Ldap, ADirectoryOutOfReachEndsNobodysSession) {
  auto inside = device();
  log_in(*inside, "p00002", secret_);
  ASSERT_TRUE(inside->connect());
  slapd_->stop();
  auto outside = device();
  const auto refused = login(*outside, "p00003", other_secret_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "directory.unavailable");
  EXPECT_EQ(password_status("p00003"), 503U);
  std::this_thread::sleep_for(std::chrono::seconds(3));  // longer than the watcher needs to notice
  pb::ClientFrame gate;
  gate.mutable_gate();
  EXPECT_TRUE(inside->ask(gate));
  ASSERT_TRUE(inside->connect()) << "a session goes on without the directory";
  ASSERT_TRUE(slapd_->start_again());
  log_in(*outside, "p00003", other_secret_);
  EXPECT_TRUE(outside->connect());
}

}  // namespace
