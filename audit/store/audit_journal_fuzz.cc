// The journal's file, read back after a crash: what is taken for a record encodes to the same blocks.
#include <algorithm>
#include <cstdlib>

#include "audit/store/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const policy::base::ByteView input(data, size);
  for (const auto& record : audit::store::scan_journal(input)) {
    const auto again = audit::store::encode_record(record.previous, record.promise.note, record.promise.carried);
    if (again.size() != record.size || record.offset % audit::store::kJournalBlockSize != 0) std::abort();
    const auto there = input.subspan(record.offset, std::min(record.size, size - record.offset));
    const auto differ = std::ranges::mismatch(there, again).in1 - there.begin();
    // Zeros at the end are not under the checksum.
    const std::size_t said = 94 + record.promise.note.size() + record.promise.carried.size();
    if (static_cast<std::size_t>(differ) < std::min(there.size(), said)) std::abort();
  }
  return 0;
}
