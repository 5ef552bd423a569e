#include "audit/store/tenant_log.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "audit/store/memory.h"

namespace audit::store {
namespace {

class ManualClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {now_s}; }
  std::int64_t now_ms() const override { return now_s * 1000; }
  std::int64_t elapsed_ms() const override { return now_s * 1000; }
  void set(const char* instant) { now_s = policy::base::parse_instant(instant).value().unix_s; }
  std::atomic<std::int64_t> now_s{0};
};

struct World {
  std::string folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "audit-tenant-XXXXXX").string();
    return std::string(::mkdtemp(name.data()));
  }();
  ManualClock clock;
  policy::base::SystemRandom random;
  checkpoint::SigningKey key = checkpoint::SigningKey::generate("authority.example/audit", random).value();
  std::array<pseudonym::SecretKey, 2> secrets{};
  pseudonym::PartyKeys parties;
  World() {
    crypto_box_keypair(parties.data_protection_officer.data(), secrets[0].data());
    crypto_box_keypair(parties.staff_council.data(), secrets[1].data());
    clock.set("2026-12-31T23:00:00Z");
  }
  ~World() { std::filesystem::remove_all(folder); }
  log::Result<std::unique_ptr<TenantLog>> open() { return TenantLog::open(folder, key, parties, clock, random); }
  std::string file(const std::string& name) {
    std::ifstream in(folder + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST(TenantLog, TurnsTheYearAndItsOrigin) {
  World world;
  auto log = world.open().value();
  EXPECT_EQ(log->append(event::ServiceStopped{}).value().value, 0U);
  EXPECT_EQ(log->append(event::ServiceStopped{}).value().value, 1U);
  world.clock.set("2027-01-01T00:00:00Z");
  EXPECT_EQ(log->append(event::ServiceStopped{}).value().value, 0U);
  world.clock.set("2026-12-31T23:59:59Z");
  EXPECT_EQ(log->append(event::ServiceStopped{}).value().value, 1U);
  EXPECT_EQ(world.open().error().code, "store.locked");
  log->close();
  EXPECT_EQ(log->append(event::ServiceStopped{}).error().code, "log.closed");
  for (const char* year : {"2026", "2027"}) {
    const auto key = world.key.verifier().named("authority.example/audit/" + std::string(year)).value();
    const auto seen = checkpoint::open_checkpoint(world.file(std::string(year) + "/checkpoint"), key).value();
    EXPECT_EQ(seen.size, 2U);
  }
  log.reset();
  world.clock.set("2027-01-01T00:00:00Z");
  EXPECT_EQ(world.open().value()->append(event::ServiceStopped{}).value().value, 2U);
}

TEST(TenantLog, PseudonymsLiveAMonthAndOnlyBothPartiesReopenThem) {
  World world;
  auto log = world.open().value();
  const auto december = log->pseudonym_of("m.keller").value();
  log.reset();
  log = world.open().value();
  EXPECT_EQ(log->pseudonym_of("m.keller").value(), december) << "the same after a restart";
  const std::string old_key = world.file("epochs/2026-12.key");
  ASSERT_EQ(old_key.size(), 32U);
  world.clock.set("2027-01-01T00:00:00Z");
  EXPECT_NE(log->pseudonym_of("m.keller").value(), december);
  EXPECT_EQ(world.file("epochs/2026-12.key"), "");
  const auto sealed = pseudonym::parse_sealed(world.file("epochs/2026-12.sealed")).value();
  const auto one = open_share(sealed, pseudonym::Party::kDataProtectionOfficer, world.parties.data_protection_officer,
                              world.secrets[0]);
  const auto two = open_share(sealed, pseudonym::Party::kStaffCouncil, world.parties.staff_council, world.secrets[1]);
  EXPECT_EQ(combine(*one, *two)->of("m.keller"), december);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string content = world.file(std::filesystem::relative(entry.path(), world.folder).string());
    EXPECT_EQ(content.find(old_key), std::string::npos) << entry.path();
    EXPECT_EQ(content.find("m.keller"), std::string::npos) << entry.path();
  }
}

TEST(Epochs, APastMonthAndALostKeyGiveNone) {
  World world;
  MemoryObjects objects;
  Epochs epochs(objects, world.parties, world.random);
  const auto november = epochs.key_for({100}).value();
  EXPECT_TRUE(epochs.key_for({101}));
  EXPECT_EQ(epochs.key_for({100}).error().code, "epoch.past");
  objects.contents().erase("epochs/0008-06.key");
  Epochs again(objects, world.parties, world.random);
  EXPECT_EQ(again.key_for({101}).error().code, "epoch.key-lost");
}

TEST(Epochs, AKeyThatACrashLeftUnsealedIsSealedBeforeUse) {
  World world;
  MemoryObjects objects;
  const auto key = Epochs(objects, world.parties, world.random).key_for({100}).value();
  objects.contents().erase("epochs/0008-05.sealed");
  EXPECT_EQ(Epochs(objects, world.parties, world.random).key_for({100}).value(), key);
  EXPECT_TRUE(objects.contents().contains("epochs/0008-05.sealed"));
}

}  // namespace
}  // namespace audit::store
