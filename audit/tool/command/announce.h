// Has a reading entered into the gateway's log before it begins (audit/reading/announcement.h): puts a signed
// announcement into the gateway's folder `readings`, waits for the answer, and looks whether the entry is in the log
// that is about to be read.
//
// One thread. Waits kPatience at most. What it has put there, and the answer, are removed again. Errors:
// usage.reader-key, reading.refused (with the gateway's reason), reading.unanswered, reading.not-logged (the log does
// not have the entry that the answer names), reading.answer, those of read_signing_key, output.*, input.*.
#pragma once

#include <string>

#include "audit/tool/command/log_reader.h"
#include "audit/tool/command/output.h"

namespace audit::tool {

constexpr policy::base::Seconds kPatience{60};

// `folder` is the gateway's, `key_file` what keygen wrote for officer or council.
policy::base::Status announce_reading(const Context& context, const std::string& folder, const std::string& key_file,
                                      const LogReader& reader, event::ReadPurpose purpose);

}  // namespace audit::tool
