#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

class Followed : public SmallLog {
 protected:
  int follows(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"follow", folder(), "--json"});
    return asks(arguments);
  }
  std::size_t lines() const {
    const std::string text = out_.str();
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }
  // Appends while the program waits, `times` times.
  void grow(int times) {
    waited_ = [this, times, done = 0]() mutable {
      if (done++ == times) return false;
      open_log().append(event::ServiceStarted{});
      return true;
    };
  }
};

TEST_F(Followed, TellsNewEntriesOnly) {
  grow(3);
  EXPECT_EQ(follows({}), 0) << said();
  EXPECT_EQ(lines(), 3U) << said();
  EXPECT_TRUE(says("{\"entry\":3,\"type\":\"service-started\"")) << said();
  EXPECT_TRUE(says("\"proven\":true")) << said();
}

TEST_F(Followed, GoesOnFromWhereItWas) {
  grow(1);
  EXPECT_EQ(follows({"--keep", path("seen")}), 0);
  EXPECT_EQ(read("seen"), read("2026/checkpoint"));
  open_log().append(event::ServiceStopped{});
  EXPECT_EQ(follows({"--since", path("seen"), "--keep", path("seen"), "--looks", "1"}), 0) << said();
  EXPECT_EQ(lines(), 1U) << said();
  EXPECT_EQ(follows({"--since", path("seen"), "--looks", "1"}), 0);
  EXPECT_EQ(lines(), 0U) << said();
}

TEST_F(Followed, EndsAtALogThatWasSetBack) {
  std::filesystem::copy(folder(), path("earlier"), std::filesystem::copy_options::recursive);
  waited_ = [this, grown = false]() mutable {
    if (!grown) {
      open_log().append(event::ServiceStarted{});
    } else {
      std::filesystem::remove_all(folder());
      std::filesystem::copy(path("earlier"), folder(), std::filesystem::copy_options::recursive);
    }
    grown = true;
    return true;
  };
  EXPECT_EQ(follows({}), 65);
  EXPECT_TRUE(says("follow.shrunk")) << said();
}

// Two logs signed with the same key: what was seen is not the beginning of what is shown now.
TEST_F(Followed, EndsAtAFork) {
  std::filesystem::copy(folder(), path("other"), std::filesystem::copy_options::recursive);
  open_log().append(event::ServiceStarted{});
  std::filesystem::copy_file(folder() + "/checkpoint", path("seen"));
  std::filesystem::remove_all(folder());
  std::filesystem::rename(path("other"), folder());
  open_log().append(event::ServiceStopped{});
  EXPECT_EQ(follows({"--since", path("seen"), "--looks", "1"}), 65);
  EXPECT_TRUE(says("follow.forked")) << said();
  open_log().append(event::ServiceStopped{});
  EXPECT_EQ(asks({"follow", folder(), "--since", path("seen"), "--looks", "1", "--lang", "de"}), 65);
  EXPECT_TRUE(says("Zwei Augen")) << said();
}

TEST_F(Followed, EndsAtAnUnsignedCheckpoint) {
  waited_ = [this] {
    flip("2026/checkpoint", 5);
    return true;
  };
  EXPECT_EQ(follows({}), 65) << said();
}

}  // namespace
}  // namespace audit::tool
