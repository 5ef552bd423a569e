// Certificates and consent on the real programs: each device is proven by the log, a second one waits until the first
// has consented, everybody of the person is told, and it can be undone.
#include <gtest/gtest.h>

#include <thread>

#include "audit/certificate/certificate.h"
#include "clients/transport/https.h"
#include "tests/support/station/open_pack.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

using policy::base::as_bytes;
using policy::base::Bytes;
using policy::base::Seconds;
using tests::support::bytes_of;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;
namespace certificate = audit::certificate;
namespace pb = feierabend::v1;

template <std::size_t kSize>
std::array<std::uint8_t, kSize> array_of(const std::string& field) {
  std::array<std::uint8_t, kSize> out{};
  EXPECT_EQ(field.size(), kSize);
  if (field.size() == kSize) std::ranges::copy(as_bytes(field), out.begin());
  return out;
}

class Consent : public ::testing::Test {
 protected:
  void SetUp() override {
    tests::support::write_file(packs_ / "pack.toml", tests::support::kOpenPack);
    station_.emplace(
        "consent",
        Station::Options{
            .people = {{"anna"}, {"bernd"}}, .roster = {}, .packs = {packs_ / "pack.toml"}, .movable_clock = true});
    station_->start_relay();
    station_->start_gateway();
    network_ =
        std::move(clients::transport::Network::start(
                      station_->clock(), clients::transport::parse_server_url(station_->url()).value(), station_->ca())
                      .value());
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }

  pb::LoginStep step_of(TestDevice& device, const std::string& person) {
    station_->move_clock(station_->clock_ahead() + Seconds{30});  // a code works once
    auto step = device.login(person, secrets_[person]);
    EXPECT_TRUE(step) << policy::base::to_string(step.error());
    return step.value_or(pb::LoginStep());
  }
  std::unique_ptr<TestDevice> enter(const std::string& person, const std::string& name) {
    auto out = std::make_unique<TestDevice>(station_->url(), station_->ca(), &station_->clock());
    const auto grant = out->enrol(step_of(*out, person), name);
    EXPECT_TRUE(grant) << policy::base::to_string(grant.error());
    const auto connected = out->connect();
    EXPECT_TRUE(connected) << policy::base::to_string(connected.error());
    return out;
  }
  static std::optional<pb::DeviceNews> news(TestDevice& device, pb::DeviceNews::What what) {
    const auto frame =
        device.next([what](const pb::ServerFrame& one) { return one.has_news() && one.news().what() == what; }, 5000);
    return frame ? std::optional(frame->news()) : std::nullopt;
  }
  static std::vector<pb::Device> devices_of(const pb::Conversation& conversation, const std::string& person) {
    for (const auto& member : conversation.members())
      if (member.person() == person) return {member.devices().begin(), member.devices().end()};
    return {};
  }
  // As soon as the log's checkpoint covers them all.
  static std::vector<pb::Device> certified(TestDevice& asking, const std::string& person) {
    for (int i = 0; i < 50; ++i) {
      const auto conversation = asking.open({person});
      pb::ClientFrame question;
      question.mutable_open()->set_conversation(conversation.conversation());
      for (const auto& one : devices_of(conversation, person)) question.mutable_open()->add_devices(one.device());
      const auto answer = asking.ask(question);
      EXPECT_TRUE(answer) << policy::base::to_string(answer.error());
      auto devices = answer ? devices_of(answer->conversation(), person) : std::vector<pb::Device>();
      if (std::ranges::all_of(devices, [](const auto& one) { return one.has_certificate(); })) return devices;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ADD_FAILURE() << "no certificates of " << person;
    return {};
  }
  static std::vector<audit::checkpoint::VerifierKey> logs(const TestDevice& device) {
    std::vector<audit::checkpoint::VerifierKey> out;
    for (const auto& log : device.grant().logs()) {
      auto key = audit::checkpoint::VerifierKey::parse(log.verifier_key());
      EXPECT_TRUE(key);
      EXPECT_EQ(log.origin(), key->name());
      EXPECT_GE(log.year(), 2024U);
      if (key) out.push_back(*std::move(key));
    }
    return out;
  }
  static certificate::Certificate read(const pb::DeviceCertificate& given) {
    return {bytes_of(given.statement()),  bytes_of(given.leaf()), {array_of<32>(given.entry_key())},
            bytes_of(given.ciphertext()), given.proof(),          {}};
  }

  TemporaryFolder packs_{"pack"};
  std::optional<Station> station_;
  std::unique_ptr<clients::transport::Network> network_;
  std::map<std::string, std::string> secrets_;
};

TEST_F(Consent, TheLogProvesWhoseDeviceItIs) {
  const auto anna = enter("anna", "Diensthandy"), bernd = enter("bernd", "Telefon");
  EXPECT_FALSE(anna->grant().waiting());
  const auto devices = certified(*bernd, "anna");
  ASSERT_EQ(devices.size(), 1U);
  const auto given = read(devices[0].certificate());
  const auto checked = certificate::verify(given, logs(*bernd));
  ASSERT_TRUE(checked) << policy::base::to_string(checked.error());
  EXPECT_EQ(checked->statement.person, "anna");
  EXPECT_EQ(checked->statement.device, anna->id());
  EXPECT_EQ(checked->statement.sign_key, anna->credentials().key.identity_key());
  EXPECT_EQ(given.statement, bytes_of(anna->grant().statement()));
  EXPECT_TRUE(devices[0].certificate().consent_by().empty());

  pb::ClientFrame list;
  list.mutable_list();
  const auto conversations = bernd->ask(list);
  ASSERT_TRUE(conversations);
  EXPECT_FALSE(devices_of(conversations->conversations().conversations(0), "anna")[0].has_certificate());
  pb::ClientFrame other;
  other.mutable_open()->add_persons("anna");
  other.mutable_open()->add_devices(bernd->id().wire());
  const auto opened = bernd->ask(other);
  ASSERT_TRUE(opened) << policy::base::to_string(opened.error());
  EXPECT_FALSE(devices_of(opened->conversation(), "anna")[0].has_certificate()) << "only those that are asked for";
  EXPECT_FALSE(devices_of(bernd->open({"anna"}), "anna")[0].has_certificate());

  station_->restart_gateway();
  ASSERT_TRUE(bernd->connect());
  EXPECT_EQ(read(certified(*bernd, "anna")[0].certificate()).statement, given.statement);
}

// Whoever was away follows a group through epochs in which it had a leaf.
TEST_F(Consent, ADeviceThatIsGoneIsProvenToThoseWhoNameIt) {
  const auto anna = enter("anna", "Diensthandy"), bernd = enter("bernd", "Diensthandy");
  (void)certified(*anna, "bernd");
  const auto conversation = anna->open({"bernd"});
  ASSERT_TRUE(bernd->api().remove_device(bernd->credentials(), bernd->id()));
  const auto asked = [&](TestDevice& by, const std::string& id, const std::vector<std::string>& names) {
    pb::ClientFrame question;
    question.mutable_open()->set_conversation(id);
    for (const auto& name : names) question.mutable_open()->add_devices(name);
    const auto answer = by.ask(question);
    EXPECT_TRUE(answer) << policy::base::to_string(answer.error());
    return answer ? answer->conversation() : pb::Conversation();
  };
  const auto former_of = [](const pb::Conversation& of) {
    std::vector<pb::Device> out;
    for (const auto& member : of.members())
      if (member.person() == "bernd") out.assign(member.former().begin(), member.former().end());
    return out;
  };
  EXPECT_TRUE(former_of(asked(*anna, conversation.conversation(), {})).empty()) << "not unasked";
  const auto gone = former_of(asked(*anna, conversation.conversation(), {bernd->id().wire()}));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].device(), bernd->id().wire());
  ASSERT_TRUE(gone[0].has_certificate());
  const auto checked = certificate::verify(read(gone[0].certificate()), logs(*anna));
  ASSERT_TRUE(checked) << policy::base::to_string(checked.error());
  EXPECT_EQ(policy::base::as_text(checked->statement.sign_key), gone[0].identity_key());
  EXPECT_EQ(checked->statement.person, "bernd");
  EXPECT_TRUE(devices_of(asked(*anna, conversation.conversation(), {bernd->id().wire()}), "bernd").empty());
  // Of nobody else, and of no device that never was.
  EXPECT_TRUE(former_of(asked(*anna, conversation.conversation(), {std::string(16, 'x')})).empty());
}

TEST_F(Consent, ASecondDeviceWaitsForTheFirst) {
  const auto phone = enter("anna", "Diensthandy"), bernd = enter("bernd", "Telefon");
  const auto conversation = bernd->open({"anna"});
  const auto tablet = enter("anna", "Tablet");
  EXPECT_TRUE(tablet->grant().waiting());
  const auto told = news(*phone, pb::DeviceNews::ENROLLED);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->device(), tablet->id().wire());
  EXPECT_EQ(told->name(), "Tablet");
  EXPECT_EQ(told->statement(), tablet->grant().statement());

  pb::ClientFrame open;
  open.mutable_open()->add_persons("bernd");
  EXPECT_EQ(tablet->ask(open).error().code, "device.waiting");
  EXPECT_EQ(tablet->send(conversation, "Hallo").error().code, "device.waiting");
  EXPECT_EQ(tablet->api().remove_device(tablet->credentials(), phone->id()).error().code, "device.waiting");
  EXPECT_EQ(tablet->api().ledger(tablet->credentials()).error().code, "device.waiting");
  EXPECT_EQ(tablet->consent_to(tablet->id(), tablet->grant().statement()).error().code, "device.waiting");
  EXPECT_EQ(devices_of(bernd->open({"anna"}), "anna").size(), 1U);
  ASSERT_TRUE(bernd->send(bernd->open({"anna"}), "nur fürs Handy"));
  EXPECT_TRUE(phone->next_delivery());
  EXPECT_FALSE(tablet->next_delivery(1500)) << "nothing comes to a device that waits";

  EXPECT_EQ(phone->consent_to(tablet->id(), phone->grant().statement()).error().code, "device.consent-invalid");
  EXPECT_EQ(bernd->consent_to(tablet->id(), tablet->grant().statement()).error().code, "device.unknown");
  EXPECT_EQ(phone->consent_to(phone->id(), phone->grant().statement()).error().code, "device.not-waiting");
  const auto consented = phone->consent_to(tablet->id(), told->statement());
  ASSERT_TRUE(consented) << policy::base::to_string(consented.error());
  EXPECT_TRUE(news(*phone, pb::DeviceNews::CONSENTED));
  EXPECT_TRUE(news(*tablet, pb::DeviceNews::CONSENTED));

  const auto devices = certified(*bernd, "anna");
  ASSERT_EQ(devices.size(), 2U);
  const auto& given = devices[1].certificate();
  EXPECT_EQ(devices[1].device(), tablet->id().wire());
  EXPECT_EQ(given.consent_by(), phone->id().wire());
  EXPECT_EQ(given.consent_key(), devices[0].identity_key());
  const auto checked = certificate::verify(read(given), logs(*bernd));
  ASSERT_TRUE(checked) << policy::base::to_string(checked.error());
  EXPECT_TRUE(certificate::consents(array_of<32>(given.consent_key()), checked->digest,
                                    array_of<64>(given.consent_signature())));
  ASSERT_TRUE(bernd->send(bernd->open({"anna"}), "für beide"));
  const auto delivery = tablet->next_delivery();
  ASSERT_TRUE(delivery);
  EXPECT_EQ(tablet->read(*delivery), "für beide");
}

TEST_F(Consent, AnEnrolmentCanBeUndone) {
  const auto phone = enter("anna", "Diensthandy"), intruder = enter("anna", "Unbekannt");
  ASSERT_TRUE(news(*phone, pb::DeviceNews::ENROLLED));
  ASSERT_TRUE(phone->api().remove_device(phone->credentials(), intruder->id()));
  EXPECT_TRUE(news(*phone, pb::DeviceNews::REMOVED));
  EXPECT_FALSE(intruder->next([](const pb::ServerFrame&) { return false; }, 5000));
  EXPECT_FALSE(intruder->connected());
  EXPECT_EQ(intruder->lost(), "device.removed");
  EXPECT_FALSE(phone->consent_to(intruder->id(), intruder->grant().statement()));
  ASSERT_TRUE(phone->connect());
  const auto again = news(*phone, pb::DeviceNews::REMOVED);
  ASSERT_TRUE(again) << "whoever was away is told when he comes back";
  EXPECT_EQ(again->name(), "Unbekannt");
}

TEST_F(Consent, WhoHasLostTheOnlyDeviceNeedsNoConsentOfIt) {
  const auto lost = enter("anna", "verloren"), fresh = enter("anna", "neu");
  EXPECT_TRUE(fresh->grant().waiting());
  auto step = step_of(*fresh, "anna");
  pb::DeviceProofRequest request;
  request.set_step_token(step.step_token());
  request.set_device(lost->id().wire());
  const auto removed =
      clients::transport::https(*network_, {"POST", "/v1/login/remove-device", {}, relay::wire::to_json(request)});
  ASSERT_TRUE(removed && removed->status == 200) << removed->body;
  step = relay::wire::parse_json<pb::LoginStep>(removed->body).value();
  const auto grant = fresh->prove(step);
  ASSERT_TRUE(grant) << policy::base::to_string(grant.error());
  EXPECT_FALSE(grant->waiting());
  ASSERT_TRUE(fresh->connect());
  EXPECT_FALSE(fresh->open({"bernd"}).conversation().empty());
}

}  // namespace
