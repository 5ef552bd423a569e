#include "tests/bench/kit/crowd.h"

#include <utility>

namespace tests::bench {

using policy::base::ByteView;
using policy::base::Error;
using policy::base::Status;

namespace {
constexpr std::size_t kConnectsAtOnce = 32;
}

class Crowd::Idler final : public relay::net::ChannelOwner {
 public:
  Idler(std::string hello, std::size_t answer_bytes, std::size_t& lost)
      : hello_(std::move(hello)), missing_(answer_bytes), lost_(lost) {}
  ~Idler() {
    if (channel_) channel_->detach();
  }

  void begin(std::shared_ptr<relay::net::Channel> channel, Lane::Done done) {
    channel_ = std::move(channel);
    done_ = std::move(done);
    channel_->start(*this);
  }
  void on_open() override {
    channel_->send(policy::base::as_bytes(hello_));
    if (missing_ == 0) finish({});
  }
  std::size_t on_bytes(ByteView bytes) override {
    missing_ -= std::min(missing_, bytes.size());
    if (missing_ == 0) finish({});
    return bytes.size();
  }
  void on_closed(const Error& why) override {
    if (done_) return finish(std::unexpected(why));
    ++lost_;
  }

 private:
  void finish(Status status) {
    if (auto done = std::exchange(done_, nullptr)) done(std::move(status));
  }

  std::string hello_;
  std::size_t missing_;
  std::size_t& lost_;
  std::shared_ptr<relay::net::Channel> channel_;
  Lane::Done done_;
};

Crowd::Crowd(Lane& lane, std::function<std::string(std::size_t)> hello, std::size_t answer_bytes)
    : lane_(lane), hello_(std::move(hello)), answer_bytes_(answer_bytes) {}

Crowd::~Crowd() = default;

Status Crowd::grow_to(std::size_t count) {
  const std::size_t before = idlers_.size();
  auto status =
      lane_.for_each(before, count, kConnectsAtOnce, "idle connections", [this](std::size_t i, Lane::Done done) {
        auto channel = lane_.dial();
        if (!channel) return done(std::unexpected(channel.error()));
        idlers_.push_back(std::make_shared<Idler>(hello_(i), answer_bytes_, lost_));
        idlers_.back()->begin(std::move(*channel), std::move(done));
      });
  if (!status) return status;
  std::size_t lost = 0;
  lane_.run([&] { lost = lost_; });
  if (lost > 0) return policy::base::fail("crowd.lost", std::to_string(lost) + " connections have gone");
  return {};
}

}  // namespace tests::bench
