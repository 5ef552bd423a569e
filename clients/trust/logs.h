// Which logs this device relies on: of each year's log of its authority, the key that it saw first.
//
// The service could show this device a log of its own making. It cannot do so later than at the first login, and the
// officer and the council watch the same key: who compares the fingerprint with theirs has compared the log.
//
// Functions on the store. Errors: the store's; log.key-changed (another key of a known log), log.foreign (the log of
// another authority, or of a year that is not near), those of VerifierKey::parse.
#pragma once

#include <vector>

#include "audit/checkpoint/checkpoint.h"
#include "clients/store/store.h"
#include "relay/wire/codec.h"

namespace clients::trust {

namespace pb = relay::wire::pb;
using LogKeys = google::protobuf::RepeatedPtrField<pb::LogKey>;

constexpr int kLogsMax = 8;  // in one answer

policy::base::Status trust_logs(store::Store& store, const LogKeys& logs, policy::base::Instant now);
policy::base::Result<std::vector<audit::checkpoint::VerifierKey>> trusted_logs(store::Store& store);

}  // namespace clients::trust
