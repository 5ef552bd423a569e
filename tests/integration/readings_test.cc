// Who looked: a reading by the officer's program is in the real gateway's own log before anything is shown, and nothing
// is shown that the gateway has not entered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "audit/pseudonym/pseudonym.h"
#include "tests/support/station/station.h"

namespace {

using testing::HasSubstr;
using testing::Not;
using tests::support::Finished;
using tests::support::program;
using tests::support::Station;
using tests::support::TemporaryFolder;

class Readings : public ::testing::Test {
 protected:
  Readings() {
    const std::string officer = made("dpo"), council = made("br");
    (void)made("stranger");
    station_.emplace("readings", Station::Options{.people = {{"anna"}},
                                                  .roster = {},
                                                  .packs = {},
                                                  .gateway_arguments = {"--audit-officer-signer", officer,
                                                                        "--audit-council-signer", council},
                                                  .directory_arguments = {},
                                                  .environment = {}});
    station_->start_relay();
    station_->start_gateway();
  }
  void TearDown() override {
    if (HasFailure()) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  // A key pair of that party; its verifier key.
  std::string made(const std::string& party) const {
    const auto done = tests::support::run(
        {program("feierabend-audit"), "keygen", "polizei-test.example/" + party, "--out", path(party)});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.out.substr(0, done.out.find('\n'));
  }
  // An entry is durable a moment before readers see it.
  bool log_has_begun() const {
    const std::string year = std::to_string(audit::pseudonym::year_of(policy::base::SystemClock().now()));
    for (int look = 0; look < 500; ++look) {
      std::ifstream file(station_->gateway_data() / "audit" / year / "checkpoint");
      std::string origin, size;
      if (std::getline(file, origin) && std::getline(file, size) && size != "0") return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  Finished shown(std::vector<std::string> more) const {
    const auto audit = station_->gateway_data() / "audit";
    const std::string year = std::to_string(audit::pseudonym::year_of(policy::base::SystemClock().now()));
    more.insert(more.begin(), {program("feierabend-audit"), "show", (audit / year).string(), "--key",
                               (audit / (year + ".vkey")).string(), "--readings", path("readings")});
    return tests::support::run(more, {}, 90'000, {{"LANG", "C"}});
  }
  Finished announced(const std::string& key, const std::string& purpose) const {
    return shown({"--purpose", purpose, "--gateway", (station_->gateway_data() / "audit" / "readings").string(),
                  "--reader-key", path(key)});
  }

  TemporaryFolder folder_{"readings-keys"};
  std::optional<Station> station_;
};

TEST_F(Readings, AreEnteredByTheGatewayBeforeTheyBegin) {
  ASSERT_TRUE(log_has_begun()) << "no entry was published";
  const auto by_officer = announced("dpo", "incident");
  ASSERT_EQ(by_officer.exit_code, 0) << by_officer.out << by_officer.err;
  EXPECT_THAT(by_officer.out, HasSubstr("service started"));
  const auto by_council = announced("br", "lawfulness");
  ASSERT_EQ(by_council.exit_code, 0) << by_council.out << by_council.err;
  EXPECT_THAT(by_council.out, HasSubstr("security incident")) << "the officer's reading is there for the council";

  const auto refused = announced("stranger", "lawfulness");
  EXPECT_EQ(refused.exit_code, 65);
  EXPECT_THAT(refused.err, HasSubstr("signed by neither officer nor council"));
  EXPECT_THAT(refused.out, Not(HasSubstr("service started")));

  const auto offline = shown({"--purpose", "self-monitoring", "--type", "log-read", "--json"});
  EXPECT_EQ(offline.exit_code, 0);
  std::size_t entries = 0;
  for (std::size_t at = offline.out.find("\"entry\""); at != std::string::npos;
       at = offline.out.find("\"entry\"", at + 1))
    ++entries;
  EXPECT_EQ(entries, 2U) << offline.out;
  EXPECT_THAT(shown({"--purpose", "self-monitoring"}).err, HasSubstr("your own log only"));
}

// As the operator does who lets officers in under accounts of their own (gateway/README.md).
TEST_F(Readings, AreAnsweredToTheGroupOfTheFolder) {
  namespace fs = std::filesystem;
  using fs::perms;
  const auto audit = station_->gateway_data() / "audit";
  const auto answered = [&](const std::string& name) {
    std::ofstream(audit / "readings" / (name + ".request")) << "no announcement";
    const auto answer = audit / "readings" / (name + ".refused");
    for (int look = 0; look < 2000 && !fs::exists(answer); ++look)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return fs::status(answer).permissions();
  };
  EXPECT_EQ(fs::status(audit).permissions(), perms::owner_all);
  EXPECT_EQ(fs::status(audit / "readings").permissions(), perms::owner_all);
  EXPECT_EQ(answered("alone"), perms::owner_read | perms::owner_write);
  fs::permissions(audit, perms::group_exec | perms::group_write | perms::others_read, fs::perm_options::add);
  fs::permissions(audit / "readings", perms::owner_all | perms::group_all | perms::set_gid);
  EXPECT_EQ(answered("shared"), perms::owner_read | perms::owner_write | perms::group_read);
  station_->restart_gateway();
  EXPECT_EQ(fs::status(audit).permissions(), perms::owner_all | perms::group_exec) << "through, and no more";
  EXPECT_EQ(fs::status(audit / "readings").permissions(), perms::owner_all | perms::group_all | perms::set_gid);
}

}  // namespace
