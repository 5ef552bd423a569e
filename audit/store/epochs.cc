#include "audit/store/epochs.h"

#include <sodium.h>

#include <algorithm>

namespace audit::store {

using log::Bytes;
using log::Object;
using policy::base::fail;
using pseudonym::Epoch;
using pseudonym::EpochKey;

namespace {

constexpr std::string_view kFolder = "epochs/";

std::string key_path(Epoch epoch) { return std::string(kFolder) + pseudonym::epoch_text(epoch) + ".key"; }
std::string sealed_path(Epoch epoch) { return std::string(kFolder) + pseudonym::epoch_text(epoch) + ".sealed"; }

}  // namespace

policy::base::Result<EpochKey> Epochs::key_for(Epoch epoch) {
  const std::scoped_lock lock(mutex_);
  if (current_ && current_->epoch() == epoch) return *current_;
  auto key = load_or_make(epoch);
  if (!key) return key;
  if (auto erased = erase_before(epoch); !erased) return std::unexpected(erased.error());
  current_ = *key;
  return key;
}

policy::base::Result<EpochKey> Epochs::load_or_make(Epoch epoch) {
  auto paths = objects_.list(kFolder);
  if (!paths) return std::unexpected(paths.error());
  if (!paths->empty() && paths->back() > sealed_path(epoch))
    return fail("epoch.past", pseudonym::epoch_text(epoch), "the running month",
                "set the clock right; an earlier month is opened by both parties only");
  auto stored = objects_.get(key_path(epoch));
  if (!stored) return std::unexpected(stored.error());
  if (*stored && (*stored)->size() == 32) {
    std::array<std::uint8_t, 32> bytes{};
    std::ranges::copy(**stored, bytes.begin());
    sodium_memzero((*stored)->data(), (*stored)->size());
    const EpochKey key(epoch, bytes);
    if (std::ranges::binary_search(*paths, sealed_path(epoch))) return key;
    return seal_and_keep(key);  // a crash came between the two files
  }
  if (std::ranges::binary_search(*paths, sealed_path(epoch)))
    return fail("epoch.key-lost", "a sealed month whose key is gone", "both files", "restore epochs/ from a backup",
                key_path(epoch));
  const EpochKey key = EpochKey::generate(epoch, random_);
  const Object object{key_path(epoch), Bytes(key.bytes().begin(), key.bytes().end())};
  if (auto put = objects_.put_all(std::span(&object, 1)); !put) return std::unexpected(put.error());
  return seal_and_keep(key);
}

policy::base::Result<EpochKey> Epochs::seal_and_keep(const EpochKey& key) {
  auto sealed = pseudonym::seal(key, parties_, random_);
  if (!sealed) return std::unexpected(sealed.error());
  const std::string text = pseudonym::format_sealed(*sealed);
  const Object object{sealed_path(key.epoch()), Bytes(text.begin(), text.end())};
  if (auto put = objects_.put_all(std::span(&object, 1)); !put) return std::unexpected(put.error());
  return key;
}

policy::base::Status Epochs::erase_before(Epoch epoch) {
  auto paths = objects_.list(kFolder);
  if (!paths) return std::unexpected(paths.error());
  std::vector<std::string> old;
  for (const std::string& path : *paths)
    if (path.ends_with(".key") && path < key_path(epoch)) old.push_back(path);
  for (const std::string& path : old)
    if (auto zeroed = objects_.zero(path, 0, 32); !zeroed) return zeroed;
  return objects_.remove(old);
}

}  // namespace audit::store
