// What the gateway makes of its witnesses: when rules may come into force, what it keeps, and what it says.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "audit/log/log.h"
#include "audit/store/faulty.h"
#include "audit/store/memory.h"
#include "audit/witness/http/server.h"
#include "audit/witness/testing/small_log.h"
#include "gateway/witness/http_way.h"
#include "gateway/witness/keeper.h"
#include "gateway/witness/offered.h"

namespace gateway::witness {
namespace {

namespace store = audit::store;
using audit::checkpoint::CosigningKey;
using audit::checkpoint::TrustPolicy;
using audit::log::Log;
using audit::witness::SetClock;
using base::Instant;
using base::Seconds;

constexpr const char* kOrigin = "authority.example/feierabend/2026";

struct Written {
  Written(const audit::checkpoint::SigningKey& key, const SetClock& clock, base::Random& random)
      : log(Log::open({objects, lock, clock, random}, key).value()) {}
  void grow(int entries) const {
    for (int i = 0; i < entries; ++i) ASSERT_TRUE(log->append(audit::event::ServiceStopped{}));
    ASSERT_TRUE(log->settle());
  }
  store::MemoryObjects objects;
  store::MemoryLock lock;
  std::unique_ptr<Log> log;
};

struct Party {
  Party(const std::string& name, const SetClock& clock, base::Random& random)
      : witness(CosigningKey::generate(name + ".example", random).value(), clock) {}
  audit::witness::Witness witness;
  store::MemoryLock record;
  store::MemoryObjects doubts;
  bool reachable = true;
};

class Keeping : public ::testing::Test, public audit::witness::Way {
 protected:
  Keeping() {
    for (Party* party : {&officer_, &council_}) party->witness.add_log(key_.verifier(), party->record, party->doubts);
    log_.grow(3);
  }
  base::Result<Reply> add_checkpoint(const audit::checkpoint::KnownWitness& witness, const std::string& body) override {
    Party& party = witness.name == "officer" ? officer_ : council_;
    if (!party.reachable) return base::fail("socket.connect", "Connection refused");
    const auto answer = party.witness.add_checkpoint(body);
    return Reply{answer.status, answer.body};
  }
  TrustPolicy both() const {
    return TrustPolicy::parse("policy", "witness officer " + officer_.witness.verifier().text() + "\nwitness council " +
                                            council_.witness.verifier().text() +
                                            "\ngroup both all officer council\nquorum both\n")
        .value();
  }
  std::unique_ptr<Keeper> keeper() { return keeper(kept_); }
  std::unique_ptr<Keeper> keeper(audit::log::Objects& kept) {
    return std::make_unique<Keeper>(
        Keeper::Ports{policy_, *this, kept, clock_}, Keeper::Options{Seconds{3600}, Seconds{60}},
        [this]() -> base::Result<CurrentLog> { return CurrentLog{2026, &current_->objects, key_.verifier()}; },
        [this](const std::optional<base::Error>& fault) { told_.push_back(fault ? fault->code : ""); });
  }
  static std::string code(const base::Status& status) { return status ? "" : status.error().code; }
  void pass(Seconds time) { clock_.at = clock_.at.load() + time; }

  base::SystemRandom random_;
  SetClock clock_;
  audit::checkpoint::SigningKey key_ = audit::checkpoint::SigningKey::generate(kOrigin, random_).value();
  Written log_{key_, clock_, random_};
  const Written* current_ = &log_;
  Party officer_{"officer", clock_, random_}, council_{"council", clock_, random_};
  TrustPolicy policy_ = both();
  store::MemoryObjects kept_;
  std::vector<std::string> told_;
};

TEST_F(Keeping, AQuorumPermitsUntilItIsOld) {
  const auto keeper = this->keeper();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "quorum.old") << "nobody was asked yet";
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "");
  EXPECT_EQ(keeper->cosigned()->size, 3U);
  pass(Seconds{3600});
  EXPECT_EQ(code(keeper->permit(clock_.now())), "");
  pass(Seconds{1});
  EXPECT_EQ(code(keeper->permit(clock_.now())), "quorum.old");
  log_.grow(2);
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "");
  EXPECT_EQ(keeper->cosigned()->size, 5U);
  EXPECT_EQ(told_, std::vector<std::string>{}) << "a quorum from the start on is no news";
}

TEST_F(Keeping, AMissingWitnessIsNamedAndWaitedForAsLongAsTheQuorumIsYoung) {
  const auto keeper = this->keeper();
  council_.reachable = false;
  keeper->collect();
  const auto refused = keeper->permit(clock_.now());
  EXPECT_EQ(code(refused), "quorum.missing");
  EXPECT_EQ(refused.error().seen, "no quorum of witnesses: council: Connection refused");
  council_.reachable = true;
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "");
  council_.reachable = false;
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "") << "the quorum of a moment ago is young";
  pass(Seconds{3601});
  EXPECT_EQ(code(keeper->permit(clock_.now())), "quorum.missing");
  keeper->collect();
  EXPECT_EQ(told_, (std::vector<std::string>{"quorum.missing", "", "quorum.missing"})) << "told when it changes";
}

TEST_F(Keeping, AnObjectionStopsAtOnceHoweverYoungTheQuorumIs) {
  const auto keeper = this->keeper();
  keeper->collect();
  ASSERT_EQ(code(keeper->permit(clock_.now())), "");
  const Written other(key_, clock_, random_);
  other.grow(9);
  current_ = &other;
  keeper->collect();
  const auto refused = keeper->permit(clock_.now());
  EXPECT_EQ(code(refused), "witness.contradicts");
  EXPECT_EQ(refused.error().where, "witness officer");
  const Written shorter(key_, clock_, random_);
  shorter.grow(1);
  current_ = &shorter;
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "witness.ahead");
  current_ = &log_;
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "");
}

TEST_F(Keeping, ARestartKnowsTheQuorumAndSeesAReplacedLogWithoutAnyWitness) {
  keeper()->collect();
  officer_.reachable = council_.reachable = false;
  const auto again = keeper();
  again->collect();
  EXPECT_EQ(code(again->permit(clock_.now())), "");
  const Written other(key_, clock_, random_);
  other.grow(9);
  current_ = &other;
  const auto replaced = keeper();
  replaced->collect();
  EXPECT_EQ(code(replaced->permit(clock_.now())), "witness.contradicts");
  const Written shorter(key_, clock_, random_);
  shorter.grow(2);
  current_ = &shorter;
  replaced->collect();
  EXPECT_EQ(code(replaced->permit(clock_.now())), "witness.contradicts");
}

TEST_F(Keeping, WhatIsKeptIsCheckedAgain) {
  keeper()->collect();
  officer_.reachable = council_.reachable = false;
  auto& bytes = kept_.contents().at("2026.cosigned");
  const auto whole = bytes;
  // Only one of the two cosignatures.
  const std::string_view text = base::as_text(whole);
  bytes.resize(text.rfind("\xE2\x80\x94"));
  const auto again = keeper();
  again->collect();
  EXPECT_EQ(code(again->permit(clock_.now())), "quorum.missing");
  bytes = whole;
  bytes[bytes.size() - 5] ^= 1;
  again->collect();
  EXPECT_EQ(code(again->permit(clock_.now())), "quorum.missing");
}

TEST_F(Keeping, AWitnessWhoseClockRunsAheadCountsForNothing) {
  const auto keeper = this->keeper();
  pass(Seconds{7200});  // of the witnesses, too
  keeper->collect();
  pass(Seconds{-7200});
  const auto again = this->keeper();
  officer_.reachable = council_.reachable = false;
  again->collect();
  EXPECT_EQ(code(again->permit(clock_.now())), "quorum.missing");
}

// The one durable step: a quorum that is not kept does not count.
TEST_F(Keeping, AQuorumThatCannotBeKeptDoesNotCount) {
  for (const auto fault : {store::Fault::kNotPersisted, store::Fault::kPersisted}) {
    store::MemoryObjects below;
    store::FaultPlan plan(0, fault, false);
    store::FaultyObjects faulty(below, plan);
    const auto keeper = this->keeper(faulty);
    keeper->collect();
    ASSERT_TRUE(plan.reached());
    EXPECT_FALSE(keeper->permit(clock_.now()));
    EXPECT_EQ(keeper->cosigned(), std::nullopt);
    keeper->collect();
    EXPECT_EQ(code(keeper->permit(clock_.now())), "");
    EXPECT_TRUE(below.get("2026.cosigned").value());
  }
}

TEST_F(Keeping, AnotherYearBeginsWithoutAQuorum) {
  const auto keeper = this->keeper();
  keeper->collect();
  const auto next = audit::checkpoint::SigningKey::generate("authority.example/feierabend/2027", random_).value();
  const Written log(next, clock_, random_);
  log.grow(1);
  key_ = next;
  current_ = &log;
  keeper->collect();
  const auto refused = keeper->permit(clock_.now());
  EXPECT_EQ(code(refused), "quorum.missing");
  EXPECT_TRUE(refused.error().seen.contains("status 404")) << refused.error().seen;
}

TEST_F(Keeping, APermitThatIsRefusedAsksTheWitnessesAgain) {
  officer_.reachable = false;
  const auto keeper = this->keeper();
  keeper->collect();
  officer_.reachable = true;
  keeper->start();
  while (!keeper->permit(clock_.now())) std::this_thread::yield();
  EXPECT_EQ(keeper->cosigned()->size, 3U);
}

// The council has no network: it gets the checkpoint by file and gives back its cosignature by file.
class ByFile : public Keeping {
 protected:
  ByFile() { council_.reachable = false; }
  std::string checkpoint() const {
    return std::string(base::as_text(current_->objects.get("checkpoint").value().value()));
  }
  // The checkpoint with the council's line.
  std::string cosigned_by_council(std::uint64_t old_size = 0) {
    const auto size = audit::checkpoint::open_checkpoint(checkpoint(), key_.verifier())->size;
    const auto request = audit::witness::request_from(current_->objects, checkpoint(), size, old_size).value();
    const auto answer = council_.witness.add_checkpoint(audit::witness::format_add_checkpoint(request));
    EXPECT_EQ(answer.status, 200U) << answer.body;
    return checkpoint() + answer.body;
  }
  void offer(const std::string& note, const std::string& name = "council") {
    const audit::log::Object object{"offered/" + name, {note.begin(), note.end()}};
    EXPECT_TRUE(kept_.put_all(std::span(&object, 1)));
  }
};

TEST_F(ByFile, ACosignatureCountsBesideThoseOfTheNetworkUntilItIsOld) {
  const auto keeper = this->keeper();
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "quorum.missing");
  const std::string note = cosigned_by_council();
  pass(Seconds{600});
  log_.grow(300);
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "quorum.missing") << "made, but not handed in";
  offer(note);
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "") << "of a smaller checkpoint than the officer's";
  pass(Seconds{3000});
  EXPECT_EQ(code(keeper->permit(clock_.now())), "");
  pass(Seconds{1});
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "quorum.old") << "as old as the council's, however young the officer's";
  offer(cosigned_by_council(3));
  const auto again = this->keeper();
  again->collect();
  EXPECT_EQ(code(again->permit(clock_.now())), "") << "files count over a restart";
  EXPECT_EQ(told_, (std::vector<std::string>{"quorum.missing", ""}));
}

// Whoever carries the files could have an old checkpoint cosigned anew, for ever, and write meanwhile what they like.
TEST_F(ByFile, ALateCosignatureOfAnOldCheckpointIsAsOldAsTheFirstEntryThatItLeavesOut) {
  const auto keeper = this->keeper();
  const std::string old = checkpoint();
  const auto request = audit::witness::request_from(current_->objects, old, 3, 0).value();
  log_.grow(300);
  pass(Seconds{3 * 3600});
  const auto answer = council_.witness.add_checkpoint(audit::witness::format_add_checkpoint(request));
  ASSERT_EQ(answer.status, 200U) << answer.body;
  offer(old + answer.body);
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "quorum.old") << "made a moment ago, over a log of three hours ago";
  offer(cosigned_by_council(3), "newest");
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "");
}

TEST_F(ByFile, WhatDoesNotFitIsAnObjection) {
  const auto keeper = this->keeper();
  offer(cosigned_by_council());
  keeper->collect();
  ASSERT_EQ(code(keeper->permit(clock_.now())), "");
  // Another log under the same key, that the officer has never seen either.
  const Written other(key_, clock_, random_);
  other.grow(9);
  current_ = &other;
  officer_.reachable = false;
  keeper->collect();
  const auto refused = keeper->permit(clock_.now());
  EXPECT_EQ(code(refused), "witness.contradicts");
  EXPECT_EQ(refused.error().where, "witness/offered/council");
  const Written shorter(key_, clock_, random_);
  shorter.grow(1);
  current_ = &shorter;
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "witness.contradicts") << "rolled back";
}

TEST_F(ByFile, OnlySignaturesCount) {
  const std::string note = cosigned_by_council();
  const auto with = [&](const std::string& text) {
    kept_.contents().clear();
    offer(text);
    const auto keeper = this->keeper();
    keeper->collect();
    return code(keeper->permit(clock_.now()));
  };
  EXPECT_EQ(with(checkpoint()), "quorum.missing") << "the log's own word";
  EXPECT_EQ(with("nonsense"), "quorum.missing");
  EXPECT_EQ(with(std::string(kOfferedBytesMax + 1, 'x')), "quorum.missing");
  for (const std::size_t at : {note.size() - 8, note.find("\n\n") - 3, note.find("\n\n") + 60}) {
    std::string altered = note;
    altered[at] = altered[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(with(altered), "quorum.missing") << at;
  }
  // Of another log, with a larger tree: nothing to this one.
  const auto key = audit::checkpoint::SigningKey::generate("authority.example/feierabend/2025", random_).value();
  const Written past(key, clock_, random_);
  past.grow(20);
  EXPECT_EQ(with(std::string(base::as_text(past.objects.get("checkpoint").value().value()))), "quorum.missing");
  EXPECT_EQ(with(note), "");
  pass(Seconds{-301});
  EXPECT_EQ(with(note), "quorum.missing") << "a witness whose clock runs ahead";
}

TEST_F(ByFile, NotMoreFilesThanAreBounded) {
  const std::string note = cosigned_by_council();
  for (std::size_t i = 0; i < kOfferedMax; ++i) offer("nonsense", "a" + std::to_string(100 + i));
  offer(note, "b");
  const auto keeper = this->keeper();
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "quorum.missing");
  offer(note, "a");
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "");
}

TEST_F(ByFile, AWitnessWithoutAUrlIsNamedAsSuch) {
  const auto way = HttpWay::open(policy_, "", clock_);
  ASSERT_TRUE(way) << "neither has one";
  EXPECT_EQ((*way)->add_checkpoint(policy_.witnesses()[1], "").error().code, "witness.by-file");
}

TEST(Url, WhereAWitnessIs) {
  const auto good = WitnessUrl::parse("https://witness.example/dpo/").value();
  EXPECT_EQ(good.address.host, "witness.example");
  EXPECT_EQ(good.address.port, 443);
  EXPECT_EQ(good.prefix, "/dpo");
  EXPECT_EQ(WitnessUrl::parse("https://w.example:8443")->address.port, 8443);
  EXPECT_EQ(WitnessUrl::parse("http://127.0.0.1:8450")->address.port, 8450);
  EXPECT_EQ(WitnessUrl::parse("http://[::1]:8450/x")->address.host, "::1");
  for (const char* bad :
       {"", "witness.example", "http://witness.example", "ftp://127.0.0.1", "https://", "https://:1", "https://w:0",
        "https://w:x", "https://w:65536", "https://a@w", "https://w/?q", "https://w w", "http://127.0.0.1:"})
    EXPECT_EQ(WitnessUrl::parse(bad).error().code, "url.syntax") << bad;
}

// Over real sockets, to the server that feierabend-audit runs.
TEST_F(Keeping, OverHttp) {
  std::vector<std::unique_ptr<audit::witness::http::Server>> servers;
  std::vector<std::thread> threads;
  std::string lines;
  for (Party* party : {&officer_, &council_}) {
    servers.push_back(audit::witness::http::Server::open(
                          audit::witness::http::ListenAddress::parse("tcp:127.0.0.1:0").value(), party->witness, clock_)
                          .value());
    threads.emplace_back([server = servers.back().get()] { (void)server->run(); });
    lines += std::string("witness ") + (party == &officer_ ? "officer " : "council ") +
             party->witness.verifier().text() + " http://127.0.0.1:" + std::to_string(servers.back()->bound().port) +
             "\n";
  }
  const auto policy = TrustPolicy::parse("policy", lines + "group both all officer council\nquorum both\n").value();
  const base::SystemClock system;
  const auto way = HttpWay::open(policy, "", system).value();
  const auto keeper = std::make_unique<Keeper>(
      Keeper::Ports{policy, *way, kept_, clock_}, Keeper::Options{},
      [this]() -> base::Result<CurrentLog> { return CurrentLog{2026, &log_.objects, key_.verifier()}; }, nullptr);
  keeper->collect();
  EXPECT_EQ(code(keeper->permit(clock_.now())), "");
  log_.grow(300);
  keeper->collect();
  EXPECT_EQ(keeper->cosigned()->size, 303U);
  servers[1]->stop();
  threads[1].join();
  servers.pop_back();
  pass(Seconds{3601});
  keeper->collect();
  const auto refused = keeper->permit(clock_.now());
  EXPECT_EQ(code(refused), "quorum.missing");
  EXPECT_TRUE(refused.error().seen.contains("council: ")) << refused.error().seen;
  EXPECT_FALSE(refused.error().seen.contains("officer")) << refused.error().seen;
  servers[0]->stop();
  threads[0].join();
}

}  // namespace
}  // namespace gateway::witness
