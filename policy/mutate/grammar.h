// How each key of the grammar is changed. Inside of policy/mutate.
#pragma once

#include <span>
#include <string_view>

namespace policy::mutate {

enum class Treatment : std::uint8_t {
  kNone,  // see mutants.h
  kDuration,
  kLocalTime,
  kCount,
  kRestart,
  kWords,          // every other one of `words`: "a|b"
  kEntries,        // not the last one
  kEntriesOrNone,  // also the last one
  kEntriesOrKey,   // with the last one the key goes
  kSenders,
  kKey,  // the key goes
  kEffects,
  kTable,       // its keys have their own treatments
  kTableOrKey,  // and the whole table goes, too
  kTables,      // a list of tables, each of which goes
};

struct Key {
  std::string_view path;  // "rest/minimum", "rest/adaptable/minimum"
  Treatment treatment = Treatment::kNone;
  std::string_view words = {};
};

std::span<const Key> grammar();

}  // namespace policy::mutate
