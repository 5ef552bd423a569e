#include "audit/tool/command/spread.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace audit::tool {
namespace {

class Ring {
 public:
  Ring(std::uint64_t first, std::uint64_t end, std::size_t slots, const verify::Make& make)
      : make_(make), end_(end), next_(first), taken_(first), slots_(slots) {}

  void work() {
    while (const auto number = claim()) {
      verify::BundleAudit audit = make_(*number);
      const std::scoped_lock lock(mutex_);
      slots_[*number % slots_.size()] = std::move(audit);
      ready_.notify_one();
    }
  }

  verify::BundleAudit wait_for(std::uint64_t number) {
    std::unique_lock lock(mutex_);
    auto& slot = slots_[number % slots_.size()];
    ready_.wait(lock, [&slot] { return slot.has_value(); });
    verify::BundleAudit audit = std::move(*slot);
    slot.reset();
    taken_ = number + 1;
    room_.notify_one();
    return audit;
  }

  void stop() {
    const std::scoped_lock lock(mutex_);
    end_ = next_;
    room_.notify_all();
  }

 private:
  std::optional<std::uint64_t> claim() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return next_ >= end_ || next_ - taken_ < slots_.size(); });
    if (next_ >= end_) {
      room_.notify_one();  // whoever waits with us learns it, too
      return {};
    }
    return next_++;
  }

  const verify::Make& make_;
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::uint64_t end_, next_, taken_;                       // guarded by mutex_
  std::vector<std::optional<verify::BundleAudit>> slots_;  // guarded by mutex_
};

}  // namespace

unsigned worker_count(unsigned asked) {
  return std::clamp(asked > 0 ? asked : std::thread::hardware_concurrency(), 1U, kWorkersMax);
}

verify::Spread spread_over(unsigned workers) {
  if (workers <= 1) return verify::one_after_the_other;
  return [workers](std::uint64_t first, std::uint64_t end, const verify::Make& make, const verify::Take& take) {
    Ring ring(first, end, workers * kAheadPerWorker, make);
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::min<std::uint64_t>(workers, end > first ? end - first : 0); ++i)
      threads.emplace_back([&ring] { ring.work(); });
    for (std::uint64_t bundle = first; bundle < end; ++bundle)
      if (!take(ring.wait_for(bundle))) break;
    ring.stop();
  };
}

}  // namespace audit::tool
