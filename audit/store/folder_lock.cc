#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "audit/checkpoint/checkpoint.h"
#include "audit/log/layout.h"
#include "audit/store/folder.h"

namespace audit::store {

namespace fs = std::filesystem;
using log::Bytes;
using log::Object;
using log::Result;
using log::Status;
using log::Unsettled;
using policy::base::ByteView;
using policy::base::fail;

namespace {

constexpr const char* kKeepEverything = "do not delete anything: have the folder verified with feierabend-audit verify";

// The second line of a note; 0 for anything else.
std::uint64_t size_in(std::string_view note) {
  const std::size_t begin = std::min(note.find('\n'), note.size() - 1) + 1;
  const std::size_t end = note.find('\n', begin);
  return checkpoint::parse_decimal(note.substr(begin, end - begin)).value_or(0);
}

struct Found {
  std::size_t file;
  JournalRecord record;
};

std::unexpected<policy::base::Error> bad_journal(std::string seen) {
  return fail("store.journal", std::move(seen), "promises that follow each other from the settled checkpoint",
              kKeepEverything, std::string(log::kJournalPrefix) + "*");
}

// The records that follow `settled`, taken out of `found`.
Result<std::vector<Found>> chain_from(std::string_view settled, std::vector<Found>& found) {
  std::vector<Found> chain;
  std::string newest(settled);
  while (true) {
    const NoteHash previous = hash_of_note(newest);
    const auto follows = [&](const Found& one) {
      return one.record.previous == previous && size_in(one.record.promise.note) > size_in(newest);
    };
    const auto next = std::ranges::find_if(found, follows);
    if (next == found.end()) break;
    if (std::any_of(next + 1, found.end(), follows)) return bad_journal("two promises after the same checkpoint");
    newest = next->record.promise.note;
    chain.push_back(std::move(*next));
    found.erase(next);
  }
  const auto later = [&](const Found& one) { return size_in(one.record.promise.note) > size_in(newest); };
  if (std::ranges::any_of(found, later)) return bad_journal("a promise without the one before it");
  return chain;
}

// What of [0, end) no record of the chain takes.
void add_gaps(std::size_t file, std::size_t end, const std::vector<Found>& chain, std::vector<Place>& out) {
  std::vector<Place> taken;
  for (const Found& one : chain)
    if (one.file == file) taken.push_back({file, one.record.offset, one.record.size});
  std::ranges::sort(taken, {}, &Place::offset);
  taken.push_back({file, end, 0});
  std::size_t at = 0;
  for (const Place& place : taken) {
    if (place.offset > at) out.push_back({file, at, place.offset - at});
    at = place.offset + place.size;
  }
}

}  // namespace

Result<std::unique_ptr<FolderLock>> FolderLock::open(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder + "/sequencer", error);
  if (error) return io_error(folder, error.value());
  const std::string name = folder + "/sequencer/lock";
  const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return io_error(name);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    ::close(descriptor);
    if (reason != EWOULDBLOCK) return io_error(name, reason);
    return fail("store.locked", "a log that another sequencer has open", "one sequencer a log",
                "stop the other gateway, or give this one another folder", folder);
  }
  fs::remove_all(folder + "/tmp", error);
  auto objects = error ? Result<std::unique_ptr<FolderObjects>>(io_error(folder + "/tmp", error.value()))
                       : FolderObjects::open(folder);
  auto journal =
      objects ? JournalFiles::open(folder) : Result<std::unique_ptr<JournalFiles>>(std::unexpected(objects.error()));
  if (!journal) {
    ::close(descriptor);
    return std::unexpected(journal.error());
  }
  return std::unique_ptr<FolderLock>(new FolderLock(std::move(*objects), std::move(*journal), descriptor));
}

FolderLock::~FolderLock() { ::close(descriptor_); }

Result<Unsettled> FolderLock::scan() {
  scanned_ = false;
  auto settled = objects_->get(log::kLockedCheckpointPath);
  if (!settled) return std::unexpected(settled.error());
  Unsettled state;
  if (*settled) state.settled = policy::base::as_text(**settled);
  std::vector<Found> found;
  std::array<std::size_t, JournalFiles::kFiles> ends{};
  for (std::size_t file = 0; file < ends.size(); ++file) {
    auto bytes = journal_->read(file);
    if (!bytes) return std::unexpected(bytes.error());
    ends[file] = bytes->size();
    for (JournalRecord& record : scan_journal(*bytes)) found.push_back({file, std::move(record)});
    sodium_memzero(bytes->data(), bytes->size());
  }
  auto chain = chain_from(state.settled, found);
  if (!chain) return std::unexpected(chain.error());
  kept_.clear(), rubbish_.clear();
  for (std::size_t file = 0; file < ends.size(); ++file) add_gaps(file, ends[file], *chain, rubbish_);
  for (Found& one : *chain) {
    kept_.push_back({one.record.promise.note, {one.file, one.record.offset, one.record.size}});
    state.promises.push_back(std::move(one.record.promise));
  }
  settled_ = state.settled;
  scanned_ = true;
  return state;
}

// A promise whose write has failed was refused or is about to be: it must not be found by a later start.
Status FolderLock::withdraw() {
  if (!doubtful_) return {};
  if (auto gone = journal_->overwrite({*writing_}); !gone) return gone;
  doubtful_ = false;
  writing_.reset();
  return {};
}

Result<std::string> FolderLock::load() {
  const std::scoped_lock lock(mutex_);
  if (auto certain = withdraw(); !certain) return std::unexpected(certain.error());
  if (scanned_) return newest();
  if (auto found = scan(); !found) return std::unexpected(found.error());
  return newest();
}

Result<Unsettled> FolderLock::unsettled() {
  const std::scoped_lock lock(mutex_);
  if (auto certain = withdraw(); !certain) return std::unexpected(certain.error());
  return scan();
}

Status FolderLock::write_settled(std::string_view note) {
  const Object object{std::string(log::kLockedCheckpointPath), Bytes(note.begin(), note.end())};
  return objects_->put_all(std::span(&object, 1));
}

Status FolderLock::replace(std::string_view expected, std::string_view next) {
  auto stored = load();
  if (!stored) return std::unexpected(stored.error());
  const std::scoped_lock lock(mutex_);
  if (*stored != expected || !kept_.empty())
    return fail("store.conflict", "another checkpoint than expected", "the one last loaded");
  scanned_ = false;
  if (auto written = write_settled(next); !written) return written;
  settled_ = next;
  scanned_ = true;
  return {};
}

Status FolderLock::promise(std::string_view expected, std::string_view next, ByteView carried) {
  auto stored = load();
  if (!stored) return std::unexpected(stored.error());
  if (*stored != expected) return fail("store.conflict", "another checkpoint than expected", "the one last loaded");
  Bytes record = encode_record(hash_of_note(expected), next, carried);
  Place place;
  {
    const std::scoped_lock lock(mutex_);
    place = journal_->next_place(record.size());
    writing_ = place;
  }
  auto written = journal_->append(record, place);
  sodium_memzero(record.data(), record.size());
  const std::scoped_lock lock(mutex_);
  if (!written) {
    doubtful_ = true;
    (void)withdraw();  // or else load() tries again
    return written;
  }
  writing_.reset();
  kept_.push_back({std::string(next), place});
  return {};
}

Result<std::vector<Place>> FolderLock::settled_by(std::string_view note) {
  const std::scoped_lock lock(mutex_);
  std::vector<Place> places = rubbish_;
  if (note == settled_) return places;
  for (const Kept& kept : kept_) {
    places.push_back(kept.place);
    if (kept.note == note) return places;
  }
  return fail("store.conflict", "a checkpoint that was not promised", "the settled one, or one that was promised");
}

bool FolderLock::holds_nothing(std::size_t file) const {
  const auto here = [file](const Place& place) { return place.file == file; };
  return std::ranges::none_of(kept_, here, &Kept::place) && !(writing_ && here(*writing_));
}

void FolderLock::forget_until(std::string_view note) {
  const std::scoped_lock lock(mutex_);
  rubbish_.clear();
  if (note != settled_) kept_.erase(kept_.begin(), std::ranges::find(kept_, note, &Kept::note) + 1);
  settled_ = note;
  for (std::size_t file = 0; file < JournalFiles::kFiles; ++file)
    if (holds_nothing(file)) journal_->reset(file);
  // The files take turns, or one would never become empty under a steady load.
  const std::size_t active = journal_->next_place(0).file;
  if (!holds_nothing(active) && holds_nothing(1 - active)) journal_->turn();
}

Status FolderLock::settle(std::string_view note) {
  auto stored = load();
  if (!stored) return std::unexpected(stored.error());
  auto places = settled_by(note);
  if (!places) return std::unexpected(places.error());
  if (auto written = write_settled(note); !written) return written;
  if (auto gone = journal_->overwrite(*places); !gone) return gone;
  forget_until(note);
  return {};
}

}  // namespace audit::store
