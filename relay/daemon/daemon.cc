#include "relay/daemon/daemon.h"

#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

namespace relay::daemon {
namespace {

using policy::base::Error;
using policy::base::fail;
using policy::base::printable;
using policy::base::Result;
using policy::base::Status;

constexpr std::size_t kLogTextBytesMax = 4096;

// The text of a line, as a JSON string or with control characters escaped: nobody writes a second line into the log.
class SafeText final : public spdlog::custom_flag_formatter {
 public:
  explicit SafeText(bool json) : json_(json) {}
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    std::string text = printable(std::string_view(message.payload.data(), message.payload.size()), kLogTextBytesMax);
    if (json_) text = boost::json::serialize(boost::json::string(text));
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<SafeText>(json_); }

 private:
  bool json_;
};

}  // namespace

Status start_log(const std::string& form, const std::string& program) {
  if (form != "json" && form != "text") return fail("settings.log", "log = '" + printable(form) + "'", "json, text");
  const bool json = form == "json";
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<SafeText>('*', json);
  formatter->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","program":")" + program +
                                    R"(","text":%*})"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %l %*");
  auto log = spdlog::stderr_color_mt(program);
  log->set_formatter(std::move(formatter));
  spdlog::set_default_logger(log);
  spdlog::flush_on(spdlog::level::info);
  return {};
}

Result<std::unique_ptr<FolderLock>> FolderLock::acquire(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) {
    std::filesystem::create_directories(folder, error);
    if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  const std::string path = folder + "/lock";
  const int fd = error ? -1 : ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail("folder.create",
                "data folder '" + printable(folder) + "': " + std::strerror(error ? error.value() : errno),
                "a folder that this user may write", "check path and rights");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const auto size = ::read(fd, holder.data(), holder.size() - 1);
    ::close(fd);
    return fail("folder.locked",
                "data folder '" + printable(folder) + "' is in use by process " +
                    printable(std::string(holder.data(), size > 0 ? static_cast<std::size_t>(size) : 0)),
                "one process a data folder", "stop that process or choose another folder");
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd, 0) != 0 || ::write(fd, pid.data(), pid.size()) < 0)
    return fail("folder.create", "lock file '" + printable(path) + "' cannot be written", "");
  return std::make_unique<FolderLock>(fd);
}

FolderLock::~FolderLock() { ::close(fd_); }

Status announce_ready(const std::string& address, const std::string& ready_file) {
  std::printf("ready %s\n", address.c_str());
  std::fflush(stdout);
  if (ready_file.empty()) return {};
  const std::string partial = ready_file + ".new";
  std::FILE* const file = std::fopen(partial.c_str(), "w");
  const bool written = file != nullptr && std::fprintf(file, "%s\n", address.c_str()) > 0;
  if (file != nullptr) std::fclose(file);
  if (!written || std::rename(partial.c_str(), ready_file.c_str()) != 0)
    return fail("folder.create", "ready file '" + printable(ready_file) + "' cannot be written", "");
  return {};
}

void watch_signals(std::function<void()> on_stop, std::function<void()> on_reload) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::thread([set, on_stop = std::move(on_stop), on_reload = std::move(on_reload)] {
    bool stopping = false;
    for (int number = 0; ::sigwait(&set, &number) == 0;) {
      if (number == SIGHUP) {
        on_reload();
      } else if (!std::exchange(stopping, true)) {
        on_stop();
      }
    }
  }).detach();
}

int report(const Error& error) {
  std::fprintf(stderr, "%s\n", policy::base::to_string(error).c_str());
  constexpr std::array<std::pair<std::string_view, int>, 10> kCodes{{
      {"settings.", EX_CONFIG},
      {"folder.", EX_CANTCREAT},
      {"socket.", EX_UNAVAILABLE},
      {"directory.", EX_UNAVAILABLE},
      {"store.", EX_IOERR},
      {"tls.", EX_NOINPUT},
      {"key.", EX_NOINPUT},
      {"address.", EX_CONFIG},
      {"pack.", EX_DATAERR},
      {"csv.", EX_DATAERR},
  }};
  for (const auto& [prefix, code] : kCodes) {
    if (error.code.starts_with(prefix)) return code;
  }
  return EX_SOFTWARE;
}

}  // namespace relay::daemon
