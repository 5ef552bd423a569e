// A log and its witnesses, without a network between them.
#include "audit/witness/collector.h"

#include <gtest/gtest.h>

#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/store/memory.h"
#include "audit/witness/testing/small_log.h"
#include "audit/witness/witness.h"

namespace audit::witness {
namespace {

using checkpoint::CosigningKey;
using checkpoint::TrustPolicy;
using policy::base::Instant;

constexpr const char* kOrigin = "authority.example/feierabend/2026";

// A sequencer's log in memory.
struct Written {
  Written(const checkpoint::SigningKey& key, const SetClock& clock, policy::base::Random& random)
      : log(log::Log::open({objects, lock, clock, random}, key).value()) {}
  void grow(int entries) const {
    for (int i = 0; i < entries; ++i) ASSERT_TRUE(log->append(event::ServiceStopped{}));
    ASSERT_TRUE(log->settle());
  }
  store::MemoryObjects objects;
  store::MemoryLock lock;
  std::unique_ptr<log::Log> log;
};

struct Party {
  Party(const std::string& name, const SetClock& clock, policy::base::Random& random)
      : witness(CosigningKey::generate(name + ".example", random).value(), clock) {}
  Witness witness;
  store::MemoryLock record;
  store::MemoryObjects doubts;
  bool reachable = true;
  int asked = 0;
};

class Collecting : public ::testing::Test, public Way {
 protected:
  Collecting() {
    for (Party* party : {&officer_, &council_}) party->witness.add_log(key_.verifier(), party->record, party->doubts);
  }
  Result<Reply> add_checkpoint(const checkpoint::KnownWitness& witness, const std::string& body) override {
    Party& party = witness.name == "officer" ? officer_ : council_;
    ++party.asked;
    if (!party.reachable) return policy::base::fail("socket.connect", "Connection refused");
    const Answer answer = party.witness.add_checkpoint(body);
    return Reply{answer.status, answer.body};
  }
  TrustPolicy both() const {
    return TrustPolicy::parse("policy", "witness officer " + officer_.witness.verifier().text() + "\nwitness council " +
                                            council_.witness.verifier().text() +
                                            "\ngroup both all officer council\nquorum both\n")
        .value();
  }
  Result<checkpoint::Witnessed> opened(const Round& round) const {
    return open_witnessed(round.note, policy_, std::vector{key_.verifier()}, clock_.now());
  }

  policy::base::SystemRandom random_;
  SetClock clock_;
  checkpoint::SigningKey key_ = checkpoint::SigningKey::generate(kOrigin, random_).value();
  Party officer_{"officer", clock_, random_}, council_{"council", clock_, random_};
  TrustPolicy policy_ = both();
  Collector collector_{policy_, *this};
};

TEST_F(Collecting, BothCosignAndOneWayIsEnough) {
  Written log(key_, clock_, random_);
  for (const int entries : {1, 2, 300}) {
    log.grow(entries);
    const auto round = collector_.collect(log.objects, key_.verifier()).value();
    const auto good = opened(round);
    ASSERT_TRUE(good) << to_string(good.error());
    EXPECT_EQ(good->checkpoint, round.checkpoint);
    EXPECT_EQ(good->since, clock_.now());
  }
  EXPECT_EQ(officer_.asked, 3);
  Collector again(policy_, *this);  // after a restart the sizes are asked for
  EXPECT_TRUE(opened(again.collect(log.objects, key_.verifier()).value()));
  EXPECT_EQ(officer_.asked, 5);
}

TEST_F(Collecting, NamesWhoIsMissing) {
  Written log(key_, clock_, random_);
  log.grow(3);
  council_.reachable = false;
  const auto round = collector_.collect(log.objects, key_.verifier()).value();
  EXPECT_EQ(round.errors[0], std::nullopt);
  EXPECT_EQ(round.errors[1]->code, "socket.connect");
  const auto missing = opened(round);
  EXPECT_EQ(missing.error().code, "quorum.missing");
  EXPECT_TRUE(missing.error().seen.ends_with(" council")) << missing.error().seen;
  council_.reachable = true;
  log.grow(1);
  EXPECT_TRUE(opened(collector_.collect(log.objects, key_.verifier()).value()));
}

TEST_F(Collecting, ALogThatWasRolledBackGetsNoQuorum) {
  const Written log(key_, clock_, random_);
  log.grow(10);
  ASSERT_TRUE(opened(collector_.collect(log.objects, key_.verifier()).value()));
  const Written shorter(key_, clock_, random_);
  shorter.grow(7);
  Collector restarted(policy_, *this);
  for (Collector* collector : {&collector_, &restarted}) {
    const auto round = collector->collect(shorter.objects, key_.verifier()).value();
    EXPECT_EQ(round.errors[0]->code, "witness.ahead");
    EXPECT_EQ(opened(round).error().code, "quorum.missing");
  }
}

TEST_F(Collecting, AForkedLogGetsNoQuorum) {
  const Written log(key_, clock_, random_);
  log.grow(10);
  ASSERT_TRUE(opened(collector_.collect(log.objects, key_.verifier()).value()));
  const Written other(key_, clock_, random_);  // the same key, other entries
  for (const int entries : {10, 5}) {
    other.grow(entries);
    const auto round = collector_.collect(other.objects, key_.verifier()).value();
    EXPECT_EQ(round.errors[0]->code, "witness.contradicts");
    EXPECT_TRUE(round.errors[0]->seen.starts_with(entries == 10 ? "status 409: 10" : "status 422: "))
        << round.errors[0]->seen;
    EXPECT_EQ(opened(round).error().code, "quorum.missing");
  }
  EXPECT_EQ(officer_.doubts.list(kDoubtsPrefix)->size(), 2U);
}

TEST_F(Collecting, AnotherLogsKeyOrNoCheckpointAsksNobody) {
  const Written log(key_, clock_, random_);
  log.grow(1);
  const auto other = checkpoint::SigningKey::generate(kOrigin, random_).value();
  EXPECT_EQ(collector_.collect(log.objects, other.verifier()).error().code, "note.unsigned");
  EXPECT_EQ(collector_.collect(store::MemoryObjects(), key_.verifier()).error().code, "checkpoint.missing");
  EXPECT_EQ(officer_.asked, 0);
}

// A witness that answers with something else.
class Lying : public Collecting {
 protected:
  Result<Reply> add_checkpoint(const checkpoint::KnownWitness&, const std::string&) override { return reply_; }
  std::string code() {
    const auto round = collector_.collect(log_.objects, key_.verifier()).value();
    EXPECT_EQ(opened(round).error().code, "quorum.missing");
    return round.errors[0]->code;
  }
  Written log_{key_, clock_, random_};
  Reply reply_;
};

TEST_F(Lying, IsNotBelieved) {
  log_.grow(2);
  reply_ = {200, ""};
  EXPECT_EQ(code(), "note.syntax");
  reply_ = {200, "nonsense\n"};
  EXPECT_EQ(code(), "note.syntax");
  const auto stranger = CosigningKey::generate("officer.example", random_)->cosign("x\n", {7});
  reply_ = {200, checkpoint::format_signature_lines(std::span(&stranger, 1))};
  EXPECT_EQ(code(), "witness.refused");
  // Its own cosignature, but of another checkpoint.
  SmallLog other(kOrigin);
  const auto asked = officer_.witness.add_checkpoint("old 0\n\n" + sign_checkpoint(other.checkpoint(), key_));
  ASSERT_EQ(asked.status, 200U);
  reply_ = {200, asked.body};
  EXPECT_EQ(code(), "note.signature");
  for (const char* body : {"", "x", "0\n", "7\n", "18446744073709551616\n"}) {
    reply_ = {409, body};
    EXPECT_TRUE(code().starts_with("witness.")) << body;
  }
  reply_ = {503, "\x1b[31mred"};
  EXPECT_EQ(code(), "witness.refused");
}

}  // namespace
}  // namespace audit::witness
