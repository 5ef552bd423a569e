// The entries of a stored log as the index of pseudonyms needs them: their leaves alone, no record opened.
//
// Holds a bundle at a time. One thread. Errors: log.tile-missing, bundle.*, event.*, checkpoint.*, and those of the
// objects.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "audit/event/sealed.h"
#include "audit/log/ports.h"
#include "audit/subject/index.h"

namespace audit::subject {

// Calls `see` for each entry of [begin, end) in a log of `size` entries, until it gives false.
using SeeLeaf = std::function<bool(std::uint64_t entry, policy::base::ByteView bytes, const event::Leaf& leaf)>;
Status walk(const log::Objects& objects, std::uint64_t size, const Stretch& stretch, const SeeLeaf& see);

// Key and ciphertext of an entry as they are stored. No key: it was erased, or the side store does not have it.
struct SideEntry {
  std::optional<event::EntryKey> key;
  policy::base::Bytes ciphertext;
};
Result<SideEntry> read_side(const log::Objects& objects, std::uint64_t entry);

// What the leaves of a stretch give an index.
struct Gathered {
  std::vector<Index::Named> named;
  std::vector<std::uint64_t> hiding;  // leaves that do not name who acted in them (event::hides_actors), rising

  void see(std::uint64_t entry, policy::base::ByteView bytes, const event::Leaf& leaf);
  // Of the newest version. `stretch`: that of which this is what its leaves give.
  Index index_of(const Stretch& stretch) const;
  // The index that has this digest, of either version. None: neither has.
  std::optional<Index> index_with(const Stretch& stretch, const event::Digest& digest) const;
};
Result<Gathered> gather(const log::Objects& objects, std::uint64_t size, const Stretch& stretch);

Result<Index> read_index(const log::Objects& objects, std::uint64_t size, const Stretch& stretch);

// The first entry that was not pruned, as the log says itself; its signature is for the auditor to check.
// Errors: minimum.*.
Result<std::uint64_t> first_kept(const log::Objects& objects);

// Where the newest `subjects-indexed` ends. The first entry that is kept if there is none, or if it was erased:
// stretches may overlap.
Result<std::uint64_t> indexed_to(const log::Objects& objects, std::uint64_t size);

// What the keeper of a log appends at the close of a day, and before a log ends: the index of all entries that none
// covers yet, up to the size that is published. None: no entry names a pseudonym since then.
Result<std::optional<event::SubjectsIndexed>> next_index(const log::Objects& objects);

}  // namespace audit::subject
