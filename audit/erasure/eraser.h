// Erases records of one log, in runs that survive any interruption, and tells the log of it.
//
//   choose ─► [ledger: run] ─► keys and ciphertexts zero ─► receipt logged ─► [ledger: done]
//              durable first    in batches, repeatable       erasure-done
//
// What stands in the ledger is erased, come what may: after a kill or a failed write, finish() goes on where the run
// was; after a restore from an old backup, reapply() erases again whatever came back, from the log's own ledger and
// from copies of it that were kept elsewhere. A receipt may be logged twice if the power fails between it and `done`;
// both have the same commitment. Only the subject of an entry counts as the person it is about: who ordered a wipe or
// granted an override is in that entry as long as its deadline says. The entry proves to its subject, and to who
// answers for the log, that power over somebody was used and by whom (accountability, BDSG § 76; GDPR Art. 17 (3) (b)
// and (e)); who acted cannot take that away by asking for erasure, nor take it from the subject. What the leaf says of
// people, subject and actors alike, becomes random bytes with the parts of the day's key (opening/day_keeper.h).
//
// Single thread. Everything in Place outlives the Eraser. Errors: those of the ports, of erasures.syntax,
// erasures.other-log (a ledger of another origin), and whatever `erase` and `record` return.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "audit/checkpoint/checkpoint.h"
#include "audit/erasure/ledger.h"
#include "audit/event/codec.h"
#include "audit/log/ports.h"

namespace audit::erasure {

using policy::base::Status;

// A log, and who may write to it.
struct Place {
  const log::Objects& objects;
  checkpoint::Checkpoint published;  // how far the log goes
  // Destroys keys and records of these entries, rising: Log::erase_all. It settles the log, so that its journal, in a
  // restored backup, too, holds no copy.
  std::function<Status(std::vector<std::uint64_t>)> erase;
  // Makes the ledger durable: Log::put.
  std::function<Status(log::Object)> put;
  // Makes the receipt durable in the log that is being written, which may be a later year's.
  std::function<Status(event::ErasureDone)> record;
};

// Bundles looked at or erased so far, and their number.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct Outcome {
  std::uint64_t records = 0;    // erased by this call
  std::uint64_t unmatched = 0;  // lines of ledgers about entries that this tree does not have; nothing was touched
};

class Eraser {
 public:
  static constexpr std::size_t kBundlesAtOnce = 64;

  explicit Eraser(Place place, Progress progress = {}) : place_(std::move(place)), progress_(std::move(progress)) {}

  // Goes on with a run that was begun. The calls below do this first, too.
  Result<Outcome> finish();
  // Everything whose deadline has come, a run a deadline. Looks only at what earlier runs have not.
  Result<Outcome> erase_due(Instant now);
  // All entries about these pseudonyms. `rule` says on which ground.
  Result<Outcome> erase_people(std::span<const event::Pseudonym> people, const event::RuleId& rule);
  // All entries of the hours that begin in [begin, end).
  Result<Outcome> erase_period(Instant begin, Instant end, const event::RuleId& rule);
  Result<Outcome> reapply(std::span<const Ledger> copies = {});

  // The ledger as it is stored; an empty one if there is none.
  Result<Ledger> ledger() const;

 private:
  using Wanted = std::function<bool(const event::Leaf&)>;
  Result<Outcome> erase_where(Run run, std::uint64_t from, const Wanted& wanted);
  Result<std::optional<ErasedBundle>> choose(std::uint64_t bundle, std::uint64_t from, const Wanted& wanted, Run& run);
  Result<std::uint64_t> first_entry_of(std::uint32_t hour) const;
  Result<Outcome> begin(Ledger ledger, Run run);
  Status carry_out(Ledger& ledger);
  Result<bool> returned(const Ledger& ledger, const Run& erased, const ErasedBundle& line, Slots& slots,
                        Run& run) const;
  Status take_back(std::uint64_t bundle, const Slots& erased, Slots& slots, Run& run) const;
  Status store(const Ledger& ledger);
  void tell(std::uint64_t done, std::uint64_t total) const {
    if (progress_) progress_(done, total);
  }
  Place place_;
  Progress progress_;
};

}  // namespace audit::erasure
