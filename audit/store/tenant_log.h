// What a gateway holds: the log of one tenant, a folder and an origin for each calendar year, and the month's
// pseudonyms.
//
//   <folder>/epochs/          pseudonym keys of the running month, sealed keys of all months
//   <folder>/sequencer/lock   held as long as this object lives
//   <folder>/<year>/          the log of that year, laid out as audit/log/layout.h says
//
// The origin of a year is "<name of the tenant's key>/<year>"; the same Ed25519 key signs under each of these names, so
// one verifier key file a year can be derived from the tenant's (VerifierKey::named). At the first record of a new year
// (UTC) the old log is closed and the next one opened.
//
// Any thread. The clock and the randomness outlive it. Errors: those of audit::log::Log and of Epochs.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "audit/log/log.h"
#include "audit/store/epochs.h"
#include "audit/store/folder.h"

namespace audit::store {

class TenantLog {
 public:
  static log::Result<std::unique_ptr<TenantLog>> open(const std::string& folder, checkpoint::SigningKey tenant_key,
                                                      pseudonym::PartyKeys parties, const policy::base::Clock& clock,
                                                      policy::base::Random& random);
  ~TenantLog();

  // The pseudonym of a person, named by the directory's stable key, in the running month.
  log::Result<pseudonym::Pseudonym> pseudonym_of(std::string_view person);

  log::Result<log::Index> append(event::Record record);
  void append_async(event::Record record, log::Log::Callback done);
  void count_allow(event::MessageClass message_class);
  void advance();
  std::string checkpoint() const;
  void close();

 private:
  struct Year;
  TenantLog(std::string folder, checkpoint::SigningKey key, const policy::base::Clock& clock,
            policy::base::Random& random);
  log::Status turn_year();
  log::Result<std::shared_ptr<Year>> current();

  std::string folder_;
  checkpoint::SigningKey key_;
  const policy::base::Clock& clock_;
  policy::base::Random& random_;
  std::unique_ptr<FolderLock> root_lock_;  // one gateway a tenant, whatever the year
  std::unique_ptr<FolderObjects> root_;
  std::unique_ptr<Epochs> epochs_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<Year> year_;  // guarded by mutex_
  bool closed_ = false;         // guarded by mutex_
};

}  // namespace audit::store
