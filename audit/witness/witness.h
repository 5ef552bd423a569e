// A witness of logs (C2SP tlog-witness): it cosigns a checkpoint only if that continues the last one it has cosigned of
// the same log, and has its record of it on disk before anybody sees the cosignature. So no log that was rolled back or
// split into two views gets its cosignature again, whoever holds the log's key.
//
//   200  cosignature lines             404  no such log         409  another old size than the last cosigned one, which
//   400  no request, or old > size     403  not signed by it         is the body; or another tree of the same size
//   422  no proof of consistency       500  the record cannot be read or written
//
// The record of a log is a LockedCheckpoint (audit/log/ports.h) of its own: the note with the log's signature and ours.
// Its compare-and-swap is the atomicity that tlog-witness asks for. After a failed write nothing is answered but 500;
// the record is read anew each time, so that a write that failed and happened all the same is found as it is.
//
// Signed checkpoints that could not be reconciled are kept as doubts: two signed views of one log are the proof of what
// it did. Restoring an old record makes the witness forget what it saw since: never take it back from a backup.
//
// Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "audit/checkpoint/cosignature.h"
#include "audit/log/ports.h"
#include "policy/base/clock.h"

namespace audit::witness {

using policy::base::Error;
using policy::base::Status;

constexpr std::size_t kDoubtsMax = 32;  // a log; more are answered, not kept
constexpr std::string_view kDoubtsPrefix = "doubts/";

struct Answer {
  unsigned status = 0;
  std::string content_type;  // empty: plain text
  std::string body;
  std::optional<Error> why;  // what the body says, unless it is 200 or a size
};

class Witness {
 public:
  // `clock` outlives it.
  Witness(checkpoint::CosigningKey key, const policy::base::Clock& clock) : key_(std::move(key)), clock_(clock) {}

  // A log by its key, whose name is the origin; another key of the same origin is one more that may sign. `latest` and
  // `doubts` outlive this, and belong to this origin alone.
  void add_log(checkpoint::VerifierKey key, log::LockedCheckpoint& latest, log::Objects& doubts);

  // `body` as add_checkpoint.h has it.
  Answer add_checkpoint(std::string_view body);
  // The last cosigned checkpoint of the log whose origin has this SHA-256 in hex. 404: no such log, or none cosigned.
  Answer latest(std::string_view origin_hash) const;

  checkpoint::CosignerKey verifier() const { return key_.verifier(); }

 private:
  struct Known {
    std::vector<checkpoint::VerifierKey> keys;
    log::LockedCheckpoint* latest = nullptr;
    log::Objects* doubts = nullptr;
  };
  struct Record {
    std::string note;  // as stored; empty: nothing cosigned
    std::uint64_t size = 0;
    merkle::Hash root = merkle::empty_root();
  };

  policy::base::Result<Record> read_record(const Known& log) const;
  Answer cosign(const Known& log, const Record& before, const policy::base::note::Note& note);
  void keep_doubt(const Known& log, std::string_view note);

  checkpoint::CosigningKey key_;
  const policy::base::Clock& clock_;
  mutable std::mutex mutex_;           // guards logs_ and their records
  std::map<std::string, Known> logs_;  // by origin
};

// SHA-256 of an origin in hex: the folder of its record, and its place for latest().
std::string origin_hash(std::string_view origin);

}  // namespace audit::witness
