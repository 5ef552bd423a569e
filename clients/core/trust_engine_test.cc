// The engine against a service that slips in devices, or is late with what proves them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/core/testing/two_devices.h"

namespace clients::core {
namespace {

namespace base = policy::base;

using testing::Device;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TrustEngine : public testing::TwoDevices {
 protected:
  static std::vector<std::string> doubts(const std::vector<Event>& events) {
    std::vector<std::string> out;
    for (const auto& event : events)
      if (const auto* doubt = std::get_if<DeviceDoubted>(&event)) out.push_back(doubt->why.code);
    return out;
  }
  static bool sent(const std::vector<Event>& events) {
    return std::ranges::any_of(events, [](const Event& event) { return std::holds_alternative<Sent>(event); });
  }
  bool in_group(const Device& device) {
    const auto all = server_.members_of_group(server_.conversations().at(0));
    return std::ranges::count(all, device.id.wire()) > 0;
  }
  // A second device of bert, with key packages and whatever certificate the test gives it.
  Device slip_in(std::optional<pb::DeviceCertificate> certificate) {
    Device out("bert", 7, root_.path(), server_, clock_);
    server_.certificate(out.id) = std::move(certificate);
    connect(out);
    return out;
  }
  // As it is found with everybody who knew bert before.
  std::vector<std::string> write_past(std::optional<pb::DeviceCertificate> certificate) {
    anna_.write({"bert"}, "eins");
    EXPECT_TRUE(sent(connect(anna_)));
    const Device slipped = slip_in(std::move(certificate));
    anna_.write({"bert"}, "zwei");
    auto events = talk_for(anna_, 5000);
    EXPECT_TRUE(sent(events)) << "the others get it";
    EXPECT_FALSE(in_group(slipped));
    auto told = doubts(events);
    anna_.write({"bert"}, "drei");
    EXPECT_THAT(doubts(talk_for(anna_, 5000)), IsEmpty()) << "told once";
    EXPECT_FALSE(in_group(slipped));
    connect(bert_);
    talk_for(bert_, 3000);
    EXPECT_THAT(bert_.unshown(), ElementsAre("eins", "zwei", "drei"));
    return told;
  }

  base::DeviceId slipped_id_ = [] {
    base::DeviceId out;
    out.bytes.fill(7);
    return out;
  }();
};

TEST_F(TrustEngine, ADeviceWithoutACertificateGetsNoLeaf) { EXPECT_THAT(write_past(std::nullopt), IsEmpty()); }

TEST_F(TrustEngine, OneOfAnotherLogGetsNoLeaf) {
  trust::testing::FakeLog other(clock_, "authority.example/feierabend/1971");
  EXPECT_THAT(write_past(other.certify("bert", slipped_id_, {})), IsEmpty()) << "perhaps of a log that is new";
  anna_.engine->logs_refreshed();
  anna_.write({"bert"}, "vier");
  clock_.advance_ms(kLeftOut_ms);
  EXPECT_THAT(doubts(talk_for(anna_, 5000)), ElementsAre("certificate.log"));
}

TEST_F(TrustEngine, OneOfAnotherKeyOrPersonGetsNoLeaf) {
  EXPECT_THAT(write_past(server_.year.certify("cem", slipped_id_, {})), ElementsAre("device.certificate-other"));
}

TEST_F(TrustEngine, OneThatNobodyConsentedToGetsNoLeaf) {
  anna_.write({"bert"}, "eins");
  connect(anna_);
  Device slipped("bert", 7, root_.path(), server_, clock_);
  auto& given = server_.certificate(slipped.id);
  given->clear_consent_by();
  given->clear_consent_key();
  given->clear_consent_signature();
  connect(slipped);
  anna_.write({"bert"}, "zwei");
  const auto events = talk_for(anna_, 1000);
  EXPECT_TRUE(sent(events));
  EXPECT_THAT(doubts(events), ElementsAre("device.unconfirmed"));
  EXPECT_FALSE(in_group(slipped));
  EXPECT_EQ(trust::confirm(*anna_.store, "bert", std::vector{slipped.id}).value(), 1U);
  anna_.write({"bert"}, "drei");
  talk_for(anna_, 1000);
  EXPECT_TRUE(in_group(slipped)) << "compared by hand";
}

TEST_F(TrustEngine, ACommitThatAddsADoubtedDeviceIsNotFollowed) {
  Device cem("cem", 3, root_.path(), server_, clock_);
  connect(cem);
  anna_.write({"bert", "cem"}, "eins");
  connect(anna_);
  connect(cem);
  EXPECT_THAT(cem.unshown(), ElementsAre("eins"));
  Device slipped("bert", 7, root_.path(), server_, clock_);
  for (auto* const field :
       {server_.certificate(slipped.id)->mutable_consent_by(), server_.certificate(slipped.id)->mutable_consent_key(),
        server_.certificate(slipped.id)->mutable_consent_signature()})
    field->clear();
  connect(slipped);
  const auto write = [&](Device& from, const std::string& text) {
    auto outgoing = from.write({}, text);
    outgoing.set_conversation(server_.conversations().at(0));
    EXPECT_TRUE(from.store->update(outgoing));
    return talk_for(from, 3000);
  };
  // Cem goes along with it.
  EXPECT_THAT(doubts(write(cem, "zwei")), ElementsAre("device.unconfirmed"));
  ASSERT_EQ(trust::confirm(*cem.store, "bert", std::vector{slipped.id}).value(), 1U);
  EXPECT_TRUE(sent(write(cem, "drei")));
  EXPECT_TRUE(in_group(slipped));

  connect(anna_);
  talk_for(anna_, 3000);
  write(anna_, "geheim");
  talk_for(anna_, 60'000);
  const auto outbox = anna_.store->outbox().value();
  ASSERT_EQ(outbox.size(), 1U);
  EXPECT_EQ(outbox[0].refused().code(), "device.unconfirmed");
  connect(slipped);
  talk_for(slipped, 3000);
  EXPECT_EQ(std::ranges::count(slipped.unshown(), "geheim"), 0);
}

TEST_F(TrustEngine, WhatIsMissingDelaysOneMessageAndNotEach) {
  anna_.write({"bert"}, "eins");
  connect(anna_);
  slip_in(std::nullopt);
  anna_.write({"bert"}, "zwei");
  EXPECT_TRUE(sent(talk_for(anna_, 4000)));
  anna_.write({"bert"}, "drei");
  EXPECT_TRUE(sent(talk_for(anna_, 100)));
}

TEST_F(TrustEngine, WhatStaysMissingDelaysMessagesEverMoreRarely) {
  anna_.write({"bert"}, "eins");
  connect(anna_);
  const auto slipped = slip_in(std::nullopt);
  const auto delayed = [&] {
    anna_.write({"bert"}, "weiter");
    const bool at_once = sent(talk_for(anna_, 100));
    if (!at_once) {
      EXPECT_TRUE(sent(talk_for(anna_, 4000)));
    }
    return !at_once;
  };
  EXPECT_TRUE(delayed());
  for (const std::int64_t minutes : {1, 2, 4, 8, 16, 32, 60, 60}) {
    clock_.advance_ms(minutes * 60'000 - 10'000);
    EXPECT_FALSE(delayed()) << minutes;
    clock_.advance_ms(10'000);
    EXPECT_TRUE(delayed()) << minutes;
  }
  // It goes, and comes back: as if for the first time.
  change = [&](pb::ServerFrame frame) {
    if (!frame.has_conversation()) return frame;
    for (auto& member : *frame.mutable_conversation()->mutable_members()) {
      auto& devices = *member.mutable_devices();
      devices.erase(std::remove_if(devices.begin(), devices.end(),
                                   [&](const pb::Device& one) { return one.device() == slipped.id.wire(); }),
                    devices.end());
    }
    return frame;
  };
  EXPECT_FALSE(delayed());
  change = [](pb::ServerFrame frame) { return frame; };
  EXPECT_TRUE(delayed());
  clock_.advance_ms(50'000);
  EXPECT_FALSE(delayed());
  clock_.advance_ms(10'000);
  EXPECT_TRUE(delayed());
}

TEST_F(TrustEngine, ACertificateThatCameElsewhereEndsTheWait) {
  Device cem("cem", 3, root_.path(), server_, clock_);
  connect(cem);
  anna_.write({"bert"}, "eins");
  connect(anna_);
  const auto proof = [&] {
    Device late("bert", 7, root_.path(), server_, clock_);
    auto out = std::exchange(server_.certificate(late.id), std::nullopt);
    connect(late);
    return out;
  }();
  for (int i = 0; i < 5; ++i) {
    clock_.advance_ms(kLeftOutLongest_ms);
    anna_.write({"bert"}, "weiter");
    EXPECT_TRUE(sent(talk_for(anna_, 4000)));
  }
  const auto alone = server_.conversations().at(0);
  server_.certificate(slipped_id_) = proof;
  anna_.write({"bert", "cem"}, "zu dritt");
  EXPECT_TRUE(sent(talk_for(anna_, 1000)));
  EXPECT_EQ(std::ranges::count(server_.members_of_group(alone), slipped_id_.wire()), 0);
  anna_.write({"bert"}, "zu zweit");
  EXPECT_TRUE(sent(talk_for(anna_, 1000)));
  EXPECT_EQ(std::ranges::count(server_.members_of_group(alone), slipped_id_.wire()), 1) << "at once";
}

TEST_F(TrustEngine, ACommitWhoseNewDeviceIsProvenLateIsTakenThen) {
  anna_.write({"bert", "cem"}, "eins");
  Device cem("cem", 3, root_.path(), server_, clock_);
  connect(cem);
  connect(anna_);
  connect(bert_);
  EXPECT_THAT(bert_.unshown(), ElementsAre("eins"));
  // Anna adds a tablet of cem's; bert is not shown the proof for a while.
  Device tablet("cem", 4, root_.path(), server_, clock_);
  connect(tablet);
  const auto proof = server_.certificate(tablet.id);
  const auto conversation = server_.conversations().at(0);
  auto outgoing = anna_.write({}, "zwei");
  outgoing.set_conversation(conversation);
  ASSERT_TRUE(anna_.store->update(outgoing));
  EXPECT_TRUE(sent(talk_for(anna_, 500)));
  EXPECT_TRUE(in_group(tablet));
  server_.certificate(tablet.id).reset();
  connect(bert_);
  talk_for(bert_, 30'000);
  EXPECT_THAT(bert_.unshown(), ElementsAre("eins")) << "not yet, and not lost";
  server_.certificate(tablet.id) = proof;
  talk_for(bert_, 8000);
  EXPECT_THAT(bert_.unshown(), ElementsAre("eins", "zwei"));
}

// More than one answer proves, more than one commit adds.
TEST_F(TrustEngine, AGroupOfManyIsJoinedAndReadByItsLastMember) {
  std::vector<std::unique_ptr<Device>> many;
  std::vector<std::string> names;
  for (std::uint8_t i = 0; i < kCertifyMax + 20; ++i) {
    names.push_back("p" + std::to_string(i));
    many.push_back(
        std::make_unique<Device>(names.back(), static_cast<std::uint8_t>(100 + i), root_.path(), server_, clock_));
    connect(*many.back());
  }
  anna_.write(names, "an alle");
  talk_for(anna_, 5000);
  EXPECT_TRUE(anna_.store->outbox()->empty());
  ASSERT_EQ(server_.members_of_group(server_.conversations().at(0)).size(), many.size() + 1);
  for (Device* const one : {many.front().get(), many.back().get()}) {
    connect(*one);
    talk_for(*one, 5000);
    EXPECT_THAT(one->unshown(), ElementsAre("an alle"));
  }
  many.back()->write({"anna"}, "danke");
  talk_for(*many.back(), 1000);
  talk_for(anna_, 1000);
  EXPECT_THAT(anna_.unshown(), ElementsAre("danke"));
}

TEST_F(TrustEngine, ALogThatIsNewHereIsAskedForFirst) {
  anna_.write({"bert"}, "eins");
  trust::testing::FakeLog next(clock_, "authority.example/feierabend/1971");
  auto certificate = next.certify("bert", bert_.id, bert_.key.identity_key());
  server_.certificate(bert_.id) = certificate;
  auto events = connect(anna_);
  EXPECT_EQ(std::ranges::count_if(events, [](const Event& one) { return std::holds_alternative<LogsWanted>(one); }), 1);
  EXPECT_THAT(doubts(events), IsEmpty());
  trust::LogKeys logs;
  *logs.Add() = next.key();
  ASSERT_TRUE(trust::trust_logs(*anna_.store, logs, clock_.now()));
  anna_.engine->logs_refreshed();
  events = talk_for(anna_, 1000);
  EXPECT_TRUE(sent(events));
  EXPECT_TRUE(in_group(bert_));
}

TEST_F(TrustEngine, NewsAreToldOnceAndConsentSendsWhatWaited) {
  anna_.write({"bert"}, "wartet");
  server_.next_problem.emplace();
  server_.next_problem->set_code("device.waiting");
  EXPECT_FALSE(sent(connect(anna_)));
  EXPECT_EQ(anna_.store->outbox()->size(), 1U);
  EXPECT_FALSE((*anna_.store->outbox())[0].has_refused());
  pb::ServerFrame frame;
  frame.mutable_news()->set_device(anna_.id.wire());
  frame.mutable_news()->set_what(pb::DeviceNews::CONSENTED);
  const auto events = talk(anna_, anna_.engine->on_frame(frame));
  EXPECT_TRUE(
      std::ranges::any_of(events, [](const Event& one) { return std::holds_alternative<DevicesChanged>(one); }));
  EXPECT_TRUE(sent(events)) << "at once";
  const auto again = anna_.engine->on_frame(frame);
  EXPECT_THAT(again->events, IsEmpty());
}

}  // namespace
}  // namespace clients::core
