// Devices on the real programs: three a person whatever happens at once, each token bound to its device, wiped and told
// so, and an account that is being guessed at locks, over a restart too. The rules are the shipped ones.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <optional>
#include <thread>

#include "clients/transport/https.h"
#include "clients/transport/problem.h"
#include "clients/transport/proof.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

using policy::base::Result;
using policy::base::Seconds;
using tests::support::kPassword;
using tests::support::Station;
using tests::support::TestDevice;
using tests::support::totp_code;
namespace pb = feierabend::v1;
namespace transport = clients::transport;

constexpr std::size_t kEnrolmentsAtOnce = 50;
constexpr std::size_t kStepTokens = 8;  // a person holds at most so many (gateway/session/steps.h)
constexpr int kFailuresMax = 5;         // rules/packs/zwei-faktor

class Devices : public ::testing::Test {
 protected:
  Devices()
      : station_("devices", {.people = {{"anna"}, {"bernd"}, {"root", "Root", "technik", {"messenger-admins"}}},
                             .roster = {},
                             .packs = {},
                             .gateway_arguments = {"--workers", "16"},
                             .directory_arguments = {},
                             .environment = {},
                             .movable_clock = true}) {
    station_.start_relay();
    station_.start_gateway();
    network_ = std::move(
        transport::Network::start(station_.clock(), transport::parse_server_url(station_.url()).value(), station_.ca())
            .value());
  }
  void TearDown() override {
    if (HasFailure()) std::fprintf(stderr, "%s\n", station_.logs().c_str());
  }

  std::unique_ptr<TestDevice> device() {
    return std::make_unique<TestDevice>(station_.url(), station_.ca(), &station_.clock());
  }
  // A code works once, so every login takes place in a time step of its own.
  void next_step() { station_.move_clock(station_.clock_ahead() + Seconds{30}); }
  pb::LoginStep step_of(TestDevice& device, const std::string& person) {
    next_step();
    auto step = device.login(person, secrets_[person]);
    EXPECT_TRUE(step) << policy::base::to_string(step.error());
    return step.value_or(pb::LoginStep());
  }
  std::unique_ptr<TestDevice> enrolled(const std::string& person, const std::string& name) {
    auto out = device();
    const auto grant = out->enrol(step_of(*out, person), name);
    EXPECT_TRUE(grant) << policy::base::to_string(grant.error());
    return out;
  }
  std::size_t active_devices(TestDevice& asking) {
    const auto list = asking.api().devices(asking.credentials());
    if (!list) return ADD_FAILURE() << policy::base::to_string(list.error()), 0;
    std::size_t count = 0;
    for (const auto& one : list->devices()) count += one.wiped() ? 0U : 1U;
    return count;
  }
  relay::net::HttpResponse post(const char* target, const google::protobuf::Message& body,
                                relay::net::HttpFields fields = {}) {
    return transport::https(*network_, {"POST", target, std::move(fields), relay::wire::to_json(body)}).value();
  }

  Station station_;
  policy::base::SystemRandom random_;
  std::unique_ptr<transport::Network> network_;
  std::map<std::string, std::string> secrets_;
};

pb::EnrolRequest enrol_request(const pb::LoginStep& step, const clients::mls::DeviceKey& key, const std::string& name) {
  pb::EnrolRequest out;
  out.set_step_token(step.step_token());
  out.set_name(name);
  out.set_kind(pb::PHONE);
  out.set_identity_key(key.identity_key().data(), key.identity_key().size());
  const auto signature =
      key.sign(clients::mls::enrol_statement(policy::base::as_bytes(step.challenge()), key.identity_key()));
  out.set_signature(signature.data(), signature.size());
  return out;
}

TEST_F(Devices, AFourthIsRefusedAndRemovalMakesRoom) {
  const auto first = enrolled("anna", "Diensthandy"), second = enrolled("anna", "Tablet"),
             third = enrolled("anna", "Privat");
  auto fourth = device();
  const auto step = step_of(*fourth, "anna");
  EXPECT_EQ(step.devices_size(), 3);
  const auto refused =
      post("/v1/login/enrol", enrol_request(step, clients::mls::DeviceKey::generate(random_), "Viertes"));
  EXPECT_EQ(refused.status, 409U);
  const auto problem = transport::problem_of(refused);
  EXPECT_EQ(problem.code, "device.limit");
  EXPECT_NE(problem.seen.find("3 devices"), std::string::npos) << problem.seen;
  for (const char* const name : {"Diensthandy", "Tablet", "Privat"})
    EXPECT_NE(problem.seen.find(name), std::string::npos) << problem.seen;
  EXPECT_NE(problem.allowed.find("at most 3"), std::string::npos) << problem.allowed;
  EXPECT_NE(problem.allowed.find("byod-drei/devices"), std::string::npos) << "the refusal names its rule";
  EXPECT_NE(problem.remedy.find("remove"), std::string::npos) << problem.remedy;

  // The refusal leaves the login open: with a place freed it goes on where it was.
  ASSERT_TRUE(first->api().remove_device(first->credentials(), second->id()));
  EXPECT_EQ(active_devices(*first), 2U);
  const auto gone = second->connect();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, "device.removed");
  const auto grant = fourth->enrol(step, "Viertes");
  ASSERT_TRUE(grant) << policy::base::to_string(grant.error());
  EXPECT_EQ(active_devices(*fourth), 3U);
}

// A person may hold eight logins at a time, so that fifty enrolments share their tokens: whoever finds one busy or used
// takes the next until the gateway has judged the enrolment itself.
struct Burst {
  std::atomic<std::size_t> enrolled{0}, refused{0}, other{0};

  void enrol(Station& station, const std::vector<pb::LoginStep>& steps, std::size_t number, std::barrier<>& all) {
    policy::base::SystemRandom random;
    const auto network = std::move(
        transport::Network::start(station.clock(), transport::parse_server_url(station.url()).value(), station.ca())
            .value());
    transport::Api api(*network, random);
    const auto key = clients::mls::DeviceKey::generate(random);
    all.arrive_and_wait();
    for (std::size_t attempt = 0; attempt < 400; ++attempt) {
      const auto& step = steps[(number + attempt) % steps.size()];
      const auto grant = api.enrol(enrol_request(step, key, "phone " + std::to_string(number)));
      if (grant) return void(++enrolled);
      if (grant.error().code == "device.limit") return void(++refused);
      if (grant.error().code != "login.step-unknown" && grant.error().code != "http.busy") break;
    }
    ++other;
  }
};

TEST_F(Devices, FiftyEnrolmentsAtOnceEndInThree) {
  const auto first = enrolled("anna", "one"), second = enrolled("anna", "two");
  std::vector<pb::LoginStep> steps;
  auto opener = device();
  for (std::size_t i = 0; i < kStepTokens; ++i) steps.push_back(step_of(*opener, "anna"));
  Burst burst;
  std::barrier all(static_cast<std::ptrdiff_t>(kEnrolmentsAtOnce));
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kEnrolmentsAtOnce; ++i)
      threads.emplace_back([&, i] { burst.enrol(station_, steps, i, all); });
  }
  EXPECT_EQ(burst.enrolled, 1U);
  EXPECT_EQ(burst.refused, kEnrolmentsAtOnce - 1);
  EXPECT_EQ(burst.other, 0U);
  EXPECT_EQ(active_devices(*first), 3U);
}

TEST_F(Devices, AWipedDeviceIsToldWhetherItIsHereOrComesBack) {
  const auto phone = enrolled("bernd", "phone"), admin = enrolled("root", "desk"),
             colleague = enrolled("anna", "phone");
  ASSERT_TRUE(phone->connect());
  const auto forbidden = colleague->api().wipe(colleague->credentials(), phone->id(), "lost");
  ASSERT_FALSE(forbidden);
  EXPECT_EQ(forbidden.error().code, "role.missing");
  pb::DeviceRequest request;
  request.set_device(phone->id().wire());
  request.set_reason("lost");
  EXPECT_EQ(post("/v1/admin/wipe", request,
                 transport::proof_fields(colleague->credentials(), "POST", "/v1/admin/wipe", station_.clock(), random_))
                .status,
            403U);
  const auto reasonless = admin->api().wipe(admin->credentials(), phone->id(), "boredom");
  ASSERT_FALSE(reasonless);
  EXPECT_EQ(reasonless.error().code, "wipe.reason");
  EXPECT_NE(reasonless.error().allowed.find("stolen"), std::string::npos);

  ASSERT_TRUE(admin->api().wipe(admin->credentials(), phone->id(), "stolen"));
  const auto told = phone->next([](const pb::ServerFrame& frame) { return frame.has_wiped(); }, 5000);
  ASSERT_TRUE(told) << "the open stream hears nothing";
  EXPECT_EQ(told->wiped().reason(), "stolen");
  EXPECT_FALSE(phone->next([](const pb::ServerFrame&) { return true; }, 5000));
  EXPECT_EQ(phone->lost(), "device.wiped") << "and is closed";
  for (int life = 0; life < 2; ++life) {
    const auto back = phone->connect();
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, "device.wiped");
    station_.restart_gateway();
  }
  EXPECT_TRUE(colleague->connect()) << "nobody else is touched";
}

TEST_F(Devices, ATokenOpensNothingWithoutTheProofOfItsDevice) {
  const auto mine = enrolled("anna", "mine"), other = enrolled("bernd", "other");
  const auto list = [this](relay::net::HttpFields fields) {
    return transport::https(*network_, {"GET", "/v1/devices", std::move(fields), ""}).value();
  };
  const auto proof = [this](const transport::Credentials& credentials, const char* target = "/v1/devices") {
    return transport::proof_fields(credentials, "GET", target, station_.clock(), random_);
  };
  const auto stolen = list(proof({mine->credentials().token, other->credentials().key}));
  EXPECT_EQ(stolen.status, 401U);
  EXPECT_EQ(transport::problem_of(stolen).code, "proof.signature");
  const auto elsewhere = list(proof(mine->credentials(), "/v1/stream"));
  EXPECT_EQ(transport::problem_of(elsewhere).code, "proof.signature") << "a proof is for one target";

  const auto fields = proof(mine->credentials());
  EXPECT_EQ(list(fields).status, 200U);
  const auto replayed = list(fields);
  EXPECT_EQ(replayed.status, 401U);
  EXPECT_EQ(transport::problem_of(replayed).code, "proof.replayed");

  const auto early = proof(mine->credentials());
  station_.move_clock(station_.clock_ahead() + Seconds{300});
  const auto stale = list(early);
  EXPECT_EQ(stale.status, 401U);
  EXPECT_EQ(transport::problem_of(stale).code, "proof.stale");
  EXPECT_EQ(list(proof(mine->credentials())).status, 200U);
}

TEST_F(Devices, GuessedCodesLockTheAccountOverARestart) {
  const auto mine = enrolled("anna", "mine");
  const auto wrong_code = [this](const std::string& token) {
    pb::TotpRequest request;
    request.set_step_token(token);
    request.set_code("000000");
    return post("/v1/login/totp", request);
  };
  auto guesser = device();
  const auto first = guesser->api().password("anna", kPassword);
  ASSERT_TRUE(first);
  for (int i = 0; i < kFailuresMax; ++i) {
    const auto refused = wrong_code(first->step_token());
    EXPECT_EQ(refused.status, 401U) << i;
    EXPECT_EQ(transport::problem_of(refused).code, "login.refused") << i;
  }
  const auto locked = wrong_code(first->step_token());
  EXPECT_EQ(locked.status, 429U);
  EXPECT_EQ(transport::problem_of(locked).code, "login.locked");
  EXPECT_NE(transport::problem_of(locked).remedy.find("wait until"), std::string::npos);

  station_.restart_gateway();
  const auto still = guesser->api().password("anna", kPassword);
  ASSERT_FALSE(still) << "the right password, too, and after a restart";
  EXPECT_EQ(still.error().code, "login.locked");
  EXPECT_TRUE(mine->connect()) << "a session that is open is not the guesser's to end";
  EXPECT_TRUE(guesser->api().password("bernd", kPassword)) << "and nobody else is locked out";

  station_.move_clock(station_.clock_ahead() + Seconds{16 * 60});
  auto again = device();
  const auto open = again->login("anna", secrets_["anna"]);
  EXPECT_TRUE(open) << policy::base::to_string(open.error());
}

TEST_F(Devices, EachStepTokenAndEachCodeWorksOnce) {
  auto one = device();
  next_step();
  const auto password = one->api().password("anna", kPassword);
  ASSERT_TRUE(password);
  ASSERT_EQ(password->next(), pb::TOTP_ENROL);
  const std::string uri = password->totp_uri();
  const std::string secret = uri.substr(uri.find("secret=") + 7, 32);
  const std::string code = totp_code(secret, station_.clock().now());
  const auto factor = one->api().totp(password->step_token(), code);
  ASSERT_TRUE(factor) << policy::base::to_string(factor.error());
  EXPECT_NE(factor->step_token(), password->step_token());
  const auto used = one->api().totp(password->step_token(), code);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, "login.step-unknown");
  ASSERT_TRUE(one->enrol(*factor));
  auto two = device();
  const auto enrolled_twice = two->enrol(*factor);
  ASSERT_FALSE(enrolled_twice);
  EXPECT_EQ(enrolled_twice.error().code, "login.step-unknown");

  const auto again = two->api().password("anna", kPassword);
  ASSERT_TRUE(again);
  const auto same_code = two->api().totp(again->step_token(), code);
  ASSERT_FALSE(same_code) << "a code that was seen opens nothing a second time";
  EXPECT_EQ(same_code.error().code, "login.refused");
}

}  // namespace
