// Gates that people open, on the real programs: an override acts within a second and ends at its second, an opening of
// one's own is nobody else's business, and a marked text never leaves the device.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <thread>

#include "tests/support/station/off_duty_pack.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"
#include "tests/support/wiretap/wiretap.h"

namespace {

namespace pb = feierabend::v1;
using policy::base::Instant;
using policy::base::Seconds;
using testing::HasSubstr;
using testing::Not;
using tests::support::on_duty_now;
using tests::support::roster_header;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;
using tests::support::Wiretap;

constexpr const char* kOpenings = R"toml(
[[exception]]
id = "test.einsatz"
when = "override"
role = "einsatzleitung"
reasons = ["grosslage"]
longest = "4h"
limit = { count = 2, per = "week" }
pierces = ["test.off-duty"]
classes = ["urgent"]
cite = "test"

[self_open]
max = "2h"
cite = "test"

[content]
labels = ["offen", "intern"]

[[content.marker]]
id = "test.vs-nfd"
pattern = '\bVS-NfD\b'
action = "stop"
cite = "VSA § 1"
title = { de = "Verschlusssache", en = "classified" }

[[content.marker]]
id = "test.aktenzeichen"
pattern = '\bAz\.'
action = "warn"
cite = "test"
title = { de = "Aktenzeichen", en = "file number" }
)toml";

Instant now() { return policy::base::SystemClock().now(); }

bool is_gate(const pb::ServerFrame& frame) { return frame.has_gate(); }
std::string effect_of(const pb::GateReport& gates, int message_class) { return gates.classes(message_class).effect(); }

class Openings : public ::testing::Test {
 protected:
  void SetUp() override {
    tests::support::write_file(folder_ / "pack.toml", std::string(tests::support::kOffDutyPack) + kOpenings);
    tests::support::write_file(folder_ / "password", std::string(tests::support::kPassword) + "\n");
    tests::support::write_file(folder_ / "pin", "4711-Moorweg\n");
    station_.emplace(
        "openings",
        Station::Options{
            .people = {{"anna"}, {"bernd"}, {"uwe", "Uwe", "leitung", {"einsatzleitung"}}},
            .roster = roster_header() + on_duty_now("anna") + on_duty_now("uwe") +
                      tests::support::roster_line("bernd", "duty", now() + Seconds{86400}, now() + Seconds{90000}),
            .packs = {folder_ / "pack.toml"},
            .gateway_arguments = {"--origin", "https://127.0.0.1:" + std::to_string(wire_.port())},
            .movable_clock = true});
    station_->start_relay();
    station_->start_gateway();
    wire_.forward_to(station_->port());
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }

  TestDevice& enter(std::optional<TestDevice>& device, const std::string& person) {
    device.emplace(station_->url(), station_->ca(), &station_->clock());
    device->log_in(person, secrets_[person]);
    const auto connected = device->connect();
    EXPECT_TRUE(connected) << policy::base::to_string(connected.error());
    return *device;
  }
  pb::GateReport gate(TestDevice& device) {
    pb::ClientFrame question;
    question.mutable_gate();
    return device.ask(question)->gate();
  }
  policy::base::Result<pb::OverrideAnswers> grant(TestDevice& by, const std::string& person, const std::string& rule,
                                                  const std::string& reason, std::int64_t for_s,
                                                  const std::string& code = "") {
    pb::OverrideRequest request;
    request.set_rule(rule);
    request.set_reason(reason);
    request.add_people(person);
    request.set_for_s(for_s);
    request.set_code(code);
    return by.api().override_gates(by.credentials(), request);
  }
  // What the log shows of this type, as soon as it has `text`: an entry is durable at once and published a little
  // later.
  std::string log_of(const std::string& type, const std::string& text) const {
    tests::support::Finished shown;
    for (int waited = 0; waited < 10'000; waited += 100, std::this_thread::sleep_for(std::chrono::milliseconds(100))) {
      shown = tests::support::run(
          {tests::support::program("feierabend-audit"), "show", log_folder(), "--key", log_key(), "--type", type,
           "--purpose", "lawfulness", "--readings", (station_->folder() / "readings").string()},
          {}, 60'000, {{"LANG", "C"}});
      if (shown.out.find(text) != std::string::npos) break;
    }
    return shown.out + shown.err;
  }
  std::filesystem::path log_folder() const {
    for (const auto& entry : std::filesystem::directory_iterator(station_->gateway_data() / "audit"))
      if (entry.path().extension() == ".vkey") return entry.path().parent_path() / entry.path().stem();
    return {};
  }
  std::string log_key() const {
    std::string key = tests::support::read_file(log_folder().string() + ".vkey");
    while (key.ends_with('\n')) key.pop_back();
    return key;
  }

  // The real client, through the tap.
  tests::support::Finished cli(const std::string& person, std::vector<std::string> words,
                               const std::string& input = {}) const {
    std::vector<std::string> command{tests::support::program("feierabend"), "--home", folder_ / ("home-" + person),
                                     "--json"};
    command.insert(command.end(), words.begin(), words.end());
    return tests::support::run(command, input, 60'000,
                               {{"FEIERABEND_PIN_FILE", folder_ / "pin"},
                                {"FEIERABEND_PASSWORD_FILE", folder_ / "password"},
                                {"LANG", "C"},
                                {"LC_ALL", "C"}});
  }
  void cli_log_in(const std::string& person) const {
    const auto done =
        cli(person, {"login", "--server", "https://127.0.0.1:" + std::to_string(wire_.port()), "--ca", station_->ca(),
                     "--user", person, "--totp-secret-file", folder_ / (person + ".totp"), "--device-name", "cli"});
    ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  }

  TemporaryFolder folder_{"openings"};
  Wiretap wire_;
  std::optional<Station> station_;
  std::map<std::string, std::string> secrets_;
  std::optional<TestDevice> anna_, bernd_, uwe_;
};

TEST_F(Openings, AnOverrideOpensAtOnceAndEndsAtItsSecond) {
  auto& anna = enter(anna_, "anna");
  auto& bernd = enter(bernd_, "bernd");
  auto& uwe = enter(uwe_, "uwe");
  ASSERT_TRUE(bernd.next(is_gate, 5000));
  const auto conversation = anna.open({"bernd"});
  ASSERT_TRUE(anna.send(conversation, "routine"));
  EXPECT_TRUE(anna.send(conversation, "bitte melden", pb::URGENT)->later());
  ASSERT_FALSE(bernd.next_delivery(1500)) << "off duty";

  EXPECT_EQ(grant(anna, "bernd", "test.einsatz", "grosslage", 3600).error().code, "override.not-permitted");
  const auto unknown = grant(uwe, "bernd", "test.einsatz", "langeweile", 3600).error();
  EXPECT_EQ(unknown.code, "override.unknown-reason");
  EXPECT_THAT(unknown.allowed, HasSubstr("grosslage"));
  EXPECT_EQ(grant(uwe, "bernd", "test.keine", "grosslage", 3600).error().code, "override.unknown");

  const auto granted = grant(uwe, "bernd", "test.einsatz", "grosslage", 3600);
  ASSERT_TRUE(granted) << policy::base::to_string(granted.error());
  const Instant until{granted->answers(0).until_s()};
  EXPECT_LE(until, station_->clock().now() + Seconds{3600});
  const auto delivery = bernd.next_delivery(5000);
  ASSERT_TRUE(delivery);
  EXPECT_EQ(bernd.read(*delivery), "bitte melden");
  bernd.ack(*delivery);
  EXPECT_FALSE(bernd.next_delivery(700)) << "routine still waits: only what the exception names";
  const auto open = gate(bernd);
  EXPECT_EQ(effect_of(open, 2), "deliver");
  EXPECT_EQ(open.classes(2).until_s(), until.unix_s);

  // To the last but some seconds it is open; at its second it ends by itself.
  station_->move_clock(station_->clock_ahead() + (until - station_->clock().now()) + Seconds{-4});
  for (int i = 0; i < 200 && station_->clock().now() < until - Seconds{1}; ++i) {
    EXPECT_EQ(effect_of(gate(bernd), 2), "deliver") << "before its end";
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const auto closed = bernd.next(
      [](const pb::ServerFrame& frame) { return frame.has_gate() && effect_of(frame.gate(), 2) == "hold"; }, 8000);
  EXPECT_TRUE(closed);
  EXPECT_GE(station_->clock().now(), until);
  std::this_thread::sleep_for(std::chrono::seconds(1));  // the loops tick one after the other; Anna may be on another
  EXPECT_TRUE(anna.send(conversation, "zu spät", pb::URGENT)->later());
  EXPECT_FALSE(bernd.next_delivery(700));

  // An hour later the second factor is not fresh any more.
  EXPECT_EQ(grant(uwe, "bernd", "test.einsatz", "grosslage", 60).error().code, "factor.needed");
  const std::string code = tests::support::totp_code(secrets_["uwe"], station_->clock().now());
  // Two a week, three where a week begins meanwhile; the next one says when.
  int granted_count = 1;
  pb::OverrideAnswer last;
  for (int attempt = 0; attempt < 3 && !last.has_problem(); ++attempt) {
    const auto again = grant(uwe, "bernd", "test.einsatz", "grosslage", 60 + attempt, attempt == 0 ? code : "");
    ASSERT_TRUE(again) << policy::base::to_string(again.error());
    last = again->answers(0);
    granted_count += last.has_problem() ? 0 : 1;
  }
  EXPECT_GE(granted_count, 2);
  EXPECT_LE(granted_count, 3);
  EXPECT_EQ(last.problem().code(), "override.limit");
  EXPECT_THAT(last.problem().remedy(), HasSubstr("the next one may be granted at "));
  const auto nobody = grant(uwe, "niemand", "test.einsatz", "grosslage", 60);
  EXPECT_EQ(nobody->answers(0).problem().code(), "person.unknown");
  EXPECT_EQ(uwe.api().overrides(uwe.credentials())->overrides_size(), granted_count);

  const auto ledger = bernd.api().ledger(bernd.credentials());
  ASSERT_TRUE(ledger) << policy::base::to_string(ledger.error());
  ASSERT_EQ(ledger->overrides_size(), granted_count);
  EXPECT_EQ(ledger->overrides(0).reason(), "grosslage");
  EXPECT_EQ(ledger->overrides(0).granted_by(), "uwe");
  EXPECT_EQ(ledger->interruptions_size(), 1) << "what came through it disturbed a rest";
  EXPECT_GT(ledger->stretches_size(), 0);

  const auto entries = log_of("override-granted", "grosslage");
  EXPECT_THAT(entries, HasSubstr("grosslage"));
  EXPECT_THAT(entries, Not(HasSubstr("bernd")));
  EXPECT_THAT(log_of("override-refused", "limit"), HasSubstr("limit"));
}

TEST_F(Openings, AnOverrideOutlivesTheGateway) {
  auto& uwe = enter(uwe_, "uwe");
  auto& bernd = enter(bernd_, "bernd");
  const auto granted = grant(uwe, "bernd", "test.einsatz", "grosslage", 7200);
  ASSERT_TRUE(granted);
  station_->restart_gateway();
  ASSERT_TRUE(bernd.connect());
  EXPECT_EQ(effect_of(gate(bernd), 2), "deliver");
  // Also when people, roster and rules are read again.
  station_->write_roster(roster_header() + on_duty_now("anna"));
  std::this_thread::sleep_for(std::chrono::seconds(4));
  EXPECT_EQ(effect_of(gate(bernd), 2), "deliver");
  EXPECT_EQ(gate(bernd).classes(2).until_s(), granted->answers(0).until_s());
}

TEST_F(Openings, AnOpeningOfOnesOwnIsNobodyElsesBusiness) {
  auto& anna = enter(anna_, "anna");
  auto& bernd = enter(bernd_, "bernd");
  const auto conversation = anna.open({"bernd"});
  ASSERT_TRUE(anna.send(conversation, "wartet"));
  const auto opened = bernd.api().own_gate(bernd.credentials(), Seconds{5 * 3600});
  ASSERT_TRUE(opened) << policy::base::to_string(opened.error());
  EXPECT_LE(opened->open_until_s(), station_->clock().now().unix_s + 7200) << "cut to what the rules admit";
  const auto delivery = bernd.next_delivery(5000);
  ASSERT_TRUE(delivery);
  bernd.ack(*delivery);
  // What is closed within the second in which it was opened has no length, and leaves nothing to show.
  const auto opened_at = station_->clock().now();
  while (station_->clock().now() <= opened_at) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  ASSERT_TRUE(bernd.api().own_gate(bernd.credentials(), Seconds{0}));
  EXPECT_TRUE(bernd.next(
      [](const pb::ServerFrame& frame) { return frame.has_gate() && effect_of(frame.gate(), 0) == "hold"; }, 5000));
  EXPECT_TRUE(anna.send(conversation, "wartet wieder")->later());
  EXPECT_EQ(bernd.api().ledger(bernd.credentials())->openings_size(), 1);
  EXPECT_EQ(anna.api().ledger(anna.credentials())->openings_size(), 0);
  const auto everything =
      tests::support::run({tests::support::program("feierabend-audit"), "show", log_folder(), "--key", log_key(),
                           "--purpose", "lawfulness", "--readings", (station_->folder() / "readings").string()},
                          {}, 60'000, {{"LANG", "C"}});
  EXPECT_THAT(everything.out, Not(HasSubstr("opened their own gate"))) << "one person is no count of five";
  EXPECT_THAT(everything.out, HasSubstr("session opened")) << "the search itself";
}

TEST_F(Openings, AMarkedTextNeverLeavesTheDevice) {
  cli_log_in("anna");
  enter(bernd_, "bernd");
  const std::string marked = "VS-NfD " + std::string(30'000, 'x');
  const auto before = wire_.bytes_to_server();
  const auto stopped = cli("anna", {"send", "bernd", marked});
  EXPECT_EQ(stopped.exit_code, 65) << stopped.out << stopped.err;
  EXPECT_THAT(stopped.out, HasSubstr("content.stopped"));
  EXPECT_THAT(stopped.out, HasSubstr("Verschlusssache"));
  EXPECT_THAT(stopped.out, HasSubstr("VSA"));
  EXPECT_LT(wire_.bytes_to_server() - before, marked.size() / 2) << "more than a handshake and questions went out";

  EXPECT_EQ(cli("anna", {"send", "bernd", "siehe Az. 4/26"}).exit_code, 65);
  const auto confirmed = cli("anna", {"send", "bernd", "siehe Az. 4/26", "--yes-send-anyway"});
  EXPECT_EQ(confirmed.exit_code, 0) << confirmed.out << confirmed.err;
  EXPECT_EQ(cli("anna", {"send", "bernd", "VS-NfD", "--yes-send-anyway"}).exit_code, 65) << "a stop is no warning";
  const auto free_before = wire_.bytes_to_server();
  EXPECT_EQ(cli("anna", {"send", "bernd", std::string(30'000, 'x')}).exit_code, 0);
  EXPECT_GT(wire_.bytes_to_server() - free_before, 30'000U) << "the tap would have seen it";
}

TEST_F(Openings, ALabelThatTheRulesDoNotAllowIsRefusedOnBothSides) {
  cli_log_in("anna");
  enter(bernd_, "bernd");
  const auto refused = cli("anna", {"send", "bernd", "x", "--label", "geheim"});
  EXPECT_EQ(refused.exit_code, 77) << refused.out << refused.err;
  EXPECT_THAT(refused.out, HasSubstr("label.not-allowed"));
  EXPECT_EQ(cli("anna", {"send", "bernd", "x", "--label", "intern"}).exit_code, 0);
  // A client that does not look itself.
  auto& uwe = enter(uwe_, "uwe");
  const auto conversation = uwe.open({"anna"});
  auto frame = uwe.sealed(conversation, "x");
  ASSERT_TRUE(frame) << policy::base::to_string(frame.error());
  frame->mutable_send()->mutable_envelope()->set_label("geheim");
  const auto answer = uwe.ask(*frame);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "label.not-allowed");
  EXPECT_THAT(log_of("message-refused", "label"), HasSubstr("label"));
}

}  // namespace
