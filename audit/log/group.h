// A group of entries as the journal carries them, so that a batch is durable after one write and can be published after
// a crash. It holds the keys of its entries.
//
//   "feierabend-group v1\n" ‖ u32 count ‖ count × (u16 size ‖ leaf ‖ 32 bytes key ‖ u16 size ‖ ciphertext)
//
// Big endian. Pure. Error: group.syntax, with the number of the entry.
#pragma once

#include <vector>

#include "audit/event/sealed.h"

namespace audit::log {

struct SealedEntry {
  event::SealedEvent sealed;
  event::EntryKey key{};
};

class GroupWriter {
 public:
  GroupWriter();
  void append(const SealedEntry& entry);
  // The bytes so far.
  const policy::base::Bytes& bytes();

 private:
  policy::base::Bytes bytes_;
  std::uint32_t count_ = 0;
};

policy::base::Result<std::vector<SealedEntry>> decode_group(policy::base::ByteView bytes);

}  // namespace audit::log
