// A gateway's store with people and devices, and members who speak MLS with it: for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/group/group.h"
#include "gateway/groups/groups.h"
#include "gateway/groups/key_packages.h"
#include "policy/base/random.h"

namespace gateway::groups::testing {

class FixedClock final : public base::Clock {
 public:
  base::Instant now() const override { return at; }
  std::int64_t now_ms() const override { return at.unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return at.unix_s * 1000; }
  base::Instant at{1'800'000'000};
};

class World : public ::testing::Test {
 protected:
  struct Client {
    store::Device device;
    mls::Member member;
    std::vector<mls::OwnKeyPackage> packages;
    std::optional<mls::Group> group;
  };

  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("feierabend_world_" + base::to_hex(random.array<8>()));
    std::filesystem::create_directory(folder);
    open();
    for (const char* person : {"anna", "ben", "cora", "dora"}) {
      EXPECT_TRUE(store->ensure_person(person, "", {random.array<16>()}));
      directory.insert(person);
    }
    room = store->create_group(std::vector<std::string>{"anna", "ben", "cora"}, {random.array<16>()}, clock.at).value();
  }
  void TearDown() override {
    groups.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }

  // As after a crash: what is not on disk is gone.
  void open() {
    groups.reset();
    packages.reset();
    store.reset();
    store = store::Store::open(folder / "gateway.db").value();
    groups = std::make_unique<Groups>(Ports{.store = *store,
                                            .clock = clock,
                                            .crypto = crypto,
                                            .in_directory = [this](auto person) { return directory.contains(person); },
                                            .devices_max = [this] { return devices_max; }},
                                      key);
    packages = std::make_unique<KeyPackages>(groups->ports());
  }

  Client client(const std::string& person) {
    Client out;
    out.member.signature_key = mls::generate_signature_key_pair(crypto);
    out.device = {.id = {random.array<16>()},
                  .person = person,
                  .name = "phone",
                  .kind = store::DeviceKind::phone,
                  .state = store::DeviceState::active,
                  .sign_key = out.member.signature_key.key,
                  .enrolled = clock.at,
                  .ended = {}};
    EXPECT_EQ(store->add_device(out.device, store::kDevicesPerPersonMax).value(), store::Store::Added::yes);
    out.member.credential.identity = {out.device.id.bytes.begin(), out.device.id.bytes.end()};
    return out;
  }
  mls::Lifetime lifetime() const {
    const auto now = static_cast<std::uint64_t>(clock.at.unix_s);
    return {now - 3600, now + 80ULL * 86400};
  }
  mls::KeyPackage package(Client& of) const {
    of.packages.push_back(mls::make_key_package(crypto, mls::kDefaultSuite, of.member, lifetime()));
    return of.packages.back().package;
  }
  mls::Environment environment() const {
    return {.crypto = &crypto, .now_s = static_cast<std::uint64_t>(clock.at.unix_s)};
  }
  base::Bytes id() const { return {room.id.bytes.begin(), room.id.bytes.end()}; }
  mls::Extension senders() const {
    return {static_cast<std::uint16_t>(mls::ExtensionType::kExternalSenders), groups->external_senders()};
  }
  base::Bytes info_of(const mls::Group& group, bool with_tree = false) const {
    return mls::encode_message(*group.group_info(crypto, with_tree));
  }

  void start(Client& maker) {
    maker.group = *mls::Group::create(environment(), mls::kDefaultSuite, id(), maker.member, lifetime(), {senders()});
    ASSERT_TRUE(groups->start(room.id, maker.device.id, info_of(*maker.group, true)));
  }

  CommitRequest request(const Client& by, const mls::Group& next, const mls::PublicMessage& commit,
                        const std::optional<mls::Welcome>& welcome) {
    CommitRequest out{room.id, by.device.id, {{1}}, {random.array<16>()}, next.epoch() - 1, mls::encode_message(commit),
                      {},      info_of(next)};
    if (welcome) out.welcome = mls::encode_message(*welcome);
    return out;
  }
  CommitRequest request(const Client& by, const mls::Group::Staged& staged) {
    return request(by, staged.group, staged.commit, staged.welcome);
  }
  mls::Group::Staged stage(const Client& by, std::vector<mls::Proposal> proposals, bool path = false) const {
    return *by.group->commit(environment(),
                             {.proposals = std::move(proposals), .path = path, .authenticated_data = {}});
  }

  // The relay says yes.
  bool accept(Groups::Begun begun) {
    const auto due = groups->accepted(*begun.out, ++sequence, clock.at, clock.at);
    EXPECT_TRUE(due);
    return due.value_or(false);
  }
  // Adds them all by a commit of `by`, and everybody goes on in the next epoch.
  void add(Client& by, std::vector<Client*> added) {
    std::vector<mls::Proposal> proposals;
    for (Client* one : added) proposals.push_back(mls::Add{package(*one)});
    const auto staged = stage(by, std::move(proposals));
    auto begun = groups->commit(request(by, staged));
    ASSERT_TRUE(begun) << base::to_string(begun.error());
    accept(std::move(*begun));
    by.group = staged.group;
    for (Client* one : added) one->group = *mls::Group::join(environment(), *staged.welcome, one->packages.back());
  }

  base::SystemRandom random;
  mls::NativeCrypto crypto;
  FixedClock clock;
  ExternalSenderKey key{crypto, mls::generate_signature_key_pair(crypto).secret};
  std::filesystem::path folder;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Groups> groups;
  std::unique_ptr<KeyPackages> packages;
  std::set<std::string, std::less<>> directory;
  std::uint32_t devices_max = 3;
  store::Conversation room;
  std::uint64_t sequence = 0;
};

}  // namespace gateway::groups::testing
