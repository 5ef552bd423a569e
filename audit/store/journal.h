// The journal of the folder backend: what is promised and not settled, in two files of blocks of 4 KiB.
//
//   record = "feierabend-promise v1\n" ‖ checksum 32 ‖ previous 32 ‖ u32 size ‖ note ‖ u32 size ‖ carried ‖ zeros
//            checksum = BLAKE2b-256 of all that follows it, without the zeros; previous = BLAKE2b-256 of the note
//            before
//
// A record begins with a block and fills its last one with zeros, so that writing one never touches a sector of
// another. Records follow each other by `previous`, beginning with the settled note, whatever file they are in. A block
// that begins no valid record is skipped: it is half written, or half overwritten. Big endian.
//
// The codec is pure. JournalFiles: append() on one thread, overwrite() and reset() on one other, read() alone. It knows
// places, not promises. Errors: store.io, store.full.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "audit/store/file.h"

namespace audit::store {

constexpr std::size_t kJournalBlockSize = 4096;
constexpr std::size_t kJournalStepSize = 256 * 1024;  // a file begins with it and doubles, filled with zeros
constexpr std::size_t kJournalFileSizeMax = 64 * 1024 * 1024;

using NoteHash = std::array<std::uint8_t, 32>;
NoteHash hash_of_note(std::string_view note);

log::Bytes encode_record(const NoteHash& previous, std::string_view note, policy::base::ByteView carried);

struct JournalRecord {
  std::size_t offset = 0, size = 0;  // whole blocks
  NoteHash previous{};
  log::Promise promise;
};
// In order of their places.
std::vector<JournalRecord> scan_journal(policy::base::ByteView file);

struct Place {
  std::size_t file = 0, offset = 0, size = 0;
};

class JournalFiles {
 public:
  static constexpr std::size_t kFiles = 2;
  // Makes sequencer/journal.0 and .1 where they are missing.
  static log::Result<std::unique_ptr<JournalFiles>> open(const std::string& folder);

  // All bytes of one file up to its last block that is not zero; the next record comes behind them.
  log::Result<log::Bytes> read(std::size_t file);

  // Durable at that place. After an error the place may hold anything: overwrite it.
  Place next_place(std::size_t size) const;
  log::Status append(policy::base::ByteView record, const Place& place);
  // With zeros, durable.
  log::Status overwrite(const std::vector<Place>& places);
  // Nothing is left in this file: it may be written from its beginning.
  void reset(std::size_t file);
  // From now on the next record goes to the other file.
  void turn();

 private:
  struct Half {
    std::string path;
    File file;
    std::size_t allocated = 0, end = 0;
  };
  log::Status grow(Half& half, std::size_t needed) const;

  mutable std::mutex mutex_;
  std::array<Half, kFiles> halves_;  // `end` guarded by mutex_
  std::size_t active_ = 0;           // guarded by mutex_
};

}  // namespace audit::store
