// Bounds of the relay's state, each named once.
#pragma once

#include <cstddef>

#include "policy/base/instant.h"

namespace relay::core {

constexpr std::size_t kClassCount = 5;  // four for people, and the handshakes

// What may be under way to one device before it acknowledges.
constexpr std::size_t kWindowEnvelopesMax = 64;
constexpr std::size_t kWindowBytesMax = 1024 * 1024;

constexpr std::size_t kDevicesPerMailboxMax = 16;  // the gateway allows three; this only bounds a faulty one
constexpr std::size_t kSubscriptionsMax = 200'000;
constexpr std::size_t kReceiptsReadMax = 256;

// Deadlines up to this far ahead share hourly buckets; later ones share daily buckets, UTC.
constexpr policy::base::Seconds kHourlyReach{48 * 3600};
constexpr policy::base::Seconds kDeadlineReach{3660LL * 86400};  // bounds the number of buckets

}  // namespace relay::core
