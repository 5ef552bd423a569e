// What is written about whom this device believes, and what goes when its folder becomes another device, on a disk that
// fails: each write is there whole or not at all, whatever its caller was told, and a repeat ends where the first
// attempt would have.
#include <gtest/gtest.h>

#include <functional>

#include "clients/store/store.h"
#include "tests/support/sqlite/faulty_disk.h"

namespace clients::store {
namespace {

namespace base = policy::base;
using tests::support::DiskFault;
using tests::support::FaultyDisk;

constexpr const char* kPin = "4711-Moorweg";
constexpr const char* kOrigin = "authority.example/feierabend/1970";

base::DeviceId device(std::uint8_t number) {
  base::DeviceId out;
  out.bytes.fill(number);
  return out;
}

record::PinnedDevice pin(std::uint8_t number, const std::string& key) {
  record::PinnedDevice out;
  out.set_device(device(number).wire());
  out.set_identity_key(key);
  out.set_person("bernd");
  out.set_strict(true);
  return out;
}

record::TrustedLog log(const std::string& origin, const std::string& key) {
  record::TrustedLog out;
  out.set_origin(origin);
  out.set_verifier_key(key);
  return out;
}

struct Write {
  const char* name;
  std::function<base::Status(Store&)> run;
};

base::Status certify(Store& store, bool doubted) {
  auto known = pin(1, "first");
  known.set_statement("a statement");
  known.set_logged_at_s(1000);
  known.set_doubted(doubted);
  if (doubted) known.set_told("device.unconfirmed");
  return store.update(std::vector{known});
}

// Of a device that was in a group, with a message under its key.
void write_device(Store& store) {
  base::ConversationId conversation;
  conversation.bytes.fill(9);
  record::GroupState group;
  group.set_conversation(conversation.wire());
  EXPECT_TRUE(store.save_group(group, Store::Epoch::kSame, true));
  record::StagedStep step;
  step.set_conversation(conversation.wire());
  EXPECT_TRUE(store.stage(step));
  EXPECT_TRUE(store.add_key_packages({{base::Bytes{1}, {}}}));
  for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}}) {
    record::Outgoing outgoing;
    outgoing.set_client_message_id(std::string(16, static_cast<char>(number)));
    outgoing.set_text("noch nicht weg");
    EXPECT_TRUE(store.enqueue(outgoing));
    outgoing.mutable_sealed()->set_epoch(number);
    EXPECT_TRUE(store.protect(outgoing, conversation, {}));
  }
}
std::string device_state(Store& store) {
  std::string out = std::to_string(store.groups()->size()) + " groups, " + std::to_string(store.all_staged()->size()) +
                    " steps, " + std::to_string(store.key_package_count().value()) + " packages\n";
  const auto outbox = store.outbox().value();
  for (const auto& one : outbox) out += one.ShortDebugString() + "\n";
  return out;
}

// Device 1, one log, one piece of news and a group are there before; each of these changes something.
const Write kWrites[] = {
    {"PinsADevice", [](Store& store) { return store.pin_devices(std::vector{pin(2, "new")}); }},
    {"KeepsACertificate", [](Store& store) { return certify(store, false); }},
    {"NotesADoubt", [](Store& store) { return certify(store, true); }},
    {"TrustsALog", [](Store& store) { return store.trust(log("authority.example/feierabend/1971", "next")); }},
    {"TellsOnce",
     [](Store& store) {
       const auto fresh = store.tell_once(device(1), "removed");
       return fresh ? base::Status() : std::unexpected(fresh.error());
     }},
    {"ForgetsTheDeviceThatWas", [](Store& store) { return store.forget_device(); }},
};

class TrustWrites : public testing::TestWithParam<Write> {
 protected:
  TrustWrites() {
    std::string pattern = (std::filesystem::temp_directory_path() / "feierabend-trust-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    auto store = Store::create(root_ / "before", kPin, random_, {1, 8192}).value();
    EXPECT_TRUE(store->pin_devices(std::vector{pin(1, "first")}));
    EXPECT_TRUE(store->trust(log(kOrigin, "first")));
    EXPECT_TRUE(store->tell_once(device(1), "enrolled").value());
    write_device(*store);
    store.reset();
    before_ = state(*copy("untouched"));
    const auto changed = copy("changed");
    EXPECT_TRUE(GetParam().run(*changed));
    after_ = state(*changed);
    EXPECT_NE(before_, after_);
  }
  ~TrustWrites() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<Store> open(const std::string& name) { return Store::open(root_ / name, kPin, random_).value(); }
  std::unique_ptr<Store> copy(const std::string& name) {
    std::filesystem::remove_all(root_ / name);
    std::filesystem::copy(root_ / "before", root_ / name);
    return open(name);
  }
  // All that these writes can change. What was told is asked of a copy, because asking tells it.
  std::string state(Store& store) {
    std::string out;
    for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}})
      if (const auto known = store.pinned(device(number)).value()) out += known->ShortDebugString() + "\n";
    std::set<std::string> logs;
    const auto trusted = store.trusted_logs().value();
    for (const auto& one : trusted) logs.insert(one.ShortDebugString());
    for (const auto& one : logs) out += one + "\n";
    out += device_state(store);
    const auto asked = root_ / "asked";
    std::filesystem::remove_all(asked);
    std::filesystem::copy(store.folder(), asked);
    const auto other = Store::open(asked, kPin, random_).value();
    for (const auto* what : {"enrolled", "removed"})
      out += other->tell_once(device(1), what).value() ? "" : std::string("told ") + what + "\n";
    return out;
  }
  bool whole(const std::string& now) const { return now == before_ || now == after_; }

  FaultyDisk disk_;
  base::SystemRandom random_;
  std::filesystem::path root_;
  std::string before_, after_;
};

// One call to the disk fails; the process lives on.
TEST_P(TrustWrites, FailedAndPersistedOrNotTheyAreWholeAndCanBeRepeated) {
  for (const auto fault : {DiskFault::kNotPersisted, DiskFault::kPersisted}) {
    std::set<std::string> left;  // by writes that were said to have failed
    bool reached = true;
    for (std::size_t call = 0; reached; ++call) {
      auto store = copy("world");
      disk_.arm(call, fault, false);
      const auto status = GetParam().run(*store);
      reached = disk_.heal();
      if (!status) {
        EXPECT_EQ(status.error().code, "store.unavailable");
      }
      if (!reached) {
        EXPECT_TRUE(status);
      }
      const auto now = state(*store);
      EXPECT_TRUE(whole(now)) << "call " << call << ":\n" << now;
      if (status) {
        EXPECT_EQ(now, after_) << "call " << call << ": what was confirmed is there";
      }
      if (!status) left.insert(now);
      store.reset();
      store = open("world");
      EXPECT_EQ(state(*store), now) << "call " << call << ": what was read stays, also after a restart";
      EXPECT_TRUE(GetParam().run(*store));
      EXPECT_EQ(state(*store), after_) << "call " << call << ": repeated";
    }
    EXPECT_TRUE(left.contains(fault == DiskFault::kPersisted ? after_ : before_));
  }
}

// From one call on everything fails: what a process leaves that was killed there.
TEST_P(TrustWrites, KilledAnywhereTheyAreWhole) {
  for (const auto fault : {DiskFault::kNotPersisted, DiskFault::kPersisted}) {
    std::set<std::string> left;
    bool reached = true;
    for (std::size_t call = 0; reached; ++call) {
      auto store = copy("world");
      disk_.arm(call, fault, true);
      const auto status = GetParam().run(*store);
      store.reset();
      reached = disk_.heal();
      store = open("world");
      const auto now = state(*store);
      EXPECT_TRUE(whole(now)) << "call " << call << ":\n" << now;
      if (status) {
        EXPECT_EQ(now, after_) << "call " << call << ": what was confirmed is there";
      }
      if (!status) left.insert(now);
      EXPECT_TRUE(GetParam().run(*store));
      EXPECT_EQ(state(*store), after_) << "call " << call << ": repeated";
    }
    EXPECT_TRUE(left.contains(fault == DiskFault::kPersisted ? after_ : before_));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, TrustWrites, testing::ValuesIn(kWrites),
                         [](const auto& write) { return std::string(write.param.name); });

// A write that persisted though it failed must not be undone by the repeat: the first key stays.
TEST(TrustOnAFailingDisk, TheFirstKeyStaysWhateverTheWriteSaid) {
  FaultyDisk disk;
  base::SystemRandom random;
  std::string pattern = (std::filesystem::temp_directory_path() / "feierabend-trust-XXXXXX").string();
  const std::filesystem::path root = mkdtemp(pattern.data());
  std::size_t persisted = 0;
  bool reached = true;
  for (std::size_t call = 0; reached; ++call) {
    const auto folder = root / std::to_string(call);
    const auto store = Store::create(folder, kPin, random, {1, 8192}).value();
    disk.arm(call, DiskFault::kPersisted, false);
    const bool done = store->pin_devices(std::vector{pin(1, "first")}) && store->trust(log(kOrigin, "first"));
    reached = disk.heal();
    ASSERT_TRUE(store->pin_devices(std::vector{pin(1, "second")}));
    ASSERT_TRUE(store->trust(log(kOrigin, "second")));
    const auto key = store->pinned(device(1)).value()->identity_key();
    if (done) {
      EXPECT_EQ(key + (*store->trusted_logs())[0].verifier_key(), "firstfirst");
    }
    if (!done && key == "first") ++persisted;
  }
  EXPECT_GT(persisted, 0U);
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace clients::store
