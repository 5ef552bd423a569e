// The real program against the real gateway and relay, as a script would drive it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <chrono>
#include <thread>

#include "policy/base/clock.h"
#include "tests/support/station/off_duty_pack.h"
#include "tests/support/station/station.h"

namespace {

namespace json = boost::json;
using policy::base::kHour;
using policy::base::Seconds;
using testing::HasSubstr;
using tests::support::Finished;
using tests::support::kOffDutyPack;
using tests::support::on_duty_now;
using tests::support::roster_header;
using tests::support::roster_line;
using tests::support::Station;

class Cli : public testing::Test {
 protected:
  void start(const std::string& bernds_duty) {
    tests::support::write_file(folder_ / "pack.toml", kOffDutyPack);
    tests::support::write_file(folder_ / "password", std::string(tests::support::kPassword) + "\n");
    tests::support::write_file(folder_ / "pin", "4711-Moorweg\n");
    station_.emplace(
        "cli", Station::Options{.people = {{"anna", "Anna Ahlers"},
                                           {"bernd", "Bernd Brandt"},
                                           {"dora", "Dora Dierks", "leitstelle", {"leitstelle", "messenger-admins"}}},
                                .roster = roster_header() + on_duty_now("anna") + on_duty_now("dora") + bernds_duty,
                                .packs = {folder_ / "pack.toml"}});
    station_->start_relay();
    station_->start_gateway();
  }
  std::vector<std::string> command(const std::string& home, std::vector<std::string> words) const {
    std::vector<std::string> out{tests::support::program("feierabend"), "--home", folder_ / home};
    out.insert(out.end(), words.begin(), words.end());
    return out;
  }
  std::map<std::string, std::string> environment() const {
    return {{"FEIERABEND_PIN_FILE", folder_ / "pin"},
            {"FEIERABEND_PASSWORD_FILE", folder_ / "password"},
            {"LANG", "C"},
            {"LC_ALL", "C"}};
  }
  Finished run(const std::string& home, std::vector<std::string> words, const std::string& input = {}) const {
    return tests::support::run(command(home, std::move(words)), input, 60'000, environment());
  }
  // One JSON object of the last line.
  static json::object last_of(const Finished& finished) {
    std::string text = finished.out;
    while (text.ends_with('\n')) text.pop_back();
    boost::system::error_code error;
    const auto value = json::parse(text.substr(text.rfind('\n') + 1), error);
    EXPECT_FALSE(error) << finished.out << finished.err;
    return value.is_object() ? value.as_object() : json::object{};
  }
  json::object ask(const std::string& home, std::vector<std::string> words, int exit_code = 0,
                   const std::string& input = {}) const {
    words.insert(words.begin(), "--json");
    const auto finished = run(home, words, input);
    EXPECT_EQ(finished.exit_code, exit_code) << finished.out << finished.err;
    return last_of(finished);
  }
  static std::string code_of(const json::object& object) {
    return object.contains("error") ? std::string(object.at("error").at("code").as_string()) : "";
  }
  json::object log_in(const std::string& person, const std::string& home) const {
    return ask(home, {"login", "--server", station_->url(), "--ca", station_->ca(), "--user", person,
                      "--totp-secret-file", folder_ / (person + ".totp"), "--device-name", home});
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }
  static std::string off_duty_until(int seconds) {
    const auto now = policy::base::SystemClock().now();
    return roster_line("bernd", "duty", now + Seconds{seconds}, now + kHour);
  }

  tests::support::TemporaryFolder folder_{"cli"};
  std::optional<Station> station_;
};

TEST_F(Cli, AMessageWaitsForItsReadersDutyAndEverybodyLearnsWhy) {
  start(off_duty_until(12));
  EXPECT_EQ(log_in("anna", "anna").at("display_name"), "Anna Ahlers");
  EXPECT_EQ(log_in("bernd", "bernd").at("step"), "done");
  EXPECT_EQ(log_in("dora", "dora").at("step"), "done");

  const auto sent = ask("anna", {"send", "bernd", "Streifenplan für morgen"});
  EXPECT_EQ(sent.at("state"), "accepted");
  EXPECT_TRUE(sent.at("later").as_bool());
  const std::string message(sent.at("message").as_string());
  EXPECT_EQ(ask("anna", {"status", message}).at("state"), "held");
  EXPECT_EQ(code_of(ask("anna", {"send", "bernd", "x", "--class", "alarm", "--reason", "grosslage"}, 77)),
            "alarm.not-permitted");
  EXPECT_FALSE(ask("dora", {"send", "bernd", "--class", "alarm", "--reason", "grosslage", "-"}, 0, "Großlage\n")
                   .at("later")
                   .as_bool());

  // Only the alarm passes now, the rest when the gate opens by itself.
  const auto heard = run("bernd", {"--json", "listen", "--count", "2", "--for", "30s"});
  EXPECT_EQ(heard.exit_code, 0);
  std::vector<json::object> messages;
  std::istringstream lines(heard.out);
  for (std::string line; std::getline(lines, line);)
    if (auto object = json::parse(line).as_object(); object.at("event") == "message") messages.push_back(object);
  ASSERT_EQ(messages.size(), 2U) << heard.out;
  EXPECT_EQ(messages[0].at("text"), "Großlage");
  EXPECT_EQ(messages[1].at("text"), "Streifenplan für morgen");
  EXPECT_EQ(messages[1].at("from_name"), "Anna Ahlers");

  const auto why = ask("bernd", {"why", message});
  EXPECT_EQ(why.at("effect"), "hold");
  EXPECT_EQ(why.at("readable_from"), messages[1].at("received_at"));
  EXPECT_EQ(why.at("rules").as_array().at(0), "test.off-duty");
  EXPECT_EQ(ask("anna", {"status", message}).at("state"), "delivered");
  EXPECT_EQ(run("bernd", {"listen", "--for", "1s"}).out.find("Streifenplan"), std::string::npos) << "shown once";
}

TEST_F(Cli, TwoCommandsShareOneFolder) {
  start(on_duty_now("bernd"));
  log_in("anna", "anna");
  log_in("bernd", "bernd");
  tests::support::Process listening(command("bernd", {"--json", "listen"}), {environment(), folder_ / "heard"});
  const auto heard = [this](const char* text) {
    for (int i = 0; i < 200; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(50)))
      if (tests::support::read_file(folder_ / "heard").find(text) != std::string::npos) return true;
    return false;
  };
  ASSERT_TRUE(heard("\"connected\":true"));
  EXPECT_EQ(ask("bernd", {"send", "anna", "aus dem zweiten Fenster"}).at("state"), "accepted");
  EXPECT_EQ(ask("bernd", {"gate"}).at("classes").as_array().size(), 4U);
  ask("anna", {"send", "bernd", "Antwort"});
  EXPECT_TRUE(heard("Antwort"));
  EXPECT_EQ(ask("bernd", {"lock"}).at("ended"), listening.pid());
  EXPECT_EQ(listening.wait(5000), 0);
}

TEST_F(Cli, BothSidesShowTheSameSafetyNumber) {
  start(on_duty_now("bernd"));
  log_in("anna", "anna");
  EXPECT_EQ(code_of(ask("anna", {"verify", "bernd"}, 77)), "device.unknown") << "no device to compare with";
  log_in("bernd", "bernd");
  const auto number = ask("anna", {"verify", "bernd"}).at("safety_number");
  EXPECT_EQ(number.as_string().size(), 60U);
  EXPECT_EQ(ask("bernd", {"verify", "anna"}).at("safety_number"), number);
  log_in("dora", "dora");
  EXPECT_EQ(ask("anna", {"verify", "bernd"}).at("safety_number"), number);
  EXPECT_NE(ask("anna", {"verify", "dora"}).at("safety_number"), number);
}

TEST_F(Cli, ASecondDeviceWaitsForTheFirstToConsent) {
  start(on_duty_now("bernd"));
  EXPECT_FALSE(log_in("anna", "anna").at("waiting").as_bool());
  log_in("bernd", "bernd");
  EXPECT_EQ(ask("anna", {"send", "bernd", "noch allein"}).at("state"), "accepted");
  const auto waiting = log_in("anna", "tablet");
  EXPECT_EQ(waiting.at("step"), "done");
  EXPECT_TRUE(waiting.at("waiting").as_bool());
  const std::string code(waiting.at("code").as_string());
  EXPECT_EQ(code.size(), 11U);
  EXPECT_EQ(code_of(ask("tablet", {"doctor"}, 77)), "") << "the last check is another one";
  const auto examined = run("tablet", {"--json", "doctor"});
  EXPECT_THAT(examined.out, HasSubstr("device.waiting"));
  EXPECT_THAT(examined.err, HasSubstr("feierabend devices approve " + code));
  const auto early = run("tablet", {"--json", "send", "bernd", "zu früh", "--timeout", "2s"});
  EXPECT_EQ(early.exit_code, 75) << early.out;
  EXPECT_THAT(early.err, HasSubstr("feierabend devices approve " + code));
  EXPECT_EQ(code_of(ask("tablet", {"devices", "approve", code, "--yes"}, 77)), "device.waiting");

  EXPECT_THAT(run("anna", {"--json", "listen", "--for", "2s"}).out, HasSubstr("\"what\":\"enrolled\""));
  const auto again = run("anna", {"--json", "listen", "--for", "1s"});
  EXPECT_EQ(again.out.find("enrolled"), std::string::npos) << "told once";
  EXPECT_EQ(code_of(ask("anna", {"devices", "approve", "00000-00000", "--yes"}, 77)), "device.code");
  EXPECT_EQ(code_of(ask("anna", {"devices", "approve", code}, 2)), "call.no-terminal") << "somebody is asked";
  EXPECT_EQ(code_of(ask("bernd", {"devices", "approve", code, "--yes"}, 77)), "device.not-waiting");
  // The text of the picture, as a scanner types it.
  EXPECT_EQ(ask("anna", {"devices", "approve", waiting.at("qr").as_string().c_str(), "--yes"}).at("name"), "tablet");

  // It was away when consent came, so nobody told it.
  const auto first = run("tablet", {"--json", "listen", "--for", "3s"});
  EXPECT_THAT(first.err, HasSubstr("has consented"));
  EXPECT_THAT(first.err, testing::Not(testing::AnyOf(HasSubstr("offline"), HasSubstr("waits for"))));
  EXPECT_EQ(run("tablet", {"--json", "listen", "--for", "1s"}).err, "") << "said once";
  const auto sent = ask("bernd", {"send", "anna", "für beide"});
  EXPECT_EQ(sent.at("state"), "accepted");
  for (const char* home : {"anna", "tablet"}) {
    const auto heard = run(home, {"--json", "listen", "--for", "6s"});
    EXPECT_THAT(heard.out, HasSubstr("für beide")) << home;
    EXPECT_EQ(heard.out.find("noch allein"), std::string::npos);
  }
  const auto heard = run("bernd", {"--json", "listen", "--for", "5s"});
  EXPECT_THAT(heard.out, HasSubstr("zu früh")) << "what waited in the outbox";
  EXPECT_EQ(heard.out.find("device-doubted"), std::string::npos) << heard.out;
  const auto number = ask("bernd", {"verify", "anna"});
  EXPECT_TRUE(number.at("doubted").as_array().empty());
  EXPECT_EQ(ask("tablet", {"verify", "bernd"}).at("safety_number"), number.at("safety_number"));
  EXPECT_EQ(ask("bernd", {"verify", "anna", "--confirm", "--yes"}).at("confirmed"), 0);

  std::string tablet;
  const auto listed = ask("anna", {"devices"});
  for (const auto& one : listed.at("devices").as_array())
    if (one.at("name") == "tablet") tablet = one.at("device").as_string();
  EXPECT_EQ(ask("anna", {"devices", "remove", tablet.substr(0, 8)}).at("removed"), tablet.c_str());
  EXPECT_EQ(code_of(ask("tablet", {"listen", "--for", "3s"}, 77)), "device.removed");
}

TEST_F(Cli, AWaitingDeviceIsRemovedInsteadOfConfirmed) {
  start(on_duty_now("bernd"));
  log_in("anna", "anna");
  log_in("bernd", "bernd");
  const auto tablet = log_in("anna", "tablet"), stranger = log_in("anna", "stranger");
  // From a pipe, as typed by hand: small letters, no hyphen.
  std::string typed(tablet.at("code").as_string());
  std::erase(typed, '-');
  std::ranges::transform(typed, typed.begin(), [](unsigned char letter) { return std::tolower(letter); });
  EXPECT_EQ(code_of(ask("anna", {"devices", "approve", "-", "--yes"}, 77, "\n")), "device.code");
  EXPECT_EQ(code_of(ask("anna", {"devices", "approve", "--yes"}, 2, typed + "\n")), "call.no-terminal");
  EXPECT_EQ(ask("anna", {"devices", "approve", "-", "--yes"}, 0, typed + "\n").at("name"), "tablet");

  const std::string id(stranger.at("device").as_string());
  EXPECT_EQ(ask("anna", {"devices", "remove", id.substr(0, 8)}).at("removed"), id.c_str());
  const std::string late(stranger.at("code").as_string());
  EXPECT_EQ(code_of(ask("anna", {"devices", "approve", late, "--yes"}, 77)), "device.not-waiting");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"listen", "--for", "3s"}, {"send", "bernd", "zu spät"}, {"devices"}, {"gate"}}) {
    const auto refused = run("stranger", words);
    EXPECT_EQ(refused.exit_code, 77) << words[0];
    EXPECT_THAT(refused.err, HasSubstr("this device was removed")) << words[0];
    EXPECT_THAT(refused.err, testing::Not(testing::AnyOf(HasSubstr("approve"), HasSubstr("waits for")))) << words[0];
  }
  EXPECT_EQ(code_of(ask("stranger", {"listen", "--for", "3s"}, 77)), "device.removed");
  const auto told = run("anna", {"--json", "listen", "--for", "3s"});
  EXPECT_THAT(told.out, HasSubstr("\"what\":\"removed\",\"device\":\"" + id));
  EXPECT_EQ(ask("bernd", {"send", "anna", "für zwei"}).at("state"), "accepted");
  for (const char* home : {"anna", "tablet"})
    EXPECT_THAT(run(home, {"--json", "listen", "--for", "6s"}).out, HasSubstr("für zwei")) << home;
}

TEST_F(Cli, AWipedDeviceKeepsNothing) {
  start(on_duty_now("bernd"));
  log_in("dora", "dora");
  const auto device = log_in("bernd", "bernd").at("device").as_string();
  ask("dora", {"send", "bernd", "MARKER-geheim"});
  EXPECT_EQ(run("bernd", {"listen", "--count", "1", "--for", "20s"}).exit_code, 0);
  EXPECT_TRUE(tests::support::files_with(folder_ / "bernd", "MARKER-geheim").empty());
  EXPECT_TRUE(tests::support::files_with(folder_ / "dora", "MARKER-geheim").empty());
  EXPECT_TRUE(tests::support::files_with(folder_ / "bernd", "Bernd Brandt").empty());
  EXPECT_EQ(code_of(ask("dora", {"admin", "wipe", device.c_str(), "--reason", "lost"}, 2)), "call.no-terminal");
  EXPECT_EQ(code_of(ask("bernd", {"admin", "wipe", device.c_str(), "--reason", "lost", "--yes"}, 77)), "role.missing");
  ask("dora", {"admin", "wipe", device.c_str(), "--reason", "lost", "--yes"});
  EXPECT_EQ(code_of(ask("bernd", {"listen", "--for", "20s"}, 77)), "device.wiped");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "bernd"));
}

TEST_F(Cli, NothingIsLostWhileTheServerIsAway) {
  start(on_duty_now("bernd"));
  log_in("anna", "anna");
  log_in("bernd", "bernd");
  station_->gateway().kill();
  const auto queued = ask("anna", {"send", "bernd", "im Ausgang", "--timeout", "1s"}, 75);
  EXPECT_EQ(queued.at("state"), "queued");
  EXPECT_EQ(queued.at("trouble").at("code"), "socket.connect");
  EXPECT_EQ(ask("anna", {"doctor"}, 69).at("check"), "server");
  station_->start_gateway();
  EXPECT_EQ(ask("anna", {"send", "bernd", "danach"}).at("sequence"), 4);  // after a commit, its welcome and a message
  const auto heard = run("bernd", {"listen", "--count", "2", "--for", "30s"});
  EXPECT_LT(heard.out.find("im Ausgang"), heard.out.find("danach"));
  EXPECT_EQ(ask("anna", {"doctor"}).at("state"), "ok");
}

TEST_F(Cli, RefusalsHaveCodesAndNumbers) {
  start(on_duty_now("bernd"));
  EXPECT_EQ(code_of(ask("anna", {"gate"}, 78)), "store.absent");
  EXPECT_EQ(code_of(ask("anna", {"login", "--server", "http://x", "--user", "anna"}, 2)), "url.syntax");
  tests::support::write_file(folder_ / "wrong", "falsch\n");
  EXPECT_EQ(code_of(ask("anna",
                        {"login", "--server", station_->url(), "--ca", station_->ca(), "--user", "anna",
                         "--password-file", folder_ / "wrong"},
                        77)),
            "login.refused");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "anna")) << "a refused login leaves no folder";
  EXPECT_EQ(code_of(ask("anna", {"login", "--server", station_->url(), "--user", "anna"}, 76)), "tls.handshake")
      << "an unknown authority";
  log_in("anna", "anna");
  EXPECT_EQ(code_of(ask("anna", {"--pin-file", folder_ / "wrong", "gate"}, 77)), "store.pin");
  EXPECT_EQ(code_of(ask("anna", {"send", "niemand", "x"}, 67)), "person.unknown");
  EXPECT_EQ(code_of(ask("anna", {"send", "bernd", std::string("\xff", 1)}, 2)), "call.text");
  EXPECT_EQ(code_of(ask("anna", {"why", "deadbeef:1"}, 66)), "conversation.unknown");
  EXPECT_EQ(code_of(ask("anna", {"why", "1"}, 2)), "call.message");
  EXPECT_EQ(code_of(ask("anna", {"unknown"}, 2)), "call.syntax");
  EXPECT_EQ(ask("anna", {"logout"}).at("step"), "logged-out");
  EXPECT_EQ(code_of(ask("anna", {"gate"}, 78)), "session.none");
}

TEST_F(Cli, HelpSpeaksBothLanguagesAndCompletionsAreScripts) {
  EXPECT_THAT(run("x", {"--help"}).out, HasSubstr("Exit codes"));
  EXPECT_THAT(run("x", {"--lang", "de", "send", "--help"}).out, HasSubstr("Ende-Codes"));
  EXPECT_THAT(run("x", {"nonsense"}).err, HasSubstr("'nonsense'"));
  const auto script = run("x", {"completions", "bash"});
  EXPECT_EQ(tests::support::run({"bash", "-n"}, script.out).exit_code, 0);
  EXPECT_THAT(script.out, HasSubstr("--expire"));
  EXPECT_THAT(run("x", {"completions", "fish"}).out, HasSubstr("-a listen"));
  EXPECT_EQ(run("x", {"completions", "tcsh"}).exit_code, 2);
}

}  // namespace
