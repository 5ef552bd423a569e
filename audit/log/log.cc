#include "audit/log/log.h"

#include <sodium.h>

#include <algorithm>
#include <future>
#include <utility>

#include "audit/event/codec.h"

namespace audit::log {

using policy::base::fail;

namespace {

constexpr std::size_t kPromiseOverhead = 4608;  // of a small group in a journal of whole blocks, its note included

// A record that a decoder would refuse must not get in: a closed list without a value, an instant out of range.
Status check_record(const event::Record& record) {
  const event::Event event{policy::base::Instant{0}, record};
  auto read = event::decode_payload(event::leaf_of(event, {}), event::encode_payload(event));
  if (read) return {};
  return std::unexpected(read.error());
}

}  // namespace

Log::Log(Ports ports, checkpoint::SigningKey key)
    : ports_(ports), key_(std::move(key)), keys_(ports.random), publisher_(ports.objects, ports.lock, [this] {
        {
          const std::scoped_lock lock(mutex_);
        }  // not between the sequencer's look and its sleep
        wake_.notify_one();
      }) {}

Result<std::unique_ptr<Log>> Log::open(Ports ports, checkpoint::SigningKey key) {
  std::unique_ptr<Log> log(new Log(ports, std::move(key)));
  if (auto recovered = log->recover(); !recovered) return std::unexpected(recovered.error());
  log->thread_ = std::thread([raw = log.get()] { raw->run(); });
  return log;
}

Log::~Log() { close(); }

Result<Log::Queued> Log::enqueue(Work work) {
  {
    const std::scoped_lock lock(mutex_);
    if (closing_) return fail("log.closed", "a log that was closed", "an open log");
    if (queue_.size() >= kQueueMax)
      return fail("log.overloaded", std::to_string(kQueueMax) + " records waiting", "fewer", "try again later");
    if (const auto* append = std::get_if<Append>(&work)) {
      if (append->at < last_at_) return Queued::kLate;
      last_at_ = append->at;
    }
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return Queued::kYes;
}

Log::KeyPool::~KeyPool() { sodium_memzero(bytes_.data(), bytes_.size()); }

event::EntryKey Log::KeyPool::take() {
  if (left_ == 0) {
    random_.fill(bytes_);
    left_ = bytes_.size();
  }
  event::EntryKey key;
  left_ -= key.size();
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(left_), key.size(), key.begin());
  sodium_memzero(bytes_.data() + left_, key.size());
  return key;
}

Log::Admission Log::admit() {
  const std::scoped_lock lock(mutex_);
  return {std::max({last_at_, ports_.clock.now(), policy::base::Instant{0}}), keys_.take()};
}

// Sealing takes longer than queueing, so it is done outside the lock. Who was overtaken meanwhile by a record of a
// later second seals again, with a key of its own: a key seals exactly one payload.
void Log::append_sealed(const event::Record& record, Callback done) {
  while (true) {
    Admission admitted = admit();
    Append append{admitted.at, {event::seal({admitted.at, record}, admitted.key), admitted.key}, {}, {}};
    sodium_memzero(admitted.key.data(), admitted.key.size());
    append.leaf_hash = merkle::leaf_hash(append.entry.sealed.leaf);
    append.done = done;
    auto queued = enqueue(std::move(append));
    if (!queued) return done(std::unexpected(queued.error()));
    if (*queued == Queued::kYes) return;
  }
}

void Log::append_async(event::Record record, Callback done) {
  if (auto good = check_record(record); !good) return done(std::unexpected(good.error()));
  advance();
  append_sealed(record, std::move(done));
}

Result<Index> Log::append(event::Record record) {
  std::promise<Result<Index>> promise;
  auto answer = promise.get_future();
  append_async(std::move(record), [&promise](Result<Index> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

Status Log::erase(Index index) { return erase_all({index.value}); }

Status Log::erase_all(std::vector<std::uint64_t> indices) {
  std::promise<Status> promise;
  auto answer = promise.get_future();
  if (auto queued = enqueue(Erase{std::move(indices), [&promise](Status s) { promise.set_value(std::move(s)); }});
      !queued)
    return std::unexpected(queued.error());
  return answer.get();
}

Status Log::settle() {
  std::promise<Status> promise;
  auto answer = promise.get_future();
  if (auto queued = enqueue(Settle{[&promise](Status s) { promise.set_value(std::move(s)); }}); !queued)
    return std::unexpected(queued.error());
  return answer.get();
}

Status Log::put(Object object) {
  std::promise<Status> promise;
  auto answer = promise.get_future();
  if (auto queued = enqueue(Put{std::move(object), [&promise](Status s) { promise.set_value(std::move(s)); }}); !queued)
    return std::unexpected(queued.error());
  return answer.get();
}

void Log::enqueue_counts(std::vector<event::Record> records) {
  for (const auto& record : records) append_sealed(record, [](const Result<Index>&) {});
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
  for (auto works = next_works(); !works.empty(); works = next_works()) {
    process(std::move(works));
    publish_if_due();
  }
  (void)settle_now();  // or else the next start does it
}

// Empty: closed, and nothing is left to do.
std::vector<Log::Work> Log::next_works() {
  const auto wanted = [this] { return closing_ || !queue_.empty(); };
  std::unique_lock lock(mutex_);
  while (!wanted()) {
    if (!unpublished()) {
      wake_.wait(lock, wanted);
    } else if (publisher_.busy()) {
      wake_.wait(lock, [&] { return wanted() || !publisher_.busy(); });
    } else if (!wake_.wait_for(lock, std::chrono::milliseconds(kQuietMs), wanted)) {
      lock.unlock();
      publish_behind();
      lock.lock();
    }
  }
  if (queue_.size() <= kBatchMax) return std::exchange(queue_, {});
  std::vector<Work> works;
  const auto count = static_cast<std::ptrdiff_t>(kBatchMax);
  works.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + count));
  queue_.erase(queue_.begin(), queue_.begin() + count);
  return works;
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
    } else if (auto* erase = std::get_if<Erase>(&work)) {
      erase->done(erase_now(erase->indices));
    } else {
      auto& put = std::get<Put>(work);
      put.done(put_now(put.object));
    }
  }
  append_group(group);
}

void Log::publish_behind() {
  if (publisher_.failed()) {
    (void)publisher_.wait();
    edge_.reset();  // the next group recovers, and publishes again what this job could not
    return;
  }
  handed_over_ = edge_->size();
  handed_over_bytes_ = std::exchange(carried_bytes_, 0);
  handed_over_at_ms_ = ports_.clock.elapsed_ms();
  publisher_.start({promised_, edge_->take_growth()});
}

void Log::publish_if_due() {
  if (!unpublished() || publisher_.busy()) return;
  if (ports_.clock.elapsed_ms() - handed_over_at_ms_ >= kPublishEveryMs || carried_bytes_ >= kUnsettledMax / 4)
    publish_behind();
}

// Publishing is slower than promising: wait until the journal has room again.
void Log::make_room() {
  if (carried_bytes_ + handed_over_bytes_ < kUnsettledMax) return;
  if (!publisher_.wait()) edge_.reset();
  handed_over_bytes_ = 0;
  publish_if_due();
}

Status Log::settle_now() {
  if (!publisher_.wait()) edge_.reset();
  if (!edge_) return recover();
  if (!unpublished()) return {};
  Publication publication{promised_, edge_->take_growth()};
  handed_over_ = edge_->size();
  carried_bytes_ = handed_over_bytes_ = 0;
  auto published = publish(ports_.objects, ports_.lock, publication);
  if (!published) edge_.reset();
  return published;
}

// Makes `note` durable, with what it carries. The edge has grown already: after an error there is none any more.
Status Log::promise(const std::string& note, policy::base::ByteView carried) {
  const auto refused = [](const char* code, const policy::base::Error& why) {
    return fail(code, why.seen, why.allowed, why.remedy, why.where);
  };
  auto promised = ports_.lock.promise(promised_, note, carried);
  if (promised) {
    promised_ = note;
    return {};
  }
  edge_.reset();
  // The answer is in the lock, if it can be read at all.
  const auto stored = ports_.lock.load();
  if (stored && *stored == promised_) return refused("log.not-written", promised.error());
  if (auto recovered = recover(); !recovered) return refused("log.unsure", recovered.error());
  if (promised_ == note) return {};
  return refused("log.not-written", promised.error());
}

void Log::append_group(std::vector<Append>& group) {
  if (group.empty()) return;
  std::vector<Append> works = std::exchange(group, {});
  const auto answer_all = [&](const policy::base::Error& error) {
    for (Append& work : works) work.done(std::unexpected(error));
  };
  make_room();
  if (publisher_.failed()) {
    (void)publisher_.wait();
    edge_.reset();
  }
  if (!edge_) {
    if (auto recovered = recover(); !recovered) return answer_all(recovered.error());
  }
  const std::uint64_t first = edge_->size();
  GroupWriter carried;
  for (Append& work : works) {
    edge_->append(work.entry.sealed, work.entry.key, work.leaf_hash);
    carried.append(work.entry);
    sodium_memzero(work.entry.key.data(), work.entry.key.size());
  }
  const std::string note =
      checkpoint::sign_checkpoint({key_.verifier().name(), edge_->size(), edge_->root(), {}}, key_);
  if (auto promised = promise(note, carried.bytes()); !promised) return answer_all(promised.error());
  if (unpublished()) carried_bytes_ += carried.bytes().size() + kPromiseOverhead;
  {
    const std::scoped_lock lock(mutex_);
    newest_ = note;
  }
  for (std::size_t i = 0; i < works.size(); ++i) works[i].done(Index{first + i});
}

}  // namespace audit::log
