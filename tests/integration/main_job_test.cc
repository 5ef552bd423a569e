// The main job on the real programs: what is for somebody off duty waits in the relay until the gate opens by itself.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "tests/support/station/off_duty_pack.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"
#include "tests/support/wiretap/wiretap.h"

namespace {

using policy::base::Instant;
using policy::base::kHour;
using policy::base::Seconds;
using tests::support::kOffDutyPack;
using tests::support::on_duty_now;
using tests::support::roster_header;
using tests::support::roster_line;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;
using tests::support::Wiretap;
namespace pb = feierabend::v1;

Instant now() { return policy::base::SystemClock().now(); }

void sleep_ms(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

bool is_gate(const pb::ServerFrame& frame) { return frame.has_gate(); }
std::string routine_effect(const pb::ServerFrame& frame) { return frame.gate().classes(0).effect(); }

class MainJob : public ::testing::Test {
 protected:
  // Bernd's gate opens after `opens_in_s`. His device talks through the tap, so that the test sees what a network sees.
  void start(int opens_in_s) {
    tests::support::write_file(packs_ / "pack.toml", kOffDutyPack);
    begin_ = now() + Seconds{opens_in_s};
    station_.emplace("main-job",
                     Station::Options{.people = {{"anna"}, {"bernd"}, {"dora", "Dora", "leitstelle", {"leitstelle"}}},
                                      .roster = roster_header() + on_duty_now("anna") + on_duty_now("dora") +
                                                roster_line("bernd", "duty", begin_, begin_ + kHour),
                                      .packs = {packs_ / "pack.toml"},
                                      .gateway_arguments = {"--ping-interval", "3600", "--origin",
                                                            "https://127.0.0.1:" + std::to_string(wire_.port())}});
    station_->start_relay();
    station_->start_gateway();
    wire_.forward_to(station_->port());
    anna_.emplace(station_->url(), station_->ca());
    anna_->log_in("anna", anna_secret_);
    ASSERT_TRUE(anna_->connect());
    bernd_.emplace("https://127.0.0.1:" + std::to_string(wire_.port()), station_->ca());
    bernd_->log_in("bernd", bernd_secret_);
    const auto connected = bernd_->connect();
    ASSERT_TRUE(connected) << policy::base::to_string(connected.error());
    const auto gate = bernd_->next(is_gate, 5000);
    ASSERT_TRUE(gate);
    ASSERT_EQ(routine_effect(*gate), "hold") << "the machine is too slow for this test: Bernd's gate is open already";
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }

  TemporaryFolder packs_{"pack"};
  Wiretap wire_;
  std::optional<Station> station_;
  std::optional<TestDevice> anna_, bernd_;
  Instant begin_;
  std::string anna_secret_, bernd_secret_, dora_secret_;
};

TEST_F(MainJob, NothingIsOnTheWireUntilTheGateOpensByItself) {
  start(12);
  const auto conversation = anna_->open({"bernd"});
  sleep_ms(300);  // what belongs to the login has arrived
  const std::uint64_t before = wire_.bytes_to_client();
  ASSERT_GT(before, 0U);
  const auto accepted = anna_->send(conversation, "Streifenplan für morgen");
  ASSERT_TRUE(accepted) << policy::base::to_string(accepted.error());
  EXPECT_TRUE(accepted->later());
  EXPECT_EQ(accepted->sequence(), 3U) << "after a commit and its Welcome";

  while (now() < begin_ - Seconds{1}) {
    ASSERT_EQ(wire_.bytes_to_client(), before) << "bytes reached a device off duty";
    sleep_ms(20);
  }
  const auto delivery = bernd_->next_delivery(5000);
  const Instant arrived = now();
  ASSERT_TRUE(delivery);
  EXPECT_EQ(arrived, begin_);
  EXPECT_EQ(delivery->sender(), "anna");
  EXPECT_EQ(bernd_->read(*delivery), "Streifenplan für morgen");
  // The tap would have seen it: at least the ciphertext's size came through.
  EXPECT_GE(wire_.bytes_to_client() - before, delivery->stored().envelope().ciphertext().size());
  bernd_->ack(*delivery);
}

TEST_F(MainJob, AnAlarmPassesAndOnlyFromThoseWhoMay) {
  start(3600);
  const auto refused = anna_->send(anna_->open({"bernd"}), "Alarm!", pb::ALARM, "grosslage");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "alarm.not-permitted");
  TestDevice dora(station_->url(), station_->ca());
  dora.log_in("dora", dora_secret_);
  ASSERT_TRUE(dora.connect());
  const auto conversation = dora.open({"bernd"});
  const auto without_reason = dora.send(conversation, "Alarm!", pb::ALARM, "langeweile");
  ASSERT_FALSE(without_reason);
  EXPECT_EQ(without_reason.error().code, "alarm.unknown-reason");
  EXPECT_NE(without_reason.error().allowed.find("grosslage"), std::string::npos);
  ASSERT_TRUE(dora.send(conversation, "Routine wartet"));
  const auto accepted = dora.send(conversation, "Großlage am Sand", pb::ALARM, "grosslage");
  ASSERT_TRUE(accepted) << policy::base::to_string(accepted.error());
  EXPECT_FALSE(accepted->later());
  const auto delivery = bernd_->next_delivery(5000);
  ASSERT_TRUE(delivery);
  EXPECT_EQ(bernd_->read(*delivery), "Großlage am Sand");
  EXPECT_EQ(delivery->stored().sequence(), 4U) << "the routine message before it still waits";
}

TEST_F(MainJob, ADeviceThatWasOffCatchesUpOnceTheGateIsOpen) {
  start(8);
  bernd_->disconnect();
  const auto conversation = anna_->open({"bernd"});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(anna_->send(conversation, "Nachricht " + std::to_string(i)));
  while (now() < begin_) sleep_ms(50);
  ASSERT_TRUE(bernd_->connect());
  for (int i = 0; i < 100; ++i) {
    const auto delivery = bernd_->next_delivery(5000);
    ASSERT_TRUE(delivery) << i;
    EXPECT_EQ(bernd_->read(*delivery), "Nachricht " + std::to_string(i));
    bernd_->ack(*delivery);
  }
  // Acknowledged is acknowledged: another connection brings nothing again.
  pb::ClientFrame status;
  status.mutable_status()->set_conversation(conversation.conversation());
  status.mutable_status()->set_sequence(100);
  for (int i = 0; i < 100; ++i) {
    const auto state = anna_->ask(status);
    ASSERT_TRUE(state);
    if (state->status().state() == pb::DELIVERED) break;
    sleep_ms(50);
  }
  EXPECT_EQ(anna_->ask(status)->status().state(), pb::DELIVERED);
  ASSERT_TRUE(bernd_->connect());
  EXPECT_FALSE(bernd_->next_delivery(700));
}

TEST_F(MainJob, ARosterThatChangesMovesARunningGate) {
  start(3600);
  ASSERT_TRUE(anna_->send(anna_->open({"bernd"}), "gleich"));
  station_->write_roster(roster_header() + on_duty_now("anna") + on_duty_now("bernd"));
  EXPECT_TRUE(bernd_->next_delivery(10'000));
}

TEST_F(MainJob, AStreamNeedsTheRightOrigin) {
  start(3600);
  Wiretap elsewhere;
  elsewhere.forward_to(station_->port());
  TestDevice other("https://127.0.0.1:" + std::to_string(elsewhere.port()), station_->ca());
  other.log_in("anna", anna_secret_, 1);
  const auto refused = other.connect();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "http.origin");
}

// Gateway and relay on different machines: nothing changes but the link between them.
TEST(OverMutualTls, AMessageIsAcceptedAndDelivered) {
  TemporaryFolder packs("pack");
  tests::support::write_file(packs / "pack.toml", kOffDutyPack);
  Station station("mtls", {.people = {{"anna"}, {"bernd"}},
                           .roster = roster_header() + on_duty_now("anna") + on_duty_now("bernd"),
                           .packs = {packs / "pack.toml"},
                           .relay_over_tls = true});
  station.start_relay();
  station.start_gateway();
  std::string anna_secret, bernd_secret;
  TestDevice anna(station.url(), station.ca()), bernd(station.url(), station.ca());
  anna.log_in("anna", anna_secret);
  bernd.log_in("bernd", bernd_secret);
  ASSERT_TRUE(anna.connect());
  ASSERT_TRUE(bernd.connect());
  const auto conversation = anna.open({"bernd"});
  const auto accepted = anna.send(conversation, "über zwei Rechner");
  ASSERT_TRUE(accepted) << policy::base::to_string(accepted.error()) << station.logs();
  EXPECT_FALSE(accepted->later());
  const auto delivery = bernd.next_delivery();
  ASSERT_TRUE(delivery) << station.logs();
  EXPECT_EQ(bernd.read(*delivery), "über zwei Rechner");
}

}  // namespace
