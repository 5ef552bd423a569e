#include "gateway/device/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <atomic>
#include <filesystem>
#include <thread>

namespace gateway::device {
namespace {

using ::testing::HasSubstr;

struct Keys {
  PublicKey sign_key{};
  std::array<std::uint8_t, 64> secret{};

  Keys() { crypto_sign_keypair(sign_key.data(), secret.data()); }
  Signature sign(const base::Bytes& message) const {
    Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret.data());
    return signature;
  }
  EnrolRequest request(const Challenge& challenge, std::string name = "Diensthandy") const {
    return {.name = std::move(name),
            .kind = DeviceKind::phone,
            .sign_key = sign_key,
            .signature = sign(enrol_message(challenge, sign_key))};
  }
};

class DeviceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("feierabend_device_" + base::to_hex(random_.array<8>()));
    std::filesystem::create_directory(folder_);
    store_ = store::Store::open(folder_ / "gateway.db").value();
    ASSERT_TRUE(store_->ensure_person("anna", "", {random_.array<16>()}));
    ASSERT_TRUE(store_->ensure_person("ben", "", {random_.array<16>()}));
    challenge_ = random_.array<32>();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  base::Result<Device> enrol(const Keys& keys, const std::string& person = "anna") {
    return Devices(*store_, random_).enrol(person, keys.request(challenge_), challenge_, limit_, {1'700'000'000});
  }

  base::SystemRandom random_;
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  Challenge challenge_{};
  const Limit limit_{.devices_max = 3, .cite = "byod-drei/devices"};
};

TEST_F(DeviceTest, MessagesAreAsTheHeaderSays) {
  Challenge challenge;
  challenge.fill(1);
  PublicKey sign;
  sign.fill(2);
  EXPECT_EQ(base::as_text(enrol_message(challenge, sign)),
            "feierabend-device-enrol-v2" + std::string(32, 1) + std::string(32, 2));
  base::DeviceId id;
  id.bytes.fill(4);
  EXPECT_EQ(base::as_text(prove_message(challenge, id)),
            "feierabend-device-prove-v1" + std::string(32, 1) + std::string(16, 4));
}

TEST_F(DeviceTest, EnrolsAndProves) {
  Devices devices(*store_, random_);
  const Keys keys;
  const auto device = enrol(keys);
  ASSERT_TRUE(device);
  EXPECT_EQ(devices.list("anna").value(), std::vector<Device>{*device});
  const Challenge next = random_.array<32>();
  EXPECT_TRUE(devices.prove("anna", device->id, next, keys.sign(prove_message(next, device->id))));
  EXPECT_EQ(devices.prove("anna", device->id, challenge_, keys.sign(prove_message(next, device->id))).error().code,
            "device.signature");
  EXPECT_EQ(devices.prove("ben", device->id, next, keys.sign(prove_message(next, device->id))).error().code,
            "device.unknown");
}

TEST_F(DeviceTest, RefusesWhatItsKeyDidNotSignForThisChallenge) {
  Devices devices(*store_, random_);
  const Keys keys, other;
  EnrolRequest stolen = keys.request(challenge_);
  stolen.sign_key = other.sign_key;
  for (const EnrolRequest& request : {stolen, keys.request(random_.array<32>())})
    EXPECT_EQ(devices.enrol("anna", request, challenge_, limit_, {1}).error().code, "device.signature");
  EXPECT_TRUE(devices.list("anna")->empty());
}

TEST_F(DeviceTest, RefusesNamesThatWouldHurt) {
  Devices devices(*store_, random_);
  const Keys keys;
  for (const std::string& name : {std::string(), std::string(65, 'x'), std::string("a\x1b[31m"), std::string("\xff")})
    EXPECT_EQ(devices.enrol("anna", keys.request(challenge_, name), challenge_, limit_, {1}).error().code,
              "device.name");
}

TEST_F(DeviceTest, TheFourthIsToldHowManyWhichAllowedAndWhatToDo) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(enrol(Keys()));
  const auto fourth = enrol(Keys());
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().code, "device.limit");
  EXPECT_THAT(fourth.error().seen, HasSubstr("3 devices"));
  EXPECT_THAT(fourth.error().seen, HasSubstr("'Diensthandy' (phone, since 2023-11-14"));
  EXPECT_THAT(fourth.error().allowed, HasSubstr("at most 3 per person (byod-drei/devices)"));
  EXPECT_THAT(fourth.error().remedy, HasSubstr("remove one"));
}

TEST_F(DeviceTest, ARepeatedEnrolmentGivesTheDeviceThatIsThereAlsoAtTheLimit) {
  Keys first, second, third;
  const auto enrolled = enrol(first);
  ASSERT_TRUE(enrolled && enrol(second) && enrol(third));
  const auto again = enrol(first);
  ASSERT_TRUE(again) << base::to_string(again.error());
  EXPECT_EQ(again->id, enrolled->id);
  EXPECT_EQ(store_->active_devices("anna")->size(), 3U);
}

TEST_F(DeviceTest, FiftyEnrolmentsThroughTwoStoresEndInExactlyThree) {
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(enrol(Keys()));
  const auto second = store::Store::open(folder_ / "gateway.db").value();
  std::atomic<int> added = 0, refused = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 50; ++i) {
    threads.emplace_back([&, i] {
      const Keys keys;
      Devices devices(i % 2 ? *store_ : *second, random_);
      const auto device = devices.enrol("anna", keys.request(challenge_), challenge_, limit_, {1});
      if (device)
        ++added;
      else if (device.error().code == "device.limit")
        ++refused;
    });
  }
  threads.clear();
  EXPECT_EQ(added, 1);
  EXPECT_EQ(refused, 49);
  EXPECT_EQ(store_->active_devices("anna")->size(), 3U);
}

TEST_F(DeviceTest, AWipedDeviceIsToldSoAndNobodyElse) {
  Devices devices(*store_, random_);
  const Keys keys, other;
  const auto device = enrol(keys);
  ASSERT_TRUE(devices.wipe(device->id, {2}));
  EXPECT_TRUE(devices.wipe(device->id, {3}));
  EXPECT_EQ(devices.prove("anna", device->id, challenge_, keys.sign(prove_message(challenge_, device->id))).error(),
            wiped_error());
  EXPECT_EQ(
      devices.prove("anna", device->id, challenge_, other.sign(prove_message(challenge_, device->id))).error().code,
      "device.signature");
  EXPECT_EQ(enrol(keys).error().code, "device.wiped");
  EXPECT_EQ(devices.wipe({random_.array<16>()}, {2}).error().code, "device.unknown");
}

TEST_F(DeviceTest, OnesOwnDeviceCanBeRemovedAndNoOther) {
  Devices devices(*store_, random_);
  const Keys keys;
  const auto device = enrol(keys);
  EXPECT_EQ(devices.remove("ben", device->id, {2}).error().code, "device.unknown");
  EXPECT_TRUE(devices.remove("anna", device->id, {2}));
  EXPECT_EQ(devices.remove("anna", device->id, {2}).error().code, "device.unknown");
  EXPECT_EQ(
      devices.prove("anna", device->id, challenge_, keys.sign(prove_message(challenge_, device->id))).error().code,
      "device.removed");
  EXPECT_EQ(enrol(keys).error().code, "device.key-known");
}

}  // namespace
}  // namespace gateway::device
