// A relay as a child process, and a link to it on a loop of its own thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "relay/client/link.h"
#include "relay/wire/codec.h"
#include "tests/support/process/process.h"

namespace tests::integration {

class RelayProcess {
 public:
  // `listen` empty: a unix socket in the folder.
  explicit RelayProcess(const support::TemporaryFolder& folder, std::vector<std::string> more = {})
      : folder_(folder), more_(std::move(more)) {}

  // Starts it (again) on the same data folder; the bound address, or nothing if it did not come up.
  std::optional<relay::net::Address> start(const std::string& listen = {}) {
    std::filesystem::remove(folder_ / "ready");
    std::vector<std::string> command{support::program("feierabend-relay"),
                                     "--listen",
                                     listen.empty() ? "unix:" + (folder_ / "relay.sock").string() : listen,
                                     "--data",
                                     (folder_ / "data").string(),
                                     "--ready-file",
                                     (folder_ / "ready").string()};
    command.insert(command.end(), more_.begin(), more_.end());
    process_ = support::Process(command, {.environment = {}, .output = folder_ / "log"});
    const auto ready = support::wait_for_file(folder_ / "ready");
    if (!ready) return std::nullopt;
    const auto address = relay::net::parse_address(*ready);
    return address ? std::optional(*address) : std::nullopt;
  }
  support::Process& process() { return process_; }
  std::string log() const { return support::read_file(folder_ / "log"); }

 private:
  const support::TemporaryFolder& folder_;
  std::vector<std::string> more_;
  support::Process process_;
};

// A loop on a thread. Everything on it is made and ended by run_on().
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop_.run(); }) {}
  ~LoopThread() {
    loop_.stop();
    thread_.join();
  }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  relay::net::Loop& loop() { return loop_; }
  // Runs `work` on the loop's thread and waits for it.
  void run_on(const std::function<void()>& work) {
    std::mutex mutex;
    std::condition_variable done;
    bool finished = false;
    loop_.post([&] {
      work();
      const std::scoped_lock lock(mutex);
      finished = true;
      done.notify_one();
    });
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return finished; });
  }
  // Asks on the loop's thread until it is true or the time is over.
  bool wait_until(const std::function<bool()>& condition, int timeout_ms = 15'000) {
    for (int waited = 0; waited < timeout_ms; waited += 5) {
      bool met = false;
      run_on([&] { met = condition(); });
      if (met) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

 private:
  policy::base::SystemClock clock_;
  relay::net::Loop loop_{clock_};
  std::thread thread_;
};

template <typename IdType>
IdType id(std::uint8_t number) {
  IdType out;
  out.bytes.fill(number);
  return out;
}

inline relay::client::pb::Accept accept(const std::string& message_id, std::string ciphertext) {
  relay::client::pb::Accept out;
  auto& envelope = *out.mutable_envelope();
  envelope.set_conversation(id<policy::base::ConversationId>(1).wire());
  envelope.set_sender_device(id<policy::base::DeviceId>(1).wire());
  envelope.set_client_message_id(message_id);
  envelope.set_kind(relay::client::pb::APPLICATION);
  envelope.set_message_class(relay::client::pb::ROUTINE);
  envelope.set_ciphertext(std::move(ciphertext));
  envelope.set_deadline_s(policy::base::SystemClock().now().unix_s + 86'400);
  out.set_sender_mailbox(id<policy::base::MailboxId>(1).wire());
  return out;
}

inline relay::client::pb::CreateConversation conversation_of_two() {
  relay::client::pb::CreateConversation out;
  out.set_conversation(id<policy::base::ConversationId>(1).wire());
  out.add_mailboxes(id<policy::base::MailboxId>(1).wire());
  out.add_mailboxes(id<policy::base::MailboxId>(2).wire());
  return out;
}

}  // namespace tests::integration
