#include "gateway/app/groups_key.h"

#include <algorithm>

#include "gateway/app/durable_file.h"

namespace gateway::app {
namespace {

using policy::base::Result;
using policy::base::Status;

constexpr std::size_t kKeyBytes = 32;  // Ed25519 seed (RFC 8032 § 5.1.5)
constexpr const char* kWayOn =
    "restore it from its backup; if there is none, run feierabend-gateway new-groups-key with the same settings";

}  // namespace

Result<groups::ExternalSenderKey> GroupsKey::open() {
  auto stored = read_whole(path_, kKeyBytes);
  if (!stored) return std::unexpected(stored.error());
  const auto has_groups = store_.has_groups();
  if (!has_groups) return std::unexpected(has_groups.error());
  if (!*stored && *has_groups)
    return policy::base::fail("key.lost", "groups, and no key with which this gateway can propose anything in them",
                              "the key file that belongs to gateway.db", kWayOn, path_);
  if (!*stored) return make();
  if ((*stored)->size() != kKeyBytes)
    return policy::base::fail("key.size", "a key file of another size", "exactly 32 bytes", kWayOn, path_);
  clients::mls::PrivateKey seed;
  std::ranges::copy(policy::base::as_bytes(**stored), seed.writable().begin());
  clients::mls::wipe({reinterpret_cast<std::uint8_t*>((*stored)->data()), (*stored)->size()});
  groups::ExternalSenderKey key(crypto_, seed);
  const auto noted = store_.external_sender();
  if (!noted) return std::unexpected(noted.error());
  if (*noted == key.pair().key) return key;
  if (*noted && *has_groups)
    return policy::base::fail("key.other", "a key that is not the one which the groups in gateway.db know",
                              "the key file that belongs to gateway.db", kWayOn, path_);
  if (auto kept = store_.put_external_sender(key.pair().key); !kept) return std::unexpected(kept.error());
  return key;
}

Status GroupsKey::renew() {
  const auto made = make();
  return made ? Status() : std::unexpected(made.error());
}

Result<groups::ExternalSenderKey> GroupsKey::make() {
  clients::mls::PrivateKey seed;
  random_.fill(seed.writable());
  if (auto written = write_durably(path_, policy::base::as_text(seed.view())); !written)
    return std::unexpected(written.error());
  groups::ExternalSenderKey key(crypto_, seed);
  if (auto kept = store_.put_external_sender(key.pair().key); !kept) return std::unexpected(kept.error());
  return key;
}

}  // namespace gateway::app
