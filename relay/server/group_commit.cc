#include "relay/server/group_commit.h"

#include <algorithm>

namespace relay::server {
namespace {

std::size_t bytes_of(const core::Change& change) {
  const auto* const accept = std::get_if<core::Accept>(&change);
  if (accept == nullptr) return 0;
  return accept->envelope.ciphertext().size() + (accept->welcome ? accept->welcome->ciphertext().size() : 0);
}

}  // namespace

GroupCommit::GroupCommit(store::Store& store, const policy::base::Clock& clock, Post post, GroupCommitLimits limits)
    : store_(store), clock_(clock), post_(std::move(post)), limits_(limits), thread_([this] { run(); }) {}

GroupCommit::~GroupCommit() { stop(); }

void GroupCommit::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool GroupCommit::change(core::Change change, Answer answer) {
  const std::size_t bytes = bytes_of(change);
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || changes_.size() >= limits_.queue_max || bytes_ + bytes > limits_.queue_bytes_max) return false;
    bytes_ += bytes;
    changes_.push_back({std::move(change), std::move(answer)});
  }
  wake_.notify_one();
  return true;
}

bool GroupCommit::read(Reading reading) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || readings_.size() >= limits_.queue_max) return false;
    readings_.push_back(std::move(reading));
  }
  wake_.notify_one();
  return true;
}

// Waits for work; false when there is none left and the end has come.
bool GroupCommit::take(Group& group) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !changes_.empty() || !readings_.empty(); });
  if (changes_.empty() && readings_.empty()) return false;
  const std::size_t count = std::min(changes_.size(), limits_.group_max);
  for (std::size_t i = 0; i < count; ++i) {
    Waiting& one = changes_.front();
    bytes_ -= bytes_of(one.change);
    group.changes.push_back(std::move(one.change));
    group.answers.push_back(std::move(one.answer));
    changes_.pop_front();
  }
  group.readings.swap(readings_);
  return true;
}

void GroupCommit::work(Group& group) {
  auto answers = std::make_shared<std::vector<std::function<void()>>>();
  const core::Instant now = clock_.now();
  if (!group.changes.empty()) {
    auto outcomes = store_.commit(group.changes, now);
    for (std::size_t i = 0; i < group.answers.size(); ++i) {
      core::Outcome outcome = outcomes ? std::move(outcomes->at(i)) : core::Outcome(std::unexpected(outcomes.error()));
      answers->push_back([answer = std::move(group.answers[i]), outcome = std::move(outcome)] { answer(outcome); });
    }
  }
  for (const Reading& reading : group.readings) answers->push_back(reading(store_, now));
  post_([answers] {
    for (const auto& answer : *answers) answer();
  });
}

void GroupCommit::run() {
  for (Group group; take(group); group = Group{}) work(group);
}

}  // namespace relay::server
