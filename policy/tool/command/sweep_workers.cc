#include "policy/tool/command/sweep_workers.h"

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>

namespace policy::tool {
namespace {

using Batch = std::vector<model::PersonFacts>;

class Queue {
 public:
  void put(Batch batch) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return waiting_.size() < kBatchesWaiting; });
    waiting_.push_back(std::move(batch));
    work_.notify_one();
  }

  // Nothing once the queue is closed and empty.
  std::optional<Batch> take() {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return std::nullopt;
    Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    room_.notify_one();
    return batch;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    work_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_, work_;
  std::deque<Batch> waiting_;
  bool closed_ = false;
};

Input<void> feed(Queue& queue, PersonSource& people, const std::function<void(std::uint64_t)>& seen) {
  std::uint64_t count = 0;
  for (Batch batch;;) {
    auto person = people.next();
    if (!person) return std::unexpected(std::move(person.error()));
    if (*person) batch.push_back(std::move(**person));
    if (batch.size() == kPeopleAtOnce || (!*person && !batch.empty())) {
      count += batch.size();
      queue.put(std::move(batch));
      batch.clear();
      seen(count);
    }
    if (!*person) return {};
  }
}

}  // namespace

Input<prove::Tally> sweep(const prove::Plan& plan, unsigned workers, PersonSource& people,
                          const std::function<void(std::uint64_t)>& seen) {
  Queue queue;
  std::list<prove::Tally> tallies;
  Input<void> fed;
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < workers; ++i) {
      prove::Tally& mine = tallies.emplace_back(plan);
      threads.emplace_back([&queue, &mine] {
        while (const auto batch = queue.take())
          for (const model::PersonFacts& person : *batch) mine.add(person);
      });
    }
    fed = feed(queue, people, seen);
    queue.close();
  }
  if (!fed) return std::unexpected(std::move(fed.error()));
  prove::Tally all(plan);
  for (const prove::Tally& one : tallies) all.merge(one);
  return all;
}

}  // namespace policy::tool
