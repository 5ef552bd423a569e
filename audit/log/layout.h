// What lies where in the folder of a log.
//
//   checkpoint                     signed note, published last (C2SP tlog-tiles)
//   minimum-index                  signed note: entries below are pruned, prune/minimum_index.h; may be absent
//   tile/<L>/<N>[.p/<W>]           hashes
//   tile/entries/<N>[.p/<W>]       leaves
//   side/keys/<N>                  32 bytes an entry, zero once erased; as many as the bundle N has entries
//   side/records/<N>               uint16 big endian size ‖ ciphertext, an entry each; ciphertext zero once erased
//   sequencer/checkpoint           the newest settled promise of the POSIX backend: its tiles are there
//   sequencer/journal.0, .1        entries that are promised and perhaps not yet published, with their keys
//                                  and records, see store/journal.h and group.h
//   sequencer/stage                of older versions: tiles of a batch that is promised, see stage.h
//   sequencer/lock                 held by the running sequencer; empty
//   erasures                       which entries were erased, without what they held, see erasure/ledger.h
//   tmp/                           unfinished writes, removed at start
//
// Keys and ciphertexts lie in side/, in the journal and in tmp/, nowhere else. Log::settle() publishes what is promised
// and overwrites the journal; Log::open() does the same and removes tmp/. So who erases in a live log calls settle()
// first (Log::erase does), and who erases in a folder that was restored from a backup opens its log first.
//
// <N> is cut as in tlog-tiles, 256 entries a file. Everything but side/, sequencer/ and tmp/ may be served to anybody
// who may know that something happened in an hour; side/ opens the records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace audit::log {

constexpr std::string_view kCheckpointPath = "checkpoint";
constexpr std::string_view kMinimumIndexPath = "minimum-index";
constexpr std::string_view kLockedCheckpointPath = "sequencer/checkpoint";
constexpr std::string_view kStagePath = "sequencer/stage";  // of logs before the journal; still published if promised
constexpr std::string_view kJournalPrefix = "sequencer/journal.";
constexpr std::string_view kTemporaryPrefix = "tmp/";
constexpr std::string_view kErasuresPath = "erasures";

std::string keys_path(std::uint64_t bundle);
std::string records_path(std::uint64_t bundle);

}  // namespace audit::log
