// What a person is given of the log, on the real programs: the gateway commits its log to an index of pseudonyms, the
// officer's program exports by it, and the person checks the export without the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "audit/pseudonym/pseudonym.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

using policy::base::Seconds;
using testing::HasSubstr;
using tests::support::Station;
using tests::support::TestDevice;

constexpr int kPatience_ms = 20'000;
constexpr std::int64_t kMinute_s = 60;  // the gateway looks after its stores at each full one

class Access : public ::testing::Test {
 protected:
  Access()
      : station_("access", {.people = {{"anna"}, {"bernd"}},
                            .roster = {},
                            .packs = {},
                            .gateway_arguments = {},
                            .directory_arguments = {},
                            .environment = {},
                            .movable_clock = true}) {
    station_.start_relay();
    station_.start_gateway();
  }
  void TearDown() override {
    if (HasFailure()) std::fprintf(stderr, "%s\n", station_.logs().c_str());
  }

  std::string path(const std::string& name) const { return (station_.folder() / name).string(); }
  std::string log_folder() const {
    return (station_.gateway_data() / "audit" / std::to_string(audit::pseudonym::year_of(station_.clock().now())))
        .string();
  }
  tests::support::Finished audit_tool(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), tests::support::program("feierabend-audit"));
    arguments.insert(arguments.end(), {"--key", log_folder() + ".vkey", "--json"});
    return tests::support::run(arguments);
  }
  tests::support::Finished reads(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--purpose", "access-request", "--readings", path("readings")});
    return audit_tool(std::move(arguments));
  }
  // The entries of a type, once there is one.
  std::string entries_of(const std::string& type) const {
    std::string found;
    for (int waited = 0; waited < kPatience_ms;
         waited += 200, std::this_thread::sleep_for(std::chrono::milliseconds(200))) {
      found = reads({"query", log_folder(), "--type", type}).out;
      if (found.contains("\"entry\"")) return found;
    }
    ADD_FAILURE() << "no entry " << type;
    return found;
  }
  void to_the_next_minute() {
    const std::int64_t second = station_.clock().now().unix_s % kMinute_s;
    station_.move_clock(station_.clock_ahead() + Seconds{2 * kMinute_s - second - 2});
  }

  Station station_;
};

TEST_F(Access, APersonIsGivenEverythingAndCanCheckThatItIs) {
  TestDevice anna(station_.url(), station_.ca(), &station_.clock());
  TestDevice bernd(station_.url(), station_.ca(), &station_.clock());
  std::string anna_secret, bernd_secret;
  anna.log_in("anna", anna_secret);
  bernd.log_in("bernd", bernd_secret);
  const std::string opened = entries_of("session-opened");
  const std::size_t at = opened.find("\"subject\":\"");
  ASSERT_NE(at, std::string::npos) << opened;
  const std::string pseudonym = opened.substr(at + 11, 32);
  to_the_next_minute();
  EXPECT_THAT(entries_of("subjects-indexed"), HasSubstr("\"begin\":\"0\""));

  const auto exported = reads({"export", log_folder(), "--pseudonym", pseudonym, "--out", path("export.json")});
  EXPECT_EQ(exported.exit_code, 0) << exported.out << exported.err;
  EXPECT_THAT(exported.out, HasSubstr("session-opened"));
  EXPECT_THAT(exported.out, testing::Not(HasSubstr("\"covered\":{\"begin\":0,\"end\":0}")));
  const auto checked = audit_tool({"verify-export", path("export.json")});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  EXPECT_EQ(checked.out, exported.out);
  EXPECT_EQ(audit_tool({"verify", log_folder()}).exit_code, 0);
}

}  // namespace
