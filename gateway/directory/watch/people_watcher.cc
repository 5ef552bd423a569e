#include "gateway/directory/watch/people_watcher.h"

#include <algorithm>
#include <chrono>

namespace gateway::directory {

PeopleWatcher::PeopleWatcher(Directory& directory, const base::Clock& clock, const WatchSettings& settings,
                             PeopleListener& listener)
    : directory_(directory), clock_(clock), settings_(settings), listener_(listener), guard_(settings.shrink) {}

PeopleWatcher::~PeopleWatcher() { stop(); }

void PeopleWatcher::start() {
  if (thread_.joinable()) return;
  stop_ = false;
  thread_ = std::jthread([this] { work(); });
}

void PeopleWatcher::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
    if (feed_) feed_->interrupt();
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

bool PeopleWatcher::stopping() {
  const std::scoped_lock lock(mutex_);
  return stop_;
}

// The feed is opened before the snapshot is taken: what changes between the two rings.
void PeopleWatcher::work() {
  std::int64_t taken_ms = 0;
  bool wanted = true;
  while (!stopping()) {
    if (wanted) {
      if (!feed_ && feed_offered_) open_feed();
      wanted = !take_snapshot();
      taken_ms = clock_.elapsed_ms();
      if (wanted) close_feed();
      pause(wanted ? settings_.poll_ms : std::min(settings_.gap_ms, settings_.poll_ms));
      continue;
    }
    const std::int64_t age_ms = clock_.elapsed_ms() - taken_ms;
    const std::int64_t until_ms = feed_ ? settings_.poll_ms : settings_.poll_ms - age_ms;
    switch (wait_for_change(static_cast<int>(std::max<std::int64_t>(until_ms, 0)))) {
      case Woken::changed: wanted = true; break;
      case Woken::broken:
        close_feed();
        wanted = true;
        break;
      case Woken::quiet:
        wanted = !feed_ || clock_.elapsed_ms() - taken_ms >= settings_.full_ms;
        if (!wanted && !stopping())
          if (const auto status = directory_.probe(); !status) {
            listener_.on_fault(status.error());
            close_feed();
            wanted = true;
          }
        break;
    }
  }
  close_feed();
}

void PeopleWatcher::open_feed() {
  auto feed = directory_.changes();
  if (feed) {
    const std::scoped_lock lock(mutex_);
    feed_ = *std::move(feed);
    if (stop_) feed_->interrupt();
  } else if (feed.error().code == "directory.no-feed") {
    feed_offered_ = false;
  }
}

void PeopleWatcher::close_feed() {
  const std::scoped_lock lock(mutex_);
  feed_.reset();
}

bool PeopleWatcher::take_snapshot() {
  auto snapshot = directory_.snapshot();
  if (!snapshot) {
    listener_.on_fault(snapshot.error());
    return false;
  }
  const Changes changes = diff(*people_, *snapshot);
  if (const auto believed = guard_.offer(people_->people.size(), changes.gone.size(), clock_.elapsed_ms()); !believed) {
    listener_.on_fault(believed.error());
    return false;
  }
  people_ = std::make_shared<const Snapshot>(*std::move(snapshot));
  listener_.on_people(people_, changes);
  return true;
}

PeopleWatcher::Woken PeopleWatcher::wait_for_change(int timeout_ms) {
  if (!feed_) {
    pause(timeout_ms);
    return Woken::quiet;
  }
  const auto rang = feed_->wait(timeout_ms);
  if (rang) return *rang ? Woken::changed : Woken::quiet;
  if (rang.error().code == "directory.no-feed")
    feed_offered_ = false;
  else
    listener_.on_fault(rang.error());
  return Woken::broken;
}

void PeopleWatcher::pause(int milliseconds) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return stop_; });
}

}  // namespace gateway::directory
