// The key of each month's pseudonyms on disk: `<month>.sealed` for the two parties, for good, and `<month>.key` for the
// gateway as long as the month lasts. A key is sealed, durably, before it is first used; the key of a past month is
// destroyed, and then only data protection officer and staff council together can compute a pseudonym of it.
//
// Thread-safe. Errors: epoch.file, epoch.syntax, and those of pseudonym::seal.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "audit/pseudonym/pseudonym.h"
#include "policy/base/random.h"

namespace gateway::app {

class FolderEpochs final : public audit::pseudonym::EpochSource {
 public:
  FolderEpochs(std::string folder, audit::pseudonym::PartyKeys parties, policy::base::Random& random)
      : folder_(std::move(folder)), parties_(parties), random_(random) {}
  policy::base::Result<audit::pseudonym::EpochKey> key_for(audit::pseudonym::Epoch epoch) override;

 private:
  policy::base::Result<audit::pseudonym::EpochKey> load_or_make(audit::pseudonym::Epoch epoch);
  policy::base::Status destroy_past(audit::pseudonym::Epoch current) const;

  const std::string folder_;
  const audit::pseudonym::PartyKeys parties_;
  policy::base::Random& random_;
  std::mutex mutex_;
  std::optional<audit::pseudonym::EpochKey> current_;  // guarded by mutex_
};

// X25519 public keys of the two parties, 64 hexadecimal digits each. Error: epoch.party-key.
policy::base::Result<audit::pseudonym::PartyKeys> parse_parties(const std::string& officer, const std::string& council);

}  // namespace gateway::app
