#include "gateway/app/log_ledger.h"

#include <filesystem>

#include "audit/checkpoint/origin.h"
#include "gateway/app/durable_file.h"
#include "policy/replay/replay.h"

namespace gateway::app {

using policy::base::Result;
using policy::base::Status;

LogLedger::LogLedger(Options options, const policy::base::Clock& clock, policy::base::Random& random)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      epochs_(options_.folder + "/epochs", options_.parties, random) {}

LogLedger::~LogLedger() { close(); }

Result<std::unique_ptr<LogLedger>> LogLedger::open(Options options, const policy::base::Clock& clock,
                                                   policy::base::Random& random) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(options.folder, error);
  std::filesystem::create_directories(options.folder + "/epochs", error);
  // A group may be let through to the folder `readings`, by an operator: it can neither list nor write what is here.
  using std::filesystem::perms;
  if (made)
    std::filesystem::permissions(options.folder, perms::owner_all, error);
  else
    std::filesystem::permissions(options.folder, perms::group_read | perms::group_write | perms::others_all,
                                 std::filesystem::perm_options::remove, error);
  auto days = audit::store::FolderObjects::open(options.folder + "/days");
  if (!days) return std::unexpected(days.error());
  std::unique_ptr<LogLedger> ledger(new LogLedger(std::move(options), clock, random));
  ledger->day_objects_ = std::move(*days);
  ledger->days_ = std::make_unique<audit::opening::DayKeeper>(*ledger->day_objects_, ledger->options_.parties, random);
  if (auto year = ledger->current(); !year) return std::unexpected(year.error());
  if (auto key = ledger->epochs_.key_for(audit::pseudonym::epoch_of(clock.now())); !key)
    return std::unexpected(key.error());
  if (auto key = ledger->days_->key_for(audit::pseudonym::day_of(clock.now())); !key)
    return std::unexpected(key.error());
  return ledger;
}

Result<audit::checkpoint::SigningKey> LogLedger::signing_key(int year) {
  const std::string base = options_.folder + "/" + std::to_string(year);
  const auto stored = read_key_text(base + ".key");
  if (!stored) return std::unexpected(stored.error());
  if (*stored) return audit::checkpoint::SigningKey::parse(**stored);
  auto key =
      audit::checkpoint::SigningKey::generate(audit::checkpoint::format_origin({options_.tenant, year}), random_);
  if (!key) return key;
  if (auto written = write_durably(base + ".key", key->text()); !written) return std::unexpected(written.error());
  if (auto written = write_durably(base + ".vkey", key->verifier().text() + "\n"); !written)
    return std::unexpected(written.error());
  return key;
}

Result<std::shared_ptr<LogLedger::Year>> LogLedger::open_year(int year) {
  auto key = signing_key(year);
  if (!key) return std::unexpected(key.error());
  const std::string folder = options_.folder + "/" + std::to_string(year);
  auto opened = std::make_shared<Year>();
  opened->year = year;
  auto objects = audit::store::FolderObjects::open(folder);
  if (!objects) return std::unexpected(objects.error());
  opened->objects = std::move(*objects);
  auto lock = audit::store::FolderLock::open(folder);
  if (!lock) return std::unexpected(lock.error());
  opened->lock = std::move(*lock);
  auto log = audit::log::Log::open({*opened->objects, *opened->lock, clock_, random_}, std::move(*key));
  if (!log) return std::unexpected(log.error());
  opened->log = std::move(*log);
  return opened;
}

// The log of the running year. A clock set back into the old year goes on in the new one: a log is never reopened
// behind a later one.
Result<std::shared_ptr<LogLedger::Year>> LogLedger::current() {
  const int now = audit::pseudonym::year_of(clock_.now());
  const std::scoped_lock lock(mutex_);
  if (year_ && now <= year_->year) return year_;
  auto opened = open_year(now);
  if (!opened) return opened;
  if (year_) year_->log->close();
  year_ = *opened;
  return year_;
}

// A record without its pseudonym would be a record that nobody finds: no key of the day, no log.
Result<std::shared_ptr<LogLedger::Year>> LogLedger::ready() {
  if (auto key = days_->key_for(audit::pseudonym::day_of(clock_.now())); !key) return std::unexpected(key.error());
  if (auto key = epochs_.key_for(audit::pseudonym::epoch_of(clock_.now())); !key) return std::unexpected(key.error());
  return current();
}

Result<LogLedger::Entry> LogLedger::record_numbered(audit::event::Record record) {
  auto year = ready();
  if (!year) return std::unexpected(year.error());
  auto index = (*year)->log->append(std::move(record));
  if (!index) return std::unexpected(index.error());
  return Entry{audit::checkpoint::format_origin({options_.tenant, (*year)->year}), index->value};
}

Status LogLedger::record(audit::event::Record record) {
  auto entry = record_numbered(std::move(record));
  if (!entry) return std::unexpected(entry.error());
  return {};
}

void LogLedger::record(relay::net::Loop& loop, audit::event::Record record, std::function<void(Status)> then) {
  auto year = ready();
  if (!year) return loop.post([then = std::move(then), error = year.error()] { then(std::unexpected(error)); });
  (*year)->log->append_async(
      std::move(record), [&loop, then = std::move(then)](const Result<audit::log::Index>& index) {
        loop.post([then, status = index ? Status{} : Status(std::unexpected(index.error()))] { then(status); });
      });
}

void LogLedger::count_allow(policy::model::MessageClass message_class) {
  if (auto year = current())
    (*year)->log->count_allow(static_cast<audit::event::MessageClass>(static_cast<int>(message_class) + 1));
}

audit::event::Subject LogLedger::subject(std::string_view person) {
  if (person.empty()) return {};
  auto key = days_->key_for(audit::pseudonym::day_of(clock_.now()));
  if (!key) return {};
  return {key->of(person)};
}

audit::event::Digest LogLedger::committed(const policy::base::Sha256& input) {
  auto key = epochs_.key_for(audit::pseudonym::epoch_of(clock_.now()));
  if (!key) return {};
  return {policy::replay::committed(key->input_key(), input)};
}

void LogLedger::advance() {
  if (auto year = current()) (*year)->log->advance();
}

void LogLedger::close() {
  const std::scoped_lock lock(mutex_);
  if (year_) year_->log->close();
}

}  // namespace gateway::app
