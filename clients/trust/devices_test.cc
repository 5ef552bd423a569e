#include "clients/trust/devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <filesystem>

#include "clients/trust/logs.h"
#include "clients/trust/testing/fake_log.h"

namespace clients::trust {
namespace {

namespace base = policy::base;
namespace certificate = audit::certificate;
namespace record = store::record;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MovableClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  std::int64_t now_ms() const override { return now_.unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return 0; }
  base::Instant now_{1'000'000};
};

struct Phone {
  std::string person;
  base::DeviceId id;
  certificate::PublicKey key{};
  std::array<std::uint8_t, 64> secret{};
  std::optional<pb::DeviceCertificate> certificate;

  certificate::Signature sign(base::ByteView message) const {
    certificate::Signature out{};
    crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), secret.data());
    return out;
  }
};

class Trust : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("feierabend_trust_" + base::to_hex(random_.array<8>()));
    store_ = store::Store::create(folder_, "123456", random_, {1, 8192}).value();
    trust_log(year_);
    self_ = phone("anna");
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void trust_log(const testing::FakeLog& log) {
    LogKeys keys;
    *keys.Add() = log.key();
    ASSERT_TRUE(trust_logs(*store_, keys, clock_.now_));
  }
  // Enrolled now, with a certificate and without consent.
  Phone phone(const std::string& person) { return phone_in(year_, person); }
  Phone phone_in(testing::FakeLog& log, const std::string& person) {
    Phone out{person, {random_.array<16>()}, {}, {}, {}};
    crypto_sign_keypair(out.key.data(), out.secret.data());
    out.certificate = log.certify(person, out.id, out.key);
    return out;
  }
  Phone phone(const std::string& person, const Phone& by) {
    Phone out = phone(person);
    consent(out, by);
    return out;
  }
  static void consent(Phone& to, const Phone& by) {
    testing::consent(*to.certificate, by.id, by.key, [&](base::ByteView message) { return by.sign(message); });
  }
  // What an answer with these devices leads to. Pins come before, as in the engine.
  Certified look(const std::vector<Phone>& phones, bool strict = true) {
    pb::Conversation conversation;
    std::map<std::string, pb::Member*> members;
    for (const auto& one : phones) {
      auto*& member = members[one.person];
      if (member == nullptr) {
        member = conversation.add_members();
        member->set_person(one.person);
      }
      auto& device = *member->add_devices();
      device.set_device(one.id.wire());
      device.set_identity_key(one.key.data(), one.key.size());
      if (one.certificate) *device.mutable_certificate() = *one.certificate;
      record::PinnedDevice pin;
      pin.set_device(one.id.wire());
      pin.set_identity_key(device.identity_key());
      pin.set_person(one.person);
      pin.set_strict(strict);
      EXPECT_TRUE(store_->pin_devices(std::vector{pin}));
    }
    auto out = certify(*store_, {"anna", self_.id}, conversation);
    EXPECT_TRUE(out) << base::to_string(out.error());
    return out.value_or(Certified());
  }
  bool relied_on(const Phone& one) { return is_certified(store_->pinned(one.id).value().value()); }
  static std::vector<std::string> codes(const Certified& out) {
    std::vector<std::string> all;
    for (const auto& one : out.doubts) all.push_back(one.why.code + (one.accepted ? " (accepted)" : ""));
    return all;
  }
  // Of one device of somebody unknown, with this certificate.
  std::string refusal(const std::function<void(Phone&)>& alter) {
    Phone one = phone("bernd");
    alter(one);
    const auto out = look({one});
    EXPECT_FALSE(relied_on(one));
    EXPECT_TRUE(out.barred.contains(one.id));
    EXPECT_THAT(look({one}).doubts, IsEmpty()) << "told once";
    return codes(out).empty() ? "" : codes(out)[0];
  }

  base::SystemRandom random_;
  MovableClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  testing::FakeLog year_{clock_};
  Phone self_;
};

TEST_F(Trust, TheFirstDevicesOfSomebodyNeedTheLogOnly) {
  const Phone bernd = phone("bernd"), second = phone("bernd", bernd);
  Phone bare = bernd;
  bare.certificate.reset();
  EXPECT_THAT(look({bare}).missing, ElementsAre(bernd.id));
  EXPECT_FALSE(relied_on(bernd));
  const auto out = look({second, bernd});
  EXPECT_THAT(out.missing, IsEmpty());
  EXPECT_THAT(out.barred, IsEmpty());
  EXPECT_THAT(out.doubts, IsEmpty());
  EXPECT_TRUE(relied_on(bernd) && relied_on(second));
  EXPECT_THAT(look({bare}).missing, IsEmpty()) << "asked for once";
}

// The service proves what it is asked for, and what its log covers: not always all at once.
TEST_F(Trust, WhoIsProvenBeforeTheDeviceThatConsentedWaitsForIt) {
  const Phone bernd = phone("bernd"), second = phone("bernd", bernd), third = phone("bernd", second);
  Phone bare = bernd;
  bare.certificate.reset();
  const auto out = look({third, second, bare});
  EXPECT_THAT(out.missing, ::testing::UnorderedElementsAre(bernd.id, second.id, third.id));
  EXPECT_FALSE(relied_on(second) || relied_on(third));
  EXPECT_THAT(codes(look({third, second, bernd})), IsEmpty());
  EXPECT_TRUE(relied_on(bernd) && relied_on(second) && relied_on(third));
}

// Somebody's newer device is met first, and the older one, perhaps gone by now, has a leaf in an older group.
TEST_F(Trust, WhoConsentedToAKnownDeviceIsKnownWithIt) {
  const Phone bernd = phone("bernd"), second = phone("bernd", bernd), other = phone("bernd");
  look({second});
  ASSERT_TRUE(relied_on(second));
  EXPECT_THAT(codes(look({second, other})), ElementsAre("device.unconfirmed")) << "another one is not";
  EXPECT_THAT(codes(look({second, bernd})), IsEmpty());
  EXPECT_TRUE(relied_on(bernd));
}

TEST_F(Trust, ADeviceUnderTheIdOfWhoConsentedIsNotKnownWithIt) {
  const Phone bernd = phone("bernd"), second = phone("bernd", bernd);
  look({second});
  Phone forged = phone("bernd");
  forged.id = bernd.id;
  forged.certificate = year_.certify("bernd", forged.id, forged.key);
  EXPECT_THAT(codes(look({second, forged})), ElementsAre("device.unconfirmed"));
}

TEST_F(Trust, WhatTheLogDoesNotProveIsRefused) {
  EXPECT_EQ(refusal([](Phone& one) { (*one.certificate->mutable_leaf())[9] ^= 1; }), "proof.root");
  EXPECT_EQ(refusal([](Phone& one) { one.certificate->clear_proof(); }), "tlog-proof.syntax");
  EXPECT_EQ(refusal([](Phone& one) { one.certificate->clear_entry_key(); }), "device.certificate-other");
  EXPECT_EQ(refusal([](Phone& one) { (*one.certificate->mutable_statement())[20] ^= 1; }), "certificate.entry");
  testing::FakeLog other(clock_, "authority.example/feierabend/1971"), false_one(clock_);
  EXPECT_EQ(refusal([&](Phone& one) { one.certificate = other.certify(one.person, one.id, one.key); }),
            "certificate.log");
  EXPECT_EQ(refusal([&](Phone& one) { one.certificate = false_one.certify(one.person, one.id, one.key); }),
            "note.unsigned")
      << "of the same name, by another key";
}

TEST_F(Trust, ACertificateSpeaksOfOneDeviceKeyAndPerson) {
  const Phone other = phone("bernd");
  EXPECT_EQ(refusal([&](Phone& one) { one.certificate = other.certificate; }), "device.certificate-other");
  EXPECT_EQ(refusal([&](Phone& one) { one.certificate = year_.certify("cora", one.id, one.key); }),
            "device.certificate-other");
  EXPECT_EQ(refusal([&](Phone& one) { one.certificate = year_.certify("bernd", one.id, other.key); }),
            "device.certificate-other");
}

TEST_F(Trust, ALaterDeviceNeedsTheConsentOfAKnownOne) {
  const Phone bernd = phone("bernd");
  look({bernd});
  Phone slipped = phone("bernd");
  auto out = look({bernd, slipped});
  EXPECT_THAT(codes(out), ElementsAre("device.unconfirmed"));
  EXPECT_TRUE(out.barred.contains(slipped.id));
  EXPECT_FALSE(relied_on(slipped));
  EXPECT_THAT(look({bernd, slipped}).doubts, IsEmpty()) << "told once";
  EXPECT_TRUE(look({bernd, slipped}).barred.contains(slipped.id)) << "and refused always";

  const Phone tablet = phone("bernd", bernd), third = phone("bernd", tablet);
  EXPECT_THAT(codes(look({third, tablet, bernd})), IsEmpty()) << "one speaks for the next";
  EXPECT_TRUE(relied_on(tablet) && relied_on(third));
}

TEST_F(Trust, OnlyAKnownDeviceOfTheSamePersonConsents) {
  const Phone bernd = phone("bernd"), cora = phone("cora");
  look({bernd, cora});
  const Phone by_cora = phone("bernd", cora);
  Phone doubted = phone("bernd");
  look({bernd, doubted});
  const Phone by_doubted = phone("bernd", doubted), by_unseen = phone("bernd", phone("bernd"));
  Phone other_key = bernd;
  crypto_sign_keypair(other_key.key.data(), other_key.secret.data());
  const Phone by_other_key = phone("bernd", other_key);
  EXPECT_THAT(codes(look({bernd, by_cora, by_doubted, by_unseen, by_other_key})),
              ElementsAre("device.unconfirmed", "device.unconfirmed", "device.unconfirmed", "device.unconfirmed"));
  Phone forged = phone("bernd", bernd);
  (*forged.certificate->mutable_consent_signature())[5] ^= 1;
  EXPECT_THAT(codes(look({bernd, forged})), ElementsAre("device.consent-invalid"));
  Phone of_another = phone("bernd");
  const Phone good = phone("bernd", bernd);
  of_another.certificate->set_consent_by(good.certificate->consent_by());
  of_another.certificate->set_consent_key(good.certificate->consent_key());
  of_another.certificate->set_consent_signature(good.certificate->consent_signature());
  EXPECT_THAT(codes(look({bernd, of_another})), ElementsAre("device.consent-invalid"));
}

TEST_F(Trust, WhoHasOnlyNewDevicesIsReliedOnAndItIsSaid) {
  const Phone lost = phone("bernd");
  look({lost});
  const Phone fresh = phone("bernd");
  EXPECT_THAT(codes(look({fresh})), ElementsAre("device.replaced (accepted)"));
  EXPECT_TRUE(relied_on(fresh));
  EXPECT_THAT(look({fresh}).doubts, IsEmpty());
}

TEST_F(Trust, ComparingByHandEndsADoubt) {
  const Phone bernd = phone("bernd"), cora = phone("cora");
  look({bernd, cora});
  Phone slipped = phone("bernd"), of_cora = phone("cora"), unproven = phone("bernd");
  unproven.certificate->clear_proof();
  look({bernd, slipped, unproven, cora, of_cora});
  Phone later = phone("bernd");
  look({bernd, later});
  const std::vector<DeviceId> compared{bernd.id, slipped.id, unproven.id, of_cora.id};
  EXPECT_EQ(confirm(*store_, "bernd", compared).value(), 1U);
  EXPECT_EQ(confirm(*store_, "bernd", compared).value(), 0U);
  EXPECT_FALSE(relied_on(later)) << "not among those that were compared";
  EXPECT_TRUE(relied_on(slipped));
  EXPECT_FALSE(relied_on(of_cora)) << "somebody else's";
  EXPECT_FALSE(relied_on(unproven)) << "nobody can compare what the log does not prove";
  EXPECT_TRUE(look({bernd, slipped}).barred.empty());
}

TEST_F(Trust, OwnDevicesThatWereThereBeforeAreKnown) {
  const Phone before = self_;
  clock_.now_ = clock_.now_ + base::Seconds{60};
  self_ = phone("anna", before);
  Phone bare = self_;
  bare.certificate.reset();
  auto out = look({before, bare});
  EXPECT_THAT(out.missing, ElementsAre(bare.id, before.id)) << "not before it is known since when this device is there";
  EXPECT_FALSE(relied_on(before));
  EXPECT_THAT(look({before, self_}).doubts, IsEmpty());
  EXPECT_TRUE(relied_on(before) && relied_on(self_));

  clock_.now_ = clock_.now_ + base::Seconds{60};
  const Phone tablet = phone("anna", self_), slipped = phone("anna");
  EXPECT_THAT(codes(look({before, self_, tablet, slipped})), ElementsAre("device.unconfirmed"));
  EXPECT_TRUE(relied_on(tablet));
  EXPECT_FALSE(relied_on(slipped));
  EXPECT_THAT(codes(look({self_, phone("anna")})), ElementsAre("device.unconfirmed")) << "even alone";
}

TEST_F(Trust, OfTwoInOneSecondTheLogSaysWhichCameFirst) {
  const Phone before = self_;
  self_ = phone("anna", before);
  const Phone slipped = phone("anna");
  EXPECT_THAT(codes(look({slipped, self_, before})), ElementsAre("device.unconfirmed"));
  EXPECT_TRUE(relied_on(before));
  EXPECT_FALSE(relied_on(slipped)) << "no earlier than this one";
}

TEST_F(Trust, ATimeThatTheServiceMadeUpMovesNobody) {
  const Phone before = self_;
  self_ = phone("anna", before);
  MovableClock early, late;
  early.now_ = clock_.now_ - base::Seconds{86'400};
  late.now_ = clock_.now_ + base::Seconds{86'400};
  auto lies_early = year_.twin(early), lies_late = year_.twin(late);
  const Phone dated_late = phone_in(lies_late, "anna");
  for (int i = 0; i < 2; ++i) phone_in(lies_early, "somebody");
  const Phone dated_back = phone_in(lies_early, "anna");
  EXPECT_THAT(codes(look({self_, dated_back, dated_late})), ElementsAre("device.unconfirmed"));
  EXPECT_FALSE(relied_on(dated_back));
  EXPECT_TRUE(relied_on(dated_late)) << "it stands before this one";
}

TEST_F(Trust, BetweenTheLogsOfTwoYearsBothYearAndTimeMustSaySo) {
  const Phone before = self_;
  testing::FakeLog next(clock_, "authority.example/feierabend/1971");
  trust_log(next);
  clock_.now_ = clock_.now_ + base::Seconds{60};
  self_ = phone_in(next, "anna");
  MovableClock early;
  auto dated_back = next.twin(early);
  clock_.now_ = clock_.now_ + base::Seconds{60};
  const Phone in_old_year = phone("anna");
  EXPECT_THAT(codes(look({self_, before, in_old_year})), ElementsAre("device.unconfirmed"));
  EXPECT_TRUE(relied_on(before));
  EXPECT_FALSE(relied_on(in_old_year)) << "entered in the old log after this one's in the new";

  self_ = in_old_year;
  const Phone in_new_year = phone_in(dated_back, "anna");
  record::PinnedDevice own = store_->pinned(self_.id).value().value();
  own.set_doubted(false);
  ASSERT_TRUE(store_->update(std::vector{own}));
  EXPECT_THAT(codes(look({self_, in_new_year})), ElementsAre("device.unconfirmed"));
  EXPECT_FALSE(relied_on(in_new_year)) << "whatever time it bears";
}

TEST_F(Trust, OfAPinWhosePlaceWasNotKeptTheTimeDecides) {
  const Phone before = self_;
  clock_.now_ = clock_.now_ + base::Seconds{60};
  self_ = phone("anna");
  const Phone same_second = phone("anna");
  look({self_});
  auto own = store_->pinned(self_.id).value().value();
  EXPECT_EQ(own.log_origin(), "authority.example/feierabend/1970");
  EXPECT_EQ(own.log_index(), 1U);
  own.clear_log_origin();
  own.clear_log_index();
  ASSERT_TRUE(store_->update(std::vector{own}));
  EXPECT_THAT(codes(look({self_, before, same_second})), ElementsAre("device.unconfirmed"));
  EXPECT_TRUE(relied_on(before));
  EXPECT_FALSE(relied_on(same_second));
}

TEST_F(Trust, DevicesFromBeforeCertificatesAreKnownByTheirUse) {
  const Phone one = phone("bernd"), other = phone("bernd");
  look({one}, false);
  EXPECT_THAT(look({one, other}, false).doubts, IsEmpty());
  EXPECT_TRUE(relied_on(other));
}

TEST_F(Trust, TheOwnStatementNamesThisDevice) {
  const Owner owner{"anna", self_.id};
  const auto& said = self_.certificate->statement();
  EXPECT_TRUE(check_own_statement(said, owner, self_.key));
  EXPECT_EQ(check_own_statement(said, {"bernd", self_.id}, self_.key).error().code, "device.certificate-other");
  EXPECT_EQ(check_own_statement(said, {"anna", {}}, self_.key).error().code, "device.certificate-other");
  EXPECT_EQ(check_own_statement(said, owner, {}).error().code, "device.certificate-other");
  EXPECT_EQ(check_own_statement("", owner, self_.key).error().code, "certificate.syntax");
}

TEST_F(Trust, OfEachLogTheFirstKeyStays) {
  const auto code = [&](const pb::LogKey& log) {
    LogKeys keys;
    *keys.Add() = log;
    const auto status = trust_logs(*store_, keys, clock_.now_);
    return status ? "" : status.error().code;
  };
  const testing::FakeLog again(clock_), next(clock_, "authority.example/feierabend/1971"),
      far(clock_, "authority.example/feierabend/1972"), other(clock_, "other.example/feierabend/1970"),
      odd(clock_, "authority.example");
  EXPECT_EQ(code(year_.key()), "");
  EXPECT_EQ(code(again.key()), "log.key-changed");
  EXPECT_EQ(code(next.key()), "");
  EXPECT_EQ(code(far.key()), "log.foreign");
  EXPECT_EQ(code(other.key()), "log.foreign");
  EXPECT_EQ(code(odd.key()), "log.foreign");
  pb::LogKey broken = year_.key();
  broken.set_verifier_key("authority.example/feierabend/1970+00000000+AA");
  EXPECT_NE(code(broken), "");
  EXPECT_EQ(trusted_logs(*store_)->size(), 2U);
  LogKeys many;
  for (int i = 0; i <= kLogsMax; ++i) *many.Add() = year_.key();
  EXPECT_EQ(trust_logs(*store_, many, clock_.now_).error().code, "log.foreign");
}

TEST_F(Trust, NewsAreToldOnce) {
  EXPECT_TRUE(store_->tell_once(self_.id, "enrolled").value());
  EXPECT_FALSE(store_->tell_once(self_.id, "enrolled").value());
  EXPECT_TRUE(store_->tell_once(self_.id, "removed").value());
  store_.reset();
  store_ = store::Store::open(folder_, "123456", random_).value();
  EXPECT_FALSE(store_->tell_once(self_.id, "removed").value());
}

}  // namespace
}  // namespace clients::trust
