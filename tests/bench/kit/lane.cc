#include "tests/bench/kit/lane.h"

#include <chrono>
#include <future>

#include "relay/net/socket.h"
#include "tests/bench/kit/report.h"

namespace tests::bench {

using policy::base::Status;

namespace {

constexpr relay::net::ChannelLimits kLimits{4 * 1024 * 1024, 4 * 1024 * 1024};

// A run of for_each(); lives until its last callback.
struct Batch : std::enable_shared_from_this<Batch> {
  std::size_t next = 0, last = 0, under_way = 0, finished = 0;
  std::function<void(std::size_t, Lane::Done)> start;
  std::promise<Status> end;
  bool ended = false;

  void finish(Status status) {
    if (std::exchange(ended, true)) return;
    end.set_value(std::move(status));
  }
  void more(std::size_t at_once) {
    while (!ended && next < last && under_way < at_once) {
      ++under_way;
      start(next++, [self = shared_from_this(), at_once](Status status) {
        --self->under_way;
        ++self->finished;
        if (!status) return self->finish(std::move(status));
        self->more(at_once);
      });
    }
    if (next == last && under_way == 0) finish({});
  }
};

}  // namespace

Lane::Lane(std::uint16_t port, const std::string& ca_file)
    : port_(port), tls_(relay::net::TlsContext::client({"", "", ca_file}).value()) {
  thread_ = std::thread([this] { loop_.run(); });
}

Lane::~Lane() { stop(); }

void Lane::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
}

void Lane::run(std::function<void()> work) {
  std::promise<void> end;
  loop_.post([&end, work = std::move(work)] {
    work();
    end.set_value();
  });
  end.get_future().wait();
}

Status Lane::for_each(std::size_t first, std::size_t last, std::size_t at_once, const std::string& what,
                      const std::function<void(std::size_t, Done)>& start) {
  auto batch = std::make_shared<Batch>();
  batch->next = first;
  batch->last = last;
  batch->start = start;
  auto end = batch->end.get_future();
  loop_.post([batch, at_once] { batch->more(at_once); });
  while (end.wait_for(std::chrono::seconds(2)) != std::future_status::ready) {
    run([&] {
      Report::progress(what + ": " + std::to_string(batch->finished) + " of " + std::to_string(last - first));
    });
  }
  return end.get();
}

policy::base::Result<std::shared_ptr<relay::net::Channel>> Lane::dial() {
  const auto fd = relay::net::connect_socket({false, "127.0.0.1", port_});
  if (!fd) return std::unexpected(fd.error());
  return relay::net::Channel::dial(loop_, *fd, tls_.get(), "127.0.0.1", kLimits);
}

}  // namespace tests::bench
