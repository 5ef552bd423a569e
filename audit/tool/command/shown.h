// One entry as the tool shows it: what its leaf says, what its record says if it can still be opened, and whether it is
// proven to stand in the log.
//
// One thread. Errors: those of LogReader and of event::decode_leaf.
#pragma once

#include <optional>
#include <string>

#include "audit/tool/command/log_reader.h"
#include "audit/tool/command/output.h"

namespace audit::tool {

struct Shown {
  std::uint64_t index = 0;
  event::Leaf leaf;
  std::optional<event::Event> event;         // none: erased, or not to be opened
  std::string state;                         // "readable", "erased", "missing" or an error's code
  std::optional<bool> proven;                // none: not asked for
  std::optional<std::uint64_t> rules_entry;  // by which the rules that it names came into force
};

Result<Shown> read_shown(LogReader& reader, std::uint64_t index);
// An inclusion proof from the stored tiles to the root of the checkpoint.
Result<bool> is_proven(LogReader& reader, std::uint64_t index);

// The hour in which the entry was made: all that is known of an erased one.
policy::base::Instant hour_of(const event::Leaf& leaf);

boost::json::object json_of(const Context& context, const Shown& shown);
std::string text_of(const Context& context, const Shown& shown);

}  // namespace audit::tool
