#include "gateway/directory/ldap/change_feed.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace gateway::directory::ldap {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// TLS may hold decrypted bytes that poll() does not see, so nobody sleeps longer than this at a time.
constexpr milliseconds kLookEvery{250};
// Changes come in bursts (and the first answer is one): ring when none came for this long, at the latest after that.
constexpr milliseconds kQuiet{100};
constexpr milliseconds kRingWithin{1000};

class SyncFeed final : public ChangeFeed {
 public:
  SyncFeed(std::unique_ptr<Connection> connection, int message, int wake)
      : connection_(std::move(connection)), message_(message), wake_(wake) {}
  ~SyncFeed() override { ::close(wake_); }

  base::Result<bool> wait(int timeout_ms) override {
    auto end = SteadyClock::now() + milliseconds(timeout_ms);
    bool rang = false;
    for (;;) {
      const auto came = drain();
      if (!came) return std::unexpected(came.error());
      if (*came && !rang) {
        rang = true;
        ring_at_ = SteadyClock::now() + kRingWithin;
      }
      const auto now = SteadyClock::now();
      if (*came) end = std::min(now + kQuiet, ring_at_);
      if (now >= end) return rang;
      if (sleep_until(end)) return false;
    }
  }

  void interrupt() override {
    const std::uint64_t one = 1;
    // An eventfd refuses only at 2^64 − 1 unread calls; then it is readable anyway.
    [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
  }

 private:
  // Takes in what has come. True if anything has.
  base::Result<bool> drain() {
    bool any = false;
    for (;;) {
      LDAPMessage* message = nullptr;
      timeval at_once{.tv_sec = 0, .tv_usec = 0};
      const int type = ldap_result(connection_->handle(), message_, LDAP_MSG_ONE, &at_once, &message);
      if (type == 0) return any;
      if (type < 0) return std::unexpected(connection_->error(LDAP_SERVER_DOWN, "waiting for changes"));
      int code = LDAP_SUCCESS;
      if (type == LDAP_RES_SEARCH_RESULT)
        ldap_parse_result(connection_->handle(), message, &code, nullptr, nullptr, nullptr, nullptr, 0);
      ldap_msgfree(message);
      if (type == LDAP_RES_SEARCH_RESULT) return std::unexpected(ended(code));
      any = true;
    }
  }

  base::Error ended(int code) const {
    if (code == LDAP_SUCCESS || code == LDAP_SYNC_REFRESH_REQUIRED)
      return connection_->error(LDAP_UNAVAILABLE, "the search for changes ended");
    return {.code = "directory.no-feed",
            .seen = std::string("content synchronisation refused: ") + ldap_err2string(code),
            .allowed = {},
            .remedy = "enable the overlay syncprov for changes within a second; until then the directory is polled",
            .where = {}};
  }

  // True if interrupted.
  bool sleep_until(SteadyClock::time_point end) {
    int socket = -1;
    ldap_get_option(connection_->handle(), LDAP_OPT_DESC, &socket);
    std::array<pollfd, 2> files{
        {{.fd = wake_, .events = POLLIN, .revents = 0}, {.fd = socket, .events = POLLIN, .revents = 0}}};
    const auto left =
        std::chrono::ceil<milliseconds>(std::min<SteadyClock::duration>(end - SteadyClock::now(), kLookEvery));
    ::poll(files.data(), files.size(), static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
    std::uint64_t count = 0;
    return (files[0].revents & POLLIN) != 0 && ::read(wake_, &count, sizeof count) > 0;
  }

  std::unique_ptr<Connection> connection_;
  int message_;
  int wake_;
  SteadyClock::time_point ring_at_{};
};

}  // namespace

base::Result<std::unique_ptr<ChangeFeed>> make_change_feed(std::unique_ptr<Connection> connection,
                                                           const std::string& base, const std::string& filter) {
  const auto message = connection->start_sync(base, filter);
  if (!message) return std::unexpected(message.error());
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) return base::fail("directory.unavailable", "no file descriptor left");
  return std::make_unique<SyncFeed>(std::move(connection), *message, wake);
}

}  // namespace gateway::directory::ldap
