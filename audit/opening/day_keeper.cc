#include "audit/opening/day_keeper.h"

#include <sodium.h>

#include <algorithm>

#include "audit/event/codec.h"
#include "audit/retention/deadline.h"

namespace audit::opening {
namespace {

using log::Object;
using policy::base::as_text;
using policy::base::Bytes;
using policy::base::fail;
using policy::base::Result;
using policy::base::Status;
using pseudonym::DayKey;

constexpr std::string_view kKey = ".key", kPart = ".part", kSealed = ".sealed";

std::string path_of(Day day, std::string_view kind) { return pseudonym::day_text(day) + std::string(kind); }

std::optional<Day> day_in(std::string_view path, std::string_view kind) {
  if (!path.ends_with(kind)) return {};
  const auto day = pseudonym::parse_day(path.substr(0, path.size() - kind.size()));
  return day ? std::optional(*day) : std::nullopt;
}

Object object(Day day, std::string_view kind, std::string_view text) {
  return {path_of(day, kind), Bytes(text.begin(), text.end())};
}

bool is_over_for_good(Day day, policy::base::Instant now) {
  const std::uint32_t last_hour = event::hour_of({pseudonym::begin_of({day.number + 1}).unix_s - 1});
  return std::ranges::all_of(event::Vocabulary<event::Deadline>::kWords, [&](const event::Word& word) {
    return retention::due(static_cast<event::Deadline>(word.number), last_hour) <= now;
  });
}

}  // namespace

Result<std::optional<Day>> DayKeeper::newest() const {
  const auto paths = objects_.list("");
  if (!paths) return std::unexpected(paths.error());
  std::optional<Day> newest;
  for (const std::string& path : *paths)
    if (const auto day = day_in(path, kKey); day) newest = std::max(newest.value_or(*day), *day);
  return newest;
}

Result<DayKey> DayKeeper::load(Day day) const {
  auto bytes = objects_.get(path_of(day, kKey));
  if (!bytes) return std::unexpected(bytes.error());
  std::array<std::uint8_t, 32> key{};
  if (!*bytes || (*bytes)->size() != key.size())
    return fail("epoch.syntax", "a day's key that is not 32 bytes", "the key as it was made",
                "remove the file: a new day begins with a new key", path_of(day, kKey));
  std::ranges::copy(**bytes, key.begin());
  sodium_memzero((*bytes)->data(), (*bytes)->size());
  return DayKey(day, key);
}

Result<DayKey> DayKeeper::make(Day day) {
  const DayKey fresh = DayKey::generate(day, random_);
  const auto parted = pseudonym::part(fresh, parties_, random_);
  if (!parted) return std::unexpected(parted.error());
  const std::vector<Object> parts{object(day, kSealed, format_sealed(parted->sealed)),
                                  object(day, kPart, format_part(parted->part))};
  if (auto put = objects_.put_all(parts); !put) return std::unexpected(put.error());
  const Object key = object(day, kKey, as_text(fresh.bytes()));
  if (auto put = objects_.put_all(std::span(&key, 1)); !put) return std::unexpected(put.error());
  return fresh;
}

Status DayKeeper::destroy(const std::string& path) {
  const auto bytes = objects_.get(path);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return {};
  if (auto zeroed = objects_.zero(path, 0, (*bytes)->size()); !zeroed) return zeroed;
  return objects_.remove(std::span(&path, 1));
}

Result<DayKey> DayKeeper::key_for(Day day) {
  const std::scoped_lock lock(mutex_);
  if (current_ && current_->day() >= day) return *current_;
  const auto kept = newest();
  if (!kept) return std::unexpected(kept.error());
  auto key = *kept && **kept >= day ? load(**kept) : make(day);
  if (!key) return key;
  const auto paths = objects_.list("");
  if (!paths) return std::unexpected(paths.error());
  for (const std::string& path : *paths) {
    const auto past = day_in(path, kKey);
    if (!past || *past >= key->day()) continue;
    if (auto gone = destroy(path); !gone) return std::unexpected(gone.error());
  }
  current_ = *key;
  return key;
}

Result<std::vector<pseudonym::GatewayPart>> DayKeeper::parts(Day first, Day last) const {
  const std::scoped_lock lock(mutex_);
  std::vector<pseudonym::GatewayPart> parts;
  for (Day day = first; day <= last; ++day.number) {
    const auto sealed = objects_.get(path_of(day, kSealed)), stored = objects_.get(path_of(day, kPart));
    if (!sealed || !stored) return std::unexpected((sealed ? stored : sealed).error());
    if (!*sealed && !*stored) continue;
    if (!*stored)
      return fail("epoch.part", "a day without the gateway's part", "the file that was made with the sealed shares",
                  "restore it from a backup", path_of(day, kPart));
    auto part = pseudonym::parse_part(as_text(**stored));
    if (!part) return std::unexpected(part.error());
    parts.push_back(*part);
  }
  return parts;
}

Result<std::uint64_t> DayKeeper::destroy_due(policy::base::Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto paths = objects_.list("");
  if (!paths) return std::unexpected(paths.error());
  std::uint64_t days = 0;
  for (const std::string& path : *paths) {
    const auto sealed = day_in(path, kSealed), part = day_in(path, kPart);
    const auto day = sealed ? sealed : part;
    if (!day || !is_over_for_good(*day, now)) continue;
    if (auto gone = destroy(path); !gone) return std::unexpected(gone.error());
    days += sealed ? 1U : 0U;
  }
  return days;
}

}  // namespace audit::opening
