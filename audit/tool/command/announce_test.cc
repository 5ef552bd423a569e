// Readings that the gateway enters: a desk plays the gateway while the program waits.
#include "audit/tool/command/announce.h"
#include "audit/reading/desk.h"
#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

class Announced : public SmallLog {
 protected:
  Announced() {
    std::filesystem::create_directories(path("gateway"));
    EXPECT_EQ(call({"keygen", "authority.example/dpo", "--out", path("dpo")}), 0) << said();
    officer_ = out_.str().substr(0, out_.str().size() - 1);
    waited_ = [this] { return ++waits_, play_ && play_gateway(), true; };
  }
  // Takes what is in the folder, as the gateway does.
  bool play_gateway() {
    const Open open = open_log();
    reading::Desk desk({policy::base::note::VerifierKey::parse(officer_).value()}, "authority.example",
                       {[](std::string_view) { return event::Subject{event::Pseudonym{{0xDD}}}; },
                        [&](event::Record record) -> Result<reading::Desk::Entry> {
                          const auto entry = open.append(std::move(record));
                          return reading::Desk::Entry{"authority.example/audit/2026", entry + lie_};
                        }});
    for (const auto& entry : std::filesystem::directory_iterator(path("gateway"))) {
      std::string base = entry.path().string();
      if (!base.ends_with(".request")) continue;
      if (std::filesystem::exists(base.substr(0, base.size() - 8) + ".answer")) continue;
      const auto outcome = desk.take(read("gateway/" + entry.path().filename().string()), clock_.now()).value();
      base.resize(base.size() - 8);
      const std::string name = "gateway/" + std::filesystem::path(base).filename().string();
      if (outcome.answer)
        file(name + ".answer", reading::format_answer(*outcome.answer));
      else
        file(name + ".refused", "id\nabgelehnt weil\nrefused because\n");
    }
    return true;
  }
  int shows(std::vector<std::string> more) {
    more.insert(more.begin(), {"show", folder(), "--gateway", path("gateway")});
    return asks(std::move(more));
  }
  std::size_t left_over() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path("gateway")), std::filesystem::directory_iterator()));
  }

  std::string officer_;
  bool play_ = true;
  std::uint64_t lie_ = 0;
  int waits_ = 0;
};

TEST_F(Announced, AReadingIsInTheLogBeforeItBegins) {
  ASSERT_EQ(shows({"--reader-key", path("dpo")}), 0) << said();
  EXPECT_TRUE(says("service stopped")) << said();
  EXPECT_FALSE(says("own log only")) << said();
  EXPECT_EQ(left_over(), 0U);
  ASSERT_EQ(asks({"show", folder(), "--type", "log-read"}), 0);
  EXPECT_TRUE(says("check of lawfulness")) << said();
  EXPECT_TRUE(says("dd000000000000000000000000000000")) << said();
  EXPECT_EQ(checked({"verify", folder()}), 0) << said();
  ASSERT_EQ(call({"readings", folder(), "--readings", path("readings")}), 0) << "in the officer's own log, too";
  EXPECT_TRUE(says("check of lawfulness")) << said();
}

TEST_F(Announced, WithoutAGatewayItIsSaidWhereItIsNoted) {
  ASSERT_EQ(asks({"show", folder(), "--lang", "de"}), 0);
  EXPECT_TRUE(err_.str().contains("steht nur im eigenen Protokoll")) << said();
  ASSERT_EQ(asks({"show", folder(), "--json"}), 0);
  EXPECT_EQ(err_.str(), "") << "programs read readings";
}

TEST_F(Announced, NothingIsShownThatTheGatewayHasNotEntered) {
  EXPECT_EQ(shows({}), 2) << said();
  EXPECT_TRUE(says("usage.reader-key"));
  EXPECT_EQ(shows({"--reader-key", path("key"), "--lang", "de"}), 65) << "the log's own key is no officer's";
  EXPECT_TRUE(says("abgelehnt weil")) << said();
  EXPECT_EQ(shows({"--reader-key", path("key")}), 65);
  EXPECT_TRUE(says("refused because")) << said();
  lie_ = 7;
  EXPECT_EQ(shows({"--reader-key", path("dpo")}), 65);
  EXPECT_TRUE(says("reading.not-logged")) << said();
  lie_ = ~std::uint64_t{0};
  EXPECT_EQ(shows({"--reader-key", path("dpo")}), 65);
  EXPECT_TRUE(says("reading.not-logged")) << "another record is there: " << said();
  play_ = false, waits_ = 0;
  EXPECT_EQ(shows({"--reader-key", path("dpo")}), 65);
  EXPECT_TRUE(says("reading.unanswered")) << said();
  EXPECT_EQ(waits_, kPatience.count);
  EXPECT_FALSE(says("service stopped"));
  EXPECT_EQ(left_over(), 0U);
}

}  // namespace
}  // namespace audit::tool
