// Entries one after the other, as text, as a JSON array or as CSV: what show and query print.
//
// Writes to `out` as it goes; one thread. finish() closes what was begun and gives the exit code: 0, or 65 if an entry
// was not proven or could not be opened although it was not erased.
#pragma once

#include <cstdint>
#include <string>

#include "audit/tool/command/rule_chain.h"

namespace audit::tool {

class EntryList {
 public:
  EntryList(const Context& context, bool csv);

  void add(const Shown& shown);
  // An error in the midst: what was begun is closed, the error told with the entry's number. Gives its exit code.
  int stop(std::uint64_t index, const policy::base::Error& error);
  int finish();
  std::uint64_t told() const { return told_; }

 private:
  void close();

  const Context& context_;
  const bool csv_;
  std::uint64_t told_ = 0;
  bool all_good_ = true;
};

}  // namespace audit::tool
