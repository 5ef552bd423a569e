// How many messages a second the relay makes durable, as CSV: what,under_way,count,seconds,per_second.
//
//   fsync     one 4 KiB write and fsync after the other: what the disk allows without grouping
//   store     accepts through the store's thread with that many under way, each on disk before its answer
//   link      the same through a real relay over a unix socket, delivered to a second device and acknowledged
//
// The folder to measure in is the first argument (default: the system's temporary folder), the seconds of each figure
// the second (default 2).
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>

#include "relay/client/link.h"
#include "relay/server/group_commit.h"
#include "relay/store/sqlite/store.h"
#include "relay/wire/codec.h"
#include "tests/support/process/process.h"

namespace {

using Clock = std::chrono::steady_clock;
namespace pb = relay::wire::pb;
using policy::base::ConversationId;
using policy::base::DeviceId;
using policy::base::MailboxId;

constexpr std::size_t kCiphertextBytes = 1024;
double seconds_each = 2.0;  // of one figure; set once, by main()

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void print(const char* what, int under_way, std::size_t count, double seconds) {
  std::printf("%s,%d,%zu,%.3f,%.0f\n", what, under_way, count, seconds, static_cast<double>(count) / seconds);
  std::fflush(stdout);
}

template <typename IdType>
IdType id(std::uint8_t number) {
  IdType out;
  out.bytes.fill(number);
  return out;
}

pb::Envelope envelope(std::uint64_t number) {
  pb::Envelope out;
  out.set_conversation(id<ConversationId>(1).wire());
  out.set_sender_device(id<DeviceId>(1).wire());
  out.set_client_message_id(std::to_string(1'000'000'000'000'000 + number));
  out.set_kind(pb::APPLICATION);
  out.set_message_class(pb::ROUTINE);
  out.set_ciphertext(std::string(kCiphertextBytes, 'x'));
  out.set_deadline_s(policy::base::SystemClock().now().unix_s + 86'400);
  return out;
}

void bench_fsync(const std::string& folder) {
  const std::string path = folder + "/fsync";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::string page(4096, 'x');
  const auto begin = Clock::now();
  std::size_t count = 0;
  while (since(begin) < seconds_each) {
    if (::write(fd, page.data(), page.size()) < 0 || ::fsync(fd) != 0) std::abort();
    ++count;
  }
  print("fsync", 1, count, since(begin));
  ::close(fd);
}

// Keeps `under_way` accepts waiting until the time is over, then waits for all.
void bench_store(const std::string& folder, int under_way) {
  const policy::base::SystemClock clock;
  policy::base::SystemRandom random;
  const std::string data = folder + "/store-" + std::to_string(under_way);
  std::filesystem::create_directories(data);
  auto store = relay::store::SqliteStore::open(data, random).value();
  const std::vector<relay::core::Change> setting{
      relay::core::CreateConversation{id<ConversationId>(1), {id<MailboxId>(1), id<MailboxId>(2)}},
      relay::core::RegisterDevice{id<MailboxId>(1), id<DeviceId>(1)}};
  if (!store->commit(setting, clock.now())) std::abort();
  std::atomic<int> waiting{0};
  std::atomic<std::size_t> done{0};
  relay::server::GroupCommit ledger(*store, clock, [](const std::function<void()>& work) { work(); });
  const auto begin = Clock::now();
  for (std::uint64_t number = 0; since(begin) < seconds_each;) {
    if (waiting >= under_way) {
      std::this_thread::yield();
      continue;
    }
    ++waiting;
    ledger.change(relay::core::Accept{envelope(++number), id<MailboxId>(1), {}, false},
                  [&](const relay::core::Outcome& outcome) {
                    if (!outcome) std::abort();
                    ++done;
                    --waiting;
                  });
  }
  ledger.stop();
  print("store", under_way, done, since(begin));
}

// Everything on the loop's thread, which is this one.
class LinkBench {
 public:
  LinkBench(const relay::net::Address& address, int under_way)
      : under_way_max_(under_way),
        link_(loop_, address, nullptr,
              relay::client::Handlers{
                  .on_up = [this] { prepare(); },
                  .on_down = [](const relay::client::Error&) {},
                  .on_delivery = [this](const pb::DeviceDelivery& delivery) { on_delivery(delivery); },
                  .on_receipt = [](const pb::BucketReceipt&) {},
                  .on_expired = [](const pb::MailboxExpired&) {}}) {}
  void run() {
    link_.start();
    loop_.run();
    print("link", under_way_max_, delivered_, seconds_);
  }

 private:
  void prepare() {
    pb::CreateConversation create;
    create.set_conversation(id<ConversationId>(1).wire());
    create.add_mailboxes(id<MailboxId>(1).wire());
    create.add_mailboxes(id<MailboxId>(2).wire());
    link_.create(create, [](const policy::base::Status&) {});
    link_.register_device(id<MailboxId>(1), id<DeviceId>(1), [](const policy::base::Status&) {});
    link_.register_device(id<MailboxId>(2), id<DeviceId>(2), [this](const policy::base::Status&) {
      link_.subscribe(id<DeviceId>(2), 0xF);
      begin_ = Clock::now();
      send_more();
    });
  }
  void send_more() {
    while (under_way_ < under_way_max_ && since(begin_) < seconds_each) {
      ++under_way_;
      pb::Accept accept;
      *accept.mutable_envelope() = envelope(++number_);
      accept.set_sender_mailbox(id<MailboxId>(1).wire());
      link_.accept(std::move(accept), [this](const auto& result) {
        if (!result) std::abort();
        --under_way_;
        ++accepted_;
        send_more();
        finish();
      });
    }
  }
  void on_delivery(const pb::DeviceDelivery& delivery) {
    ++delivered_;
    pb::Ack ack;
    ack.set_conversation(delivery.stored().envelope().conversation());
    ack.set_message_class(pb::ROUTINE);
    ack.set_sequence(delivery.stored().sequence());
    link_.ack(id<DeviceId>(2), ack);
    finish();
  }
  void finish() {
    if (under_way_ > 0 || delivered_ < accepted_ || since(begin_) < seconds_each) return;
    seconds_ = since(begin_);
    loop_.stop();
  }

  policy::base::SystemClock clock_;
  relay::net::Loop loop_{clock_};
  int under_way_max_;
  relay::client::Link link_;
  Clock::time_point begin_;
  int under_way_ = 0;
  std::uint64_t number_ = 0;
  std::size_t accepted_ = 0;
  std::size_t delivered_ = 0;
  double seconds_ = 0;
};

void bench_link(const std::string& folder, int under_way) {
  const std::string base = folder + "/link-" + std::to_string(under_way);
  tests::support::Process relay({tests::support::program("feierabend-relay"), "--listen", "unix:" + base + ".sock",
                                 "--data", base, "--ready-file", base + ".ready"},
                                {.environment = {}, .output = base + ".log"});
  const auto ready = tests::support::wait_for_file(base + ".ready");
  if (!ready) std::abort();
  LinkBench(relay::net::parse_address(*ready).value(), under_way).run();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) ::setenv("TMPDIR", argv[1], 1);
  if (argc > 2) seconds_each = std::strtod(argv[2], nullptr);
  const tests::support::TemporaryFolder folder("relay-bench");
  const std::string path = folder.path().string();
  std::printf("what,under_way,count,seconds,per_second\n");
  bench_fsync(path);
  for (const int under_way : {1, 16, 256, 1024}) bench_store(path, under_way);
  for (const int under_way : {1, 16, 256, 1024}) bench_link(path, under_way);
  return 0;
}
