// Erasure in the logs of all years, the running one and those of past years, which are opened for as long as it takes.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "audit/log/layout.h"
#include "gateway/app/durable_file.h"
#include "gateway/app/log_ledger.h"
#include "policy/base/note/note.h"

namespace gateway::app {

using audit::erasure::Eraser;
using audit::erasure::Outcome;
using audit::erasure::Place;
using policy::base::Result;
using policy::base::Status;

namespace {

constexpr std::size_t kErasuresBytesMax = 64UL * 1024 * 1024;

std::vector<int> years_below(const std::string& folder) {
  std::vector<int> years;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    int year = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), year);
    const bool is_year = wrong == std::errc{} && end == name.data() + name.size() && name.size() == 4;
    if (is_year && std::filesystem::exists(entry.path() / audit::log::kCheckpointPath)) years.push_back(year);
  }
  std::ranges::sort(years);
  return years;
}

Result<audit::checkpoint::Checkpoint> published(const audit::log::Objects& objects) {
  const auto note = objects.get(audit::log::kCheckpointPath);
  if (!note) return std::unexpected(note.error());
  const auto parsed = policy::base::note::parse_note(policy::base::as_text(note->value_or(policy::base::Bytes{})));
  if (!parsed) return std::unexpected(parsed.error());
  return audit::checkpoint::parse_checkpoint(parsed->text);
}

// What the copy knew and the log has lost with a restore stays in the copy: a newer backup may be brought back one day.
audit::erasure::Ledger with_what_is_lost(audit::erasure::Ledger now,
                                         const std::vector<audit::erasure::Ledger>& copies) {
  for (const auto& copy : copies)
    for (const auto& run : copy.runs)
      if (run.done && copy.origin == now.origin && std::ranges::find(now.runs, run) == now.runs.end())
        now.runs.insert(now.runs.begin(), run);
  return now;
}

}  // namespace

// A past year's log is opened as it was written, so that no journal keeps a copy of what is erased; nothing is
// appended.
Result<std::shared_ptr<LogLedger::Year>> LogLedger::open_to_erase(int year) {
  const std::string key = options_.folder + "/" + std::to_string(year) + ".key";
  if (!std::filesystem::exists(key))
    return policy::base::fail("log.year-key", "no signing key of a past year",
                              "the key with which that log was written",
                              "put it back, or move the folder of that year away", key);
  return open_year(year);
}

Result<Place> LogLedger::place_of(const std::shared_ptr<Year>& year) {
  if (auto settled = year->log->settle(); !settled) return std::unexpected(settled.error());
  auto checkpoint = published(*year->objects);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  return Place{*year->objects, std::move(*checkpoint),
               [year](std::vector<std::uint64_t> indices) { return year->log->erase_all(std::move(indices)); },
               [year](audit::log::Object object) { return year->log->put(std::move(object)); },
               [this](const audit::event::ErasureDone& done) { return record(audit::event::Record(done)); }};
}

std::string LogLedger::copy_path(int year) const {
  return options_.erasures_copy + "/" + std::to_string(year) + ".erasures";
}

Result<std::vector<audit::erasure::Ledger>> LogLedger::copies(int year) const {
  std::vector<audit::erasure::Ledger> out;
  if (options_.erasures_copy.empty()) return out;
  const std::string path = copy_path(year);
  const auto text = read_whole(path, kErasuresBytesMax);
  if (!text) return std::unexpected(text.error());
  if (!*text) return out;
  auto read = audit::erasure::parse_ledger(**text);
  if (!read) {
    read.error().where = path + ", " + read.error().where;
    return std::unexpected(read.error());
  }
  out.push_back(std::move(*read));
  return out;
}

Status LogLedger::keep_copy(int year, const audit::erasure::Ledger& ledger) const {
  if (options_.erasures_copy.empty() || ledger.runs.empty()) return {};
  const auto earlier = copies(year);
  if (!earlier) return std::unexpected(earlier.error());
  return write_durably(copy_path(year), audit::erasure::format_ledger(with_what_is_lost(ledger, *earlier)));
}

Result<std::uint64_t> LogLedger::in_year(int year, const Erasing& erase) {
  auto now = current();
  if (!now) return std::unexpected(now.error());
  auto opened = (*now)->year == year ? now : open_to_erase(year);
  if (!opened) return std::unexpected(opened.error());
  auto place = place_of(*opened);
  if (!place) return std::unexpected(place.error());
  Eraser eraser(std::move(*place));
  const auto before = eraser.ledger();
  if (!before) return std::unexpected(before.error());
  const auto outcome = erase(eraser, year);
  if (!outcome) return std::unexpected(outcome.error());
  const auto after = eraser.ledger();
  if (!after) return std::unexpected(after.error());
  if (*after != *before || !std::filesystem::exists(copy_path(year)))
    if (auto kept = keep_copy(year, *after); !kept) return std::unexpected(kept.error());
  return outcome->records;
}

Result<std::uint64_t> LogLedger::in_every_year(const Erasing& erase) {
  const std::scoped_lock lock(past_years_);
  std::uint64_t records = 0;
  std::optional<policy::base::Error> first;  // a year that cannot be opened keeps no other from being erased
  for (const int year : years_below(options_.folder)) {
    auto erased = in_year(year, erase);
    if (erased)
      records += *erased;
    else if (!first)
      first = std::move(erased.error());
  }
  if (first) return std::unexpected(std::move(*first));
  return records;
}

Result<std::uint64_t> LogLedger::erase_again() {
  return in_every_year([this](Eraser& eraser, int year) -> Result<Outcome> {
    const auto kept = copies(year);
    if (!kept) return std::unexpected(kept.error());
    return eraser.reapply(*kept);
  });
}

// After the last entry of a day its pseudonyms cannot be opened any more either: what stays of them in the leaves are
// random bytes.
Result<std::uint64_t> LogLedger::erase_due(policy::base::Instant now) {
  auto records = in_every_year([now](Eraser& eraser, int) { return eraser.erase_due(now); });
  const auto days = days_->destroy_due(now);  // also where a year's log could not be erased
  if (records && !days) return std::unexpected(days.error());
  return records;
}

}  // namespace gateway::app
