// The files that keygen and party-key write. Errors: input.*, key.*, epoch.share (no secret half), with the path.
#pragma once

#include <string>

#include "audit/pseudonym/pseudonym.h"
#include "policy/base/note/note.h"

namespace audit::tool {

policy::base::Result<policy::base::note::SigningKey> read_signing_key(const std::string& path);
policy::base::Result<pseudonym::KeyPair> read_pair(const std::string& path);

}  // namespace audit::tool
