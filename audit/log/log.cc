#include "audit/log/log.h"

#include <sodium.h>

#include <algorithm>
#include <future>

#include "audit/event/codec.h"
#include "audit/log/layout.h"
#include "audit/log/stage.h"

namespace audit::log {

using policy::base::fail;

namespace {

// A record that a decoder would refuse must not get in: a closed list without a value, an instant out of range.
Status check_record(const event::Record& record) {
  const event::Event event{policy::base::Instant{0}, record};
  const event::Leaf leaf{event::type_of(record), 0, event::subject_of(record), {}};
  auto read = event::decode_payload(leaf, event::encode_payload(event));
  if (read) return {};
  return std::unexpected(read.error());
}

}  // namespace

Log::Log(Ports ports, checkpoint::SigningKey key) : ports_(ports), key_(std::move(key)) {}

Result<std::unique_ptr<Log>> Log::open(Ports ports, checkpoint::SigningKey key) {
  std::unique_ptr<Log> log(new Log(ports, std::move(key)));
  if (auto recovered = log->recover(); !recovered) return std::unexpected(recovered.error());
  log->thread_ = std::thread([raw = log.get()] { raw->run(); });
  return log;
}

Log::~Log() { close(); }

Status Log::enqueue(Work work) {
  {
    const std::scoped_lock lock(mutex_);
    if (closing_) return fail("log.closed", "a log that was closed", "an open log");
    if (queue_.size() >= kQueueMax)
      return fail("log.overloaded", std::to_string(kQueueMax) + " records waiting", "fewer", "try again later");
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return {};
}

void Log::append_async(event::Record record, Callback done) {
  if (auto good = check_record(record); !good) return done(std::unexpected(good.error()));
  advance();
  if (auto queued = enqueue(Append{std::move(record), done}); !queued) done(std::unexpected(queued.error()));
}

Result<Index> Log::append(event::Record record) {
  std::promise<Result<Index>> promise;
  auto answer = promise.get_future();
  append_async(std::move(record), [&promise](Result<Index> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

Status Log::erase(Index index) {
  std::promise<Status> promise;
  auto answer = promise.get_future();
  if (auto queued = enqueue(Erase{index.value, [&promise](Status s) { promise.set_value(std::move(s)); }}); !queued)
    return queued;
  return answer.get();
}

Status Log::settle() {
  std::promise<Status> promise;
  auto answer = promise.get_future();
  if (auto queued = enqueue(Settle{[&promise](Status s) { promise.set_value(std::move(s)); }}); !queued) return queued;
  return answer.get();
}

void Log::enqueue_counts(std::vector<event::Record> records) {
  for (auto& record : records) (void)enqueue(Append{std::move(record), [](const Result<Index>&) {}});
}

void Log::count_allow(event::MessageClass message_class) {
  std::vector<event::Record> complete;
  {
    const std::scoped_lock lock(mutex_);
    complete = allows_.count(message_class, ports_.clock.now());
  }
  enqueue_counts(std::move(complete));
}

void Log::advance() {
  std::vector<event::Record> complete;
  {
    const std::scoped_lock lock(mutex_);
    complete = allows_.advance(ports_.clock.now());
  }
  enqueue_counts(std::move(complete));
}

std::string Log::checkpoint() const {
  const std::scoped_lock lock(mutex_);
  return newest_;
}

void Log::close() {
  std::vector<event::Record> counted;
  {
    const std::scoped_lock lock(mutex_);
    if (closing_) return;
    counted = allows_.take();
  }
  enqueue_counts(std::move(counted));
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Log::run() {
  while (true) {
    std::vector<Work> works;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kBatchMax));
      works.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + count));
      queue_.erase(queue_.begin(), queue_.begin() + count);
    }
    process(std::move(works));
  }
}

void Log::process(std::vector<Work> works) {
  std::vector<Append> group;
  for (Work& work : works) {
    if (auto* append = std::get_if<Append>(&work)) {
      group.push_back(std::move(*append));
      continue;
    }
    append_group(group);  // an entry can be erased only after it was logged: keep the order of the callers
    if (auto* settle = std::get_if<Settle>(&work)) {
      settle->done(settle_now());
      continue;
    }
    auto& erase = std::get<Erase>(work);
    erase.done(erase_now(erase.index));
  }
  append_group(group);
}

// Every group is published before the next one begins, or else a recovery does it.
Status Log::settle_now() { return edge_ ? Status{} : recover(); }

event::Event Log::stamped(event::Record record) {
  last_at_ = std::max({last_at_, ports_.clock.now(), policy::base::Instant{0}});
  return {last_at_, std::move(record)};
}

Status Log::promise(Edge& next, std::string& note, std::vector<Object>& tiles) {
  Edge::Growth growth = next.take_growth();
  note = checkpoint::sign_checkpoint({key_.verifier().name(), next.size(), next.root(), {}}, key_);
  tiles = std::move(growth.tiles);
  std::vector<Object> durable = std::move(growth.side);
  durable.push_back({std::string(kStagePath), encode_stage({note, tiles})});
  auto put = ports_.objects.put_all(durable);
  for (Object& object : durable) sodium_memzero(object.bytes.data(), object.bytes.size());
  if (!put)
    return fail("log.not-written", put.error().seen, put.error().allowed, put.error().remedy, put.error().where);
  auto swapped = ports_.lock.replace(promised_, note);
  if (swapped) return {};
  // The answer is in the lock, if it can be read at all.
  edge_.reset();
  if (auto recovered = recover(); !recovered)
    return fail("log.unsure", recovered.error().seen, recovered.error().allowed, recovered.error().remedy,
                recovered.error().where);
  if (promised_ == note) return {};
  return fail("log.not-written", swapped.error().seen, swapped.error().allowed, swapped.error().remedy,
              swapped.error().where);
}

void Log::append_group(std::vector<Append>& group) {
  if (group.empty()) return;
  std::vector<Append> works = std::exchange(group, {});
  const auto answer_all = [&](const policy::base::Error& error) {
    for (Append& work : works) work.done(std::unexpected(error));
  };
  if (!edge_) {
    if (auto recovered = recover(); !recovered) return answer_all(recovered.error());
  }
  Edge next = *edge_;
  const std::uint64_t first = next.size();
  for (Append& work : works) {
    const auto key = ports_.random.array<event::kEntryKeySize>();
    next.append(event::seal(stamped(std::move(work.record)), key), key);
  }
  std::string note;
  std::vector<Object> tiles;
  if (auto promised = promise(next, note, tiles); !promised) {
    edge_.reset();
    return answer_all(promised.error());
  }
  const bool already_published = promised_ == note;  // by the recovery inside promise()
  promised_ = note;
  {
    const std::scoped_lock lock(mutex_);
    newest_ = note;
  }
  for (std::size_t i = 0; i < works.size(); ++i) works[i].done(Index{first + i});
  if (already_published) return;
  edge_ = std::move(next);
  if (!publish(note, tiles)) edge_.reset();  // promised all the same: the next group recovers and publishes it
}

}  // namespace audit::log
