#include "gateway/witness/keeper.h"

#include <algorithm>
#include <chrono>

#include "audit/log/layout.h"
#include "gateway/witness/offered.h"

namespace gateway::witness {

using audit::checkpoint::TrustPolicy;
using audit::checkpoint::Witnessed;
using audit::witness::Round;
using base::Error;
using base::fail;
using base::Instant;
using base::Result;
using base::Status;

namespace {

std::string kept_path(int year) { return std::to_string(year) + ".cosigned"; }

// An answer that says: this is not the log I know. All others say: not now.
bool objects_to(const Error& error) { return error.code == "witness.contradicts" || error.code == "witness.ahead"; }

Error of_witness(const std::string& name, Error error) {
  error.where = "witness " + base::printable(name);
  return error;
}

std::optional<Error> objection_in(const Round& round, const TrustPolicy& policy) {
  for (std::size_t i = 0; i < round.errors.size(); ++i)
    if (round.errors[i] && objects_to(*round.errors[i]))
      return of_witness(policy.witnesses()[i].name, *round.errors[i]);
  return {};
}

// Who keeps the quorum from being there, and why.
Error missing_in(const Round& round, const TrustPolicy& policy) {
  std::string reasons;
  for (std::size_t i = 0; i < round.errors.size(); ++i)
    if (round.errors[i])
      reasons +=
          (reasons.empty() ? "" : "; ") + base::printable(policy.witnesses()[i].name) + ": " + round.errors[i]->seen;
  return {"quorum.missing",
          "no quorum of witnesses: " + reasons,
          "the cosignatures that the policy asks for",
          "see that the missing witnesses run and know this log",
          {}};
}

// When the witnesses that answered cosigned this note; a time from after `not_after` counts for nothing.
std::vector<std::optional<Instant>> times_of(const std::string& text, const TrustPolicy& policy, Instant not_after) {
  const auto note = policy::base::note::parse_note(text);
  auto times = note ? cosigned_by(*note, policy.keys()) : Result<std::vector<std::optional<Instant>>>({});
  if (!times) return {};
  for (auto& time : *times)
    if (time && *time > not_after) time.reset();
  return *times;
}

}  // namespace

Keeper::Keeper(Ports ports, Options options, Source source, Tell tell)
    : ports_(ports),
      options_(options),
      source_(std::move(source)),
      tell_(std::move(tell)),
      collector_(ports.policy, ports.way) {}

Keeper::~Keeper() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Keeper::start() {
  thread_ = std::thread([this] { run(); });
}

void Keeper::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    wake_.wait_for(lock, std::chrono::seconds(options_.interval.count), [this] { return asked_ || ending_; });
    asked_ = false;
    if (ending_) return;
    lock.unlock();
    collect();
    lock.lock();
  }
}

// What a quorum cosigned before this process began.
Status Keeper::recall(const CurrentLog& log) {
  {
    const std::scoped_lock lock(mutex_);
    if (newest_ && newest_->checkpoint.origin == log.key.name()) return {};
    newest_.reset();
    joined_since_.reset();
  }
  const auto stored = ports_.kept.get(kept_path(log.year));
  if (!stored) return std::unexpected(stored.error());
  if (!*stored) return {};
  auto opened = open_witnessed(base::as_text(**stored), ports_.policy, std::span(&log.key, 1),
                               ports_.clock.now() + audit::checkpoint::kClocksApartMax);
  if (!opened) return {};  // by other witnesses, before the policy was changed: no quorum of this one
  const std::scoped_lock lock(mutex_);
  newest_ = std::move(*opened);
  return {};
}

Result<Witnessed> Keeper::keep(const Round& round, const CurrentLog& log) {
  auto opened = open_witnessed(round.note, ports_.policy, std::span(&log.key, 1),
                               ports_.clock.now() + audit::checkpoint::kClocksApartMax);
  if (!opened) {
    // A witness that answered well may still count for nothing, if its clock is wrong.
    const auto any = std::ranges::any_of(round.errors, [](const auto& error) { return error.has_value(); });
    return std::unexpected(any && opened.error().code == "quorum.missing" ? missing_in(round, ports_.policy)
                                                                          : opened.error());
  }
  const auto bytes = base::as_bytes(round.note);
  const audit::log::Object object{kept_path(log.year), {bytes.begin(), bytes.end()}};
  if (auto stored = ports_.kept.put_all(std::span(&object, 1)); !stored) return std::unexpected(stored.error());
  return opened;
}

// Who has cosigned by file, and who over the network, at different sizes: each has vouched for the smallest of them,
// and the log continues all. So it is a quorum of that checkpoint, as old as the oldest cosignature in it.
void Keeper::join_offered(const Round& round, const CurrentLog& log, Outcome& out) const {
  const Instant not_after = ports_.clock.now() + audit::checkpoint::kClocksApartMax;
  const auto offered = read_offered(ports_.kept, ports_.policy, *log.objects, log.key, round.checkpoint, not_after);
  if (!out.objection) out.objection = offered.objection;
  // Only where the network alone was too little: a quorum that could not be kept does not count by another door.
  const bool wanted = out.fault && out.fault->code == "quorum.missing";
  auto times = times_of(round.note, ports_.policy, not_after);
  times.resize(offered.times.size());
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = std::max(times[i], offered.times[i]);
  if (wanted) out.joined_since = ports_.policy.quorum_since(times);
  if (out.joined_since) out.fault.reset();
  if (!offered.fault) return;
  if (out.fault)
    out.fault->seen += "; " + offered.fault->where + ": " + offered.fault->code;
  else
    out.fault = offered.fault;
}

Keeper::Outcome Keeper::round() {
  const auto log = source_();
  if (!log) return {{}, log.error(), {}, {}};
  if (auto recalled = recall(*log); !recalled) return {{}, recalled.error(), {}, {}};
  auto round = collector_.collect(*log->objects, log->key);
  if (!round) return {{}, round.error(), {}, {}};
  Outcome out;
  out.objection = objection_in(*round, ports_.policy);
  if (const auto before = cosigned(); before && !out.objection)
    if (auto good = check_continues(*log->objects, round->checkpoint, *before); !good && objects_to(good.error()))
      out.objection = good.error();
  auto kept = keep(*round, *log);
  if (kept)
    out.new_quorum = std::move(*kept);
  else
    out.fault = kept.error();
  join_offered(*round, *log, out);
  return out;
}

void Keeper::collect() {
  const std::scoped_lock collecting(collecting_);
  Outcome outcome = round();
  const std::optional<Error> news = outcome.objection ? outcome.objection : outcome.fault;
  {
    const std::scoped_lock lock(mutex_);
    objection_ = std::move(outcome.objection);
    fault_ = std::move(outcome.fault);
    if (outcome.new_quorum) newest_ = std::move(outcome.new_quorum);
    joined_since_ = std::max(joined_since_, outcome.joined_since);
  }
  std::string telling = news ? to_string(*news) : "";
  if (telling == told_) return;
  told_ = std::move(telling);
  if (tell_) tell_(news);
}

Status Keeper::permit(Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto since = std::max(newest_ ? std::optional(newest_->since) : std::nullopt, joined_since_);
  if (!objection_ && since && now <= *since + options_.max_age) return {};
  asked_ = true;
  wake_.notify_all();
  if (objection_) return std::unexpected(*objection_);
  if (fault_) return std::unexpected(*fault_);
  return fail("quorum.old",
              since ? "a quorum of " + format_instant(*since) : std::string("no witness has been asked yet"),
              "not older than " + format_duration(options_.max_age), "have the witnesses cosign the newest checkpoint");
}

std::optional<audit::checkpoint::Checkpoint> Keeper::cosigned() const {
  const std::scoped_lock lock(mutex_);
  if (!newest_) return {};
  return newest_->checkpoint;
}

}  // namespace gateway::witness
