// Around a daemon's main: its log, the lock on its data folder, the ready file, signals.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "policy/base/result.h"

namespace relay::daemon {

// To stderr: "json" (one object a line: time, level, text, control characters escaped) or "text". Error: settings.log.
policy::base::Status start_log(const std::string& form, const std::string& program);

// One process a folder; made with mode 0700 if it is not there. Held until destroyed. Errors: folder.locked (with the
// pid of the holder), folder.create.
class FolderLock {
 public:
  static policy::base::Result<std::unique_ptr<FolderLock>> acquire(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  explicit FolderLock(int fd) : fd_(fd) {}

 private:
  int fd_;
};

// "ready ADDRESS" on stdout, and ADDRESS in the file, which appears whole or not at all. Error: folder.create.
policy::base::Status announce_ready(const std::string& address, const std::string& ready_file);

// Calls `on_stop` once at SIGTERM or SIGINT and `on_reload` at each SIGHUP, from a thread of its own. Call before any
// other thread is started, so that all of them leave these signals to it. Lives until the process ends.
void watch_signals(std::function<void()> on_stop, std::function<void()> on_reload);

// Prints the error and gives the exit code of sysexits.h that fits its code.
int report(const policy::base::Error& error);

}  // namespace relay::daemon
