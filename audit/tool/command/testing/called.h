// The program as an officer calls it, over a real log in a folder of its own. For tests; one thread.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log/log.h"
#include "audit/store/folder.h"
#include "audit/tool/command/command.h"

namespace audit::tool {

// Stands still until it is set.
class SetClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return at_; }
  std::int64_t now_ms() const override { return at_.unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return 0; }
  void set(std::string_view text) { at_ = policy::base::parse_instant(text).value(); }
  void set(policy::base::Instant at) { at_ = at; }

 private:
  policy::base::Instant at_{1795424400};  // 2026-11-23T09:00:00Z
};

class Called : public ::testing::Test {
 protected:
  // The folder is named after the test and the process, so that test programs can run side by side.
  Called()
      : base_(std::filesystem::temp_directory_path() /
              ("audit_tool." + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + "." +
               std::to_string(getpid()))) {
    std::filesystem::remove_all(base_);
    std::filesystem::create_directories(base_);
    EXPECT_EQ(call({"keygen", "authority.example/audit/2026", "--out", path("key")}), 0) << said();
    verifier_ = out_.str();
    verifier_.pop_back();
  }
  ~Called() override { std::filesystem::remove_all(base_); }

  int call(std::vector<std::string> arguments, std::string_view locale = {}) {
    out_.str("");
    err_.str("");
    return run(arguments, {out_, err_}, {clock_, random_, [this](policy::base::Seconds) { return waited_(); }}, locale);
  }
  // With the verifier key.
  int checked(std::vector<std::string> arguments, std::string_view locale = {}) {
    arguments.insert(arguments.end(), {"--key", verifier_});
    return call(std::move(arguments), locale);
  }
  // With a purpose and a folder for the readings.
  int reads(std::vector<std::string> arguments, std::string_view locale = {}) {
    arguments.insert(arguments.end(), {"--purpose", "lawfulness", "--readings", path("readings")});
    return call(std::move(arguments), locale);
  }
  // With both.
  int asks(std::vector<std::string> arguments, std::string_view locale = {}) {
    arguments.insert(arguments.end(), {"--key", verifier_});
    return reads(std::move(arguments), locale);
  }
  std::string said() const { return out_.str() + err_.str(); }
  bool says(std::string_view text) const { return said().contains(text); }
  boost::json::value json() const { return boost::json::parse(out_.str()); }

  std::string path(const std::string& name) const { return (base_ / name).string(); }
  std::string folder() const { return path("2026"); }
  // Writes it and gives its path.
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(base_ / name, std::ios::binary) << text;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(base_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void flip(const std::string& name, std::streamoff at = 40) const {
    std::fstream io(base_ / name, std::ios::in | std::ios::out | std::ios::binary);
    io.seekg(at);
    const char byte = static_cast<char>(io.get() ^ 1);
    io.seekp(at);
    io.put(byte);
  }

  // The sequencer of the log, open as long as the value lives.
  struct Open {
    std::unique_ptr<store::FolderLock> lock;
    std::unique_ptr<store::FolderObjects> objects;
    std::unique_ptr<log::Log> log;
    std::uint64_t append(event::Record record) const { return log->append(std::move(record)).value().value; }
  };
  Open open_log() {
    std::string key = read("key");
    key.pop_back();
    Open open{store::FolderLock::open(folder()).value(), store::FolderObjects::open(folder()).value(), {}};
    open.log = log::Log::open({*open.objects, *open.lock, clock_, random_}, checkpoint::SigningKey::parse(key).value())
                   .value();
    return open;
  }

  std::filesystem::path base_;
  std::string verifier_;
  std::function<bool()> waited_ = [] { return false; };  // what happens while the program waits
  SetClock clock_;
  policy::base::SystemRandom random_;
  std::ostringstream out_, err_;
};

// Three entries: #0 erased, #1 a refused login of aa00…, #2 readable.
class SmallLog : public Called {
 protected:
  SmallLog() {
    const Open open = open_log();
    open.append(event::ServiceStarted{});
    open.append(event::LoginRefused{{event::Pseudonym{{0xAA}}}, event::LoginRefusal::kWrongSecondFactor});
    open.append(event::ServiceStopped{});
    EXPECT_TRUE(open.log->erase(log::Index{0}));
  }
};

}  // namespace audit::tool
