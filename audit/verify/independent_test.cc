// A log of ours, checked by the Go project's implementation (Debian: golang-1.19-go, golang-golang-x-mod-dev). Skipped
// with a message where Go is not installed.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "audit/log/log.h"
#include "audit/prune/prune.h"
#include "audit/store/folder.h"

namespace audit::verify {
namespace {

constexpr const char* kGo = "/usr/lib/go-1.19/bin/go";
constexpr const char* kModules = "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog";

class FixedClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {1795424400}; }
  std::int64_t now_ms() const override { return 1795424400000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

struct Outcome {
  int code = -1;
  std::string out;
};

Outcome run(const std::string& command) {
  Outcome outcome;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    outcome.out.append(buffer.data(), size);
  outcome.code = WEXITSTATUS(::pclose(pipe));
  return outcome;
}

// Everything that is past its deadlines ten years later.
void prune_all(const std::string& folder, const checkpoint::SigningKey& key) {
  const auto objects = store::FolderObjects::open(folder).value();
  const policy::base::Instant later = FixedClock().now() + policy::base::Seconds{3650 * policy::base::kDay.count};
  ASSERT_TRUE(prune::carry_out(*objects, prune::plan(*objects, key.verifier(), later, {}).value(), key));
}

TEST(Independent, GoAgreesOnNotesTilesAndProofs) {
  if (!std::filesystem::exists(kGo) || !std::filesystem::exists(kModules))
    GTEST_SKIP() << "Go is not installed: apt-get install golang-1.19-go golang-golang-x-mod-dev";
  std::string name = (std::filesystem::temp_directory_path() / "audit-go-XXXXXX").string();
  const std::string base = ::mkdtemp(name.data());
  const std::string program = base + "/independent";
  const std::string cache = (std::filesystem::temp_directory_path() / "feierabend-go-cache").string();
  const Outcome built = run("GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode GOCACHE=" + cache + " " + kGo +
                            " build -o " + program + " audit/verify/independent/main.go");
  ASSERT_EQ(built.code, 0) << built.out;

  const FixedClock clock;
  policy::base::SystemRandom random;
  const auto grow = [&](const std::string& folder, const checkpoint::SigningKey& key, std::size_t entries) {
    const auto lock = store::FolderLock::open(folder).value();
    const auto objects = store::FolderObjects::open(folder).value();
    const auto log = log::Log::open({*objects, *lock, clock, random}, key).value();
    for (std::size_t i = 1; i < entries; ++i)
      log->append_async(event::ServiceStopped{}, [](const log::Result<log::Index>& index) { ASSERT_TRUE(index); });
    ASSERT_TRUE(log->append(event::ServiceStopped{}));
  };
  // Three visits each: two checkpoints that were seen, and the log as it is.
  for (const std::size_t entries : {1U, 85U, 128U, 233U, 20000U}) {
    const auto key = checkpoint::SigningKey::generate("authority.example/audit/2026", random).value();
    const std::string folder = base + "/" + std::to_string(entries);
    std::string command = program + " " + folder + " '" + key.verifier().text() + "'", seen;
    for (std::size_t visit = 1; visit <= 3; ++visit) {
      grow(folder, key, entries);
      const Outcome good = run(command + seen);
      EXPECT_EQ(good.code, 0) << good.out;
      EXPECT_EQ(good.out, std::to_string(visit * entries) + "\n");
      const std::string copy = folder + ".seen" + std::to_string(visit);
      std::filesystem::copy_file(folder + "/checkpoint", copy);
      seen += " " + copy;
    }
    EXPECT_NE(run(command + " " + folder + ".seen3 " + folder + ".seen1").code, 0) << "in the wrong order";
    const auto other = checkpoint::SigningKey::generate("authority.example/audit/2026", random).value();
    EXPECT_NE(run(program + " " + folder + " '" + other.verifier().text() + "'").code, 0);
    prune_all(folder, key);
    const Outcome pruned = run(command + (3 * entries >= 256 ? " " + folder + ".seen3" : seen));
    EXPECT_EQ(pruned.code, 0) << entries << ": " << pruned.out;
    if (3 * entries < 256) continue;
    EXPECT_FALSE(std::filesystem::exists(folder + "/tile/entries/000"));
    EXPECT_NE(run(command + seen).code, 0) << "the first checkpoint is below the minimum index";
  }
  std::filesystem::remove_all(base);
}

}  // namespace
}  // namespace audit::verify
