#include "audit/store/journal.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "audit/log/layout.h"

namespace audit::store {
namespace {

using log::Bytes;
using log::Result;
using log::Status;
using policy::base::as_bytes;
using policy::base::ByteView;
using policy::base::fail;

constexpr std::string_view kMagic = "feierabend-promise v1\n";
constexpr std::size_t kChecksumAt = kMagic.size(), kPreviousAt = kChecksumAt + 32, kNoteAt = kPreviousAt + 32;

std::size_t up_to_step(std::size_t size, std::size_t step) { return (size + step - 1) / step * step; }

void put_sized(Bytes& out, ByteView bytes) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(bytes.size() >> shift));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::optional<ByteView> take_sized(ByteView& rest) {
  if (rest.size() < 4) return {};
  std::size_t size = 0;
  for (const std::uint8_t byte : rest.first(4)) size = size << 8 | byte;
  if (rest.size() - 4 < size) return {};
  const ByteView taken = rest.subspan(4, size);
  rest = rest.subspan(4 + size);
  return taken;
}

NoteHash hash_of(ByteView bytes) {
  NoteHash out{};
  crypto_generichash(out.data(), out.size(), bytes.data(), bytes.size(), nullptr, 0);
  return out;
}

std::optional<JournalRecord> record_at(ByteView file, std::size_t offset) {
  const ByteView bytes = file.subspan(offset);
  if (bytes.size() < kNoteAt || !policy::base::as_text(bytes).starts_with(kMagic)) return {};
  ByteView rest = bytes.subspan(kNoteAt);
  const auto note = take_sized(rest);
  const auto carried = note ? take_sized(rest) : std::nullopt;
  if (!carried) return {};
  const std::size_t size = bytes.size() - rest.size();
  const NoteHash checksum = hash_of(bytes.subspan(kPreviousAt, size - kPreviousAt));
  if (!std::ranges::equal(checksum, bytes.subspan(kChecksumAt, checksum.size()))) return {};
  JournalRecord record{offset, up_to_step(size, kJournalBlockSize), {}, {}};
  std::ranges::copy(bytes.subspan(kPreviousAt, record.previous.size()), record.previous.begin());
  record.promise = {std::string(policy::base::as_text(*note)), Bytes(carried->begin(), carried->end())};
  return record;
}

}  // namespace

NoteHash hash_of_note(std::string_view note) { return hash_of(as_bytes(note)); }

Bytes encode_record(const NoteHash& previous, std::string_view note, ByteView carried) {
  Bytes out;
  out.reserve(up_to_step(kNoteAt + 8 + note.size() + carried.size(), kJournalBlockSize));
  out.assign(kMagic.begin(), kMagic.end());
  out.resize(kPreviousAt);
  out.insert(out.end(), previous.begin(), previous.end());
  put_sized(out, as_bytes(note));
  put_sized(out, carried);
  std::ranges::copy(hash_of(ByteView(out).subspan(kPreviousAt)), out.begin() + kChecksumAt);
  out.resize(up_to_step(out.size(), kJournalBlockSize));
  return out;
}

std::vector<JournalRecord> scan_journal(ByteView file) {
  std::vector<JournalRecord> records;
  for (std::size_t offset = 0; offset < file.size();) {
    auto record = record_at(file, offset);
    offset += record ? record->size : kJournalBlockSize;
    if (record) records.push_back(std::move(*record));
  }
  return records;
}

Result<std::unique_ptr<JournalFiles>> JournalFiles::open(const std::string& folder) {
  auto files = std::make_unique<JournalFiles>();
  for (std::size_t i = 0; i < kFiles; ++i) {
    Half& half = files->halves_[i];
    half.path = folder + "/" + std::string(log::kJournalPrefix) + std::to_string(i);
    half.file = File(half.path, O_RDWR | O_CREAT);
    struct stat info{};
    if (!half.file.good() || ::fstat(half.file.number(), &info) != 0) return io_error(half.path);
    half.allocated = static_cast<std::size_t>(info.st_size);
    if (auto grown = files->grow(half, 1); !grown) return std::unexpected(grown.error());
  }
  if (auto synced = sync_folder(folder + "/sequencer"); !synced) return std::unexpected(synced.error());
  return files;
}

// A file system has less to do for data that goes where data has been before: no sizes, no extents.
Status JournalFiles::grow(Half& half, std::size_t needed) const {
  if (needed <= half.allocated) return {};
  if (needed > kJournalFileSizeMax)
    return fail("store.full", std::to_string(needed) + " bytes that are promised and not settled",
                "at most " + std::to_string(kJournalFileSizeMax), "see why nothing is published", half.path);
  const std::size_t doubled = std::min(2 * half.allocated, kJournalFileSizeMax);
  const std::size_t target = std::max(up_to_step(needed, kJournalStepSize), doubled);
  if (!half.file.zero_at(half.allocated, target - half.allocated) || !half.file.sync()) return io_error(half.path);
  half.allocated = target;
  return {};
}

Result<Bytes> JournalFiles::read(std::size_t file) {
  Half& half = halves_.at(file);
  Bytes bytes(half.allocated);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(half.file.number(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error(half.path);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  std::size_t end = done;
  while (end > 0 && bytes[end - 1] == 0) --end;
  bytes.resize(up_to_step(end, kJournalBlockSize));
  const std::scoped_lock lock(mutex_);
  half.end = bytes.size();
  return bytes;
}

Place JournalFiles::next_place(std::size_t size) const {
  const std::scoped_lock lock(mutex_);
  return {active_, halves_[active_].end, size};
}

Status JournalFiles::append(ByteView record, const Place& place) {
  Half& half = halves_.at(place.file);
  {
    const std::scoped_lock lock(mutex_);
    half.end = place.offset + place.size;
  }
  if (auto grown = grow(half, place.offset + place.size); !grown) return grown;
  if (!half.file.write_all_at(record, place.offset) || !half.file.sync_data()) return io_error(half.path);
  return {};
}

Status JournalFiles::overwrite(const std::vector<Place>& places) {
  for (std::size_t i = 0; i < kFiles; ++i) {
    const Half& half = halves_[i];
    bool touched = false;
    for (const Place& place : places) {
      if (place.file != i) continue;
      touched = true;
      if (!half.file.zero_at(place.offset, place.size)) return io_error(half.path);
    }
    if (touched && !half.file.sync_data()) return io_error(half.path);
  }
  return {};
}

void JournalFiles::reset(std::size_t file) {
  const std::scoped_lock lock(mutex_);
  halves_.at(file).end = 0;
}

void JournalFiles::turn() {
  const std::scoped_lock lock(mutex_);
  active_ = 1 - active_;
}

}  // namespace audit::store
