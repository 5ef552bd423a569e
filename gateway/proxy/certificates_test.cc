#include "gateway/proxy/certificates.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <filesystem>

#include "audit/certificate/collect.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/store/memory.h"

namespace gateway::proxy {
namespace {

namespace base = policy::base;
namespace certificate = audit::certificate;
using base::Bytes;
using base::DeviceId;
using base::Result;
using base::Status;

class MovableClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  std::int64_t now_ms() const override { return now_.unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return 0; }
  base::Instant now_{1'800'000'000};
};

// A log in memory that can be made to fail.
class MemoryLedger final : public Ledger {
 public:
  explicit MemoryLedger(const base::Clock& clock) : clock_(clock) { reopen(); }

  void reopen() { log_ = audit::log::Log::open({objects_, lock_, clock_, random_}, key_).value(); }
  void erase(std::uint64_t number) {
    ASSERT_TRUE(log_->settle());
    ASSERT_TRUE(log_->erase({number}));
  }

  Status record(audit::event::Record record) override {
    const auto entry = record_numbered(std::move(record));
    return entry ? Status() : std::unexpected(entry.error());
  }
  Result<Entry> record_numbered(audit::event::Record record) override {
    if (fails) return base::fail("store.io", "a full disk", "");
    auto index = log_->append(std::move(record));
    if (!index) return std::unexpected(index.error());
    ++entries;
    return Entry{key_.verifier().name(), index->value};
  }
  Result<std::optional<certificate::Certificate>> certificate(const Entry& entry, Bytes statement) override {
    if (!publishes) return std::nullopt;
    if (auto settled = log_->settle(); !settled) return std::unexpected(settled.error());
    const std::string note(base::as_text(*objects_.get(audit::log::kCheckpointPath).value()));
    const auto checkpoint = audit::checkpoint::open_checkpoint(note, key_.verifier()).value();
    return certificate::collect(objects_, note, checkpoint, entry.number, std::move(statement));
  }
  Result<std::vector<audit::checkpoint::VerifierKey>> verifier_keys() override { return std::vector{key_.verifier()}; }
  void record(relay::net::Loop&, audit::event::Record, std::function<void(Status)>) override { FAIL(); }
  void count_allow(policy::model::MessageClass) override {}
  audit::event::Subject subject(std::string_view) override { return {}; }
  audit::event::Digest committed(const base::Sha256&) override { return {}; }

  bool fails = false;
  bool publishes = true;
  std::uint64_t entries = 0;

 private:
  const base::Clock& clock_;
  base::SystemRandom random_;
  audit::store::MemoryObjects objects_;
  audit::store::MemoryLock lock_;
  audit::checkpoint::SigningKey key_ =
      audit::checkpoint::SigningKey::generate("authority.example/feierabend/2027", random_).value();
  std::unique_ptr<audit::log::Log> log_;
};

struct Owned {
  store::Device device;
  std::array<std::uint8_t, 64> secret{};
};

class CertificatesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("feierabend_certificates_" + base::to_hex(random_.array<8>()));
    std::filesystem::create_directory(folder_);
    store_ = store::Store::open(folder_ / "gateway.db").value();
    for (const char* person : {"anna", "ben"}) ASSERT_TRUE(store_->ensure_person(person, "", {random_.array<16>()}));
    certificates_.emplace(*store_, ledger_, clock_, random_);
  }
  void TearDown() override {
    certificates_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  Owned enrol(const std::string& person) {
    Owned out;
    out.device.id = {random_.array<16>()};
    out.device.person = person;
    out.device.name = "phone";
    out.device.kind = store::DeviceKind::phone;
    out.device.state = store::DeviceState::active;
    out.device.enrolled = clock_.now_;
    out.device.waiting = true;
    crypto_sign_keypair(out.device.sign_key.data(), out.secret.data());
    EXPECT_EQ(store_->add_device(out.device, 3).value(), store::Store::Added::yes);
    out.device = now(out);
    EXPECT_TRUE(certificates_->ensure_entered(out.device));
    return out;
  }
  store::Device now(const Owned& one) { return store_->device(one.device.id).value().value(); }
  certificate::Signature signature(const Owned& by, const Owned& over) {
    const Bytes message =
        certificate::consent_message(certificate::digest_of(certificates_->statement(over.device).value()));
    certificate::Signature out{};
    crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), by.secret.data());
    return out;
  }
  std::string consent(const Owned& by, const Owned& to) {
    const auto done = certificates_->consent(by.device.id, to.device.id, signature(by, to));
    return done ? "" : done.error().code;
  }
  std::optional<certificate::Checked> checked(const Owned& one) {
    const auto given = certificates_->of(one.device.id);
    if (!given || !*given) return std::nullopt;
    certificate::Certificate out;
    const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
    out.statement = bytes((*given)->statement());
    out.leaf = bytes((*given)->leaf());
    std::ranges::copy(base::as_bytes((*given)->entry_key()), out.key.begin());
    out.ciphertext = bytes((*given)->ciphertext());
    out.proof = (*given)->proof();
    const auto keys = ledger_.verifier_keys().value();
    auto verified = certificate::verify(out, keys);
    EXPECT_TRUE(verified) << verified.error().seen;
    return verified ? std::optional(*std::move(verified)) : std::nullopt;
  }

  base::SystemRandom random_;
  MovableClock clock_;
  MemoryLedger ledger_{clock_};
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  std::optional<Certificates> certificates_;
};

TEST_F(CertificatesTest, TheFirstDeviceOfAPersonIsEnteredAtOnce) {
  const Owned phone = enrol("anna");
  EXPECT_TRUE(phone.device.usable());
  const auto found = checked(phone);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->statement.person, "anna");
  EXPECT_EQ(found->statement.device, phone.device.id);
  EXPECT_EQ(found->statement.sign_key, phone.device.sign_key);
  EXPECT_TRUE(certificates_->ensure_entered(phone.device));
  EXPECT_EQ(ledger_.entries, 1U) << "once";
  EXPECT_NE(certificates_->statement(phone.device), certificates_->statement(enrol("ben").device));
}

TEST_F(CertificatesTest, OneThatWaitsIsNotEnteredBeforeConsent) {
  const Owned phone = enrol("anna"), tablet = enrol("anna"), bens = enrol("ben");
  EXPECT_FALSE(tablet.device.usable());
  EXPECT_EQ(ledger_.entries, 2U);
  EXPECT_FALSE(certificates_->of(tablet.device.id).value());
  EXPECT_EQ(consent(tablet, tablet), "device.waiting");
  EXPECT_EQ(consent(bens, tablet), "device.unknown");
  EXPECT_EQ(consent(phone, phone), "device.not-waiting");
  EXPECT_EQ(certificates_->consent(phone.device.id, tablet.device.id, signature(phone, phone)).error().code,
            "device.consent-invalid");
  EXPECT_EQ(certificates_->consent(phone.device.id, tablet.device.id, signature(bens, tablet)).error().code,
            "device.consent-invalid");
  EXPECT_FALSE(now(tablet).usable());
  ASSERT_EQ(consent(phone, tablet), "");
  EXPECT_TRUE(now(tablet).usable());
  ASSERT_TRUE(checked(tablet));
  const auto given = certificates_->of(tablet.device.id).value().value();
  EXPECT_EQ(given.consent_by(), phone.device.id.wire());
  EXPECT_EQ(base::as_text(phone.device.sign_key), given.consent_key());
  EXPECT_EQ(consent(phone, tablet), "device.not-waiting");
}

TEST_F(CertificatesTest, ConsentThatTheLogCannotTakeChangesNothing) {
  const Owned phone = enrol("anna"), tablet = enrol("anna");
  ledger_.fails = true;
  EXPECT_EQ(consent(phone, tablet), "store.io");
  EXPECT_FALSE(now(tablet).usable());
  EXPECT_FALSE(store_->certificate(tablet.device.id).value()->consent);
  ledger_.fails = false;
  EXPECT_EQ(consent(phone, tablet), "");
  EXPECT_TRUE(checked(tablet));
}

TEST_F(CertificatesTest, ADeviceThatEndedIsNotConsentedTo) {
  const Owned phone = enrol("anna"), tablet = enrol("anna"), other = enrol("anna");
  ASSERT_TRUE(store_->end_device(tablet.device.id, store::DeviceState::removed, clock_.now_).value());
  EXPECT_EQ(consent(phone, tablet), "device.unknown");
  ASSERT_TRUE(store_->end_device(phone.device.id, store::DeviceState::removed, clock_.now_).value());
  EXPECT_EQ(consent(phone, other), "device.waiting") << "nor does one consent";
  EXPECT_TRUE(store_->end_waiting_if_alone(other.device.id).value()) << "nobody is left who could";
  EXPECT_TRUE(now(other).usable());
  ASSERT_TRUE(certificates_->ensure_entered(now(other)));
  EXPECT_TRUE(checked(other));
}

TEST_F(CertificatesTest, NothingIsHandedOutThatIsNotPublished) {
  ledger_.publishes = false;
  const Owned phone = enrol("anna");
  EXPECT_FALSE(certificates_->of(phone.device.id).value());
  ledger_.publishes = true;
  EXPECT_TRUE(checked(phone));
}

TEST_F(CertificatesTest, WhatIsMissingOrOldIsEntered) {
  Owned phone;
  ledger_.fails = true;
  phone.device.id = {random_.array<16>()};
  phone.device.person = "anna";
  phone.device.kind = store::DeviceKind::phone;
  phone.device.state = store::DeviceState::active;
  phone.device.enrolled = clock_.now_;
  phone.device.name = "of before";
  crypto_sign_keypair(phone.device.sign_key.data(), phone.secret.data());
  ASSERT_EQ(store_->add_device(phone.device, 3).value(), store::Store::Added::yes);
  EXPECT_FALSE(certificates_->issue_missing());
  ledger_.fails = false;
  ASSERT_TRUE(certificates_->issue_missing());
  EXPECT_EQ(checked(phone)->logged, clock_.now_);
  clock_.now_ = clock_.now_ + certificate::kRenewAfter;
  ASSERT_TRUE(certificates_->issue_missing());
  EXPECT_EQ(ledger_.entries, 1U) << "not yet old";
  clock_.now_ = clock_.now_ + base::Seconds{1};
  ASSERT_TRUE(certificates_->issue_missing());
  EXPECT_EQ(ledger_.entries, 2U);
  EXPECT_EQ(checked(phone)->logged, clock_.now_);
}

TEST_F(CertificatesTest, AnErasedEntryOfADeviceInUseIsWrittenAnew) {
  const Owned phone = enrol("anna"), bens = enrol("ben");
  ASSERT_TRUE(checked(phone));
  ledger_.erase(store_->certificate(phone.device.id).value()->entry->number);
  certificates_->forget_proofs();
  EXPECT_FALSE(certificates_->of(phone.device.id).value());
  EXPECT_TRUE(checked(phone));
  EXPECT_EQ(ledger_.entries, 3U);
  ASSERT_TRUE(store_->end_device(bens.device.id, store::DeviceState::removed, clock_.now_).value());
  ledger_.erase(store_->certificate(bens.device.id).value()->entry->number);
  certificates_->forget_proofs();
  EXPECT_FALSE(certificates_->of(bens.device.id).value());
  EXPECT_EQ(ledger_.entries, 3U) << "of one that ended nothing is entered";
}

TEST_F(CertificatesTest, ADeviceIsToldOfTheOthersThatWaitOrChangedLately) {
  const Owned phone = enrol("anna"), tablet = enrol("anna"), third = enrol("anna");
  ASSERT_EQ(consent(phone, tablet), "");
  ASSERT_TRUE(store_->end_device(third.device.id, store::DeviceState::removed, clock_.now_).value());
  const auto news = [&](const Owned& reader) {
    std::map<std::string, pb::DeviceNews::What> out;
    const auto all = device_news_for(*store_, *certificates_, now(reader), clock_.now_).value();
    for (const auto& one : all) out[one.device()] = one.what();
    return out;
  };
  const std::map<std::string, pb::DeviceNews::What> told{{tablet.device.id.wire(), pb::DeviceNews::CONSENTED},
                                                         {third.device.id.wire(), pb::DeviceNews::REMOVED}};
  EXPECT_EQ(news(phone), told);
  clock_.now_ = clock_.now_ + base::Seconds{1};
  const Owned fourth = enrol("anna");
  EXPECT_TRUE(news(fourth).empty()) << "what was before it is no news to it";
  clock_.now_ = clock_.now_ + base::Seconds{kNewsKept_s + 1};
  const std::map<std::string, pb::DeviceNews::What> later{{fourth.device.id.wire(), pb::DeviceNews::ENROLLED}};
  EXPECT_EQ(news(phone), later) << "one that waits, as long as it waits";
}

}  // namespace
}  // namespace gateway::proxy
