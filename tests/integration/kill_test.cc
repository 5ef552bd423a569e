// Kill -9 of relay and gateway in a loop while messages flow in all directions. What a sender was told is accepted
// comes to every reader; sequences have no gap; what a reader has acknowledged, and has then heard the relay answer,
// does not come again; the audit log is whole.
//
// FEIERABEND_KILL_SEED repeats a run's choices (not its timing).
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include "audit/pseudonym/pseudonym.h"
#include "tests/support/station/open_pack.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;
namespace pb = feierabend::v1;

constexpr std::int64_t kChaos_ms = 12'000;
constexpr std::int64_t kCatchUp_ms = 30'000;
constexpr std::int64_t kAnswer_ms = 3'000;
constexpr std::size_t kSettleEvery = 8;  // deliveries between two round trips

void sleep_ms(std::int64_t milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

std::uint64_t chosen_seed() {
  if (const char* const given = std::getenv("FEIERABEND_KILL_SEED")) return std::strtoull(given, nullptr, 10);
  return std::random_device{}();
}

using Place = std::pair<std::string, std::uint64_t>;  // conversation and sequence

// A person with a phone, on one thread: sends, repeats what was not acknowledged, reads, acknowledges.
class Talker {
 public:
  Talker(const Station& station, std::string name)
      : name_(std::move(name)), device_(station.url(), station.ca()), random_(std::hash<std::string>{}(name_)) {
    std::string secret;
    device_.log_in(name_, secret);
    EXPECT_TRUE(device_.connect());
  }

  void add(pb::Conversation conversation) { conversations_.push_back(std::move(conversation)); }
  TestDevice& device() { return device_; }

  void talk(const std::atomic<bool>& stop) {
    while (!stop) {
      send_one();
      for (int i = 0; i < 5; ++i)
        if (auto delivery = device_.next_delivery(2)) receive(*delivery);
      if (unsettled_.size() >= kSettleEvery) settle();
    }
  }
  // Reads until it has everything of `expected` and the relay knows so. What is missing when that takes too long.
  std::string catch_up(const std::map<Place, std::string>& expected) {
    const auto missing = [&] {
      return std::ranges::count_if(expected, [&](const auto& one) { return !received_.contains(one.first); });
    };
    const auto end = clock_.elapsed_ms() + kCatchUp_ms;
    while ((missing() > 0 || !unsettled_.empty()) && clock_.elapsed_ms() < end) {
      if (!reconnect()) continue;
      while (auto delivery = device_.next_delivery(50)) receive(*delivery);
      settle();
    }
    if (missing() == 0 && unsettled_.empty()) return {};
    return name_ + " misses " + std::to_string(missing()) + " of " + std::to_string(expected.size()) + ", " +
           std::to_string(unsettled_.size()) + " unsettled; " + device_.lost() + " " + last_problem_;
  }

  const std::string& name() const { return name_; }
  const std::vector<pb::Conversation>& conversations() const { return conversations_; }
  const std::map<Place, std::string>& accepted() const { return accepted_; }
  const std::map<Place, std::string>& received() const { return received_; }
  std::size_t repeated_sends() const { return repeated_sends_; }
  std::size_t again_before_settled() const { return again_; }
  const std::vector<Place>& twice() const { return twice_; }

 private:
  bool reconnect() {
    if (device_.connected()) return true;
    if (device_.connect()) return true;
    sleep_ms(20);
    return false;
  }
  // Until it is acknowledged, under the same message id: whatever was killed meanwhile.
  void send_one() {
    const auto& conversation = conversations_[random_() % conversations_.size()];
    const std::string text = name_ + " " + std::to_string(++sent_), id = device_.new_message_id();
    const auto end = clock_.elapsed_ms() + kCatchUp_ms;
    std::string last;
    for (int attempt = 0; clock_.elapsed_ms() < end; ++attempt) {
      if (!reconnect()) continue;
      const auto accepted = device_.send(conversation, text, pb::ROUTINE, {}, id);
      repeated_sends_ += attempt > 0 ? 1 : 0;
      if (accepted) {
        const bool fresh = accepted_.emplace(Place{conversation.conversation(), accepted->sequence()}, text).second;
        EXPECT_TRUE(fresh) << name_ << ": one sequence for two messages";
        return;
      }
      last = policy::base::to_string(accepted.error());
      sleep_ms(10);
    }
    ADD_FAILURE() << name_ << ": '" << text << "' was never accepted: " << last;
  }
  void receive(const pb::Delivery& delivery) {
    const Place place{delivery.stored().envelope().conversation(), delivery.stored().sequence()};
    if (settled_.contains(place)) twice_.push_back(place);
    const auto conversation = std::ranges::find(conversations_, place.first, &pb::Conversation::conversation);
    ASSERT_NE(conversation, conversations_.end());
    const auto [known, fresh] = received_.emplace(place, device_.read(delivery));
    if (!fresh) ++again_;
    device_.ack(delivery);
    unsettled_.insert(place);
  }
  // The relay has answered something that was asked after the acknowledgements, so it has those too. What was on the
  // way until then was sent before and is no second delivery.
  void settle() {
    if (unsettled_.empty() || accepted_.empty() || !reconnect()) return;
    for (const auto& [conversation, sequence] : unsettled_) acknowledge(conversation, sequence);
    pb::ClientFrame question;
    question.mutable_status()->set_conversation(accepted_.begin()->first.first);  // only one's own can be asked about
    question.mutable_status()->set_sequence(accepted_.begin()->first.second);
    const auto acknowledged = unsettled_;
    if (const auto answer = device_.ask(question, kAnswer_ms); !answer) {
      last_problem_ = policy::base::to_string(answer.error());
      return;
    }
    while (auto delivery = device_.next_delivery(0)) receive(*delivery);
    settled_.insert(acknowledged.begin(), acknowledged.end());
    std::erase_if(unsettled_, [&](const Place& place) { return acknowledged.contains(place); });
  }
  // Again, for those whose acknowledgement went into a connection that was cut.
  void acknowledge(const std::string& conversation, std::uint64_t sequence) {
    pb::Delivery again;
    again.mutable_stored()->set_sequence(sequence);
    again.mutable_stored()->mutable_envelope()->set_conversation(conversation);
    again.mutable_stored()->mutable_envelope()->set_message_class(pb::ROUTINE);
    device_.ack(again);
  }

  const std::string name_;
  policy::base::SystemClock clock_;
  TestDevice device_;
  std::mt19937_64 random_;
  std::vector<pb::Conversation> conversations_;
  std::map<Place, std::string> accepted_, received_;
  std::set<Place> unsettled_, settled_;
  std::vector<Place> twice_;
  std::string last_problem_;
  std::size_t sent_ = 0, repeated_sends_ = 0, again_ = 0;
};

class Kill : public ::testing::Test {
 protected:
  void SetUp() override {
    tests::support::write_file(packs_ / "pack.toml", tests::support::kOpenPack);
    station_.emplace("kill", Station::Options{.people = {{"anna"}, {"bernd"}, {"clara"}, {"david"}},
                                              .roster = {},
                                              .packs = {packs_ / "pack.toml"}});
    station_->start_relay();
    station_->start_gateway();
    for (const char* const name : {"anna", "bernd", "clara", "david"})
      talkers_.push_back(std::make_unique<Talker>(*station_, name));
    meet({0, 1});
    meet({2, 3});
    meet({0, 1, 2, 3});
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }

  // Everybody knows all devices before anything is killed.
  void meet(const std::vector<std::size_t>& who) {
    std::vector<std::string> others;
    for (std::size_t i = 1; i < who.size(); ++i) others.push_back(talkers_[who[i]]->name());
    const auto conversation = talkers_[who[0]]->device().open(others);
    for (const std::size_t one : who) {
      const auto gathered = talkers_[one]->device().gather(conversation);
      ASSERT_TRUE(gathered) << policy::base::to_string(gathered.error());
      talkers_[one]->add(conversation);
    }
  }
  // What this person must have read: everything accepted from the others in shared conversations.
  std::map<Place, std::string> expected_of(const Talker& reader) const {
    std::map<Place, std::string> out;
    for (const auto& other : talkers_) {
      if (other.get() == &reader) continue;
      for (const auto& [place, text] : other->accepted())
        if (std::ranges::find(reader.conversations(), place.first, &pb::Conversation::conversation) !=
            reader.conversations().end())
          out.emplace(place, text);
    }
    return out;
  }
  std::size_t wreak_havoc(std::mt19937_64& random) {
    const auto end = clock_.elapsed_ms() + kChaos_ms;
    std::size_t kills = 0;
    while (clock_.elapsed_ms() < end) {
      sleep_ms(static_cast<std::int64_t>(100 + random() % 600));
      const auto choice = random() % 3;  // relay, gateway, both
      if (choice != 1) station_->relay().kill();
      if (choice != 0) station_->gateway().kill();
      sleep_ms(static_cast<std::int64_t>(random() % 100));
      if (choice != 1) station_->start_relay();
      if (choice != 0) station_->start_gateway();
      kills += choice == 2 ? 2 : 1;
    }
    return kills;
  }
  void check_sequences() const {
    std::map<std::string, std::set<std::uint64_t>> given;
    std::size_t accepted = 0;
    for (const auto& talker : talkers_) {
      accepted += talker->accepted().size();
      for (const auto& [place, text] : talker->accepted()) given[place.first].insert(place.second);
    }
    std::size_t places = 0;
    for (const auto& [conversation, sequences] : given) {
      // After the handshakes of the group.
      EXPECT_EQ(*sequences.rbegin() - *sequences.begin() + 1, sequences.size())
          << "a gap in the sequences that were acknowledged";
      places += sequences.size();
    }
    EXPECT_EQ(places, accepted) << "two senders were given one place";
  }
  void check_audit_log() {
    station_->gateway().stop();
    const auto year = std::to_string(audit::pseudonym::year_of(clock_.now()));
    const auto folder = station_->gateway_data() / "audit";
    const auto verified =
        tests::support::run({tests::support::program("feierabend-audit"), "verify", (folder / year).string(), "--key",
                             (folder / (year + ".vkey")).string(), "--json"});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }

  TemporaryFolder packs_{"pack"};
  policy::base::SystemClock clock_;
  std::optional<Station> station_;
  std::vector<std::unique_ptr<Talker>> talkers_;
};

TEST_F(Kill, WhatWasAcknowledgedIsThereAndOnlyOnce) {
  const std::uint64_t seed = chosen_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  std::atomic<bool> stop{false};
  std::size_t kills = 0;
  {
    std::vector<std::jthread> threads;
    for (const auto& talker : talkers_) threads.emplace_back([&stop, &talker] { talker->talk(stop); });
    kills = wreak_havoc(random);
    stop = true;
  }
  std::size_t accepted = 0, repeated = 0, again = 0;
  for (const auto& talker : talkers_) {
    const auto expected = expected_of(*talker);
    EXPECT_EQ(talker->catch_up(expected), "");
    for (const auto& [place, text] : expected) {
      const auto found = talker->received().find(place);
      ASSERT_NE(found, talker->received().end()) << talker->name() << " never got '" << text << "'";
      EXPECT_EQ(found->second, text);
    }
    EXPECT_TRUE(talker->twice().empty()) << talker->name() << " got again what was settled";
    EXPECT_EQ(talker->received().size(), expected.size()) << talker->name() << " got what nobody was told is accepted";
    accepted += talker->accepted().size();
    repeated += talker->repeated_sends();
    again += talker->again_before_settled();
  }
  check_sequences();
  std::printf(
      "%zu kills; %zu messages accepted, %zu sends repeated, %zu deliveries repeated before they were settled\n", kills,
      accepted, repeated, again);
  EXPECT_GE(kills, 10U);
  EXPECT_GE(accepted, 100U) << "too little happened to mean anything";
  EXPECT_GT(repeated, 0U) << "no kill hit a message on its way";

  station_->relay().kill();
  station_->gateway().kill();
  station_->start_relay();
  station_->start_gateway();
  for (const auto& talker : talkers_) {
    ASSERT_TRUE(talker->device().connect());
    EXPECT_FALSE(talker->device().next_delivery(1000)) << talker->name() << " gets something a second time";
  }
  check_audit_log();
}

}  // namespace
