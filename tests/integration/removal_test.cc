// A device that has to leave its groups, on the real programs: whatever dies meanwhile, no message passes before a
// commit has taken it out, and afterwards messages pass.
#include <gmock/gmock.h>

#include <csignal>
#include <random>
#include <thread>

#include "gateway/store/store.h"
#include "policy/base/testing/seed.h"
#include "tests/support/station/peer.h"

namespace {

namespace mls = clients::mls;
namespace pb = feierabend::v1;
using ::testing::HasSubstr;
using tests::support::Peer;
using tests::support::Station;
using tests::support::TestDevice;

class Removal : public tests::support::ThreePeers {
 protected:
  void SetUp() override {
    ThreePeers::SetUp();
    begin();
  }
  void wipe(const Peer& peer) {
    TestDevice root(station_->url(), station_->ca());
    root.log_in("root", root_secret_);
    ASSERT_TRUE(root.api().wipe(root.credentials(), peer.device.id(), "stolen"));
  }
  void restart_gateway() {
    station_->restart_gateway();
    for (auto* const peer : {&anna_, &cora_}) ASSERT_TRUE((*peer)->device.connect());
  }
  // Cora takes out whoever the service has proposed, and the others go on.
  void remove_and_go_on() {
    const auto members = cora_->group->members().size();
    ASSERT_EQ(cora_->commit({}), "");
    EXPECT_EQ(cora_->group->members().size(), members - 1);
    while (anna_->group->epoch() < cora_->group->epoch()) ASSERT_TRUE(anna_->take(pb::COMMIT));
    EXPECT_EQ(anna_->send("ohne Bernds Gerät"), "");
    EXPECT_EQ(cora_->take(pb::APPLICATION), "ohne Bernds Gerät");
  }
  // What the service refuses messages with, once it does.
  std::string refusal_of_messages() {
    for (int i = 0; i < 100; ++i) {
      if (auto code = anna_->send("zu früh"); !code.empty()) return code;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return "";
  }
  pb::Conversation looked_up(Peer& peer) {
    pb::ClientFrame question;
    question.mutable_open()->set_conversation(peer.conversation.conversation());
    const auto answer = peer.device.ask(question);
    EXPECT_TRUE(answer);
    return answer ? answer->conversation() : pb::Conversation();
  }
  mls::Proposal change_over(Peer& peer) {
    const auto senders = looked_up(peer).external_senders();
    return mls::GroupContextExtensions{
        {{static_cast<std::uint16_t>(mls::ExtensionType::kExternalSenders), tests::support::bytes_of(senders)}}};
  }
  void expect_no_start(const char* code) const {
    const auto finished = tests::support::run(station_->gateway_command());
    EXPECT_EQ(finished.exit_code, 66);  // EX_NOINPUT
    EXPECT_THAT(finished.err, HasSubstr(code));
    EXPECT_THAT(finished.err, HasSubstr("new-groups-key")) << "the way on";
  }
  void make_new_key() {
    const auto finished = tests::support::run(station_->gateway_command({"new-groups-key"}));
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_THAT(finished.out, HasSubstr("a new key is in place"));
  }

  std::string root_secret_;
};

TEST_F(Removal, TheGatewayDiesBetweenProposalAndCommit) {
  wipe(*bernd_);
  ASSERT_TRUE(cora_->take(pb::PROPOSAL));
  restart_gateway();
  EXPECT_EQ(anna_->send("zu früh"), "group.removal-pending");
  EXPECT_EQ(anna_->commit({.path = true}), "group.removal-pending");
  remove_and_go_on();
}

TEST_F(Removal, TheGatewayDiesWithTheWipeJustDone) {
  wipe(*bernd_);
  restart_gateway();  // whether it had proposed anything or not
  ASSERT_TRUE(cora_->take(pb::PROPOSAL));
  EXPECT_EQ(anna_->send("zu früh"), "group.removal-pending");
  remove_and_go_on();
}

TEST_F(Removal, TheGatewayDiesWithTheCommitOnItsWayToTheRelay) {
  wipe(*bernd_);
  ASSERT_TRUE(cora_->take(pb::PROPOSAL));
  const auto staged = cora_->prepare({});
  station_->relay().signal(SIGSTOP);
  EXPECT_FALSE(cora_->device.ask(staged.frame, 1000)) << "nobody answers";
  station_->gateway().kill();
  station_->relay().signal(SIGCONT);
  restart_gateway();
  // Either the relay has it, or the gateway sends it again: the same answer to the repeat.
  std::string code = "none";
  for (int i = 0; i < 100 && !code.empty(); ++i) {
    const auto answer = cora_->device.ask(staged.frame);
    code = answer ? "" : answer.error().code;
    if (!code.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_EQ(code, "");
  cora_->group = staged.group;
  EXPECT_EQ(looked_up(*cora_).epoch(), 2U);
  while (anna_->group->epoch() < 2) ASSERT_TRUE(anna_->take(pb::COMMIT));
  EXPECT_EQ(anna_->group->members().size(), 2U);
  EXPECT_EQ(anna_->send("weiter"), "");
  EXPECT_EQ(cora_->take(pb::APPLICATION), "weiter");
}

TEST_F(Removal, WhoLeavesTheHouseLeavesTheGroups) {
  station_->write_directory({{"anna"}, {"cora"}, {"root", "Root", "technik", {"messenger-admins"}}});
  ASSERT_TRUE(cora_->take(pb::PROPOSAL));
  EXPECT_EQ(anna_->send("zu früh"), "group.removal-pending");
  remove_and_go_on();
}

TEST_F(Removal, ALostKeyIsNoticedAtTheStartAndTheGroupsAreChangedOver) {
  const auto key = station_->gateway_data() / "mls.key";
  station_->gateway().stop();
  const auto bytes = tests::support::read_file(key);
  tests::support::write_file(key, std::string(bytes.size(), 'x'));
  expect_no_start("key.other");
  std::filesystem::remove(key);
  expect_no_start("key.lost");
  make_new_key();
  restart_gateway();
  EXPECT_EQ(anna_->send("noch muss niemand gehen"), "");
  wipe(*bernd_);
  EXPECT_EQ(refusal_of_messages(), "group.removal-pending");
  EXPECT_THAT(station_->logs(), HasSubstr("group.other-key"));
  restart_gateway();
  EXPECT_EQ(anna_->send("zu früh"), "group.removal-pending") << "not forgotten";
  ASSERT_EQ(cora_->commit({.proposals = {change_over(*cora_)}}), "");
  EXPECT_EQ(cora_->group->members().size(), 3U);
  ASSERT_TRUE(cora_->take(pb::PROPOSAL));
  remove_and_go_on();
}

TEST_F(Removal, AKeyThatIsThereMayBeChanged) {
  station_->gateway().stop();
  const auto before = tests::support::read_file(station_->gateway_data() / "mls.key");
  make_new_key();
  EXPECT_NE(tests::support::read_file(station_->gateway_data() / "mls.key"), before);
  restart_gateway();
  const auto busy = tests::support::run(station_->gateway_command({"new-groups-key"}));
  EXPECT_NE(busy.exit_code, 0);
  EXPECT_THAT(busy.err, HasSubstr("folder.locked")) << "not under a running gateway";
  ASSERT_EQ(cora_->commit({.proposals = {change_over(*cora_)}}), "");
  ASSERT_TRUE(anna_->take(pb::COMMIT));
  EXPECT_EQ(anna_->send("weiter"), "");
  // The gateway's word counts as before.
  wipe(*bernd_);
  ASSERT_TRUE(cora_->take(pb::PROPOSAL));
  remove_and_go_on();
}

// Anna and Bernd with the program that people use; the others are there to be removed.
class ShippedClients : public ::testing::Test {
 protected:
  static constexpr int kOthers = 5;

  void SetUp() override {
    tests::support::write_file(folder_ / "pack.toml", tests::support::kOpenPack);
    tests::support::write_file(folder_ / "password", std::string(tests::support::kPassword) + "\n");
    tests::support::write_file(folder_ / "pin", "4711-Moorweg\n");
    std::vector<tests::support::PersonSpec> people{
        {"anna"}, {"bernd"}, {"root", "Root", "technik", {"messenger-admins"}}};
    for (int i = 0; i < kOthers; ++i) people.push_back({"cora" + std::to_string(i)});
    station_.emplace("clients", Station::Options{.people = people, .roster = {}, .packs = {folder_ / "pack.toml"}});
    station_->start_relay();
    station_->start_gateway();
    for (const char* person : {"anna", "bernd"})
      ask(person, {"login", "--server", station_->url(), "--ca", station_->ca(), "--user", person, "--totp-secret-file",
                   folder_ / (std::string(person) + ".totp"), "--device-name", "Diensthandy"});
    for (int i = 0; i < kOthers; ++i) {
      std::string secret;
      auto& other = others_.emplace_back(std::make_unique<TestDevice>(station_->url(), station_->ca()));
      other->log_in("cora" + std::to_string(i), secret);
      ASSERT_TRUE(other->connect());
    }
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }
  std::vector<std::string> command(const std::string& home, std::vector<std::string> words) const {
    std::vector<std::string> out{tests::support::program("feierabend"), "--home", folder_ / home, "--json"};
    out.insert(out.end(), words.begin(), words.end());
    return out;
  }
  std::map<std::string, std::string> environment() const {
    return {{"FEIERABEND_PIN_FILE", folder_ / "pin"}, {"FEIERABEND_PASSWORD_FILE", folder_ / "password"}};
  }
  std::string ask(const std::string& home, std::vector<std::string> words) const {
    const auto finished = tests::support::run(command(home, std::move(words)), {}, 60'000, environment());
    EXPECT_EQ(finished.exit_code, 0) << finished.out << finished.err;
    return finished.out;
  }
  // Begins the conversation; its id.
  std::string send_to_all(const std::string& text) const {
    std::vector<std::string> words{"send", "bernd"};
    for (int i = 0; i < kOthers; ++i) words.push_back("cora" + std::to_string(i));
    words.push_back(text);
    const auto answer = ask("anna", words);
    const std::string name = "\"conversation\":\"";
    EXPECT_THAT(answer, HasSubstr(name));
    return answer.substr(answer.find(name) + name.size(), std::size_t{32});
  }
  // Who has a device in the group, as the gateway knows.
  std::vector<std::string> people_in_group() const {
    auto store = gateway::store::Store::open(station_->gateway_data() / "gateway.db");
    EXPECT_TRUE(store);
    return (*store)->people_with_leaves().value();
  }

  tests::support::TemporaryFolder folder_{"clients"};
  std::optional<Station> station_;
  std::vector<std::unique_ptr<TestDevice>> others_;
};

TEST_F(ShippedClients, AClientThatIsKilledAtAnyMomentOfARemovalStopsNobody) {
  const auto conversation = send_to_all("eins");
  ask("bernd", {"listen", "--count", "1", "--for", "30s"});
  ASSERT_EQ(people_in_group().size(), 2U + kOthers);
  std::string secret;
  TestDevice root(station_->url(), station_->ca());
  root.log_in("root", secret);
  std::mt19937 dice(policy::base::seed_from_environment("FEIERABEND_SEED"));
  for (const auto& other : others_) {
    tests::support::Process listening(command("bernd", {"listen"}), {environment(), folder_ / "heard"});
    ASSERT_TRUE(root.api().wipe(root.credentials(), other->id(), "stolen"));
    // The proposal is there within milliseconds, the client's turn after 0.3 to 0.6 seconds.
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 1500)(dice)));
    listening.kill();
  }
  EXPECT_THAT(ask("anna", {"send", "--conversation", conversation, "zwei"}), HasSubstr("accepted"));
  EXPECT_THAT(ask("bernd", {"listen", "--count", "1", "--for", "30s"}), HasSubstr("zwei"));
  EXPECT_THAT(people_in_group(), ::testing::ElementsAre("anna", "bernd"));
}

// Bernd was away while one of those beside whom he was welcomed was wiped: the log still proves that device.
TEST_F(ShippedClients, WhoWasAwayReadsWhatWasWrittenBesideADeviceThatIsGone) {
  const auto conversation = send_to_all("eins");
  std::string secret;
  TestDevice root(station_->url(), station_->ca());
  root.log_in("root", secret);
  ASSERT_TRUE(root.api().wipe(root.credentials(), others_[0]->id(), "stolen"));
  EXPECT_THAT(ask("anna", {"listen", "--for", "3s"}), HasSubstr("device-left"));
  EXPECT_THAT(ask("anna", {"send", "--conversation", conversation, "zwei"}), HasSubstr("accepted"));
  const auto heard = ask("bernd", {"listen", "--count", "2", "--for", "30s"});
  EXPECT_THAT(heard, HasSubstr("\"text\":\"eins\""));
  EXPECT_THAT(heard, HasSubstr("\"text\":\"zwei\""));
  EXPECT_EQ(people_in_group().size(), 1U + kOthers);
}

}  // namespace
