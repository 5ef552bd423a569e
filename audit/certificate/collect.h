// Makes a certificate of a statement whose entry is in a stored log.
//
// One thread. Errors: log.tile-missing, certificate.entry (no such entry, or erased), those of the objects.
#pragma once

#include "audit/certificate/certificate.h"
#include "audit/log/ports.h"

namespace audit::certificate {

// `note` holds the checkpoint, which the caller has opened with the log's key; entry `index` is below its size.
Result<Certificate> collect(const log::Objects& objects, const std::string& note,
                            const checkpoint::Checkpoint& checkpoint, std::uint64_t index, Bytes statement);

}  // namespace audit::certificate
