#include "gateway/app/epochs.h"

#include <algorithm>
#include <filesystem>

#include "gateway/app/durable_file.h"

namespace gateway::app {

using audit::pseudonym::Epoch;
using audit::pseudonym::EpochKey;
using policy::base::as_bytes;
using policy::base::as_text;
using policy::base::Result;
using policy::base::Status;

Result<EpochKey> FolderEpochs::key_for(Epoch epoch) {
  const std::scoped_lock lock(mutex_);
  if (current_ && current_->epoch() == epoch) return *current_;
  auto key = load_or_make(epoch);
  if (!key) return key;
  if (auto destroyed = destroy_past(epoch); !destroyed) return std::unexpected(destroyed.error());
  current_ = *key;
  return key;
}

Result<EpochKey> FolderEpochs::load_or_make(Epoch epoch) {
  const std::string base = folder_ + "/" + audit::pseudonym::epoch_text(epoch);
  auto stored = read_whole(base + ".key", 32);
  if (!stored) return std::unexpected(stored.error());
  if (*stored && (*stored)->size() == 32) {
    std::array<std::uint8_t, 32> bytes{};
    std::ranges::copy(as_bytes(**stored), bytes.begin());
    return EpochKey(epoch, bytes);
  }
  const EpochKey fresh = EpochKey::generate(epoch, random_);
  auto sealed = audit::pseudonym::seal(fresh, parties_, random_);
  if (!sealed) return std::unexpected(sealed.error());
  if (auto written = write_durably(base + ".sealed", audit::pseudonym::format_sealed(*sealed)); !written)
    return std::unexpected(written.error());
  if (auto written = write_durably(base + ".key", as_text(fresh.bytes())); !written)
    return std::unexpected(written.error());
  return fresh;
}

Status FolderEpochs::destroy_past(Epoch current) const {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.path().extension() != ".key") continue;
    const auto epoch = audit::pseudonym::parse_epoch(entry.path().stem().string());
    if (!epoch || *epoch >= current) continue;
    if (auto gone = destroy(entry.path().string()); !gone) return gone;
  }
  return {};
}

Result<audit::pseudonym::PartyKeys> parse_parties(const std::string& officer, const std::string& council) {
  audit::pseudonym::PartyKeys out;
  for (const auto& [text, key] :
       {std::pair{&officer, &out.data_protection_officer}, std::pair{&council, &out.staff_council}}) {
    const auto bytes = policy::base::from_hex(*text);
    if (!bytes || bytes->size() != key->size()) {
      return policy::base::fail("epoch.party-key",
                                "a party's public key of " + std::to_string(text->size()) + " characters",
                                "64 hexadecimal digits (X25519)", "make a pair with feierabend-audit party-key");
    }
    std::ranges::copy(*bytes, key->begin());
  }
  return out;
}

}  // namespace gateway::app
