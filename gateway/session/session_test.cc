#include "gateway/session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <liboath/oath.h>
#include <sodium.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

namespace gateway::session {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ManualClock final : public base::Clock {
 public:
  base::Instant now() const override { return {unix_s_.load()}; }
  std::int64_t now_ms() const override { return unix_s_ * 1000; }
  std::int64_t elapsed_ms() const override { return elapsed_ms_; }
  void advance(std::int64_t seconds) {
    unix_s_ += seconds;
    elapsed_ms_ += seconds * 1000;
  }
  void set_back(std::int64_t seconds) { unix_s_ -= seconds; }

 private:
  std::atomic<std::int64_t> unix_s_ = 1'800'000'000;
  std::atomic<std::int64_t> elapsed_ms_ = 0;
};

class FakeDirectory final : public directory::Directory {
 public:
  base::Result<directory::Person> authenticate(std::string_view uid, std::string_view password) override {
    ++binds;
    if (down) return base::fail("directory.unavailable", "down");
    const auto at = people.find(std::string(uid));
    if (at == people.end() || password != "richtig") return std::unexpected(directory::login_refused());
    return directory::Person{.id = at->first, .stable_id = at->second, .display_name = "N", .unit = "U", .groups = {}};
  }
  base::Result<directory::Snapshot> snapshot() override {
    std::vector<directory::Person> all;
    for (const auto& [id, stable_id] : people)
      all.push_back({.id = id, .stable_id = stable_id, .display_name = "N", .unit = "U", .groups = {}});
    return directory::make_snapshot(std::move(all), 0);
  }
  base::Status probe() override { return {}; }
  base::Result<std::unique_ptr<directory::ChangeFeed>> changes() override {
    return base::fail("directory.no-feed", "none");
  }

  std::map<std::string, std::string> people{{"anna", "uuid-a"}, {"ben", "uuid-b"}};
  std::atomic<bool> down = false;
  std::atomic<int> binds = 0;
};

// What a client's device does: keeps keys, signs challenges and requests.
struct Phone {
  device::PublicKey sign_key{};
  std::array<std::uint8_t, 64> secret{};
  base::SystemRandom random;

  Phone() { crypto_sign_keypair(sign_key.data(), secret.data()); }
  device::Signature sign(base::ByteView message) const {
    device::Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret.data());
    return signature;
  }
  device::EnrolRequest enrol(const device::Challenge& challenge) const {
    return {.name = "Diensthandy",
            .kind = device::DeviceKind::phone,
            .sign_key = sign_key,
            .signature = sign(device::enrol_message(challenge, sign_key))};
  }
  Proof proof(std::string_view token, const base::Clock& clock, std::int64_t skew_s = 0) {
    Proof proof{.method = "GET",
                .target = "/v1/devices",
                .unix_s = clock.now().unix_s + skew_s,
                .nonce = base::to_base64url(random.array<16>())};
    proof.signature = sign(base::as_bytes(proof_message(proof, token)));
    return proof;
  }
};

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("feierabend_session_" + base::to_hex(random_.array<8>()));
    std::filesystem::create_directory(folder_);
    restart();
  }
  void TearDown() override {
    sessions_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void restart() {
    sessions_.reset();
    store_.reset();
    store_ = store::Store::open(folder_ / "gateway.db").value();
    sessions_ = std::make_unique<Sessions>(Sessions::Ports{*store_, directory_, clock_, random_},
                                           FactorKey::load_or_create(folder_ / "factor.key", random_).value(),
                                           "Feierabend", rules_);
  }
  std::string code(const std::string& base32, std::int64_t skew_s = 0) const {
    char* raw = nullptr;
    std::size_t size = 0;
    EXPECT_EQ(oath_base32_decode(base32.c_str(), base32.size(), &raw, &size), OATH_OK);
    char out[7];
    EXPECT_EQ(oath_totp_generate(raw, size, clock_.now().unix_s + skew_s, 30, 0, 6, out), OATH_OK);
    std::free(raw);
    return out;
  }
  // Logs in as far as the device step; `secret` is the person's authenticator, filled at the first login.
  StepReply to_device_step(const std::string& uid, std::string& secret) {
    auto step = sessions_->password(uid, "richtig").value();
    if (step.next == Stage::enrol_totp) secret = step.totp.secret;
    return sessions_->totp(step.token, code(secret)).value();
  }
  StepReply log_in(const std::string& uid, std::string& secret, const Phone& phone) {
    const StepReply step = to_device_step(uid, secret);
    return sessions_->enrol_device(step.token, phone.enrol(step.challenge)).value();
  }

  base::SystemRandom random_;
  ManualClock clock_;
  FakeDirectory directory_;
  Rules rules_{.devices = {.devices_max = 3, .cite = "byod-drei/devices"}};
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Sessions> sessions_;
};

TEST_F(SessionTest, FirstLoginEnrolsFactorAndDevice) {
  const auto first = sessions_->password("Anna", "richtig");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->next, Stage::enrol_totp);
  EXPECT_THAT(first->totp.uri,
              StartsWith("otpauth://totp/Feierabend:anna?secret=" + first->totp.secret + "&issuer=Feierabend"));
  EXPECT_EQ(first->totp.secret.size(), 32U);
  const auto second = sessions_->totp(first->token, code(first->totp.secret));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->next, Stage::device);
  Phone phone;
  const auto done = sessions_->enrol_device(second->token, phone.enrol(second->challenge));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->next, Stage::done);
  const auto info = sessions_->authenticate(done->token, phone.proof(done->token, clock_));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->person, "anna");
  EXPECT_EQ(info->device, done->session.device);
  EXPECT_EQ(info->mailbox, store_->person("anna").value()->mailbox);
}

TEST_F(SessionTest, EveryStepHasItsOwnTokenAndEndsTheOneBefore) {
  std::string secret;
  Phone phone;
  const auto first = sessions_->password("anna", "richtig").value();
  secret = first.totp.secret;
  const auto second = sessions_->totp(first.token, code(secret)).value();
  const auto third = sessions_->enrol_device(second.token, phone.enrol(second.challenge)).value();
  EXPECT_EQ((std::set<std::string>{first.token, second.token, third.token}.size()), 3U);
  clock_.advance(60);
  EXPECT_EQ(sessions_->totp(first.token, code(secret)).error().code, "login.step-unknown");
  EXPECT_EQ(sessions_->enrol_device(second.token, phone.enrol(second.challenge)).error().code, "login.step-unknown");
  for (const std::string& token : {first.token, second.token})
    EXPECT_EQ(sessions_->authenticate(token, phone.proof(token, clock_)).error().code, "session.unknown");
  EXPECT_EQ(sessions_->totp(third.token, code(secret)).error().code, "login.step-unknown");
}

TEST_F(SessionTest, NoStepCanBeSkipped) {
  Phone phone;
  const auto first = sessions_->password("anna", "richtig").value();
  EXPECT_EQ(sessions_->enrol_device(first.token, phone.enrol(first.challenge)).error().code, "login.step-unknown");
  EXPECT_EQ(sessions_->prove_device(first.token, {random_.array<16>()}, {}).error().code, "login.step-unknown");
  EXPECT_EQ(sessions_->remove_device_at_login(first.token, {random_.array<16>()}).error().code, "login.step-unknown");
  const auto second = sessions_->totp(first.token, code(first.totp.secret)).value();
  EXPECT_EQ(sessions_->totp(second.token, code(first.totp.secret)).error().code, "login.step-unknown");
  EXPECT_TRUE(sessions_->enrol_device(second.token, phone.enrol(second.challenge)));
}

TEST_F(SessionTest, AStepLivesFiveMinutes) {
  const auto first = sessions_->password("anna", "richtig").value();
  clock_.advance(kStepLifetime_s);
  EXPECT_EQ(sessions_->totp(first.token, code(first.totp.secret)).error().code, "login.step-unknown");
}

TEST_F(SessionTest, UnknownPersonAndWrongPasswordReadTheSame) {
  const auto wrong = sessions_->password("anna", "falsch").error();
  EXPECT_EQ(wrong, sessions_->password("niemand", "falsch").error());
  EXPECT_EQ(wrong, sessions_->password("*)(uid=*", "falsch").error());
  EXPECT_EQ(wrong.code, "login.refused");
}

TEST_F(SessionTest, EmptyBlankNulAndOverlongPasswordsNeverReachTheDirectory) {
  for (const std::string& password : {std::string(), std::string("  "), std::string("a\0b", 3), std::string(300, 'x')})
    EXPECT_EQ(sessions_->password("anna", password).error().code, "login.refused");
  EXPECT_EQ(directory_.binds, 0);
}

TEST_F(SessionTest, WrongPasswordsAndCodesCountTogetherAndTheLockOutlivesARestart) {
  std::string secret;
  log_in("anna", secret, Phone());
  clock_.advance(60);
  const auto step = sessions_->password("anna", "richtig").value();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sessions_->totp(step.token, "000000").error().code, "login.refused");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(sessions_->password("anna", "falsch").error().code, "login.refused");
  EXPECT_EQ(sessions_->totp(step.token, code(secret)).error().code, "login.locked");
  const int binds = directory_.binds;
  restart();
  const auto locked = sessions_->password("anna", "richtig");
  EXPECT_EQ(locked.error().code, "login.locked");
  EXPECT_THAT(locked.error().remedy, HasSubstr(base::format_instant(clock_.now() + rules_.lock_for)));
  EXPECT_EQ(directory_.binds, binds);
  EXPECT_TRUE(sessions_->password("ben", "richtig"));
  clock_.advance(rules_.lock_for.count);
  EXPECT_TRUE(sessions_->password("anna", "richtig"));
}

TEST_F(SessionTest, ARightPasswordDoesNotForgiveWrongCodes) {
  std::string secret;
  log_in("anna", secret, Phone());
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    const auto step = sessions_->password("anna", "richtig");
    if (!step) break;
    refused += sessions_->totp(step->token, "000000").error().code == "login.refused";
  }
  EXPECT_EQ(refused, 5);
}

TEST_F(SessionTest, TenThousandCodesInParallelAreFiveCodes) {
  std::string secret;
  log_in("anna", secret, Phone());
  clock_.advance(60);
  std::vector<std::string> tokens;
  for (int i = 0; i < 4; ++i) tokens.push_back(sessions_->password("anna", "richtig").value().token);
  std::atomic<int> judged = 0, other = 0, entered = 0;
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 2500; ++i) {
        const std::string guess = std::to_string(1'000'000 + t * 2500 + i).substr(1);
        const auto reply = sessions_->totp(tokens[t], guess);
        if (reply)
          ++entered;
        else
          (reply.error().code == "login.refused" ? judged : other) += 1;
      }
    });
  }
  threads.clear();
  // One of five guesses may be right, once in 66,000 runs; then there are fewer refusals, never more.
  EXPECT_LE(judged, 5);
  EXPECT_GE(other, 9'990);
  EXPECT_LE(entered, 1);
}

TEST_F(SessionTest, EachCodeWorksOnceAlsoAfterRestartAndWithTheClockSetBack) {
  std::string secret;
  log_in("anna", secret, Phone());
  EXPECT_EQ(sessions_->totp(sessions_->password("anna", "richtig")->token, code(secret)).error().code, "login.refused");
  clock_.advance(30);
  const std::string next = code(secret);
  EXPECT_TRUE(sessions_->totp(sessions_->password("anna", "richtig")->token, next));
  restart();
  EXPECT_EQ(sessions_->totp(sessions_->password("anna", "richtig")->token, next).error().code, "login.refused");
  clock_.set_back(30);
  EXPECT_EQ(sessions_->totp(sessions_->password("anna", "richtig")->token, code(secret)).error().code, "login.refused");
}

TEST_F(SessionTest, CodesOneStepAwayAreTakenAndTwoAreNot) {
  std::string secret;
  log_in("anna", secret, Phone());
  clock_.advance(300);
  EXPECT_FALSE(sessions_->totp(sessions_->password("anna", "richtig")->token, code(secret, 60)));
  EXPECT_FALSE(sessions_->totp(sessions_->password("anna", "richtig")->token, code(secret, -60)));
  EXPECT_TRUE(sessions_->totp(sessions_->password("anna", "richtig")->token, code(secret, -30)));
  EXPECT_TRUE(sessions_->totp(sessions_->password("anna", "richtig")->token, code(secret, 30)));
}

TEST_F(SessionTest, TheFactorIsOnDiskOnlyAfterACodeProvedIt) {
  const auto one = sessions_->password("anna", "richtig").value();
  const auto two = sessions_->password("anna", "richtig").value();
  EXPECT_FALSE(store_->factor("anna")->has_value());
  EXPECT_TRUE(sessions_->totp(one.token, code(one.totp.secret)));
  EXPECT_EQ(sessions_->totp(two.token, code(two.totp.secret)).error().code, "factor.exists");
  const auto sealed = store_->factor("anna").value()->sealed_secret;
  const auto key = FactorKey::load_or_create(folder_ / "factor.key", random_).value();
  EXPECT_TRUE(key.open("anna", sealed));
  EXPECT_EQ(key.open("ben", sealed).error().code, "factor.sealed");
}

TEST_F(SessionTest, ADirectoryThatIsDownCountsForNobody) {
  directory_.down = true;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sessions_->password("anna", "richtig").error().code, "directory.unavailable");
  directory_.down = false;
  EXPECT_TRUE(sessions_->password("anna", "richtig"));
}

TEST_F(SessionTest, SecondLoginProvesTheDevice) {
  std::string secret;
  Phone phone, other;
  const auto done = log_in("anna", secret, phone);
  clock_.advance(60);
  const auto step = to_device_step("anna", secret);
  ASSERT_EQ(step.devices.size(), 1U);
  const auto id = done.session.device;
  EXPECT_EQ(sessions_->prove_device(step.token, id, other.sign(device::prove_message(step.challenge, id))).error().code,
            "device.signature");
  const auto again = sessions_->prove_device(step.token, id, phone.sign(device::prove_message(step.challenge, id)));
  ASSERT_TRUE(again);
  EXPECT_EQ(sessions_->authenticate(done.token, phone.proof(done.token, clock_)).error().code, "session.unknown");
  EXPECT_TRUE(sessions_->authenticate(again->token, phone.proof(again->token, clock_)));
}

TEST_F(SessionTest, AtTheLimitALostDeviceCanBeRemovedWithBothFactorsShown) {
  std::string secret;
  base::DeviceId lost;
  for (int i = 0; i < 3; ++i, clock_.advance(60)) lost = log_in("anna", secret, Phone()).session.device;
  const auto step = to_device_step("anna", secret);
  Phone phone;
  EXPECT_EQ(sessions_->enrol_device(step.token, phone.enrol(step.challenge)).error().code, "device.limit");
  const auto next = sessions_->remove_device_at_login(step.token, lost);
  ASSERT_TRUE(next);
  EXPECT_NE(next->token, step.token);
  EXPECT_EQ(next->devices.size(), 2U);
  EXPECT_TRUE(sessions_->enrol_device(next->token, phone.enrol(next->challenge)));
}

TEST_F(SessionTest, ARemovedDeviceIsToldSoAndOneThatIsWipedLaterToo) {
  std::string secret;
  Phone phone, thief;
  const auto done = log_in("anna", secret, phone);
  ASSERT_TRUE(sessions_->remove_device("anna", done.session.device));
  const auto code_for = [&](Phone& by) {
    return sessions_->authenticate(done.token, by.proof(done.token, clock_)).error().code;
  };
  EXPECT_EQ(code_for(phone), "device.removed");
  EXPECT_EQ(sessions_->rotate(done.token, phone.proof(done.token, clock_)).error().code, "device.removed");
  EXPECT_EQ(code_for(thief), "proof.signature") << "nobody else learns what became of it";
  ASSERT_TRUE(sessions_->wipe_device(done.session.device));
  EXPECT_EQ(code_for(phone), "device.wiped");
}

TEST_F(SessionTest, ATokenAloneOpensNothing) {
  std::string secret;
  Phone phone, thief;
  const auto done = log_in("anna", secret, phone);
  EXPECT_EQ(sessions_->authenticate(done.token, thief.proof(done.token, clock_)).error().code, "proof.signature");
  Proof other_target = phone.proof(done.token, clock_);
  other_target.target = "/v1/wipe";
  EXPECT_EQ(sessions_->authenticate(done.token, other_target).error().code, "proof.signature");
  const Proof once = phone.proof(done.token, clock_);
  EXPECT_TRUE(sessions_->authenticate(done.token, once));
  EXPECT_EQ(sessions_->authenticate(done.token, once).error().code, "proof.replayed");
  EXPECT_TRUE(sessions_->authenticate(done.token, phone.proof(done.token, clock_, kProofWindow_s)));
  EXPECT_TRUE(sessions_->authenticate(done.token, phone.proof(done.token, clock_, -kProofWindow_s)));
  EXPECT_EQ(sessions_->authenticate(done.token, phone.proof(done.token, clock_, kProofWindow_s + 1)).error().code,
            "proof.stale");
  EXPECT_EQ(sessions_->authenticate(done.token, phone.proof(done.token, clock_, -kProofWindow_s - 1)).error().code,
            "proof.stale");
  EXPECT_EQ(sessions_->authenticate("", phone.proof("", clock_)).error().code, "session.unknown");
}

TEST_F(SessionTest, ARotatedTokenEndsTheOldOneAtItsFirstUse) {
  std::string secret;
  Phone phone;
  const std::string first = log_in("anna", secret, phone).token;
  const std::string lost = sessions_->rotate(first, phone.proof(first, clock_)).value().token;
  const std::string second = sessions_->rotate(first, phone.proof(first, clock_)).value().token;  // the answer was lost
  EXPECT_EQ(sessions_->authenticate(lost, phone.proof(lost, clock_)).error().code, "session.unknown");
  EXPECT_TRUE(sessions_->authenticate(first, phone.proof(first, clock_)));
  EXPECT_TRUE(sessions_->authenticate(second, phone.proof(second, clock_)));
  EXPECT_EQ(sessions_->authenticate(first, phone.proof(first, clock_)).error().code, "session.unknown");
  EXPECT_TRUE(sessions_->authenticate(second, phone.proof(second, clock_)));
}

TEST_F(SessionTest, EndsWhenIdleAndAtItsLifetime) {
  std::string secret;
  Phone phone;
  std::string token = log_in("anna", secret, phone).token;
  for (int day = 0; day < 29; ++day) {
    clock_.advance(86400);
    EXPECT_TRUE(sessions_->authenticate(token, phone.proof(token, clock_))) << day;
  }
  clock_.advance(86400);
  EXPECT_EQ(sessions_->authenticate(token, phone.proof(token, clock_)).error().code, "session.expired");
  Phone tablet;
  token = log_in("anna", secret, tablet).token;
  clock_.advance(rules_.idle.count);
  EXPECT_EQ(sessions_->authenticate(token, tablet.proof(token, clock_)).error().code, "session.expired");
  EXPECT_EQ(sessions_->authenticate(token, tablet.proof(token, clock_)).error().code, "session.unknown");
}

TEST_F(SessionTest, AStepUpPassesWhileTheFactorIsFreshAndThenAsksForACode) {
  std::string secret;
  Phone phone;
  const SessionInfo info = log_in("anna", secret, phone).session;
  EXPECT_TRUE(sessions_->step_up(info, ""));
  clock_.advance(rules_.step_up.count - 1);
  EXPECT_TRUE(sessions_->step_up(info, ""));
  clock_.advance(1);
  EXPECT_EQ(sessions_->step_up(info, "").error().code, "factor.needed");
  EXPECT_EQ(sessions_->step_up(info, "000000").error().code, "login.refused");
  const std::string right = code(secret);
  EXPECT_TRUE(sessions_->step_up(info, right));
  clock_.advance(rules_.step_up.count - 1);
  EXPECT_TRUE(sessions_->step_up(info, "")) << "fresh since the code";
  EXPECT_TRUE(sessions_->tick());
  EXPECT_TRUE(sessions_->step_up(info, "")) << "a tick forgets only what is old";
  clock_.advance(1);
  EXPECT_EQ(sessions_->step_up(info, right).error().code, "login.refused") << "a code works once";
  // Another session of the same person has shown nothing.
  SessionInfo other = info;
  other.id = {random_.array<16>()};
  EXPECT_TRUE(sessions_->step_up(info, code(secret)));
  EXPECT_EQ(sessions_->step_up(other, "").error().code, "factor.needed");
  clock_.set_back(7200);
  EXPECT_EQ(sessions_->step_up(info, "").error().code, "factor.needed") << "a clock set back makes nothing fresh";
}

TEST_F(SessionTest, WrongCodesOfAStepUpLockAsAtTheLogin) {
  std::string secret;
  Phone phone;
  const SessionInfo info = log_in("anna", secret, phone).session;
  clock_.advance(rules_.step_up.count);
  for (std::uint32_t i = 0; i < rules_.failures_max; ++i)
    EXPECT_EQ(sessions_->step_up(info, "000000").error().code, "login.refused");
  EXPECT_EQ(sessions_->step_up(info, code(secret)).error().code, "login.locked");
}

TEST_F(SessionTest, AWipedDeviceIsToldSoOverItsToken) {
  std::string secret;
  Phone phone, stranger;
  const auto done = log_in("anna", secret, phone);
  ASSERT_TRUE(sessions_->wipe_device(done.session.device));
  restart();
  EXPECT_EQ(sessions_->authenticate(done.token, phone.proof(done.token, clock_)).error().code, "device.wiped");
  EXPECT_EQ(sessions_->authenticate(done.token, stranger.proof(done.token, clock_)).error().code, "proof.signature");
  clock_.advance(60);
  const auto step = to_device_step("anna", secret);
  EXPECT_EQ(sessions_->enrol_device(step.token, phone.enrol(step.challenge)).error().code, "device.wiped");
}

TEST_F(SessionTest, WhoIsGoneFromTheDirectoryIsGoneHere) {
  std::string anna, ben;
  Phone phone, other;
  const auto one = log_in("anna", anna, phone);
  const auto two = log_in("ben", ben, other);
  clock_.advance(60);
  Phone tablet;
  log_in("anna", anna, tablet);
  EXPECT_TRUE(sessions_->close_missing(directory_.snapshot().value())->empty());
  clock_.advance(60);
  const auto half_way = sessions_->password("anna", "richtig").value();
  directory_.people.erase("anna");
  EXPECT_EQ(sessions_->close_missing(directory_.snapshot().value()).value(), (std::vector<ClosedPerson>{{"anna", 2}}));
  EXPECT_EQ(sessions_->authenticate(one.token, phone.proof(one.token, clock_)).error().code, "session.unknown");
  EXPECT_EQ(sessions_->totp(half_way.token, code(anna)).error().code, "login.step-unknown");
  EXPECT_TRUE(sessions_->authenticate(two.token, other.proof(two.token, clock_)));
  directory_.people["ben"] = "uuid-of-somebody-else";
  EXPECT_EQ(sessions_->close_missing(directory_.snapshot().value()).value(), (std::vector<ClosedPerson>{{"ben", 1}}));
  EXPECT_EQ(sessions_->password("ben", "richtig")->next, Stage::enrol_totp);  // nothing of the other Ben is left
}

TEST_F(SessionTest, WhoLeavesDuringTheLoginGetsNoSession) {
  std::string secret;
  Phone phone;
  const auto step = to_device_step("anna", secret);
  directory_.people.erase("anna");
  EXPECT_EQ(sessions_->enrol_device(step.token, phone.enrol(step.challenge)).error().code, "login.refused");
  EXPECT_TRUE(store_->people_with_sessions()->empty());
}

TEST_F(SessionTest, LogoutAndResetEndSessions) {
  std::string secret;
  Phone phone, tablet;
  const auto one = log_in("anna", secret, phone);
  clock_.advance(60);
  const auto two = log_in("anna", secret, tablet);
  EXPECT_TRUE(sessions_->logout(one.token, phone.proof(one.token, clock_)));
  EXPECT_EQ(sessions_->authenticate(one.token, phone.proof(one.token, clock_)).error().code, "session.unknown");
  EXPECT_TRUE(sessions_->reset_factor("anna"));
  EXPECT_EQ(sessions_->authenticate(two.token, tablet.proof(two.token, clock_)).error().code, "session.unknown");
  EXPECT_EQ(sessions_->password("anna", "richtig")->next, Stage::enrol_totp);
  EXPECT_TRUE(sessions_->tick());
}

}  // namespace
}  // namespace gateway::session
