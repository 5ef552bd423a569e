// A small file of the gateway's own (a key, a sealed epoch), written so that it is there whole after a loss of power,
// or not at all. Mode 0600, or 0640 where the folder's group is to read it. Errors: file.write, file.read, with the
// path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace gateway::app {

enum class Readers : std::uint8_t { kOwner, kGroup };
policy::base::Status write_durably(const std::string& path, std::string_view bytes, Readers readers = Readers::kOwner);
// Nothing when there is no such file.
policy::base::Result<std::optional<std::string>> read_whole(const std::string& path, std::size_t size_max);
// The text of a key without the newline that feierabend-audit keygen ends it with.
policy::base::Result<std::optional<std::string>> read_key_text(const std::string& path);
// Overwrites with zeros, synchronises, removes. No error when there is none.
policy::base::Status destroy(const std::string& path);

}  // namespace gateway::app
