// `feierabend-policy test` with the facts and expectations that only cases.toml can give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "policy/tool/command/command.h"

namespace policy::tool {
namespace {

using testing::HasSubstr;

class StillClock final : public base::Clock {
 public:
  base::Instant now() const override { return {}; }
  std::int64_t now_ms() const override { return 0; }
  std::int64_t elapsed_ms() const override { return 0; }
};

class TestCommand : public testing::Test {
 protected:
  TestCommand()
      : folder_(std::filesystem::temp_directory_path() / ("policy_tool_test_test." + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    write("pack.toml", R"toml([pack]
id = "dv"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
[[rest]]
id = "off"
kind = "off-duty"
[[exception]]
id = "einsatz"
when = "override"
role = "leitung"
reasons = ["grosslage"]
longest = "1h"
limit = { count = 1, per = "week" }
pierces = ["off"]
classes = ["urgent"]
[self_open]
max = "30m"
[[content.marker]]
id = "geheim"
pattern = '\bgeheim\b'
action = "stop"
)toml");
  }
  ~TestCommand() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  int test(const std::string& cases) {
    write("cases.toml", cases);
    out_.str("");
    const std::vector<std::string> arguments{"test", folder_.string()};
    return run(arguments, {out_, out_}, StillClock());
  }

  std::filesystem::path folder_;
  std::ostringstream out_;
};

const std::string kPerson = R"toml([[person]]
id = "anna"
overrides = [{ rule = "einsatz", role = "leitung", reason = "grosslage", begin = 2026-06-02T10:00:00Z, end = 2026-06-02T12:00:00Z }]
self_openings = [{ begin = 2026-06-02T20:00:00Z, end = 2026-06-02T22:00:00Z }]
)toml";

std::string decision(const std::string& at, const std::string& effect, const std::string& rules,
                     const std::string& until) {
  return "[[case]]\nname = \"n\"\nperson = \"anna\"\nclass = \"urgent\"\nat = " + at + "\neffect = \"" + effect +
         "\"\nrules = [" + rules + "]\nuntil = " + until + "\n";
}

TEST_F(TestCommand, KnowsOverridesAndOwnOpenings) {
  EXPECT_EQ(test(kPerson + decision("2026-06-02T10:00:00Z", "deliver", "", "2026-06-02T11:00:00Z") +
                 decision("2026-06-02T11:00:00Z", "hold", "\"off\"", "2026-06-02T20:00:00Z") +
                 decision("2026-06-02T20:00:00Z", "deliver", "", "2026-06-02T20:30:00Z")),
            kDone)
      << out_.str();
  EXPECT_EQ(test(kPerson + decision("2026-06-02T10:00:00Z", "deliver", "", "2026-06-02T12:00:00Z")), kDataError);
}

TEST_F(TestCommand, AsksWhatStopsAText) {
  const auto content = [](const std::string& stops) {
    return "[[content]]\nname = \"banner\"\ntext = \"streng geheim\"\nstops = [" + stops + "]\n";
  };
  EXPECT_EQ(test(content("\"geheim\"")), kDone) << out_.str();
  EXPECT_EQ(test(content("")), kDataError);
  EXPECT_THAT(out_.str(), HasSubstr("cases.toml:1:1: banner: stops is [geheim] and not []"));
}

}  // namespace
}  // namespace policy::tool
