// What a client does when it first sees everybody of a large group: their keys pinned, the certificates of their
// devices verified (signed checkpoint, inclusion proof, consent), both stored. Wall time depends on the disk, processor
// time does not; verifying alone is the share that no store can take away.
#include <sodium.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "clients/core/pins.h"
#include "clients/trust/devices.h"
#include "clients/trust/logs.h"
#include "clients/trust/testing/fake_log.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/stopwatch.h"

namespace {

namespace base = policy::base;
namespace certificate = audit::certificate;
namespace pb = relay::wire::pb;
using clients::store::Store;
using tests::bench::Report;

[[noreturn]] void end_because(const base::Error& error) {
  std::fprintf(stderr, "%s\n", base::to_string(error).c_str());
  std::exit(70);
}

struct Phone {
  base::DeviceId id;
  certificate::PublicKey key{};
  std::array<std::uint8_t, 64> secret{};
};

// As the service answers an Open: the first device of each, and two more with its consent.
pb::Conversation crowd(clients::trust::testing::FakeLog& log, std::size_t people, base::Random& random) {
  pb::Conversation out;
  out.set_conversation(std::string(16, 'c'));
  for (std::size_t i = 0; i < people; ++i) {
    auto& member = *out.add_members();
    member.set_person("p" + std::to_string(i));
    std::optional<Phone> first;
    for (int number = 0; number < 3; ++number) {
      Phone phone{{random.array<16>()}, {}, {}};
      crypto_sign_keypair(phone.key.data(), phone.secret.data());
      auto& device = *member.add_devices();
      device.set_device(phone.id.wire());
      device.set_identity_key(phone.key.data(), phone.key.size());
      *device.mutable_certificate() = log.certify(member.person(), phone.id, phone.key);
      if (!first) {
        first = phone;
        continue;
      }
      clients::trust::testing::consent(
          *device.mutable_certificate(), first->id, first->key, [&](base::ByteView message) {
            certificate::Signature signature{};
            crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), first->secret.data());
            return signature;
          });
    }
  }
  return out;
}

// The same answer in parts of a hundred devices, as they are asked for.
std::vector<pb::Conversation> in_parts(const pb::Conversation& all) {
  std::vector<pb::Conversation> out;
  for (int begin = 0; begin < all.members_size(); begin += 33) {
    auto& part = out.emplace_back(all);
    for (int i = 0; i < part.members_size(); ++i)
      if (i < begin || i >= begin + 33)
        for (auto& device : *part.mutable_members(i)->mutable_devices()) device.clear_certificate();
  }
  return out;
}

// Wall and processor time of what happens until it is told.
class Cost {
 public:
  void tell(Report& report, const std::string& what) const {
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begin_;
    report.figure(what, wall.count(), "ms");
    report.figure(what + ": processor", processor_.ns() / 1e6, "ms");
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  tests::bench::Stopwatch processor_;
};

}  // namespace

int main(int argc, char** argv) {
  std::string csv;
  std::size_t people = 500;
  CLI::App app("Everybody of a large group, seen for the first time");
  app.add_option("--csv", csv, "file that figures are appended to");
  app.add_option("--people", people, "with three devices each")->check(CLI::Range(1, 10'000));
  CLI11_PARSE(app, argc, argv);
  Report report("trust", csv);
  base::SystemClock clock;
  base::SystemRandom random;
  const auto folder =
      std::filesystem::temp_directory_path() / ("feierabend_trust_bench_" + base::to_hex(random.array<8>()));
  clients::trust::testing::FakeLog log(clock);
  const auto all = crowd(log, people, random);
  const auto parts = in_parts(all);
  auto store = Store::create(folder, "123456", random, {1, 8192});
  if (!store) end_because(store.error());
  clients::trust::LogKeys keys;
  *keys.Add() = log.key();
  if (auto trusted = clients::trust::trust_logs(**store, keys, clock.now()); !trusted) end_because(trusted.error());

  const std::string devices = std::to_string(people * 3) + " devices";
  const Cost pinning;
  if (auto pinned = clients::core::pin_keys(**store, all); !pinned) end_because(pinned.error());
  pinning.tell(report, devices + " pinned");
  const Cost certifying;
  for (const auto& part : parts) {
    auto certified = clients::trust::certify(**store, {"nobody", {}}, part);
    if (!certified) end_because(certified.error());
    if (!certified->doubts.empty()) return 70;
  }
  certifying.tell(report, devices + " certified");
  const auto first = base::DeviceId::from_wire(all.members(0).devices(0).device()).value();
  if (const auto pin = (*store)->pinned(first); !pin || !*pin || !clients::trust::is_certified(**pin)) return 70;
  store->reset();
  std::filesystem::remove_all(folder);
  return 0;
}
