#include "audit/log/publisher.h"

#include <sched.h>
#include <sodium.h>

#include <utility>

#include "audit/log/layout.h"

namespace audit::log {
namespace {

// Superseded partial tiles of every tile among `tiles` that has become full, and the stage of older versions.
Status remove_superseded(Objects& objects, const std::vector<Object>& tiles) {
  std::vector<std::string> gone;
  for (const Object& object : tiles) {
    const auto tile = merkle::parse_tile_path(object.path);
    if (!tile || tile->width != merkle::kTileWidth) continue;
    auto partial = objects.list(object.path + ".p/");
    if (!partial) return std::unexpected(partial.error());
    gone.insert(gone.end(), partial->begin(), partial->end());
  }
  gone.emplace_back(kStagePath);
  return objects.remove(gone);
}

}  // namespace

Status publish(Objects& objects, LockedCheckpoint& lock, Publication& publication) {
  auto& [note, growth] = publication;
  std::vector<Object> all = growth.tiles;
  for (Object& object : growth.side) all.push_back(std::move(object));
  auto put = objects.put_all(all);
  for (Object& object : all) sodium_memzero(object.bytes.data(), object.bytes.size());
  if (!put) return put;
  if (auto settled = lock.settle(note); !settled) return settled;
  const Object checkpoint{std::string(kCheckpointPath), Bytes(note.begin(), note.end())};
  if (auto published = objects.put_all(std::span(&checkpoint, 1)); !published) return published;
  return remove_superseded(objects, growth.tiles);
}

Publisher::Publisher(Objects& objects, LockedCheckpoint& lock, std::function<void()> done)
    : objects_(objects), lock_(lock), done_(std::move(done)), thread_([this] { run(); }) {}

Publisher::~Publisher() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Publisher::start(Publication publication) {
  {
    const std::scoped_lock lock(mutex_);
    job_ = std::move(publication);
    busy_ = true;
  }
  changed_.notify_all();
}

bool Publisher::busy() const {
  const std::scoped_lock lock(mutex_);
  return busy_;
}

bool Publisher::failed() const {
  const std::scoped_lock lock(mutex_);
  return !busy_ && !outcome_;
}

Status Publisher::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !busy_; });
  return std::exchange(outcome_, Status{});
}

void Publisher::run() {
  // Much work that nobody waits for: it must not take the processor from the sequencer, which somebody does. Where the
  // system does not allow it, it is only slower.
  const sched_param none{};
  (void)::sched_setscheduler(0, SCHED_BATCH, &none);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return job_ || closing_; });
    if (!job_) return;
    Publication job = std::move(*job_);
    job_.reset();
    lock.unlock();
    Status outcome = publish(objects_, lock_, job);
    lock.lock();
    outcome_ = std::move(outcome);
    busy_ = false;
    changed_.notify_all();
    lock.unlock();
    done_();
    lock.lock();
  }
}

}  // namespace audit::log
