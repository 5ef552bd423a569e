// The gateway's ledger on the Merkle log: one log, one origin and one folder a calendar year (design § 7).
//
//   <folder>/<year>/      the log: checkpoint, tiles, side objects
//   <folder>/<year>.key   the signing key;  <folder>/<year>.vkey  what a verifier needs
//   <folder>/epochs/      keys of the months, under which entries commit to facts
//   <folder>/days/        keys of the days, which make pseudonyms (audit/opening/day_keeper.h)
//
// Logs of past years are written to by nobody but the erasure of what is due; its receipt is in the running year's log.
//
// Thread-safe. After the first failed append the next one recovers; a log that cannot recover refuses everything.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "audit/checkpoint/checkpoint.h"
#include "audit/erasure/eraser.h"
#include "audit/log/log.h"
#include "audit/opening/day_keeper.h"
#include "audit/store/folder.h"
#include "gateway/app/epochs.h"
#include "gateway/proxy/ledger.h"

namespace gateway::app {

class LogLedger final : public proxy::Ledger {
 public:
  struct Options {
    std::string folder;
    std::string tenant;  // "polizei-muster.example": origin is tenant/feierabend/<year>
    audit::pseudonym::PartyKeys parties;
    // Where the newest lists of erasures are kept a second time, `<year>.erasures`: a folder that is no part of what
    // backups restore. Empty: nowhere.
    std::string erasures_copy = {};
  };
  static policy::base::Result<std::unique_ptr<LogLedger>> open(Options options, const policy::base::Clock& clock,
                                                               policy::base::Random& random);
  ~LogLedger() override;

  policy::base::Status record(audit::event::Record record) override;
  policy::base::Result<Entry> record_numbered(audit::event::Record record) override;
  // log_proving.cc
  policy::base::Result<std::optional<audit::certificate::Certificate>> certificate(
      const Entry& entry, policy::base::Bytes statement) override;
  policy::base::Result<std::vector<audit::checkpoint::VerifierKey>> verifier_keys() override;
  void record(relay::net::Loop& loop, audit::event::Record record,
              std::function<void(policy::base::Status)> then) override;
  void count_allow(policy::model::MessageClass message_class) override;
  audit::event::Subject subject(std::string_view person) override;
  audit::event::Digest committed(const policy::base::Sha256& input) override;

  // Once a second or so: complete quarters of an hour, and the turn of the year.
  void advance();
  // At the close of a day: commits the logs to the index of the pseudonyms that were named since the last one. Reads a
  // day's leaves; not on a loop. After an error nothing is lost: the next call indexes from where the last one ended.
  policy::base::Status index_subjects();

  // Erases what has come back with a backup, in every year's log, and ends erasures that were interrupted. Call it
  // before anybody is served. Gives the number of records.
  policy::base::Result<std::uint64_t> erase_again();
  // Erases what is due, in every year's log. Once a day; blocks for long.
  policy::base::Result<std::uint64_t> erase_due(policy::base::Instant now);

  const audit::opening::DayKeeper& days() const { return *days_; }
  void close();

 private:
  struct Year {
    int year = 0;
    std::unique_ptr<audit::store::FolderObjects> objects;
    std::unique_ptr<audit::store::FolderLock> lock;
    std::unique_ptr<audit::log::Log> log;
  };

  LogLedger(Options options, const policy::base::Clock& clock, policy::base::Random& random);
  policy::base::Result<std::shared_ptr<Year>> ready();
  policy::base::Result<std::shared_ptr<Year>> current();
  policy::base::Result<std::shared_ptr<Year>> open_year(int year);
  policy::base::Result<audit::checkpoint::SigningKey> signing_key(int year);
  policy::base::Result<std::optional<audit::checkpoint::VerifierKey>> verifier_key(int year) const;

  // log_erasing.cc
  using Erasing = std::function<policy::base::Result<audit::erasure::Outcome>(audit::erasure::Eraser&, int year)>;
  policy::base::Result<std::uint64_t> in_every_year(const Erasing& erase);
  policy::base::Result<std::uint64_t> in_year(int year, const Erasing& erase);
  policy::base::Result<audit::erasure::Place> place_of(const std::shared_ptr<Year>& year);
  policy::base::Result<std::shared_ptr<Year>> open_to_erase(int year);
  std::string copy_path(int year) const;
  policy::base::Result<std::vector<audit::erasure::Ledger>> copies(int year) const;
  policy::base::Status keep_copy(int year, const audit::erasure::Ledger& ledger) const;

  const Options options_;
  const policy::base::Clock& clock_;
  policy::base::Random& random_;
  FolderEpochs epochs_;
  std::unique_ptr<audit::store::FolderObjects> day_objects_;
  std::unique_ptr<audit::opening::DayKeeper> days_;
  std::mutex past_years_;  // one at a time erases, or opens a past year's log to index it: a log has one lock
  std::mutex mutex_;
  std::shared_ptr<Year> year_;  // guarded by mutex_
};

}  // namespace gateway::app
