// The month's pseudonym key in a folder, for the gateway.
//
//   epochs/<month>.key      32 bytes, 0600: the running month only; overwritten with zeros when the next one begins
//   epochs/<month>.sealed   for the two parties, see audit/pseudonym
//
// A key is sealed and durable before it is used for the first time. A month that has passed gives no key (epoch.past):
// nobody but the two parties together can compute its pseudonyms any more. Any thread.
// Errors also: epoch.key-lost (a sealed month without its key), store.*.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "audit/log/ports.h"
#include "audit/pseudonym/pseudonym.h"

namespace audit::store {

class Epochs final : public pseudonym::EpochSource {
 public:
  // Both outlive it. Paths lie under "epochs/".
  Epochs(log::Objects& objects, pseudonym::PartyKeys parties, policy::base::Random& random)
      : objects_(objects), parties_(parties), random_(random) {}

  policy::base::Result<pseudonym::EpochKey> key_for(pseudonym::Epoch epoch) override;

 private:
  policy::base::Result<pseudonym::EpochKey> load_or_make(pseudonym::Epoch epoch);
  policy::base::Result<pseudonym::EpochKey> seal_and_keep(const pseudonym::EpochKey& key);
  policy::base::Status erase_before(pseudonym::Epoch epoch);

  log::Objects& objects_;
  pseudonym::PartyKeys parties_;
  policy::base::Random& random_;
  std::mutex mutex_;
  std::optional<pseudonym::EpochKey> current_;  // guarded by mutex_
};

}  // namespace audit::store
